//! The booth's camera: how it is, and what it sees.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use futures::StreamExt;

use super::{Api, Problem};
use crate::camera::CameraState;

const BOUNDARY: &str = "easel-frame";

/// How the camera is.
#[utoipa::path(get, path = "/camera", tag = "kiosk", responses((status = 200, body = CameraState)))]
pub(super) async fn state(State(api): State<Api>) -> Json<CameraState> {
    Json(api.camera.state())
}

/// MJPEG (`multipart/x-mixed-replace`), where the driver has a live view.
#[utoipa::path(get, path = "/camera/live", tag = "kiosk",
    responses((status = 200, content_type = "multipart/x-mixed-replace", body = String),
        (status = 404, body = Problem)))]
pub(super) async fn live(State(api): State<Api>) -> Result<Response, Problem> {
    let frames = api.camera.live().ok_or_else(|| {
        let detail = "This camera has no live view.";
        Problem::new(StatusCode::NOT_FOUND, "no_live_view", detail)
    })?;
    let parts = frames.map(|frame| Ok::<_, std::convert::Infallible>(part(&frame)));
    let kind = format!("multipart/x-mixed-replace; boundary={BOUNDARY}");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

fn part(frame: &Bytes) -> Bytes {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
        frame.len()
    );
    let mut part = BytesMut::with_capacity(head.len() + frame.len() + 2);
    part.put_slice(head.as_bytes());
    part.put_slice(frame);
    part.put_slice(b"\r\n");
    part.freeze()
}
