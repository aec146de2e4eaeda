//! Shifts that staff have ended by locking their page, though their tokens have time left.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

use super::token::LIFE;
use crate::clock::Clock;
use crate::store::{EndedShift, Outcome, Request, Store, StoreError};

/// What is kept in memory is what counts; the record is for the next start.
#[derive(Debug)]
pub(super) struct EndedShifts {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Until when somebody may still hold a token of each.
    ended: Mutex<HashMap<Uuid, Timestamp>>,
}

impl EndedShifts {
    /// Those that the record knows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn load(store: Store, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let known = store.ended_shifts(clock.now()).await?;
        let ended = known.into_iter().map(|e| (e.shift, e.until)).collect();
        Ok(Self {
            store,
            clock,
            ended: Mutex::new(ended),
        })
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, shift: Uuid) -> bool {
        self.lock().contains_key(&shift)
    }

    /// Does `work` for a shift that goes on; it cannot end meanwhile.
    pub(super) fn unless_ended<T>(&self, shift: Uuid, work: impl FnOnce() -> T) -> Option<T> {
        let ended = self.lock();
        (!ended.contains_key(&shift)).then(work)
    }

    /// Ends it at once, and notes that for the next start, together with `request`.
    ///
    /// # Errors
    /// [`StoreError`]: it is not noted.
    pub(super) async fn end(
        &self,
        shift: Uuid,
        request: Option<&Request>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        // No token of it is signed from here on, and the last one lives as long as any.
        let until = now + LIFE;
        {
            let mut ended = self.lock();
            ended.retain(|_, until| *until > now);
            ended.insert(shift, until);
        }
        let mut txn = self.store.begin().await?;
        txn.end_shift(EndedShift { shift, until }, now).await?;
        if let Some(request) = request
            && txn.request(request.scope, &request.key).await?.is_none()
        {
            txn.note_request(request, None, &Outcome::Done, 0, now)
                .await?;
        }
        txn.commit().await
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Timestamp>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
