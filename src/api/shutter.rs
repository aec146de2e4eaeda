//! Who the booth's camera takes a photo of: countdowns, and the photo that follows.

use axum::extract::State;
use axum::http::StatusCode;
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::{Body, id, load};
use super::{Api, Problem};
use crate::camera::{self, CameraError, Cue, Seen};
use crate::imaging::{self, Developed};
use crate::session::{Refusal, photographable};

/// Whom the screen counts down to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Countdown {
    session: String,
}

/// The screen begins to count down: from now on a shutter that is pressed by hand takes the photo.
#[utoipa::path(put, path = "/camera/countdown", operation_id = "countdown", tag = "kiosk",
    request_body = Countdown, responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn count_down(
    State(api): State<Api>,
    Body(countdown): Body<Countdown>,
) -> Result<StatusCode, Problem> {
    let session = id(&countdown.session, "session")?;
    photographable(&load(&api, session).await?, api.clock.now())?;
    api.sitter.replace(Some(session));
    api.camera.hear(Cue::Countdown);
    Ok(StatusCode::NO_CONTENT)
}

/// The countdown was broken off: what the camera takes now is nobody's.
#[utoipa::path(delete, path = "/camera/countdown", operation_id = "break_off", tag = "kiosk",
    responses((status = 204)))]
pub(super) async fn break_off(State(api): State<Api>) -> StatusCode {
    api.sitter.replace(None);
    api.camera.hear(Cue::CountdownOver);
    StatusCode::NO_CONTENT
}

/// Tell how the camera is that the kiosk page has; an empty object says that it is well.
#[utoipa::path(put, path = "/camera/seen", operation_id = "tell_of_camera", tag = "kiosk",
    request_body = Seen,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn seen(
    State(api): State<Api>,
    Body(seen): Body<Seen>,
) -> Result<StatusCode, Problem> {
    if api.camera.name() != "browser" {
        let detail = "The daemon has the camera, not the page.";
        return Err(Problem::new(StatusCode::CONFLICT, "wrong_state", detail));
    }
    api.camera.hear(seen.into());
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a photo with the booth's camera: of the visitor of that session, or of nobody who is
/// counted down to. A photo of a visit that ends, is erased or leaves the screen meanwhile is given
/// up: whoever stands before the camera then is somebody else.
pub(super) async fn shoot(api: &Api, session: Option<Uuid>) -> Result<Bytes, Problem> {
    if session.is_none() || api.sitter.replace(None) != session {
        api.camera.hear(Cue::CountdownOver);
    }
    let Some(session) = session else {
        return Ok(api.camera.still().await?);
    };
    let mut commits = api.visits.store().commits();
    let was_shown = is_shown(api, session).await?;
    let leaves = async {
        loop {
            match commits.recv().await {
                Ok(commit) if commit.session != session => {}
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    if let Err(gone) = is_there(api, session, was_shown).await {
                        return gone;
                    }
                }
                // The booth stops; the camera answers before that, or is given up with all else.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    tokio::select! {
        biased;
        gone = leaves => Err(gone),
        photo = api.camera.still() => Ok(photo?),
    }
}

async fn is_there(api: &Api, session: Uuid, was_shown: bool) -> Result<(), Problem> {
    photographable(&load(api, session).await?, api.clock.now())?;
    if was_shown && !is_shown(api, session).await? {
        return Err(Refusal::WrongState("the visit has left the screen").into());
    }
    Ok(())
}

async fn is_shown(api: &Api, session: Uuid) -> Result<bool, Problem> {
    Ok(api.visits.store().on_screen().await?.contains(&session))
}

/// Refuses a photo of the booth's camera that nobody could be painted from, and lets the camera
/// know how its photo was.
pub(super) fn judge(
    api: &Api,
    developed: Result<Developed, imaging::Refusal>,
) -> Result<Developed, Problem> {
    let cue = camera::judge(&*api.camera, developed.as_ref());
    if let Some(cue) = cue.clone() {
        api.camera.hear(cue);
    }
    match (developed, cue) {
        (Ok(_), Some(Cue::BadPhoto(trouble))) => Err(CameraError::from(trouble).into()),
        (developed, _) => Ok(developed?),
    }
}
