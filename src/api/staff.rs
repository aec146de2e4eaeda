//! The staff's routes: the PIN, the one page, and what its buttons do. On the kiosk's listener,
//! and on the public one only where settings say so.

pub(super) mod address;
mod door;
mod figures;
mod overview;
mod pause;
mod printer;
mod rehearsal;
mod sheets;
mod trials;
mod visits;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::bearer;
use super::{Api, Problem};
use crate::staff::Claims;

/// All of them, below `/api/v1/staff`.
pub(super) fn router() -> OpenApiRouter<Api> {
    let api = OpenApiRouter::new()
        .routes(routes!(door::enter))
        .routes(routes!(door::renew))
        .routes(routes!(door::lock))
        .routes(routes!(overview::look))
        .routes(routes!(address::choose, address::leave))
        .routes(routes!(pause::begin, pause::end))
        .routes(routes!(visits::list))
        .routes(routes!(visits::erase))
        .routes(routes!(visits::reprint))
        .routes(routes!(visits::retry))
        .routes(routes!(trials::shot))
        .routes(routes!(trials::painting))
        .routes(routes!(trials::drain))
        .routes(routes!(trials::resume))
        .routes(routes!(printer::test))
        .routes(routes!(printer::roll))
        .routes(routes!(printer::settle))
        .routes(routes!(rehearsal::begin))
        .routes(routes!(figures::days))
        .routes(routes!(figures::sheet));
    OpenApiRouter::new().nest("/api/v1/staff", api)
}

/// A bearer of a staff token that is still good.
#[derive(Debug, Clone)]
pub(super) struct OnDuty(Claims);

impl FromRequestParts<Api> for OnDuty {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(Problem::staff_required)?;
        Ok(Self(api.staff.door.admit(token).await?))
    }
}
