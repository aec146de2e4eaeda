//! What workers rely on, whatever keeps the jobs.

use std::sync::Arc;
use std::time::Duration;

use easel::clock::{Clock, ManualClock};
use easel::queue::{Lease, NewJob, Queue, SqliteQueue, sqlite};
use easel::store::Store;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

/// An adapter, and the way jobs get in and out of it together with events.
struct Bench {
    queue: Arc<dyn Queue>,
    store: Store,
    clock: ManualClock,
}

impl Bench {
    async fn put(&self, queue: &str, subject: u128) {
        self.put_later(queue, subject, Duration::ZERO).await;
    }

    async fn put_later(&self, queue: &str, subject: u128, later: Duration) {
        let mut txn = self.store.begin().await.unwrap();
        let now = self.clock.now();
        let job = NewJob {
            queue: queue.to_owned(),
            session: Uuid::from_u128(1),
            subject: Uuid::from_u128(subject),
            not_before: Some(now + later),
        };
        sqlite::enqueue(&mut txn, &job, now).await.unwrap();
        txn.commit().await.unwrap();
    }

    async fn claim(&self, queues: &[&str]) -> Option<(u128, Lease, u32)> {
        let queues: Vec<String> = queues.iter().map(|q| (*q).to_owned()).collect();
        let job = self.queue.claim(&queues, LEASE).await.unwrap()?;
        Some((job.subject.as_u128(), job.lease, job.attempts))
    }

    async fn named(&self, prefix: &str) -> Vec<String> {
        self.queue.named(prefix).await.unwrap()
    }

    async fn settle(&self, lease: Lease) -> bool {
        let mut txn = self.store.begin().await.unwrap();
        let held = sqlite::settle(&mut txn, lease).await.unwrap();
        txn.commit().await.unwrap();
        held
    }
}

async fn keeps_the_contract(bench: &Bench) {
    // First come, first served, over the queues asked for and no others.
    assert_eq!(bench.claim(&["a", "b"]).await, None);
    bench.put("b", 10).await;
    bench.clock.advance(Duration::from_millis(1));
    bench.put("a", 11).await;
    bench.put("c", 12).await;
    let (first, lease_10, _) = bench.claim(&["a", "b"]).await.unwrap();
    let (second, lease_11, _) = bench.claim(&["a", "b"]).await.unwrap();
    assert_eq!((first, second), (10, 11));
    assert_eq!(
        bench.claim(&["a", "b"]).await,
        None,
        "a claimed job is claimed once"
    );
    assert_eq!(bench.claim(&[]).await, None);

    // Settled is gone; settling twice changes nothing.
    assert!(bench.settle(lease_10).await);
    assert!(!bench.settle(lease_10).await);

    // A failed attempt waits, and is counted.
    assert!(
        bench
            .queue
            .retry(lease_11, Duration::from_secs(5), "no")
            .await
            .unwrap()
    );
    assert_eq!(bench.claim(&["a"]).await, None, "it backs off");
    let next = bench
        .queue
        .next_at(&["a".to_owned()])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        next.as_millisecond(),
        bench.clock.now().as_millisecond() + 5_000
    );
    bench.clock.advance(Duration::from_secs(5));
    let (_, lease, attempts) = bench.claim(&["a"]).await.unwrap();
    assert_eq!(attempts, 1);

    // A lease that has run out lets another in, and the first one's word counts no more.
    bench.clock.advance(LEASE);
    let (_, newer, _) = bench.claim(&["a"]).await.unwrap();
    assert!(!bench.settle(lease).await);
    assert!(!bench.queue.renew(lease, LEASE).await.unwrap());
    assert!(!bench.queue.retry(lease, LEASE, "late").await.unwrap());

    // A renewed one holds.
    bench.clock.advance(LEASE / 2);
    assert!(bench.queue.renew(newer, LEASE).await.unwrap());
    bench.clock.advance(LEASE / 2);
    assert_eq!(bench.claim(&["a"]).await, None);

    // Given back untouched: at once, no attempt counted.
    assert!(bench.queue.release(newer).await.unwrap());
    let (_, lease, attempts) = bench.claim(&["a"]).await.unwrap();
    assert_eq!(attempts, 1);

    // After a crash nobody is at work.
    assert_eq!(bench.queue.reclaim().await.unwrap(), 1);
    assert!(
        !bench.settle(lease).await,
        "the crashed worker's lease is void once claimed anew"
    );
}

