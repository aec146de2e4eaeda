//! What staff do at the printer: a test page, a new roll, a look into the tray.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::guard::id;
use super::super::once::{Key, Posted, for_staff};
use super::super::problem::sentence;
use super::super::{Api, Problem};
use super::OnDuty;
use super::trials::done;
use crate::printer::{Printer, PrinterError, Verdict};
use crate::store::{Request, Scope};

/// How long a printer may take to take a test page.
const TAKEN_WITHIN: Duration = Duration::from_secs(12);

/// A test page is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestPage {
    /// The order.
    order: Uuid,
}

/// Print a page that shows edges, centre and colours: one sheet.
#[utoipa::path(post, path = "/tests/print", operation_id = "test_page", tag = "staff", security(("staff" = [])),
    responses((status = 202, body = TestPage), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn test(State(api): State<Api>, _: OnDuty, key: Key) -> Result<Response, Problem> {
    let request = key.request(Scope::Staff, b"");
    // The same request is the same order, which a printer takes once: also after a crash between
    // the sheet and the note of it.
    let order = match &request {
        Some(request) => order_of(&api, request),
        None => api.entropy.uuid_v7(api.clock.now()),
    };
    let answer = || (StatusCode::ACCEPTED, Json(TestPage { order })).into_response();
    let work = async {
        tokio::select! {
            taken = printer(&api)?.test_page(order) => taken?,
            // It prints something else, or waits for a hand: nobody waits for that at the page.
            () = api.clock.sleep(TAKEN_WITHIN) => {
                return Err(PrinterError::TimedOut { after: TAKEN_WITHIN }.into());
            }
        }
        Ok::<_, Problem>(answer())
    };
    for_staff(&api, request, Some(answer()), work).await
}

/// An id that only this booth makes of that key.
fn order_of(api: &Api, request: &Request) -> Uuid {
    let mac = api
        .key
        .derive("easel test page 1")
        .sign(request.key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&mac[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// A new roll.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoll {
    /// Sheets on it.
    sheets: u32,
}

/// Note that a new roll (or stack) of paper is in.
#[utoipa::path(post, path = "/printer/roll", operation_id = "new_roll", tag = "staff", security(("staff" = [])),
    request_body = NewRoll,
    responses((status = 204), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(super) async fn roll(
    State(api): State<Api>,
    _: OnDuty,
    posted: Posted<NewRoll>,
) -> Result<Response, Problem> {
    let sheets = posted.wish.sheets;
    let work = async {
        printer(&api)?.roll_changed(sheets).await?;
        Ok::<_, Problem>(StatusCode::NO_CONTENT.into_response())
    };
    for_staff(&api, posted.request(Scope::Staff), done(), work).await
}

/// What was found in the tray.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Found {
    verdict: Verdict,
    /// How many sheets of the order there are; left out, the printer's own count holds.
    sheets_done: Option<u32>,
}

/// Say whether the sheets of a doubtful order came out, and how many.
#[utoipa::path(post, path = "/printer/orders/{order}/settle", operation_id = "settle_order", tag = "staff",
    security(("staff" = [])), params(("order" = String, Path,)), request_body = Found,
    responses((status = 204), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(super) async fn settle(
    State(api): State<Api>,
    _: OnDuty,
    Path(order): Path<String>,
    posted: Posted<Found>,
) -> Result<Response, Problem> {
    let order = id(&order, "order")?;
    let Found {
        verdict,
        sheets_done,
    } = posted.wish;
    let work = async {
        printer(&api)?.settle(order, verdict, sheets_done).await?;
        Ok::<_, Problem>(StatusCode::NO_CONTENT.into_response())
    };
    for_staff(&api, posted.request(Scope::Staff), done(), work).await
}

fn printer(api: &Api) -> Result<&dyn Printer, Problem> {
    let none = || {
        let detail = "This booth has no printer.";
        Problem::new(StatusCode::CONFLICT, "no_printer", detail)
    };
    api.printer.as_deref().ok_or_else(none)
}

impl From<PrinterError> for Problem {
    fn from(error: PrinterError) -> Self {
        let detail = sentence(&error.to_string());
        let (status, code) = match error {
            PrinterError::Refused { .. } => (StatusCode::CONFLICT, "printer_refused"),
            _ => (StatusCode::SERVICE_UNAVAILABLE, "printer_failed"),
        };
        Self::new(status, code, detail)
    }
}
