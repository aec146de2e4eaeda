//! What can happen in a session, as the log keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::state::{Asked, Capture, FailureCode, PictureRef, StyleId, Ticket};

/// One thing that happened. Stored as `type` and `data`; the names are part of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(missing_docs, reason = "fields repeat the words of session::state")]
pub enum Event {
    /// A visitor touched the screen.
    #[serde(rename = "session.opened")]
    Opened {
        activity: String,
        locale: String,
        expires_at: Timestamp,
        claim: String,
    },
    /// The visitor agreed.
    #[serde(rename = "consent.given")]
    ConsentGiven {
        painting: bool,
        wall: bool,
        offsite: bool,
    },
    /// The language button was pressed.
    #[serde(rename = "locale.chosen")]
    LocaleChosen { locale: String },
    /// A photo was taken in.
    #[serde(rename = "capture.taken")]
    CaptureTaken { capture: Box<Capture> },
    /// Paintings were asked for.
    #[serde(rename = "paintings.asked")]
    PaintingsAsked { paintings: Vec<Asked> },
    /// A generator began an attempt.
    #[serde(rename = "painting.started")]
    PaintingStarted {
        painting: Uuid,
        style: StyleId,
        attempt: u32,
        by: String,
    },
    /// A painting hangs.
    #[serde(rename = "painting.done")]
    PaintingDone {
        painting: Uuid,
        style: StyleId,
        by: String,
        /// Which of that kind, by its name in settings: for the figures. Older logs lack it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        server: String,
        picture: Box<PictureRef>,
        thumb: Box<PictureRef>,
    },
    /// A painting was given up.
    #[serde(rename = "painting.failed")]
    PaintingFailed {
        painting: Uuid,
        style: StyleId,
        code: FailureCode,
        attempts: u32,
    },
    /// A painting is no longer wanted.
    #[serde(rename = "painting.cancelled")]
    PaintingCancelled { painting: Uuid, style: StyleId },
    /// A failed painting was asked for once more.
    #[serde(rename = "painting.retried")]
    PaintingRetried { painting: Uuid, style: StyleId },
    /// A ticket was made.
    #[serde(rename = "ticket.ready")]
    TicketReady { ticket: Box<Ticket> },
    /// Sheets were ordered.
    #[serde(rename = "print.queued")]
    PrintQueued {
        print: Uuid,
        ticket: Uuid,
        copies: u32,
        key: String,
    },
    /// All sheets of an order are on paper.
    #[serde(rename = "print.done")]
    PrintDone { print: Uuid, copies: u32 },
    /// An order was given up.
    #[serde(rename = "print.failed")]
    PrintFailed { print: Uuid, code: FailureCode },
    /// A phone joined the room.
    #[serde(rename = "phone.joined")]
    PhoneJoined { phones: u32 },
    /// The screen went on to the next visitor.
    #[serde(rename = "session.handed_over")]
    HandedOver {},
    /// The visit is over.
    #[serde(rename = "session.ended")]
    Ended {},
    /// The visitor had everything erased.
    #[serde(rename = "session.erased")]
    Erased {},
}

impl Event {
    /// The contract's name of it (`painting.done`).
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "session.opened",
            Self::ConsentGiven { .. } => "consent.given",
            Self::LocaleChosen { .. } => "locale.chosen",
            Self::CaptureTaken { .. } => "capture.taken",
            Self::PaintingsAsked { .. } => "paintings.asked",
            Self::PaintingStarted { .. } => "painting.started",
            Self::PaintingDone { .. } => "painting.done",
            Self::PaintingFailed { .. } => "painting.failed",
            Self::PaintingCancelled { .. } => "painting.cancelled",
            Self::PaintingRetried { .. } => "painting.retried",
            Self::TicketReady { .. } => "ticket.ready",
            Self::PrintQueued { .. } => "print.queued",
            Self::PrintDone { .. } => "print.done",
            Self::PrintFailed { .. } => "print.failed",
            Self::PhoneJoined { .. } => "phone.joined",
            Self::HandedOver {} => "session.handed_over",
            Self::Ended {} => "session.ended",
            Self::Erased {} => "session.erased",
        }
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// 1 for the first event of a session, then one more each.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}
