//! What is counted, day by day, in the same transaction as the events it is counted from.
//!
//! Counts only, of a whole day: nothing in them is about a visitor, and they stay when a visit's
//! log is erased. A rehearsal counts for nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, Txn, readable};
use crate::session::{Event, REHEARSAL, Recorded, Session};

/// The day changes at this hour of the machine's own time, so that an evening that ends after
/// midnight is one day.
pub const DAY_BEGINS_HOUR: i64 = 4;
/// Upper bounds of the classes into which waits are sorted, in seconds; the last has none.
pub const WAIT_CLASSES: [u64; 9] = [5, 10, 15, 20, 30, 45, 60, 90, 120];

/// Which day `at` belongs to.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    (at - SignedDuration::from_hours(DAY_BEGINS_HOUR))
        .to_zoned(TimeZone::system())
        .date()
}

/// The counts of one day: by what is counted, and by which of it (a style, a code, an hour; empty
/// where there is but one).
pub type Counts = BTreeMap<(String, String), u64>;

/// How a number is added to the one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Sum,
    Most,
}

#[derive(Debug, PartialEq, Eq)]
struct Count {
    what: &'static str,
    which: String,
    n: u64,
    how: How,
}

fn count(what: &'static str, which: impl Into<String>, n: u64) -> Count {
    Count {
        what,
        which: which.into(),
        n,
        how: How::Sum,
    }
}

/// What an event counts for, with the session before it.
fn counts(before: Option<&Session>, recorded: &Recorded, wall: Timestamp) -> Vec<Count> {
    match &recorded.event {
        Event::Opened { activity, .. } if activity == REHEARSAL => Vec::new(),
        Event::Opened { .. } => {
            let hour = wall.to_zoned(TimeZone::system()).hour();
            vec![
                count("visits", "", 1),
                count("visits_by_hour", format!("{hour:02}"), 1),
            ]
        }
        event => match before {
            Some(session) if session.activity != REHEARSAL => within(session, recorded, event),
            _ => Vec::new(),
        },
    }
}

fn within(session: &Session, recorded: &Recorded, event: &Event) -> Vec<Count> {
    match event {
        Event::CaptureTaken { .. } if session.captures.is_empty() => {
            vec![count("photographed", "", 1)]
        }
        Event::CaptureTaken { .. } => vec![count("retakes", "", 1)],
        Event::PaintingDone {
            painting,
            style,
            by,
            server,
            ..
        } => {
            let painter = if server.is_empty() { by } else { server };
            let mut counts = vec![
                count("paintings", style.as_str(), 1),
                count("painted_by", painter.as_str(), 1),
            ];
            if let Some(asked) = session.painting(*painting) {
                counts.extend(wait(recorded.at.duration_since(asked.asked_at)));
            }
            counts
        }
        Event::PaintingFailed { code, .. } => {
            vec![count("painting_failures", word(code), 1)]
        }
        Event::TicketReady { .. } => vec![count("tickets", "", 1)],
        Event::PrintDone { copies, .. } => vec![count("sheets", "", u64::from(*copies))],
        Event::PrintFailed { code, .. } => vec![count("print_failures", word(code), 1)],
        Event::PhoneJoined { .. } => vec![count("phones", "", 1)],
        // What is erased because its time is over is nobody's wish.
        Event::Erased {} if recorded.at < session.expires_at => {
            vec![count("erased", "", 1)]
        }
        _ => Vec::new(),
    }
}

/// From the asking to the hanging.
fn wait(took: SignedDuration) -> [Count; 4] {
    let ms = u64::try_from(took.as_millis()).unwrap_or(0);
    let class = WAIT_CLASSES.iter().find(|s| ms <= **s * 1_000);
    let class = class.map_or_else(|| "more".to_owned(), |s| format!("{s:03}"));
    [
        count("waits", "", 1),
        count("wait_ms", "", ms),
        count("waits_within_s", class, 1),
        Count {
            how: How::Most,
            ..count("longest_wait_ms", "", ms)
        },
    ]
}

/// The word that codes have in JSON.
fn word(code: &impl serde::Serialize) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "internal".to_owned(),
    }
}

impl Txn {
    /// Counts what an event counts for, on the day and at the hour of the clock on the `wall`.
    pub(super) async fn count(
        &mut self,
        before: Option<&Session>,
        recorded: &Recorded,
        wall: Timestamp,
    ) -> Result<(), StoreError> {
        for one in counts(before, recorded, wall) {
            let text = match one.how {
                How::Sum => {
                    "INSERT INTO figures (day, what, which, n) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (day, what, which) DO UPDATE SET n = n + $4"
                }
                How::Most => {
                    "INSERT INTO figures (day, what, which, n) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (day, what, which) DO UPDATE SET n = MAX(n, $4)"
                }
            };
            sqlx::query(text)
                .bind(day_of(wall).to_string())
                .bind(one.what)
                .bind(one.which)
                .bind(i64::try_from(one.n).unwrap_or(i64::MAX))
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

impl Store {
    /// The counts of every day on which anything was counted, from `since` on.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn figures(&self, since: Date) -> Result<BTreeMap<Date, Counts>, StoreError> {
        let rows = sqlx::query("SELECT day, what, which, n FROM figures WHERE day >= $1")
            .bind(since.to_string())
            .fetch_all(&self.pool)
            .await?;
        let mut days: BTreeMap<Date, Counts> = BTreeMap::new();
        for (day, key, n) in readable(&rows, "a figure", read) {
            days.entry(day).or_default().insert(key, n);
        }
        Ok(days)
    }
}

fn read(row: &SqliteRow) -> Result<(Date, (String, String), u64), StoreError> {
    let day = row.try_get::<&str, _>("day")?.parse();
    let day = day.map_err(|e: jiff::Error| sqlx::Error::Decode(Box::new(e)))?;
    let key = (row.try_get("what")?, row.try_get("which")?);
    Ok((day, key, row.try_get::<i64, _>("n")?.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_small_hours_belong_to_the_evening_before() {
        // Whatever the machine's own zone: a day and the hour before its beginning are a day apart.
        let noon = at("2026-11-21T12:00:00Z");
        let begins = |t: Timestamp| day_of(t) != day_of(t - SignedDuration::from_secs(1));
        let first = (0..24 * 3600)
            .map(|s| noon + SignedDuration::from_secs(s))
            .find(|t| begins(*t))
            .unwrap();
        let local = first.to_zoned(TimeZone::system());
        assert_eq!(
            (i64::from(local.hour()), local.minute()),
            (DAY_BEGINS_HOUR, 0)
        );
        assert_eq!(local.date(), day_of(first));
    }

    #[test]
    fn waits_fall_into_classes() {
        let class = |ms| {
            let [_, _, class, longest] = wait(SignedDuration::from_millis(ms));
            (class.which, longest.n)
        };
        assert_eq!(class(0), ("005".to_owned(), 0));
        assert_eq!(class(5_000), ("005".to_owned(), 5_000));
        assert_eq!(class(5_001), ("010".to_owned(), 5_001));
        assert_eq!(class(120_001), ("more".to_owned(), 120_001));
        // A clock cannot run backwards, but a sum must not overflow if it did.
        assert_eq!(class(-7), ("005".to_owned(), 0));
    }
}
