//! What each server did and cost, day by day, kept over restarts.
//!
//! Counted in memory, written every few seconds: a power cut may lose a few counts, never a
//! painting. Days are those of the clock on the wall, as all figures have them ([`day_of`]); what is
//! counted is added to what the record has of its day, so that a date that is set right later, or
//! jumps back and forth, loses nothing and gives no day's money twice.
//!
//! [`day_of`]: crate::store::day_of

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::report::Tally;
use crate::store::{Store, StoreError, readable};

/// A server, and the style it painted; what it cost by the hour has no style.
type Line = (String, String);

/// The books.
#[derive(Debug)]
pub(super) struct Account {
    store: Store,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    /// Per server and day.
    days: BTreeMap<(String, Date), Tally>,
    /// Per server, all days.
    ever: BTreeMap<String, Tally>,
    /// What the record does not have yet.
    unwritten: BTreeMap<(Date, Line), Tally>,
}

impl Account {
    /// The books of that record, as they were left.
    pub(super) fn new(store: Store) -> Self {
        let books = Mutex::default();
        Self { store, books }
    }

    /// Reads what earlier runs have written, and returns the mean time of each server at each
    /// style on the newest day it painted it.
    pub(super) async fn open(&self) -> Result<Vec<(Line, Duration)>, StoreError> {
        let rows = sqlx::query("SELECT * FROM pool_days ORDER BY day")
            .fetch_all(self.store.reader())
            .await?;
        let mut books = Books::default();
        let mut paces = BTreeMap::new();
        for (day, line, tally) in readable(&rows, "a day of a server", read) {
            if tally.done > 0 && tally.failed == 0 {
                let mean = Duration::from_secs_f64(tally.busy_s / tally.done as f64);
                paces.insert(line.clone(), mean);
            }
            books.add(day, &line.0, &tally);
        }
        *self.books() = books;
        Ok(paces.into_iter().collect())
    }

    /// Counts something of a server (and style) on that day.
    pub(super) fn count(&self, day: Date, server: &str, style: &str, more: &Tally) {
        let mut books = self.books();
        books.add(day, server, more);
        let line = (server.to_owned(), style.to_owned());
        add(books.unwritten.entry((day, line)).or_default(), more);
    }

    /// What a server did on that day, and ever.
    pub(super) fn of(&self, day: Date, server: &str) -> (Tally, Tally) {
        let books = self.books();
        let today = books.days.get(&(server.to_owned(), day));
        let ever = books.ever.get(server);
        (
            today.copied().unwrap_or_default(),
            ever.copied().unwrap_or_default(),
        )
    }

    /// Writes what has changed.
    pub(super) async fn write(&self) -> Result<(), StoreError> {
        let lines = std::mem::take(&mut self.books().unwritten);
        if lines.is_empty() {
            return Ok(());
        }
        let written = self.write_down(&lines).await;
        if written.is_err() {
            let mut books = self.books();
            for (line, tally) in lines {
                add(books.unwritten.entry(line).or_default(), &tally);
            }
        }
        written
    }

    async fn write_down(&self, lines: &BTreeMap<(Date, Line), Tally>) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        for ((day, (server, style)), tally) in lines {
            sqlx::query(
                "INSERT INTO pool_days
                     (day, server, style, attempts, done, failed, stopped, busy_s, awake_s, spent)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                 ON CONFLICT (day, server, style) DO UPDATE SET
                     attempts = attempts + $4, done = done + $5, failed = failed + $6,
                     stopped = stopped + $7, busy_s = busy_s + $8, awake_s = awake_s + $9,
                     spent = spent + $10",
            )
            .bind(day.to_string())
            .bind(server)
            .bind(style)
            .bind(count(tally.attempts))
            .bind(count(tally.done))
            .bind(count(tally.failed))
            .bind(count(tally.stopped))
            .bind(tally.busy_s)
            .bind(tally.awake_s)
            .bind(tally.spent)
            .execute(txn.connection())
            .await?;
        }
        txn.commit().await
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn add(&mut self, day: Date, server: &str, more: &Tally) {
        let today = self.days.entry((server.to_owned(), day)).or_default();
        add(today, more);
        add(self.ever.entry(server.to_owned()).or_default(), more);
    }
}

