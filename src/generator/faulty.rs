//! A test double that misbehaves on purpose, so that the pool's patience can be seen working.
//! It announces itself in the log and is refused by nobody: a rehearsal may want it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Brief, Generator, GeneratorError, Health, Painted, ProgressSender, Repertoire};
use crate::clock::Clock;
use crate::session::StyleId;

/// How it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Says no at once.
    #[default]
    Fail,
    /// Never answers.
    Hang,
    /// Answers rightly, but late.
    Slow,
    /// Answers with bytes that are no picture.
    Rubbish,
    /// Breaks in the middle.
    Panic,
}

/// Wraps a generator that works, and stands in its way.
#[derive(Debug)]
pub struct Faulty {
    id: String,
    slots: usize,
    styles: Repertoire,
    fault: Fault,
    /// How many attempts go wrong before the rest goes right; `None` is all.
    faults: Option<u32>,
    delay: Duration,
    behind: Arc<dyn Generator>,
    clock: Arc<dyn Clock>,
    attempts: AtomicU32,
}

impl Faulty {
    /// Stands before `behind`, which paints when `faults` attempts have gone wrong.
    #[expect(
        clippy::too_many_arguments,
        reason = "one per setting; built in one place"
    )]
    pub fn new(
        id: String,
        slots: usize,
        styles: Repertoire,
        fault: Fault,
        faults: Option<u32>,
        delay: Duration,
        behind: Arc<dyn Generator>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        tracing::warn!(
            generator.id = id,
            ?fault,
            "a generator misbehaves on purpose"
        );
        let attempts = AtomicU32::new(0);
        Self {
            id,
            slots,
            styles,
            fault,
            faults,
            delay,
            behind,
            clock,
            attempts,
        }
    }
}

#[async_trait]
impl Generator for Faulty {
    fn id(&self) -> &str {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "faulty"
    }

    fn slots(&self) -> usize {
        self.slots
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.styles.has(style)
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        if self.faults.is_some_and(|most| attempt >= most) {
            return self.behind.paint(brief, progress, cancel).await;
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(GeneratorError::Cancelled),
            () = self.clock.sleep(self.delay) => {}
        }
        match self.fault {
            Fault::Fail => Err(GeneratorError::Failed("it fails on purpose".to_owned())),
            Fault::Slow => self.behind.paint(brief, progress, cancel).await,
            Fault::Rubbish => Ok(Painted::File(Bytes::from_static(
                b"<html>502 Bad Gateway</html>",
            ))),
            Fault::Panic => panic!("it breaks on purpose"),
            Fault::Hang => {
                cancel.cancelled().await;
                Err(GeneratorError::Cancelled)
            }
        }
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        let behind = self.behind.health().await?;
        let attempts = self.attempts.load(Ordering::Relaxed);
        let spent = self.faults.is_some_and(|most| attempts >= most);
        let words = if spent {
            "has misbehaved on purpose, and paints now".to_owned()
        } else {
            format!("misbehaves on purpose ({:?})", self.fault).to_lowercase()
        };
        Ok(Health { words, ..behind })
    }
}
