//! The pause: the booth takes no new visitors for a while, says why and until when, and comes
//! back by itself. Visits that have begun go on.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::store::{PauseRow, Store, StoreError};

/// Longest pause with an end: a booth that is put away is switched off instead.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// Longest note, in characters: one line on the screen.
const MAX_NOTE: usize = 80;

/// Why, in a word that pages say in the visitor's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// People need a rest.
    Break,
    /// Paper, ink or light is being brought.
    Supplies,
    /// Something is being mended.
    Repair,
    /// The booth is there for invited people now.
    Private,
}

/// A pause, in the time that clocks on the wall show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pause {
    /// Why.
    pub reason: Reason,
    /// What staff say besides; may be empty.
    pub note: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Until when; left out: until somebody says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// Why there is no such pause.
#[derive(Debug, thiserror::Error)]
pub enum PauseError {
    /// Its end is past, or too far away.
    #[error("a pause ends within the next {} hours", LONGEST.as_hours())]
    Until,
    /// The note is too long, or is no line of text.
    #[error("a note is one line of at most {MAX_NOTE} characters")]
    Note,
    /// The record could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The pause that is on, if one is.
///
/// # Errors
/// [`StoreError`].
pub async fn now(store: &Store, clock: &dyn Clock) -> Result<Option<Pause>, StoreError> {
    let Some(row) = store.pause().await? else {
        return Ok(None);
    };
    if row.until.is_some_and(|until| until <= clock.now()) {
        return Ok(None);
    }
    let wall = |at: Timestamp| at + clock.drift();
    Ok(Some(Pause {
        // A word of a later Easel is read as the mildest one.
        reason: serde_json::from_value(row.reason.into()).unwrap_or(Reason::Break),
        note: row.note,
        since: wall(row.since),
        until: row.until.map(wall),
    }))
}

/// Begins a pause, or changes the one that is on. `until` is what a clock on the wall shows then.
///
/// # Errors
/// [`PauseError`].
pub async fn begin(
    store: &Store,
    clock: &dyn Clock,
    reason: Reason,
    note: &str,
    until: Option<Timestamp>,
) -> Result<(), PauseError> {
    let note = note.trim();
    if note.chars().count() > MAX_NOTE || note.chars().any(char::is_control) {
        return Err(PauseError::Note);
    }
    let now = clock.now();
    let until = until.map(|at| at.saturating_sub(clock.drift()).unwrap_or(Timestamp::MIN));
    if until.is_some_and(|at| at <= now || at > now + LONGEST) {
        return Err(PauseError::Until);
    }
    let row = PauseRow {
        reason: word(reason),
        note: note.to_owned(),
        since: now,
        until,
    };
    set(store, Some(&row)).await?;
    Ok(())
}

/// Takes visitors again.
///
/// # Errors
/// [`StoreError`].
pub async fn end(store: &Store) -> Result<(), StoreError> {
    set(store, None).await
}

async fn set(store: &Store, pause: Option<&PauseRow>) -> Result<(), StoreError> {
    let mut txn = store.begin().await?;
    txn.set_pause(pause).await?;
    txn.commit().await
}

fn word(reason: Reason) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a reason is written as a word"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::ManualClock;

    async fn record() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("easel.db")).await.unwrap();
        (dir, store)
    }

    #[tokio::test]
    async fn it_ends_by_itself_and_outlives_a_restart() {
        let (dir, store) = record().await;
        let clock = ManualClock::default();
        let until = clock.now() + SignedDuration::from_mins(10);
        begin(&store, &clock, Reason::Supplies, " paper ", Some(until))
            .await
            .unwrap();
        store.close().await;
        let store = Store::open(&dir.path().join("easel.db")).await.unwrap();
        let pause = now(&store, &clock).await.unwrap().unwrap();
        assert_eq!(
            (pause.reason, pause.note.as_str()),
            (Reason::Supplies, "paper")
        );
        assert_eq!(pause.until, Some(until));
        clock.advance(Duration::from_secs(599));
        assert!(now(&store, &clock).await.unwrap().is_some());
        clock.advance(Duration::from_secs(1));
        assert_eq!(now(&store, &clock).await.unwrap(), None);
    }

    #[tokio::test]
    async fn one_without_an_end_is_ended_by_hand() {
        let (_dir, store) = record().await;
        let clock = ManualClock::default();
        begin(&store, &clock, Reason::Break, "", None)
            .await
            .unwrap();
        clock.advance(Duration::from_secs(7 * 86_400));
        assert!(now(&store, &clock).await.unwrap().is_some());
        end(&store).await.unwrap();
        assert_eq!(now(&store, &clock).await.unwrap(), None);
    }

    #[tokio::test]
    async fn ends_and_notes_that_make_no_sense_are_refused() {
        let (_dir, store) = record().await;
        let clock = ManualClock::default();
        let ask = async |note: &str, hours: i64| {
            let until = clock.now() + SignedDuration::from_hours(hours);
            begin(&store, &clock, Reason::Break, note, Some(until)).await
        };
        assert!(matches!(ask("", 0).await, Err(PauseError::Until)));
        assert!(matches!(ask("", 25).await, Err(PauseError::Until)));
        assert!(matches!(ask("a\nb", 1).await, Err(PauseError::Note)));
        let long = "길".repeat(MAX_NOTE + 1);
        assert!(matches!(ask(&long, 1).await, Err(PauseError::Note)));
        assert_eq!(now(&store, &clock).await.unwrap(), None);
    }
}
