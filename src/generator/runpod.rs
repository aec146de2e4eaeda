//! A ComfyUI worker at RunPod, or at whatever speaks its serverless protocol.
//!
//! Every job is billed. The server names it, so that a job whose naming we did not hear of cannot
//! be found again: it may still come until its time to live is over.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::comfyui::Bindings;
use super::leash::{Leash, Remote};
use super::server::{self, Offer, taken_on};
use super::sort::sort;
use super::wire::{Wire, WireError, plain};
use super::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, ProgressSender, Receipt, Traits,
    picture,
};
use crate::clock::Clock;
use crate::imaging::mark::DigitalSource;
use crate::session::StyleId;

/// So many looks at a job without an answer, one after the other: it cannot be asked now.
const UNANSWERED: u32 = 4;
/// What a job may take beyond its waiting, before the pool may cut it off.
const RUNNING: Duration = Duration::from_secs(60);

/// A service elsewhere that bills, and tells only whether it has begun.
pub(super) const TRAITS: Traits = Traits {
    name: "runpod",
    remote: true,
    offsite: true,
    billed: true,
    stands_in: false,
    source: DigitalSource::TrainedAlgorithmicMedia,
    keys: &["workflow", "workflows", "picture_hosts", "queue"],
};

/// What it is told: nothing beyond what any server is. The address is the endpoint's:
/// `https://api.runpod.ai/v2/…`.
pub type Settings = server::Settings;

/// A serverless endpoint.
#[derive(Debug)]
pub struct Runpod {
    offer: Offer,
    endpoint: Arc<Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    wire: Wire,
    clock: Arc<dyn Clock>,
}

impl Runpod {
    /// Every recipe needs its workflow; a style whose recipe has none is not painted.
    pub fn new(card: Card, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let least = settings.patience.queue + RUNNING;
        let card = Card { least, ..card };
        let wire = Wire::new(settings.address, settings.patience);
        Self {
            offer: Offer::new(Kind::Runpod, card, settings.recipes),
            endpoint: Arc::new(Endpoint { wire, clock }),
        }
    }

    /// How long a job lives that nobody asks for: after that its answer cannot come any more.
    fn time_to_live(&self) -> Duration {
        self.endpoint.wire.patience.queue + self.endpoint.wire.patience.first
    }

    async fn work(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        leash: &Leash,
    ) -> Result<Painted, GeneratorError> {
        let photo = self.offer.photo(brief).await?;
        let job = self.run(&self.request(brief, &photo)?).await?;
        leash.sent(&job);
        taken_on(progress, &job);
        self.see_through(brief, &job, progress).await
    }

    fn request(&self, brief: &Brief, photo: &Bytes) -> Result<Value, GeneratorError> {
        let (recipe, workflow) = self.offer.graph(&brief.style)?;
        let name = format!("{}.jpg", brief.attempt.simple());
        let graph = workflow.bind(&Bindings {
            image: &name,
            seed: brief.seed,
            prompt: &recipe.prompt,
            negative: &recipe.negative,
            smaller: brief.smaller,
            // Its worker passes over what ComfyUI only previews, and is thrown away after use.
            prefix: &format!("booth/{}", brief.attempt.simple()),
            keep: true,
        });
        let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        Ok(json!({
            "input": { "workflow": graph, "images": [{ "name": name, "image": STANDARD.encode(photo) }] },
            "policy": {
                "executionTimeout": millis(self.endpoint.wire.patience.first),
                "ttl": millis(self.time_to_live()),
            },
        }))
    }

    /// Sends a job; its name.
    async fn run(&self, request: &Value) -> Result<String, GeneratorError> {
        let wire = &self.endpoint.wire;
        let said = wire
            .json(wire.post("/run").json(request), wire.patience.transfer)
            .await;
        let said = said.map_err(|e| {
            if e.may_have_arrived() {
                GeneratorError::MaybeStillComing(e.to_string())
            } else if let WireError::Said {
                status: StatusCode::BAD_REQUEST,
                text,
                ..
            } = &e
            {
                GeneratorError::Unfit(plain(text))
            } else {
                e.into()
            }
        })?;
        let id = said
            .get("id")
            .and_then(Value::as_str)
            .filter(|id| is_plain(id));
        id.map(str::to_owned).ok_or_else(|| {
            GeneratorError::MaybeStillComing("it took a job and gave it no name".to_owned())
        })
    }

    async fn see_through(
        &self,
        brief: &Brief,
        job: &str,
        progress: &ProgressSender,
    ) -> Result<Painted, GeneratorError> {
        let Endpoint { wire, clock } = &*self.endpoint;
        let began = clock.monotonic();
        let mut unanswered = 0;
        loop {
            clock.sleep(wire.patience.poll / 2).await;
            let said = match self.endpoint.status(job).await {
                Ok(Some(said)) => said,
                Ok(None) => {
                    let words = "it has forgotten the job".to_owned();
                    return Err(GeneratorError::Failed(words));
                }
                Err(e) => {
                    unanswered += 1;
                    if unanswered >= UNANSWERED {
                        return Err(GeneratorError::MaybeStillComing(e.to_string()));
                    }
                    continue;
                }
            };
            unanswered = 0;
            let status = said
                .get("status")
                .and_then(Value::as_str)
                .unwrap_or_default();
            match status {
                "COMPLETED" => return self.fetch(brief, &said, progress).await,
                "FAILED" => return Err(failed(&said)),
                "TIMED_OUT" => {
                    return Err(GeneratorError::TimedOut(
                        clock.monotonic().saturating_sub(began),
                    ));
                }
                "CANCELLED" => {
                    return Err(GeneratorError::Failed(
                        "someone cancelled the job".to_owned(),
                    ));
                }
                "IN_QUEUE" => {
                    let waited = clock.monotonic().saturating_sub(began);
                    if waited > wire.patience.queue {
                        let words = format!("no worker took the job within {} s", waited.as_secs());
                        return Err(if self.endpoint.stop(job).await {
                            let retry_after = None;
                            GeneratorError::Busy { words, retry_after }
                        } else {
                            GeneratorError::MaybeStillComing(words)
                        });
                    }
                }
                // IN_PROGRESS, RUNNING, and whatever they come up with: a third is all we know.
                _ => progress.send_modify(|news| news.share = news.share.max(0.33)),
            }
        }
    }

