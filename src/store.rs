//! The record: sessions and their events in one SQLite file.
//!
//! Write-ahead log, `synchronous=FULL`: what [`Txn::commit`] has acknowledged survives a power cut.
//! All writes go through one transaction at a time; after its commit the events go out on
//! [`Store::commits`], in the order of the log. Deleted pages are overwritten (`secure_delete`).

mod error;
mod examine;
mod figures;
mod heartbeat;
mod log;
mod pause;
mod recent;
mod requests;
mod rows;
mod schema;
mod sessions;
mod shifts;
mod txn;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use sqlx::Connection as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::{Mutex, broadcast};
use uuid::Uuid;

use crate::disk::Reserve;
use crate::session::Recorded;

pub use error::{Damage, StoreError};
pub use examine::{Found, examine};
pub use figures::{Counts, DAY_BEGINS_HOUR, WAIT_CLASSES, day_of};
pub use pause::PauseRow;
pub use recent::{Backlog, Page, Waiting};
pub use requests::{Carried, Outcome, Request, Scope};
pub(crate) use rows::readable;
pub use sessions::{NewSession, Over, Row};
pub use shifts::EndedShift;
pub use txn::Txn;

/// How many commits a slow listener may fall behind before it must read the log itself.
const COMMITS_KEPT: usize = 1024;

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
    path: PathBuf,
    pool: SqlitePool,
    writer: Arc<Mutex<()>>,
    commits: broadcast::Sender<Arc<Commit>>,
    poisoned: Arc<AtomicBool>,
    /// What [`Store::examine`] found last, if its pages did not hold together.
    broken: Arc<std::sync::Mutex<Option<String>>>,
    reserve: Arc<Reserve>,
}

impl Store {
    /// Opens the record at `path`, creating or migrating it.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] for a file of a newer Easel, [`StoreError::Broken`] if its pages do not
    /// hold together, [`StoreError::Full`] and [`StoreError::Database`] otherwise.
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
            // SQLite undoes a transaction by itself where the disk is full, and the library, whose
            // own undoing then fails, takes the connection to be within it for ever.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .connect_with(options)
            .await?;
        schema::known_in(&pool).await?;
        examine::hold_together(&pool).await?;
        schema::migrate(&pool).await?;
        let (commits, _) = broadcast::channel(COMMITS_KEPT);
        Ok(Self {
            path: path.to_owned(),
            pool,
            writer: Arc::default(),
            commits,
            poisoned: Arc::default(),
            broken: Arc::default(),
            reserve: Arc::new(Reserve::within(path.parent().unwrap_or(Path::new(".")))),
        })
    }

    /// Looks whether all pages of the record hold together, and keeps the answer for
    /// [`Store::is_fit`].
    ///
    /// # Errors
    /// What it found.
    pub async fn examine(&self) -> Result<(), StoreError> {
        // By a connection of its own: the others would look into what they have read before.
        let found = examine(&self.path).await;
        let broken = match &found {
            Err(StoreError::Broken(says)) => Some(says.clone()),
            _ => None,
        };
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = broken;
        found.map(drop)
    }

    /// Whether the booth can go on with it, as far as is known.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`], [`StoreError::Broken`].
    pub fn is_fit(&self) -> Result<(), StoreError> {
        if self.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        match &*broken {
            Some(says) => Err(StoreError::Broken(says.clone())),
            None => Ok(()),
        }
    }

    /// Hears of every commit from now on.
    pub fn commits(&self) -> broadcast::Receiver<Arc<Commit>> {
        self.commits.subscribe()
    }

    /// For reading rows that other rooms keep, beside whoever writes.
    pub fn reader(&self) -> &SqlitePool {
        &self.pool
    }

    /// The room on the disk that is kept for erasing.
    pub fn reserve(&self) -> &Reserve {
        &self.reserve
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
