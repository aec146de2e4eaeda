//! Staff's shifts that were ended before their tokens ran out. They outlive a restart, as tokens do.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::log::time;
use super::sessions::{damaged, uuid};
use super::{Store, StoreError, Txn, readable};

/// A shift whose tokens are worth nothing though their time is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedShift {
    /// Its id, as its tokens name it.
    pub shift: Uuid,
    /// When the last of its tokens runs out: from then on nobody has to know of it.
    pub until: Timestamp,
}

impl Txn {
    /// Notes that a shift has ended, and forgets those of which no token is left at `now`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn end_shift(&mut self, ended: EndedShift, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM ended_shifts WHERE until <= $1")
            .bind(now.as_millisecond())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "INSERT INTO ended_shifts (shift, until) VALUES ($1, $2)
             ON CONFLICT (shift) DO UPDATE SET until = MAX(until, $2)",
        )
        .bind(ended.shift.to_string())
        .bind(ended.until.as_millisecond())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl Store {
    /// The shifts that have ended and of which tokens may be left at `now`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ended_shifts(&self, now: Timestamp) -> Result<Vec<EndedShift>, StoreError> {
        let rows = sqlx::query("SELECT shift, until FROM ended_shifts WHERE until > $1")
            .bind(now.as_millisecond())
            .fetch_all(&self.pool)
            .await?;
        let ended = |row: &SqliteRow| {
            Ok(EndedShift {
                shift: uuid(row.try_get("shift")?)?,
                until: time(row.try_get("until")?).map_err(damaged)?,
            })
        };
        Ok(readable(&rows, "the end of a shift", ended))
    }
}
