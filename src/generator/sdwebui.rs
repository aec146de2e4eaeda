//! Stable Diffusion WebUI (AUTOMATIC1111's, or Forge): a photo and words in, one picture out.
//!
//! Its `img2img` answers only when it is done, one at a time; progress is asked for beside it, by
//! the task's own id. Its `interrupt` hits whatever runs, and the interrupted call then answers
//! with a half-done picture as if all were well: so we remember when we have interrupted.

mod captions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::captions::Captions;
use super::leash::{Leash, Remote};
use super::memory::{Free, Lowest};
use super::server::{self, Offer, Recipe, taken_on};
use super::sort::sort;
use super::wire::{Wire, WireError, plain};
use super::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, ProgressSender, Receipt, Traits,
    picture,
};
use crate::clock::Clock;
use crate::imaging::mark::DigitalSource;
use crate::session::StyleId;

/// Where prompts want the photo described.
const CAPTION: &str = "{caption}";

/// A neighbour that is asked how far it is.
pub(super) const TRAITS: Traits = Traits {
    name: "sdwebui",
    remote: true,
    offsite: false,
    billed: false,
    stands_in: false,
    source: DigitalSource::TrainedAlgorithmicMedia,
    keys: &["model", "options", "caption", "answer"],
};

/// What it is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As any server.
    pub server: server::Settings,
    /// How it is to paint.
    pub options: Options,
}

/// How it is to paint.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The checkpoint to paint with; `None` is the one that is loaded.
    pub model: Option<String>,
    /// More fields of the request, over ours.
    pub more: Map<String, Value>,
    /// Whether to have the photo described for prompts that want it.
    pub caption: bool,
}

/// A WebUI server.
#[derive(Debug)]
pub struct SdWebui {
    offer: Offer,
    options: Options,
    desk: Arc<Desk>,
    captions: Captions,
    /// One painting at a time: the server would not do better.
    turn: Mutex<()>,
}

#[derive(Debug)]
struct Desk {
    wire: Wire,
    clock: Arc<dyn Clock>,
    interrupts: AtomicU32,
}

impl SdWebui {
    /// Paints every style that has a recipe, one at a time whatever the card says.
    pub fn new(card: Card, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let server::Settings {
            recipes,
            address,
            patience,
        } = settings.server;
        let desk = Desk {
            wire: Wire::new(address, patience),
            clock,
            interrupts: AtomicU32::new(0),
        };
        let card = Card { slots: 1, ..card };
        Self {
            offer: Offer::new(Kind::Sdwebui, card, recipes),
            options: settings.options,
            desk: Arc::new(desk),
            captions: Captions::default(),
            turn: Mutex::default(),
        }
    }

    fn recipe(&self, style: &StyleId) -> Result<&Recipe, GeneratorError> {
        self.offer.recipe(style)
    }

    async fn work(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        leash: &Leash,
    ) -> Result<Painted, GeneratorError> {
        let recipe = self.recipe(&brief.style)?;
        let photo = self.offer.photo(brief).await?;
        let desk = &*self.desk;
        let task = task(brief);
        let prompt = self.worded(&recipe.prompt, brief.capture, &photo).await;
        let body = self.request(brief, recipe, &prompt, &photo);
        let interrupts = desk.interrupts.load(Ordering::SeqCst);
        leash.sent(&task);
        taken_on(progress, &task);
        let request = desk.wire.post("/sdapi/v1/img2img").json(&body);
        let answer = tokio::select! {
            answer = desk.wire.large_json(request, desk.wire.patience.answer) => answer,
            never = desk.tell_progress(&task, progress) => match never {},
        };
        let answer = answer.map_err(failed)?;
        if desk.interrupts.load(Ordering::SeqCst) != interrupts {
            let words = "another painting was interrupted, and may have hit this one";
            return Err(GeneratorError::Failed(words.to_owned()));
        }
        let image = answer.pointer("/images/0").and_then(Value::as_str);
        let image =
            image.ok_or_else(|| GeneratorError::Failed("no picture in its answer".into()))?;
        let file = picture::from_base64(image)?;
        self.offer.painted(brief, file, progress).await
    }

