//! A printer with a memory: what turns a bare device into the promise of [`Printer`].
//!
//! A device is told to print in two steps. `prepare` makes a job that has no document yet and so
//! prints nothing, whatever becomes of it; `deliver` gives it its document. The journal notes each
//! step before it is taken, so that after any death the device can be asked about the one job that
//! may exist, and nothing is sent twice. What even the device cannot tell is left to staff.

mod journal;
mod patience;
mod printing;
mod roll;
mod trials;
mod watcher;

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Mutex as Turn, watch};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{Condition, JobStatus, Need, Order, Page, Printer, PrinterError};
use super::{PrinterState, Says, Verdict, test_page, words};
use crate::clock::Clock;
use crate::store::Store;
use journal::Journal;
use patience::Patience;

pub(super) use roll::Levels;

/// What a device says when it is looked at.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// In a word.
    pub(super) condition: Condition,
    /// What it waits for.
    pub(super) needs: Vec<Need>,
    /// Its own sentence, for staff; may be empty.
    pub(super) remark: Says,
    /// Nothing should be handed to it now: it would only lie there.
    pub(super) held: bool,
    /// It was stopped, by a fault or by a person, and can be told to go on.
    pub(super) stalled: bool,
    /// Its settings stop it at the first fault, until somebody tells it to go on.
    pub(super) stops_for_good: bool,
    /// What it says of its paper.
    pub(super) levels: Levels,
    /// The most sheets one job may have.
    pub(super) most_copies: u32,
}

/// A job to be made at a device.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// Names the job for good, at the device too.
    pub(super) name: String,
    /// Sheets.
    pub(super) copies: u32,
}

/// How far a job is, as far as the device can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Progress {
    /// It is there and has no document yet.
    Empty,
    /// It waits, or prints.
    Going {
        /// Sheets that are out.
        sheets: u32,
    },
    /// It stands still, and perhaps not for paper.
    Stuck {
        /// Sheets that are out.
        sheets: u32,
        /// Nothing will make it go on.
        for_good: bool,
        /// In the device's words.
        reason: String,
    },
    /// All sheets are out.
    Done,
    /// It ended before its first sheet could begin.
    Unprinted {
        /// Somebody cancelled it, so that it should not be sent again.
        cancelled: bool,
        /// In the device's words.
        reason: String,
    },
    /// It ended in between: nobody can tell what came out.
    Broken {
        /// In the device's words.
        reason: String,
    },
    /// The device knows nothing of it (any more).
    Lost,
}

/// Why a document was not delivered.
#[derive(Debug)]
pub(super) enum Undelivered {
    /// Not a byte of it got there.
    Nothing(PrinterError),
    /// Some of it may have.
    Unsure(PrinterError),
}

/// What a delivery came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// The device has it: follow it.
    Taken,
    /// It is out already.
    Printed,
}

/// What comes of a job that was to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// No sheet: it had not begun.
    Nothing,
    /// It has begun and is told to stop: ask again.
    Stopping,
    /// It had begun, and nobody can tell how far it came.
    Perhaps,
    /// All of its sheets.
    All,
}

/// Whether a device goes on as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// It was told.
    Told,
    /// Others may tell it, the booth may not.
    Forbidden,
}

/// A printer without a memory of its own. One job at a time.
#[async_trait]
pub(super) trait Device: Send + Sync + Debug + 'static {
    /// The driver's word.
    fn name(&self) -> &'static str;

    /// Which printer this is: jobs of another one are not looked for here.
    fn address(&self) -> &str;

    /// How it is.
    async fn look(&self) -> Result<Look, PrinterError>;

    /// Whether there is a form of the page that it takes, in words if not.
    fn takes(&self, page: &Page) -> Result<(), String>;

    /// Makes a job without a document, or finds the one of that name; a number to know it by.
    async fn prepare(&self, task: &Task, page: &Page) -> Result<i64, PrinterError>;

    /// Gives the job its document.
    async fn deliver(&self, job: i64, task: &Task, page: &Page) -> Result<Delivered, Undelivered>;

    /// How far that job is. `name` tells it from another that has its number now.
    async fn progress(&self, job: i64, name: &str) -> Result<Progress, PrinterError>;

    /// Cancels that job if it is not done, and has the device forget it.
    async fn erase(&self, job: i64, name: &str) -> Result<Left, PrinterError>;

    /// Tells a stalled device to go on.
    async fn wake(&self) -> Result<Woken, PrinterError>;
}

/// A device, its journal and its watcher.
#[derive(Debug)]
pub(super) struct Spooled<D> {
    parts: Arc<Parts<D>>,
    _watcher: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Parts<D> {
    device: D,
    journal: Journal,
    clock: Arc<dyn Clock>,
    /// One at a time: the device could not do more, and an order must not be begun twice.
    turn: Turn<()>,
    /// What the device said last; `None` while it does not answer.
    seen: Mutex<Option<Look>>,
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
            seen: Mutex::default(),
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
            Some(Need::Paper) => Err(PrinterError::OutOfPaper(None)),
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

    async fn settle(&self, order: Uuid, verdict: Verdict) -> Result<(), PrinterError> {
        let journal = &self.parts.journal;
        let entry = journal.entry(order).await?;
        let settled =
            journal.settle(order, verdict).await? || journal.settle_stray(order, verdict).await?;
        self.parts.tell().await;
        if !settled {
            let reason = "this order is not in doubt, or not in that way".to_owned();
            return Err(PrinterError::Refused { reason });
        }
        self.parts.patience().is_forgiven(order);
        let is_test = entry.is_some_and(|entry| entry.session.is_nil());
        if is_test && verdict == Verdict::PrintAgain {
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
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = look.as_ref().ok().cloned();
        look
    }

    /// Tells those who watch what is known now.
    async fn tell(&self) {
        let seen = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let name = self.device.name();
        let mut state = match seen {
            Some(look) => {
                let barred = look.stalled && self.barred.load(Ordering::Relaxed);
                let barred = barred.then(|| words::may_not_wake(self.device.address()));
                let remark = barred.unwrap_or(look.remark);
                PrinterState::new(name, look.condition, look.needs, &remark)
            }
            None => PrinterState::new(name, Condition::Gone, Vec::new(), &Says::default()),
        };
        match self.journal.summary().await {
            Ok(summary) => {
                state.roll = summary.roll;
                state.doubtful = summary.doubtful;
                state.strays = summary.strays;
            }
            Err(e) => {
                tracing::error!(
                    error = &e as &dyn std::error::Error,
                    "the journal was not read"
                );
                return;
            }
        }
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
