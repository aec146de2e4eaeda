//! Stored rows are a stranger's too: a bit may have turned over, or somebody was at the file.

use sqlx::sqlite::SqliteRow;

use super::StoreError;

/// What `read` makes of the rows that read. Each that does not is told and left out: it costs what
/// it is about, and nobody else the answer.
pub(crate) fn readable<T>(
    rows: &[SqliteRow],
    what: &'static str,
    read: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Vec<T> {
    let told = |row| match read(row) {
        Ok(one) => Some(one),
        Err(e) => {
            let error = &e as &dyn std::error::Error;
            tracing::error!(
                what,
                error,
                "a row of the record does not read, and is left out"
            );
            None
        }
    };
    rows.iter().filter_map(told).collect()
}
