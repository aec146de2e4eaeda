//! What a bare device is asked, and what it answers: one job of one sheet at a time.

use std::fmt::Debug;

use async_trait::async_trait;

use super::roll::Levels;
use crate::printer::{Cause, Condition, Need, Page, PrinterError, Says};

/// What a device says when it is looked at.
#[derive(Debug, Clone)]
pub(in crate::printer) struct Look {
    /// In a word.
    pub(in crate::printer) condition: Condition,
    /// What it waits for.
    pub(in crate::printer) needs: Vec<Need>,
    /// Its own sentence, for staff; may be empty.
    pub(in crate::printer) remark: Says,
    /// Nothing should be handed to it now: it would only lie there.
    pub(in crate::printer) held: bool,
    /// It says itself that what it needs stops it.
    pub(in crate::printer) grave: bool,
    /// It was stopped, by a fault or by a person, and can be told to go on.
    pub(in crate::printer) stalled: bool,
    /// It has no job in hand, so that what it says it needs is of before.
    pub(in crate::printer) idle: bool,
    /// Its settings stop it at the first fault, until somebody tells it to go on.
    pub(in crate::printer) stops_for_good: bool,
    /// What it says of its paper.
    pub(in crate::printer) levels: Levels,
}

/// A job that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::printer) struct Made {
    /// The device's number of it.
    pub(in crate::printer) id: i64,
    /// When the device had been started, in milliseconds of the booth's time, if it says so.
    pub(in crate::printer) started: Option<i64>,
}

/// A job at a device, as far as the device needs to know it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::printer) struct Memo {
    /// The device's number of it.
    pub(in crate::printer) id: i64,
    /// Names the job for good: tells it from another that has its number now.
    pub(in crate::printer) name: String,
    /// The device has all of it.
    pub(in crate::printer) taken: bool,
    /// When its document was first sent, in milliseconds of the booth's time.
    pub(in crate::printer) sent: Option<i64>,
    /// When it began, by the device's own clock.
    pub(in crate::printer) begun: Option<i64>,
    /// When the device had been started, in milliseconds of the booth's time.
    pub(in crate::printer) started: Option<i64>,
    /// When it was last heard the device stood still for want of something.
    pub(in crate::printer) stood: bool,
}

impl Memo {
    /// A job that had no document before `now`, in milliseconds of the booth's time.
    pub(in crate::printer) fn empty(made: Made, name: &str, now: i64) -> Self {
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
pub(in crate::printer) struct Heard {
    /// How far it is.
    pub(in crate::printer) progress: Progress,
    /// Sheets of it that are out by the device's own count, if it counts.
    pub(in crate::printer) counted: Option<u32>,
    /// As in [`Memo`].
    pub(in crate::printer) begun: Option<i64>,
    /// As in [`Memo`].
    pub(in crate::printer) started: Option<i64>,
    /// The device stands still for want of something.
    pub(in crate::printer) stands: bool,
}

impl Heard {
    /// No more than how far it is; what was known of the job stays known.
    pub(in crate::printer) fn only(progress: Progress, memo: Option<&Memo>) -> Self {
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
pub(in crate::printer) enum Progress {
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
    pub(super) fn is_hopeless(&self) -> bool {
        matches!(
            self,
            Self::Unsure { .. } | Self::Stuck { for_good: true, .. }
        )
    }
}

/// Why a document was not delivered.
#[derive(Debug)]
pub(in crate::printer) enum Undelivered {
    /// Not a byte of it got there.
    Nothing(PrinterError),
    /// Some of it may have.
    Unsure(PrinterError),
}

/// What a delivery came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::printer) enum Delivered {
    /// The device has it: follow it.
    Taken,
    /// It is out already.
    Printed,
}

/// What comes of a job that was to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::printer) enum Left {
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
pub(in crate::printer) enum Woken {
    /// It was told.
    Told,
    /// Others may tell it, the booth may not.
    Forbidden,
}

/// A printer without a memory of its own. One job at a time.
#[async_trait]
pub(in crate::printer) trait Device: Send + Sync + Debug + 'static {
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
