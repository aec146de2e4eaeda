//! What was begun with each order, in the booth's own record, noted before it is done.
//!
//! Two tables, one a state machine: `spool` has the orders ([`OrderState`]), `spool_jobs` the jobs
//! that were made for them ([`JobState`]), of which the last one is the one in hand.

mod jobs;
mod orders;
mod strays;
mod summary;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::job::{Job, JobState};
use super::order::{OrderState, Tally};
use super::{Device, Heard, Memo};
use crate::printer::Cause;
use crate::store::{self, Store, StoreError, Txn};

pub(super) use orders::Settled;

/// Selects orders, each with its last job.
macro_rules! entries {
    ($which:literal) => {
        concat!(
            "SELECT spool.*, job.printer, job.device_id, job.sheets AS job_sheets, job.counted,
                 job.state AS job_state, job.sent, job.begun, job.started,
                 job.stood
             FROM spool LEFT JOIN spool_jobs job
                 ON job.order_id = spool.order_id AND job.attempt = spool.attempt ",
            $which
        )
    };
}
use entries;

/// An order as the journal has it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) order: Uuid,
    pub(super) session: Uuid,
    pub(super) ticket: u32,
    pub(super) sheets: u32,
    /// Sheets that are out for certain.
    pub(super) sheets_done: u32,
    pub(super) state: OrderState,
    /// Why it is doubtful or failed.
    pub(super) cause: Option<Cause>,
    /// What the device said to that, in its own words.
    pub(super) remark: String,
    /// Staff wanted it printed to its end: it is never too late for it.
    pub(super) again: bool,
    pub(super) since: Timestamp,
    /// How many jobs were begun for it: makes each job's name its own.
    pub(super) attempt: u32,
    /// The last of them.
    pub(super) job: Option<Job>,
}

impl Entry {
    /// What its job is called at the device: unique for ever, and readable on its display.
    pub(super) fn job_name(&self) -> String {
        name(self.ticket, self.order, self.attempt)
    }

    /// Its last job, as far as a device needs to know it again. `None`: there is none at `device`.
    pub(super) fn memo(&self, device: &impl Device) -> Option<Memo> {
        let job = self.job.as_ref()?;
        Some(Memo {
            id: job.id.filter(|_| job.printer == device.address())?,
            name: self.job_name(),
            taken: job.state == JobState::Taken,
            sent: job.sent,
            begun: job.begun,
            started: job.started,
            stood: job.stood,
        })
    }

    /// Whether what the device says of its last job is not in the record yet.
    pub(super) fn is_news(&self, heard: &Heard, taken: bool) -> bool {
        self.job.as_ref().is_some_and(|job| {
            (taken && job.state == JobState::Delivering)
                || (heard.begun, heard.started, heard.stands) != (job.begun, job.started, job.stood)
                || heard.counted.is_some_and(|n| Some(n) > job.counted)
        })
    }

    /// What is known of its sheets while its last job is in doubt.
    fn tally(&self) -> Tally {
        let job = self.job.as_ref();
        Tally {
            sheets: self.sheets,
            certain: self.sheets_done,
            job: job.map_or(0, |job| job.sheets),
            counted: job.and_then(|job| job.counted),
            stood: job.is_some_and(|job| job.stood),
            cause: self.cause,
        }
    }
}

fn name(ticket: u32, order: Uuid, attempt: u32) -> String {
    format!("Ticket {ticket} {order} {attempt}")
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
}

/// An order that is not its erased visit's.
async fn find(txn: &mut Txn, order: Uuid) -> Result<Option<Entry>, StoreError> {
    let query = entries!("WHERE spool.order_id = $1 AND spool.state NOT IN ('erasing', 'stray')");
    let row = sqlx::query(query)
        .bind(order.to_string())
        .fetch_optional(txn.connection())
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<Entry, StoreError> {
    let id = |name| {
        let id = Uuid::try_parse(row.try_get(name)?);
        id.map_err(|e| sqlx::Error::Decode(Box::new(e)))
    };
    let job = row.try_get::<Option<&str>, _>("job_state")?;
    Ok(Entry {
        order: id("order_id")?,
        session: id("session")?,
        ticket: count(row, "ticket")?,
        sheets: count(row, "sheets")?,
        sheets_done: count(row, "sheets_done")?,
        state: OrderState::of(row.try_get("state")?),
        cause: row.try_get::<Option<&str>, _>("cause")?.and_then(Cause::of),
        remark: row.try_get("remark")?,
        again: row.try_get::<i64, _>("again")? != 0,
        since: Timestamp::from_millisecond(row.try_get("since")?).unwrap_or_default(),
        attempt: count(row, "attempt")?,
        job: job.map(|state| read_job(row, state)).transpose()?,
    })
}

fn read_job(row: &SqliteRow, state: &str) -> Result<Job, StoreError> {
    let counted = row.try_get::<Option<i64>, _>("counted")?;
    Ok(Job {
        attempt: count(row, "attempt")?,
        printer: row.try_get("printer")?,
        id: row.try_get("device_id")?,
        sheets: count(row, "job_sheets")?,
        counted: counted.and_then(|n| u32::try_from(n).ok()),
        state: JobState::of(state),
        sent: row.try_get("sent")?,
        begun: row.try_get("begun")?,
        started: row.try_get("started")?,
        stood: row.try_get::<i64, _>("stood")? != 0,
    })
}

/// A number below zero, or of another magnitude, is none of ours.
fn count(row: &SqliteRow, name: &str) -> Result<u32, StoreError> {
    let n = u32::try_from(row.try_get::<i64, _>(name)?);
    Ok(n.map_err(|e| sqlx::Error::Decode(Box::new(e)))?)
}

fn readable(rows: &[SqliteRow]) -> Vec<Entry> {
    store::readable(rows, "an order", read)
}
