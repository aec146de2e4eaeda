//! Requests that were carried out, by their `Idempotency-Key`: a command that is sent again at any
//! later time is answered from here and not carried out again. Noted in the transaction of the
//! command's own events; gone with the visit. No body and no token is kept.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteExecutor, query, query_scalar};
use uuid::Uuid;

use super::sessions::{damaged, uuid};
use super::{Damage, Store, StoreError, Txn};

/// Among whose requests a key stands for one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Those of one room, by whoever is in it, and of who joins it.
    Room(Uuid),
    /// Those that the kiosk's screen makes without a token.
    Kiosk,
    /// Those that staff make.
    Staff,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(session) => fmt::Display::fmt(session, f),
            Self::Kiosk => f.write_str("kiosk"),
            Self::Staff => f.write_str("staff"),
        }
    }
}

/// What makes two requests one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Among whose requests its key counts.
    pub scope: Scope,
    /// Its `Idempotency-Key`.
    pub key: String,
    /// SHA-256, as base64url, of where it was sent to and what came with it.
    pub digest: String,
}

/// What a command led to, as far as its answer cannot be told from the session alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing more than that it was carried out.
    Done,
    /// These are the answer: a capture, a ticket, paintings.
    Made(Vec<Uuid>),
    /// The phone of the room with this number, counted from one.
    Seat(u32),
}

impl Outcome {
    /// The one thing that was made.
    pub fn made(&self) -> Option<Uuid> {
        match self {
            Self::Made(ids) => ids.first().copied(),
            _ => None,
        }
    }
}

/// A request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The digest of what came with it.
    pub digest: String,
    /// What it led to.
    pub outcome: Outcome,
    /// The number of the last event of its session then; 0 for one of no session.
    pub seq: u64,
    /// The session that it spoke of or began.
    pub session: Option<Uuid>,
}

impl Store {
    /// What the request of that key came to, if it was carried out.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Damaged`].
    pub async fn request(&self, scope: Scope, key: &str) -> Result<Option<Carried>, StoreError> {
        find(&self.pool, scope, key).await
    }
}

impl Txn {
    /// The same, as this transaction sees it.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Damaged`].
    pub async fn request(
        &mut self,
        scope: Scope,
        key: &str,
    ) -> Result<Option<Carried>, StoreError> {
        find(self.connection(), scope, key).await
    }

    /// Notes that a request was carried out.
    ///
    /// # Errors
    /// [`StoreError::Database`], also if one of its key was noted before.
    pub async fn note_request(
        &mut self,
        request: &Request,
        session: Option<Uuid>,
        outcome: &Outcome,
        seq: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let outcome = serde_json::to_string(outcome).expect("an outcome is plain data");
        query(
            "INSERT INTO requests (scope, key, session, digest, outcome, seq, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(request.scope.to_string())
        .bind(&request.key)
        .bind(session.map(|id| id.to_string()))
        .bind(&request.digest)
        .bind(outcome)
        .bind(i64::try_from(seq).unwrap_or(i64::MAX))
        .bind(at.as_millisecond())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// How many requests of that scope are noted.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn count_requests(&mut self, scope: Scope) -> Result<u64, StoreError> {
        let n: i64 = query_scalar("SELECT COUNT(*) FROM requests WHERE scope = $1")
            .bind(scope.to_string())
            .fetch_one(self.connection())
            .await?;
        Ok(n.unsigned_abs())
    }

    /// Drops requests of no session that were carried out before `before`. Returns how many.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn drop_requests(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = query("DELETE FROM requests WHERE session IS NULL AND at < $1")
            .bind(before.as_millisecond())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}

async fn find(
    db: impl SqliteExecutor<'_>,
    scope: Scope,
    key: &str,
) -> Result<Option<Carried>, StoreError> {
    let text = "SELECT digest, outcome, seq, session FROM requests WHERE scope = $1 AND key = $2";
    let row = query(text)
        .bind(scope.to_string())
        .bind(key)
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<Carried, StoreError> {
    let session: Option<&str> = row.try_get("session")?;
    let outcome = serde_json::from_str(row.try_get("outcome")?);
    Ok(Carried {
        digest: row.try_get("digest")?,
        outcome: outcome.map_err(|_| damaged(Damage::Value("outcome")))?,
        seq: row.try_get::<i64, _>("seq")?.unsigned_abs(),
        session: session.map(uuid).transpose()?,
    })
}
