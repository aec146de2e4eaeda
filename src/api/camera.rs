//! The booth's camera: how it is, and what it sees.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use futures::{StreamExt, stream};

use super::{Api, Problem};
use crate::camera::CameraState;

const BOUNDARY: &str = "easel-frame";
const BEGIN: &str = "--easel-frame\r\n";
const END: &str = "\r\n--easel-frame\r\n";

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
    // A browser draws a part once it has seen the boundary after it; so that belongs to each part
    // and not to the next one, or the visitor would see the frame before.
    let begin = stream::once(async { Bytes::from_static(BEGIN.as_bytes()) });
    let parts = begin.chain(frames.map(|frame| part(&frame)));
    let parts = parts.map(Ok::<_, std::convert::Infallible>);
    let kind = format!("multipart/x-mixed-replace; boundary={BOUNDARY}");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

fn part(frame: &Bytes) -> Bytes {
    let head = format!(
        "Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
        frame.len()
    );
    let mut part = BytesMut::with_capacity(head.len() + frame.len() + END.len());
    part.put_slice(head.as_bytes());
    part.put_slice(frame);
    part.put_slice(END.as_bytes());
    part.freeze()
}