    /// The prompt, with the photo described where it wants that. A photo that cannot be described
    /// is painted all the same.
    async fn worded(&self, prompt: &str, capture: Uuid, photo: &Bytes) -> String {
        if !prompt.contains(CAPTION) {
            return prompt.to_owned();
        }
        let caption = if self.options.caption {
            self.captions.of(&self.desk, capture, photo).await
        } else {
            String::new()
        };
        prompt.replace(CAPTION, &caption)
    }

    fn request(&self, brief: &Brief, recipe: &Recipe, prompt: &str, photo: &Bytes) -> Value {
        let side = picture::side(brief, self.offer.card().size_px);
        // The sides of latents are multiples of 8.
        let side = (side / 8 * 8).max(8);
        let mut body = json!({
            "init_images": [STANDARD.encode(photo)],
            "prompt": prompt,
            "negative_prompt": recipe.negative,
            "seed": brief.seed,
            "width": side,
            "height": side,
            "denoising_strength": 0.55,
            "steps": 24,
            "cfg_scale": 6.0,
            "send_images": true,
            "save_images": false,
            "do_not_save_samples": true,
            "do_not_save_grid": true,
            "force_task_id": task(brief),
        });
        let fields = body.as_object_mut().expect("an object as it is written");
        if let Some(model) = &self.options.model {
            fields.insert(
                "override_settings".into(),
                json!({ "sd_model_checkpoint": model }),
            );
            fields.insert("override_settings_restore_afterwards".into(), json!(false));
        }
        fields.extend(self.options.more.clone());
        body
    }
}

/// What the server calls an attempt.
fn task(brief: &Brief) -> String {
    format!("task({})", brief.attempt.simple())
}

/// A failure of `img2img`: its 500 carries what Python raised.
fn failed(e: WireError) -> GeneratorError {
    match e {
        WireError::Said { status, text, .. } if status == 500 => sort("", &text),
        WireError::Said { status, text, .. } if status == 422 => GeneratorError::Unfit(format!(
            "it does not take what it is sent: {}",
            plain(&text)
        )),
        e => e.about_a_picture(),
    }
}

impl Desk {
    async fn ask_progress(&self, task: &str, preview: bool) -> Result<Value, WireError> {
        let body = json!({ "id_task": task, "live_preview": preview, "id_live_preview": -1 });
        self.wire
            .ask(self.wire.post("/internal/progress").json(&body))
            .await
    }

    /// What is not ours is not to be hit; what waits cannot be taken out.
    async fn interrupt(&self, task: &str) -> Result<(), WireError> {
        let said = self.ask_progress(task, false).await?;
        if said.get("active") != Some(&Value::Bool(true)) {
            return Ok(());
        }
        self.interrupts.fetch_add(1, Ordering::SeqCst);
        self.wire.tell(self.wire.post("/sdapi/v1/interrupt")).await
    }

    /// Whether it takes memory, as one does that loads a checkpoint. Not all can be asked.
    async fn loads(&self, lowest: &mut Lowest) -> bool {
        let Ok(said) = self.wire.ask(self.wire.get("/sdapi/v1/memory")).await else {
            return false;
        };
        let at = |path: &str| said.pointer(path).and_then(Value::as_f64);
        lowest.has_fallen_to(Free {
            ram: at("/ram/free").unwrap_or_default(),
            vram: at("/cuda/system/free").unwrap_or_default(),
        })
    }

