//! What we know of one ComfyUI server, whichever painting it is at.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use super::client::{self, Queue};
use crate::clock::Clock;
use crate::generator::GeneratorError;
use crate::generator::leash::Remote;
use crate::generator::wire::{Address, Patience, Wire, WireError};
use crate::secret::Entropy;
use crate::session::StyleId;

/// So many prompts that nobody waits for are remembered, to be taken out of the queue later.
const LEFT_BEHIND: usize = 32;
/// What a server's nodes take is asked again after this long: models come and go.
const ABILITIES_KEPT: Duration = Duration::from_secs(60);

/// One server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) wire: Wire,
    pub(super) clock: Arc<dyn Clock>,
    entropy: Entropy,
    /// Whether each prompt costs money.
    billed: bool,
    known: Mutex<Known>,
}

/// All times are of the monotonic clock.
#[derive(Debug, Default)]
struct Known {
    /// The number of the newest prompt: a lower one means that the server was restarted.
    number: f64,
    /// Styles it has painted since it started: their models have been loaded once.
    painted: HashSet<StyleId>,
    /// What it is at, and since when we see it so.
    head: Option<(String, Duration)>,
    /// When it last told us of work being done.
    sign: Duration,
    /// Prompts that nobody waits for.
    left_behind: Vec<String>,
    /// What its nodes take, by kind; `None` if there is no such kind.
    abilities: HashMap<String, Option<Arc<Value>>>,
    abilities_since: Duration,
}

impl Server {
    pub(super) fn new(
        address: Address,
        patience: Patience,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
        billed: bool,
    ) -> Self {
        Self {
            wire: Wire::new(address, patience),
            clock,
            entropy,
            billed,
            known: Mutex::default(),
        }
    }

    pub(super) fn new_uuid(&self) -> Uuid {
        self.entropy.uuid_v7(self.clock.now())
    }

    /// A name for a socket.
    pub(super) fn new_id(&self) -> String {
        self.new_uuid().simple().to_string()
    }

    /// What it means that nobody can be asked about a prompt that was taken on: it may be there, and
    /// paid for, when the line is.
    pub(super) fn lost_sight(&self, e: impl Into<GeneratorError>) -> GeneratorError {
        let e = e.into();
        if self.billed {
            GeneratorError::MaybeStillComing(e.to_string())
        } else {
            e
        }
    }

    /// Whether queue or history has the prompt.
    pub(super) async fn has(&self, prompt: &str) -> Result<bool, WireError> {
        // The queue first: on its way from there into history it is never in neither.
        let queued = client::queue(&self.wire).await?.holds(prompt);
        Ok(queued || client::history(&self.wire, prompt).await?.is_some())
    }

    /// A prompt was taken under that number, counted from the server's start.
    pub(super) fn taken(&self, number: f64) {
        let mut known = self.lock();
        if number < known.number {
            known.painted.clear();
            known.abilities.clear();
        }
        known.number = number;
    }

    pub(super) fn has_painted(&self, style: &StyleId) {
        self.lock().painted.insert(style.clone());
    }

    /// How long it may be silent at a painting of that style.
    pub(super) fn budget(&self, style: &StyleId) -> Duration {
        let patience = &self.wire.patience;
        if self.lock().painted.contains(style) {
            patience.stall
        } else {
            patience.first
        }
    }

    /// It told of work being done.
    pub(super) fn shows_life(&self) {
        self.lock().sign = self.clock.monotonic();
    }

    /// When it last did so, by the monotonic clock.
    pub(super) fn sign(&self) -> Duration {
        self.lock().sign
    }

    /// Judges a queue: whether another prompt is at its head than when it was last judged. The same
    /// for too long, without any sign of life, means that the worker behind it is dead, though HTTP
    /// is answered as ever.
    ///
    /// # Errors
    /// [`GeneratorError::NeedsRestart`].
    pub(super) fn is_moving(&self, queue: &Queue) -> Result<bool, GeneratorError> {
        let now = self.clock.monotonic();
        let mut known = self.lock();
        // A queue with nothing running has a head too: nobody, who should not stay there.
        let head = match (queue.running.first(), queue.pending.is_empty()) {
            (Some(id), _) => Some(id.clone()),
            (None, false) => Some(String::new()),
            (None, true) => None,
        };
        let moved = match (&known.head, head) {
            (Some((old, _)), Some(new)) if *old == new => false,
            (old, head) => {
                // The first sight of a queue shows no movement.
                let moved = old.is_some();
                known.head = head.map(|id| (id, now));
                moved
            }
        };
        let Some((_, since)) = &known.head else {
            return Ok(moved);
        };
        // It may be loading a model for someone else: no shorter patience will do.
        let still = now.saturating_sub((*since).max(known.sign));
        if still > self.wire.patience.first {
            let words = format!("its queue has not moved for {} s", still.as_secs());
            return Err(GeneratorError::NeedsRestart(words));
        }
        Ok(moved)
    }

    /// Takes out of the queue what was left behind.
    pub(super) async fn sweep(&self) {
        let left = std::mem::take(&mut self.lock().left_behind);
        if !left.is_empty() && client::delete(&self.wire, &left).await.is_err() {
            self.lock().left_behind.extend(left);
        }
    }

    /// What nodes of that kind take.
    pub(super) async fn ability(&self, class: &str) -> Result<Option<Arc<Value>>, WireError> {
        let now = self.clock.monotonic();
        {
            let mut known = self.lock();
            if now.saturating_sub(known.abilities_since) > ABILITIES_KEPT {
                known.abilities.clear();
                known.abilities_since = now;
            }
            if let Some(ability) = known.abilities.get(class) {
                return Ok(ability.clone());
            }
        }
        let ability = client::object_info(&self.wire, class).await?.map(Arc::new);
        self.lock()
            .abilities
            .insert(class.to_owned(), ability.clone());
        Ok(ability)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Remote for Server {
    /// Stops a prompt; one that cannot be stopped now is left behind.
    async fn stop(&self, prompt: &str) -> bool {
        let stopped = client::stop(&self.wire, prompt).await;
        if let Err(e) = &stopped {
            tracing::debug!(
                error = e as &dyn std::error::Error,
                "a prompt could not be stopped"
            );
            self.leave_behind(prompt);
        }
        stopped.is_ok()
    }

    /// Nobody waits for this prompt, though it may still wait in the queue there.
    fn leave_behind(&self, prompt: &str) {
        let mut known = self.lock();
        if known.left_behind.len() == LEFT_BEHIND {
            known.left_behind.remove(0);
        }
        known.left_behind.push(prompt.to_owned());
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}
