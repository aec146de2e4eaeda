//! The only place that asks for the time.
//!
//! Everything that must happen early or late asks [`Clock::now`] or [`Clock::monotonic`]; only
//! words on paper ask [`Clock::wall`]. So a wall clock that jumps (no battery, a late NTP answer,
//! someone's thumb) deletes nothing early and revives no token.

mod manual;

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

pub use manual::ManualClock;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + Debug {
    /// The steady time: advances like [`Self::monotonic`], never jumps and never runs backwards.
    ///
    /// Close to UTC as it was believed at the start of the run. What is stored (expiry, leases,
    /// tokens, events) carries this time.
    fn now(&self) -> Timestamp;

    /// Time since this clock was made. Stands still while the machine is suspended.
    fn monotonic(&self) -> Duration;

    /// Completes once `d` has passed since this call (not since the first poll). Dropping the
    /// future forgets the wait.
    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()>;

    /// What a clock on the wall of this machine shows: for words people read, nothing else.
    fn wall(&self) -> Timestamp {
        self.now()
    }

    /// How far the wall clock is ahead of the steady time: more than some seconds deserves a
    /// warning, and is mended by a restart (if ahead) or by waiting (if behind).
    fn drift(&self) -> SignedDuration {
        self.wall().duration_since(self.now())
    }
}

/// The machine's clock, made steady.
///
/// Reads the wall clock once, when made, and counts monotonic time from there.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Timestamp,
    start: Instant,
}

impl SystemClock {
    /// Starts a clock that is never earlier than `high_water`: the newest time any earlier run has
    /// written down. A machine that forgot the date while it was off so goes on where it stopped,
    /// instead of reviving what had expired.
    #[must_use]
    pub fn new(high_water: Option<Timestamp>) -> Self {
        let wall = wall();
        Self {
            began: high_water.map_or(wall, |mark| mark.max(wall)),
            start: instant(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        add(self.began, self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        instant().duration_since(self.start)
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(d).boxed()
    }

    fn wall(&self) -> Timestamp {
        wall()
    }
}

fn add(began: Timestamp, elapsed: Duration) -> Timestamp {
    began.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the monotonic clock"
)]
fn instant() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the wall clock"
)]
fn wall() -> Timestamp {
    // Only a clock set beyond the year 9999 is not a Timestamp; it is as wrong as the epoch.
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_never_runs_backwards() {
        let ahead = wall()
            .saturating_add(SignedDuration::from_hours(48))
            .unwrap();
        let clock = SystemClock::new(Some(ahead));
        assert!(clock.now() >= ahead);
        assert!(clock.drift() < SignedDuration::from_hours(-47));
    }

    #[test]
    fn an_old_mark_changes_nothing() {
        let clock = SystemClock::new(Some(Timestamp::UNIX_EPOCH));
        assert!(clock.drift().abs() < SignedDuration::from_mins(1));
        let first = clock.now();
        assert!(clock.now() >= first);
    }

    #[tokio::test]
    async fn the_system_clock_waits() {
        let clock = SystemClock::new(None);
        clock.sleep(Duration::from_millis(5)).await;
        assert!(clock.monotonic() >= Duration::from_millis(5));
    }
}
