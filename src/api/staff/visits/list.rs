//! Every visit that is kept, by number or time, page by page.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::super::{Api, Problem};
use super::super::OnDuty;
use super::{VisitRow, rows};
use crate::store::Page;

/// How many visits are shown at once where nobody says.
const SHOWN: u32 = 12;
/// How many visits one answer has at most.
const MOST: u32 = 50;

/// Which visits. What is left out leaves none out.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The number on one of its tickets.
    number: Option<u32>,
    /// Begun then or later, by the clock on the wall.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Begun before then.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Those that follow this visit: the last one that was shown.
    after: Option<Uuid>,
    /// At most so many, 1 to 50; 12 by default.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// Visits, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffVisits)]
pub(crate) struct Visits {
    pub(in super::super) visits: Vec<VisitRow>,
    /// After which visit it goes on; left out where there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) next: Option<Uuid>,
}

/// The newest ones.
pub(in super::super) async fn newest(api: &Api) -> Result<Visits, Problem> {
    page(api, SHOWN, Page::default()).await
}

/// Find visits that are kept and have a photo, the newest first. Erased ones are not among them.
#[utoipa::path(get, path = "/visits", operation_id = "staff_visits", tag = "staff", security(("staff" = [])),
    params(Wanted), responses((status = 200, body = Visits), (status = "4XX", body = Problem)))]
pub(in super::super) async fn list(
    State(api): State<Api>,
    _: OnDuty,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Visits>, Problem> {
    let Query(wanted) =
        wanted.map_err(|e| Problem::invalid(format!("The query does not fit: {e}.")))?;
    let limit = wanted.limit.unwrap_or(SHOWN);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid(format!("A limit is 1 to {MOST}.")));
    }
    let wanted = Page {
        number: wanted.number,
        from: steady(&api, wanted.from)?,
        to: steady(&api, wanted.to)?,
        after: wanted.after,
        ..Page::default()
    };
    Ok(Json(page(&api, limit, wanted).await?))
}

async fn page(api: &Api, limit: u32, wanted: Page) -> Result<Visits, Problem> {
    // One more tells whether it goes on.
    let most = limit + 1;
    let mut ids = api.visits.store().visits(Page { most, ..wanted }).await?;
    let goes_on = ids.len() > limit as usize;
    ids.truncate(limit as usize);
    Ok(Visits {
        visits: rows(api, &ids).await?,
        next: ids.last().copied().filter(|_| goes_on),
    })
}

/// The steady time at which the clock on the wall shows `wall`.
fn steady(api: &Api, wall: Option<Timestamp>) -> Result<Option<Timestamp>, Problem> {
    let steady = wall.map(|wall| wall.checked_sub(api.clock.drift()));
    let steady = steady.transpose();
    steady.map_err(|_| Problem::invalid("That time is out of range."))
}
