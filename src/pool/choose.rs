//! Who paints next, and how long to wait after a failure: pure policy.

use std::time::Duration;

use crate::session::StyleId;

/// What settings say of a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleRules {
    /// Its id.
    pub id: StyleId,
    /// Generators by preference; `None` is any that paints it, in the order of settings.
    pub generators: Option<Vec<String>>,
    /// Attempts before it is given up.
    pub attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How long all attempts together may take, counted from the first.
    pub give_up: Duration,
}

/// Chooses among `free` generators (indices into `names`): not one that has just failed this
/// painting if there is another, then by the style's preference, then by the order of settings.
pub fn generator(
    rules: &StyleRules,
    names: &[&str],
    free: &[usize],
    tried: &[usize],
) -> Option<usize> {
    let failures = |i: usize| tried.iter().filter(|t| **t == i).count();
    let preference = |i: usize| {
        let preferred = rules.generators.as_ref();
        preferred
            .and_then(|ids| ids.iter().position(|id| id == names[i]))
            .unwrap_or(usize::MAX)
    };
    free.iter()
        .copied()
        .min_by_key(|&i| (failures(i), preference(i), i))
}

/// What becomes of a painting after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again after this long.
    Retry(Duration),
    /// Give it up.
    GiveUp,
}

/// Judges a failure: `failed` attempts so far, this one included, `spent` since the first began.
/// The wait doubles from half a second to eight; `jitter` (0 to 1) spreads it by a quarter, so that
/// many that failed together do not come back together.
pub fn after_failure(rules: &StyleRules, failed: u32, spent: Duration, jitter: f64) -> Verdict {
    const FIRST: Duration = Duration::from_millis(500);
    const MOST: Duration = Duration::from_secs(8);
    let doubled = FIRST
        .saturating_mul(1 << failed.saturating_sub(1).min(10))
        .min(MOST);
    let wait = doubled.mul_f64(0.75 + 0.5 * jitter.clamp(0.0, 1.0));
    if failed >= rules.attempts || spent + wait >= rules.give_up {
        Verdict::GiveUp
    } else {
        Verdict::Retry(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(generators: Option<&[&str]>) -> StyleRules {
        StyleRules {
            id: "renoir".into(),
            generators: generators.map(|g| g.iter().map(|s| (*s).to_owned()).collect()),
            attempts: 3,
            timeout: Duration::from_secs(60),
            give_up: Duration::from_secs(90),
        }
    }

    #[test]
    fn preference_orders_the_free_ones() {
        let names = ["a", "b", "c"];
        assert_eq!(generator(&rules(None), &names, &[0, 1, 2], &[]), Some(0));
        assert_eq!(
            generator(&rules(Some(&["c", "a"])), &names, &[0, 1, 2], &[]),
            Some(2)
        );
        assert_eq!(
            generator(&rules(Some(&["c", "a"])), &names, &[0, 1], &[]),
            Some(0)
        );
        assert_eq!(generator(&rules(None), &names, &[], &[]), None);
    }

    #[test]
    fn who_has_failed_is_asked_last() {
        let names = ["a", "b"];
        assert_eq!(generator(&rules(None), &names, &[0, 1], &[0]), Some(1));
        assert_eq!(generator(&rules(None), &names, &[0, 1], &[0, 1]), Some(0));
        assert_eq!(generator(&rules(None), &names, &[0], &[0]), Some(0));
    }

    #[test]
    fn the_third_failure_is_the_last() {
        let now = Duration::ZERO;
        assert_eq!(
            after_failure(&rules(None), 1, now, 0.5),
            Verdict::Retry(Duration::from_millis(500))
        );
        assert_eq!(
            after_failure(&rules(None), 2, now, 0.5),
            Verdict::Retry(Duration::from_secs(1))
        );
        assert_eq!(after_failure(&rules(None), 3, now, 0.5), Verdict::GiveUp);
    }

    #[test]
    fn patience_ends_before_attempts_do() {
        let spent = Duration::from_millis(89_800);
        assert_eq!(after_failure(&rules(None), 1, spent, 0.0), Verdict::GiveUp);
    }

    #[test]
    fn no_count_of_failures_overflows_the_wait() {
        let mut patient = rules(None);
        (patient.attempts, patient.give_up) = (u32::MAX, Duration::MAX / 2);
        for failed in [1, 40, u32::MAX - 1] {
            let Verdict::Retry(wait) = after_failure(&patient, failed, Duration::ZERO, 1.0) else {
                panic!("there are attempts left");
            };
            assert!(wait <= Duration::from_secs(10), "{wait:?}");
        }
    }
}
