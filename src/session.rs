//! The visit itself: what may happen in it, and what has happened. No I/O, no clock, no chance.
//!
//! A session is a decider. [`decide`] looks at the state and a [`Command`] and answers with the
//! [`Event`]s that follow, or a [`Refusal`]; [`apply`] folds one event into the state. Whoever runs
//! the booth appends the events to the log, and a restart folds the log again: there is no second
//! truth. Ids, seeds and file names arrive inside commands, so that the same commands always give
//! the same log.

mod apply;
mod command;
mod decide;
mod event;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use apply::{Misfit, apply, fold};
pub use command::Command;
pub use decide::{decide, photographable, ticketable};
pub use event::{Event, Recorded};
pub use refusal::Refusal;
pub use state::{
    Asked, Capture, CaptureSource, Consent, FailureCode, Painting, PaintingState, PictureRef,
    Print, PrintState, Session, Stage, StyleId, Ticket, TicketFiles,
};

/// The activity of a visit that staff play to see whether all parts do their work. It is no
/// visitor's, and counts for nothing.
pub const REHEARSAL: &str = "rehearsal";
/// How many captures one visit may take: the first, and retakes enough for a family that blinks.
pub const MAX_CAPTURES: usize = 8;
/// How many paintings one visit may ask for; "again" is free, a loop is not.
pub const MAX_PAINTINGS: usize = 48;
/// How many tickets one visit may make.
pub const MAX_TICKETS: usize = 16;
/// How many events a visit may have before nobody may change their mind in it any more (its language,
/// what they agree to, a failed painting): an honest one has some sixty, and every event is read again
/// whenever something happens.
pub const MAX_EVENTS: u64 = 500;
/// How many phones may join one visit.
pub const MAX_PHONES: u32 = 24;
