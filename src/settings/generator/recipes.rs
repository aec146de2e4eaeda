//! Settings of generators that are servers: what they are asked, and how long they are waited for.

use std::sync::Arc;

use super::GeneratorSettings;
use crate::generator::card::{Card, Recipe, Recipes};
use crate::generator::comfyui;
use crate::generator::wire::Patience;
use crate::generator::{Repertoire, words};
use crate::settings::style::StyleSettings;
use crate::units::Span;

impl GeneratorSettings {
    /// Its name, seats and price.
    #[must_use]
    pub fn card(&self) -> Card {
        Card {
            id: self.id.clone(),
            slots: self.slots,
            styles: Repertoire::new(self.styles.clone()),
            cost: self.cost,
            size_px: self.painting_px(),
        }
    }

    /// How long to wait for it.
    #[must_use]
    pub fn patience(&self) -> Patience {
        let usual = Patience::default();
        let or = |span: Option<Span>, usual| span.map_or(usual, |span| span.0);
        Patience {
            stall: or(self.stall, usual.stall),
            first: or(self.first_stall, usual.first),
            answer: or(self.answer, usual.answer),
            queue: or(self.queue, usual.queue),
            ..usual
        }
    }

    /// How it is asked for each of these styles that it serves.
    ///
    /// # Errors
    /// In words, for each style that it cannot be asked for: which setting, and what is wrong.
    pub fn recipes(&self, styles: &[StyleSettings]) -> Result<Recipes, Vec<String>> {
        let mut wrong = Vec::new();
        let mut recipes = Recipes::new();
        for style in styles.iter().filter(|style| self.serves(&style.id)) {
            match self.recipe(style) {
                Ok(recipe) => drop(recipes.insert(style.id.as_str().into(), recipe)),
                Err(e) => wrong.push(e),
            }
        }
        if wrong.is_empty() {
            Ok(recipes)
        } else {
            Err(wrong)
        }
    }

    pub(super) fn recipe(&self, style: &StyleSettings) -> Result<Recipe, String> {
        let prompt = style.prompt.as_deref().or_else(|| words::prompt(&style.id));
        let negative = style.negative_prompt.as_deref().unwrap_or(words::NEGATIVE);
        let workflow = if self.kind.takes_workflows() {
            let usual = self.workflow.as_deref().unwrap_or("{style}");
            let name = self.workflows.get(&style.id).map_or(usual, String::as_str);
            Some(comfyui::load(&name.replace("{style}", &style.id))?)
        } else {
            None
        };
        let by_words = workflow.as_ref().is_none_or(|w| w.has("booth:prompt"));
        if by_words && prompt.is_none() {
            return Err(format!(
                "paints by words: style \"{}\" needs a prompt",
                style.id
            ));
        }
        Ok(Recipe {
            prompt: prompt.unwrap_or_default().to_owned(),
            negative: negative.to_owned(),
            workflow: workflow.map(Arc::new),
        })
    }
}
