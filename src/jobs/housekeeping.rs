//! Small chores, once a minute.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::session::Command;
use crate::store::StoreError;
use crate::visits::{VisitError, Visits};

const EVERY: Duration = Duration::from_secs(60);
/// A visit off the screen without a photo is over after this long.
pub const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// How long an erased visit's id is remembered beyond its expiry, so that old links say "gone".
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// How long a request of no visit (staff's) is known when it is sent again; others as long as their
/// visit.
const REPEATED: SignedDuration = SignedDuration::from_hours(72);
/// A wall clock that is off by more than this deserves a word to the operator.
const DRIFT: SignedDuration = SignedDuration::from_secs(30);

/// Does the chores until `stop`.
pub async fn run(visits: Visits, clock: Arc<dyn Clock>, stop: CancellationToken) {
    loop {
        if let Err(e) = chores(&visits, &*clock).await {
            tracing::error!(
                error = &e as &dyn std::error::Error,
                "the chores were not all done"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep(EVERY) => {}
        }
    }
}

async fn chores(visits: &Visits, clock: &dyn Clock) -> Result<(), StoreError> {
    let now = clock.now();
    visits.store().beat(now).await?;
    for session in visits.store().abandoned(now - ABANDONED_AFTER).await? {
        match visits.run(session, Command::End).await {
            Ok(_) | Err(VisitError::Refused(_)) => {}
            // It is ended no more than it is read; it expires in its time.
            Err(VisitError::Store(e)) if !matches!(e, StoreError::Damaged { .. }) => return Err(e),
            Err(e) => tracing::error!(
                error = &e as &dyn std::error::Error,
                "a visit was not ended"
            ),
        }
    }
    let mut txn = visits.store().begin().await?;
    let visits = txn.drop_erased(now - REMEMBERED).await?;
    let requests = txn.drop_requests(now - REPEATED).await?;
    if visits + requests > 0 {
        txn.commit().await?;
    }
    if clock.drift().abs() > DRIFT {
        tracing::warn!(
            drift_s = clock.drift().as_secs(),
            "the wall clock was moved; deadlines keep the old one"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::ManualClock;
    use crate::store::Store;
    use crate::visits::tests::{damage, new_visit};

    #[tokio::test]
    async fn one_visit_that_does_not_read_keeps_no_other_open() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
        let clock = ManualClock::default();
        let visits = Visits::new(store.clone(), Arc::new(clock.clone()));
        let ids = [1, 2, 3].map(Uuid::from_u128);
        for id in ids {
            visits.open(new_visit(id, clock.now())).await.unwrap();
            visits.run(id, Command::HandOver).await.unwrap();
        }
        damage(&store, ids[1]).await;
        clock.advance(Duration::from_secs(3600));
        chores(&visits, &clock).await.unwrap();
        let left = store.abandoned(clock.now()).await.unwrap();
        assert_eq!(left, [ids[1]], "the others are over");
    }
}
