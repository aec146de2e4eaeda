//! A test double that misbehaves on purpose, so that the pool's patience can be seen working.
//! It announces itself in the log and is refused by nobody: a rehearsal may want it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::embedded::Embedded;
use super::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, ProgressSender, Traits,
};
use crate::clock::Clock;
use crate::imaging::mark::DigitalSource;
use crate::session::StyleId;

/// How it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Says no at once.
    #[default]
    Fail,
    /// Begins, and never ends.
    Hang,
    /// Answers rightly, but late.
    Slow,
    /// Answers with bytes that are no picture.
    Rubbish,
    /// Breaks in the middle.
    Panic,
}

/// The share of a painting that is begun and never ended.
const BEGUN: f32 = 0.05;

/// In this process, and no help to anybody.
pub(super) const TRAITS: Traits = Traits {
    name: "faulty",
    remote: false,
    offsite: false,
    billed: false,
    stands_in: false,
    source: DigitalSource::AlgorithmicallyEnhanced,
    keys: &["fault", "faults", "delay"],
};

/// What it is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// How it misbehaves.
    pub fault: Fault,
    /// How many attempts go wrong before the rest goes right; `None` is all.
    pub faults: Option<u32>,
    /// How long an attempt takes before it misbehaves or paints.
    pub delay: Duration,
}

/// Stands before the embedded painter, and in its way.
#[derive(Debug)]
pub struct Faulty {
    card: Card,
    settings: Settings,
    behind: Embedded,
    clock: Arc<dyn Clock>,
    attempts: AtomicU32,
}

impl Faulty {
    /// Misbehaves as told, and then paints.
    pub fn new(card: Card, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        tracing::warn!(
            generator.id = card.id,
            fault = ?settings.fault,
            "a generator misbehaves on purpose"
        );
        let kind = Kind::Faulty;
        Self {
            behind: Embedded::new(card.clone()),
            card: Card { kind, ..card },
            settings,
            clock,
            attempts: AtomicU32::new(0),
        }
    }
}

#[async_trait]
impl Generator for Faulty {
    fn card(&self) -> &Card {
        &self.card
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.card.styles.has(style)
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        if self.settings.faults.is_some_and(|most| attempt >= most) {
            return self.behind.paint(brief, progress, cancel).await;
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(GeneratorError::Cancelled),
            () = self.clock.sleep(self.settings.delay) => {}
        }
        match self.settings.fault {
            Fault::Fail => Err(GeneratorError::Failed("it fails on purpose".to_owned())),
            Fault::Slow => self.behind.paint(brief, progress, cancel).await,
            Fault::Rubbish => Ok(Painted::File(Bytes::from_static(
                b"<html>502 Bad Gateway</html>",
            ))),
            Fault::Panic => panic!("it breaks on purpose"),
            Fault::Hang => {
                progress.send_modify(|progress| progress.share = BEGUN);
                cancel.cancelled().await;
                Err(GeneratorError::Cancelled)
            }
        }
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        let behind = self.behind.health().await?;
        let attempts = self.attempts.load(Ordering::Relaxed);
        let spent = self.settings.faults.is_some_and(|most| attempts >= most);
        let words = if spent {
            "has misbehaved on purpose, and paints now".to_owned()
        } else {
            format!("misbehaves on purpose ({:?})", self.settings.fault).to_lowercase()
        };
        Ok(Health { words, ..behind })
    }
}
