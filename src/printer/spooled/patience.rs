//! How long one order may hold up those behind it, at a device that is well.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use super::{Heard, Progress};
use crate::printer::Need;

/// A job that stands still for so long, at a device that needs nothing, will not go on by itself.
/// CUPS holds a job that is to be tried again for half a minute.
const STANDS: Duration = Duration::from_secs(60);
/// The longest that a job may be under way at a device that has no history.
const UNKNOWN: Duration = Duration::from_secs(180);
/// At one that has, a job may take so many times as long as they do there,
const TIMES: u32 = 5;
/// within these bounds: a machine may be busy, and nobody waits for a quarter of an hour.
const SHORTEST: Duration = Duration::from_secs(90);
const LONGEST: Duration = Duration::from_secs(900);
/// What a device needed before it was given a job need not stop that job, unless the job takes longer
/// than this and than jobs do there.
const PRINTS_ON: Duration = Duration::from_secs(10);
/// A device that is told to cancel a job may take so long.
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// So many times in a row a job may end before it begins.
const STUMBLES: u32 = 5;

/// What is remembered of orders that do not come on. Times are those of a clock that only counts.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Jobs that do not come on, by name: as what, and since when.
    standing: BTreeMap<String, (Mark, Duration)>,
    stumbled: Option<Stumbled>,
    /// What the device needed when it was given the job in hand, and has needed ever since.
    needed: Vec<Need>,
    /// Since when the job in hand is at a device that needs something.
    waits: Option<Duration>,
}

/// An order whose job ended unprinted. One at a time: the next one has the line to itself.
#[derive(Debug)]
struct Stumbled {
    order: Uuid,
    times: u32,
    not_before: Duration,
}

/// By what it is seen that a job comes on: it is another one then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It stands still.
    Stuck,
    /// It is under way: sheets out and time of its beginning.
    Going(Option<u32>, Option<i64>),
    /// What came of it is not certain any more.
    Unsure,
}

impl Mark {
    /// `None`: it has ended.
    pub(super) fn of(heard: &Heard) -> Option<Self> {
        match heard.progress {
            Progress::Stuck { .. } => Some(Self::Stuck),
            Progress::Going | Progress::Empty => Some(Self::Going(heard.counted, heard.begun)),
            Progress::Unsure { .. } => Some(Self::Unsure),
            Progress::Done
            | Progress::Unprinted { .. }
            | Progress::Broken { .. }
            | Progress::Lost => None,
        }
    }
}

/// For how long a job has not come on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing(Duration);

impl Standing {
    /// Whether it matters how long jobs usually take.
    pub(super) fn may_be_long(self) -> bool {
        self.0 >= SHORTEST
    }

    /// For how long it should have ended; `None` if it may go on. Jobs take `usual` there.
    pub(super) fn overdue(self, progress: &Progress, usual: Option<Duration>) -> Option<Duration> {
        let bound = match progress {
            _ if progress.is_hopeless() => Duration::ZERO,
            Progress::Stuck { .. } => STANDS,
            _ => usual.map_or(UNKNOWN, |usual| (usual * TIMES).clamp(SHORTEST, LONGEST)),
        };
        self.0.checked_sub(bound)
    }
}

impl Patience {
    /// A job does not come on: for how long.
    pub(super) fn stands(&mut self, job: &str, mark: Mark, now: Duration) -> Standing {
        // Nobody asks after a job that was erased.
        let recent = now.saturating_sub(LONGEST * 2);
        self.standing
            .retain(|name, (_, since)| name == job || *since > recent);
        let (known, since) = self.standing.entry(job.to_owned()).or_insert((mark, now));
        if *known != mark {
            (*known, *since) = (mark, now);
        }
        Standing(now.saturating_sub(*since))
    }

    /// A job is about to be given to a device that `needs` this now.
    pub(super) fn begins(&mut self, needs: &[Need]) {
        self.needed = needs.to_vec();
        self.waits = None;
    }

    /// Whether what the device `needs` stops the job in hand: what it did not need before does, and
    /// all else once the job takes longer than it `usually` does.
    pub(super) fn waits(
        &mut self,
        needs: &[Need],
        usually: Option<Duration>,
        now: Duration,
    ) -> bool {
        self.needed.retain(|need| needs.contains(need));
        if needs.is_empty() {
            self.waits = None;
            return false;
        }
        let since = *self.waits.get_or_insert(now);
        let patience = usually.unwrap_or_default().clamp(PRINTS_ON, LONGEST);
        needs.iter().any(|need| !self.needed.contains(need)) || now >= since + patience
    }

    /// A job goes on, or the device says why it does not.
    pub(super) fn is_renewed(&mut self, job: &str) {
        self.standing.remove(job);
    }

    /// A job ended before it began. Whether another may be tried for the order, after a rest that
    /// doubles each time: 2 s, 4 s, 8 s, 16 s.
    pub(super) fn may_stumble(&mut self, order: Uuid, now: Duration) -> bool {
        let before = self.stumbled.as_ref().filter(|s| s.order == order);
        let times = before.map_or(0, |s| s.times) + 1;
        let not_before = now + Duration::from_secs(1 << times.min(STUMBLES));
        self.stumbled = Some(Stumbled {
            order,
            times,
            not_before,
        });
        times < STUMBLES
    }

