//! The rows by which sessions are found. Each repeats what the log says, for queries only.

use jiff::Timestamp;
use sqlx::Row as _;
use uuid::Uuid;

use super::log::time;
use super::{Damage, Store, StoreError, Txn, readable};
use crate::session::{Session, Stage};

/// What is known of a session before its first event.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of its join code, in hex or base64: the code itself is not kept.
    pub code_hash: &'a str,
    /// When it is opened.
    pub opened_at: Timestamp,
    /// When everything of it is deleted.
    pub expires_at: Timestamp,
}

/// What is known of a session without its log: also of an erased one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// When everything of it is deleted.
    pub expires_at: Timestamp,
    /// When it was erased, if it was.
    pub erased_at: Option<Timestamp>,
}

/// How a visit was ended for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Somebody wanted it gone, and then it was.
    Erased(Timestamp),
    /// Its time had come.
    Expired,
}

impl Row {
    /// How it was ended for good, if it was.
    pub fn over(&self) -> Option<Over> {
        self.erased_at.map(|at| match at < self.expires_at {
            true => Over::Erased(at),
            false => Over::Expired,
        })
    }
}

impl Txn {
    /// Makes the row of a new session.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn insert_session(&mut self, new: &NewSession<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions (id, code_hash, opened_at, expires_at, active_at, stage)
             VALUES ($1, $2, $3, $4, $3, 'consent')",
        )
        .bind(new.id.to_string())
        .bind(new.code_hash)
        .bind(new.opened_at.as_millisecond())
        .bind(new.expires_at.as_millisecond())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Brings the row up to date with the state.
    pub(super) async fn update_session(
        &mut self,
        state: &Session,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sessions SET stage = $2, unsettled = $3, on_screen = $4, active_at = $5,
                 erased_at = $6 WHERE id = $1",
        )
        .bind(state.id.to_string())
        .bind(stage_name(state.stage()))
        .bind(i64::from(state.has_unsettled_paintings()))
        .bind(i64::from(state.on_screen))
        .bind(at.as_millisecond())
        .bind(state.erased_at.map(Timestamp::as_millisecond))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes that a session is not on the screen, whatever its log says.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn take_off_screen(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET on_screen = 0 WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes every event, job and request of an erased session. What is left
    /// is its id, the hash of its join code and when it was erased, so that old links can say so.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn forget_session(&mut self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.forget_events(id).await?;
        let id = id.to_string();
        sqlx::query("DELETE FROM jobs WHERE session = $1")
            .bind(&id)
            .execute(self.connection())
            .await?;
        sqlx::query(
            "UPDATE sessions SET on_screen = 0, unsettled = 0, stage = 'ended',
                 erased_at = COALESCE(erased_at, $2) WHERE id = $1",
        )
        .bind(&id)
        .bind(at.as_millisecond())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes what happened in a session and what was asked in it, and leaves its jobs.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn forget_events(&mut self, id: Uuid) -> Result<(), StoreError> {
        for text in [
            "DELETE FROM events WHERE session = $1",
            "DELETE FROM pool_attempts WHERE session = $1",
            "DELETE FROM requests WHERE session = $1",
        ] {
            sqlx::query(text)
                .bind(id.to_string())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Drops the rows of sessions erased before `before`; their links and tokens have run out.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn drop_erased(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE erased_at < $1 AND expires_at < $1")
            .bind(before.as_millisecond())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }

    /// How many sessions keep the booth busy: on the screen, with paintings to come, or begun
    /// after `since` and without a photo yet.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn count_open(&mut self, since: Timestamp) -> Result<u64, StoreError> {
        let n: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM sessions WHERE erased_at IS NULL AND stage <> 'ended' AND
                 (on_screen = 1 OR unsettled = 1 OR
                  (stage IN ('consent', 'capture') AND active_at > $1))",
        )
        .bind(since.as_millisecond())
        .fetch_one(self.connection())
        .await?;
        Ok(n.unsigned_abs())
    }
}

impl Store {
    /// The row of that id, erased or not.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Damaged`].
    pub async fn row(&self, id: Uuid) -> Result<Option<Row>, StoreError> {
        let row = sqlx::query("SELECT id, expires_at, erased_at FROM sessions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// The session whose join code has this hash.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Damaged`].
    pub async fn by_code(&self, code_hash: &str) -> Result<Option<Row>, StoreError> {
        let row =
            sqlx::query("SELECT id, expires_at, erased_at FROM sessions WHERE code_hash = $1")
                .bind(code_hash)
                .fetch_optional(&self.pool)
                .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// The sessions that were not handed over, the newest first: the one that the kiosk shows, and
    /// at most what a crash has left beside it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn on_screen(&self) -> Result<Vec<Uuid>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM sessions WHERE on_screen = 1 ORDER BY opened_at DESC, id DESC",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(readable(&rows, "a visit", |row| uuid(row.try_get("id")?)))
    }

    /// Sessions that are kept though their time was over `before`: the job that should have erased
    /// them is gone.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn overdue(&self, before: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        let rows =
            sqlx::query("SELECT id FROM sessions WHERE erased_at IS NULL AND expires_at < $1")
                .bind(before.as_millisecond())
                .fetch_all(&self.pool)
                .await?;
        Ok(readable(&rows, "a visit", |row| uuid(row.try_get("id")?)))
    }

    /// Sessions off the screen that never got a photo and have been still since `before`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn abandoned(&self, before: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM sessions WHERE erased_at IS NULL AND on_screen = 0 AND
                 stage IN ('consent', 'capture') AND active_at <= $1",
        )
        .bind(before.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        Ok(readable(&rows, "a visit", |row| uuid(row.try_get("id")?)))
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Row, StoreError> {
    Ok(Row {
        id: uuid(row.try_get("id")?)?,
        expires_at: time(row.try_get("expires_at")?).map_err(damaged)?,
        erased_at: row
            .try_get::<Option<i64>, _>("erased_at")?
            .map(time)
            .transpose()
            .map_err(damaged)?,
    })
}

pub(super) fn uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::try_parse(text).map_err(|_| damaged(Damage::Value("id")))
}

pub(super) fn damaged(source: Damage) -> StoreError {
    StoreError::Damaged {
        session: Uuid::nil(),
        source,
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Consent => "consent",
        Stage::Capture => "capture",
        Stage::Painting => "painting",
        Stage::Choose => "choose",
        Stage::Ticket => "ticket",
        Stage::Ended => "ended",
    }
}
