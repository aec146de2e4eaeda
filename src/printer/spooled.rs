//! A printer with a memory: what turns a bare device into the promise of [`Printer`].
//!
//! An order is a line of jobs of one sheet each, so that a doubt is never about more than one. A
//! device is told to print in two steps. `prepare` makes a job that has no document yet and so
//! prints nothing, whatever becomes of it; `deliver` gives it its document. The journal notes each
//! step before it is taken, so that after any death the device can be asked about the one job that
//! may exist, and nothing is sent twice. What even the device cannot tell is left to staff.

mod device;
mod job;
mod journal;
mod order;
mod patience;
mod printing;
mod roll;
mod trials;
mod watcher;

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex as Turn, watch};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{Condition, JobStatus, Need, Order, Printer, PrinterError};
use super::{PrinterState, Says, Verdict, test_page, words};
use crate::clock::Clock;
use crate::store::Store;
use journal::{Journal, Settled};
use patience::Patience;

pub(super) use device::{
    Delivered, Device, Heard, Left, Look, Made, Memo, Progress, Undelivered, Woken,
};
pub(super) use roll::Levels;

/// A device that is busy for so long, and with nothing of ours, needs somebody to look at it.
const BUSY: Duration = Duration::from_secs(180);

/// A device, its journal and its watcher.
#[derive(Debug)]
pub(super) struct Spooled<D> {
    parts: Arc<Parts<D>>,
    _watcher: AbortOnDropHandle<()>,
}

/// How a device was when it was last looked at.
#[derive(Debug)]
enum Seen {
    It(Look),
    /// It does not answer, or not as a printer should: what staff are told.
    Away(Box<PrinterState>),
}

impl Seen {
    fn look(&self) -> Option<&Look> {
        match self {
            Self::It(look) => Some(look),
            Self::Away(_) => None,
        }
    }
}

#[derive(Debug)]
struct Parts<D> {
    device: D,
    journal: Journal,
    clock: Arc<dyn Clock>,
    /// One at a time: the device could not do more, and an order must not be begun twice.
    turn: Turn<()>,
    /// What the device said last.
    seen: Mutex<Seen>,
    /// Since when it says that it is busy, while nothing of ours is there.
    busy: Mutex<Option<Duration>>,
    /// It is stalled, and the booth may not tell it to go on.
    barred: AtomicBool,
    patience: Mutex<Patience>,
    state: watch::Sender<PrinterState>,
}

impl<D: Device> Spooled<D> {
    /// Puts a memory behind `device`. `new_roll` is how many sheets a new roll has, if that is
    /// known. Call it on a runtime: the watcher begins at once.
    pub(super) fn new(
        device: D,
        store: Store,
        clock: Arc<dyn Clock>,
        new_roll: Option<u32>,
    ) -> Self {
        let silence = Says::default();
        let unseen = PrinterState::new(device.name(), Condition::Gone, Vec::new(), &silence);
        let parts = Arc::new(Parts {
            journal: Journal::new(store, device.address().to_owned(), new_roll),
            device,
            clock,
            turn: Turn::default(),
            seen: Mutex::new(Seen::Away(Box::new(unseen.clone()))),
            busy: Mutex::default(),
            barred: AtomicBool::default(),
            patience: Mutex::default(),
            state: watch::Sender::new(unseen),
        });
        let watcher = tokio::spawn(watcher::run(Arc::downgrade(&parts)));
        Self {
            parts,
            _watcher: AbortOnDropHandle::new(watcher),
        }
    }
}

