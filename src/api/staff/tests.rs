//! Trying one part at a time: a photo, a painting, a sheet.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::guard::Body;
use super::super::problem::sentence;
use super::super::{Api, Problem};
use super::OnDuty;
use crate::camera::{Camera, Sample, SampleSettings};
use crate::imaging::Developed;
use crate::session::{Refusal, StyleId};
use crate::staff::parts::{Painted, TestError};

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
pub(super) async fn shot(State(api): State<Api>, _: OnDuty) -> Result<Json<Tested>, Problem> {
    let began = api.clock.monotonic();
    let photo = api.camera.still().await?;
    let took = api.clock.monotonic().saturating_sub(began);
    let developed = api.darkroom.develop(photo).await?;
    Ok(Json(Tested {
        took_ms: millis(took),
        width: developed.screen.width,
        height: developed.screen.height,
        picture: data_url(&developed.thumb.bytes),
        style: None,
    }))
}

/// What to paint.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestWish {
    /// In whose manner; left out: the first that it paints.
    style: Option<String>,
}

/// Have one generator paint a sample portrait, outside the line.
#[utoipa::path(post, path = "/generators/{id}/test", operation_id = "test_painting", tag = "staff", security(("staff" = [])),
    params(("id" = String, Path,)), request_body = TestWish,
    responses((status = 200, body = Tested), (status = "4XX", body = Problem),
        (status = 502, body = Problem)))]
pub(super) async fn painting(
    State(api): State<Api>,
    _: OnDuty,
    Path(generator): Path<String>,
    Body(wish): Body<TestWish>,
) -> Result<Json<Tested>, Problem> {
    let style = wish.style.map(StyleId);
    let painted = test(&api, &generator, style).await.map_err(problem)?;
    let (thumb, bytes) = (painted.pixels.clone(), api.darkroom.clone());
    let small = bytes
        .run(move || crate::imaging::encode_jpeg(&crate::imaging::fit(&thumb, THUMB_PX), 85))
        .await?;
    let small = small.map_err(|e| Problem::internal(&e))?;
    Ok(Json(Tested {
        took_ms: millis(painted.took),
        width: painted.pixels.width(),
        height: painted.pixels.height(),
        picture: data_url(&small),
        style: Some(painted.style.to_string()),
    }))
}

const THUMB_PX: u32 = 320;

/// Has that generator paint the first sample portrait.
pub(super) async fn test(
    api: &Api,
    generator: &str,
    style: Option<StyleId>,
) -> Result<Painted, TestError> {
    let photo = sample(api).await?;
    api.staff.parts.test(generator, style, photo).await
}

/// The first sample portrait, developed.
async fn sample(api: &Api) -> Result<Developed, TestError> {
    let samples = Sample::new(&SampleSettings::default(), api.clock.clone());
    let photo = samples
        .still()
        .await
        .map_err(|e| TestError::Photo(e.to_string()))?;
    let developed = api.darkroom.develop(photo).await;
    developed.map_err(|e| TestError::Photo(e.to_string()))
}

fn problem(error: TestError) -> Problem {
    match error {
        TestError::Unknown => Refusal::NotFound("generator").into(),
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
