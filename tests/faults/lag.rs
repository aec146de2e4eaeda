//! How late this machine is: others may work on it too, and what they take is no fault of the pool.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use easel::clock::{Clock, SystemClock};

/// A short sleep.
const TICK: Duration = Duration::from_millis(20);
/// What the timer rounds up by on a machine that has nothing to do.
const ROUNDED: Duration = Duration::from_millis(2);

/// By how much short sleeps were too long, in all.
#[derive(Debug, Default)]
pub(crate) struct Lag(AtomicU64);

impl Lag {
    /// Until now.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    /// Measures for as long as it is polled.
    pub(crate) async fn measure(&self) {
        let clock = SystemClock::new(None);
        loop {
            let began = clock.monotonic();
            clock.sleep(TICK).await;
            let took = clock.monotonic() - began;
            let late = u64::try_from(took.saturating_sub(TICK + ROUNDED).as_micros());
            self.0
                .fetch_add(late.unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }
}
