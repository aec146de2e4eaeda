use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::*;
use crate::clock::ManualClock;
use crate::printer::{PrinterState, Verdict};
use crate::queue::{NewJob, SqliteQueue, sqlite};
use crate::store::Store;

/// A printer that takes its time, with the record in its hands.
#[derive(Debug)]
struct Slow {
    store: Store,
    began: Notify,
    goes_on: Notify,
}

#[async_trait]
impl Printer for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn submit(&self, _: &Order) -> Result<(), PrinterError> {
        let txn = self.store.begin().await?;
        self.began.notify_one();
        self.goes_on.notified().await;
        Ok(txn.commit().await?)
    }

    async fn status(&self, _: Uuid) -> Result<JobStatus, PrinterError> {
        Ok(JobStatus::Queued)
    }

    async fn forget(&self, _: Uuid) -> Result<(), PrinterError> {
        Ok(())
    }

    async fn give_up(&self, _: Uuid) -> Result<(), PrinterError> {
        Ok(())
    }

    async fn health(&self) -> Result<String, PrinterError> {
        Ok(String::new())
    }

    fn watch(&self) -> watch::Receiver<PrinterState> {
        unreachable!("nobody looks")
    }

    async fn roll_changed(&self, _: u32) -> Result<(), PrinterError> {
        Ok(())
    }

    async fn test_page(&self, _: Uuid) -> Result<(), PrinterError> {
        Ok(())
    }

    async fn settle(&self, _: Uuid, _: Verdict, _: Option<u32>) -> Result<(), PrinterError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_lease_that_waits_for_the_record_does_not_hold_up_the_printer_that_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("easel.db")).await.unwrap();
    let clock = ManualClock::default();
    let now: Arc<dyn Clock> = Arc::new(clock.clone());
    let queue = Arc::new(SqliteQueue::new(store.clone(), Arc::clone(&now)));
    let order = Order {
        id: Uuid::from_u128(2),
        session: Uuid::from_u128(1),
        ticket: 1,
        sheets: 1,
        page: Page::default(),
    };
    let job = NewJob {
        queue: PRINT.to_owned(),
        session: order.session,
        subject: order.id,
        not_before: None,
    };
    let mut txn = store.begin().await.unwrap();
    sqlite::enqueue(&mut txn, &job, clock.now()).await.unwrap();
    txn.commit().await.unwrap();
    let job = queue.claim(&[PRINT.to_owned()], LEASE).await.unwrap();
    let printer = Arc::new(Slow {
        store: store.clone(),
        began: Notify::new(),
        goes_on: Notify::new(),
    });
    let print = Print {
        visits: Visits::new(store, Arc::clone(&now)),
        queue,
        blobs: Blobs::open(dir.path()).unwrap(),
        printer: Arc::<Slow>::clone(&printer),
        clock: now,
        give_up: Duration::from_secs(3600),
    };
    let turn = tokio::spawn(async move {
        let stop = CancellationToken::new();
        print.turn(&job.unwrap(), &order, &stop).await.unwrap()
    });
    printer.began.notified().await;
    clock.until_asleep(1).await;
    clock.advance(LEASE / 4);
    // Now the lease waits for the record, which the printer has.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    printer.goes_on.notify_one();
    let turn = tokio::time::timeout(Duration::from_secs(20), turn).await;
    let turn = turn.expect("neither waits for the other").unwrap();
    assert!(matches!(turn, Turn::Settled(Ok(JobStatus::Queued))));
}
