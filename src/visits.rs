//! Runs commands against sessions: decide, append events and the work they cause, in one
//! transaction.

#[cfg(test)]
pub(crate) mod tests;
mod turns;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::Clock;
use crate::queue::{Lease, sqlite};
use crate::session::{Command, Event, Refusal, Session, decide};
use crate::store::{Carried, NewSession, Outcome, Over, Request, Scope, Store, StoreError, Txn};
use turns::Turns;

pub use turns::Turn;
pub use work::{ERASE, EXPIRE, PAINT, PRINT};

/// How many requests with a key one room may make: an honest visit makes some thirty.
const MAX_REQUESTS: u64 = 2_000;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The visit does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request's key stands for another command.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// The worker that reports has lost its lease; what it reports no longer counts.
    #[error("the lease on this job is lost")]
    LeaseLost,
    /// As many visits as the booth can take are open.
    #[error("{open} visits are open, more than this booth takes at once")]
    TooManyOpen {
        /// How many.
        open: u64,
    },
    /// The record could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a worker gives its job back together with its report.
#[derive(Debug, Clone, Copy)]
pub enum Settle<'a> {
    /// Done with.
    Done(Lease),
    /// Given up for this reason; staff may look at it.
    Buried(Lease, &'a str),
}

/// What a new visit is made of.
#[derive(Debug)]
pub struct NewVisit {
    /// Its id.
    pub id: Uuid,
    /// Hash of its join code.
    pub code_hash: String,
    /// What the booth offers.
    pub activity: String,
    /// The visitor's language.
    pub locale: String,
    /// Four digits for later phones.
    pub claim: String,
    /// When everything of it is deleted.
    pub expires_at: Timestamp,
    /// How many visits may be open at once, this one included.
    pub most_open: u64,
    /// Visits without a photo that have been still since then are not counted.
    pub still_since: Timestamp,
    /// The request that begins it, if it has a key.
    pub request: Option<Request>,
}

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

/// The desk where commands are carried out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Visits {
    store: Store,
    clock: Arc<dyn Clock>,
    turns: Arc<Turns>,
}

/// The time that counts, and the date that people read.
#[derive(Debug, Clone, Copy)]
struct Now {
    steady: Timestamp,
    wall: Timestamp,
}

