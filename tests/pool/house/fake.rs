//! A generator that does as it is told, attempt by attempt.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use easel::clock::Clock;
use easel::generator::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, Progress, ProgressSender,
    Receipt,
};
use easel::session::StyleId;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What it does with one attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Act {
    /// Paints, in so many seconds.
    Paint(f64),
    Fail,
    Refuse,
    /// Its rules forbid it.
    Moderate,
    Unreachable,
    DieMidway,
    /// Never ends, unless it is told to stop.
    Hang,
    /// Never ends, whatever it is told.
    Freeze,
    /// Takes it on, and then never ends, whatever it is told.
    Deaf,
    Busy,
    OutOfMemory,
    NeedRestart,
    LackModel,
    Rubbish,
    Panic,
    /// Takes it on, and then the line breaks.
    Lose,
    /// Takes it on and answers, and the answer is lost for good.
    Swallow,
}

#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) card: Card,
    /// What it does first, one after the other.
    pub(crate) acts: Mutex<VecDeque<Act>>,
    /// And then.
    pub(crate) then: Mutex<Act>,
    /// Whether it says that it is ill.
    pub(crate) ill: Mutex<bool>,
    /// Whether it says that it must be restarted.
    pub(crate) stuck: Mutex<bool>,
    /// What was sent to it: attempt, style, whether smaller.
    pub(crate) sent: Mutex<Vec<(Uuid, String, bool)>>,
    /// What was asked for again.
    pub(crate) resumed: Mutex<Vec<Uuid>>,
    pub(crate) stopped: Mutex<usize>,
    pub(crate) warmed: Mutex<Vec<String>>,
    /// The style whose model it has not.
    pub(crate) lacks: Mutex<Option<&'static str>>,
    /// The model that paints every style; `None` is one for each.
    pub(crate) model: Option<&'static str>,
    pub(crate) clock: OnceLock<Mutex<Arc<dyn Clock>>>,
}

/// A server of one seat that does this first, and then that.
pub(crate) fn fake(id: &str, first: impl Into<VecDeque<Act>>, then: Act) -> Fake {
    Fake {
        card: Card::new(id, Kind::Comfyui),
        acts: Mutex::new(first.into()),
        then: Mutex::new(then),
        ill: Mutex::new(false),
        stuck: Mutex::new(false),
        sent: Mutex::default(),
        resumed: Mutex::default(),
        stopped: Mutex::default(),
        warmed: Mutex::default(),
        lacks: Mutex::default(),
        model: None,
        clock: OnceLock::new(),
    }
}

impl Fake {
    pub(crate) fn of(self, kind: Kind) -> Self {
        self.with(|card| card.kind = kind)
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Card)) -> Self {
        change(&mut self.card);
        self
    }

    pub(crate) fn live_by(&self, clock: Arc<dyn Clock>) {
        let slot = self.clock.get_or_init(|| Mutex::new(Arc::clone(&clock)));
        *slot.lock().unwrap() = clock;
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    fn wait(&self, seconds: f64) -> futures::future::BoxFuture<'static, ()> {
        let clock = Arc::clone(&self.clock.get().unwrap().lock().unwrap());
        clock.sleep(Duration::from_secs_f64(seconds))
    }

    async fn load(&self, style: &StyleId) -> Result<Painted, GeneratorError> {
        self.warmed.lock().unwrap().push(style.to_string());
        self.wait(2.0).await;
        match *self.lacks.lock().unwrap() {
            Some(lacks) if lacks == style.as_str() => {
                Err(GeneratorError::Unfit("as it was told".to_owned()))
            }
            _ => Ok(picture()),
        }
    }

    fn next(&self) -> Act {
        let next = self.acts.lock().unwrap().pop_front();
        next.unwrap_or(*self.then.lock().unwrap())
    }
}

fn picture() -> Painted {
    let pixels = image::RgbImage::from_pixel(32, 32, image::Rgb([9, 9, 200]));
    Painted::Pixels(pixels)
}

#[async_trait]
impl Generator for Fake {
    fn card(&self) -> &Card {
        &self.card
    }

    fn model(&self, style: &StyleId) -> Option<String> {
        Some(self.model.map_or_else(|| style.to_string(), str::to_owned))
    }

    fn paints(&self, _style: &StyleId) -> bool {
        true
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        if brief.is_blank() {
            return self.load(&brief.style).await;
        }
        let sent = (brief.attempt, brief.style.to_string(), brief.smaller);
        self.sent.lock().unwrap().push(sent);
        let says = || "as it was told".to_owned();
        let act = self.next();
        let taken_on = || {
            let receipt = Some(Receipt(format!("job-{}", brief.attempt)));
            progress.send_replace(Progress {
                receipt,
                ..Progress::default()
            });
        };
        match act {
            Act::Paint(seconds) => {
                taken_on();
                tokio::select! {
                    () = self.wait(seconds) => Ok(picture()),
                    () = cancel.cancelled() => {
                        *self.stopped.lock().unwrap() += 1;
                        Err(GeneratorError::Cancelled)
                    }
                }
            }
            Act::Fail => Err(GeneratorError::Failed(says())),
            Act::Moderate => Err(GeneratorError::Moderated(says())),
            Act::Refuse => Err(GeneratorError::Refused(says())),
            Act::Unreachable => Err(GeneratorError::Unreachable(says())),
            Act::DieMidway => {
                taken_on();
                self.wait(3.0).await;
                Err(GeneratorError::Unreachable(says()))
            }
            Act::Hang => {
                cancel.cancelled().await;
                *self.stopped.lock().unwrap() += 1;
                Err(GeneratorError::Cancelled)
            }
            Act::Freeze => std::future::pending().await,
            Act::Deaf => {
                taken_on();
                std::future::pending().await
            }
            Act::Busy => Err(GeneratorError::Busy {
                words: says(),
                retry_after: None,
            }),
            Act::OutOfMemory if brief.smaller => Ok(picture()),
            Act::OutOfMemory => Err(GeneratorError::OutOfMemory(says())),
            Act::NeedRestart => Err(GeneratorError::NeedsRestart(says())),
            Act::LackModel => Err(GeneratorError::Unfit(says())),
            Act::Rubbish => Ok(Painted::File(Bytes::from_static(b"<html>502</html>"))),
            Act::Panic => panic!("as it was told"),
            Act::Swallow => {
                taken_on();
                Err(GeneratorError::Lost(says()))
            }
            Act::Lose => {
                taken_on();
                self.wait(1.0).await;
                Err(GeneratorError::MaybeStillComing(says()))
            }
        }
    }

    async fn resume(
        &self,
        brief: &Brief,
        receipt: Option<&Receipt>,
        _progress: &ProgressSender,
        _cancel: &CancellationToken,
    ) -> Result<Option<Painted>, GeneratorError> {
        self.resumed.lock().unwrap().push(brief.attempt);
        let expected = Receipt(format!("job-{}", brief.attempt));
        if receipt != Some(&expected) {
            return Ok(None);
        }
        self.wait(1.0).await;
        Ok(Some(picture()))
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        if *self.ill.lock().unwrap() {
            return Err(GeneratorError::Unreachable("it says so".to_owned()));
        }
        if *self.stuck.lock().unwrap() {
            return Err(GeneratorError::NeedsRestart("it says so".to_owned()));
        }
        let words = "as well as it was told".to_owned();
        Ok(Health {
            words,
            ..Health::default()
        })
    }
}
