//! The state machine of one job at a device: one sheet, from its making to its end.

use crate::printer::Cause;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    /// It may be at the device, without a document: it can print nothing.
    Preparing,
    /// It is at the device; its document may be.
    Delivering,
    /// The device has all of it.
    Taken,
    /// It came out.
    Printed,
    /// It ended before it could begin.
    Unprinted,
    /// It ended, and what came out is not certain.
    Uncertain,
    /// Staff have counted what came out.
    Counted,
}

impl JobState {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Preparing, "preparing"),
        (Self::Delivering, "delivering"),
        (Self::Taken, "taken"),
        (Self::Printed, "printed"),
        (Self::Unprinted, "unprinted"),
        (Self::Uncertain, "uncertain"),
        (Self::Counted, "counted"),
    ];

    pub(super) fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(state, _)| *state == self);
        known.map_or("", |(_, word)| word)
    }

    /// An unknown word was written by a newer booth: what it means nobody here can tell.
    pub(super) fn of(word: &str) -> Self {
        let known = Self::ALL.iter().find(|(_, known)| *known == word);
        known.map_or(Self::Uncertain, |(state, _)| *state)
    }

    /// Whether a sheet of it may yet come out, or lie in the tray uncounted.
    pub(super) fn may_come_out(self) -> bool {
        matches!(self, Self::Delivering | Self::Taken | Self::Uncertain)
    }
}

/// A job as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// Which of the order's jobs it is.
    pub(super) attempt: u32,
    /// Which printer it is at.
    pub(super) printer: String,
    /// The device's number of it, once it has one.
    pub(super) id: Option<i64>,
    /// Sheets. Booths of before made jobs of several.
    pub(super) sheets: u32,
    /// Sheets out by the device's own count, as last heard; `None`: it does not count.
    pub(super) counted: Option<u32>,
    pub(super) state: JobState,
    /// When its document was first sent, in milliseconds of the booth's time.
    pub(super) sent: Option<i64>,
    /// When it began, by the device's own clock, as first heard.
    pub(super) begun: Option<i64>,
    /// When the device had been started, in milliseconds of the booth's time, as first heard.
    pub(super) started: Option<i64>,
    /// When it was last heard the device stood still for want of something.
    pub(super) stood: bool,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// All of it is out.
    Printed,
    /// It ended before it could begin; its order waits for another, or fails for this cause.
    Unprinted {
        /// Why, if no other job is to be made.
        fails: Option<Cause>,
        /// In the device's words.
        remark: String,
    },
    /// What came out is not certain.
    Uncertain {
        /// Why.
        cause: Cause,
        /// In the device's words.
        remark: String,
    },
}
