//! Ordering sheets.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::{Body, InRoom, id};
use super::{Api, Problem};
use crate::room::view::{self, PrintView};
use crate::session::Command;

/// Longest `Idempotency-Key` that is taken; a UUID has 36 characters.
const MAX_KEY: usize = 128;

/// What to print.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    ticket: String,
    /// Sheets; one by default.
    copies: Option<u32>,
}

/// An order was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ordered {
    print: PrintView,
}

/// Print a ticket. The same `Idempotency-Key` prints once.
#[utoipa::path(post, path = "/sessions/{id}/prints", tag = "prints", security(("room" = [])),
    params(("id" = String, Path,), ("Idempotency-Key" = String, Header,)),
    request_body = Wish,
    responses((status = 202, body = Ordered), (status = "4XX", body = Problem)))]
pub(super) async fn order(
    State(api): State<Api>,
    room: InRoom,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Ordered>), Problem> {
    let key = idempotency_key(&headers)?;
    if api.printer.is_none() {
        let detail = "This booth has no printer; the ticket is on the phone.";
        return Err(Problem::new(StatusCode::CONFLICT, "no_printer", detail));
    }
    let copies = wish.copies.unwrap_or(1);
    let most = api.rules.max_copies;
    if !(1..=most).contains(&copies) {
        return Err(Problem::invalid(format!(
            "One order may have 1 to {most} copies."
        )));
    }
    let command = Command::OrderPrint {
        print: api.entropy.uuid_v7(api.clock.now()),
        ticket: id(&wish.ticket, "ticket")?,
        copies,
        key: key.clone(),
        most_sheets: Some(api.rules.sheets_per_session),
    };
    let state = api.visits.run(room.session, command).await?;
    let print = state
        .prints
        .iter()
        .find(|p| p.key == key)
        .expect("it has been ordered");
    Ok((
        StatusCode::ACCEPTED,
        Json(Ordered {
            print: view::print(print),
        }),
    ))
}

/// What makes an order that is sent twice one order.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok())
        .filter(|key| !key.is_empty() && key.len() <= MAX_KEY)
        .map(str::to_owned)
        .ok_or_else(|| Problem::bad_request("An Idempotency-Key header is needed."))
}
