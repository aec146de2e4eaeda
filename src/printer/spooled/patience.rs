//! How long one order may hold up those behind it, at a device that is well.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

/// A job that stands still for so long, at a device that needs nothing, will not go on by itself.
/// CUPS holds a job that is to be tried again for half a minute.
const STANDS: Duration = Duration::from_secs(60);
/// So many times in a row a job may end before it begins.
const STUMBLES: u32 = 5;

/// What is remembered of orders that do not come on. Times are those of a clock that only counts.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Jobs that stand still, by name: since when.
    standing: BTreeMap<String, Duration>,
    stumbled: Option<Stumbled>,
}

/// An order whose job ended unprinted. One at a time: the next one has the line to itself.
#[derive(Debug)]
struct Stumbled {
    order: Uuid,
    times: u32,
    not_before: Duration,
}

impl Patience {
    /// A job stands still: whether it has done so for too long.
    pub(super) fn is_over(&mut self, job: &str, now: Duration) -> bool {
        // Nobody asks after a job that was erased.
        let recent = now.saturating_sub(STANDS * 2);
        self.standing
            .retain(|name, since| name == job || *since > recent);
        let since = *self.standing.entry(job.to_owned()).or_insert(now);
        now.saturating_sub(since) >= STANDS
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

    #[test]
    fn a_job_may_stand_for_a_minute_and_each_job_by_itself() {
        let mut patience = Patience::default();
        assert!(!patience.is_over("a", S));
        assert!(!patience.is_over("b", 30 * S));
        assert!(!patience.is_over("a", 60 * S));
        assert!(patience.is_over("a", 61 * S));
        assert!(!patience.is_over("b", 61 * S));
        patience.is_renewed("a");
        assert!(!patience.is_over("a", 62 * S));
        assert!(patience.is_over("b", 90 * S));
        // What was erased is not kept in mind.
        assert!(!patience.is_over("c", 999 * S));
        assert_eq!(patience.standing.len(), 1);
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
