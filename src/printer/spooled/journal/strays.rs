//! Jobs of erased visits: what the device is still to forget, and what may come out all the same.
//!
//! Of the visit nothing is left in such an entry but the number on its ticket, which staff need to
//! find the sheet.

use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use uuid::Uuid;

use super::super::Left;
use super::{Entry, Journal, Stage, read};
use crate::printer::{Stray, Verdict, Whereabouts, paper, words};
use crate::store::{StoreError, Txn};

/// Nobody looks for a sheet after so long.
const LOOKED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Journal {
    /// Jobs that the device is still to cancel or to forget.
    pub(in super::super) async fn owed(&self) -> Result<Vec<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        let query = "SELECT * FROM spool WHERE stage IN ('erase', 'leaving') AND printer = $1";
        let rows = sqlx::query(query)
            .bind(&self.printer)
            .fetch_all(txn.connection())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Notes what became of such a job. Its sheets are taken off the roll if they are out.
    pub(in super::super) async fn has_left(
        &self,
        entry: &Entry,
        left: Left,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let may_lie_there = entry.stage == Stage::Leaving && left != Left::Nothing;
        if left == Left::Stopping && may_lie_there {
            return Ok(());
        }
        if !may_lie_there {
            return self.drop_entry(entry.order).await;
        }
        // What is counted is not counted again when staff have found it.
        let out = if left == Left::All { entry.part } else { 0 };
        let mut txn = self.store.begin().await?;
        let query = "UPDATE spool SET stage = 'stray', part = part - $2, since = $3
                     WHERE order_id = $1 AND stage = 'leaving'";
        let done = sqlx::query(query)
            .bind(entry.order.to_string())
            .bind(i64::from(out))
            .bind(now.as_millisecond())
            .execute(txn.connection())
            .await?;
        if done.rows_affected() == 1 {
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
        let query = "DELETE FROM spool WHERE order_id = $1 AND stage = 'stray' RETURNING part";
        let row = sqlx::query(query)
            .bind(order.to_string())
            .fetch_optional(txn.connection())
            .await?;
        let (Some(row), true) = (row, verdict != Verdict::PrintAgain) else {
            return Ok(false);
        };
        if verdict == Verdict::CameOut {
            let uncounted = u32::try_from(row.get::<i64, _>("part")).unwrap_or_default();
            paper::take_off(&mut txn, uncounted).await?;
        }
        txn.commit().await?;
        Ok(true)
    }

    /// Drops strays that nobody looks for any more, those at a printer of before among them.
    pub(in super::super) async fn sweep_strays(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now.saturating_sub(LOOKED_FOR).unwrap_or(Timestamp::MIN);
        let mut txn = self.store.begin().await?;
        sqlx::query("DELETE FROM spool WHERE stage IN ('leaving', 'stray') AND since < $1")
            .bind(before.as_millisecond())
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }
}

/// What staff are told of them, oldest first.
pub(super) async fn all(txn: &mut Txn) -> Result<Vec<Stray>, StoreError> {
    let query = "SELECT * FROM spool WHERE stage IN ('leaving', 'stray') ORDER BY since, order_id";
    let rows = sqlx::query(query).fetch_all(txn.connection()).await?;
    let entries: Vec<Entry> = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
    Ok(entries.iter().map(stray).collect())
}

fn stray(entry: &Entry) -> Stray {
    let whereabouts = match (entry.stage, entry.part) {
        (Stage::Leaving, _) => Whereabouts::Inside,
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
