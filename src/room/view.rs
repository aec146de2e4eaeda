//! What rooms are told: sessions and events as JSON, with pictures as signed links.
//!
//! Nothing else leaves this house. Keys of blobs, the claim code (but on the ticket) and files for
//! the printer alone stay inside.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::link::Links;
use crate::printer::{Condition, PrinterState, Says};
use crate::session::{
    Capture, CaptureSource, FailureCode, Painting, PaintingState, PictureRef, Print, PrintState,
    Session, Stage, Ticket,
};

/// A picture to fetch.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Picture)]
pub struct PictureView {
    /// Its id.
    pub id: Uuid,
    /// Signed path and query, good for at least an hour.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Media type.
    pub content_type: String,
}

/// A photo.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Capture)]
pub struct CaptureView {
    /// The upright input that generators get.
    #[serde(flatten)]
    pub picture: PictureView,
    /// Where it came from.
    #[schema(value_type = String, example = "upload")]
    pub source: CaptureSource,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Timestamp,
    /// Whether it is the one that counts.
    pub current: bool,
    /// Small.
    pub thumb: PictureView,
    /// Large.
    pub screen: PictureView,
}

/// Why something failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Failure)]
pub struct FailureView {
    /// A stable word that pages translate.
    #[schema(value_type = String, example = "timed_out")]
    pub code: FailureCode,
    /// One plain English sentence.
    pub message: &'static str,
}

/// A painting.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Painting)]
pub struct PaintingView {
    /// Its id.
    pub id: Uuid,
    /// The capture it shows.
    pub capture: Uuid,
    /// In whose manner.
    pub style: String,
    /// Its seed.
    pub seed: u32,
    /// `queued`, `painting`, `done`, `failed` or `cancelled`.
    pub state: &'static str,
    /// Attempts begun.
    pub attempts: u32,
    /// How far, 0 to 1.
    pub share: f32,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// When it was done, failed or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// The kind of generator that paints or painted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FailureView>,
    /// The picture, once done: the fields of a `Picture` but its id.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PaintedView>,
}

/// The picture of a finished painting.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Painted)]
pub struct PaintedView {
    /// Signed path and query.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Media type.
    pub content_type: String,
    /// Small.
    pub thumb: PictureView,
}

/// The files of a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TicketFormats)]
pub struct FormatsView {
    /// The keepsake for the phone.
    pub phone: PictureView,
    /// 4×6 in at 300 dpi.
    pub print: PictureView,
    /// PDF.
    pub pdf: PictureView,
}

/// A ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketView {
    /// Its id.
    pub id: Uuid,
    /// The painting on it.
    pub painting: Uuid,
    /// Its running number.
    pub number: u32,
    /// Four digits that let further phones in.
    pub claim: String,
    /// The visitor's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The visitor's line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
    /// Its files.
    pub formats: FormatsView,
}

/// A print order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Print)]
pub struct PrintView {
    /// Its id.
    pub id: Uuid,
    /// The ticket.
    pub ticket: Uuid,
    /// Sheets ordered.
    pub copies: u32,
    /// `queued`, `done` or `failed`.
    pub state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FailureView>,
    /// Why this order waits longer than others, in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<Says>,
}

/// How the printer is, for those who wait for a sheet.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PrinterHint)]
pub struct PrinterView {
    /// In a word.
    pub state: Condition,
    /// In plain words.
    pub says: Says,
    /// Whether sheets wait for somebody: a refill, a hand, a cable.
    pub keeps_waiting: bool,
}

/// What the visitor agreed to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Consent)]
pub struct ConsentView {
    /// To be painted.
    pub painting: bool,
    /// To be shown on the wall.
    pub wall: bool,
    /// To a generator off site.
    pub offsite: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The visitor's place in the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Line)]
pub struct LineView {
    /// Paintings that come before this visit's first waiting one.
    pub ahead: u64,
    /// Seconds until this visit's paintings are done: at best, at worst.
    pub eta_s: [u64; 2],
}

/// A visit as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Snapshot)]
pub struct SnapshotView {
    /// Its id.
    pub id: Uuid,
    /// What the booth offers in it.
    pub activity: String,
    /// `consent`, `capture`, `painting`, `choose`, `ticket` or `ended`.
    #[schema(value_type = String, example = "painting")]
    pub state: Stage,
    /// Whether the kiosk shows it.
    pub on_screen: bool,
    /// The number of the last event.
    pub seq: u64,
    /// The booth's time.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// The visitor's language.
    pub locale: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// When everything of it is deleted.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// What was agreed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentView>,
    /// How many phones have joined.
    pub phones: u32,
    /// Photos, the last being the current one.
    pub captures: Vec<CaptureView>,
    /// Paintings, oldest first.
    pub paintings: Vec<PaintingView>,
    /// Tickets, oldest first.
    pub tickets: Vec<TicketView>,
    /// Print orders, oldest first.
    pub prints: Vec<PrintView>,
    /// How the printer is, if the booth has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<PrinterView>,
    /// The place in the line.
    pub line: LineView,
}

/// Turns what the house knows into what a room may see.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Signs the links.
    pub links: &'a Links,
    /// The booth's time.
    pub now: Timestamp,
    /// How far running paintings are.
    pub share: &'a (dyn Fn(Uuid) -> f32 + Sync),
    /// How the printer is.
    pub printer: Option<&'a PrinterState>,
}

