//! What each server did and cost, day by day, kept over restarts.
//!
//! Counted in memory, written every few seconds: a power cut may lose a few counts, never a
//! painting. Days are those of the clock on the wall.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use sqlx::Row as _;

use super::report::Tally;
use crate::store::{Store, StoreError};

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
    day: Date,
    today: BTreeMap<Line, Tally>,
    /// Per server, all days before today.
    before: BTreeMap<String, Tally>,
    unwritten: HashSet<Line>,
    /// What of earlier days is not written yet.
    late: Vec<(Date, Line, Tally)>,
}

impl Account {
    /// The books of that record, as they were left.
    pub(super) fn new(store: Store) -> Self {
        let books = Mutex::default();
        Self { store, books }
    }

    /// Reads what earlier runs have written, and returns the mean time of each server at each
    /// style on the newest day it painted it.
    pub(super) async fn open(&self, today: Date) -> Result<Vec<(Line, Duration)>, StoreError> {
        let mut txn = self.store.begin().await?;
        let rows = sqlx::query("SELECT * FROM pool_days ORDER BY day")
            .fetch_all(txn.connection())
            .await?;
        drop(txn);
        let mut books = Books {
            day: today,
            ..Books::default()
        };
        let mut paces = BTreeMap::new();
        for row in &rows {
            let line: Line = (row.get("server"), row.get("style"));
            let tally = read(row);
            if tally.done > 0 && tally.failed == 0 {
                let mean = Duration::from_secs_f64(tally.busy_s / tally.done as f64);
                paces.insert(line.clone(), mean);
            }
            if row.get::<&str, _>("day") == today.to_string() {
                books.today.insert(line, tally);
            } else {
                add(books.before.entry(line.0).or_default(), &tally);
            }
        }
        *self.books() = books;
        Ok(paces.into_iter().collect())
    }

    /// Counts something of a server (and style) on that day.
    pub(super) fn count(
        &self,
        day: Date,
        server: &str,
        style: &str,
        count: impl FnOnce(&mut Tally),
    ) {
        let mut books = self.books();
        let line = (server.to_owned(), style.to_owned());
        if books.day != day {
            books.turn(day);
        }
        count(books.today.entry(line.clone()).or_default());
        books.unwritten.insert(line);
    }

    /// What a server did today, and ever.
    pub(super) fn of(&self, server: &str) -> (Tally, Tally) {
        let books = self.books();
        let mut today = Tally::default();
        let lines = books.today.iter().filter(|((s, _), _)| s == server);
        lines.for_each(|(_, tally)| add(&mut today, tally));
        let mut ever = books.before.get(server).copied().unwrap_or_default();
        add(&mut ever, &today);
        (today, ever)
    }

    /// Writes what has changed.
    pub(super) async fn write(&self) -> Result<(), StoreError> {
        let lines = {
            let mut books = self.books();
            books.set_aside();
            std::mem::take(&mut books.late)
        };
        if lines.is_empty() {
            return Ok(());
        }
        let mut txn = self.store.begin().await?;
        for (day, (server, style), tally) in lines {
            sqlx::query(
                "INSERT OR REPLACE INTO pool_days
                     (day, server, style, attempts, done, failed, stopped, busy_s, awake_s, spent)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
    /// Puts what is not written yet where it keeps its day.
    fn set_aside(&mut self) {
        for line in std::mem::take(&mut self.unwritten) {
            if let Some(tally) = self.today.get(&line) {
                self.late.push((self.day, line, *tally));
            }
        }
    }

    /// Begins a new day.
    fn turn(&mut self, day: Date) {
        self.set_aside();
        for ((server, _), tally) in std::mem::take(&mut self.today) {
            add(self.before.entry(server).or_default(), &tally);
        }
        self.day = day;
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Tally {
    let count = |name: &str| row.get::<i64, _>(name).unsigned_abs();
    Tally {
        attempts: count("attempts"),
        done: count("done"),
        failed: count("failed"),
        stopped: count("stopped"),
        busy_s: row.get("busy_s"),
        awake_s: row.get("awake_s"),
        spent: row.get("spent"),
    }
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

    #[tokio::test]
    async fn what_was_done_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
        let [friday, saturday] = [20, 21].map(|day| Date::new(2026, 11, day).unwrap());
        let account = Account::new(store.clone());
        account.open(friday).await.unwrap();
        let painted = |tally: &mut Tally| {
            (tally.attempts, tally.done) = (tally.attempts + 1, tally.done + 1);
            (tally.busy_s, tally.spent) = (tally.busy_s + 6.0, tally.spent + 0.04);
        };
        account.count(friday, "gpu", "renoir", painted);
        account.write().await.unwrap();
        account.count(saturday, "gpu", "renoir", painted);
        account.count(saturday, "gpu", "", |tally| tally.awake_s += 60.0);
        account.write().await.unwrap();
        let before = account.of("gpu");
        assert_eq!((before.0.done, before.1.done), (1, 2));

        let again = Account::new(store);
        let paces = again.open(saturday).await.unwrap();
        assert_eq!(again.of("gpu"), before);
        let line = ("gpu".to_owned(), "renoir".to_owned());
        assert_eq!(paces, [(line, Duration::from_secs(6))]);
        assert_eq!(again.of("nobody"), Default::default());
    }
}
