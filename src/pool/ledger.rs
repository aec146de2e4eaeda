//! Attempts at servers, written down before they begin: the work there outlives this process, and
//! nobody pays twice for what may still come.

use jiff::Timestamp;
use sqlx::Row as _;
use uuid::Uuid;

use crate::generator::Receipt;
use crate::store::{Store, StoreError};

/// An attempt that may still be coming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenAttempt {
    /// Its own id, which servers that let us choose know it by.
    pub(super) id: Uuid,
    /// Where it was sent.
    pub(super) server: String,
    /// What the server calls it, if it said so.
    pub(super) receipt: Option<Receipt>,
}

/// The list of attempts under way.
#[derive(Debug)]
pub(super) struct Ledger(Store);

impl Ledger {
    pub(super) fn new(store: Store) -> Self {
        Self(store)
    }

    /// Notes an attempt that is about to begin.
    pub(super) async fn begin(
        &self,
        session: Uuid,
        painting: Uuid,
        attempt: &OpenAttempt,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut txn = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO pool_attempts (id, session, painting, server, begun_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(attempt.id.to_string())
        .bind(session.to_string())
        .bind(painting.to_string())
        .bind(&attempt.server)
        .bind(now.as_millisecond())
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    /// Notes what the server calls it.
    pub(super) async fn receipt(&self, id: Uuid, receipt: &Receipt) -> Result<(), StoreError> {
        let mut txn = self.0.begin().await?;
        sqlx::query("UPDATE pool_attempts SET receipt = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(&receipt.0)
            .execute(txn.connection())
            .await?;
        txn.commit().await
    }

    /// Nothing is coming from that attempt any more.
    pub(super) async fn end(&self, id: Uuid) -> Result<(), StoreError> {
        self.delete("DELETE FROM pool_attempts WHERE id = $1", id)
            .await
    }

    /// Nothing of that painting is waited for any more.
    pub(super) async fn settle(&self, painting: Uuid) -> Result<(), StoreError> {
        self.delete("DELETE FROM pool_attempts WHERE painting = $1", painting)
            .await
    }

    /// What may still be coming for a painting: the newest attempt that has not ended. One that
    /// does not read cannot be asked for, and counts as none.
    pub(super) async fn open(&self, painting: Uuid) -> Result<Option<OpenAttempt>, StoreError> {
        let row = sqlx::query(
            "SELECT id, server, receipt FROM pool_attempts WHERE painting = $1
             ORDER BY begun_at DESC, id DESC LIMIT 1",
        )
        .bind(painting.to_string())
        .fetch_optional(self.0.reader())
        .await?;
        Ok(row.and_then(|row| {
            Some(OpenAttempt {
                id: Uuid::try_parse(row.try_get("id").ok()?).ok()?,
                server: row.try_get("server").ok()?,
                receipt: row
                    .try_get::<Option<String>, _>("receipt")
                    .ok()?
                    .map(Receipt),
            })
        }))
    }

    async fn delete(&self, text: &'static str, id: Uuid) -> Result<(), StoreError> {
        let mut txn = self.0.begin().await?;
        let done = sqlx::query(text)
            .bind(id.to_string())
            .execute(txn.connection())
            .await?;
        if done.rows_affected() > 0 {
            txn.commit().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_may_still_come_is_known_until_it_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
        let ledger = Ledger::new(store);
        let (session, painting) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let attempt = |n| OpenAttempt {
            id: Uuid::from_u128(n),
            server: "pod".to_owned(),
            receipt: None,
        };
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(ledger.open(painting).await.unwrap(), None);
        ledger
            .begin(session, painting, &attempt(7), now)
            .await
            .unwrap();
        ledger
            .begin(session, painting, &attempt(8), now)
            .await
            .unwrap();
        let receipt = Receipt("job-1".to_owned());
        ledger.receipt(Uuid::from_u128(8), &receipt).await.unwrap();
        let newest = ledger.open(painting).await.unwrap().unwrap();
        assert_eq!(
            (newest.id, newest.receipt),
            (Uuid::from_u128(8), Some(receipt))
        );
        ledger.end(Uuid::from_u128(8)).await.unwrap();
        assert_eq!(ledger.open(painting).await.unwrap(), Some(attempt(7)));
        ledger.settle(painting).await.unwrap();
        assert_eq!(ledger.open(painting).await.unwrap(), None);
    }
}
