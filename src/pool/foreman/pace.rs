//! How long a server takes for a style, learned from what it took: the one source for choosing,
//! hedging, the watchdog and what visitors are told.

use std::collections::VecDeque;
use std::time::Duration;

/// Weight of the newest measurement in the moving mean.
const NEWEST: f64 = 0.3;
/// How many measurements the 95th percentile looks back on.
const KEPT: usize = 64;
/// From how many measurements on the percentile is one; below, it is a guess from the mean.
const ENOUGH: usize = 8;
/// A warm server is not called late before this much more than its mean has passed, however
/// even its times were so far.
const SLACK: f64 = 1.25;

/// What is known of one server at one style.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    warm: Option<Duration>,
    cold: Option<Duration>,
    recent: VecDeque<Duration>,
    measured: u32,
}

impl Pace {
    /// A pace known from earlier runs.
    pub fn remembered(warm: Duration) -> Self {
        Self {
            warm: Some(warm),
            ..Self::default()
        }
    }

    /// A painting took so long; `cold`: the model had to be loaded first.
    pub fn note(&mut self, took: Duration, cold: bool) {
        self.measured = self.measured.saturating_add(1);
        let mean = if cold { &mut self.cold } else { &mut self.warm };
        *mean = Some(match *mean {
            Some(old) => old.mul_f64(1.0 - NEWEST) + took.mul_f64(NEWEST),
            None => took,
        });
        if !cold {
            if self.recent.len() == KEPT {
                self.recent.pop_front();
            }
            self.recent.push_back(took);
        }
    }

    /// The moving mean with the model loaded.
    pub fn warm(&self) -> Option<Duration> {
        self.warm
    }

    /// The moving mean where it had to be loaded first.
    pub fn cold(&self) -> Option<Duration> {
        self.cold
    }

    /// How many were measured in this run.
    pub fn measured(&self) -> u32 {
        self.measured
    }

    /// What the next one takes, as far as is known. One kind stands in for the other.
    pub fn expected(&self, cold: bool) -> Option<Duration> {
        if cold {
            self.cold.max(self.warm)
        } else {
            self.warm.or(self.cold)
        }
    }

    /// What nineteen of twenty take no longer than (nearest rank of the last 64 warm ones). Of
    /// cold starts there are never enough to count: twice their mean.
    pub fn p95(&self, cold: bool) -> Option<Duration> {
        let mean = self.expected(cold)?;
        if cold || self.recent.len() < ENOUGH {
            return Some(mean * 2);
        }
        let mut sorted: Vec<Duration> = self.recent.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 95).div_ceil(100);
        Some(sorted[rank - 1].max(mean.mul_f64(SLACK)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn the_mean_follows_what_is_measured() {
        let mut pace = Pace::default();
        assert_eq!(pace.expected(false), None);
        pace.note(S(2), false);
        assert_eq!(pace.expected(false), Some(S(2)));
        for _ in 0..40 {
            pace.note(S(4), false);
        }
        assert!(pace.expected(false).unwrap() > Duration::from_millis(3_900));
        assert_eq!(pace.measured(), 41);
    }

    #[test]
    fn loading_a_model_is_learned_apart() {
        let mut pace = Pace::default();
        pace.note(S(40), true);
        pace.note(S(4), false);
        assert_eq!(
            (pace.expected(true), pace.expected(false)),
            (Some(S(40)), Some(S(4)))
        );
        assert_eq!(pace.p95(true), Some(S(80)));
    }

    #[test]
    fn the_percentile_sees_the_slow_tail() {
        let mut pace = Pace::default();
        for i in 0..64 {
            pace.note(if i % 10 == 9 { S(20) } else { S(4) }, false);
        }
        assert_eq!(pace.p95(false), Some(S(20)));
        let mut even = Pace::default();
        for _ in 0..64 {
            even.note(S(4), false);
        }
        assert_eq!(even.p95(false), Some(S(5)), "four seconds and some slack");
    }
}
