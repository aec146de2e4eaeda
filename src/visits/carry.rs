//! One command of one visit, within a transaction: the events it leads to, and the work these cause.

use jiff::Timestamp;
use uuid::Uuid;

use super::{NewVisit, VisitError, work};
use crate::queue::sqlite;
use crate::session::{Command, Event, Session, decide};
use crate::store::{NewSession, StoreError, Txn};

/// The time that counts, and the date that people read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) steady: Timestamp,
    pub(super) wall: Timestamp,
}

/// The first command of a visit.
pub(super) async fn begin(txn: &mut Txn, new: NewVisit, now: Now) -> Result<Session, VisitError> {
    txn.insert_session(&NewSession {
        id: new.id,
        code_hash: &new.code_hash,
        opened_at: now.steady,
        expires_at: new.expires_at,
    })
    .await?;
    let command = Command::Open {
        activity: new.activity,
        locale: new.locale,
        expires_at: new.expires_at,
        claim: new.claim,
    };
    let (session, _) = carry_out(txn, new.id, None, command, now).await?;
    Ok(session)
}

/// Answers the state after the command, and whether it has changed anything.
pub(super) async fn carry_out(
    txn: &mut Txn,
    id: Uuid,
    state: Option<Session>,
    command: Command,
    now: Now,
) -> Result<(Session, bool), VisitError> {
    let Now { steady, wall } = now;
    let events = decide(state.as_ref(), command, steady)?;
    if events.is_empty() {
        return Ok((state.expect("a session that answers nothing exists"), false));
    }
    let work = work::caused_by(id, &events);
    let erased = events.iter().any(|e| matches!(e, Event::Erased {}));
    let after = txn.append(id, state, events, steady, wall).await?;
    if erased {
        txn.forget_session(id, steady).await?;
    }
    for item in work {
        do_work(txn, item, steady).await?;
    }
    Ok((after, true))
}

pub(super) async fn do_work(
    txn: &mut Txn,
    item: work::Work,
    now: Timestamp,
) -> Result<(), StoreError> {
    match item {
        work::Work::Enqueue(job) => sqlite::enqueue(txn, &job, now).await,
        work::Work::Cancel(subject) => sqlite::cancel(txn, subject).await,
    }
}
