//! What was begun with each order, in the booth's own record, noted before it is done.

mod strays;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::roll::{Levels, reconcile};
use crate::printer::paper;
use crate::printer::{Doubt, Order, Roll, Stray, Verdict, words};
use crate::store::{Store, StoreError, Txn};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nothing of it (that is still to be printed) is at the device.
    Waiting,
    /// A job without a document may be at the device.
    Preparing,
    /// The job is at the device; its document may be.
    Delivering,
    /// The device has all of it.
    Sent,
    /// All sheets are out.
    Done,
    /// It will not be printed.
    Failed,
    /// Staff must look.
    Doubtful,
    /// The visit is erased; the device is still to forget the job.
    Erase,
    /// The visit is erased, and the device may be printing the job.
    Leaving,
    /// A sheet of an erased visit may lie in the tray.
    Stray,
}

impl Stage {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Waiting, "waiting"),
        (Self::Preparing, "preparing"),
        (Self::Delivering, "delivering"),
        (Self::Sent, "sent"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Doubtful, "doubtful"),
        (Self::Erase, "erase"),
        (Self::Leaving, "leaving"),
        (Self::Stray, "stray"),
    ];

    fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(stage, _)| *stage == self);
        known.map_or("", |(_, word)| word)
    }

    /// An unknown word was written by a newer booth: what it means nobody here can tell.
    fn of(word: &str) -> Self {
        let known = Self::ALL.iter().find(|(_, known)| *known == word);
        known.map_or(Self::Doubtful, |(stage, _)| *stage)
    }
}

/// Staff wanted this order printed again: it is never too late for it.
pub(super) const AGAIN: &str = "again";

/// An order as the journal has it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) order: Uuid,
    pub(super) session: Uuid,
    pub(super) ticket: u32,
    pub(super) sheets: u32,
    /// Sheets of jobs that are done.
    pub(super) sheets_done: u32,
    /// Sheets of the job in hand.
    pub(super) part: u32,
    /// How many jobs were begun for it: makes each job's name its own.
    pub(super) attempt: u32,
    pub(super) stage: Stage,
    /// The device's number of the job in hand, once it has one.
    pub(super) job: Option<i64>,
    /// Which printer the job is at.
    pub(super) printer: String,
    pub(super) since: Timestamp,
    /// Why it is doubtful or failed; [`AGAIN`] once staff wanted it printed again.
    pub(super) why: String,
}

impl Entry {
    /// What its job is called at the device: unique for ever, and readable on its display.
    pub(super) fn job_name(&self) -> String {
        format!("Ticket {} {} {}", self.ticket, self.order, self.attempt)
    }
}

/// What staff are told.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) roll: Option<Roll>,
    pub(super) doubtful: Vec<Doubt>,
    pub(super) strays: Vec<Stray>,
}

#[derive(Debug)]
pub(super) struct Journal {
    store: Store,
    printer: String,
    new_roll: Option<u32>,
}

impl Journal {
    pub(super) fn new(store: Store, printer: String, new_roll: Option<u32>) -> Self {
        Self {
            store,
            printer,
            new_roll,
        }
    }

