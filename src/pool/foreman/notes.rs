//! What the journal should say of what was decided: whoever reads it the next morning was not there.

use uuid::Uuid;

use super::{AttemptNo, Foreman, Moment};
use crate::session::FailureCode;

/// Something that happened and that no order shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// An attempt has run out of time, or of signs of life, and is stopped.
    Abandoned {
        /// Its number.
        attempt: AttemptNo,
        /// What it was at.
        painting: Uuid,
        /// Where.
        server: usize,
        /// Why.
        says: String,
    },
    /// The stand-in paints.
    StoodIn {
        /// What.
        painting: Uuid,
        /// By whom, by its place in the rules.
        server: usize,
        /// In which style, by its place in the rules.
        style: usize,
        /// Why no server does.
        says: String,
    },
    /// What may have been painted, and billed, at a server will not be asked for any more.
    Lost {
        /// What.
        painting: Uuid,
        /// Where.
        server: usize,
        /// In which style, by its place in the rules.
        style: usize,
    },
}

impl Foreman {
    /// What the journal has not been told yet.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    pub(super) fn note_stand_in(
        &mut self,
        painting: Uuid,
        server: usize,
        style: usize,
        now: Moment,
    ) {
        let Some(job) = self.jobs.get(&painting) else {
            return;
        };
        let left = job.deadline.saturating_sub(now).as_secs();
        let late = self.is_late(job, now);
        let trouble = job.trouble.as_ref().map(|(code, says)| (*code, says));
        let says = match (trouble, late) {
            (Some((FailureCode::Moderated, says)), _) => {
                format!("{says}; no server is asked for it again")
            }
            (Some((_, says)), _) => {
                format!("{left} s are left, and the last attempt failed: {says}")
            }
            (None, true) => format!("{left} s are left, and no server is done"),
            (None, false) => format!("{left} s are left, and no server is to be had"),
        };
        self.notes.push(Note::StoodIn {
            painting,
            server,
            style,
            says,
        });
    }

    /// Takes a painting off the board. What may still come for it, and costs money, will not be
    /// asked for unless somebody is asking just now.
    pub(super) fn let_go(&mut self, painting: Uuid) -> Option<super::Job> {
        let job = self.jobs.remove(&painting)?;
        if let Some(unsure) = job.wanted.unsure {
            let asking = self.attempts.values();
            let asking = asking.filter(|a| a.painting == painting && a.server == unsure.server);
            if self.rules.servers[unsure.server].billed && asking.count() == 0 {
                self.notes.push(Note::Lost {
                    painting,
                    server: unsure.server,
                    style: job.wanted.style,
                });
            }
        }
        Some(job)
    }
}
