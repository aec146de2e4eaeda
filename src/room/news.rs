//! One event as a room hears it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::view::{View, failure, print};
use crate::session::{Event, Recorded, Session};

/// `{seq, at, type, data}`; live-only news (`painting.progress`) has no `seq`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct News {
    /// The event's number in its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The contract's name (`painting.done`).
    #[serde(rename = "type")]
    pub name: &'static str,
    /// What the name promises.
    pub data: Value,
}

/// `recorded` as told to the room; `after` is the state with it folded in.
pub fn tell(view: &View<'_>, recorded: &Recorded, after: &Session) -> News {
    News {
        seq: Some(recorded.seq),
        at: recorded.at,
        name: recorded.event.name(),
        data: data(view, recorded, after),
    }
}

fn data(view: &View<'_>, recorded: &Recorded, after: &Session) -> Value {
    let painting = |id| after.painting(id).map(|p| view.painting(p));
    match &recorded.event {
        Event::Opened {
            activity,
            locale,
            expires_at,
            ..
        } => {
            json!({ "activity": activity, "locale": locale, "expires_at": expires_at })
        }
        Event::ConsentGiven {
            painting,
            wall,
            offsite,
        } => {
            json!({ "painting": painting, "wall": wall, "offsite": offsite })
        }
        Event::LocaleChosen { locale } => json!({ "locale": locale }),
        Event::CaptureTaken { capture } => json!({ "capture": view.capture(after, capture) }),
        Event::PaintingsAsked { paintings } => {
            let paintings: Vec<_> = paintings.iter().filter_map(|p| painting(p.id)).collect();
            json!({ "paintings": paintings })
        }
        Event::PaintingStarted {
            painting,
            style,
            attempt,
            by,
        } => {
            json!({ "painting": painting, "style": style, "attempt": attempt, "by": by })
        }
        Event::PaintingDone { painting: id, .. } => json!({ "painting": painting(*id) }),
        Event::PaintingFailed {
            painting,
            style,
            code,
            attempts,
        } => json!({
            "painting": painting, "style": style, "attempts": attempts, "error": failure(*code),
        }),
        Event::PaintingCancelled { painting, style }
        | Event::PaintingRetried { painting, style } => {
            json!({ "painting": painting, "style": style })
        }
        Event::TicketReady { ticket } => json!({ "ticket": view.ticket(after, ticket) }),
        Event::PrintQueued { print: id, .. } => json!({ "print": after.print(*id).map(print) }),
        Event::PrintDone { print, copies } => json!({ "print": print, "copies": copies }),
        Event::PrintFailed { print, code } => json!({ "print": print, "error": failure(*code) }),
        Event::PhoneJoined { phones } => json!({ "phones": phones }),
        Event::Erased {} => json!({ "erased_at": recorded.at }),
        Event::HandedOver {} | Event::Ended {} => json!({}),
    }
}
