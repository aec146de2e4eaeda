//! Visits, and what staff can do for one: print again, paint again, erase.

mod list;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::guard::{id, readable};
use super::super::once::{Key, Posted, Seq};
use super::super::prints::{self, Wanted};
use super::super::{Api, Problem};
use super::OnDuty;
use crate::room::view::{self, FailureView, PaintingView, PrintView, View};
use crate::session::{Command, REHEARSAL, Session, Stage};
use crate::store::{Outcome, Scope};

pub(super) use list::{__path_list, Visits, list, newest};

/// A ticket of a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffTicket)]
pub(crate) struct TicketRow {
    id: Uuid,
    painting: Uuid,
    number: u32,
    /// In whose manner.
    style: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
}

/// A painting of a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffPainting)]
pub(crate) struct PaintingRow {
    id: Uuid,
    style: String,
    /// `queued`, `painting`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// How far, 0 to 1.
    share: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<FailureView>,
    /// Signed path and query of its small picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumb: Option<String>,
}

/// A visit, as staff see it. Times are those of the clock on the wall.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffVisit)]
pub(crate) struct VisitRow {
    id: Uuid,
    /// Whether staff play it.
    rehearsal: bool,
    /// Whether the kiosk shows it.
    on_screen: bool,
    #[schema(value_type = String, example = "painting")]
    state: Stage,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// How many phones have joined.
    phones: u32,
    /// The current paintings: the newest of each style.
    paintings: Vec<PaintingRow>,
    tickets: Vec<TicketRow>,
    prints: Vec<PrintView>,
}

/// The visits of these ids that can be read, in that order.
async fn rows(api: &Api, ids: &[Uuid]) -> Result<Vec<VisitRow>, Problem> {
    let mut rows = Vec::new();
    for &id in ids {
        // Erased between the two looks: it is not there any more.
        if let Some(session) = readable(api, id).await? {
            rows.push(api.feed.with_view(|view| row(api, view, &session)));
        }
    }
    Ok(rows)
}

fn row(api: &Api, view: &View<'_>, session: &Session) -> VisitRow {
    let wall = |at: Timestamp| at + api.clock.drift();
    let mut paintings: Vec<PaintingRow> = Vec::new();
    for painting in session.current_paintings() {
        let shown = painting_row(view.painting(painting));
        match paintings.iter_mut().find(|p| p.style == shown.style) {
            Some(older) => *older = shown,
            None => paintings.push(shown),
        }
    }
    let style = |id| session.painting(id).map(|p| p.asked.style.to_string());
    VisitRow {
        id: session.id,
        rehearsal: session.activity == REHEARSAL,
        on_screen: session.on_screen,
        state: session.stage(),
        opened_at: wall(session.opened_at),
        phones: session.phones,
        paintings,
        tickets: session
            .tickets
            .iter()
            .map(|ticket| TicketRow {
                id: ticket.id,
                painting: ticket.painting,
                number: ticket.number,
                style: style(ticket.painting).unwrap_or_default(),
                name: ticket.name.clone(),
                made_at: wall(ticket.made_at),
            })
            .collect(),
        prints: session.prints.iter().map(view::print).collect(),
    }
}

fn painting_row(painting: PaintingView) -> PaintingRow {
    PaintingRow {
        id: painting.id,
        style: painting.style,
        state: painting.state,
        share: painting.share,
        by: painting.by,
        error: painting.error,
        thumb: painting.picture.map(|picture| picture.thumb.url),
    }
}

/// Erase a visit: every picture and word of it.
#[utoipa::path(delete, path = "/visits/{id}", operation_id = "staff_erase", tag = "staff", security(("staff" = [])),
    params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn erase(
    State(api): State<Api>,
    _: OnDuty,
    Path(session): Path<String>,
) -> Result<StatusCode, Problem> {
    let session = id(&session, "visit")?;
    api.visits.erase(session).await?;
    api.claims.forget(session);
    api.one_time_codes.forget(session);
    Ok(StatusCode::NO_CONTENT)
}

/// What to print again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reprint {
    ticket: String,
    /// Sheets; one by default.
    copies: Option<u32>,
}

/// An order was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reordered {
    print: PrintView,
}

/// Print a ticket again. The same `Idempotency-Key` prints once; the visit's own bound of sheets
/// does not hold for staff, and a visit that has ended is printed as long as it is kept.
#[utoipa::path(post, path = "/visits/{id}/prints", operation_id = "reprint", tag = "staff", security(("staff" = [])),
    params(("id" = String, Path,)),
    request_body = Reprint,
    responses((status = 202, body = Reordered), (status = "4XX", body = Problem)))]
pub(super) async fn reprint(
    State(api): State<Api>,
    _: OnDuty,
    Path(session): Path<String>,
    Posted { wish, key, .. }: Posted<Reprint>,
) -> Result<(StatusCode, Seq, Json<Reordered>), Problem> {
    let wanted = Wanted {
        ticket: &wish.ticket,
        copies: wish.copies,
        most_sheets: None,
    };
    let session = id(&session, "visit")?;
    let without = "This booth has no printer.";
    let (seq, print) = prints::place(&api, session, (Scope::Staff, &key), wanted, without).await?;
    Ok((StatusCode::ACCEPTED, seq, Json(Reordered { print })))
}

/// Try a failed painting once more.
#[utoipa::path(post, path = "/visits/{id}/paintings/{painting}/retry", operation_id = "staff_retry", tag = "staff",
    security(("staff" = [])), params(("id" = String, Path,), ("painting" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn retry(
    State(api): State<Api>,
    _: OnDuty,
    Path((session, painting)): Path<(String, String)>,
    key: Key,
) -> Result<(StatusCode, Seq), Problem> {
    let (session, painting) = (id(&session, "visit")?, id(&painting, "painting")?);
    let request = key.request(Scope::Staff, b"");
    let retry = Command::RetryPainting { painting };
    let done = api
        .visits
        .run_once(request.as_ref(), session, retry, |_| Outcome::Done)
        .await?;
    Ok((StatusCode::NO_CONTENT, Seq(done.seq)))
}