impl Visits {
    /// The desk of that record.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            turns: Arc::default(),
        }
    }

    /// The record behind it, for reading.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Begins a visit; it takes the screen, and whoever had it lives on in their room.
    ///
    /// # Errors
    /// [`VisitError::TooManyOpen`], [`VisitError::KeyReused`], [`VisitError::Store`].
    pub async fn open(&self, new: NewVisit) -> Result<Done, VisitError> {
        let now = self.now();
        let mut txn = self.store.begin().await?;
        if let Some(before) = carried(&mut txn, new.request.as_ref()).await?
            && let Some(begun) = before.session
        {
            let session = txn.load(begun).await?.ok_or(Refusal::Erased)?;
            return Ok(Done::again(before, session));
        }
        // In the same transaction: whoever has the screen keeps it if there is no room for another
        // visit, and two that begin at once do not both have it.
        for previous in self.store.on_screen().await? {
            let state = match txn.load(previous).await {
                // Of a newer Easel, say: whoever comes next shall not find the booth closed for it.
                Err(StoreError::Damaged { .. }) => {
                    tracing::error!(session.id = %previous, "a visit that does not read leaves the screen");
                    txn.take_off_screen(previous).await?;
                    continue;
                }
                state => state?,
            };
            match carry_out(&mut txn, previous, state, Command::HandOver, now).await {
                Ok(_) | Err(VisitError::Refused(_)) => {}
                Err(e) => return Err(e),
            }
        }
        let open = txn.count_open(new.still_since).await?;
        if open >= new.most_open {
            return Err(VisitError::TooManyOpen { open });
        }
        let request = new.request.clone();
        let session = begin(&mut txn, new, now).await?;
        let done = Done {
            seq: session.seq,
            outcome: Outcome::Done,
            session,
        };
        note(&mut txn, request.as_ref(), &done, now).await?;
        txn.commit().await?;
        Ok(done)
    }

    /// Begins a visit that never has the screen and is never refused for want of room: a rehearsal.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn open_aside(&self, new: NewVisit) -> Result<Session, VisitError> {
        let now = self.now();
        let mut txn = self.store.begin().await?;
        let session = begin(&mut txn, new, now).await?;
        let (id, aside) = (session.id, Command::HandOver);
        let (session, _) = carry_out(&mut txn, id, Some(session), aside, now).await?;
        txn.commit().await?;
        Ok(session)
    }

    /// Carries `command` out and returns the state after it.
    ///
    /// # Errors
    /// [`VisitError::Refused`] and nothing has happened; [`VisitError::Store`].
    pub async fn run(&self, session: Uuid, command: Command) -> Result<Session, VisitError> {
        self.carry(session, command, None).await
    }

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

    /// Waits until nobody else is at work under that name, and is, until the turn is dropped.
    pub async fn turn(&self, name: String) -> Turn {
        self.turns.take(name).await
    }

    /// Carries out what a worker reports and gives its job back, both or neither.
    ///
    /// # Errors
    /// [`VisitError::LeaseLost`]; otherwise as [`Visits::run`].
    pub async fn report(
        &self,
        session: Uuid,
        command: Command,
        settle: Settle<'_>,
    ) -> Result<Session, VisitError> {
        self.carry(session, command, Some(settle)).await
    }

    /// Gives a job back that has nothing to report.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn drop_job(&self, lease: Lease) -> Result<(), VisitError> {
        let mut txn = self.store.begin().await?;
        sqlite::settle(&mut txn, lease).await?;
        Ok(txn.commit().await?)
    }

    /// Sets a job aside whose visit's log does not read: nobody can tell what it is for, and others
    /// wait behind it.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn set_aside(&self, lease: Lease, why: &StoreError) -> Result<(), VisitError> {
        let mut txn = self.store.begin().await?;
        sqlite::bury(&mut txn, lease, &why.to_string()).await?;
        Ok(txn.commit().await?)
    }

    /// Erases everything of a visit, also of one whose log does not read.
    ///
    /// # Errors
    /// [`VisitError::Refused`] if there is no such visit, or none any more; [`VisitError::Store`].
    pub async fn erase(&self, session: Uuid) -> Result<(), VisitError> {
        match self.run(session, Command::Erase).await {
            Err(VisitError::Store(e)) if e.is_damage() => self.erase_unread(session).await,
            erased => erased.map(drop),
        }
    }

    async fn erase_unread(&self, session: Uuid) -> Result<(), VisitError> {
        let now = self.clock.now();
        let mut txn = self.store.begin().await?;
        txn.forget_session(session, now).await?;
        for item in work::caused_by(session, &[Event::Erased {}]) {
            do_work(&mut txn, item, now).await?;
        }
        Ok(txn.commit().await?)
    }

    /// A running number for the next ticket.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn next_ticket_number(&self) -> Result<u32, VisitError> {
        let mut txn = self.store.begin().await?;
        let number = txn.next_number("ticket").await?;
        txn.commit().await?;
        Ok(number)
    }

    fn now(&self) -> Now {
        Now {
            steady: self.clock.now(),
            wall: self.clock.wall(),
        }
    }

    async fn carry(
        &self,
        session: Uuid,
        command: Command,
        settle: Option<Settle<'_>>,
    ) -> Result<Session, VisitError> {
        let now = self.now();
        let mut txn = self.store.begin().await?;
        let Some(state) = txn.load(session).await? else {
            drop(txn);
            return Err(self.missing(session).await?.into());
        };
        let held = match settle {
            Some(Settle::Done(lease)) => sqlite::settle(&mut txn, lease).await?,
            Some(Settle::Buried(lease, error)) => sqlite::bury(&mut txn, lease, error).await?,
            None => true,
        };
        if !held {
            return Err(VisitError::LeaseLost);
        }
        let (state, changed) = carry_out(&mut txn, session, Some(state), command, now).await?;
        if changed || settle.is_some() {
            txn.commit().await?;
        }
        Ok(state)
    }

    /// Why a session has no log: erased, or never there.
    async fn missing(&self, session: Uuid) -> Result<Refusal, StoreError> {
        let row = self.store.row(session).await?;
        Ok(
            row.map_or(Refusal::NotFound("session"), |row| match row.over() {
                Some(Over::Expired) => Refusal::Expired,
                _ => Refusal::Erased,
            }),
        )
    }
}

/// What the request led to when it was carried out before.
async fn carried(txn: &mut Txn, request: Option<&Request>) -> Result<Option<Carried>, VisitError> {
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
async fn note(
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

impl Done {
    /// The answer to a request that was carried out before.
    pub fn again(before: Carried, session: Session) -> Self {
        Self {
            session,
            seq: before.seq,
            outcome: before.outcome,
        }
    }
}

async fn begin(txn: &mut Txn, new: NewVisit, now: Now) -> Result<Session, VisitError> {
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

async fn carry_out(
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

async fn do_work(txn: &mut Txn, item: work::Work, now: Timestamp) -> Result<(), StoreError> {
    match item {
        work::Work::Enqueue(job) => sqlite::enqueue(txn, &job, now).await,
        work::Work::Cancel(subject) => sqlite::cancel(txn, subject).await,
    }
}
