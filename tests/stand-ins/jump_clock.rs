//! A clock for tests beside true programs.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use easel::clock::{Clock, SystemClock};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::watch;

/// Keeps the machine's pace, and jumps ahead when a test says so. Limits can so be long enough for
/// a program on a busy machine, and be over at once where a test wants to see what comes then.
#[derive(Debug, Clone)]
pub(crate) struct JumpClock {
    pace: SystemClock,
    ahead: watch::Sender<Duration>,
    sleepers: Arc<Mutex<Vec<Duration>>>,
}

/// Somebody sleeps until then.
struct Sleeper {
    until: Duration,
    sleepers: Arc<Mutex<Vec<Duration>>>,
}

impl JumpClock {
    pub(crate) fn new() -> Self {
        Self {
            pace: SystemClock::new(None),
            ahead: watch::Sender::new(Duration::ZERO),
            sleepers: Arc::default(),
        }
    }

    /// Lets `d` pass, and wakes all whose time has come.
    pub(crate) fn jump(&self, d: Duration) {
        self.ahead.send_modify(|ahead| *ahead += d);
    }

    /// Whether somebody sleeps for at least `d` from now.
    pub(crate) fn is_slept_on_for(&self, d: Duration) -> bool {
        let then = self.monotonic() + d;
        let sleepers = self.sleepers.lock().unwrap();
        sleepers.iter().any(|until| *until >= then)
    }
}

impl Clock for JumpClock {
    fn now(&self) -> Timestamp {
        self.pace.now() + *self.ahead.borrow()
    }

    fn monotonic(&self) -> Duration {
        self.pace.monotonic() + *self.ahead.borrow()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        let until = self.monotonic() + d;
        self.sleepers.lock().unwrap().push(until);
        let sleeper = Sleeper {
            until,
            sleepers: Arc::clone(&self.sleepers),
        };
        let (pace, mut ahead) = (self.pace, self.ahead.subscribe());
        async move {
            // All of it, not just its time: it is one for as long as this future is there.
            let sleeper = sleeper;
            loop {
                let now = pace.monotonic() + *ahead.borrow_and_update();
                let Some(left) = sleeper.until.checked_sub(now).filter(|d| !d.is_zero()) else {
                    return;
                };
                tokio::select! {
                    () = pace.sleep(left) => {}
                    changed = ahead.changed() => if changed.is_err() {
                        // A clock that nobody holds any more does not jump.
                        pace.sleep(left).await;
                    },
                }
            }
        }
        .boxed()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let mut sleepers = self.sleepers.lock().unwrap();
        let here = sleepers.iter().position(|until| *until == self.until);
        sleepers.swap_remove(here.expect("it was put there when the sleep began"));
    }
}
