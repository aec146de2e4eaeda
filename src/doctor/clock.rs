//! Is the clock plausible?

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Check, Verdict};
use crate::clock::Clock;
use crate::staff::parts::DRIFT_S;

/// Checks that the wall clock can be right and that time passes forward.
#[derive(Debug, Clone)]
pub struct ClockCheck(pub Arc<dyn Clock>);

#[async_trait]
impl Check for ClockCheck {
    fn name(&self) -> String {
        "clock".to_owned()
    }

    async fn look(&self) -> Verdict {
        let clock = &self.0;
        let before = clock.monotonic();
        clock.sleep(Duration::from_millis(20)).await;
        if clock.monotonic() <= before {
            return Verdict::wrong("the monotonic clock stands still");
        }
        let drift = clock.drift().as_secs();
        let mut verdict = judge(clock.wall());
        if drift.unsigned_abs() > DRIFT_S {
            verdict.words += &format!(
                "; it was moved by {drift} s since the booth began: deadlines keep the time that \
                 has passed"
            );
        }
        verdict
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
