//! Jobs: made, delivered, followed, ended. Each step moves the order along with its job, both or
//! neither.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Entry, Journal, find};
use crate::printer::paper;
use crate::printer::spooled::job::{End, JobState};
use crate::printer::spooled::{Heard, Made};
use crate::store::{StoreError, Txn};

/// So many jobs make a history.
const HISTORY: i64 = 10;

impl Journal {
    /// Notes that a job of one sheet is about to be made. `None`: the order is gone, or stands
    /// elsewhere by now.
    pub(in super::super) async fn prepare(
        &self,
        order: Uuid,
        now: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        let done = sqlx::query(
            "UPDATE spool SET state = 'printing', attempt = attempt + 1, since = $2
             WHERE order_id = $1 AND state = 'waiting'",
        )
        .bind(order.to_string())
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO spool_jobs (order_id, attempt, printer, sheets, state, at)
             SELECT order_id, attempt, $2, 1, 'preparing', $3 FROM spool WHERE order_id = $1",
        )
        .bind(order.to_string())
        .bind(&self.printer)
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        let entry = find(&mut txn, order).await?;
        txn.commit().await?;
        Ok(entry)
    }

    /// Notes the device's number of the job, before its document is sent.
    pub(in super::super) async fn deliver(
        &self,
        entry: &Entry,
        made: Made,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let done = sqlx::query(
            "UPDATE spool_jobs SET state = 'delivering', device_id = $3, started = $4, sent = $5
             WHERE order_id = $1 AND attempt = $2 AND state = 'preparing' AND EXISTS (
                 SELECT 1 FROM spool WHERE order_id = $1 AND attempt = $2 AND state = 'printing')",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(entry.attempt))
        .bind(made.id)
        .bind(made.started)
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The device made no job: the order waits for another.
    pub(in super::super) async fn unmade(
        &self,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query(
            "DELETE FROM spool_jobs WHERE order_id = $1 AND attempt = $2 AND state = 'preparing'",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(entry.attempt))
        .execute(txn.connection())
        .await?;
        sqlx::query(
            "UPDATE spool SET state = 'waiting', since = $3
             WHERE order_id = $1 AND attempt = $2 AND state = 'printing'",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(entry.attempt))
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    /// Notes what the device said of the job in hand, and that it has all of it if it is `taken`.
    pub(in super::super) async fn heard(
        &self,
        entry: &Entry,
        heard: &Heard,
        taken: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query(
            "UPDATE spool_jobs SET begun = $3, started = $4, stood = $5,
                 counted = CASE WHEN $6 IS NULL THEN counted ELSE MAX($6, COALESCE(counted, 0)) END,
                 at = CASE WHEN state = 'delivering' AND $7 THEN $8 ELSE at END,
                 state = CASE WHEN state = 'delivering' AND $7 THEN 'taken' ELSE state END
             WHERE order_id = $1 AND attempt = $2 AND state IN ('delivering', 'taken')",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(entry.attempt))
        .bind(heard.begun)
        .bind(heard.started)
        .bind(heard.stands)
        .bind(heard.counted.map(i64::from))
        .bind(taken)
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    /// Notes how the job in hand ended, and what that makes of its order; sheets that are out for
    /// certain are taken off the roll. `false`: the order is gone, or stands elsewhere by now.
    pub(in super::super) async fn end(
        &self,
        entry: &Entry,
        end: &End,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let moved = end_job(&mut txn, entry, end, now).await?
            && end_order(&mut txn, entry, end, now).await?;
        if !moved {
            return Ok(false);
        }
        if let (End::Printed, Some(job)) = (end, &entry.job) {
            paper::take_off(&mut txn, job.sheets).await?;
        }
        txn.commit().await?;
        Ok(true)
    }

    /// How long jobs at this printer take; `None` if it has no history.
    pub(in super::super) async fn usual(&self) -> Result<Option<Duration>, StoreError> {
        usual(&mut self.store.begin().await?, &self.printer).await
    }
}

/// The same, within a transaction.
pub(super) async fn usual(txn: &mut Txn, printer: &str) -> Result<Option<Duration>, StoreError> {
    let mut took: Vec<i64> = sqlx::query_scalar(
        "SELECT ended - at FROM spool_jobs
         WHERE printer = $1 AND state = 'printed' AND ended IS NOT NULL
         ORDER BY ended DESC LIMIT $2",
    )
    .bind(printer)
    .bind(HISTORY)
    .fetch_all(txn.connection())
    .await?;
    took.sort_unstable();
    // The one in the middle: one that had to wait for paper over night says nothing.
    let usual = took.get(took.len().saturating_sub(1) / 2);
    let usual = usual.and_then(|ms| u64::try_from(*ms).ok());
    Ok(usual.map(Duration::from_millis))
}

async fn end_job(
    txn: &mut Txn,
    entry: &Entry,
    end: &End,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let state = match end {
        End::Printed => JobState::Printed,
        End::Unprinted { .. } => JobState::Unprinted,
        End::Uncertain { .. } => JobState::Uncertain,
    };
    let cause = match end {
        End::Printed => None,
        End::Unprinted { fails, .. } => *fails,
        End::Uncertain { cause, .. } => Some(*cause),
    };
    let done = sqlx::query(
        "UPDATE spool_jobs SET state = $3, cause = $4, ended = $5
         WHERE order_id = $1 AND attempt = $2 AND state IN ('preparing', 'delivering', 'taken')",
    )
    .bind(entry.order.to_string())
    .bind(i64::from(entry.attempt))
    .bind(state.word())
    .bind(cause.map(crate::printer::Cause::word))
    .bind(now.as_millisecond())
    .execute(txn.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn end_order(
    txn: &mut Txn,
    entry: &Entry,
    end: &End,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let job = entry.job.as_ref().map_or(0, |job| job.sheets);
    let (out, state, cause, remark) = match end {
        End::Printed => {
            let done = entry.sheets_done + job >= entry.sheets;
            (job, if done { "done" } else { "waiting" }, None, "")
        }
        End::Unprinted { fails: None, .. } => (0, "waiting", None, ""),
        End::Unprinted { fails, remark } => (0, "failed", *fails, remark.as_str()),
        End::Uncertain { cause, remark } => (0, "doubtful", Some(*cause), remark.as_str()),
    };
    let done = sqlx::query(
        "UPDATE spool SET sheets_done = MIN(sheets_done + $3, sheets), state = $4, cause = $5,
             remark = $6, since = $7
         WHERE order_id = $1 AND attempt = $2 AND state = 'printing'",
    )
    .bind(entry.order.to_string())
    .bind(i64::from(entry.attempt))
    .bind(i64::from(out))
    .bind(state)
    .bind(cause.map(crate::printer::Cause::word))
    .bind(remark)
    .bind(now.as_millisecond())
    .execute(txn.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}