    /// Whether that rest is over.
    pub(super) fn may_begin(&self, order: Uuid, now: Duration) -> bool {
        let rests = |s: &Stumbled| s.order == order && now < s.not_before;
        !self.stumbled.as_ref().is_some_and(rests)
    }

    /// A sheet of that order came out, or staff want it tried again.
    pub(super) fn is_forgiven(&mut self, order: Uuid) {
        self.stumbled.take_if(|s| s.order == order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn stuck(for_good: bool) -> Progress {
        Progress::Stuck {
            for_good,
            reason: String::new(),
        }
    }

    #[test]
    fn each_job_is_watched_by_itself_and_anew_when_it_comes_on() {
        let mut patience = Patience::default();
        assert_eq!(patience.stands("a", Mark::Stuck, S).0, Duration::ZERO);
        assert_eq!(patience.stands("b", Mark::Stuck, 30 * S).0, Duration::ZERO);
        assert_eq!(patience.stands("a", Mark::Stuck, 61 * S).0, 60 * S);
        assert_eq!(patience.stands("b", Mark::Stuck, 61 * S).0, 31 * S);
        let one = Mark::Going(Some(1), None);
        assert_eq!(patience.stands("b", one, 62 * S).0, Duration::ZERO);
        assert_eq!(patience.stands("b", one, 63 * S).0, S);
        patience.is_renewed("a");
        assert_eq!(patience.stands("a", Mark::Stuck, 64 * S).0, Duration::ZERO);
        // What was erased is not kept in mind.
        patience.stands("c", Mark::Stuck, 9_999 * S);
        assert_eq!(patience.standing.len(), 1);
    }

    #[test]
    fn every_state_is_bounded_by_what_the_printer_usually_takes() {
        let overdue = |seconds: u32, progress: &Progress, usual: Option<u32>| {
            Standing(seconds * S).overdue(progress, usual.map(|usual| usual * S))
        };
        assert_eq!(overdue(59, &stuck(false), None), None);
        assert_eq!(overdue(61, &stuck(false), None), Some(S));
        assert_eq!(overdue(0, &stuck(true), None), Some(Duration::ZERO));
        let unsure = Progress::Unsure {
            cause: crate::printer::Cause::BegunTwice,
        };
        assert_eq!(overdue(0, &unsure, None), Some(Duration::ZERO));
        for under_way in [Progress::Going, Progress::Empty] {
            assert_eq!(overdue(179, &under_way, None), None);
            assert!(overdue(180, &under_way, None).is_some());
            assert_eq!(overdue(99, &under_way, Some(20)), None);
            assert!(overdue(100, &under_way, Some(20)).is_some());
            assert_eq!(overdue(89, &under_way, Some(1)), None, "it may be busy");
            assert!(overdue(900, &under_way, Some(600)).is_some());
        }
        assert!(!Standing(89 * S).may_be_long() && Standing(90 * S).may_be_long());
    }

    #[test]
    fn a_need_of_before_is_the_jobs_own_once_the_job_is_late() {
        let mut patience = Patience::default();
        let paper = [Need::Paper];
        patience.begins(&paper);
        assert!(!patience.waits(&paper, None, S) && !patience.waits(&paper, None, 10 * S));
        assert!(patience.waits(&paper, None, 11 * S));
        // It came out all the same; and at a slow printer nothing is late so soon.
        patience.begins(&paper);
        assert!(!patience.waits(&paper, Some(20 * S), 12 * S));
        assert!(!patience.waits(&paper, Some(20 * S), 31 * S));
        assert!(patience.waits(&paper, Some(20 * S), 32 * S));
        // What came to an end in between is no longer of before.
        patience.begins(&paper);
        assert!(!patience.waits(&[], None, 40 * S));
        assert!(patience.waits(&paper, None, 41 * S));
    }

    #[test]
    fn a_need_that_arises_with_the_job_is_the_jobs_own_at_once() {
        let mut patience = Patience::default();
        patience.begins(&[Need::Paper]);
        assert!(!patience.waits(&[Need::Paper], None, S));
        assert!(patience.waits(&[Need::JamCleared, Need::Paper], None, S));
        // Of a job that an earlier run has begun nothing is known.
        assert!(Patience::default().waits(&[Need::Paper], None, S));
    }

    #[test]
    fn rests_double_and_the_fifth_time_is_the_last() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut patience = Patience::default();
        assert!(patience.may_begin(one, Duration::ZERO));
        let mut now = Duration::ZERO;
        for rest in [2, 4, 8, 16] {
            assert!(patience.may_stumble(one, now));
            assert!(!patience.may_begin(one, now + (rest - 1) * S), "{rest}");
            assert!(patience.may_begin(two, now), "others need not rest");
            now += rest * S;
            assert!(patience.may_begin(one, now), "{rest}");
        }
        assert!(!patience.may_stumble(one, now));
        patience.is_forgiven(one);
        assert!(patience.may_begin(one, now) && patience.may_stumble(one, now));
    }
}