    /// Tells of progress for as long as it is polled. What cannot be asked is not told.
    async fn tell_progress(
        &self,
        task: &str,
        progress: &ProgressSender,
    ) -> std::convert::Infallible {
        let mut lowest = Lowest::default();
        loop {
            self.clock.sleep(self.wire.patience.poll / 2).await;
            let Ok(said) = self.ask_progress(task, true).await else {
                continue;
            };
            let share = said
                .get("progress")
                .and_then(Value::as_f64)
                .unwrap_or_default();
            let preview = said.get("live_preview").and_then(Value::as_str);
            let preview = match preview.and_then(|text| picture::from_base64(text).ok()) {
                Some(file) => picture::preview(file).await,
                None => None,
            };
            let share = (share as f32).clamp(0.0, 0.98);
            let waits = said.get("queued") == Some(&Value::Bool(true));
            let known = progress.borrow().share;
            let alive = share > known || preview.is_some() || self.loads(&mut lowest).await;
            progress.send_modify(|news| {
                // Who waits behind another cannot be stuck, and says so.
                news.telling = !waits;
                news.signs += u32::from(alive);
                news.share = news.share.max(share);
                news.preview = preview.or(news.preview.take());
            });
        }
    }
}

#[async_trait]
impl Remote for Desk {
    async fn stop(&self, task: &str) -> bool {
        let stopped = self.interrupt(task).await;
        if let Err(e) = &stopped {
            tracing::debug!(
                error = e as &dyn std::error::Error,
                "a task could not be stopped"
            );
        }
        stopped.is_ok()
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}

#[async_trait]
impl Generator for SdWebui {
    fn card(&self) -> &Card {
        self.offer.card()
    }

    /// One checkpoint paints every style.
    fn model(&self, _style: &StyleId) -> Option<String> {
        Some(self.options.model.clone().unwrap_or_default())
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.recipe(style).is_ok()
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        // Held until an interrupt of ours has been sent: it would hit whoever comes next.
        let _turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(GeneratorError::Cancelled),
            turn = self.turn.lock() => turn,
        };
        let leash = Leash::new(self.desk.clone(), cancel);
        leash.hold(self.work(brief, progress, &leash)).await
    }

    /// The answer went to a connection that is no more: what is still being painted is stopped.
    async fn resume(
        &self,
        brief: &Brief,
        _receipt: Option<&Receipt>,
        _progress: &ProgressSender,
        _cancel: &CancellationToken,
    ) -> Result<Option<Painted>, GeneratorError> {
        self.desk.stop(&task(brief)).await;
        Ok(None)
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        let wire = &self.desk.wire;
        let at_work = wire
            .ask(wire.get("/sdapi/v1/progress?skip_current_image=true"))
            .await;
        // A route that is broken says nothing of the painting, as long as another answers.
        let (at_work, models) = match (at_work, wire.ask(wire.get("/sdapi/v1/sd-models")).await) {
            (Err(e), Err(_)) => return Err(e.into()),
            (at_work, models) => (at_work.unwrap_or_default(), models.ok()),
        };
        let jobs = at_work.pointer("/state/job_count").and_then(Value::as_i64);
        let styles = self.offer.served();
        let count = models
            .as_ref()
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let mut health = Health {
            words: format!("Stable Diffusion WebUI, {count} models"),
            queue: jobs.and_then(|jobs| u32::try_from(jobs.max(0)).ok()),
            ..Health::default()
        };
        let wanted = self.options.model.as_deref();
        let lacks = |wanted: &&str| models.as_ref().is_some_and(|has| !has_model(has, wanted));
        match wanted.filter(lacks) {
            None => health.styles = styles,
            Some(model) => {
                let lack = format!("has no model \"{model}\"");
                health.lacks = styles.into_iter().map(|s| (s, lack.clone())).collect();
            }
        }
        Ok(health)
    }
}

/// Models go by their file's name, with or without its ending and its hash.
fn has_model(models: &Value, wanted: &str) -> bool {
    models.as_array().into_iter().flatten().any(|model| {
        ["title", "model_name", "filename"].iter().any(|key| {
            let name = model.get(*key).and_then(Value::as_str).unwrap_or_default();
            name == wanted
                || name.starts_with(&format!("{wanted} ["))
                || name.starts_with(&format!("{wanted}."))
        })
    })
}
