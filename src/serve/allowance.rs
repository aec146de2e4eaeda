//! How many bytes a socket may send: a token bucket.

use std::time::Duration;

use tokio::time::Instant;

/// A socket's share of the booth's attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// What it may send at once, in bytes.
    pub burst: u64,
    /// What it may send in the long run, in bytes a second.
    pub per_second: u64,
}

/// What is left of it.
#[derive(Debug)]
pub(super) struct Allowance {
    rate: Rate,
    left: u64,
    /// Up to when `per_second` has been added.
    filled: Instant,
}

impl Allowance {
    /// A full one.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            left: rate.burst,
            filled: Instant::now(),
        }
    }

    /// Takes so many bytes off. `false`: that is more than was left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        self.fill();
        let left = self.left.checked_sub(bytes as u64);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    fn fill(&mut self) {
        let waited = self.filled.elapsed();
        let more = waited.as_millis() * u128::from(self.rate.per_second) / 1_000;
        if more > 0 {
            // Time that was too short for a byte counts for the next one.
            let millis = more * 1_000 / u128::from(self.rate.per_second);
            self.filled += Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
            let more = u64::try_from(more).unwrap_or(u64::MAX);
            self.left = self.left.saturating_add(more).min(self.rate.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_spent_comes_back_with_time_and_no_more() {
        let rate = Rate {
            burst: 100,
            per_second: 10,
        };
        let mut allowance = Allowance::new(rate);
        assert!(allowance.take(100) && !allowance.take(1));
        // However finely time is asked for.
        for _ in 0..50 {
            advance(Duration::from_millis(30)).await;
            assert!(allowance.take(0));
        }
        assert!(allowance.take(15) && !allowance.take(1));
        advance(Duration::from_secs(3_600)).await;
        assert!(allowance.take(100) && !allowance.take(1));
    }
}
