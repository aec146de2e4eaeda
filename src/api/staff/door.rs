//! In by PIN, and out again.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::guard::{Body, bearer};
use super::super::once::{Key, turn_of};
use super::super::{Api, Problem};
use super::OnDuty;
use crate::household::Caller;
use crate::staff::Pass;
use crate::store::Scope;

/// The PIN.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedPin {
    pin: String,
}

/// Staff are in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shift {
    /// The staff token.
    token: String,
    /// When it ends, unless it is renewed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The same in seconds from now, for a page whose clock is another.
    lives_s: i64,
}

fn shift(api: &Api, pass: Pass) -> Json<Shift> {
    let lives = pass.expires_at.duration_since(api.clock.now());
    Json(Shift {
        token: pass.token,
        expires_at: pass.expires_at,
        lives_s: lives.as_secs(),
    })
}

/// Exchange the PIN for a staff token. Wrong ones are slowed down.
#[utoipa::path(post, path = "/enter", operation_id = "staff_enter", tag = "staff", request_body = TypedPin,
    responses((status = 200, body = Shift), (status = 403, body = Problem),
        (status = 429, body = Problem)))]
pub(super) async fn enter(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    // Nothing is noted of a PIN: who sends it again is let in again.
    _: Key,
    Body(typed): Body<TypedPin>,
) -> Result<Json<Shift>, Problem> {
    let pass = api.staff.door.enter(typed.pin, caller).await?;
    Ok(shift(&api, pass))
}

/// A newer token for one that is still good.
#[utoipa::path(post, path = "/renew", operation_id = "staff_renew", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Shift), (status = 401, body = Problem)))]
pub(super) async fn renew(
    State(api): State<Api>,
    OnDuty(claims): OnDuty,
    // A newer token is no less for being asked for twice.
    _: Key,
) -> Result<Json<Shift>, Problem> {
    let pass = api.staff.door.renew(&claims)?;
    Ok(shift(&api, pass))
}

/// Lock the page: its token, and every other that the same typed PIN led to, is worth nothing from
/// now on, over a restart too. Other staff go on.
#[utoipa::path(post, path = "/lock", operation_id = "staff_lock", tag = "staff", security(("staff" = [])),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn lock(
    State(api): State<Api>,
    headers: HeaderMap,
    key: Key,
) -> Result<StatusCode, Problem> {
    let door = &api.staff.door;
    let token = bearer(&headers).ok_or_else(Problem::staff_required)?;
    // The same key of another shift is another command.
    let shift = door.read(token)?.shift;
    let request = key.request(Scope::Staff, shift.as_bytes());
    // The same request, sent twice at once, waits here for what the first has done.
    let _turn = match &request {
        Some(request) => Some(api.visits.turn(turn_of(request)).await),
        None => None,
    };
    if api.visits.before(request.as_ref()).await?.is_none() {
        let claims = door.admit(token).await?;
        door.lock(&claims, request.as_ref()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