impl View<'_> {
    /// The visit as it stands.
    pub fn snapshot(&self, session: &Session, line: LineView) -> SnapshotView {
        let live = |c: &&Capture| self.now < c.input.expires_at;
        SnapshotView {
            id: session.id,
            activity: session.activity.clone(),
            state: session.stage(),
            on_screen: session.on_screen,
            seq: session.seq,
            now: self.now,
            locale: session.locale.clone(),
            opened_at: session.opened_at,
            expires_at: session.expires_at,
            consent: session.consent.map(|c| ConsentView {
                painting: c.painting,
                wall: c.wall,
                offsite: c.offsite,
                at: c.at,
            }),
            phones: session.phones,
            captures: session
                .captures
                .iter()
                .filter(live)
                .map(|c| self.capture(session, c))
                .collect(),
            paintings: session.paintings.iter().map(|p| self.painting(p)).collect(),
            tickets: session
                .tickets
                .iter()
                .map(|t| self.ticket(session, t))
                .collect(),
            prints: session.prints.iter().map(|p| self.print(p)).collect(),
            printer: self.printer.map(printer),
            line,
        }
    }

    /// A photo.
    pub fn capture(&self, session: &Session, capture: &Capture) -> CaptureView {
        CaptureView {
            picture: self.picture(&capture.input),
            source: capture.source,
            taken_at: capture.taken_at,
            current: session
                .current_capture()
                .is_some_and(|c| c.id == capture.id),
            thumb: self.picture(&capture.thumb),
            screen: self.picture(&capture.screen),
        }
    }

    /// A painting.
    pub fn painting(&self, painting: &Painting) -> PaintingView {
        let asked = &painting.asked;
        let (state, share, by, error, picture) = match &painting.state {
            PaintingState::Queued => ("queued", 0.0, None, None, None),
            PaintingState::Painting { by } => (
                "painting",
                (self.share)(asked.id),
                Some(by.clone()),
                None,
                None,
            ),
            PaintingState::Done { by, picture, thumb } => {
                let shown = (self.now < picture.expires_at).then(|| self.painted(picture, thumb));
                ("done", 1.0, Some(by.clone()), None, shown)
            }
            PaintingState::Failed { code } => ("failed", 0.0, None, Some(failure(*code)), None),
            PaintingState::Cancelled => ("cancelled", 0.0, None, None, None),
        };
        PaintingView {
            id: asked.id,
            capture: asked.capture,
            style: asked.style.to_string(),
            seed: asked.seed,
            state,
            attempts: painting.attempts,
            share,
            asked_at: painting.asked_at,
            settled_at: painting.settled_at,
            by,
            error,
            picture,
        }
    }

    /// A ticket.
    pub fn ticket(&self, session: &Session, ticket: &Ticket) -> TicketView {
        TicketView {
            id: ticket.id,
            painting: ticket.painting,
            number: ticket.number,
            claim: session.claim.clone(),
            name: ticket.name.clone(),
            message: ticket.message.clone(),
            made_at: ticket.made_at,
            formats: FormatsView {
                phone: self.picture(&ticket.files.phone),
                print: self.picture(&ticket.files.print),
                pdf: self.picture(&ticket.files.pdf),
            },
        }
    }

    fn print(&self, order: &Print) -> PrintView {
        let doubtful = |state: &&PrinterState| {
            let waits = order.state == PrintState::Queued;
            waits && state.doubtful.iter().any(|doubt| doubt.order == order.id)
        };
        PrintView {
            waits: self
                .printer
                .filter(doubtful)
                .map(|_| PrinterState::in_doubt()),
            ..print(order)
        }
    }

    fn painted(&self, picture: &PictureRef, thumb: &PictureRef) -> PaintedView {
        let whole = self.picture(picture);
        PaintedView {
            url: whole.url,
            width: whole.width,
            height: whole.height,
            bytes: whole.bytes,
            content_type: whole.content_type,
            thumb: self.picture(thumb),
        }
    }

    fn picture(&self, picture: &PictureRef) -> PictureView {
        PictureView {
            id: picture.id,
            url: self.links.sign(&picture.key, self.now),
            width: picture.width,
            height: picture.height,
            bytes: picture.bytes,
            content_type: picture.content_type.clone(),
        }
    }
}

/// A print order.
pub fn print(print: &Print) -> PrintView {
    let (state, error) = match print.state {
        PrintState::Queued => ("queued", None),
        PrintState::Done => ("done", None),
        PrintState::Failed { code } => ("failed", Some(failure(code))),
    };
    PrintView {
        id: print.id,
        ticket: print.ticket,
        copies: print.copies,
        state,
        error,
        waits: None,
    }
}

/// How the printer is, as visitors may know it.
pub fn printer(state: &PrinterState) -> PrinterView {
    PrinterView {
        state: state.condition,
        says: state.visitors.clone(),
        keeps_waiting: state.keeps_waiting(),
    }
}

/// A failure in a word and a sentence.
pub fn failure(code: FailureCode) -> FailureView {
    FailureView {
        code,
        message: code.sentence(),
    }
}