async fn keeps_order_of_subjects(bench: &Bench) {
    // One job for a subject: asked for again, the newer one stands.
    bench.put("d", 20).await;
    let (_, old, _) = bench.claim(&["d"]).await.unwrap();
    bench.put("d", 20).await;
    assert!(!bench.settle(old).await);
    let (_, new, _) = bench.claim(&["d"]).await.unwrap();
    assert!(bench.settle(new).await);

    // Not before its time.
    bench.put_later("d", 21, Duration::from_secs(3600)).await;
    assert_eq!(bench.claim(&["d"]).await, None);
    bench.clock.advance(Duration::from_secs(3600));
    let (_, lease, _) = bench.claim(&["d"]).await.unwrap();

    // Cancelled: out of the queue, and out of the worker's hands.
    let mut txn = bench.store.begin().await.unwrap();
    sqlite::cancel(&mut txn, Uuid::from_u128(21)).await.unwrap();
    txn.commit().await.unwrap();
    assert!(!bench.settle(lease).await);

    // Given up: kept aside for staff, never claimed again.
    bench.put("d", 22).await;
    let (_, lease, _) = bench.claim(&["d"]).await.unwrap();
    let mut txn = bench.store.begin().await.unwrap();
    assert!(sqlite::bury(&mut txn, lease, "hopeless").await.unwrap());
    txn.commit().await.unwrap();
    bench.clock.advance(LEASE * 100);
    assert_eq!(bench.claim(&["d"]).await, None);
    assert_eq!(bench.named("d").await, [""; 0]);
}

/// Queues are known by what is still to be done in them.
async fn knows_its_queues(bench: &Bench) {
    for (i, queue) in ["paint:b", "paint:a", "paint:a", "print"]
        .iter()
        .enumerate()
    {
        bench.put(queue, 40 + i as u128).await;
    }
    assert_eq!(bench.named("paint:").await, ["paint:a", "paint:b"]);
    let (_, lease, _) = bench.claim(&["paint:b"]).await.unwrap();
    assert_eq!(bench.named("paint:").await, ["paint:a", "paint:b"]);
    assert!(bench.settle(lease).await);
    assert_eq!(bench.named("paint:").await, ["paint:a"]);
}

/// What is in a transaction that is not committed has not happened.
async fn is_all_or_nothing(bench: &Bench) {
    bench.put("e", 30).await;
    let (_, lease, _) = bench.claim(&["e"]).await.unwrap();
    let mut txn = bench.store.begin().await.unwrap();
    assert!(sqlite::settle(&mut txn, lease).await.unwrap());
    drop(txn);
    assert!(bench.settle(lease).await);
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let clock = ManualClock::default();
    let store = Store::open(&dir.path().join("easel.db")).await.unwrap();
    let queue = Arc::new(SqliteQueue::new(store.clone(), Arc::new(clock.clone())));
    let bench = Bench {
        queue,
        store,
        clock,
    };
    keeps_the_contract(&bench).await;
    keeps_order_of_subjects(&bench).await;
    is_all_or_nothing(&bench).await;
    knows_its_queues(&bench).await;
}

#[tokio::test]
async fn two_claimers_never_get_the_same_job() {
    let dir = tempfile::tempdir().unwrap();
    let clock = ManualClock::default();
    let store = Store::open(&dir.path().join("easel.db")).await.unwrap();
    let queue: Arc<dyn Queue> = Arc::new(SqliteQueue::new(store.clone(), Arc::new(clock.clone())));
    let bench = Bench {
        queue,
        store,
        clock,
    };
    for subject in 0..40 {
        bench.put("a", subject).await;
    }
    let claimers = (0..4).map(|_| async {
        let mut got = Vec::new();
        while let Some((subject, ..)) = bench.claim(&["a"]).await {
            got.push(subject);
        }
        got
    });
    let mut all = futures::future::join_all(claimers).await.concat();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
}
