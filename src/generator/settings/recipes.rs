//! From settings to what a generator is told: what it is asked, and how long it is waited for.

use std::sync::Arc;
use std::time::Duration;

use super::GeneratorSettings;
use crate::generator::server::{self, Recipe, Recipes};
use crate::generator::wire::Patience;
use crate::generator::{
    Card, Kind, Repertoire, Setup, StyleSettings, comfyui, faulty, openai, sdwebui, words,
};
use crate::units::Span;

impl GeneratorSettings {
    /// Its name, seats and price.
    #[must_use]
    pub fn card(&self) -> Card {
        Card {
            id: self.id.clone(),
            kind: self.kind,
            slots: self.slots,
            styles: Repertoire::new(self.styles.clone()),
            cost: self.cost,
            size_px: self.painting_px(),
            least: Duration::ZERO,
        }
    }

    /// What it is, with all that its kind is told.
    ///
    /// # Errors
    /// In words: what cannot be read any more though settings were found to hold together, a key or
    /// a workflow.
    pub fn setup(&self, styles: &[StyleSettings]) -> Result<Setup, String> {
        Ok(match self.kind {
            Kind::Embedded => Setup::Embedded,
            Kind::Faulty => Setup::Faulty(faulty::Settings {
                fault: self.fault.unwrap_or_default(),
                faults: self.faults,
                delay: self.delay.map_or(Duration::ZERO, |delay| delay.0),
            }),
            Kind::Comfyui => Setup::Comfyui(self.server(styles)?),
            Kind::Runpod => Setup::Runpod(self.server(styles)?),
            Kind::Sdwebui => Setup::Sdwebui(sdwebui::Settings {
                server: self.server(styles)?,
                options: sdwebui::Options {
                    model: self.model.clone(),
                    more: self.fields(),
                    caption: self.caption.unwrap_or_default(),
                },
            }),
            Kind::Openai => Setup::Openai(openai::Settings {
                server: self.server(styles)?,
                model: self.model.clone().unwrap_or_default(),
                options: self.fields(),
            }),
        })
    }

    fn server(&self, styles: &[StyleSettings]) -> Result<server::Settings, String> {
        Ok(server::Settings {
            recipes: self.recipes(styles).map_err(|all| all.join("; "))?,
            address: self.address()?,
            patience: self.patience(),
        })
    }

    /// Fields of a request as settings have them. A date has no JSON of its own and becomes text.
    fn fields(&self) -> serde_json::Map<String, serde_json::Value> {
        match serde_json::to_value(&self.options) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
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
        let workflow = if self.kind.takes("workflow") {
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
