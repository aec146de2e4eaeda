//! The queue as a table beside the sessions, so that events and work share a transaction.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{Job, Lease, NewJob, Queue, QueueError};
use crate::clock::Clock;
use crate::store::{Store, Txn, readable};

/// The queue in the record's own file.
#[derive(Debug, Clone)]
pub struct SqliteQueue {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl SqliteQueue {
    /// The queue of that record.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

/// Puts a job into its queue, as part of `txn`.
///
/// # Errors
/// [`QueueError`].
pub async fn enqueue(txn: &mut Txn, job: &NewJob, now: Timestamp) -> Result<(), QueueError> {
    cancel(txn, job.subject).await?;
    sqlx::query(
        "INSERT INTO jobs (queue, session, subject, state, queued_at, visible_at)
         VALUES ($1, $2, $3, 'waiting', $4, $5)",
    )
    .bind(&job.queue)
    .bind(job.session.to_string())
    .bind(job.subject.to_string())
    .bind(now.as_millisecond())
    .bind(job.not_before.unwrap_or(now).as_millisecond())
    .execute(txn.connection())
    .await?;
    Ok(())
}

/// Takes what waits for `subject` out of its queue; a worker at it loses its lease.
///
/// # Errors
/// [`QueueError`].
pub async fn cancel(txn: &mut Txn, subject: Uuid) -> Result<(), QueueError> {
    sqlx::query("DELETE FROM jobs WHERE subject = $1")
        .bind(subject.to_string())
        .execute(txn.connection())
        .await?;
    Ok(())
}

/// Ends a job whose result is part of `txn`. `false`: the lease is lost, and the caller must not
/// commit.
///
/// # Errors
/// [`QueueError`].
pub async fn settle(txn: &mut Txn, lease: Lease) -> Result<bool, QueueError> {
    let done = sqlx::query("DELETE FROM jobs WHERE id = $1 AND lease = $2 AND state = 'running'")
        .bind(lease.job)
        .bind(lease.number)
        .execute(txn.connection())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets a job aside that was given up, keeping it for the staff; part of `txn`. `false`: the
/// lease is lost, and the caller must not commit.
///
/// # Errors
/// [`QueueError`].
pub async fn bury(txn: &mut Txn, lease: Lease, error: &str) -> Result<bool, QueueError> {
    let done = sqlx::query(
        "UPDATE jobs SET state = 'dead', attempts = attempts + 1, last_error = $3
         WHERE id = $1 AND lease = $2 AND state = 'running'",
    )
    .bind(lease.job)
    .bind(lease.number)
    .bind(error)
    .execute(txn.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

#[async_trait]
impl Queue for SqliteQueue {
    async fn claim(&self, queues: &[String], lease: Duration) -> Result<Option<Job>, QueueError> {
        let now = self.clock.now().as_millisecond();
        let mut txn = self.store.begin().await?;
        // Each turn takes one job out of the way, if only by setting it aside.
        while let Some(row) = claim(&mut txn, queues, lease, now).await? {
            match read(&row) {
                Ok(job) => {
                    txn.commit().await?;
                    return Ok(Some(job));
                }
                Err(e) => set_aside(&mut txn, &row, &e).await?,
            }
        }
        txn.commit().await?;
        Ok(None)
    }

    async fn renew(&self, lease: Lease, by: Duration) -> Result<bool, QueueError> {
        let until = self.clock.now().as_millisecond() + millis(by);
        self.change(
            sqlx::query(
                "UPDATE jobs SET visible_at = $3
                 WHERE id = $1 AND lease = $2 AND state = 'running'",
            )
            .bind(lease.job)
            .bind(lease.number)
            .bind(until),
        )
        .await
    }

    async fn retry(&self, lease: Lease, delay: Duration, error: &str) -> Result<bool, QueueError> {
        let at = self.clock.now().as_millisecond() + millis(delay);
        self.change(
            sqlx::query(
                "UPDATE jobs SET state = 'waiting', attempts = attempts + 1, visible_at = $3,
                     last_error = $4
                 WHERE id = $1 AND lease = $2 AND state = 'running'",
            )
            .bind(lease.job)
            .bind(lease.number)
            .bind(at)
            .bind(error.to_owned()),
        )
        .await
    }

    async fn release(&self, lease: Lease) -> Result<bool, QueueError> {
        let now = self.clock.now().as_millisecond();
        self.change(
            sqlx::query(
                "UPDATE jobs SET state = 'waiting', visible_at = $3
                 WHERE id = $1 AND lease = $2 AND state = 'running'",
            )
            .bind(lease.job)
            .bind(lease.number)
            .bind(now),
        )
        .await
    }

    async fn next_at(&self, queues: &[String]) -> Result<Option<Timestamp>, QueueError> {
        let ms: Option<i64> = sqlx::query_scalar(
            "SELECT MIN(visible_at) FROM jobs
             WHERE queue IN (SELECT value FROM json_each($1)) AND state IN ('waiting', 'running')",
        )
        .bind(serde_json::json!(queues).to_string())
        .fetch_one(self.store.reader())
        .await?;
        Ok(ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
    }

    async fn named(&self, prefix: &str) -> Result<Vec<String>, QueueError> {
        let rows = sqlx::query(
            "SELECT DISTINCT queue FROM jobs
             WHERE state IN ('waiting', 'running') AND substr(queue, 1, length($1)) = $1
             ORDER BY queue",
        )
        .bind(prefix)
        .fetch_all(self.store.reader())
        .await?;
        Ok(readable(&rows, "a queue", |row| Ok(row.try_get("queue")?)))
    }

    async fn reclaim(&self) -> Result<u64, QueueError> {
        let now = self.clock.now().as_millisecond();
        let mut txn = self.store.begin().await?;
        let done = sqlx::query(
            "UPDATE jobs SET state = 'waiting', visible_at = $1 WHERE state = 'running'",
        )
        .bind(now)
        .execute(txn.connection())
        .await?;
        txn.commit().await?;
        Ok(done.rows_affected())
    }
}

/// The job whose turn it is, taken under a lease.
async fn claim(
    txn: &mut Txn,
    queues: &[String],
    lease: Duration,
    now: i64,
) -> Result<Option<SqliteRow>, QueueError> {
    let row = sqlx::query(
        "UPDATE jobs SET state = 'running', lease = lease + 1, visible_at = $2 + $3,
             first_claimed_at = COALESCE(first_claimed_at, $2)
         WHERE id = (
             SELECT id FROM jobs
             WHERE queue IN (SELECT value FROM json_each($1))
               AND state IN ('waiting', 'running') AND visible_at <= $2
             ORDER BY queued_at, id LIMIT 1)
         RETURNING *",
    )
    .bind(serde_json::json!(queues).to_string())
    .bind(now)
    .bind(millis(lease))
    .fetch_optional(txn.connection())
    .await?;
    Ok(row)
}

/// A job that does not read is nobody's, and others wait behind it.
async fn set_aside(txn: &mut Txn, row: &SqliteRow, why: &QueueError) -> Result<(), QueueError> {
    let id: i64 = row.try_get("id")?;
    tracing::error!(
        job = id,
        error = why as &dyn std::error::Error,
        "a job that does not read is set aside"
    );
    sqlx::query("UPDATE jobs SET state = 'dead', last_error = $2 WHERE id = $1")
        .bind(id)
        .bind(why.to_string())
        .execute(txn.connection())
        .await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

impl SqliteQueue {
    async fn change(&self, query: Query<'_>) -> Result<bool, QueueError> {
        let mut txn = self.store.begin().await?;
        let done = query.execute(txn.connection()).await?;
        txn.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(row: &SqliteRow) -> Result<Job, QueueError> {
    let id = |name| {
        let id = Uuid::try_parse(row.try_get(name)?);
        id.map_err(|e| sqlx::Error::Decode(Box::new(e)))
    };
    let time = |name| {
        let time = Timestamp::from_millisecond(row.try_get(name)?);
        time.map_err(|e| sqlx::Error::Decode(Box::new(e)))
    };
    Ok(Job {
        lease: Lease {
            job: row.try_get("id")?,
            number: row.try_get("lease")?,
        },
        queue: row.try_get("queue")?,
        session: id("session")?,
        subject: id("subject")?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        queued_at: time("queued_at")?,
        first_claimed_at: time("first_claimed_at")?,
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
