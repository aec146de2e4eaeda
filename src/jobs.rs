//! Durable work besides painting, one verb a file. (Painting has a house of its own:
//! [`crate::pool`].)

pub mod expire;
pub mod housekeeping;
pub mod print;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::queue::{Job, Queue, QueueError};
use crate::visits::Visits;

/// How long a worker waits at most before it looks again by itself.
const IDLE: Duration = Duration::from_secs(5);
/// How long to rest after trouble with the queue.
const TROUBLE: Duration = Duration::from_secs(2);

/// Does one kind of job.
#[async_trait]
pub trait Hand: Send + Sync {
    /// The queue it works from.
    fn queue(&self) -> &'static str;

    /// How long a job may take before another may claim it.
    fn lease(&self) -> Duration;

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
    let queues = [hand.queue().to_owned()];
    while !stop.is_cancelled() {
        let rest = match turn(hand, &*queue, &queues, &*clock, &stop).await {
            Ok(rest) => rest,
            Err(e) => {
                tracing::error!(
                    queue = hand.queue(),
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

async fn turn(
    hand: &dyn Hand,
    queue: &dyn Queue,
    queues: &[String],
    clock: &dyn Clock,
    stop: &CancellationToken,
) -> Result<Duration, QueueError> {
    while let Some(job) = queue.claim(queues, hand.lease()).await? {
        hand.work(&job, stop).await?;
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
