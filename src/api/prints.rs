//! Ordering sheets.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::{InRoom, id};
use super::once::{Key, Posted, Seq};
use super::{Api, Problem};
use crate::room::view::{self, PrintView};
use crate::session::Command;
use crate::store::{Outcome, Scope};

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
    params(("id" = String, Path,)),
    request_body = Wish,
    responses((status = 202, body = Ordered), (status = "4XX", body = Problem)))]
pub(super) async fn order(
    State(api): State<Api>,
    room: InRoom,
    Posted { wish, key, .. }: Posted<Wish>,
) -> Result<(StatusCode, Seq, Json<Ordered>), Problem> {
    let without = "This booth has no printer; the ticket is on the phone.";
    let most_sheets = Some(api.rules.sheets_per_session);
    let wanted = Wanted {
        ticket: &wish.ticket,
        copies: wish.copies,
        most_sheets,
    };
    let scope = room.scope();
    let (seq, print) = place(&api, room.session, (scope, &key), wanted, without).await?;
    Ok((StatusCode::ACCEPTED, seq, Json(Ordered { print })))
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
    (scope, sent): (Scope, &Key),
    wanted: Wanted<'_>,
    without: &str,
) -> Result<(Seq, PrintView), Problem> {
    let key = sent.needed()?.to_owned();
    // An order is compared with the one of its key in the log, so not by its body here.
    let request = sent.request(scope, b"");
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
    let done = api
        .visits
        .run_once(request.as_ref(), session, command, |_| Outcome::Done)
        .await?;
    let print = done.session.prints.iter().find(|p| p.key == key);
    Ok((
        Seq(done.seq),
        view::print(print.expect("it has been ordered")),
    ))
}
