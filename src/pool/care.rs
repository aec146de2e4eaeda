//! Looks after the servers: asks how they are, and has them paint samples.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::foreman::{Breaker, Foreman, Ill, Look};
use super::report::Cause;
use super::{Pool, hang};
use crate::camera::{Camera, CameraError, Sample, SampleSettings};
use crate::generator::{Brief, GeneratorError, Progress};
use crate::imaging::{self, Refusal};
use crate::session::StyleId;

/// How long a server may take to say how it is.
const WORD: Duration = Duration::from_secs(10);
/// How long a sample may take: its model may have to be loaded.
pub(super) const DEED: Duration = Duration::from_secs(180);
/// How long one of a server on trial may take. It keeps nobody from being painted there, and
/// loading the model anew would take no less.
const TRIAL: Duration = Duration::from_secs(600);

/// Why there is no test painting.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The pool has no such server.
    #[error("there is no server of that name")]
    NoServer,
    /// That server does not paint that style.
    #[error("that server does not paint that style")]
    NoStyle,
    /// It did not paint.
    #[error(transparent)]
    Generator(#[from] GeneratorError),
    /// There is no sample photo.
    #[error("there is no sample photo")]
    NoSample(#[from] CameraError),
    /// The sample photo is not one.
    #[error("the sample photo cannot be used")]
    Sample(#[from] Refusal),
}

impl Pool {
    /// Takes a server out of service: it finishes what it is at. `false`: there is none of that id.
    pub fn drain(&self, id: &str) -> bool {
        self.at(id, |pool, server| {
            pool.0.parts.board.with(|foreman, _| foreman.drain(server));
        })
    }

    /// Takes a server into service again, and forgets what is held against it. `false`: there is
    /// none of that id.
    pub fn resume(&self, id: &str) -> bool {
        self.at(id, |pool, server| {
            pool.0
                .parts
                .board
                .with(|foreman, now| foreman.resume(server, now));
        })
    }

    /// Has a server paint a sample portrait, whatever its state and beside its other work; returns
    /// a JPEG. Dropping the future stops it.
    ///
    /// # Errors
    /// [`TestError`].
    pub async fn test_painting(&self, id: &str, style: &StyleId) -> Result<Bytes, TestError> {
        let found = self
            .0
            .servers
            .iter()
            .position(|s| s.generator.card().id == id);
        let server = found.ok_or(TestError::NoServer)?;
        if !self.0.servers[server].generator.paints(style) {
            return Err(TestError::NoStyle);
        }
        self.sample(server, style, DEED).await
    }

    fn at(&self, id: &str, act: impl FnOnce(&Self, usize)) -> bool {
        let server = self
            .0
            .servers
            .iter()
            .position(|s| s.generator.card().id == id);
        if let Some(server) = server {
            act(self, server);
            self.0.wake.notify_one();
        }
        server.is_some()
    }

    pub(super) async fn sample(
        &self,
        server: usize,
        style: &StyleId,
        most: Duration,
    ) -> Result<Bytes, TestError> {
        let parts = &self.0.parts;
        let photos = Sample::new(&SampleSettings::default(), Arc::clone(&parts.clock));
        let photo = photos.still().await?;
        let (limits, sizes) = (parts.limits, parts.sizes.clone());
        let develop = move || imaging::develop(&photo, &limits, &sizes);
        let broke = |_| GeneratorError::Failed("it broke while painting".to_owned());
        let developed = tokio::task::spawn_blocking(develop)
            .await
            .map_err(broke)??;
        let brief = Brief {
            attempt: parts.entropy.uuid_v7(parts.clock.now()),
            // Its own each time: servers that keep results must not answer with an old one.
            capture: parts.entropy.uuid_v7(parts.clock.now()),
            style: style.clone(),
            seed: parts.entropy.u64() as u32,
            input: developed.input.bytes,
            screen: developed.screen.bytes,
            smaller: false,
        };
        let (progress, _news) = watch::channel(Progress::default());
        let cancel = CancellationToken::new();
        let _stop = cancel.clone().drop_guard();
        let generator = &self.0.servers[server].generator;
        let painted = tokio::select! {
            painted = generator.paint(&brief, &progress, &cancel) => painted?,
            () = parts.clock.sleep(most) => return Err(GeneratorError::TimedOut(most).into()),
        };
        let (limits, sizes) = (parts.limits, parts.sizes.clone());
        let source = generator.card().kind.traits().source;
        let look = move || hang::look_at(painted, &limits, &sizes, source);
        let (picture, _) = tokio::task::spawn_blocking(look).await.map_err(broke)??;
        Ok(picture.bytes)
    }

    /// Sees how a server is, restarting it first if need be, and tells the foreman.
    pub(super) async fn look(
        &self,
        server: usize,
        canary: Option<usize>,
        restart: bool,
        stop: &CancellationToken,
    ) {
        let looking = async {
            if restart && let Err(e) = self.restart(server).await {
                tracing::warn!(
                    generator.id = self.id(server),
                    error = &e as &dyn std::error::Error,
                    "a server could not be restarted"
                );
            }
            let mut look = match self.ask(server).await {
                // A broken status route says nothing of the painting, where one may try for nothing.
                Err(Ill {
                    speechless: true,
                    says,
                    ..
                }) if canary.is_some() => Look {
                    says,
                    ..Look::default()
                },
                look => look?,
            };
            if let Some(style) = canary {
                let style = StyleId(self.style_name(style));
                let breaker = |foreman: &mut Foreman, _| foreman.servers()[server].health.breaker();
                let most = match self.0.parts.board.with(breaker) {
                    Breaker::OnTrial => TRIAL,
                    Breaker::Closed | Breaker::Open { .. } | Breaker::Probing => DEED,
                };
                let painted = self.sample(server, &style, most).await;
                painted.map_err(|e| paints_not(&e))?;
                look.painted = true;
            }
            Ok(look)
        };
        let outcome: Result<Look, Ill> = tokio::select! {
            outcome = looking => outcome,
            () = stop.cancelled() => return,
        };
        if let Err(Ill { says, .. }) = &outcome {
            // What is new of it the journal is told; this is said again every few seconds.
            tracing::debug!(generator.id = self.id(server), says, "a server is not well");
        }
        let chance = self.chance();
        let parts = &self.0.parts;
        parts
            .board
            .with(|foreman, now| foreman.looked(server, outcome, now, chance));
        self.0.wake.notify_one();
    }

    /// What a server says of itself.
    pub(super) async fn ask(&self, server: usize) -> Result<Look, Ill> {
        let parts = &self.0.parts;
        let health = tokio::select! {
            health = self.0.servers[server].generator.health() => health.map_err(|e| ill(&e))?,
            () = parts.clock.sleep(WORD) => {
                let says = "it does not say how it is".to_owned();
                return Err(Ill {
                    cause: Cause::Stalled,
                    says,
                    stuck: false,
                    speechless: false,
                });
            }
        };
        let queue = health.queue.filter(|n| *n > 0);
        let queue = queue.map_or_else(String::new, |n| format!("; {n} in its queue"));
        Ok(parts.board.with(|foreman, _| {
            let place = |style: &StyleId| foreman.rules().style(style);
            let lacks = health.lacks.iter();
            Look {
                says: health.words.clone() + &queue,
                able: health.styles.iter().filter_map(place).collect(),
                lacks: lacks
                    .filter_map(|(style, says)| Some((place(style)?, says.clone())))
                    .collect(),
                painted: false,
            }
        }))
    }

    pub(super) fn id(&self, server: usize) -> &str {
        &self.0.servers[server].generator.card().id
    }
}

/// What a server is found to be that did not say that it is well.
pub(super) fn ill(error: &GeneratorError) -> Ill {
    let cause = match error {
        GeneratorError::Unreachable(_) => Cause::Unreachable,
        GeneratorError::Busy { .. } => Cause::Busy,
        GeneratorError::TimedOut(_) => Cause::TimedOut,
        GeneratorError::NeedsRestart(_) => Cause::NeedsRestart,
        _ => Cause::Unwell,
    };
    Ill {
        cause,
        says: error.to_string(),
        stuck: false,
        speechless: matches!(error, GeneratorError::Failed(_)),
    }
}

/// What a server is found to be that says that it is well, and did not paint a sample.
fn paints_not(error: &TestError) -> Ill {
    let (cause, stuck) = match error {
        TestError::Generator(GeneratorError::TimedOut(DEED)) => (Cause::Stalled, true),
        TestError::Generator(e) => match ill(e).cause {
            Cause::Unwell => (Cause::Failing, false),
            cause => (cause, false),
        },
        _ => (Cause::Failing, false),
    };
    Ill {
        cause,
        says: format!("it does not paint: {error}"),
        stuck,
        speechless: false,
    }
}
