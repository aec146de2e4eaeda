//! What is on the board: paintings to be painted, and attempts at them.

use std::time::Duration;

use uuid::Uuid;

use super::{AttemptNo, Moment, StyleRules};
use crate::pool::report::Why;
use crate::session::FailureCode;

/// A painting as it is put on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its id.
    pub painting: Uuid,
    /// Whose it is.
    pub visit: Uuid,
    /// The photo.
    pub capture: Uuid,
    /// Its style, by its place in the rules.
    pub style: usize,
    /// When it was asked for.
    pub asked: Moment,
    /// Whether the visitor agreed that the photo may go to a server that is not on site.
    pub offsite: bool,
    /// How many attempts an earlier run has used up; if all, no server is asked any more.
    pub failed: u32,
    /// An attempt of an earlier run that may still be coming, by its server.
    pub unsure: Option<Unsure>,
}

/// An attempt of which nobody knows whether it is still coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsure {
    /// Where it was sent.
    pub server: usize,
    /// How often that server was asked for it in vain.
    pub asked: u32,
}

/// A painting on the board.
#[derive(Debug, Clone)]
pub struct Job {
    /// What is wanted.
    pub wanted: Wanted,
    /// By when it must hang.
    pub deadline: Moment,
    /// When the next attempt may begin at the earliest.
    pub not_before: Moment,
    /// Attempts that have failed and count.
    pub failed: u32,
    /// Where attempts have failed, once for each.
    pub tried: Vec<usize>,
    /// Servers that broke while at it.
    pub killed: Vec<usize>,
    /// Servers that ran out of memory over it.
    pub out_of_memory: Vec<usize>,
    /// Whether a hedge was begun: one is enough.
    pub hedged: bool,
    /// How often the stand-in has failed it.
    pub stood_in: u32,
    /// Whether no server is asked any more.
    pub hopeless: bool,
    /// Whether only the painter in this program is asked any more: a server has refused it.
    pub here_only: bool,
    /// Whether nobody is asked any more.
    pub refused: bool,
    /// The newest trouble.
    pub trouble: Option<(FailureCode, String)>,
}

impl Job {
    pub(super) fn new(wanted: Wanted, style: &StyleRules, now: Moment) -> Self {
        let give_up = style.give_up;
        let hopeless = wanted.failed >= style.attempts;
        // After a restart the time may be over before it has begun: a third of it is always there.
        let deadline = (wanted.asked + give_up).max(now + give_up / 3);
        Self {
            failed: wanted.failed,
            wanted,
            deadline,
            not_before: now,
            tried: Vec::new(),
            killed: Vec::new(),
            out_of_memory: Vec::new(),
            hedged: false,
            stood_in: 0,
            hopeless,
            here_only: false,
            refused: false,
            trouble: None,
        }
    }

    /// How often it has failed at that server.
    pub(super) fn failures_at(&self, server: usize) -> usize {
        self.tried.iter().filter(|s| **s == server).count()
    }
}

/// An attempt that runs.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What it paints.
    pub painting: Uuid,
    /// For whom.
    pub visit: Uuid,
    /// Where.
    pub server: usize,
    /// In which style, by its place in the rules.
    pub style: usize,
    /// Why it was begun.
    pub why: Why,
    /// Whether a model has to be loaded first.
    pub cold: bool,
    /// When it began.
    pub began: Moment,
    /// When its time is up.
    pub until: Moment,
    /// When it was last heard of.
    pub heard: Option<Moment>,
    /// Whether its server tells of it, so that silence means something.
    pub telling: bool,
    /// Since when its server is done with it and free for others: the rest is ours to do.
    pub finished: Option<Moment>,
    /// How far it is, 0 to 1.
    pub share: f32,
    /// Since when it has been asked to stop.
    pub stopping: Option<Moment>,
}

impl Attempt {
    /// For how long it has run.
    pub fn elapsed(&self, now: Moment) -> Duration {
        now.saturating_sub(self.began)
    }

    /// How long its server has been silent that tells of its work, while it is at it.
    pub fn silent(&self, now: Moment) -> Option<Duration> {
        let since = self.heard.unwrap_or(self.began);
        let at_it = self.finished.is_none() && self.stopping.is_none();
        (self.telling && at_it).then(|| now.saturating_sub(since))
    }

    /// Whether it holds a seat at its server.
    pub(super) fn is_seated(&self) -> bool {
        self.finished.is_none()
    }
}

/// A numbered attempt, copied out of the board so that the board can be changed.
pub(super) type Numbered = (AttemptNo, Attempt);