    /// Notes an order, or finds it as it was noted. `None`: another order has its id.
    pub(super) async fn accept(
        &self,
        order: &Order,
        now: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO spool (order_id, session, ticket, sheets, stage, printer, since)
             VALUES ($1, $2, $3, $4, 'waiting', '', $5) ON CONFLICT (order_id) DO NOTHING",
        )
        .bind(order.id.to_string())
        .bind(order.session.to_string())
        .bind(i64::from(order.ticket))
        .bind(i64::from(order.sheets))
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        let entry = find(&mut txn, order.id).await?;
        txn.commit().await?;
        let same = |e: &Entry| e.sheets == order.sheets && e.session == order.session;
        Ok(entry.filter(same))
    }

    pub(super) async fn entry(&self, order: Uuid) -> Result<Option<Entry>, StoreError> {
        find(&mut self.store.begin().await?, order).await
    }

    /// Notes that a job for so many sheets is about to be made. `None`: the order is gone, or
    /// stands elsewhere by now.
    pub(super) async fn prepare(
        &self,
        entry: &Entry,
        part: u32,
        now: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        let row = sqlx::query(
            "UPDATE spool SET stage = 'preparing', part = $2, attempt = attempt + 1, job = NULL,
                 printer = $3, since = $4 WHERE order_id = $1 AND stage = 'waiting' RETURNING *",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(part))
        .bind(&self.printer)
        .bind(now.as_millisecond())
        .fetch_optional(txn.connection())
        .await?;
        let entry = row.as_ref().map(read).transpose()?;
        txn.commit().await?;
        Ok(entry)
    }

    /// Notes the device's number of the job, before its document is sent.
    pub(super) async fn deliver(&self, order: Uuid, job: i64) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let done = sqlx::query(
            "UPDATE spool SET stage = 'delivering', job = $2
             WHERE order_id = $1 AND stage = 'preparing'",
        )
        .bind(order.to_string())
        .bind(job)
        .execute(txn.connection())
        .await?;
        txn.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Moves an order on from where it was; `why` stays as it is if it is empty. `false`: it is gone, or stands elsewhere by now.
    pub(super) async fn turn(
        &self,
        order: Uuid,
        from: Stage,
        to: Stage,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let done = sqlx::query(
            "UPDATE spool SET stage = $3, why = CASE $4 WHEN '' THEN why ELSE $4 END, since = $5
             WHERE order_id = $1 AND stage = $2",
        )
        .bind(order.to_string())
        .bind(from.word())
        .bind(to.word())
        .bind(why)
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that the job in hand is on paper, and takes its sheets off the roll, both or neither.
    /// The order is done, or waits for its next job.
    pub(super) async fn printed(&self, entry: &Entry) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let done = sqlx::query(
            "UPDATE spool SET sheets_done = sheets_done + part,
                 stage = CASE WHEN sheets_done + part >= sheets THEN 'done' ELSE 'waiting' END
             WHERE order_id = $1 AND attempt = $2 AND stage IN ('delivering', 'sent')",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(entry.attempt))
        .execute(txn.connection())
        .await?;
        let moved = done.rows_affected() == 1;
        if moved {
            paper::take_off(&mut txn, entry.part).await?;
        }
        txn.commit().await?;
        Ok(moved)
    }

    /// Does what staff found. `false`: the order is not in doubt.
    pub(super) async fn settle(&self, order: Uuid, verdict: Verdict) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let Some(entry) = find(&mut txn, order)
            .await?
            .filter(|e| e.stage == Stage::Doubtful)
        else {
            return Ok(false);
        };
        let (text, out) = match verdict {
            Verdict::CameOut => (
                "UPDATE spool SET stage = 'done', sheets_done = sheets WHERE order_id = $1",
                entry.sheets.saturating_sub(entry.sheets_done),
            ),
            Verdict::PrintAgain => (
                "UPDATE spool SET stage = 'waiting', why = 'again' WHERE order_id = $1",
                0,
            ),
            Verdict::NeverCame => return Ok(false),
        };
        sqlx::query(text)
            .bind(order.to_string())
            .execute(txn.connection())
            .await?;
        paper::take_off(&mut txn, out).await?;
        txn.commit().await?;
        Ok(true)
    }

    /// Drops a session's orders. Those whose job is still known at the device are kept, without
    /// the session, until it has forgotten them; those that it may be printing, until staff know.
    pub(super) async fn forget(&self, session: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        let session = session.to_string();
        sqlx::query("DELETE FROM spool WHERE session = $1 AND (attempt = 0 OR printer <> $2)")
            .bind(&session)
            .bind(&self.printer)
            .execute(txn.connection())
            .await?;
        sqlx::query(
            "UPDATE spool SET session = $2, since = $3, why = '', stage =
                 CASE WHEN stage IN ('delivering', 'sent', 'doubtful') THEN 'leaving' ELSE 'erase' END
             WHERE session = $1",
        )
        .bind(&session)
        .bind(Uuid::nil().to_string())
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    pub(super) async fn drop_entry(&self, order: Uuid) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query("DELETE FROM spool WHERE order_id = $1")
            .bind(order.to_string())
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }

    /// Nobody waits any more for an order of which nothing is at the device.
    pub(super) async fn give_up(&self, order: Uuid) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query("UPDATE spool SET stage = 'failed' WHERE order_id = $1 AND stage = 'waiting'")
            .bind(order.to_string())
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }

    /// Test pages that are not settled yet.
    pub(super) async fn tests(&self) -> Result<Vec<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        let query = "SELECT * FROM spool WHERE session = $1
                     AND stage IN ('waiting', 'preparing', 'delivering', 'sent')";
        let rows = sqlx::query(query)
            .bind(Uuid::nil().to_string())
            .fetch_all(txn.connection())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Drops test pages that are done with.
    pub(super) async fn sweep_tests(&self) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query("DELETE FROM spool WHERE session = $1 AND stage IN ('done', 'failed')")
            .bind(Uuid::nil().to_string())
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }

    /// Orders not settled yet: all of them, and those of which something may be at the device.
    pub(super) async fn open(&self) -> Result<(u64, u64), StoreError> {
        let mut txn = self.store.begin().await?;
        let row = sqlx::query(
            "SELECT COUNT(*) FILTER (WHERE stage <> 'leaving') AS open,
                    COUNT(*) FILTER (WHERE stage <> 'waiting') AS there FROM spool
             WHERE stage IN ('waiting', 'preparing', 'delivering', 'sent', 'leaving')",
        )
        .fetch_one(txn.connection())
        .await?;
        let count = |name| row.get::<i64, _>(name).unsigned_abs();
        Ok((count("open"), count("there")))
    }

    /// A roll of `size` sheets with `left` left is in.
    pub(super) async fn set_roll(&self, left: u32, size: u32) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        paper::write(&mut txn, left, size).await?;
        txn.commit().await
    }

    /// Compares the count with what the device says of its paper.
    pub(super) async fn reconcile(&self, levels: Levels) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        let counted = paper::read(&mut txn).await?;
        let known = reconcile(counted, levels, self.new_roll);
        if let Some((left, size)) = known.filter(|_| known != counted) {
            paper::write(&mut txn, left, size).await?;
            txn.commit().await?;
        }
        Ok(())
    }

    pub(super) async fn summary(&self) -> Result<Summary, StoreError> {
        let mut txn = self.store.begin().await?;
        let roll = paper::read(&mut txn).await?;
        let rows = sqlx::query("SELECT * FROM spool WHERE stage = 'doubtful' ORDER BY since")
            .fetch_all(txn.connection())
            .await?;
        let doubt = |row: &SqliteRow| {
            let entry = read(row)?;
            Ok(Doubt {
                order: entry.order,
                session: entry.session,
                ticket: entry.ticket,
                sheets: entry.sheets,
                sheets_done: entry.sheets_done,
                since: entry.since,
                says: words::doubt(entry.ticket, &entry.why),
            })
        };
        Ok(Summary {
            roll: roll.map(|(left, size)| Roll::new(left, size)),
            doubtful: rows.iter().map(doubt).collect::<Result<_, StoreError>>()?,
            strays: strays::all(&mut txn).await?,
        })
    }
}

async fn find(txn: &mut Txn, order: Uuid) -> Result<Option<Entry>, StoreError> {
    let query = "SELECT * FROM spool WHERE order_id = $1
                 AND stage NOT IN ('erase', 'leaving', 'stray')";
    let row = sqlx::query(query)
        .bind(order.to_string())
        .fetch_optional(txn.connection())
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<Entry, StoreError> {
    let id = |name| Uuid::try_parse(row.get(name)).map_err(|e| sqlx::Error::Decode(Box::new(e)));
    let count = |name| u32::try_from(row.get::<i64, _>(name)).unwrap_or_default();
    Ok(Entry {
        order: id("order_id")?,
        session: id("session")?,
        ticket: count("ticket"),
        sheets: count("sheets"),
        sheets_done: count("sheets_done"),
        part: count("part"),
        attempt: count("attempt"),
        stage: Stage::of(row.get("stage")),
        job: row.get("job"),
        printer: row.get("printer"),
        since: Timestamp::from_millisecond(row.get("since")).unwrap_or_default(),
        why: row.get("why"),
    })
}
