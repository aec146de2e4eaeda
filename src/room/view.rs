//! What rooms are told: sessions and events as JSON, with pictures as signed links.
//!
//! Nothing else leaves this house. Keys of blobs, the claim code (but on the ticket) and files for
//! the printer alone stay inside.

mod shapes;

use jiff::Timestamp;
use uuid::Uuid;

use super::link::Links;
use crate::printer::PrinterState;
use crate::session::{
    Capture, FailureCode, Painting, PaintingState, PictureRef, Print, PrintState, Session, Ticket,
};

pub use shapes::{
    CaptureView, ConsentView, FailureView, FormatsView, LineView, PaintedView, PaintingView,
    PictureView, PrintView, PrinterView, SnapshotView, TicketView,
};

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
                .filter(|t| self.now < t.files.phone.expires_at)
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
        let settled = print(order);
        let so_far = self.printer.and_then(|state| {
            let mut partly = state.partly_done.iter();
            partly.find(|partly| partly.order == order.id)
        });
        PrintView {
            waits: self
                .printer
                .filter(doubtful)
                .map(|_| PrinterState::in_doubt()),
            sheets_done: so_far.map_or(settled.sheets_done, |partly| partly.sheets_done),
            ..settled
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
        sheets_done: match print.state {
            PrintState::Done => print.copies,
            PrintState::Queued | PrintState::Failed { .. } => 0,
        },
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
