//! Photos: uploaded by the kiosk page or a phone, or taken by the booth's camera.

use axum::Json;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::{InRoom, json, kept, load, or_delete, read, room_on_disk};
use super::once::{Key, Seq, turn_of};
use super::{Api, Problem, shutter};
use crate::blobs::{BlobError, BlobKey, Format};
use crate::imaging::{Developed, Encoded, SourceFormat, sniff};
use crate::room::token::Role;
use crate::room::view::CaptureView;
use crate::session::{Capture, CaptureSource, Command, photographable};
use crate::store::Request;
use crate::visits::Done;

/// Take the photo with a camera of the booth's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shutter {
    source: Source,
}

/// Which camera.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source {
    /// The one settings name.
    Camera,
    /// The sample photos, where there is no camera.
    Sample,
}

/// A photo was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    capture: CaptureView,
}

/// Take a photo in: the body is the picture (`image/*`), or JSON that names a camera.
#[utoipa::path(post, path = "/sessions/{id}/captures", tag = "captures", security(("room" = [])),
    params(("id" = String, Path,)),
    request_body(content((Vec<u8> = "image/*"), (Shutter = "application/json"))),
    responses((status = 201, body = Taken), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn take(
    State(api): State<Api>,
    room: InRoom,
    key: Key,
    request: HttpRequest,
) -> Result<(StatusCode, Seq, Json<Taken>), Problem> {
    // One that was taken in before is answered whatever the visit would take now.
    if !key.is_known(&api, room.scope()).await? {
        photographable(&load(&api, room.session).await?, api.clock.now())?;
        room_on_disk(&api)?;
    }
    let busy = || Problem::busy(Duration::from_secs(3));
    let place = api.uploads.admit(room.session, room.claims.role);
    let place = place.ok_or_else(busy)?;
    let says_json = is_json(request.headers());
    let bytes = read(request, api.darkroom.limits().bytes).await?;
    let request = key.request(room.scope(), &bytes);
    // The same press, sent twice at once, waits here for the picture of the first.
    let _turn = match &request {
        Some(request) => Some(api.visits.turn(turn_of(request)).await),
        None => None,
    };
    if let Some(before) = api.visits.before(request.as_ref()).await? {
        let state = load(&api, room.session).await?;
        return taken(&api, &Done::again(before, state));
    }
    let (source, bytes) = photo(&api, &room, says_json, bytes).await?;
    // A phone keeps it until its photo is developed: strangers might send what is dear to refuse.
    let _place = (room.claims.role == Role::Visitor).then_some(place);
    let done = take_in(&api, request.as_ref(), room.session, source, bytes).await?;
    taken(&api, &done)
}

fn taken(api: &Api, done: &Done) -> Result<(StatusCode, Seq, Json<Taken>), Problem> {
    let id = done.outcome.made().ok_or_else(Problem::key_reused)?;
    let capture = done.session.capture(id).ok_or_else(Problem::gone)?;
    let capture = api
        .feed
        .with_view(|view| view.capture(&done.session, capture));
    Ok((StatusCode::CREATED, Seq(done.seq), Json(Taken { capture })))
}

/// Takes a photo in; its id is what the command made.
pub(super) async fn take_in(
    api: &Api,
    request: Option<&Request>,
    session: Uuid,
    source: CaptureSource,
    bytes: Bytes,
) -> Result<Done, Problem> {
    let developed = api.darkroom.develop(bytes.clone()).await;
    let developed = match source {
        CaptureSource::Camera => shutter::judge(api, developed)?,
        CaptureSource::Sample | CaptureSource::Upload => developed?,
    };
    let id = api.entropy.uuid_v7(api.clock.now());
    let capture = keep(api, session, id, source, bytes, developed).await;
    let capture = kept(api, session, id, capture).await?;
    let taken = Command::TakeCapture {
        capture: Box::new(capture),
    };
    or_delete(api, request, session, id, (id, taken)).await
}

async fn photo(
    api: &Api,
    room: &InRoom,
    says_json: bool,
    bytes: Bytes,
) -> Result<(CaptureSource, Bytes), Problem> {
    // A picture is one whatever its sender calls it.
    if !says_json || sniff(&bytes).is_some() {
        return Ok((CaptureSource::Upload, bytes));
    }
    room.kiosk()?;
    let Shutter { source } = json(&bytes)?;
    match source {
        Source::Camera => {
            let photo = shutter::shoot(api, Some(room.session)).await?;
            Ok((CaptureSource::Camera, photo))
        }
        Source::Sample => {
            let no_camera = || {
                let detail = "This booth takes no sample photos.";
                Problem::new(StatusCode::CONFLICT, "no_camera", detail)
            };
            let samples = api.samples.as_ref().ok_or_else(no_camera)?;
            Ok((CaptureSource::Sample, samples.still().await?))
        }
    }
}

/// Whether the body is called JSON (RFC 9110 §8.3.1: in any case, with any parameters).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Keeps the untouched original and its renditions, durably, before anything is said of them.
async fn keep(
    api: &Api,
    session: Uuid,
    id: Uuid,
    source: CaptureSource,
    original: Bytes,
    developed: Developed,
) -> Result<Capture, BlobError> {
    let now = api.clock.now();
    let expires_at = now + api.rules.keep_captures;
    let format = match developed.original {
        SourceFormat::Jpeg => Format::Jpeg,
        SourceFormat::Png => Format::Png,
        SourceFormat::WebP => Format::WebP,
    };
    let key = BlobKey::new(session, id, format);
    let rendition = |name: &'static str, encoded: Encoded| {
        let (key, size) = (
            key.variant(name, Format::Jpeg),
            (encoded.width, encoded.height),
        );
        api.blobs.keep(key, encoded.bytes, size, expires_at)
    };
    // All are waited for, also when one fails: none may land later.
    let (kept, input, screen, thumb) = tokio::join!(
        api.blobs.put(&key, original),
        rendition("input", developed.input),
        rendition("screen", developed.screen),
        rendition("thumb", developed.thumb),
    );
    kept?;
    Ok(Capture {
        id,
        source,
        taken_at: now,
        original: key.to_string(),
        input: input?,
        screen: screen?,
        thumb: thumb?,
    })
}
