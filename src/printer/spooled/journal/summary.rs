//! What staff and visitors are told of orders, and the count of the paper.

use std::time::Duration;

use sqlx::Row as _;

use super::{Entry, Journal, entries, jobs, readable, strays};
use crate::printer::spooled::roll::{Levels, reconcile};
use crate::printer::{Cause, Doubt, PartlyDone, Roll, Stray, paper, words};
use crate::store::{StoreError, Txn};

/// What is told of orders.
#[derive(Debug)]
pub(in super::super) struct Summary {
    pub(in super::super) roll: Option<Roll>,
    pub(in super::super) doubtful: Vec<Doubt>,
    pub(in super::super) strays: Vec<Stray>,
    pub(in super::super) partly_done: Vec<PartlyDone>,
    /// A job is at the device.
    pub(in super::super) in_hand: bool,
    /// How long jobs take; `None` if there is no history.
    pub(in super::super) usual: Option<Duration>,
}

impl Journal {
    /// Orders not settled yet: all of them, and those of which something may be at the device.
    pub(in super::super) async fn open(&self) -> Result<(u64, u64), StoreError> {
        let mut txn = self.store.begin().await?;
        let row = sqlx::query(
            "SELECT COUNT(*) FILTER (WHERE spool.state <> 'erasing') AS open,
                    COUNT(*) FILTER (WHERE spool.state <> 'waiting') AS there
             FROM spool LEFT JOIN spool_jobs job
                 ON job.order_id = spool.order_id AND job.attempt = spool.attempt
             WHERE spool.state IN ('waiting', 'printing') OR (spool.state = 'erasing'
                 AND job.state IN ('delivering', 'taken', 'uncertain'))",
        )
        .fetch_one(txn.connection())
        .await?;
        let count = |name| row.try_get::<i64, _>(name).map(i64::unsigned_abs);
        Ok((count("open")?, count("there")?))
    }

    /// A roll of `size` sheets with `left` left is in.
    pub(in super::super) async fn set_roll(&self, left: u32, size: u32) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        paper::write(&mut txn, left, size).await?;
        txn.commit().await
    }

    /// Compares the count with what the device says of its paper.
    pub(in super::super) async fn reconcile(&self, levels: Levels) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        let counted = paper::read(&mut txn).await?;
        let known = reconcile(counted, levels, self.new_roll);
        if let Some((left, size)) = known.filter(|_| known != counted) {
            paper::write(&mut txn, left, size).await?;
            txn.commit().await?;
        }
        Ok(())
    }

    pub(in super::super) async fn summary(&self) -> Result<Summary, StoreError> {
        let mut txn = self.store.begin().await?;
        let roll = paper::read(&mut txn).await?;
        let doubtful = all(
            &mut txn,
            entries!("WHERE spool.state = 'doubtful' ORDER BY since"),
        )
        .await?;
        let partly = all(
            &mut txn,
            entries!(
                "WHERE sheets_done > 0
                     AND spool.state IN ('waiting', 'printing', 'doubtful', 'failed')
                 ORDER BY spool.order_id"
            ),
        )
        .await?;
        let in_hand: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM spool JOIN spool_jobs job
                 ON job.order_id = spool.order_id AND job.attempt = spool.attempt
             WHERE spool.state IN ('printing', 'erasing')
                 AND job.state IN ('delivering', 'taken')",
        )
        .fetch_one(txn.connection())
        .await?;
        Ok(Summary {
            in_hand: in_hand > 0,
            usual: jobs::usual(&mut txn, &self.printer).await?,
            roll: roll.map(|(left, size)| Roll::new(left, size)),
            doubtful: doubtful.iter().map(doubt).collect(),
            strays: strays::all(&mut txn).await?,
            partly_done: partly.iter().map(partly_done).collect(),
        })
    }
}

async fn all(txn: &mut Txn, query: &'static str) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query(query).fetch_all(txn.connection()).await?;
    Ok(readable(&rows))
}

fn doubt(entry: &Entry) -> Doubt {
    let cause = entry.cause.unwrap_or(Cause::BrokeOff);
    let counted = entry.job.as_ref().and_then(|job| job.counted);
    Doubt {
        order: entry.order,
        session: entry.session,
        ticket: entry.ticket,
        sheets: entry.sheets,
        sheets_done: entry.sheets_done,
        counted: counted.map(|n| entry.sheets.min(entry.sheets_done + n)),
        code: cause,
        since: entry.since,
        says: words::doubt(
            words::Asked {
                ticket: entry.ticket,
                sheets: entry.sheets,
                sheets_done: entry.sheets_done,
            },
            cause,
            &entry.remark,
        ),
    }
}

fn partly_done(entry: &Entry) -> PartlyDone {
    PartlyDone {
        order: entry.order,
        session: entry.session,
        sheets: entry.sheets,
        sheets_done: entry.sheets_done,
    }
}
