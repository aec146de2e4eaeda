//! What settings say of any generator that is a server.

use std::collections::HashMap;
use std::sync::Arc;

use super::comfyui::Workflow;
use super::{GeneratorError, Repertoire};
use crate::session::StyleId;

/// Name, seats and price.
#[derive(Debug, Clone)]
pub struct Card {
    /// Its name.
    pub id: String,
    /// How many paintings it takes on at once.
    pub slots: usize,
    /// The styles it serves.
    pub styles: Repertoire,
    /// What a painting costs, in the operator's currency.
    pub cost: f64,
    /// Longest side of a photo that it is sent, in pixels.
    pub size_px: u32,
}

impl Card {
    /// How it paints that style.
    ///
    /// # Errors
    /// [`GeneratorError::Unfit`] if it does not.
    pub(super) fn recipe<'a>(
        &self,
        recipes: &'a Recipes,
        style: &StyleId,
    ) -> Result<&'a Recipe, GeneratorError> {
        let recipe = recipes.get(style).filter(|_| self.styles.has(style));
        recipe.ok_or_else(|| GeneratorError::Unfit(format!("no prompt for style {style}")))
    }

    /// The same for servers that take graphs.
    ///
    /// # Errors
    /// As [`Self::recipe`].
    pub(super) fn graph<'a>(
        &self,
        recipes: &'a Recipes,
        style: &StyleId,
    ) -> Result<(&'a Recipe, &'a Arc<Workflow>), GeneratorError> {
        let recipe = self.recipe(recipes, style)?;
        let graph = recipe.workflow.as_ref();
        let none = || GeneratorError::Unfit(format!("no workflow for style {style}"));
        Ok((recipe, graph.ok_or_else(none)?))
    }

    /// The styles it serves and has recipes for, in the order of their names.
    pub(super) fn served(&self, recipes: &Recipes) -> Vec<StyleId> {
        let mut styles: Vec<StyleId> = recipes.keys().cloned().collect();
        styles.retain(|style| self.styles.has(style));
        styles.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        styles
    }
}

/// How a style is asked for.
#[derive(Debug, Clone, Default)]
pub struct Recipe {
    /// What to paint, in words.
    pub prompt: String,
    /// What not to paint.
    pub negative: String,
    /// The graph, for servers that take graphs.
    pub workflow: Option<Arc<Workflow>>,
}

/// Recipes by style.
pub type Recipes = HashMap<StyleId, Recipe>;
