//! Taking no new visitors for a while.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::guard::Body;
use super::super::{Api, Problem};
use super::OnDuty;
use crate::staff::pause::{self, Pause, Reason};

/// A pause as staff want it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseWish {
    reason: Reason,
    /// One line that the screen shows besides.
    #[serde(default)]
    note: String,
    /// When the booth is back, by the clock on the wall; left out: when somebody says so.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Begin a pause, or change the one that is on. Visits that have begun go on.
#[utoipa::path(put, path = "/pause", operation_id = "pause", tag = "staff", security(("staff" = [])),
    request_body = PauseWish,
    responses((status = 200, body = Pause), (status = "4XX", body = Problem)))]
pub(super) async fn begin(
    State(api): State<Api>,
    _: OnDuty,
    Body(wish): Body<PauseWish>,
) -> Result<Json<Pause>, Problem> {
    let (store, clock) = (api.visits.store(), &*api.clock);
    pause::begin(store, clock, wish.reason, &wish.note, wish.until).await?;
    let now = pause::now(store, clock).await?;
    now.map(Json)
        .ok_or_else(|| Problem::invalid("The pause was over before it began."))
}

/// Take visitors again.
#[utoipa::path(delete, path = "/pause", operation_id = "end_pause", tag = "staff", security(("staff" = [])),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn end(State(api): State<Api>, _: OnDuty) -> Result<StatusCode, Problem> {
    pause::end(api.visits.store()).await?;
    Ok(StatusCode::NO_CONTENT)
}
