//! Ordering sheets.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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
    let without = "This booth has no printer; the ticket is on the phone.";
    let most_sheets = Some(api.rules.sheets_per_session);
    let wanted = Wanted {
        ticket: &wish.ticket,
        copies: wish.copies,
        most_sheets,
    };
    let print = place(&api, room.session, &headers, wanted, without).await?;
    Ok((StatusCode::ACCEPTED, Json(Ordered { print })))
}

/// An order as visitors and staff give it.
pub(super) struct Wanted<'a> {
    /// The ticket's id, as it came.
    pub(super) ticket: &'a str,
    /// One, if nothing is said.
    pub(super) copies: Option<u32>,
    /// Sheets in all orders of the visit; staff order without a bound, and after its end.
    pub(super) most_sheets: Option<u32>,
}

/// Places an order of that visit under the request's `Idempotency-Key`. `without` is what a booth
/// without a printer says.
pub(super) async fn place(
    api: &Api,
    session: Uuid,
    headers: &HeaderMap,
    wanted: Wanted<'_>,
    without: &str,
) -> Result<PrintView, Problem> {
    let key = idempotency_key(headers)?;
    if api.printer.is_none() {
        return Err(Problem::new(StatusCode::CONFLICT, "no_printer", without));
    }
    let copies = wanted.copies.unwrap_or(1);
    let most = api.rules.max_copies;
    if !(1..=most).contains(&copies) {
        return Err(Problem::invalid(format!(
            "One order may have 1 to {most} copies."
        )));
    }
    let command = Command::OrderPrint {
        print: api.entropy.uuid_v7(api.clock.now()),
        ticket: id(wanted.ticket, "ticket")?,
        copies,
        key: key.clone(),
        most_sheets: wanted.most_sheets,
    };
    let state = api.visits.run(session, command).await?;
    let print = state.prints.iter().find(|p| p.key == key);
    Ok(view::print(print.expect("it has been ordered")))
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
