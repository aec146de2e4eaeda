//! What every generator that is a server has, whatever it speaks: recipes, and the beginning and
//! the end of an attempt.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::card::Card;
use super::comfyui::Workflow;
use super::plausible::{self, Pair};
use super::wire::{Address, Patience};
use super::{Brief, GeneratorError, Kind, Painted, ProgressSender, Receipt, picture};
use crate::session::StyleId;

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

/// So many of a server's last paintings are remembered, for telling one that comes again.
const REMEMBERED: usize = 8;

/// Recipes by style.
pub type Recipes = HashMap<StyleId, Recipe>;

/// What any server is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How it is asked for each style that it serves.
    pub recipes: Recipes,
    /// Where it is, and what it is shown.
    pub address: Address,
    /// How long to wait for it.
    pub patience: Patience,
}

/// What a server offers, and how an attempt there begins and ends.
#[derive(Debug)]
pub(super) struct Offer {
    card: Card,
    recipes: Recipes,
    /// Its last paintings.
    before: Arc<Mutex<VecDeque<Pair>>>,
}

impl Offer {
    /// `card` as settings have it, of a server of that kind.
    pub(super) fn new(kind: Kind, card: Card, recipes: Recipes) -> Self {
        let card = Card { kind, ..card };
        Self {
            card,
            recipes,
            before: Arc::default(),
        }
    }

    pub(super) fn card(&self) -> &Card {
        &self.card
    }

    /// How it paints that style.
    ///
    /// # Errors
    /// [`GeneratorError::Unfit`] if it does not.
    pub(super) fn recipe(&self, style: &StyleId) -> Result<&Recipe, GeneratorError> {
        let serves = |_: &&Recipe| self.card.styles.has(style);
        let recipe = self.recipes.get(style).filter(serves);
        recipe.ok_or_else(|| GeneratorError::Unfit(format!("no prompt for style {style}")))
    }

    /// The same for servers that take graphs.
    ///
    /// # Errors
    /// As [`Self::recipe`].
    pub(super) fn graph(
        &self,
        style: &StyleId,
    ) -> Result<(&Recipe, &Arc<Workflow>), GeneratorError> {
        let recipe = self.recipe(style)?;
        let graph = recipe.workflow.as_ref();
        let none = || GeneratorError::Unfit(format!("no workflow for style {style}"));
        Ok((recipe, graph.ok_or_else(none)?))
    }

    /// The styles it serves and has recipes for, in the order of their names.
    pub(super) fn served(&self) -> Vec<StyleId> {
        let mut styles: Vec<StyleId> = self.recipes.keys().cloned().collect();
        styles.retain(|style| self.card.styles.has(style));
        styles.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        styles
    }

    /// The photo as it is sent.
    ///
    /// # Errors
    /// [`GeneratorError::Refused`] if it does not decode.
    pub(super) async fn photo(&self, brief: &Brief) -> Result<Bytes, GeneratorError> {
        picture::photo(brief, self.card.size_px).await
    }

    /// The end of every attempt: what came over the wire is looked at, and is the painting.
    ///
    /// # Errors
    /// As [`picture::painting`]; [`GeneratorError::NoPainting`] if it is a picture and cannot be
    /// one.
    pub(super) async fn painted(
        &self,
        brief: &Brief,
        file: Bytes,
        progress: &ProgressSender,
    ) -> Result<Painted, GeneratorError> {
        finished(progress);
        let painting = picture::painting(file, self.card.size_px).await?;
        // Of a grey square a model may make whatever it likes.
        if brief.is_blank() {
            return Ok(Painted::Pixels(painting));
        }
        let (before, brief) = (Arc::clone(&self.before), brief.clone());
        picture::work(move || {
            let pair = picture::pair(&brief, &painting)?;
            let mut before = before.lock().unwrap_or_else(PoisonError::into_inner);
            plausible::check(&painting, &pair, &*before)
                .map_err(|e| GeneratorError::NoPainting(e.words()))?;
            if before.len() == REMEMBERED {
                before.pop_front();
            }
            before.push_back(pair);
            Ok(Painted::Pixels(painting))
        })
        .await
    }
}

/// Tells that the server is done: what is left is ours to do.
pub(super) fn finished(progress: &ProgressSender) {
    progress.send_modify(|news| (news.share, news.finished) = (1.0, true));
}

/// Tells what the server calls the work, now that it may have taken it on.
pub(super) fn taken_on(progress: &ProgressSender, work: &str) {
    progress.send_modify(|news| news.receipt = Some(Receipt(work.to_owned())));
}