    /// The picture in the answer of a job that is done.
    async fn fetch(
        &self,
        brief: &Brief,
        said: &Value,
        progress: &ProgressSender,
    ) -> Result<Painted, GeneratorError> {
        let output = said.get("output").unwrap_or(&Value::Null);
        let image = output
            .pointer("/images/0")
            .or_else(|| output.get("message"));
        let data = image.and_then(|image| image.get("data").unwrap_or(image).as_str());
        let Some(data) = data else {
            return Err(failed(output));
        };
        let by_url = image.and_then(|i| i.get("type")).and_then(Value::as_str) == Some("s3_url")
            || data.starts_with("http");
        let file = if by_url {
            self.endpoint.wire.picture_at(data).await?
        } else {
            picture::from_base64(data)?
        };
        self.offer.painted(brief, file, progress).await
    }
}

/// Names go into addresses.
fn is_plain(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !id.is_empty() && id.len() <= 100 && id.chars().all(plain)
}

/// What a worker says when it fails: ComfyUI's words, wrapped.
fn failed(said: &Value) -> GeneratorError {
    let words = ["error", "errors", "details", "message"];
    let said: Vec<_> = words
        .iter()
        .filter_map(|key| said.get(*key))
        .map(Value::to_string)
        .collect();
    let said = said.join(" ");
    if said.is_empty() {
        return GeneratorError::Failed("it failed and does not say why".to_owned());
    }
    sort("", &said)
}

impl Endpoint {
    /// What has become of a job; `None` if nobody knows any more.
    async fn status(&self, job: &str) -> Result<Option<Value>, WireError> {
        // The answer may hold the picture.
        let request = self.wire.get(&format!("/status/{job}"));
        match self
            .wire
            .large_json(request, self.wire.patience.transfer)
            .await
        {
            Ok(said) => Ok(Some(said)),
            Err(WireError::Said {
                status: StatusCode::NOT_FOUND,
                ..
            }) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

#[async_trait]
impl Remote for Endpoint {
    async fn stop(&self, job: &str) -> bool {
        let cancel = self.wire.post(&format!("/cancel/{job}"));
        let stopped = self.wire.tell(cancel).await;
        if let Err(e) = &stopped {
            tracing::debug!(
                error = e as &dyn std::error::Error,
                "a job could not be cancelled"
            );
        }
        stopped.is_ok()
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}

#[async_trait]
impl Generator for Runpod {
    fn card(&self) -> &Card {
        self.offer.card()
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.offer.graph(style).is_ok()
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        self.offer.graph(&brief.style)?;
        let leash = Leash::new(self.endpoint.clone(), cancel);
        leash.hold(self.work(brief, progress, &leash)).await
    }

    async fn resume(
        &self,
        brief: &Brief,
        receipt: Option<&Receipt>,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Option<Painted>, GeneratorError> {
        let Some(Receipt(job)) = receipt.filter(|r| is_plain(&r.0)) else {
            let age = age(brief.attempt, &*self.endpoint.clock);
            if age.is_none_or(|age| age > self.time_to_live()) {
                return Ok(None);
            }
            let words = "it did not tell the job's name before the line went dead";
            return Err(GeneratorError::MaybeStillComing(words.to_owned()));
        };
        let leash = Leash::new(self.endpoint.clone(), cancel);
        leash.sent(job);
        let work = async {
            let unknown = |e: WireError| GeneratorError::MaybeStillComing(e.to_string());
            if self.endpoint.status(job).await.map_err(unknown)?.is_none() {
                return Ok(None);
            }
            taken_on(progress, job);
            self.see_through(brief, job, progress).await.map(Some)
        };
        leash.hold(work).await
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        let wire = &self.endpoint.wire;
        let said = wire.ask(wire.get("/health")).await?;
        let count = |path: &str| {
            said.pointer(path)
                .and_then(Value::as_u64)
                .unwrap_or_default()
        };
        let styles = self.offer.served();
        let [running, ready, starting, down, ill] =
            ["running", "ready", "initializing", "idle", "unhealthy"]
                .map(|state| count(&format!("/workers/{state}")));
        Ok(Health {
            // Idle workers are scaled down: they have to start before they paint.
            words: format!(
                "workers: {running} running, {ready} ready, {starting} starting, {down} scaled down, {ill} unhealthy"
            ),
            queue: u32::try_from(count("/jobs/inQueue") + count("/jobs/inProgress")).ok(),
            styles,
            lacks: Vec::new(),
        })
    }
}

/// How long ago an attempt's id was made; `None` if it does not tell (RFC 9562, version 7 does).
fn age(attempt: Uuid, clock: &dyn Clock) -> Option<Duration> {
    let (seconds, _) = attempt.get_timestamp()?.to_unix();
    let now = u64::try_from(clock.now().as_second()).ok()?;
    Some(Duration::from_secs(now.saturating_sub(seconds)))
}
