//! Small chores, once a minute.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Mark};
use crate::session::Command;
use crate::store::{Store, StoreError};
use crate::visits::{VisitError, Visits};

const EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether the date was set.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// By how much the wall clock moves against the steady time when somebody sets it: what NTP does all
/// the time is less.
const SET: SignedDuration = SignedDuration::from_secs(1);
/// A visit off the screen without a photo is over after this long.
pub const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// A visit is erased in its time by a job of its own, at most two days later where the date is in
/// doubt: what is kept longer has lost that job.
const OVERDUE: SignedDuration = SignedDuration::from_hours(72);
/// How long an erased visit's id is remembered beyond its expiry, so that old links say "gone".
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// How long a request of no visit (staff's) is known when it is sent again; others as long as their
/// visit.
const REPEATED: SignedDuration = SignedDuration::from_hours(72);
/// A wall clock that is off by more than this deserves a word to the operator.
const DRIFT: SignedDuration = SignedDuration::from_secs(30);

/// Does the chores until `stop`.
pub async fn run(visits: Visits, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut lag = None;
    let mut due = Duration::ZERO;
    loop {
        // A date that is set is noted soon: the power may go before the next minute.
        let was_set = |lag: SignedDuration| (clock.lag() - lag).abs() > SET;
        let done = if clock.monotonic() >= due {
            due = clock.monotonic() + EVERY;
            look_after(visits.store()).await;
            chores(&visits, &*clock).await
        } else if lag.is_none_or(was_set) {
            beat(&visits, &*clock).await
        } else {
            Ok(())
        };
        match done {
            Ok(()) => lag = Some(clock.lag()),
            Err(e) => {
                tracing::error!(
                    error = &e as &dyn std::error::Error,
                    "the chores were not all done"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep(LOOK_EVERY) => {}
        }
    }
}

/// Looks for what a restart would find, and keeps room for erasing.
async fn look_after(store: &Store) {
    if let Err(e) = store.examine().await {
        let error = &e as &dyn std::error::Error;
        tracing::error!(error, "the record was examined");
    }
    let store = store.clone();
    let kept = tokio::task::spawn_blocking(move || store.reserve().keep()).await;
    if let Ok(Err(error)) = kept {
        tracing::warn!(%error, "no room on the disk is kept for erasing");
    }
}

async fn beat(visits: &Visits, clock: &dyn Clock) -> Result<(), StoreError> {
    let (alive, lag) = (clock.now(), clock.lag());
    visits.store().beat(Mark { alive, lag }).await
}

async fn chores(visits: &Visits, clock: &dyn Clock) -> Result<(), StoreError> {
    let now = clock.now();
    beat(visits, clock).await?;
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
    for session in visits.store().overdue(now - OVERDUE).await? {
        tracing::error!(session.id = %session, "a visit was kept for too long: nothing was left to erase it");
        match visits.erase(session).await {
            Ok(()) | Err(VisitError::Refused(_)) => {}
            Err(VisitError::Store(e)) => return Err(e),
            Err(e) => tracing::error!(
                error = &e as &dyn std::error::Error,
                "a visit was not erased"
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
