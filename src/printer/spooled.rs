//! A printer with a memory: what turns a bare device into the promise of [`Printer`].
//!
//! An order is a line of jobs of one sheet each, so that a doubt is never about more than one. A
//! device is told to print in two steps. `prepare` makes a job that has no document yet and so
//! prints nothing, whatever becomes of it; `deliver` gives it its document. The journal notes each
//! step before it is taken, so that after any death the device can be asked about the one job that
//! may exist, and nothing is sent twice. What even the device cannot tell is left to staff.

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

use super::{Cause, Condition, JobStatus, Need, Order, Page, Printer, PrinterError};
use super::{PrinterState, Says, Verdict, test_page, words};
use crate::clock::Clock;
use crate::store::Store;
use journal::{Journal, Settled};
use patience::Patience;

pub(super) use roll::Levels;

/// A device that is busy for so long, and with nothing of ours, needs somebody to look at it.
const BUSY: Duration = Duration::from_secs(180);

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
    /// It says itself that what it needs stops it.
    pub(super) grave: bool,
    /// It was stopped, by a fault or by a person, and can be told to go on.
    pub(super) stalled: bool,
    /// It has no job in hand, so that what it says it needs is of before.
    pub(super) idle: bool,
    /// Its settings stop it at the first fault, until somebody tells it to go on.
    pub(super) stops_for_good: bool,
    /// What it says of its paper.
    pub(super) levels: Levels,
}

/// A job that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    /// The device's number of it.
    pub(super) id: i64,
    /// When the device had been started, in milliseconds of the booth's time, if it says so.
    pub(super) started: Option<i64>,
}

/// A job at a device, as far as the device needs to know it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memo {
    /// The device's number of it.
    pub(super) id: i64,
    /// Names the job for good: tells it from another that has its number now.
    pub(super) name: String,
    /// The device has all of it.
    pub(super) taken: bool,
    /// When its document was first sent, in milliseconds of the booth's time.
    pub(super) sent: Option<i64>,
    /// When it began, by the device's own clock.
    pub(super) begun: Option<i64>,
    /// When the device had been started, in milliseconds of the booth's time.
    pub(super) started: Option<i64>,
    /// When it was last heard the device stood still for want of something.
    pub(super) stood: bool,
}

impl Memo {
    /// A job that had no document before `now`, in milliseconds of the booth's time.
    pub(super) fn empty(made: Made, name: &str, now: i64) -> Self {
        Self {
            id: made.id,
            name: name.to_owned(),
            taken: false,
            sent: Some(now),
            begun: None,
            started: made.started,
            stood: false,
        }
    }
}

/// What a device says of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// How far it is.
    pub(super) progress: Progress,
    /// Sheets of it that are out by the device's own count, if it counts.
    pub(super) counted: Option<u32>,
    /// As in [`Memo`].
    pub(super) begun: Option<i64>,
    /// As in [`Memo`].
    pub(super) started: Option<i64>,
    /// The device stands still for want of something.
    pub(super) stands: bool,
}

impl Heard {
    /// No more than how far it is; what was known of the job stays known.
    pub(super) fn only(progress: Progress, memo: Option<&Memo>) -> Self {
        Self {
            progress,
            counted: None,
            begun: memo.and_then(|memo| memo.begun),
            started: memo.and_then(|memo| memo.started),
            stands: false,
        }
    }
}

/// How far a job is, as far as the device can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Progress {
    /// It is there and has no document yet.
    Empty,
    /// It waits, or prints.
    Going,
    /// It stands still, and perhaps not for paper.
    Stuck {
        /// Nothing will make it go on.
        for_good: bool,
        /// In the device's words.
        reason: String,
    },
    /// It is there, and what came of it is not certain any more: it is to be cancelled, for it
    /// might print a sheet too many.
    Unsure {
        /// Why.
        cause: Cause,
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
        /// Why.
        cause: Cause,
        /// In the device's words.
        reason: String,
    },
    /// The device knows nothing of it (any more).
    Lost,
}

impl Progress {
    /// Whether waiting for it makes it no better.
    fn is_hopeless(&self) -> bool {
        matches!(
            self,
            Self::Unsure { .. } | Self::Stuck { for_good: true, .. }
        )
    }
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

    /// Makes a job of one sheet without a document, or finds the one of that name.
    async fn prepare(&self, name: &str, page: &Page) -> Result<Made, PrinterError>;

    /// Gives the job its document.
    async fn deliver(&self, job: &Memo, page: &Page) -> Result<Delivered, Undelivered>;

    /// How far that job is.
    async fn progress(&self, job: &Memo) -> Result<Heard, PrinterError>;

    /// Cancels that job if it is not done, and has the device forget it.
    async fn erase(&self, job: &Memo) -> Result<Left, PrinterError>;

    /// Tells a stalled device to go on.
    async fn wake(&self) -> Result<Woken, PrinterError>;
}

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
