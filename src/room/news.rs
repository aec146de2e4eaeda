//! One event as a room hears it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::view::{View, failure, print};
use crate::session::{Event, Recorded, Session};

/// One event, written down once however many hear it.
#[derive(Debug, Clone)]
pub struct News {
    /// The event's number in its session; live-only news (`painting.progress`) has none.
    pub seq: Option<u64>,
    /// The contract's name (`painting.done`).
    pub name: &'static str,
    json: Box<RawValue>,
}

/// `{seq, at, type, data}`.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
struct Shape {
    /// The event's number in its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The contract's name (`painting.done`).
    #[serde(rename = "type")]
    name: &'static str,
    /// What the name promises.
    data: Value,
}

impl News {
    /// News of that name and number, with what the name promises.
    pub fn new(seq: Option<u64>, at: Timestamp, name: &'static str, data: Value) -> Self {
        let shape = Shape {
            seq,
            at,
            name,
            data,
        };
        let json = to_raw_value(&shape).expect("news is plain data");
        Self { seq, name, json }
    }

    /// The event as the contract has it.
    pub fn json(&self) -> &RawValue {
        &self.json
    }
}

/// `recorded` as told to the room; `after` is the state with it folded in.
pub fn tell(view: &View<'_>, recorded: &Recorded, after: &Session) -> News {
    let (seq, name) = (Some(recorded.seq), recorded.event.name());
    News::new(seq, recorded.at, name, data(view, recorded, after))
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