fn read(row: &SqliteRow) -> Result<(Date, Line, Tally), StoreError> {
    let day = row.try_get::<&str, _>("day")?.parse();
    let day = day.map_err(|e: jiff::Error| sqlx::Error::Decode(Box::new(e)))?;
    let line = (row.try_get("server")?, row.try_get("style")?);
    let count = |name| row.try_get::<i64, _>(name).map(i64::unsigned_abs);
    // A sum of what is no number, or of what nobody can have spent, is none.
    let sum = |name| match row.try_get(name)? {
        sum if f64::is_finite(sum) && sum >= 0.0 => Ok(sum),
        _ => Err(sqlx::Error::Decode(format!("{name} is no sum").into())),
    };
    let tally = Tally {
        attempts: count("attempts")?,
        done: count("done")?,
        failed: count("failed")?,
        stopped: count("stopped")?,
        busy_s: sum("busy_s")?,
        awake_s: sum("awake_s")?,
        spent: sum("spent")?,
    };
    Ok((day, line, tally))
}

fn add(sum: &mut Tally, more: &Tally) {
    sum.attempts += more.attempts;
    sum.done += more.done;
    sum.failed += more.failed;
    sum.stopped += more.stopped;
    sum.busy_s += more.busy_s;
    sum.awake_s += more.awake_s;
    sum.spent += more.spent;
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One painting of six seconds.
    const PAINTED: Tally = Tally {
        attempts: 1,
        done: 1,
        failed: 0,
        stopped: 0,
        busy_s: 6.0,
        awake_s: 0.0,
        spent: 0.04,
    };

    fn days() -> [Date; 2] {
        [20, 21].map(|day| Date::new(2026, 11, day).unwrap())
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn what_was_done_is_known_after_a_restart() {
        let (_folder, store) = store().await;
        let [friday, saturday] = days();
        let account = Account::new(store.clone());
        account.open().await.unwrap();
        account.count(friday, "gpu", "renoir", &PAINTED);
        account.write().await.unwrap();
        account.count(saturday, "gpu", "renoir", &PAINTED);
        let awake = Tally {
            awake_s: 60.0,
            ..Tally::default()
        };
        account.count(saturday, "gpu", "", &awake);
        account.write().await.unwrap();
        let before = account.of(saturday, "gpu");
        assert_eq!((before.0.done, before.1.done), (1, 2));

        let again = Account::new(store);
        let paces = again.open().await.unwrap();
        assert_eq!(again.of(saturday, "gpu"), before);
        let line = ("gpu".to_owned(), "renoir".to_owned());
        assert_eq!(paces, [(line, Duration::from_secs(6))]);
        assert_eq!(again.of(saturday, "nobody"), Default::default());
    }

    #[tokio::test]
    async fn a_new_day_has_its_money_though_nothing_was_counted_yet() {
        let (_folder, store) = store().await;
        let [friday, saturday] = days();
        let account = Account::new(store);
        account.count(friday, "cloud", "renoir", &PAINTED);
        assert_eq!(account.of(saturday, "cloud").0, Tally::default());
    }

    #[tokio::test]
    async fn a_date_that_jumps_gives_no_money_twice() {
        let (_folder, store) = store().await;
        let [friday, saturday] = days();
        let account = Account::new(store.clone());
        account.count(saturday, "cloud", "renoir", &PAINTED);
        account.write().await.unwrap();
        // Started with the date of the day before; then someone sets it right.
        let account = Account::new(store.clone());
        account.open().await.unwrap();
        account.count(friday, "cloud", "renoir", &PAINTED);
        account.write().await.unwrap();
        assert_eq!(account.of(saturday, "cloud").0, PAINTED);
        account.count(saturday, "cloud", "renoir", &PAINTED);
        account.write().await.unwrap();
        let again = Account::new(store);
        again.open().await.unwrap();
        assert_eq!(again.of(saturday, "cloud").0.done, 2);
        assert_eq!(again.of(friday, "cloud").0.done, 1);
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_written_later() {
        let (_folder, store) = store().await;
        let [friday, _] = days();
        let account = Account::new(store.clone());
        account.count(friday, "gpu", "renoir", &PAINTED);
        let table = async |sql: &'static str| {
            let mut txn = store.begin().await.unwrap();
            sqlx::query(sql).execute(txn.connection()).await.unwrap();
            txn.commit().await.unwrap();
        };
        table("ALTER TABLE pool_days RENAME TO hidden").await;
        account.write().await.unwrap_err();
        table("ALTER TABLE hidden RENAME TO pool_days").await;
        account.count(friday, "gpu", "renoir", &PAINTED);
        account.write().await.unwrap();
        let again = Account::new(store.clone());
        again.open().await.unwrap();
        assert_eq!(again.of(friday, "gpu").0.done, 2);
    }
}
