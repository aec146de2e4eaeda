//! What staff look at: visits, page by page, and what waits.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::log::time;
use super::sessions::{damaged, uuid};
use super::{Store, StoreError, readable};

/// Jobs of one kind that are not done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Waiting, or backing off after a failed attempt.
    pub waiting: u64,
    /// In somebody's hands.
    pub running: u64,
    /// When the oldest of them was put into its queue.
    pub oldest: Option<Timestamp>,
}

/// A job that is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Whose.
    pub session: Uuid,
    /// What it is about.
    pub subject: Uuid,
    /// When it was put into its queue.
    pub since: Timestamp,
}

/// Which of the visits are asked for. Times are the booth's steady clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// The number on one of its tickets.
    pub number: Option<u32>,
    /// Begun then or later.
    pub from: Option<Timestamp>,
    /// Begun before then.
    pub to: Option<Timestamp>,
    /// Those that follow this visit in the list, whether it is erased or not.
    pub after: Option<Uuid>,
    /// At most so many.
    pub most: u32,
}

impl Store {
    /// Visits that have a photo and are not erased, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn visits(&self, page: Page) -> Result<Vec<Uuid>, StoreError> {
        // `instr` costs a tenth of reading JSON, and leaves few events to read. What is spoilt is
        // nobody's photo and nobody's ticket.
        let rows = sqlx::query(
            "SELECT id FROM sessions WHERE erased_at IS NULL AND stage NOT IN ('consent', 'capture')
             AND ($1 IS NULL OR opened_at >= $1) AND ($2 IS NULL OR opened_at < $2)
             AND ($3 IS NULL OR (opened_at, id) < (SELECT opened_at, id FROM sessions WHERE id = $3))
             AND ($4 IS NULL OR EXISTS (
                 SELECT 1 FROM events WHERE session = sessions.id
                 AND CASE WHEN instr(body, 'ticket.ready') > 0 AND json_valid(body)
                     THEN json_extract(body, '$.type') = 'ticket.ready'
                         AND json_extract(body, '$.data.ticket.number') = $4 END))
             AND EXISTS (
                 SELECT 1 FROM events WHERE session = sessions.id
                 AND CASE WHEN instr(body, 'capture.taken') > 0 AND json_valid(body)
                     THEN json_extract(body, '$.type') = 'capture.taken' END)
             ORDER BY opened_at DESC, id DESC LIMIT $5",
        )
        .bind(page.from.map(Timestamp::as_millisecond))
        .bind(page.to.map(Timestamp::as_millisecond))
        .bind(page.after.map(|id| id.to_string()))
        .bind(page.number)
        .bind(page.most)
        .fetch_all(&self.pool)
        .await?;
        Ok(readable(&rows, "a visit", |row| uuid(row.try_get("id")?)))
    }

    /// The jobs of that queue that are not done, in the order of their turns.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn waiting(&self, queue: &str, most: u32) -> Result<Vec<Waiting>, StoreError> {
        let rows = sqlx::query(
            "SELECT session, subject, queued_at FROM jobs
             WHERE queue = $1 AND state IN ('waiting', 'running')
             ORDER BY queued_at, id LIMIT $2",
        )
        .bind(queue)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let waiting = |row: &SqliteRow| {
            Ok(Waiting {
                session: uuid(row.try_get("session")?)?,
                subject: uuid(row.try_get("subject")?)?,
                since: time(row.try_get("queued_at")?).map_err(damaged)?,
            })
        };
        Ok(readable(&rows, "a job", waiting))
    }

    /// What waits in the queues whose names begin with `queue`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn backlog(&self, queue: &str) -> Result<Backlog, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) FILTER (WHERE state = 'waiting') AS waiting,
                    COUNT(*) FILTER (WHERE state = 'running') AS running,
                    MIN(queued_at) AS oldest
             FROM jobs WHERE substr(queue, 1, length($1)) = $1 AND state IN ('waiting', 'running')",
        )
        .bind(queue)
        .fetch_one(&self.pool)
        .await?;
        // A time that is none, among others that are, hides no number.
        let oldest = row.try_get::<Option<i64>, _>("oldest").ok().flatten();
        Ok(Backlog {
            waiting: row.try_get::<i64, _>("waiting")?.unsigned_abs(),
            running: row.try_get::<i64, _>("running")?.unsigned_abs(),
            oldest: oldest.and_then(|ms| time(ms).ok()),
        })
    }
}
