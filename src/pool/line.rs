//! How long a visitor waits: learned from how long paintings took.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::session::StyleId;

/// Weight of the newest painting in the running mean.
const NEWEST: f64 = 0.3;
/// What a painting takes until one was measured: an image model on an ordinary GPU.
const UNMEASURED: Duration = Duration::from_secs(8);

/// Running means of how long each style took. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Times(Arc<Mutex<HashMap<StyleId, Duration>>>);

impl Times {
    /// A painting of that style took so long.
    pub fn note(&self, style: &StyleId, took: Duration) {
        let mut means = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        means
            .entry(style.clone())
            .and_modify(|mean| *mean = mean.mul_f64(1.0 - NEWEST) + took.mul_f64(NEWEST))
            .or_insert(took);
    }

    /// What a painting takes on the average of all styles.
    pub fn mean(&self) -> Duration {
        let means = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = u32::try_from(means.len()).unwrap_or(u32::MAX);
        means
            .values()
            .sum::<Duration>()
            .checked_div(count)
            .unwrap_or(UNMEASURED)
    }
}

/// Seconds until `own` paintings are done that have `ahead` before them, at best and at worst,
/// when `slots` are painted at once, each takes `each`, and the first was asked for `waited` ago.
///
/// At best: everything goes as it did. At worst: it takes half as long again, and one more comes
/// between; but what has already taken long may well take as long again.
pub fn eta_s(ahead: u64, own: u64, slots: usize, each: Duration, waited: Duration) -> [u64; 2] {
    if own == 0 {
        return [0, 0];
    }
    let slots = u64::try_from(slots.max(1)).unwrap_or(1);
    let rounds = |paintings: u64| paintings.div_ceil(slots) as f64;
    let each = each.as_secs_f64();
    let best = rounds(ahead + own) * each;
    let worst = (rounds(ahead + own + 1) * each * 1.5).max(waited.as_secs_f64());
    [best.floor() as u64, worst.ceil() as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_come_takes_no_time() {
        assert_eq!(
            eta_s(40, 0, 2, Duration::from_secs(3), Duration::ZERO),
            [0, 0]
        );
    }

    #[test]
    fn the_range_holds_what_an_even_pool_takes() {
        // Four paintings on two slots, 3 s each: two rounds.
        let [best, worst] = eta_s(0, 4, 2, Duration::from_secs(3), Duration::ZERO);
        assert!(best <= 6 && 6 <= worst, "{best}..{worst}");
    }

    #[test]
    fn what_hangs_is_not_promised_soon() {
        let [_, worst] = eta_s(0, 1, 2, Duration::from_secs(3), Duration::from_secs(50));
        assert!(worst >= 50, "{worst}");
    }

    #[test]
    fn the_mean_follows_what_is_measured() {
        let times = Times::default();
        assert_eq!(times.mean(), UNMEASURED);
        times.note(&"renoir".into(), Duration::from_secs(2));
        assert_eq!(times.mean(), Duration::from_secs(2));
        for _ in 0..40 {
            times.note(&"renoir".into(), Duration::from_secs(4));
        }
        assert!(times.mean() > Duration::from_millis(3_900));
    }
}
