//! The state machine of one order, from its acceptance to its last sheet.
//!
//! What its jobs are doing is the other machine's matter ([`super::job`]): an order knows only
//! whether one is in hand.

use crate::printer::{Cause, Verdict};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderState {
    /// No job of it is in hand: it is to be handed over (again).
    Waiting,
    /// A job of it is in hand.
    Printing,
    /// Its last job ended, and nobody but a human can tell what came out.
    Doubtful,
    /// All sheets are out.
    Done,
    /// It will not be printed any further.
    Failed,
    /// Its visit is erased; the device is still to forget its jobs.
    Erasing,
    /// Its visit is erased, and a sheet of it may lie in the tray.
    Stray,
}

impl OrderState {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Waiting, "waiting"),
        (Self::Printing, "printing"),
        (Self::Doubtful, "doubtful"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Erasing, "erasing"),
        (Self::Stray, "stray"),
    ];

    /// An unknown word was written by a newer booth: what it means nobody here can tell.
    pub(super) fn of(word: &str) -> Self {
        let known = Self::ALL.iter().find(|(_, known)| *known == word);
        known.map_or(Self::Doubtful, |(state, _)| *state)
    }
}

/// What is known of the sheets of an order whose last job is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// Ordered.
    pub(super) sheets: u32,
    /// Out for certain, by jobs before this one.
    pub(super) certain: u32,
    /// Sheets of the job in doubt.
    pub(super) job: u32,
    /// Of these, out by the device's own count as last heard; `None`: it does not count.
    pub(super) counted: Option<u32>,
    /// When it was last heard it stood still for want of something, so that its count was whole.
    pub(super) stood: bool,
    /// Why it is in doubt.
    pub(super) cause: Option<Cause>,
}

impl Tally {
    /// How many sheets of the order are out, by what staff found in the tray. `found` is the
    /// number they counted; left out, the device's own count holds, and where it has none the
    /// verdict speaks of the job in doubt. `None`: there cannot be so many.
    pub(super) fn out(self, verdict: Verdict, found: Option<u32>) -> Option<u32> {
        let counted = self.counted.unwrap_or(0).min(self.job);
        let own = self.certain + counted;
        if let Some(found) = found {
            // What began twice may have come out twice.
            let twice = self.cause == Some(Cause::BegunTwice);
            let most = self.sheets + if twice { self.job } else { 0 };
            return (found <= most).then_some(found.max(self.certain));
        }
        match verdict {
            Verdict::CameOut if counted > 0 => Some(own),
            Verdict::CameOut if self.stood && self.counted.is_some() && self.certain > 0 => {
                Some(own)
            }
            Verdict::CameOut => Some(self.certain + self.job),
            // Somebody has looked, and one at least is not there.
            Verdict::PrintAgain => Some(own.min(self.certain + self.job.saturating_sub(1))),
            Verdict::NeverCame => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{CameOut, NeverCame, PrintAgain};

    const DOUBT: Tally = Tally {
        sheets: 3,
        certain: 1,
        job: 1,
        counted: None,
        stood: false,
        cause: Some(Cause::Forgotten),
    };

    #[test]
    fn a_number_is_taken_at_its_word_whatever_the_verdict() {
        for verdict in [CameOut, PrintAgain] {
            for found in 1..=3 {
                assert_eq!(DOUBT.out(verdict, Some(found)), Some(found));
            }
            // A visitor may have taken the first one away already.
            assert_eq!(DOUBT.out(verdict, Some(0)), Some(1));
            assert_eq!(DOUBT.out(verdict, Some(4)), None);
        }
        let twice = Tally {
            cause: Some(Cause::BegunTwice),
            ..DOUBT
        };
        assert_eq!(twice.out(CameOut, Some(4)), Some(4));
        assert_eq!(twice.out(CameOut, Some(5)), None);
    }

    #[test]
    fn without_a_number_the_devices_own_count_holds() {
        let counted = |counted| Tally {
            counted: Some(counted),
            ..DOUBT
        };
        assert_eq!(counted(1).out(CameOut, None), Some(2));
        let stood = Tally {
            stood: true,
            ..counted(0)
        };
        assert_eq!(stood.out(CameOut, None), Some(1), "one lies there, it says");
        assert_eq!(stood.out(PrintAgain, None), Some(1));
        // A job of several, as booths of before made them.
        let several = Tally {
            certain: 0,
            job: 3,
            ..counted(1)
        };
        assert_eq!(several.out(CameOut, None), Some(1));
        assert_eq!(several.out(PrintAgain, None), Some(1));
    }

    #[test]
    fn where_it_has_none_the_verdict_speaks_of_the_job_in_doubt() {
        assert_eq!(DOUBT.out(CameOut, None), Some(2));
        assert_eq!(DOUBT.out(PrintAgain, None), Some(1));
        let alone = Tally {
            sheets: 1,
            certain: 0,
            counted: Some(0),
            stood: true,
            ..DOUBT
        };
        assert_eq!(alone.out(CameOut, None), Some(1));
        assert_eq!(alone.out(PrintAgain, None), Some(0));
        // It counts what its filters have drawn; somebody who looked knows better.
        let drawn = Tally {
            counted: Some(1),
            ..alone
        };
        assert_eq!(drawn.out(PrintAgain, None), Some(0));
        assert_eq!(DOUBT.out(NeverCame, None), None);
    }
}
