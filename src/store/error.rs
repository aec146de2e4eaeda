//! Why the record could not be read or written, and what of it concerns more than one visit.

use uuid::Uuid;

use crate::session::Misfit;

/// What an operator does about a record that is damaged.
const MENDING: &str = "put a backup back, or move it and its -wal away: a new one is made, and \
                           the visits in this one are lost";

/// Why the record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the record could not be read or written")]
    Database(#[source] sqlx::Error),
    /// There is no room on the disk for what was to be written; nothing of it is.
    #[error("the disk is full")]
    Full(#[source] sqlx::Error),
    /// An event in the log does not read or does not fit.
    #[error("the log of session {session} is damaged")]
    Damaged {
        /// Whose log.
        session: Uuid,
        /// What is wrong with it.
        #[source]
        source: Damage,
    },
    /// A write failed earlier; nothing is acknowledged any more until a restart has looked at
    /// what is really on disk.
    #[error("an earlier write did not reach the disk: the booth must restart")]
    Poisoned,
    /// Its pages do not hold together.
    #[error("the record is damaged ({0}): {MENDING}")]
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
    /// A column holds something of another type, or text that is not UTF-8.
    #[error("a stored column does not read")]
    Column(#[source] sqlx::Error),
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    IoError,
    Corrupt,
    Full,
    NotADatabase,
    Other,
}

impl StoreError {
    /// Whether it is about what was read, one session's log or one row: others can be read and
    /// written as before.
    pub fn is_damage(&self) -> bool {
        use sqlx::Error::{ColumnDecode, Decode};
        matches!(
            self,
            Self::Damaged { .. } | Self::Database(ColumnDecode { .. } | Decode(_))
        )
    }

    /// Whether the disk may have lost a write that SQLite had handed to it: a later fsync could
    /// succeed without it.
    pub(super) fn is_lost_write(&self) -> bool {
        match self {
            Self::Database(error) => code(error) == Code::IoError,
            _ => false,
        }
    }

    /// Whether a person must see to it before the booth can start: a restart finds the same.
    pub fn is_for_a_person(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::TooNew { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            Code::Full => Self::Full(error),
            Code::Corrupt | Code::NotADatabase => Self::Broken(said(&error)),
            Code::IoError | Code::Other => Self::Database(error),
        }
    }
}

fn code(error: &sqlx::Error) -> Code {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok());
    // The low byte of an extended code is its primary one.
    match code.map(|code| code & 0xff) {
        Some(10) => Code::IoError,
        Some(11) => Code::Corrupt,
        Some(13) => Code::Full,
        Some(26) => Code::NotADatabase,
        _ => Code::Other,
    }
}

fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(
        || error.to_string(),
        |database| database.message().to_owned(),
    )
}
