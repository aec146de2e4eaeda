//! Orders of erased visits: what the device is still to forget, and what may come out all the same.
//!
//! Of the visit nothing is left in such an entry but the number on its ticket, which staff need to
//! find the sheet.

use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{Entry, Journal, count, entries, name, read, readable};
use crate::printer::spooled::job::{Job, JobState};
use crate::printer::spooled::order::OrderState;
use crate::printer::spooled::{Left, Memo};
use crate::printer::{Stray, Verdict, Whereabouts, paper, words};
use crate::store::{self, StoreError, Txn};

/// Nobody looks for a sheet after so long.
const LOOKED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Journal {
    /// Orders of which the device is still to cancel or to forget the last job.
    pub(in super::super) async fn owed(&self) -> Result<Vec<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        let query = entries!(
            "WHERE spool.state = 'erasing' AND EXISTS (SELECT 1 FROM spool_jobs its
                 WHERE its.order_id = spool.order_id AND its.printer = $1)"
        );
        let rows = sqlx::query(query)
            .bind(&self.printer)
            .fetch_all(txn.connection())
            .await?;
        Ok(readable(&rows))
    }

    /// The jobs of before of such an order: over, and still in the device's own history.
    pub(in super::super) async fn history(&self, entry: &Entry) -> Result<Vec<Memo>, StoreError> {
        let mut txn = self.store.begin().await?;
        let rows = sqlx::query(
            "SELECT attempt, device_id, sent, begun, started FROM spool_jobs
             WHERE order_id = $1 AND attempt <> $2 AND printer = $3 AND device_id IS NOT NULL",
        )
        .bind(entry.order.to_string())
        .bind(i64::from(entry.attempt))
        .bind(&self.printer)
        .fetch_all(txn.connection())
        .await?;
        let memo = |row: &SqliteRow| {
            Ok(Memo {
                id: row.try_get("device_id")?,
                name: name(entry.ticket, entry.order, count(row, "attempt")?),
                taken: true,
                sent: row.try_get("sent")?,
                begun: row.try_get("begun")?,
                started: row.try_get("started")?,
                stood: false,
            })
        };
        Ok(store::readable(&rows, "a job of an order", memo))
    }

    /// Notes what became of such an order's last job. Its sheets are taken off the roll if they
    /// are out.
    pub(in super::super) async fn has_left(
        &self,
        entry: &Entry,
        left: Left,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let state = entry.job.as_ref().map(|job| job.state);
        let may_lie_there = left != Left::Nothing && state.is_some_and(JobState::may_come_out);
        if left == Left::Stopping && may_lie_there {
            return Ok(());
        }
        let (true, Some(job)) = (may_lie_there, &entry.job) else {
            return self.drop_entry(entry.order).await;
        };
        self.is_stray(entry, job, left, now).await
    }

    async fn is_stray(
        &self,
        entry: &Entry,
        job: &Job,
        left: Left,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // What is counted is not counted again when staff have found it.
        let (state, out) = match left {
            Left::All => (JobState::Printed, job.sheets),
            _ => (JobState::Uncertain, 0),
        };
        let mut txn = self.store.begin().await?;
        let query = "UPDATE spool SET state = 'stray', since = $2
                     WHERE order_id = $1 AND state = 'erasing'";
        let done = sqlx::query(query)
            .bind(entry.order.to_string())
            .bind(now.as_millisecond())
            .execute(txn.connection())
            .await?;
        if done.rows_affected() == 1 {
            sqlx::query("UPDATE spool_jobs SET state = $3 WHERE order_id = $1 AND attempt = $2")
                .bind(entry.order.to_string())
                .bind(i64::from(job.attempt))
                .bind(state.word())
                .execute(txn.connection())
                .await?;
            paper::take_off(&mut txn, out).await?;
        }
        txn.commit().await
    }

    /// Does what staff found of such a sheet. `false`: there is none, or nothing can be said yet.
    pub(in super::super) async fn settle_stray(
        &self,
        order: Uuid,
        verdict: Verdict,
    ) -> Result<bool, StoreError> {
        let mut txn = self.store.begin().await?;
        let query = entries!("WHERE spool.order_id = $1 AND spool.state = 'stray'");
        let row = sqlx::query(query)
            .bind(order.to_string())
            .fetch_optional(txn.connection())
            .await?;
        let (Some(row), true) = (row, verdict != Verdict::PrintAgain) else {
            return Ok(false);
        };
        if verdict == Verdict::CameOut {
            paper::take_off(&mut txn, uncounted(&read(&row)?)).await?;
        }
        sqlx::query("DELETE FROM spool WHERE order_id = $1")
            .bind(order.to_string())
            .execute(txn.connection())
            .await?;
        txn.commit().await?;
        Ok(true)
    }

    /// Drops strays that nobody looks for any more, those at a printer of before among them.
    pub(in super::super) async fn sweep_strays(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now.saturating_sub(LOOKED_FOR).unwrap_or(Timestamp::MIN);
        let mut txn = self.store.begin().await?;
        sqlx::query(
            "DELETE FROM spool WHERE since < $1 AND (state = 'stray' OR (state = 'erasing' AND
                 NOT EXISTS (SELECT 1 FROM spool_jobs job WHERE job.order_id = spool.order_id
                     AND job.attempt = spool.attempt
                     AND job.state NOT IN ('delivering', 'taken', 'uncertain'))))",
        )
        .bind(before.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }
}

/// Sheets that may lie there and are not taken off the roll yet.
fn uncounted(entry: &Entry) -> u32 {
    let job = entry.job.as_ref();
    job.filter(|job| job.state.may_come_out())
        .map_or(0, |job| job.sheets)
}

/// What staff are told of them, oldest first.
pub(super) async fn all(txn: &mut Txn) -> Result<Vec<Stray>, StoreError> {
    let query = entries!(
        "WHERE spool.state = 'stray'
             OR (spool.state = 'erasing' AND job.state IN ('delivering', 'taken', 'uncertain'))
         ORDER BY since, spool.order_id"
    );
    let rows = sqlx::query(query).fetch_all(txn.connection()).await?;
    Ok(readable(&rows).iter().map(stray).collect())
}

fn stray(entry: &Entry) -> Stray {
    let whereabouts = match (entry.state, uncounted(entry)) {
        (OrderState::Erasing, _) => Whereabouts::Inside,
        (_, 0) => Whereabouts::Out,
        _ => Whereabouts::Unknown,
    };
    Stray {
        order: entry.order,
        ticket: entry.ticket,
        sheets: entry.sheets,
        since: entry.since,
        whereabouts,
        says: words::stray(entry.ticket, whereabouts),
    }
}
