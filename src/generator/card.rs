//! What settings say of any generator that is a server.

use std::collections::HashMap;
use std::sync::Arc;

use super::Repertoire;
use super::comfyui::Workflow;
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
