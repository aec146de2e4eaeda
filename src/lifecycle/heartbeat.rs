//! The watchdog is fed while the heart beats, and only then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Notifier;

/// How often a living loop beats at least, also when it has nothing to do.
pub const BEAT_EVERY: Duration = Duration::from_secs(2);

/// Held by the loop that matters, which says through it that it is alive. Cheap to clone and beat.
#[derive(Debug, Clone, Default)]
pub struct Heartbeat(Arc<AtomicU64>);

impl Heartbeat {
    /// Says "alive". Call it at least every [`BEAT_EVERY`].
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Feeds the watchdog, which bites after `limit`.
///
/// Looks thrice within the limit, and feeds only if the heart has beaten since the last look: so a
/// loop that dies is bitten `limit` after its last fed beat, and one hiccup is forgiven.
pub(super) async fn feed(heart: Heartbeat, notifier: Notifier, limit: Duration) {
    let mut looks = interval(limit / 3);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        looks.tick().await;
        let count = heart.count();
        if seen.replace(count) != Some(count) {
            notifier.alive();
        }
    }
}
