//! The board: the foreman behind a lock, for the pool that obeys and for whoever asks how long.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::foreman::line::Place;
use super::foreman::{Foreman, Moment, Rules};
use crate::clock::Clock;
use crate::session::Session;

/// The foreman and the clock he goes by. Clones share him.
#[derive(Debug, Clone)]
pub struct Board {
    foreman: Arc<Mutex<Foreman>>,
    clock: Arc<dyn Clock>,
}

impl Board {
    /// An empty board.
    pub fn new(rules: Rules, clock: Arc<dyn Clock>) -> Self {
        let foreman = Foreman::new(rules, moment(clock.now()));
        Self {
            foreman: Arc::new(Mutex::new(foreman)),
            clock,
        }
    }

    /// Where a visit stands that waits for its paintings.
    pub fn place(&self, session: &Session) -> Place {
        self.with(|foreman, now| {
            let waits = session.paintings.iter().filter(|p| !p.is_settled());
            let own: Vec<_> = waits
                .filter_map(|p| Some((p.asked.id, foreman.rules().style(&p.asked.style)?)))
                .collect();
            foreman.place(session.id, &own, now)
        })
    }

    /// Asks or tells the foreman something, now.
    pub(super) fn with<T>(&self, ask: impl FnOnce(&mut Foreman, Moment) -> T) -> T {
        let mut foreman = self.foreman.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&mut foreman, moment(self.clock.now()))
    }
}

/// A time of the steady clock as the foreman reckons it.
pub(super) fn moment(at: Timestamp) -> Moment {
    Duration::try_from(at.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
}

/// And back.
pub(super) fn timestamp(at: Moment) -> Timestamp {
    Timestamp::UNIX_EPOCH
        .saturating_add(at)
        .unwrap_or(Timestamp::MAX)
}
