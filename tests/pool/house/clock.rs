//! A clock whose time passes only while nobody has anything to do.
//!
//! It jumps from one sleeper's end to the next, and only when every thread of this process (tokio's,
//! SQLite's, the test's own) sleeps, has slept since the last look, and no child runs. A thread that
//! sleeps by the machine's time, as SQLite's does before a record that another has locked, has
//! something to do. So nothing depends on how busy the machine is: what takes long takes no time
//! here, and a minute and a half passes as soon as all that was to happen in it has happened. Whoever
//! waits for a condition has to wait by this clock too ([`super::House::until`]), or time runs away
//! from him.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::fs;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::thread;
use std::time::Duration;

use easel::clock::{Clock, SystemClock};
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::oneshot;

/// The name of the threads that let time pass: their own work is not work.
const NAME: &str = "step-clock";
/// Between two looks at the threads.
const LOOK: Duration = Duration::from_micros(150);
/// How long a thread that lets time pass waits for a first sleeper.
const IDLE: Duration = Duration::from_millis(20);

/// Sleepers, by when they wake.
#[derive(Debug, Default)]
struct Sleepers {
    now: Duration,
    serial: u64,
    line: BinaryHeap<Reverse<(Duration, u64)>>,
    wake: BTreeMap<u64, oneshot::Sender<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    sleepers: Mutex<Sleepers>,
    came: Condvar,
}

/// The clock.
#[derive(Debug)]
pub(crate) struct StepClock {
    shared: Arc<Shared>,
    began: Timestamp,
}

impl StepClock {
    pub(crate) fn new() -> Self {
        let shared = Arc::<Shared>::default();
        let weak = Arc::downgrade(&shared);
        let name = thread::Builder::new().name(NAME.to_owned());
        name.spawn(move || pass(&weak)).unwrap();
        Self {
            shared,
            began: SystemClock::new(None).now(),
        }
    }
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        self.began.saturating_add(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.shared.lock().now
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        let mut sleepers = self.shared.lock();
        let (at, serial) = (sleepers.now + d, sleepers.serial);
        sleepers.serial += 1;
        sleepers.line.push(Reverse((at, serial)));
        sleepers.wake.insert(serial, wake);
        drop(sleepers);
        self.shared.came.notify_all();
        Box::pin(async move {
            // A clock that is gone wakes nobody.
            if woken.await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Sleepers> {
        self.sleepers.lock().unwrap()
    }
}

/// Lets time pass for as long as somebody has the clock.
fn pass(clock: &Weak<Shared>) {
    let mut before = None;
    while let Some(shared) = clock.upgrade() {
        let sleepers = shared.lock();
        if sleepers.line.is_empty() {
            let _ = shared.came.wait_timeout(sleepers, IDLE).unwrap();
            continue;
        }
        drop(sleepers);
        let seen = all_asleep();
        if seen.is_some() && seen == before {
            before = None;
            shared.lock().step();
        } else {
            before = seen;
        }
        drop(shared);
        thread::sleep(LOOK);
    }
}

impl Sleepers {
    /// On to the next who still sleeps, and wakes all whose time has come.
    fn step(&mut self) {
        while let Some(Reverse((at, serial))) = self.line.peek().copied() {
            let waits = self.wake.get(&serial).is_some_and(|wake| !wake.is_closed());
            if waits && at > self.now {
                break;
            }
            self.line.pop();
            if let Some(wake) = self.wake.remove(&serial) {
                let _ = wake.send(());
                if waits {
                    // Whoever is woken may have something to do before time goes on.
                    return;
                }
            }
        }
        if let Some(Reverse((at, serial))) = self.line.pop() {
            self.now = self.now.max(at);
            if let Some(wake) = self.wake.remove(&serial) {
                let _ = wake.send(());
            }
        }
    }
}

/// How often each thread has run so far, if all wait for each other and no child runs (proc(5),
/// `schedstat`, `stat` and `wchan` of each task).
fn all_asleep() -> Option<Vec<(String, String)>> {
    let mut seen = Vec::new();
    for task in fs::read_dir("/proc/self/task").ok()? {
        let task = task.ok()?.path();
        // A thread that ends meanwhile was at work.
        let read = |name: &str| fs::read_to_string(task.join(name)).ok();
        let stat = read("stat")?;
        let (name, rest) = stat.rsplit_once(')')?;
        if name.ends_with(NAME) {
            continue;
        }
        let waits = rest.trim_start().starts_with('S') && !read("wchan")?.contains("nanosleep");
        if !waits || !is_childless(&read("children")?) {
            return None;
        }
        seen.push((task.display().to_string(), read("schedstat")?));
    }
    seen.sort_unstable();
    Some(seen)
}

fn is_childless(children: &str) -> bool {
    children.split_whitespace().all(|child| {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        state.is_empty() || state.trim_start().starts_with('Z')
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_passes_only_while_nobody_has_anything_to_do() {
    let clock = StepClock::new();
    let busy = tokio::task::spawn_blocking(|| {
        let real = SystemClock::new(None);
        let mut n = 0_u64;
        while real.monotonic() < Duration::from_millis(300) {
            n = n.wrapping_add(1);
        }
        // It sleeps by the machine's time, as a locked record is waited for.
        thread::sleep(Duration::from_millis(300));
        n
    });
    let mut hour = clock.sleep(Duration::from_secs(3_600));
    tokio::select! {
        _ = busy => {}
        () = &mut hour => panic!("an hour has passed while there was something to do"),
    }
    hour.await;
    assert_eq!(clock.monotonic(), Duration::from_secs(3_600));
}
