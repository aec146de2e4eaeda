//! A visit: its snapshot, consent, language, end and erasure.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::guard::{Body, InRoom, load};
use super::{Api, Problem};
use crate::room::view::SnapshotView;
use crate::session::Command;

/// The visit as it stands.
#[utoipa::path(get, path = "/sessions/{id}", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)),
    responses((status = 200, body = SnapshotView), (status = "4XX", body = Problem)))]
pub(super) async fn snapshot(
    State(api): State<Api>,
    room: InRoom,
) -> Result<Json<SnapshotView>, Problem> {
    let session = load(&api, room.session).await?;
    Ok(Json(api.feed.snapshot(&session).await))
}

/// What the visitor agrees to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    /// To be painted: needed.
    #[serde(default)]
    painting: bool,
    /// To be shown on the wall.
    #[serde(default)]
    wall: bool,
    /// To a generator off site.
    #[serde(default)]
    offsite: bool,
}

/// Agree, before any picture is taken or kept.
#[utoipa::path(post, path = "/sessions/{id}/consent", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)), request_body = Consent,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn consent(
    State(api): State<Api>,
    room: InRoom,
    Body(said): Body<Consent>,
) -> Result<StatusCode, Problem> {
    let Consent {
        painting,
        wall,
        offsite,
    } = said;
    api.visits
        .run(
            room.session,
            Command::Consent {
                painting,
                wall,
                offsite,
            },
        )
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The visitor's language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Locale {
    /// One of the booth's locales.
    locale: String,
}

/// Speak another language.
#[utoipa::path(post, path = "/sessions/{id}/locale", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)), request_body = Locale,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn locale(
    State(api): State<Api>,
    room: InRoom,
    Body(Locale { locale }): Body<Locale>,
) -> Result<StatusCode, Problem> {
    super::kiosk::known_locale(&api, &locale)?;
    api.visits
        .run(room.session, Command::ChooseLocale { locale })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the visit: no more paintings; what is there stays until it expires.
#[utoipa::path(post, path = "/sessions/{id}/end", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn end(State(api): State<Api>, room: InRoom) -> Result<StatusCode, Problem> {
    api.visits.run(room.session, Command::End).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Erase every picture and word of the visitor, and close the room.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn erase(State(api): State<Api>, room: InRoom) -> Result<StatusCode, Problem> {
    api.visits.erase(room.session).await?;
    api.claims.forget(room.session);
    Ok(StatusCode::NO_CONTENT)
}
