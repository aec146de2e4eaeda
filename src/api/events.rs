//! The session's events as server-sent events (HTML Living Standard, §9.2).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};

use super::guard::InRoom;
use super::{Api, Problem};
use crate::room::Heard;
use crate::session::Refusal;

/// Follow the visit. `id:` is the event's number and `Last-Event-ID` resumes after it; without it
/// the log is told from its beginning. Live-only news has no `id:`.
#[utoipa::path(get, path = "/sessions/{id}/events", tag = "rooms", security(("room" = [])),
    params(("id" = String, Path,), ("Last-Event-ID" = Option<u64>, Header,)),
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = "4XX", body = Problem)))]
pub(super) async fn follow(
    State(api): State<Api>,
    room: InRoom,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let after = match headers.get("last-event-id") {
        None => 0,
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .ok_or_else(|| Problem::bad_request("Last-Event-ID is the number of an event."))?,
    };
    let heard = api.feed.follow(room.session, Some(after), false).await?;
    let heard = heard.ok_or(Problem::from(Refusal::Erased))?;
    let left = api.clock.now().duration_until(room.claims.expires_at());
    let over = api.clock.sleep(left.try_into().unwrap_or_default());
    let events = heard.take_until(over).map(|heard| {
        let event = match heard {
            Heard::News(news) => {
                let event = Event::default().data(news.json().get());
                if let Some(seq) = news.seq {
                    event.id(seq.to_string())
                } else {
                    event
                }
            }
            Heard::Snapshot(_) => unreachable!("none was asked for"),
        };
        Ok(event)
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
