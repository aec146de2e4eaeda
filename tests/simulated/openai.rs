//! An image-edits service to order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::comfyui::multipart;
use super::host::Host;
use super::picture::{png, tinted};

#[derive(Debug, Default)]
struct Inner {
    says: Mutex<VecDeque<(u16, Value)>>,
    forms: Mutex<Vec<Vec<(String, String)>>>,
}

/// A simulated service.
#[derive(Debug)]
pub(crate) struct SimulatedOpenAi {
    pub(crate) host: Host,
    inner: Arc<Inner>,
}

impl SimulatedOpenAi {
    pub(crate) async fn start() -> Self {
        let inner = Arc::<Inner>::default();
        let router = Router::new()
            .route("/v1/images/edits", post(edit))
            .route("/v1/models", get(models))
            .layer(DefaultBodyLimit::max(60 << 20))
            .with_state(Arc::clone(&inner));
        Self {
            host: Host::open(router).await,
            inner,
        }
    }

    /// The base of its API.
    pub(crate) fn url(&self) -> String {
        format!("{}/v1", self.host.url())
    }

    /// What it says to the next requests, one each.
    pub(crate) fn says(&self, said: impl IntoIterator<Item = (u16, Value)>) {
        self.inner.says.lock().unwrap().extend(said);
    }

    /// Paints from now on.
    pub(crate) fn recovers(&self) {
        self.inner.says.lock().unwrap().clear();
    }

    /// The fields it was sent, but pictures.
    pub(crate) fn forms(&self) -> Vec<Vec<(String, String)>> {
        self.inner.forms.lock().unwrap().clone()
    }
}

async fn edit(State(service): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = multipart(&headers, &body);
    let fields: Vec<_> = form
        .iter()
        .filter(|(_, file, _)| file.is_empty())
        .map(|(name, _, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
        .collect();
    service.forms.lock().unwrap().push(fields.clone());
    if let Some((status, said)) = service.says.lock().unwrap().pop_front() {
        return (StatusCode::from_u16(status).unwrap(), Json(said)).into_response();
    }
    let (_, _, photo) = form.iter().find(|(name, ..)| name == "image[]").unwrap();
    let picture = STANDARD.encode(png(&tinted(photo, &format!("{fields:?}"))));
    Json(json!({"created": 1, "data": [{"b64_json": picture}], "usage": {"total_tokens": 9}}))
        .into_response()
}

async fn models() -> Json<Value> {
    Json(json!({"object": "list", "data": [{"id": "painter-1", "object": "model"}]}))
}
