//! Whether the date may be wrong, and what to put off until it is right.
//!
//! A machine whose clock has no battery, or keeps another zone's time, starts with a wrong date and
//! is set right once it reaches its network. Nothing may be deleted early for that.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, Mark};

/// A date that differs by more from when the booth was last alive may be a wrong one. It may also
/// be the next morning: what was due in the night then goes an hour later.
const SUSPICIOUS: SignedDuration = SignedDuration::from_hours(1);
/// In this time the date is set right, or somebody notices.
const HOLD: Duration = Duration::from_secs(3_600);
/// The longest that a wrong date holds anything back.
const MOST: Duration = Duration::from_secs(48 * 3_600);

/// What the date at the start gives cause for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Doubt {
    /// The booth was off for long, or the date is too late: nothing goes before it has run an hour.
    hold: bool,
    /// The steady time may be ahead of the true one, and it is never set back: what it calls due
    /// goes when the wall clock calls it so too.
    ahead: bool,
}

impl Doubt {
    /// Compares the date with that of the last `mark` of earlier runs.
    #[must_use]
    pub fn at_start(mark: Option<Mark>, clock: &dyn Clock) -> Self {
        let Some(mark) = mark else {
            return Self::default();
        };
        let last_alive = mark.alive.saturating_add(mark.lag);
        let last_alive = last_alive.unwrap_or(Timestamp::MAX);
        let off = clock.wall().duration_since(last_alive);
        let doubt = Self {
            hold: off > SUSPICIOUS,
            ahead: off.abs() > SUSPICIOUS,
        };
        if doubt.ahead {
            tracing::warn!(
                %last_alive,
                "the booth was off for long, or the date is wrong: what is deleted for its age waits"
            );
        }
        doubt
    }

    /// How long something that is due since `due` (of the steady time) still waits.
    #[must_use]
    pub(super) fn wait(self, due: Timestamp, clock: &dyn Clock) -> Duration {
        let mut wait = Duration::ZERO;
        if self.hold {
            wait = HOLD.saturating_sub(clock.monotonic());
        }
        if self.ahead {
            let ahead = Duration::try_from(-clock.drift()).unwrap_or_default();
            let waited = clock.now().duration_since(due).try_into();
            wait = wait.max(ahead.min(MOST).saturating_sub(waited.unwrap_or_default()));
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn alive(at: Timestamp) -> Mark {
        Mark {
            alive: at,
            lag: SignedDuration::ZERO,
        }
    }

    #[test]
    fn a_date_that_was_set_right_in_the_run_before_is_believed() {
        let clock = ManualClock::default();
        // The steady time goes on six years behind the wall.
        let lag = hours(24 * 365 * 6);
        clock.jump_wall(lag);
        let alive = clock.now() - SignedDuration::from_mins(2);
        let doubt = Doubt::at_start(Some(Mark { alive, lag }), &clock);
        assert_eq!(doubt, Doubt::default());
    }

    fn hours(n: i64) -> SignedDuration {
        SignedDuration::from_hours(n)
    }

    #[test]
    fn after_a_short_time_off_or_at_the_very_first_start_nothing_waits() {
        let clock = ManualClock::default();
        let now = clock.now();
        for last in [None, Some(now), Some(now - SignedDuration::from_mins(50))] {
            let doubt = Doubt::at_start(last.map(alive), &clock);
            assert_eq!(doubt, Doubt::default());
            clock.jump_wall(hours(-9));
            assert_eq!(doubt.wait(now, &clock), Duration::ZERO);
            clock.jump_wall(hours(9));
        }
    }

    #[test]
    fn after_a_night_it_waits_an_hour() {
        let clock = ManualClock::default();
        let doubt = Doubt::at_start(Some(alive(clock.now() - hours(12))), &clock);
        let due = clock.now();
        assert_eq!(doubt.wait(due, &clock), HOUR);
        clock.advance(HOUR);
        assert_eq!(doubt.wait(due, &clock), Duration::ZERO);
    }

    #[test]
    fn a_date_that_is_set_right_takes_back_what_was_due() {
        let clock = ManualClock::default();
        let doubt = Doubt::at_start(Some(alive(clock.now() - hours(9))), &clock);
        let due = clock.now();
        clock.jump_wall(hours(-9));
        assert_eq!(doubt.wait(due, &clock), 9 * HOUR);
        clock.advance(4 * HOUR);
        assert_eq!(doubt.wait(due, &clock), 5 * HOUR);
        clock.advance(5 * HOUR);
        assert_eq!(doubt.wait(due, &clock), Duration::ZERO);
    }

    #[test]
    fn a_restart_with_the_right_date_remembers_that_the_time_ran_ahead() {
        let clock = ManualClock::default();
        // The steady time goes on where it was, two days ahead of the wall.
        clock.jump_wall(hours(-47));
        let doubt = Doubt::at_start(Some(alive(clock.now())), &clock);
        assert_eq!(doubt.wait(clock.now(), &clock), 47 * HOUR);
    }

    #[test]
    fn a_wall_clock_that_is_hopeless_holds_nothing_back_for_ever() {
        let clock = ManualClock::default();
        clock.jump_wall(hours(-24 * 9_000));
        let doubt = Doubt::at_start(Some(alive(clock.now())), &clock);
        let due = clock.now();
        assert_eq!(doubt.wait(due, &clock), MOST);
        clock.advance(MOST);
        assert_eq!(doubt.wait(due, &clock), Duration::ZERO);
    }
}
