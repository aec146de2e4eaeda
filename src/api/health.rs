//! Whether the booth lives, whether each part is ready, and figures for Prometheus.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::Api;

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// One part's state.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    ready: bool,
    says: String,
}

#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    parts: Vec<Part>,
}

/// Ready means that visitors can be served: a printer that is out of paper is told, but does not
/// close the booth.
async fn readyz(State(api): State<Api>) -> Response {
    let store = api.visits.store();
    let record = match store.on_screen().await {
        Err(e) => Err(e.to_string()),
        Ok(_) if store.is_poisoned() => Err("a write did not reach the disk".to_owned()),
        Ok(_) => Ok("writes".to_owned()),
    };
    let record = part("record", record);
    let pictures = part(
        "pictures",
        api.blobs.check().map(|()| "writes".into()).map_err(text),
    );
    let camera = part(api.camera.name(), api.camera.health().await.map_err(text));
    let ready = record.ready && pictures.ready && camera.ready;
    let mut parts = vec![
        record,
        pictures,
        Part {
            name: format!("camera {}", camera.name),
            ..camera
        },
    ];
    if let Some(printer) = &api.printer {
        let said = printer.health().await.map_err(text);
        parts.push(part(&format!("printer {}", printer.name()), said));
    }
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, parts })).into_response()
}

async fn metrics(State(api): State<Api>) -> Response {
    metrics::gauge!("easel_listeners").set(api.feed.listeners() as f64);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, api.metrics.render()).into_response()
}

fn part(name: &str, said: Result<String, String>) -> Part {
    let (ready, says) = match said {
        Ok(says) => (true, says),
        Err(says) => (false, says),
    };
    Part {
        name: name.to_owned(),
        ready,
        says,
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
