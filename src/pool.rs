//! All generators together: takes paintings from the queue, and sees each to its end.
//!
//! [`choose`] is pure policy (who paints next, and how long to wait after a failure); this file
//! and [`attempt`] are its hands. Each style has its own queue, attempts and patience, so that one
//! that fails or hangs never spoils the others.

mod attempt;
pub mod choose;
pub mod foreman;
pub mod line;
pub mod report;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::generator::Generator;
use crate::imaging;
use crate::queue::{Job, Queue, QueueError};
use crate::room::Feed;
use crate::secret::Entropy;
use crate::session::{Event, StyleId};
use crate::store::Commit;
use crate::visits::{Visits, paint_queue};

pub use choose::StyleRules;
pub use line::Times;

/// How long to rest after the queue itself could not be read.
const TROUBLE: Duration = Duration::from_secs(2);

/// What the pool works with.
#[derive(Debug)]
pub struct Parts {
    /// Where results are reported.
    pub visits: Visits,
    /// Where work comes from.
    pub queue: Arc<dyn Queue>,
    /// Where pictures lie.
    pub blobs: Blobs,
    /// Who hears of progress.
    pub feed: Feed,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub entropy: Entropy,
    /// How large renditions are.
    pub sizes: imaging::Settings,
    /// What a generator's answer may weigh.
    pub limits: imaging::Limits,
    /// How long paintings took.
    pub times: Times,
    /// How long a painting is kept.
    pub keep: Duration,
}

/// The pool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    generators: Vec<Seat>,
    styles: Vec<StyleRules>,
    wake: Notify,
    /// What is being painted now, so that it can be stopped.
    running: Mutex<HashMap<Uuid, Running>>,
    /// Who failed whom: the next attempt goes elsewhere if it can.
    tried: Mutex<HashMap<Uuid, Vec<usize>>>,
}

/// A painting that is being painted.
#[derive(Debug)]
struct Running {
    session: Uuid,
    cancel: CancellationToken,
}

/// A generator and how many paintings it is at.
#[derive(Debug)]
struct Seat {
    generator: Arc<dyn Generator>,
    busy: AtomicUsize,
}

impl Pool {
    /// A pool of these generators for these styles.
    pub fn new(parts: Parts, generators: Vec<Arc<dyn Generator>>, styles: Vec<StyleRules>) -> Self {
        let generators = generators
            .into_iter()
            .map(|generator| Seat {
                generator,
                busy: AtomicUsize::new(0),
            })
            .collect();
        Self(Arc::new(Inner {
            parts,
            generators,
            styles,
            wake: Notify::new(),
            running: Mutex::default(),
            tried: Mutex::default(),
        }))
    }

