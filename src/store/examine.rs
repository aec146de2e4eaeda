//! Whether a record could be opened, found out without changing it.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteExecutor};

use super::{StoreError, schema};

/// What was found where a record should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the booth makes one at its first start.
    Nothing,
    /// A whole record.
    Sound,
}

/// Reads the whole record at `path`, beside a running booth if there is one, and writes nothing.
///
/// # Errors
/// What [`super::Store::open`] would fail with, and [`StoreError::Broken`] for pages that do not
/// hold together.
pub async fn examine(path: &Path) -> Result<Found, StoreError> {
    if !path.exists() {
        return Ok(Found::Nothing);
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    // Without a log nobody writes, and SQLite need not make the files that it shares with writers.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!Path::new(&log).exists());
    let mut record = options.connect().await?;
    schema::known_in(&mut record).await?;
    hold_together(&mut record).await?;
    Ok(Found::Sound)
}

/// Whether all pages of the record hold together. Single values that are not what their column is
/// for are told by whoever reads them, and cost only what they are about.
///
/// # Errors
/// [`StoreError::Broken`] with the first of what SQLite found, [`StoreError::Database`].
pub(super) async fn hold_together(record: impl SqliteExecutor<'_>) -> Result<(), StoreError> {
    let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(20)")
        .fetch_all(record)
        .await?;
    let broken = |said: &&String| *said != "ok" && !is_about_a_value(said);
    match said.iter().find(broken) {
        Some(said) => Err(StoreError::Broken(said.replace('\n', ", "))),
        None => Ok(()),
    }
}

/// Such as "NULL value in events.body" or "NUMERIC value in sessions.stage".
fn is_about_a_value(said: &str) -> bool {
    said.contains(" value in ") || said.starts_with("CHECK constraint failed in ")
}
