//! Runs commands against sessions: decide, append events and the work they cause, in one
//! transaction.

mod carry;
mod once;
#[cfg(test)]
pub(crate) mod tests;
mod turns;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::Clock;
use crate::queue::{Lease, sqlite};
use crate::session::{Command, Event, Refusal, Session};
use crate::store::{Outcome, Over, Request, Store, StoreError};
use carry::{Now, begin, carry_out, do_work};
use once::{carried, note};
use turns::Turns;

pub use once::Done;
pub use turns::Turn;
pub use work::{ERASE, EXPIRE, PAINT, PRINT};

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

/// The desk where commands are carried out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Visits {
    store: Store,
    clock: Arc<dyn Clock>,
    turns: Arc<Turns>,
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
        self.bury_job(lease, &why.to_string()).await
    }

    /// Gives a job up that can report nothing; staff may look at it.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn bury_job(&self, lease: Lease, why: &str) -> Result<(), VisitError> {
        let mut txn = self.store.begin().await?;
        sqlite::bury(&mut txn, lease, why).await?;
        Ok(txn.commit().await?)
    }

    /// Erases everything of a visit, also of one whose log does not read, and on a full disk.
    ///
    /// # Errors
    /// [`VisitError::Refused`] if there is no such visit, or none any more; [`VisitError::Store`].
    pub async fn erase(&self, session: Uuid) -> Result<(), VisitError> {
        match self.try_erase(session).await {
            Err(VisitError::Store(StoreError::Full(_))) if self.store.reserve().release() => {
                self.try_erase(session).await
            }
            erased => erased,
        }
    }

    async fn try_erase(&self, session: Uuid) -> Result<(), VisitError> {
        match self.run(session, Command::Erase).await {
            Err(VisitError::Store(e)) if e.is_damage() => self.erase_unread(session).await,
            erased => erased.map(drop),
        }
    }

    /// Deletes what the record has of a visit that has no row any more.
    ///
    /// # Errors
    /// [`VisitError::Store`].
    pub async fn forget(&self, session: Uuid) -> Result<(), VisitError> {
        let mut txn = self.store.begin().await?;
        txn.forget_events(session).await?;
        Ok(txn.commit().await?)
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
