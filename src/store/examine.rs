//! Whether a record could be opened, found out without changing it.

use std::path::Path;

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

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
    schema::known(
        sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&mut record)
            .await?,
    )?;
    let said: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut record)
        .await?;
    if said == "ok" {
        Ok(Found::Sound)
    } else {
        Err(StoreError::Broken(said))
    }
}
