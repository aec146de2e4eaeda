//! From the queue and the record to the board, and off it again.

use std::time::Duration;

use uuid::Uuid;

use super::board::moment;
use super::foreman::{Unsure, Wanted};
use super::ledger::OpenAttempt;
use super::{Pool, lock};
use crate::generator::Kind;
use crate::queue::{Job, Lease};
use crate::session::{Command, Event, FailureCode, Painting, PaintingState};
use crate::store::{Commit, StoreError};
use crate::visits::{PAINT, Settle, VisitError};

/// How long a claimed painting is ours; prolonged at half time. Only a process that is gone lets
/// one run out, and the next run takes all back before it begins.
const LEASE: Duration = Duration::from_secs(600);
/// A painting begun this often in one life of its job without any outcome may take the daemon down
/// with it: servers are not asked for it any more.
const POISONOUS: u32 = 12;

/// A painting that the pool has claimed.
#[derive(Debug, Clone)]
pub(super) struct InHand {
    /// The right to report it.
    pub(super) lease: Lease,
    /// Whose it is.
    pub(super) session: Uuid,
    /// When the lease should be prolonged.
    pub(super) renew_at: Duration,
    /// The attempt that may still be coming, if one may.
    pub(super) open: Option<OpenAttempt>,
}

impl Pool {
    /// Claims up to `most` waiting paintings and puts them on the board. `true`: there may be more.
    pub(super) async fn take_in(&self, most: usize) -> Result<bool, VisitError> {
        // Of styles too that settings no longer have: nobody waits for ever.
        let queues = self.0.parts.queue.named(PAINT).await?;
        for _ in 0..most {
            match self.0.parts.queue.claim(&queues, LEASE).await? {
                Some(job) => self.take(job).await?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Puts a claimed painting on the board, or gives it back to the queue.
    async fn take(&self, job: Job) -> Result<(), VisitError> {
        match self.put_up(&job).await {
            Err(VisitError::Store(e)) if e.is_damage() => {
                tracing::error!(
                    session.id = %job.session,
                    error = &e as &dyn std::error::Error,
                    "a painting of a visit that does not read is set aside"
                );
                lock(&self.0.in_hand).remove(&job.subject);
                self.0.parts.visits.set_aside(job.lease, &e).await
            }
            Err(e) => {
                lock(&self.0.in_hand).remove(&job.subject);
                self.give_back(job.lease).await;
                Err(e)
            }
            Ok(()) => Ok(()),
        }
    }

    async fn put_up(&self, job: &Job) -> Result<(), VisitError> {
        let parts = &self.0.parts;
        let state = parts.visits.store().load(job.session).await?;
        let painting = state.as_ref().and_then(|s| s.painting(job.subject));
        let painting = painting.filter(|p| !p.is_settled());
        let (Some(state), Some(painting)) = (&state, painting) else {
            // Nobody waits for it any more.
            return parts.visits.drop_job(job.lease).await;
        };
        let open = self.0.ledger.open(job.subject).await?;
        let in_hand = InHand {
            lease: job.lease,
            session: job.session,
            renew_at: parts.clock.monotonic() + LEASE / 2,
            open,
        };
        lock(&self.0.in_hand).insert(job.subject, in_hand.clone());
        let poisonous = painting.attempts >= POISONOUS;
        if poisonous && is_at_the_stand_in(painting) {
            let says = "begun again and again without any outcome";
            return self.give_up(job.subject, FailureCode::Internal, says).await;
        }
        let asked = &painting.asked.style;
        let Some(style) = parts.board.with(|foreman, _| foreman.rules().style(asked)) else {
            let says = "settings no longer have its style";
            return self
                .give_up(job.subject, FailureCode::NoGenerator, says)
                .await;
        };
        parts.board.with(|foreman, now| {
            let rules = foreman.rules();
            let server =
                |open: &OpenAttempt| rules.servers.iter().position(|s| s.id == open.server);
            let unsure = in_hand.open.as_ref().and_then(server);
            // What an earlier run began and did not end counts, but one more is always granted.
            let most = rules.styles[style].attempts;
            let failed = match poisonous {
                true => most,
                false => painting.attempts.min(most - 1),
            };
            let wanted = Wanted {
                painting: job.subject,
                visit: job.session,
                capture: painting.asked.capture,
                style,
                asked: moment(job.queued_at),
                offsite: state.consent.is_some_and(|consent| consent.offsite),
                failed,
                unsure: unsure.map(|server| Unsure { server, asked: 0 }),
            };
            foreman.take_in(wanted, now);
        });
        Ok(())
    }

    /// Hears what happened in a visit. `true`: there may be something in the queue.
    pub(super) fn hear(&self, commit: &Commit) -> bool {
        let mut look = false;
        for recorded in &commit.events {
            match &recorded.event {
                Event::Opened { .. } if self.0.settings.warm => {
                    self.0
                        .parts
                        .board
                        .with(super::foreman::Foreman::visitor_came);
                }
                Event::PaintingsAsked { .. } | Event::PaintingRetried { .. } => look = true,
                Event::PaintingCancelled { painting, .. } => self.forget(*painting),
                Event::Erased {} => self.forget_all_of(commit.session),
                _ => {}
            }
        }
        look
    }

    /// A painting is no longer wanted: whoever is at it is stopped.
    pub(super) fn forget(&self, painting: Uuid) {
        let parts = &self.0.parts;
        parts
            .board
            .with(|foreman, now| foreman.forget(painting, now));
        lock(&self.0.in_hand).remove(&painting);
        parts.feed.settled(painting);
    }

    fn forget_all_of(&self, session: Uuid) {
        let theirs: Vec<Uuid> = {
            let in_hand = lock(&self.0.in_hand);
            let theirs = in_hand.iter().filter(|(_, held)| held.session == session);
            theirs.map(|(painting, _)| *painting).collect()
        };
        theirs
            .into_iter()
            .for_each(|painting| self.forget(painting));
    }

    /// Reports a painting as failed.
    pub(super) async fn give_up(
        &self,
        painting: Uuid,
        code: FailureCode,
        says: &str,
    ) -> Result<(), VisitError> {
        let parts = &self.0.parts;
        let Some(held) = lock(&self.0.in_hand).remove(&painting) else {
            return Ok(());
        };
        parts.feed.settled(painting);
        let fail = Command::FailPainting { painting, code };
        let settle = Settle::Buried(held.lease, says);
        let reported = match parts.visits.report(held.session, fail, settle).await {
            // Cancelled, retaken or erased meanwhile: nobody waits for it.
            Err(VisitError::Refused(_) | VisitError::LeaseLost) => {
                parts.visits.drop_job(held.lease).await
            }
            reported => reported.map(drop),
        };
        if reported.is_err() {
            // It is taken in again, and given up again, once the record can be written.
            self.give_back(held.lease).await;
        } else {
            self.settle(painting).await;
        }
        reported
    }

    /// Forgets what servers may still be at for a painting that is settled.
    pub(super) async fn settle(&self, painting: Uuid) {
        if let Err(e) = self.0.ledger.settle(painting).await {
            let error = &e as &dyn std::error::Error;
            tracing::warn!(painting.id = %painting, error, "its attempts stay written down");
        }
    }

    /// Gives a claimed painting back to the queue: now, or as soon as that can be written down.
    async fn give_back(&self, lease: Lease) {
        if self.0.parts.queue.release(lease).await.is_err() {
            lock(&self.0.owed).push(lease);
        }
    }

    /// Gives back what could not be given back before.
    pub(super) async fn give_back_owed(&self) {
        let owed = std::mem::take(&mut *lock(&self.0.owed));
        for lease in owed {
            self.give_back(lease).await;
        }
    }

    /// Prolongs the leases that need it; what is lost is forgotten.
    pub(super) async fn renew(&self) -> Result<(), StoreError> {
        let now = self.0.parts.clock.monotonic();
        let due: Vec<(Uuid, Lease)> = {
            let mut in_hand = lock(&self.0.in_hand);
            let due = in_hand.iter_mut().filter(|(_, held)| held.renew_at <= now);
            due.map(|(painting, held)| {
                held.renew_at = now + LEASE / 2;
                (*painting, held.lease)
            })
            .collect()
        };
        for (painting, lease) in due {
            if !self.0.parts.queue.renew(lease, LEASE).await? {
                self.forget(painting);
            }
        }
        Ok(())
    }

    /// Gives back what is unfinished, for the next run.
    pub(super) async fn hand_back(&self) {
        let held: Vec<InHand> = lock(&self.0.in_hand)
            .drain()
            .map(|(_, held)| held)
            .collect();
        for held in held {
            // The next run takes all back anyway; this only spares whoever looks meanwhile.
            if self.0.parts.queue.release(held.lease).await.is_err() {
                return;
            }
        }
    }
}

/// Whether it was the embedded painter that began it last: nobody is left to try.
fn is_at_the_stand_in(painting: &Painting) -> bool {
    let stands_in = |by: &str| Kind::named(by).is_some_and(|kind| kind.traits().stands_in);
    matches!(&painting.state, PaintingState::Painting { by } if stands_in(by))
}
