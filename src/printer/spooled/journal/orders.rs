//! Orders: taken, given up, settled by staff, forgotten.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Entry, Journal, entries, find, readable};
use crate::printer::spooled::order::OrderState;
use crate::printer::{Cause, Order, Verdict, paper};
use crate::store::StoreError;

/// What became of an answer of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Settled {
    /// It is done with, or goes on.
    Done,
    /// That order is not in doubt.
    NotInDoubt,
    /// There cannot be so many sheets.
    TooMany,
}

impl Journal {
    /// Notes an order, or finds it as it was noted. `None`: another order has its id.
    pub(in super::super) async fn accept(
        &self,
        order: &Order,
        now: Timestamp,
    ) -> Result<Option<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO spool (order_id, session, ticket, sheets, state, since)
             VALUES ($1, $2, $3, $4, 'waiting', $5) ON CONFLICT (order_id) DO NOTHING",
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

    pub(in super::super) async fn entry(&self, order: Uuid) -> Result<Option<Entry>, StoreError> {
        find(&mut self.store.begin().await?, order).await
    }

    /// Does what staff found: `found` sheets of the order, if they counted.
    pub(in super::super) async fn settle(
        &self,
        order: Uuid,
        verdict: Verdict,
        found: Option<u32>,
    ) -> Result<Settled, StoreError> {
        let mut txn = self.store.begin().await?;
        let doubtful = |e: &Entry| e.state == OrderState::Doubtful;
        let Some(entry) = find(&mut txn, order).await?.filter(doubtful) else {
            return Ok(Settled::NotInDoubt);
        };
        if verdict == Verdict::NeverCame {
            return Ok(Settled::NotInDoubt);
        }
        let Some(out) = entry.tally().out(verdict, found) else {
            return Ok(Settled::TooMany);
        };
        sqlx::query(
            "UPDATE spool SET sheets_done = MIN($2, sheets), again = 1,
                 state = CASE WHEN $2 >= sheets THEN 'done' ELSE 'waiting' END
             WHERE order_id = $1",
        )
        .bind(order.to_string())
        .bind(i64::from(out))
        .execute(txn.connection())
        .await?;
        let more = out.saturating_sub(entry.sheets_done);
        sqlx::query(
            "UPDATE spool_jobs SET state = 'counted', counted = $3
             WHERE order_id = $1 AND attempt = $2",
        )
        .bind(order.to_string())
        .bind(i64::from(entry.attempt))
        .bind(i64::from(more))
        .execute(txn.connection())
        .await?;
        paper::take_off(&mut txn, more).await?;
        txn.commit().await?;
        Ok(Settled::Done)
    }

    /// Drops a session's orders. Those of which a job is still known at the device are kept,
    /// without the session, until it has forgotten them; those that it may be printing, until
    /// staff know.
    pub(in super::super) async fn forget(
        &self,
        session: Uuid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        let session = session.to_string();
        sqlx::query(
            "DELETE FROM spool WHERE session = $1 AND NOT EXISTS (
                 SELECT 1 FROM spool_jobs job
                 WHERE job.order_id = spool.order_id AND job.printer = $2)",
        )
        .bind(&session)
        .bind(&self.printer)
        .execute(txn.connection())
        .await?;
        sqlx::query(
            "UPDATE spool SET session = $2, since = $3, state = 'erasing', cause = NULL, remark = ''
             WHERE session = $1",
        )
        .bind(&session)
        .bind(Uuid::nil().to_string())
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    pub(in super::super) async fn drop_entry(&self, order: Uuid) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query("DELETE FROM spool WHERE order_id = $1")
            .bind(order.to_string())
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }

    /// Nobody waits any more for an order of which nothing is at the device.
    pub(in super::super) async fn give_up(&self, order: Uuid) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query(
            "UPDATE spool SET state = 'failed', cause = $2
             WHERE order_id = $1 AND state = 'waiting'",
        )
        .bind(order.to_string())
        .bind(Cause::GivenUp.word())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    /// Test pages that are not settled yet.
    pub(in super::super) async fn tests(&self) -> Result<Vec<Entry>, StoreError> {
        let mut txn = self.store.begin().await?;
        let query = entries!("WHERE session = $1 AND spool.state IN ('waiting', 'printing')");
        let rows = sqlx::query(query)
            .bind(Uuid::nil().to_string())
            .fetch_all(txn.connection())
            .await?;
        Ok(readable(&rows))
    }

    /// Drops test pages that are done with.
    pub(in super::super) async fn sweep_tests(&self) -> Result<(), StoreError> {
        let mut txn = self.store.begin().await?;
        sqlx::query("DELETE FROM spool WHERE session = $1 AND state IN ('done', 'failed')")
            .bind(Uuid::nil().to_string())
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }
}