    /// Paints until `stop`; then gives what is unfinished back to the queue and returns.
    /// `beat` is called each turn: the loop that matters is alive.
    pub async fn run(&self, stop: CancellationToken, beat: impl Fn() + Send) {
        let mut commits = self.0.parts.visits.store().commits();
        let tasks = TaskTracker::new();
        while !stop.is_cancelled() {
            beat();
            let rest = match self.take_work(&tasks, &stop).await {
                Ok(rest) => rest,
                Err(e) => {
                    tracing::error!(
                        error = &e as &dyn std::error::Error,
                        "the queue did not answer"
                    );
                    TROUBLE
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.0.wake.notified() => {}
                () = self.0.parts.clock.sleep(rest) => {}
                commit = commits.recv() => if let Ok(commit) = commit { self.stop_unwanted(&commit) },
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Hands out all that can be painted now; returns how long until there may be more.
    async fn take_work(
        &self,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Duration, QueueError> {
        let parts = &self.0.parts;
        loop {
            let open = self.open_styles();
            let queues: Vec<String> = open.iter().map(|s| paint_queue(&s.id)).collect();
            let Some(job) = parts.queue.claim(&queues, self.longest_lease()).await? else {
                let next = parts.queue.next_at(&queues).await?;
                let wait = next.map(|at| parts.clock.now().duration_until(at));
                let wait = wait
                    .and_then(|w| Duration::try_from(w).ok())
                    .unwrap_or(IDLE);
                return Ok(wait.clamp(Duration::from_millis(10), IDLE));
            };
            self.seat(job, tasks, stop);
        }
    }

    /// Gives a job to the generator that policy names.
    fn seat(&self, job: Job, tasks: &TaskTracker, stop: &CancellationToken) {
        let style = self
            .0
            .styles
            .iter()
            .find(|s| paint_queue(&s.id) == job.queue);
        let style = style
            .expect("only queues of known styles are claimed")
            .clone();
        let tried = lock(&self.0.tried)
            .get(&job.subject)
            .cloned()
            .unwrap_or_default();
        let free = self.free_for(&style.id);
        let chosen = choose::generator(&style, &self.names(), &free, &tried)
            .expect("a style is open only while a generator for it is free");
        self.0.generators[chosen]
            .busy
            .fetch_add(1, Ordering::Relaxed);
        let cancel = stop.child_token();
        let running = Running {
            session: job.session,
            cancel: cancel.clone(),
        };
        lock(&self.0.running).insert(job.subject, running);
        let pool = self.clone();
        tasks.spawn(async move {
            pool.attempt(&job, &style, chosen, &cancel).await;
            lock(&pool.0.running).remove(&job.subject);
            pool.0.generators[chosen]
                .busy
                .fetch_sub(1, Ordering::Relaxed);
            pool.0.wake.notify_one();
        });
    }

    /// Styles that some free generator paints.
    fn open_styles(&self) -> Vec<&StyleRules> {
        self.0
            .styles
            .iter()
            .filter(|style| !self.free_for(&style.id).is_empty())
            .collect()
    }

    fn free_for(&self, style: &StyleId) -> Vec<usize> {
        let rules = self.0.styles.iter().find(|s| s.id == *style);
        let allowed = |seat: &Seat| {
            rules
                .and_then(|r| r.generators.as_ref())
                .is_none_or(|names| names.iter().any(|name| name == seat.generator.id()))
        };
        self.0
            .generators
            .iter()
            .enumerate()
            .filter(|(_, seat)| {
                seat.busy.load(Ordering::Relaxed) < seat.generator.slots()
                    && seat.generator.paints(style)
                    && allowed(seat)
            })
            .map(|(i, _)| i)
            .collect()
    }

    fn names(&self) -> Vec<&str> {
        self.0
            .generators
            .iter()
            .map(|seat| seat.generator.id())
            .collect()
    }

    /// Longer than any attempt: a lease that runs out means this process is gone.
    fn longest_lease(&self) -> Duration {
        let longest = self
            .0
            .styles
            .iter()
            .map(|s| s.timeout)
            .max()
            .unwrap_or_default();
        longest + Duration::from_secs(30)
    }

    fn stop_unwanted(&self, commit: &Commit) {
        for recorded in &commit.events {
            match &recorded.event {
                Event::PaintingCancelled { painting, .. } => {
                    if let Some(running) = lock(&self.0.running).get(painting) {
                        running.cancel.cancel();
                    }
                    lock(&self.0.tried).remove(painting);
                    self.0.parts.feed.settled(*painting);
                }
                Event::PaintingRetried { painting, .. } => {
                    lock(&self.0.tried).remove(painting);
                }
                Event::Erased {} => self.stop_all_of(commit.session),
                _ => {}
            }
        }
    }

    /// Nobody waits for the paintings of an erased visit.
    fn stop_all_of(&self, session: Uuid) {
        for (painting, running) in &*lock(&self.0.running) {
            if running.session == session {
                running.cancel.cancel();
                lock(&self.0.tried).remove(painting);
                self.0.parts.feed.settled(*painting);
            }
        }
    }
}

/// How long the pool waits at most before it looks again by itself.
const IDLE: Duration = Duration::from_secs(5);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
