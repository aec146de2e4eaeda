//! What a booth leaves on its disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Row};

/// Every file under `dir`.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    // What is deleted while we look is not there.
    for entry in there(fs::read_dir(dir)).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

#[track_caller]
fn there<T>(result: io::Result<T>) -> Option<T> {
    match result {
        Ok(found) => Some(found),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => panic!("{e}"),
    }
}

/// What a painting by the embedded painter says of itself.
pub(crate) const SOURCE: &[u8] =
    b"http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced";

/// Whether `needle` stands in `bytes`.
pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The files under `dir` in which `needle` stands.
pub(crate) fn files_holding(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    assert!(!needle.is_empty());
    files(dir)
        .into_iter()
        .filter(|path| {
            let bytes = there(fs::read(path)).unwrap_or_default();
            holds(&bytes, needle)
        })
        .collect()
}

/// The files under `dir` that are, or hold, a picture or a sheet: found by what is in them, not by
/// what they are called.
pub(crate) fn pictures_in(dir: &Path) -> Vec<PathBuf> {
    const MAGIC: [&[u8]; 4] = [b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"WEBPVP8", b"%PDF-"];
    let mut found: Vec<PathBuf> = MAGIC
        .iter()
        .flat_map(|magic| files_holding(dir, magic))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The sheets that the folder printer put out for that order.
pub(crate) fn sheets(data: &Path, print: &str) -> Vec<PathBuf> {
    let is_sheet = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(print) && name.ends_with(".pdf")
    };
    let prints = data.join("prints");
    files(&prints).into_iter().filter(is_sheet).collect()
}

/// The visit's whole log: `{"type", "data"}` in order.
pub(crate) async fn log_of(data: &Path, session: &str) -> Vec<Value> {
    let mut db = open(data).await;
    let rows = sqlx::query("SELECT body FROM events WHERE session = $1 ORDER BY seq")
        .bind(session)
        .fetch_all(&mut db)
        .await
        .unwrap();
    rows.iter()
        .map(|row| serde_json::from_str(row.try_get("body").unwrap()).unwrap())
        .collect()
}

/// Work that waits or is in hand, as `queue state`. What is kept until its time to be deleted is not
/// work, and what that time has just come for the next start deletes.
pub(crate) async fn jobs(data: &Path) -> Vec<String> {
    let mut db = open(data).await;
    let rows = sqlx::query("SELECT queue, state FROM jobs WHERE state <> 'dead'")
        .fetch_all(&mut db)
        .await
        .unwrap();
    rows.iter()
        .map(|row| [0, 1].map(|n| row.try_get::<&str, _>(n).unwrap()).join(" "))
        .filter(|job| !matches!(job.as_str(), "expire waiting" | "erase waiting"))
        .collect()
}

/// The numbers that the booth keeps by their names.
pub(crate) async fn notes(data: &Path) -> BTreeMap<String, i64> {
    let mut db = open(data).await;
    let rows = sqlx::query_as("SELECT name, value FROM notes");
    rows.fetch_all(&mut db).await.unwrap().into_iter().collect()
}

async fn open(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(data.join("easel.db"))
        .read_only(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// How many rows a table of the record has.
pub(crate) async fn rows_of(data: &Path, table: &str) -> i64 {
    let mut db = open(data).await;
    let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query_scalar(count).fetch_one(&mut db).await.unwrap()
}
