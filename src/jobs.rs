//! Durable work besides painting, one verb a file. (Painting has a house of its own:
//! [`crate::pool`].)

pub mod expire;
pub mod housekeeping;
pub mod print;
mod retention;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::queue::{Job, Queue, QueueError};
use crate::visits::{VisitError, Visits};

pub use retention::Retention;

/// How long a worker waits at most before it looks again by itself.
const IDLE: Duration = Duration::from_secs(5);
/// How long to rest after trouble with the queue.
const TROUBLE: Duration = Duration::from_secs(2);
/// How long a job that is owed and brought its worker to panic waits for another try.
const PANICKED: Duration = Duration::from_secs(60);
const WHY: &str = "it brought its worker to panic";

/// Does one kind of job.
#[async_trait]
pub trait Hand: Send + Sync {
    /// The queues it works from; what waits in one of them goes before all in the next.
    fn queues(&self) -> &'static [&'static str];

    /// How long a job may take before another may claim it.
    fn lease(&self) -> Duration;

    /// Whether its jobs are promises that are never given up, such as an erasure.
    fn is_owed(&self) -> bool;

    /// Does the job and settles it: reported, given back or dropped.
    ///
    /// # Errors
    /// [`QueueError`] if that could not be written down; the lease will run out.
    async fn work(&self, job: &Job, stop: &CancellationToken) -> Result<(), QueueError>;
}

