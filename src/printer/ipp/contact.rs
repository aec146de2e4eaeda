//! What is known of the time since a job was sent: whether the printer, or the program of a queue,
//! was there all the while.

use super::job::Seen;

/// How contact stood when a job was sent, and stands since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// How often it had been lost by then.
    losses: u64,
    /// The printer's own time, as last heard while contact had not been lost.
    whole_at: Option<i64>,
    no_history: bool,
}

/// What has become of contact since a job was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contact {
    /// It was sent by an earlier run of the booth.
    Unknown,
    /// It was never lost.
    Whole {
        /// The queue had said before that its printer forgets jobs.
        no_history: bool,
    },
    /// It was lost in between.
    Lost {
        /// The printer's own time, as last heard before.
        whole_at: Option<i64>,
        /// As above.
        no_history: bool,
    },
}

impl Sent {
    /// Contact had been lost so often when the job was sent.
    pub(super) fn new(losses: u64, no_history: bool) -> Self {
        Self {
            losses,
            whole_at: None,
            no_history,
        }
    }

    /// It has been lost so often by now; `up` is the printer's own time, heard just before.
    pub(super) fn is_now(&mut self, losses: u64, up: Option<i64>) -> Contact {
        let no_history = self.no_history;
        if losses == self.losses {
            self.whole_at = up.or(self.whole_at);
            return Contact::Whole { no_history };
        }
        let whole_at = self.whole_at;
        Contact::Lost {
            whole_at,
            no_history,
        }
    }
}

impl Contact {
    /// Whether the queue may have begun the job more often than once. `first` is when it began, as
    /// first heard.
    pub(super) fn may_have_begun_twice(self, first: Option<i64>, seen: &Seen) -> bool {
        let began_anew = first.is_some_and(|first| seen.begun_at != Some(first));
        match self {
            // What a queue tries again by itself it tries because nothing came of it.
            Self::Whole { .. } => false,
            Self::Unknown => began_anew,
            // Its times are whole seconds: both beginnings may lie within one.
            Self::Lost { whole_at, .. } => match first {
                Some(first) => began_anew || whole_at.is_none_or(|at| at <= first),
                None => seen.begun,
            },
        }
    }

    /// Whether what a queue notes of a job may be older than what it did with it. It writes its
    /// notes some time after the deed, half a minute by default; one that is killed before begins
    /// anew with what it had noted until then.
    pub(super) fn may_have_old_notes(self, seen: &Seen) -> bool {
        match self {
            Self::Whole { .. } => false,
            Self::Lost { .. } => true,
            Self::Unknown => seen.held_by_nobody,
        }
    }

    /// Whether the queue had said before the job that its printer forgets jobs.
    pub(super) fn had_no_history(self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Whole { no_history } | Self::Lost { no_history, .. } => no_history,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::ipp::identity::Identity;
    use crate::printer::spooled::Progress;

    fn seen(begun_at: Option<i64>) -> Seen {
        Seen {
            progress: Progress::Going,
            counted: None,
            begun: begun_at.is_some(),
            pending: false,
            held_by_nobody: false,
            begun_at,
            up: None,
            identity: Identity::Same,
        }
    }

    #[test]
    fn a_queue_that_ran_all_the_while_has_begun_what_it_began_once() {
        let mut sent = Sent::new(3, false);
        let contact = sent.is_now(3, Some(100));
        assert!(!contact.may_have_begun_twice(Some(90), &seen(Some(95))));
    }

    #[test]
    fn one_that_was_started_anew_has_begun_it_again_if_its_time_says_so_or_cannot_tell() {
        let mut sent = Sent::new(3, false);
        sent.is_now(3, Some(100));
        let lost = sent.is_now(4, Some(103));
        let twice = |first, seen_at| lost.may_have_begun_twice(first, &seen(seen_at));
        assert!(twice(Some(90), Some(102)) && twice(Some(90), None));
        // The second of its beginning was over when it still ran.
        assert!(!twice(Some(99), Some(99)));
        assert!(twice(Some(100), Some(100)), "both within one second");
        assert!(twice(None, Some(102)), "the first was not heard of");
        assert!(!twice(None, None), "it has not begun at all");
    }

    #[test]
    fn of_a_job_of_an_earlier_run_the_time_of_its_beginning_tells() {
        let twice = |first, at| Contact::Unknown.may_have_begun_twice(first, &seen(at));
        assert!(twice(Some(90), Some(95)));
        assert!(!twice(Some(90), Some(90)) && !twice(None, Some(95)));
    }
}
