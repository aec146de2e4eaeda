//! The record: sessions and their events in one SQLite file.
//!
//! Write-ahead log, `synchronous=FULL`: what [`Txn::commit`] has acknowledged survives a power cut.
//! All writes go through one transaction at a time; after its commit the events go out on
//! [`Store::commits`], in the order of the log. Deleted pages are overwritten (`secure_delete`).

mod examine;
mod figures;
mod log;
mod pause;
mod recent;
mod requests;
mod schema;
mod sessions;
mod shifts;
mod txn;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::{Mutex, broadcast};
use uuid::Uuid;

use crate::session::{Misfit, Recorded};

pub use examine::{Found, examine};
pub use figures::{Counts, DAY_BEGINS_HOUR, WAIT_CLASSES, day_of};
pub use pause::PauseRow;
pub use recent::{Backlog, Page, Waiting};
pub use requests::{Carried, Outcome, Request, Scope};
pub use sessions::{NewSession, Over, Row};
pub use shifts::EndedShift;
pub use txn::Txn;

/// How many commits a slow listener may fall behind before it must read the log itself.
const COMMITS_KEPT: usize = 1024;

/// Why the record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the record could not be read or written")]
    Database(#[from] sqlx::Error),
    /// An event in the log does not read or does not fit.
    #[error("the log of session {session} is damaged")]
    Damaged {
        /// Whose log.
        session: Uuid,
        /// What is wrong with it.
        #[source]
        source: Damage,
    },
    /// A commit failed earlier; nothing is acknowledged any more until a restart has looked at
    /// what is really on disk.
    #[error("an earlier write did not reach the disk: the booth must restart")]
    Poisoned,
    /// Its pages do not hold together.
    #[error("the record is damaged: {0}")]
    Broken(String),
    /// This database was written by a newer Easel.
    #[error("the record has schema version {found}, this Easel knows up to {known}")]
    TooNew {
        /// The version in the file.
        found: i64,
        /// The newest version this binary can read.
        known: i64,
    },
}

/// What can be wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The event's text is no event.
    #[error("event {seq} does not read")]
    Unreadable {
        /// The event's number.
        seq: u64,
        /// The reader's complaint.
        #[source]
        source: serde_json::Error,
    },
    /// The event does not fit the state.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// An id or a time is none.
    #[error("a stored {0} does not read")]
    Value(&'static str),
}

/// Events of one session that have just been committed.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Whose.
    pub session: Uuid,
    /// What happened, in order.
    pub events: Vec<Recorded>,
}

/// The record. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    writer: Arc<Mutex<()>>,
    commits: broadcast::Sender<Arc<Commit>>,
    poisoned: Arc<AtomicBool>,
}

impl StoreError {
    /// Whether it is about one session's log: others can be read and written as before.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

impl Store {
    /// Opens the record at `path`, creating or migrating it.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] for a file of a newer Easel, [`StoreError::Database`] otherwise.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        schema::migrate(&pool).await?;
        let (commits, _) = broadcast::channel(COMMITS_KEPT);
        Ok(Self {
            pool,
            writer: Arc::default(),
            commits,
            poisoned: Arc::default(),
        })
    }

    /// Hears of every commit from now on.
    pub fn commits(&self) -> broadcast::Receiver<Arc<Commit>> {
        self.commits.subscribe()
    }

    /// For reading rows that other rooms keep, beside whoever writes.
    pub fn reader(&self) -> &SqlitePool {
        &self.pool
    }

    /// Whether a write has failed to reach the disk.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Relaxed)
    }

    /// Moves the write-ahead log into the database file and truncates it, so that erased bytes
    /// are in neither. `false`: a reader was in the way, try again.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn checkpoint(&self) -> Result<bool, StoreError> {
        let _alone = self.writer.lock().await;
        let (busy, _log, _moved): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&self.pool)
                .await?;
        Ok(busy == 0)
    }

    /// Closes the file; later calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