/// Works one job after the other until `stop`, finishing the one in hand.
pub async fn run(
    hand: &dyn Hand,
    queue: Arc<dyn Queue>,
    visits: Visits,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut commits = visits.store().commits();
    let queues: Vec<String> = hand
        .queues()
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    while !stop.is_cancelled() {
        let rest = match turn(hand, &*queue, &visits, &queues, &*clock, &stop).await {
            Ok(rest) => rest,
            // What is to be deleted makes room, and must be able to say so.
            Err(QueueError::Full(_)) if visits.store().reserve().release() => Duration::ZERO,
            Err(e) => {
                tracing::error!(
                    queue = hand.queues()[0],
                    error = &e as &dyn std::error::Error,
                    "a job could not be worked"
                );
                TROUBLE
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(rest) => {}
            _ = commits.recv(), if !rest.is_zero() => {}
        }
    }
}

async fn claim(
    hand: &dyn Hand,
    queue: &dyn Queue,
    queues: &[String],
) -> Result<Option<Job>, QueueError> {
    for name in queues.chunks(1) {
        let job = queue.claim(name, hand.lease()).await?;
        if job.is_some() {
            return Ok(job);
        }
    }
    Ok(None)
}

/// A job that brings its worker to panic would do so again, at each start of the booth too.
async fn broke(
    hand: &dyn Hand,
    queue: &dyn Queue,
    visits: &Visits,
    job: &Job,
) -> Result<(), QueueError> {
    tracing::error!(queue = %job.queue, attempts = job.attempts, "a job brought its worker to panic");
    if hand.is_owed() {
        queue.retry(job.lease, PANICKED, WHY).await?;
        return Ok(());
    }
    match visits.bury_job(job.lease, WHY).await {
        Err(VisitError::Store(e)) => Err(e),
        _ => Ok(()),
    }
}

async fn turn(
    hand: &dyn Hand,
    queue: &dyn Queue,
    visits: &Visits,
    queues: &[String],
    clock: &dyn Clock,
    stop: &CancellationToken,
) -> Result<Duration, QueueError> {
    while let Some(job) = claim(hand, queue, queues).await? {
        let worked = AssertUnwindSafe(hand.work(&job, stop)).catch_unwind().await;
        match worked {
            Ok(worked) => worked?,
            Err(_) => broke(hand, queue, visits, &job).await?,
        }
        if stop.is_cancelled() {
            break;
        }
    }
    let next = queue.next_at(queues).await?;
    let wait = next.map(|at| clock.now().duration_until(at));
    let wait = wait
        .and_then(|w| Duration::try_from(w).ok())
        .unwrap_or(IDLE);
    Ok(wait.clamp(Duration::from_millis(10), IDLE))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use uuid::Uuid;

    use super::*;
    use crate::clock::ManualClock;
    use crate::queue::SqliteQueue;
    use crate::session::Command;
    use crate::store::Store;
    use crate::visits::tests::new_visit;
    use crate::visits::{ERASE, EXPIRE};

    /// Notes whose jobs come, and drops them.
    struct Notes(Visits, Mutex<Vec<Uuid>>);

    #[async_trait]
    impl Hand for Notes {
        fn queues(&self) -> &'static [&'static str] {
            &[ERASE, EXPIRE]
        }

        fn lease(&self) -> Duration {
            Duration::from_secs(60)
        }

        fn is_owed(&self) -> bool {
            true
        }

        async fn work(&self, job: &Job, _stop: &CancellationToken) -> Result<(), QueueError> {
            self.1.lock().unwrap().push(job.session);
            self.0.drop_job(job.lease).await.unwrap();
            Ok(())
        }
    }

    /// Panics at each job, as a decoder might at a picture that is damaged.
    struct Breaks {
        owed: bool,
    }

    #[async_trait]
    impl Hand for Breaks {
        fn queues(&self) -> &'static [&'static str] {
            &[EXPIRE]
        }

        fn lease(&self) -> Duration {
            Duration::from_secs(60)
        }

        fn is_owed(&self) -> bool {
            self.owed
        }

        async fn work(&self, _job: &Job, _stop: &CancellationToken) -> Result<(), QueueError> {
            panic!("it breaks on purpose")
        }
    }

    #[tokio::test]
    async fn a_job_that_breaks_its_worker_is_set_aside_unless_it_is_owed() {
        for owed in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
            let clock = ManualClock::default();
            let clock_ = || Arc::new(clock.clone()) as Arc<dyn Clock>;
            let visits = Visits::new(store.clone(), clock_());
            let queue = SqliteQueue::new(store, clock_());
            for id in [1, 2].map(Uuid::from_u128) {
                let visit = new_visit(id, clock.now());
                visits.open(visit).await.unwrap();
            }
            clock.advance(Duration::from_secs(24 * 3600));
            let stop = CancellationToken::new();
            let queues = [EXPIRE.to_owned()];
            // Both are tried, and neither is in the way of the other.
            let hand = Breaks { owed };
            turn(&hand, &queue, &visits, &queues, &clock, &stop)
                .await
                .unwrap();
            let again = queue.next_at(&queues).await.unwrap();
            assert_eq!(again, owed.then(|| clock.now() + PANICKED), "owed: {owed}");
        }
    }

    #[tokio::test]
    async fn what_a_visitor_wants_gone_goes_before_all_that_is_due_for_its_age() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
        let clock = ManualClock::default();
        let clock_ = || Arc::new(clock.clone()) as Arc<dyn Clock>;
        let (visits, now) = (Visits::new(store.clone(), clock_()), clock.now());
        let queue = SqliteQueue::new(store, clock_());
        let ids = [1, 2, 3].map(Uuid::from_u128);
        for id in ids {
            let visit = new_visit(id, now);
            visits.open(visit).await.unwrap();
        }
        clock.advance(Duration::from_secs(3600));
        visits.run(ids[2], Command::Erase).await.unwrap();
        let hand = Notes(visits, Mutex::default());
        let queues = [ERASE.to_owned(), EXPIRE.to_owned()];
        let stop = CancellationToken::new();
        let visits = hand.0.clone();
        turn(&hand, &queue, &visits, &queues, &clock, &stop)
            .await
            .unwrap();
        assert_eq!(*hand.1.lock().unwrap(), [ids[2], ids[0], ids[1]]);
    }
}
