use bytes::Bytes;
use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::blobs::{BlobKey, Format};
use crate::clock::ManualClock;
use crate::queue::SqliteQueue;
use crate::session::Command;
use crate::store::Store;
use crate::visits::tests::{damage, new_visit};

const VISIT: Uuid = Uuid::from_u128(7);

/// A visit with a picture, and who deletes it.
struct Booth {
    _folder: tempfile::TempDir,
    store: Store,
    clock: ManualClock,
    expire: Expire,
}

async fn booth() -> Booth {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
    let clock = ManualClock::default();
    let clock_ = || Arc::new(clock.clone()) as Arc<dyn Clock>;
    let visits = Visits::new(store.clone(), clock_());
    visits.open(new_visit(VISIT, clock.now())).await.unwrap();
    let blobs = Blobs::open(&folder.path().join("pictures")).unwrap();
    let key = BlobKey::new(VISIT, Uuid::from_u128(8), Format::Jpeg);
    blobs.put(&key, Bytes::from_static(b"face")).await.unwrap();
    let expire = Expire {
        visits,
        queue: Arc::new(SqliteQueue::new(store.clone(), clock_())),
        blobs,
        printer: None,
        clock: clock_(),
        doubt: Doubt::default(),
    };
    Booth {
        _folder: folder,
        store,
        clock,
        expire,
    }
}

impl Booth {
    /// Does all that is due; what is left to be done of it later.
    async fn works(&self) -> usize {
        let queues = [ERASE, EXPIRE].map(str::to_owned);
        let (queue, stop) = (&self.expire.queue, CancellationToken::new());
        while let Some(job) = queue.claim(&queues, self.expire.lease()).await.unwrap() {
            self.expire.work(&job, &stop).await.unwrap();
        }
        usize::from(queue.next_at(&queues).await.unwrap().is_some())
    }

    async fn pictures(&self) -> usize {
        self.expire.blobs.list(VISIT).await.unwrap().len()
    }
}

#[tokio::test]
async fn a_visit_that_does_not_read_goes_in_its_time() {
    let booth = booth().await;
    damage(&booth.store, VISIT).await;
    booth.clock.advance(Duration::from_secs(3600));
    assert_eq!(booth.works().await, 0);
    assert_eq!(booth.pictures().await, 0);
    let row = booth.store.row(VISIT).await.unwrap().unwrap();
    assert!(row.erased_at.is_some());
}

#[tokio::test]
async fn pictures_go_though_nobody_remembers_their_visit() {
    let booth = booth().await;
    booth
        .expire
        .visits
        .run(VISIT, Command::Erase)
        .await
        .unwrap();
    // Its job could not be done for a day and more.
    booth.clock.advance(Duration::from_secs(100 * 3600));
    let mut txn = booth.store.begin().await.unwrap();
    let long_ago = booth.clock.now() - SignedDuration::from_hours(24);
    assert_eq!(txn.drop_erased(long_ago).await.unwrap(), 1);
    txn.commit().await.unwrap();
    assert_eq!(booth.works().await, 0);
    assert_eq!(booth.pictures().await, 0);
}
