//! Reading the log.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteExecutor};
use uuid::Uuid;

use super::{Damage, Store, StoreError};
use crate::session::{Recorded, Session, fold};

impl Store {
    /// The session's state: its whole log, folded. `None` if it has none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the log does not fold, [`StoreError::Database`].
    pub async fn load(&self, session: Uuid) -> Result<Option<Session>, StoreError> {
        load(&self.pool, session).await
    }

    /// The events after number `after`, in order.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn events_after(
        &self,
        session: Uuid,
        after: u64,
    ) -> Result<Vec<Recorded>, StoreError> {
        events_after(&self.pool, session, after).await
    }
}

pub(super) async fn load(
    db: impl SqliteExecutor<'_>,
    session: Uuid,
) -> Result<Option<Session>, StoreError> {
    let log = events_after(db, session, 0).await?;
    fold(session, &log).map_err(|e| StoreError::Damaged {
        session,
        source: e.into(),
    })
}

async fn events_after(
    db: impl SqliteExecutor<'_>,
    session: Uuid,
    after: u64,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, at, body FROM events WHERE session = $1 AND seq > $2 ORDER BY seq",
    )
    .bind(session.to_string())
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .fetch_all(db)
    .await?;
    let recorded = rows.iter().map(read).collect::<Result<_, Damage>>();
    recorded.map_err(|source| StoreError::Damaged { session, source })
}

fn read(row: &SqliteRow) -> Result<Recorded, Damage> {
    let seq = row.try_get::<i64, _>("seq").map_err(Damage::Column)?;
    let seq = seq.unsigned_abs();
    let body = row.try_get("body").map_err(Damage::Column)?;
    Ok(Recorded {
        seq,
        at: time(row.try_get("at").map_err(Damage::Column)?)?,
        event: serde_json::from_str(body).map_err(|source| Damage::Unreadable { seq, source })?,
    })
}

/// A stored time: milliseconds since 1970, UTC.
pub(super) fn time(ms: i64) -> Result<Timestamp, Damage> {
    Timestamp::from_millisecond(ms).map_err(|_| Damage::Value("time"))
}
