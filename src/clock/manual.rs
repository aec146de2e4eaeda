//! A clock that moves only when told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{oneshot, watch};

use super::{Clock, add};

/// A clock that moves only when told, for tests. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    state: Arc<Mutex<Manual>>,
    waiting: watch::Sender<()>,
}

#[derive(Debug)]
struct Manual {
    began: Timestamp,
    elapsed: Duration,
    wall_ahead: SignedDuration,
    sleepers: Vec<Sleeper>,
}

#[derive(Debug)]
struct Sleeper {
    until: Duration,
    wake: oneshot::Sender<()>,
}

impl ManualClock {
    /// A clock that stands at `began`.
    #[must_use]
    pub fn new(began: Timestamp) -> Self {
        let state = Manual {
            began,
            elapsed: Duration::ZERO,
            wall_ahead: SignedDuration::ZERO,
            sleepers: Vec::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            waiting: watch::Sender::new(()),
        }
    }

    /// Lets `d` pass and wakes, in the order of their times, all whose time has come.
    ///
    /// Who sleeps again on waking sleeps from the new time: advance in small steps where each
    /// single tick matters.
    pub fn advance(&self, d: Duration) {
        let mut state = self.lock();
        state.elapsed += d;
        let now = state.elapsed;
        let mut due: Vec<Sleeper> = state
            .sleepers
            .extract_if(.., |sleeper| sleeper.until <= now)
            .collect();
        drop(state);
        due.sort_by_key(|sleeper| sleeper.until);
        for sleeper in due {
            // The sleeper may have been dropped meanwhile; nobody is left to wake then.
            let _ = sleeper.wake.send(());
        }
    }

    /// Makes the wall clock jump; the steady time does not notice.
    pub fn jump_wall(&self, by: SignedDuration) {
        self.lock().wall_ahead += by;
    }

    /// Waits until at least `n` tasks sleep on this clock: the moment at which `advance` cannot
    /// come too early for them.
    pub async fn until_asleep(&self, n: usize) {
        let mut waiting = self.waiting.subscribe();
        while self.asleep() < n {
            waiting
                .changed()
                .await
                .expect("the sender lives in self, which is borrowed");
        }
    }

    fn asleep(&self) -> usize {
        let mut state = self.lock();
        state.sleepers.retain(|sleeper| !sleeper.wake.is_closed());
        state.sleepers.len()
    }

    fn lock(&self) -> MutexGuard<'_, Manual> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// Stands at a Saturday noon in 2026 that means nothing in particular.
    fn default() -> Self {
        Self::new(Timestamp::constant(1_795_262_400, 0))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let state = self.lock();
        add(state.began, state.elapsed)
    }

    fn monotonic(&self) -> Duration {
        self.lock().elapsed
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        if d.is_zero() {
            return futures::future::ready(()).boxed();
        }
        let (wake, woken) = oneshot::channel();
        let mut state = self.lock();
        let until = state.elapsed + d;
        state.sleepers.push(Sleeper { until, wake });
        drop(state);
        self.waiting.send_replace(());
        let clock = Arc::clone(&self.state);
        async move {
            // The sender lives in the clock, which this future keeps alive: it is always sent.
            let _ = woken.await;
            drop(clock);
        }
        .boxed()
    }

    fn wall(&self) -> Timestamp {
        let ahead = self.lock().wall_ahead;
        self.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wall_clock_that_jumps_moves_nothing_else() {
        let clock = ManualClock::default();
        let (now, sleep) = (clock.now(), clock.sleep(Duration::from_secs(60)));
        clock.jump_wall(SignedDuration::from_hours(24 * 365));
        assert_eq!(clock.now(), now);
        assert!(sleep.now_or_never().is_none());
        assert_eq!(clock.drift(), SignedDuration::from_hours(24 * 365));
    }

    #[tokio::test]
    async fn advancing_wakes_those_whose_time_has_come() {
        let clock = ManualClock::default();
        let mut early = clock.sleep(Duration::from_secs(1));
        let mut late = clock.sleep(Duration::from_secs(3));
        clock.advance(Duration::from_millis(999));
        assert!((&mut early).now_or_never().is_none());
        clock.advance(Duration::from_millis(1));
        assert!((&mut early).now_or_never().is_some());
        assert!((&mut late).now_or_never().is_none());
        clock.advance(Duration::from_secs(100));
        assert!((&mut late).now_or_never().is_some());
        assert_eq!(clock.monotonic(), Duration::from_secs(101));
    }

    #[tokio::test]
    async fn tests_can_wait_for_a_sleeper_without_luck() {
        let clock = ManualClock::default();
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                tokio::task::yield_now().await;
                clock.sleep(Duration::from_secs(9)).await;
                clock.now()
            }
        });
        clock.until_asleep(1).await;
        let before = clock.now();
        clock.advance(Duration::from_secs(9));
        let woke = sleeper.await.unwrap();
        assert_eq!(woke.duration_since(before), SignedDuration::from_secs(9));
        assert_eq!(clock.asleep(), 0);
    }

    #[tokio::test]
    async fn a_dropped_sleep_is_forgotten() {
        let clock = ManualClock::default();
        drop(clock.sleep(Duration::from_secs(1)));
        assert_eq!(clock.asleep(), 0);
        clock.sleep(Duration::ZERO).await;
    }
}
