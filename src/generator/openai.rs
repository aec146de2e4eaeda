//! OpenAI's image edits (`POST …/images/edits`), or whatever speaks its protocol.
//!
//! One call, one answer, billed; there is nothing to ask in between and nothing to pick up again:
//! once the connection is gone, so is the answer. What its moderation refuses is refused for good.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::server::{self, Offer, Recipe};
use super::sort::is_moderation;
use super::wire::{Wire, WireError, plain};
use super::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, ProgressSender, Traits, picture,
};
use crate::imaging::mark::DigitalSource;
use crate::session::StyleId;

/// Answers were seen to take two minutes: shorter patience pays for pictures nobody sees.
const LEAST_PATIENCE: Duration = Duration::from_secs(180);
/// Codes of an account that has run dry: asking again does not fill it.
const DRY: [&str; 2] = ["insufficient_quota", "billing_hard_limit_reached"];

/// A service elsewhere that bills, and says nothing until it is done.
pub(super) const TRAITS: Traits = Traits {
    name: "openai",
    remote: true,
    offsite: true,
    billed: true,
    stands_in: false,
    source: DigitalSource::TrainedAlgorithmicMedia,
    keys: &["model", "options", "picture_hosts", "answer"],
};

/// What it is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As any server; the address is the base of its API: `https://api.openai.com/v1`.
    pub server: server::Settings,
    /// The model to paint with.
    pub model: String,
    /// More fields of the form (`quality`, `input_fidelity`), over ours.
    pub options: Map<String, Value>,
}

/// An image service.
#[derive(Debug)]
pub struct OpenAi {
    offer: Offer,
    model: String,
    options: Map<String, Value>,
    wire: Wire,
}

impl OpenAi {
    /// Paints every style that has a recipe.
    pub fn new(card: Card, settings: Settings) -> Self {
        let server = settings.server;
        let least = server.patience.answer.max(LEAST_PATIENCE);
        let card = Card { least, ..card };
        Self {
            offer: Offer::new(Kind::Openai, card, server.recipes),
            model: settings.model,
            options: settings.options,
            wire: Wire::new(server.address, server.patience),
        }
    }

    fn recipe(&self, style: &StyleId) -> Result<&Recipe, GeneratorError> {
        self.offer.recipe(style)
    }

    fn form(&self, recipe: &Recipe, photo: &Bytes) -> Form {
        let part = Part::stream_with_length(photo.clone(), photo.len() as u64);
        let part = part.file_name("photo.jpg").mime_str("image/jpeg");
        let mut form = Form::new()
            .part("image[]", part.expect("a media type as it is written"))
            .text("model", self.model.clone())
            .text("prompt", recipe.prompt.clone());
        if !self.options.contains_key("size") {
            form = form.text("size", "1024x1024");
        }
        for (name, value) in &self.options {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            form = form.text(name.clone(), text);
        }
        form
    }

    async fn work(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
    ) -> Result<Painted, GeneratorError> {
        let recipe = self.recipe(&brief.style)?;
        let photo = self.offer.photo(brief).await?;
        let request = self
            .wire
            .post("/images/edits")
            .multipart(self.form(recipe, &photo));
        let time = self.wire.patience.answer;
        let answer = self.wire.large_json(request, time).await.map_err(failed)?;
        let text = |path: &str| answer.pointer(path).and_then(Value::as_str);
        let file = match (text("/data/0/b64_json"), text("/data/0/url")) {
            (Some(data), _) => picture::from_base64(data)?,
            (None, Some(url)) => self.wire.picture_at(url).await.map_err(lost)?,
            (None, None) => {
                return Err(GeneratorError::Failed(
                    "no picture in its answer".to_owned(),
                ));
            }
        };
        self.offer.painted(brief, file, progress).await
    }
}

/// There is nothing to pick up again here: a picture that cannot be fetched is lost.
fn lost(e: GeneratorError) -> GeneratorError {
    match e {
        GeneratorError::MaybeStillComing(words) => GeneratorError::Lost(words),
        e => e,
    }
}

/// Sorts an error by its code rather than by its status.
fn failed(e: WireError) -> GeneratorError {
    let WireError::Said {
        status,
        text,
        retry_after,
    } = &e
    else {
        return match e {
            // It was asked, and may have painted; the line took the answer.
            WireError::Broken(_) | WireError::NotJson(_) => GeneratorError::Lost(e.to_string()),
            e => e.about_a_picture(),
        };
    };
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let part = |key: &str| {
        let part = body
            .pointer(&format!("/error/{key}"))
            .and_then(Value::as_str);
        part.unwrap_or_default().to_lowercase()
    };
    let (code, kind, message) = (part("code"), part("type"), part("message"));
    let words = plain(&format!("{status} {code} {message}"));
    let forbidden = [&code, &kind, &message]
        .into_iter()
        .any(|said| is_moderation(said));
    let dry = DRY.iter().any(|w| code.contains(w) || kind.contains(w));
    match status.as_u16() {
        400 | 403 if forbidden => GeneratorError::Moderated(words),
        400..=405 | 413 | 415 | 422 => GeneratorError::Unfit(words),
        429 if dry => GeneratorError::Unfit(words),
        429 | 503 => GeneratorError::Busy {
            words,
            retry_after: *retry_after,
        },
        _ => GeneratorError::Failed(words),
    }
}

#[async_trait]
impl Generator for OpenAi {
    fn card(&self) -> &Card {
        self.offer.card()
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.recipe(style).is_ok()
    }

    /// The same seed is another painting: the protocol knows none.
    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(GeneratorError::Cancelled),
            painted = self.work(brief, progress) => painted,
        }
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        let styles = self.offer.served();
        let models = match self.wire.ask(self.wire.get("/models")).await {
            Ok(said) => said,
            // Not all that speak this protocol list their models; it is there, and lets us in.
            Err(WireError::Said { status, .. }) if status == 404 || status == 405 => Value::Null,
            Err(e) => return Err(e.into()),
        };
        let listed = models.get("data").and_then(Value::as_array);
        let named = |m: &Value| m.get("id").and_then(Value::as_str) == Some(&self.model);
        let mut health = Health {
            words: format!("answers; paints with {}", self.model),
            ..Health::default()
        };
        if listed.is_some_and(|list| !list.is_empty() && !list.iter().any(named)) {
            let lack = format!("has no model \"{}\"", self.model);
            health.lacks = styles.into_iter().map(|s| (s, lack.clone())).collect();
        } else {
            health.styles = styles;
        }
        Ok(health)
    }
}
