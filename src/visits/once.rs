//! A request that comes again is the same request: what it led to when it was carried out is its
//! answer.

use uuid::Uuid;

use super::carry::{Now, carry_out};
use super::{VisitError, Visits};
use crate::session::{Command, Refusal, Session};
use crate::store::{Carried, Outcome, Request, Scope, Txn};

/// How many requests with a key one room may make: an honest visit makes some thirty.
const MAX_REQUESTS: u64 = 2_000;

/// A command that was carried out, now or when the same request came before.
#[derive(Debug)]
pub struct Done {
    /// The visit as it stands.
    pub session: Session,
    /// The number of the event that the command led to.
    pub seq: u64,
    /// What its answer is about.
    pub outcome: Outcome,
}

impl Visits {
    /// Carries `command` out, unless the same request was carried out before; then what it led to
    /// is the answer. `outcome` tells that from the state after the command.
    ///
    /// # Errors
    /// [`VisitError::KeyReused`] if the request's key stands for another command; otherwise as
    /// [`Visits::run`]. A command that is refused is not noted: it may come again.
    pub async fn run_once(
        &self,
        request: Option<&Request>,
        session: Uuid,
        command: Command,
        outcome: impl FnOnce(&Session) -> Outcome + Send,
    ) -> Result<Done, VisitError> {
        let now = self.now();
        let mut txn = self.store.begin().await?;
        let Some(state) = txn.load(session).await? else {
            drop(txn);
            return Err(self.missing(session).await?.into());
        };
        let before = carried(&mut txn, request).await?;
        // An order has its key in the log as well, and compares itself.
        let ordered = matches!(command, Command::OrderPrint { .. });
        let before = match before {
            Some(before) if !ordered => return Ok(Done::again(before, state)),
            before => before,
        };
        let state = Some(state);
        let (session, changed) = carry_out(&mut txn, session, state, command, now).await?;
        let done = match before {
            Some(before) => return Ok(Done::again(before, session)),
            None => Done {
                seq: session.seq,
                outcome: outcome(&session),
                session,
            },
        };
        note(&mut txn, request, &done, now).await?;
        if changed || request.is_some() {
            txn.commit().await?;
        }
        Ok(done)
    }

    /// What `request` led to, if it was carried out before: asked ahead of work that must not be
    /// done twice, in its [`Visits::turn`].
    ///
    /// # Errors
    /// [`VisitError::KeyReused`], [`VisitError::Store`].
    pub async fn before(&self, request: Option<&Request>) -> Result<Option<Carried>, VisitError> {
        let Some(request) = request else {
            return Ok(None);
        };
        let before = self.store.request(request.scope, &request.key).await?;
        same(before, request)
    }

    /// Notes that a request that is no command of a visit was carried out.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn note(&self, request: &Request) -> Result<(), VisitError> {
        let now = self.now().steady;
        let mut txn = self.store.begin().await?;
        let outcome = Outcome::Done;
        txn.note_request(request, None, &outcome, 0, now).await?;
        Ok(txn.commit().await?)
    }
}

impl Done {
    /// The answer to a request that was carried out before.
    pub(crate) fn again(before: Carried, session: Session) -> Self {
        Self {
            session,
            seq: before.seq,
            outcome: before.outcome,
        }
    }
}

/// What the request led to when it was carried out before.
pub(super) async fn carried(
    txn: &mut Txn,
    request: Option<&Request>,
) -> Result<Option<Carried>, VisitError> {
    let Some(request) = request else {
        return Ok(None);
    };
    let before = txn.request(request.scope, &request.key).await?;
    same(before, request)
}

fn same(before: Option<Carried>, request: &Request) -> Result<Option<Carried>, VisitError> {
    match before {
        Some(before) if before.digest != request.digest => Err(VisitError::KeyReused),
        before => Ok(before),
    }
}

/// Notes that the request was carried out.
pub(super) async fn note(
    txn: &mut Txn,
    request: Option<&Request>,
    done: &Done,
    now: Now,
) -> Result<(), VisitError> {
    let Some(request) = request else {
        return Ok(());
    };
    if let Scope::Room(_) = request.scope
        && txn.count_requests(request.scope).await? >= MAX_REQUESTS
    {
        return Err(Refusal::TooMany("requests").into());
    }
    let Done {
        session,
        seq,
        outcome,
    } = done;
    let session = Some(session.id);
    Ok(txn
        .note_request(request, session, outcome, *seq, now.steady)
        .await?)
}
