//! What staff do at the printer: a test page, a new roll, a look into the tray.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::guard::{Body, id};
use super::super::problem::sentence;
use super::super::{Api, Problem};
use super::OnDuty;
use crate::printer::{Printer, PrinterError, Verdict};

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
pub(super) async fn test(
    State(api): State<Api>,
    _: OnDuty,
) -> Result<(StatusCode, Json<TestPage>), Problem> {
    let order = api.entropy.uuid_v7(api.clock.now());
    tokio::select! {
        taken = printer(&api)?.test_page(order) => taken?,
        // It prints something else, or waits for a hand: nobody waits for that at the page.
        () = api.clock.sleep(TAKEN_WITHIN) => {
            return Err(PrinterError::TimedOut { after: TAKEN_WITHIN }.into());
        }
    }
    Ok((StatusCode::ACCEPTED, Json(TestPage { order })))
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
    Body(roll): Body<NewRoll>,
) -> Result<StatusCode, Problem> {
    printer(&api)?.roll_changed(roll.sheets).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was found in the tray.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Found {
    verdict: Verdict,
}

/// Say whether the sheets of a doubtful order came out.
#[utoipa::path(post, path = "/printer/orders/{order}/settle", operation_id = "settle_order", tag = "staff",
    security(("staff" = [])), params(("order" = String, Path,)), request_body = Found,
    responses((status = 204), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(super) async fn settle(
    State(api): State<Api>,
    _: OnDuty,
    Path(order): Path<String>,
    Body(found): Body<Found>,
) -> Result<StatusCode, Problem> {
    let order = id(&order, "order")?;
    printer(&api)?.settle(order, found.verdict).await?;
    Ok(StatusCode::NO_CONTENT)
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
