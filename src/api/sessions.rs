//! A visit: its snapshot, consent, language, end and erasure.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::guard::{InRoom, load};
use super::once::{Key, Posted, Seq};
use super::{Api, Problem};
use crate::room::view::SnapshotView;
use crate::session::Command;
use crate::store::{Outcome, Request};

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
    posted: Posted<Consent>,
) -> Result<(StatusCode, Seq), Problem> {
    let request = posted.request(room.scope());
    let Consent {
        painting,
        wall,
        offsite,
    } = posted.wish;
    let consent = Command::Consent {
        painting,
        wall,
        offsite,
    };
    carried(&api, &room, request, consent).await
}

/// Carries out what is answered with nothing more than that it was.
async fn carried(
    api: &Api,
    room: &InRoom,
    request: Option<Request>,
    command: Command,
) -> Result<(StatusCode, Seq), Problem> {
    let done = api
        .visits
        .run_once(request.as_ref(), room.session, command, |_| Outcome::Done)
        .await?;
    Ok((StatusCode::NO_CONTENT, Seq(done.seq)))
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
    posted: Posted<Locale>,
) -> Result<(StatusCode, Seq), Problem> {
    let request = posted.request(room.scope());
    let Locale { locale } = posted.wish;
    super::kiosk::known_locale(&api, &locale)?;
    carried(&api, &room, request, Command::ChooseLocale { locale }).await
}

/// End the visit: no more paintings; what is there stays until it expires.
#[utoipa::path(post, path = "/sessions/{id}/end", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn end(
    State(api): State<Api>,
    room: InRoom,
    key: Key,
) -> Result<(StatusCode, Seq), Problem> {
    let request = key.request(room.scope(), b"");
    carried(&api, &room, request, Command::End).await
}

/// Erase every picture and word of the visitor, and close the room.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", security(("room" = [])),
    params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn erase(State(api): State<Api>, room: InRoom) -> Result<StatusCode, Problem> {
    api.visits.erase(room.session).await?;
    api.claims.forget(room.session);
    api.one_time_codes.forget(room.session);
    Ok(StatusCode::NO_CONTENT)
}
