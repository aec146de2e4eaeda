//! The work that events cause: one page, so that nobody has to look for it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::queue::NewJob;
use crate::session::{Event, PictureRef, StyleId};

/// The queue of sheets to print.
pub const PRINT: &str = "print";
/// The queue of visits whose pictures are to be deleted now.
pub const ERASE: &str = "erase";
/// The queue of things to delete, each at its time.
pub const EXPIRE: &str = "expire";

/// How the queues of paintings begin.
pub const PAINT: &str = "paint:";

/// The queue of paintings in one style.
fn paint_queue(style: &StyleId) -> String {
    format!("{PAINT}{style}")
}

pub(super) enum Work {
    Enqueue(NewJob),
    Cancel(Uuid),
}

pub(super) fn caused_by(session: Uuid, events: &[Event]) -> Vec<Work> {
    events
        .iter()
        .flat_map(|event| one(session, event))
        .collect()
}

fn one(session: Uuid, event: &Event) -> Vec<Work> {
    let job = |queue: String, subject, not_before| {
        Work::Enqueue(NewJob {
            queue,
            session,
            subject,
            not_before,
        })
    };
    let expire = |subject: Uuid, at: Timestamp| job(EXPIRE.to_owned(), subject, Some(at));
    let expire_picture = |p: &PictureRef| expire(p.id, p.expires_at);
    match event {
        Event::Opened { expires_at, .. } => vec![expire(session, *expires_at)],
        Event::CaptureTaken { capture } => vec![expire_picture(&capture.input)],
        Event::PaintingsAsked { paintings } => paintings
            .iter()
            .map(|p| job(paint_queue(&p.style), p.id, None))
            .collect(),
        Event::PaintingRetried { painting, style } => {
            vec![job(paint_queue(style), *painting, None)]
        }
        Event::PaintingCancelled { painting, .. } => vec![Work::Cancel(*painting)],
        Event::PaintingDone { picture, .. } => vec![expire_picture(picture)],
        Event::TicketReady { ticket } => vec![expire_picture(&ticket.files.phone)],
        Event::PrintQueued { print, .. } => vec![job(PRINT.to_owned(), *print, None)],
        Event::Erased {} => vec![job(ERASE.to_owned(), session, None)],
        Event::ConsentGiven { .. }
        | Event::LocaleChosen { .. }
        | Event::PaintingStarted { .. }
        | Event::PaintingFailed { .. }
        | Event::PrintDone { .. }
        | Event::PrintFailed { .. }
        | Event::PhoneJoined { .. }
        | Event::HandedOver {}
        | Event::Ended {} => Vec::new(),
    }
}