#[async_trait]
impl<D: Device> Printer for Spooled<D> {
    fn name(&self) -> &'static str {
        self.parts.device.name()
    }

    async fn submit(&self, order: &Order) -> Result<(), PrinterError> {
        let done = self.parts.submit(order).await;
        self.parts.tell().await;
        done
    }

    async fn status(&self, order: Uuid) -> Result<JobStatus, PrinterError> {
        let (status, changed) = self.parts.status(order).await?;
        if changed {
            self.parts.tell().await;
        }
        Ok(status)
    }

    async fn forget(&self, session: Uuid) -> Result<(), PrinterError> {
        let done = self.parts.forget(session).await;
        self.parts.tell().await;
        done
    }

    async fn give_up(&self, order: Uuid) -> Result<(), PrinterError> {
        Ok(self.parts.journal.give_up(order).await?)
    }

    async fn health(&self) -> Result<String, PrinterError> {
        let look = self.parts.look().await?;
        self.parts.tell().await;
        match look.needs.first() {
            Some(Need::Paper) => Err(PrinterError::OutOfPaper),
            Some(_) => {
                let said = self.state().staff.en;
                Err(PrinterError::Disconnected(std::io::Error::other(said)))
            }
            None => Ok(format!(
                "{} at {}",
                self.state().staff.en,
                self.parts.device.address()
            )),
        }
    }

    fn watch(&self) -> watch::Receiver<PrinterState> {
        self.parts.state.subscribe()
    }

    async fn roll_changed(&self, sheets: u32) -> Result<(), PrinterError> {
        if sheets == 0 {
            let reason = "a new roll has sheets".to_owned();
            return Err(PrinterError::Refused { reason });
        }
        self.parts.journal.set_roll(sheets, sheets).await?;
        self.parts.tell().await;
        Ok(())
    }

    async fn test_page(&self, order: Uuid) -> Result<(), PrinterError> {
        self.parts.journal.sweep_tests().await?;
        self.submit(&test_page::order(order)?).await
    }

    async fn settle(
        &self,
        order: Uuid,
        verdict: Verdict,
        found: Option<u32>,
    ) -> Result<(), PrinterError> {
        let journal = &self.parts.journal;
        let mut settled = journal.settle(order, verdict, found).await?;
        if settled == Settled::NotInDoubt && journal.settle_stray(order, verdict).await? {
            settled = Settled::Done;
        }
        self.parts.tell().await;
        let refused = |reason: &str| PrinterError::Refused {
            reason: reason.to_owned(),
        };
        match settled {
            Settled::Done => {}
            Settled::NotInDoubt => {
                return Err(refused("this order is not in doubt, or not in that way"));
            }
            Settled::TooMany => return Err(refused("the order has fewer sheets")),
        }
        self.parts.patience().is_forgiven(order);
        let is_test = |entry: &journal::Entry| entry.session.is_nil();
        let test = journal.entry(order).await?.filter(is_test);
        if test.is_some_and(|test| test.state == order::OrderState::Waiting) {
            // Nobody else hands it over.
            return self.submit(&test_page::order(order)?).await;
        }
        Ok(())
    }
}

impl<D: Device> Parts<D> {
    fn patience(&self) -> MutexGuard<'_, Patience> {
        self.patience.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the device and remembers what it saw.
    async fn look(&self) -> Result<Look, PrinterError> {
        let look = self.device.look().await;
        let seen = match &look {
            Ok(look) => Seen::It(look.clone()),
            Err(e) => Seen::Away(Box::new(PrinterState::away(self.device.name(), e))),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        look
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self) -> MutexGuard<'_, Option<Duration>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the device is, as it was last seen; `in_hand`: a job of ours is there. Jobs take `usual`.
    fn condition(&self, in_hand: bool, usual: Option<Duration>) -> PrinterState {
        let name = self.device.name();
        let now = self.clock.monotonic();
        let look = match &*self.seen() {
            Seen::It(look) => look.clone(),
            Seen::Away(state) => return (**state).clone(),
        };
        if look.needs.is_empty() && self.busy().is_some_and(|since| now >= since + BUSY) {
            let needs = vec![Need::Attention];
            return PrinterState::new(name, Condition::Needs, needs, &words::busy_too_long());
        }
        let barred = look.stalled && self.barred.load(Ordering::Relaxed);
        let barred = barred.then(|| words::may_not_wake(self.device.address()));
        let remark = barred.unwrap_or(look.remark);
        let waits = in_hand && self.patience().waits(&look.needs, usual, now);
        let stops = look.held || (in_hand && look.grave) || waits;
        let state = PrinterState::new(name, look.condition, look.needs, &remark);
        if stops { state } else { state.going_on() }
    }

    /// Tells those who watch what is known now.
    async fn tell(&self) {
        let summary = match self.journal.summary().await {
            Ok(summary) => summary,
            Err(e) => {
                tracing::error!(
                    error = &e as &dyn std::error::Error,
                    "the journal was not read"
                );
                return;
            }
        };
        let state = PrinterState {
            roll: summary.roll,
            doubtful: summary.doubtful,
            strays: summary.strays,
            partly_done: summary.partly_done,
            ..self.condition(summary.in_hand, summary.usual)
        };
        self.state.send_if_modified(|known| {
            let changed = *known != state;
            if changed {
                warn_of_roll(known, &state);
                *known = state;
            }
            changed
        });
    }
}

/// Says once in the log, and as a figure, how much paper is left.
fn warn_of_roll(before: &PrinterState, now: &PrinterState) {
    let Some(roll) = now.roll else { return };
    metrics::gauge!("easel_printer_sheets_left").set(f64::from(roll.left));
    let before = before.roll.and_then(|roll| roll.warning);
    if roll.warning.is_some() && roll.warning != before {
        tracing::warn!(sheets.left = roll.left, "the roll of paper nears its end");
    }
}
