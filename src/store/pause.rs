//! The pause: why the booth takes no new visitors, and until when. It outlives a restart.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::log::time;
use super::sessions::damaged;
use super::{Store, StoreError, Txn, readable};

/// A pause as it is kept. Times are the booth's steady clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseRow {
    /// Why, in a word that pages translate.
    pub reason: String,
    /// What staff want to say besides, as they typed it; may be empty.
    pub note: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` is until somebody says so.
    pub until: Option<Timestamp>,
}

impl Txn {
    /// Begins a pause in place of the one there may be, or ends it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_pause(&mut self, pause: Option<&PauseRow>) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM pause")
            .execute(self.connection())
            .await?;
        if let Some(pause) = pause {
            sqlx::query("INSERT INTO pause (reason, note, since, until) VALUES ($1, $2, $3, $4)")
                .bind(pause.reason.clone())
                .bind(pause.note.clone())
                .bind(pause.since.as_millisecond())
                .bind(pause.until.map(Timestamp::as_millisecond))
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

impl Store {
    /// The pause as it was last set, over or not.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Damaged`].
    pub async fn pause(&self) -> Result<Option<PauseRow>, StoreError> {
        let rows = sqlx::query("SELECT reason, note, since, until FROM pause LIMIT 1")
            .fetch_all(&self.pool)
            .await?;
        // One that does not read keeps nobody out.
        Ok(readable(&rows, "the pause", read).pop())
    }
}

fn read(row: &SqliteRow) -> Result<PauseRow, StoreError> {
    let until = row.try_get::<Option<i64>, _>("until")?.map(time);
    Ok(PauseRow {
        reason: row.try_get("reason")?,
        note: row.try_get("note")?,
        since: time(row.try_get("since")?).map_err(damaged)?,
        until: until.transpose().map_err(damaged)?,
    })
}
