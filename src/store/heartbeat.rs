//! How far the booth's time had come, for the clock of the next start.

use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;

use super::log::time;
use super::{Store, StoreError};
use crate::clock::Mark;

const ALIVE: &str = "heartbeat";
const LAG: &str = "heartbeat.lag";
/// The heartbeat is written once a minute: no visit's time is later than it by more.
const NEWER: SignedDuration = SignedDuration::from_hours(1);

impl Store {
    /// The latest time that anything was noted, and how far the clock was behind then: the clock must
    /// not run behind that after a restart. Where no visit is kept nothing is left of the time
    /// before, and it may begin anew.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn mark(&self) -> Result<Option<Mark>, StoreError> {
        // What is no number, or no time, in a damaged row stops no clock.
        let row = sqlx::query(
            "SELECT (SELECT value FROM notes WHERE name = $1 AND typeof(value) = 'integer') AS alive,
                    (SELECT value FROM notes WHERE name = $2 AND typeof(value) = 'integer') AS lag,
                    (SELECT MAX(active_at) FROM sessions WHERE typeof(active_at) = 'integer')
                        AS active,
                    EXISTS (SELECT 1 FROM sessions WHERE erased_at IS NULL) AS kept",
        )
        .bind(ALIVE)
        .bind(LAG)
        .fetch_one(&self.pool)
        .await?;
        let at = |name| Ok::<_, StoreError>(row.try_get::<Option<i64>, _>(name)?.and_then(read));
        let (alive, active) = (at("alive")?, at("active")?);
        let Some(latest) = latest(alive, active) else {
            return Ok(None);
        };
        let lag = row.try_get::<Option<i64>, _>("lag")?.unwrap_or_default();
        let kept = row.try_get::<i64, _>("kept")? != 0;
        Ok(Some(Mark {
            alive: latest,
            lag: SignedDuration::from_millis(if kept { lag.max(0) } else { 0 }),
        }))
    }

    /// Notes that the booth was alive at `mark`.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Poisoned`].
    pub async fn beat(&self, mark: Mark) -> Result<(), StoreError> {
        let mut txn = self.begin().await?;
        let lag = i64::try_from(mark.lag.as_millis()).unwrap_or(i64::MAX);
        for (name, value) in [(ALIVE, mark.alive.as_millisecond()), (LAG, lag)] {
            sqlx::query(
                "INSERT INTO notes (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = $2",
            )
            .bind(name)
            .bind(value)
            .execute(txn.connection())
            .await?;
        }
        txn.commit().await
    }
}

fn read(ms: i64) -> Option<Timestamp> {
    time(ms).ok()
}

/// A visit's time counts only near the heartbeat: one turned bit would make all that is kept due.
fn latest(alive: Option<Timestamp>, active: Option<Timestamp>) -> Option<Timestamp> {
    match (alive, active) {
        (Some(alive), Some(active)) if active.duration_since(alive) <= NEWER => {
            Some(alive.max(active))
        }
        (Some(alive), _) => Some(alive),
        (None, active) => active,
    }
}
