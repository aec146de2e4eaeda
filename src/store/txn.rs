//! One transaction: state in, events and rows out, all or nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use super::{Commit, Store, StoreError, log};
use crate::session::{Event, Recorded, Session, apply};

/// A write in progress. Dropped without [`Txn::commit`], nothing has happened.
#[derive(Debug)]
pub struct Txn {
    // Declared before the guard: the database lets go before the next writer may begin.
    tx: Transaction<'static, Sqlite>,
    commits: Vec<Commit>,
    store: Store,
    _alone: OwnedMutexGuard<()>,
}

impl Store {
    /// Begins the one write transaction there is at a time.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] after a failed commit, [`StoreError::Database`].
    pub async fn begin(&self) -> Result<Txn, StoreError> {
        let alone = Arc::clone(&self.writer).lock_owned().await;
        if self.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Txn {
            tx,
            commits: Vec::new(),
            store: self.clone(),
            _alone: alone,
        })
    }
}

impl Txn {
    /// The session's state as this transaction sees it.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn load(&mut self, session: Uuid) -> Result<Option<Session>, StoreError> {
        log::load(&mut *self.tx, session).await
    }

    /// Appends `events` to the session's log and brings its row up to date. Returns the state
    /// after them. The session's row must exist ([`Txn::insert_session`]). `at` is the steady time,
    /// `wall` what a clock on the wall shows: days in numbers go by that.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if an event does not fit, [`StoreError::Database`].
    pub async fn append(
        &mut self,
        session: Uuid,
        state: Option<Session>,
        events: Vec<Event>,
        at: Timestamp,
        wall: Timestamp,
    ) -> Result<Session, StoreError> {
        // The log keeps milliseconds; what is folded now must equal what is folded later.
        let at = Timestamp::from_millisecond(at.as_millisecond()).expect("it was a time before");
        let mut state = state;
        let mut recorded = Vec::with_capacity(events.len());
        for event in events {
            let seq = state.as_ref().map_or(0, |s| s.seq) + 1;
            let one = Recorded { seq, at, event };
            self.count(state.as_ref(), &one, wall).await?;
            state = Some(
                apply(session, state, &one).map_err(|e| StoreError::Damaged {
                    session,
                    source: e.into(),
                })?,
            );
            let body = serde_json::to_string(&one.event).expect("events are plain data");
            sqlx::query("INSERT INTO events (session, seq, at, body) VALUES ($1, $2, $3, $4)")
                .bind(session.to_string())
                .bind(i64::try_from(seq).unwrap_or(i64::MAX))
                .bind(at.as_millisecond())
                .bind(body)
                .execute(&mut *self.tx)
                .await?;
            recorded.push(one);
        }
        let state = state.expect("a session without events is never appended to");
        self.update_session(&state, at).await?;
        self.commits.push(Commit {
            session,
            events: recorded,
        });
        Ok(state)
    }

    /// A number that counts up for ever under that name, starting at 1; again at 1 where the record has
    /// none that reads.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn next_number(&mut self, name: &str) -> Result<u32, StoreError> {
        let n: i64 = sqlx::query_scalar(
            "INSERT INTO notes (name, value) VALUES ($1, 1)
             ON CONFLICT (name) DO UPDATE SET value = CASE
                 WHEN typeof(value) = 'integer' AND value BETWEEN 0 AND 4294967294 THEN value + 1
                 ELSE 1 END
             RETURNING value",
        )
        .bind(name)
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// The connection, for rows that other rooms keep in the same transaction.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// Makes it durable, then tells all who listen.
    ///
    /// # Errors
    /// [`StoreError::Full`] and [`StoreError::Database`]; after one of input or output the store is
    /// poisoned, because nobody knows what is on disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self {
            tx,
            commits,
            store,
            _alone,
        } = self;
        if let Err(e) = tx.commit().await {
            let error = StoreError::from(e);
            // A commit that is refused, for want of room, say, is undone; only of one that broke off
            // nobody knows what is on disk.
            if error.is_lost_write() {
                store.poisoned.store(true, Ordering::Relaxed);
            }
            return Err(error);
        }
        for commit in commits {
            // No listener is no error: the log has it.
            let _ = store.commits.send(Arc::new(commit));
        }
        Ok(())
    }
}
