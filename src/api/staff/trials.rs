//! Trying one part at a time: a photo, a painting, a sheet.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::once::{Key, Posted, for_staff};
use super::super::problem::sentence;
use super::super::{Api, Problem, shutter};
use super::OnDuty;
use crate::pool::TestError;
use crate::session::{Refusal, StyleId};
use crate::store::Scope;

/// A part has done its work once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tested {
    /// How long it took, in milliseconds.
    took_ms: u64,
    /// Width in pixels of what came out.
    width: u32,
    /// Height in pixels of what came out.
    height: u32,
    /// A small JPEG of it, as a `data:` URL. Nothing of it is kept.
    picture: String,
    /// In whose manner, if it was painted.
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<String>,
}

/// Take a photo with the booth's camera, look at it, and forget it.
#[utoipa::path(post, path = "/tests/shot", operation_id = "test_shot", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Tested), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn shot(State(api): State<Api>, _: OnDuty, key: Key) -> Result<Response, Problem> {
    let work = async {
        let began = api.clock.monotonic();
        let photo = shutter::shoot(&api, None).await?;
        let took = api.clock.monotonic().saturating_sub(began);
        let developed = shutter::judge(&api, api.darkroom.develop(photo).await)?;
        let tested = Tested {
            took_ms: millis(took),
            width: developed.screen.width,
            height: developed.screen.height,
            picture: data_url(&developed.thumb.bytes),
            style: None,
        };
        Ok::<_, Problem>(Json(tested).into_response())
    };
    for_staff(&api, key.request(Scope::Staff, b""), None, work).await
}

/// What to paint.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestWish {
    /// In whose manner; left out: the first that it paints.
    style: Option<String>,
}

/// Have one generator paint a sample portrait, outside the line.
#[utoipa::path(post, path = "/generators/{id}/test", operation_id = "test_painting", tag = "staff",
    security(("staff" = [])), params(("id" = String, Path,)), request_body = TestWish,
    responses((status = 200, body = Tested), (status = "4XX", body = Problem),
        (status = 502, body = Problem)))]
pub(super) async fn painting(
    State(api): State<Api>,
    _: OnDuty,
    Path(generator): Path<String>,
    posted: Posted<TestWish>,
) -> Result<Response, Problem> {
    let request = posted.request(Scope::Staff);
    let style = posted.wish.style;
    let work = async {
        let painted = test(&api, &generator, style).await.map_err(problem)?;
        let developed = api.darkroom.develop(painted.file).await?;
        let tested = Tested {
            took_ms: painted.took_ms,
            width: developed.screen.width,
            height: developed.screen.height,
            picture: data_url(&developed.thumb.bytes),
            style: Some(painted.style.to_string()),
        };
        Ok::<_, Problem>(Json(tested).into_response())
    };
    for_staff(&api, request, None, work).await
}

/// A painting that was only tried.
pub(super) struct Painted {
    /// A JPEG.
    file: Bytes,
    pub(super) style: StyleId,
    took_ms: u64,
}

/// Has that generator paint a sample portrait, in its first style if none is named.
pub(super) async fn test(
    api: &Api,
    generator: &str,
    style: Option<String>,
) -> Result<Painted, TestError> {
    let pool = &api.staff.parts.pool;
    let first = || {
        let servers = pool.report().servers;
        let server = servers.into_iter().find(|server| server.id == generator);
        let styles = server.ok_or(TestError::NoServer)?.styles;
        styles.into_iter().next().ok_or(TestError::NoStyle)
    };
    let style = StyleId(style.map_or_else(first, Ok)?);
    let began = api.clock.monotonic();
    let file = pool.test_painting(generator, &style).await?;
    let took_ms = millis(api.clock.monotonic().saturating_sub(began));
    Ok(Painted {
        file,
        style,
        took_ms,
    })
}

/// Take a generator out of service: it finishes what it is at and begins nothing.
#[utoipa::path(post, path = "/generators/{id}/drain", operation_id = "drain_generator", tag = "staff",
    security(("staff" = [])), params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn drain(
    State(api): State<Api>,
    _: OnDuty,
    Path(generator): Path<String>,
    key: Key,
) -> Result<Response, Problem> {
    let work = async { found(api.staff.parts.pool.drain(&generator)) };
    for_staff(&api, key.request(Scope::Staff, b""), done(), work).await
}

/// Put a generator back into service, and forget what is held against it.
#[utoipa::path(post, path = "/generators/{id}/resume", operation_id = "resume_generator", tag = "staff",
    security(("staff" = [])), params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn resume(
    State(api): State<Api>,
    _: OnDuty,
    Path(generator): Path<String>,
    key: Key,
) -> Result<Response, Problem> {
    let work = async { found(api.staff.parts.pool.resume(&generator)) };
    for_staff(&api, key.request(Scope::Staff, b""), done(), work).await
}

/// The answer that says no more than that it was done.
pub(super) fn done() -> Option<Response> {
    Some(StatusCode::NO_CONTENT.into_response())
}

fn found(there: bool) -> Result<Response, Problem> {
    if there {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Refusal::NotFound("generator").into())
    }
}

pub(super) fn problem(error: TestError) -> Problem {
    match error {
        TestError::NoServer => Refusal::NotFound("generator").into(),
        error => {
            let detail = sentence(&error.to_string());
            Problem::new(StatusCode::BAD_GATEWAY, "generator_failed", detail)
        }
    }
}

fn data_url(jpeg: &Bytes) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg))
}

pub(super) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
