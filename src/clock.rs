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
use rustix::time::{ClockId, clock_gettime};

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
    /// warning, and is mended by a restart over an empty record (if ahead) or by waiting (if behind).
    fn drift(&self) -> SignedDuration {
        self.wall().duration_since(self.now())
    }

    /// How far the steady time is behind the wall clock because that one was set: to be kept in a
    /// [`Mark`]. Never below zero.
    fn lag(&self) -> SignedDuration {
        self.drift().max(SignedDuration::ZERO)
    }
}

/// How far the steady time had come when it was last written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The steady time then.
    pub alive: Timestamp,
    /// [`Clock::lag`] then: a booth that had begun with a date long past goes on in the time that its
    /// visitors' tokens and deadlines are of, though the date is right by now.
    pub lag: SignedDuration,
}

impl Mark {
    /// The steady time that `wall` stands for, if the clock on the wall is right. A steady time that
    /// was ahead is not remembered: what is due by the wall clock is due.
    fn at(&self, wall: Timestamp) -> Timestamp {
        wall.saturating_sub(self.lag).unwrap_or(Timestamp::MIN)
    }
}

/// The machine's clock, made steady.
///
/// Reads the wall clock once, when made, and counts monotonic time from there.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Timestamp,
    start: Instant,
    /// How long the machine had been suspended since its own start.
    slept: Duration,
}

impl SystemClock {
    /// Starts a clock that goes on from the last `mark` of earlier runs and is never earlier. A
    /// machine that forgot the date while it was off so goes on where it stopped, instead of reviving
    /// what had expired.
    #[must_use]
    pub fn new(mark: Option<Mark>) -> Self {
        let wall = wall();
        Self {
            began: mark.map_or(wall, |mark| mark.at(wall).max(mark.alive)),
            start: instant(),
            slept: slept(),
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

    fn lag(&self) -> SignedDuration {
        // A night in a suspended machine was a night: nobody set the clock.
        let slept = slept().saturating_sub(self.slept);
        let slept = SignedDuration::try_from(slept).unwrap_or(SignedDuration::MAX);
        self.drift().saturating_sub(slept).max(SignedDuration::ZERO)
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

/// How long the machine has been suspended since its start: `CLOCK_BOOTTIME` counts that,
/// `CLOCK_MONOTONIC` does not.
fn slept() -> Duration {
    let [boot, monotonic] = [ClockId::Boottime, ClockId::Monotonic].map(|id| {
        let time = clock_gettime(id);
        let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
        Duration::new(time.tv_sec.unsigned_abs(), nanos)
    });
    boot.saturating_sub(monotonic)
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

    fn alive(at: Timestamp) -> Mark {
        Mark {
            alive: at,
            lag: SignedDuration::ZERO,
        }
    }

    #[test]
    fn a_date_that_was_set_right_is_not_run_after_at_the_next_start() {
        let (hour, year) = (
            SignedDuration::from_hours(1),
            SignedDuration::from_hours(24 * 365),
        );
        // It began a year too early and was set right an hour before it was last alive.
        let mark = Mark {
            alive: wall() - year - hour,
            lag: year,
        };
        let clock = SystemClock::new(Some(mark));
        let since = clock.now().duration_since(mark.alive);
        let minute = SignedDuration::from_mins(1);
        assert!(since >= hour && since < hour + minute, "{since}");
        let lag = clock.lag() - year;
        assert!(lag.abs() < minute, "{lag}");
        // The battery is still none, and the date is too early again.
        let mark = Mark {
            alive: wall() + hour,
            lag: year,
        };
        assert!(SystemClock::new(Some(mark)).now() >= mark.alive);
    }

    #[test]
    fn a_restart_never_runs_backwards() {
        let ahead = wall()
            .saturating_add(SignedDuration::from_hours(48))
            .unwrap();
        let clock = SystemClock::new(Some(alive(ahead)));
        assert!(clock.now() >= ahead);
        assert!(clock.drift() < SignedDuration::from_hours(-47));
        assert_eq!(clock.lag(), SignedDuration::ZERO);
    }

    #[test]
    fn an_old_mark_changes_nothing() {
        let clock = SystemClock::new(Some(alive(Timestamp::UNIX_EPOCH)));
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
