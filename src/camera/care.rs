//! How often a lost camera is looked for, and when its power is switched off and on.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::process::Command;

use super::leash::{self, last_line};
use crate::clock::Clock;

/// A camera that is plugged in again is found soon, and one that is away costs little.
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);
/// A power switch that takes longer hangs.
const SWITCH_WITHIN: Duration = Duration::from_secs(30);
/// A camera that another power cycle did not bring back needs a hand, not a third one.
const BETWEEN_CYCLES: Duration = Duration::from_secs(120);

/// Patience with one camera.
#[derive(Debug)]
pub(super) struct Care {
    pub(super) clock: Arc<dyn Clock>,
    /// Program and arguments; empty if there is no switch.
    power_cycle: Vec<String>,
    /// After so many failures in a row.
    after: u32,
    failures: u32,
    cycled: Option<Duration>,
}

impl Care {
    pub(super) fn new(power_cycle: Vec<String>, after: u32, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            power_cycle,
            after,
            failures: 0,
            cycled: None,
        }
    }

    /// The camera has worked for a while.
    pub(super) fn is_well(&mut self) {
        self.failures = 0;
    }

    /// The camera has failed: switches its power off and on where that is due. To be waited for: a
    /// switch that is broken off may leave it off.
    pub(super) async fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        if self.is_cycle_due() {
            self.cycled = Some(self.clock.monotonic());
            self.cycle().await;
        }
    }

    /// Waits until the camera should be looked for again: longer from time to time.
    pub(super) fn pause(&self) -> BoxFuture<'static, ()> {
        self.clock.sleep(pause(self.failures))
    }

    fn is_cycle_due(&self) -> bool {
        let rested = self
            .cycled
            .is_none_or(|last| self.clock.monotonic() - last >= BETWEEN_CYCLES);
        !self.power_cycle.is_empty() && self.failures >= self.after && rested
    }

    async fn cycle(&self) {
        let Some((program, arguments)) = self.power_cycle.split_first() else {
            return;
        };
        tracing::warn!(failures = self.failures, "switching the camera off and on");
        let mut command = Command::new(program);
        command.args(arguments);
        match leash::run(&mut command, &self.clock, SWITCH_WITHIN).await {
            Ok(said) if said.is_fine => {}
            Ok(said) => {
                let says = last_line(&said.err);
                tracing::warn!(program, says, "the power switch did not work");
            }
            Err(failed) => tracing::warn!(program, ?failed, "the power switch did not work"),
        }
    }
}

/// 0.25 s, 0.5 s, 1 s, ... up to 5 s.
fn pause(failures: u32) -> Duration {
    let doubled = failures.saturating_sub(1).min(8);
    (SHORTEST * 2_u32.pow(doubled)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::clock::ManualClock;

    #[tokio::test]
    async fn pauses_grow_to_five_seconds_and_begin_anew() {
        let clock = ManualClock::default();
        let mut care = Care::new(Vec::new(), 3, Arc::new(clock.clone()));
        for expected in [250, 500, 1000, 2000, 4000, 5000, 5000] {
            let expected = Duration::from_millis(expected);
            care.failed().await;
            let mut pause = care.pause();
            clock.advance(expected - Duration::from_millis(1));
            assert!((&mut pause).now_or_never().is_none(), "{expected:?}");
            clock.advance(Duration::from_millis(1));
            pause.await;
        }
        care.is_well();
        care.failed().await;
        let pause = care.pause();
        clock.advance(SHORTEST);
        pause.await;
    }

    #[tokio::test]
    async fn the_power_is_switched_after_some_failures_and_not_again_too_soon() {
        let clock = ManualClock::default();
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("switched");
        let script = format!("echo once >> {}", log.display());
        let switch = ["sh", "-c", &script].map(str::to_owned).to_vec();
        let mut care = Care::new(switch, 3, Arc::new(clock.clone()));
        let log = || std::fs::read_to_string(&log).unwrap_or_default();
        let mut switched = Vec::new();
        for _ in 0..6 {
            care.failed().await;
            switched.push(log().lines().count());
        }
        assert_eq!(switched, [0, 0, 1, 1, 1, 1]);
        clock.advance(BETWEEN_CYCLES);
        care.failed().await;
        assert_eq!(log().lines().count(), 2);
    }
}
