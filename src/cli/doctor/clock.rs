//! Is the clock plausible?

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Check, Verdict};
use crate::clock::{Clock, SystemClock};

/// Checks that the wall clock can be right and that time passes forward.
#[derive(Debug, Clone, Copy)]
pub struct ClockCheck;

#[async_trait]
impl Check for ClockCheck {
    fn name(&self) -> String {
        "clock".to_owned()
    }

    async fn look(&self) -> Verdict {
        let clock = SystemClock::new(None);
        let (before, wall) = (clock.monotonic(), clock.wall());
        clock.sleep(Duration::from_millis(20)).await;
        if clock.monotonic() <= before {
            return Verdict::wrong("the monotonic clock stands still");
        }
        judge(wall)
    }
}

/// A machine without a battery wakes in 1970 or on the day its system was built; tickets would
/// bear that date.
fn judge(wall: Timestamp) -> Verdict {
    let now = wall.to_zoned(TimeZone::UTC);
    let shown = now.strftime("%Y-%m-%d %H:%M UTC");
    if (2026..2100).contains(&now.year()) {
        Verdict::fine(shown)
    } else {
        Verdict::wrong(format!(
            "shows {shown}: set the date, or connect to a time server"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years() {
        for (at, ok) in [
            ("1970-01-01T00:00:00Z", false),
            ("2025-12-31T23:59:59Z", false),
            ("2026-11-21T18:03:00Z", true),
            ("2100-01-01T00:00:00Z", false),
        ] {
            assert_eq!(judge(at.parse().unwrap()).ok, ok, "{at}");
        }
    }
}
