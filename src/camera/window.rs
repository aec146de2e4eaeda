//! The time in which somebody waits for a picture, shared by a driver and those who ask it.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::presses::{Arrival, Patience, Press, Presses};
use crate::clock::Clock;

/// So many pictures are remembered, by a hash that is no picture: some cameras and tethering
/// programs hand one out twice.
const REMEMBERED: usize = 32;

/// [`Presses`] of one camera, by its clock.
#[derive(Debug)]
pub(super) struct Window {
    inner: Mutex<Inner>,
    armed: Notify,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Inner {
    presses: Presses<Bytes>,
    seen: VecDeque<u64>,
    hash: RandomState,
}

impl Window {
    pub(super) fn new(patience: Patience, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner {
            presses: Presses::new(patience),
            seen: VecDeque::with_capacity(REMEMBERED),
            hash: RandomState::new(),
        };
        Self {
            inner: Mutex::new(inner),
            armed: Notify::new(),
            clock,
        }
    }

    pub(super) fn arm(&self) {
        self.lock().presses.arm(self.now());
        self.armed.notify_one();
    }

    pub(super) fn disarm(&self) {
        self.lock().presses.disarm();
    }

    /// Waits for the next countdown to begin. Cancellation safe.
    pub(super) async fn armed(&self) {
        self.armed.notified().await;
    }

    pub(super) fn is_awaited(&self) -> bool {
        self.lock().presses.is_awaited(self.now())
    }

    pub(super) fn press(&self) -> Press {
        self.lock().presses.press(self.now())
    }

    /// A picture has arrived, the first of it at `begun`.
    pub(super) fn arrived(&self, picture: Bytes, begun: Duration) -> bool {
        let now = self.now();
        let mut inner = self.lock();
        let arrival = Arrival {
            begun,
            is_twin: inner.is_twin(&picture),
        };
        inner.presses.arrived(picture, arrival, now)
    }

    /// The picture of the press, if it is there and sure.
    pub(super) fn take(&self) -> Option<Bytes> {
        self.lock().presses.take(self.now())
    }

    /// As [`Self::take`]; no other picture of this press comes.
    pub(super) fn take_last(&self) -> Option<Bytes> {
        let now = self.now();
        let mut inner = self.lock();
        inner.presses.complete(now);
        inner.presses.take(now)
    }

    pub(super) fn give_up(&self, owes: bool) {
        self.lock().presses.give_up(owes, self.now());
    }

    pub(super) fn is_drained(&self) {
        self.lock().presses.is_drained(self.now());
    }

    /// Whether the picture of a press that is over may still come.
    pub(super) fn is_owed(&self) -> bool {
        self.lock().presses.is_owed(self.now())
    }

    pub(super) fn is_clean(&self) -> bool {
        self.lock().presses.is_clean(self.now())
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn is_twin(&mut self, picture: &Bytes) -> bool {
        let hash = self.hash.hash_one(picture);
        if self.seen.contains(&hash) {
            return true;
        }
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(hash);
        false
    }
}
