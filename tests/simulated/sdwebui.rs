//! A Stable Diffusion WebUI to order: one picture at a time, answered when it is done.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::host::Host;
use super::picture::{png, tinted};

/// What `img2img` does instead of painting.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// Takes so long, if nobody interrupts it.
    Slow(Duration),
    /// Answers this.
    Says(u16, Value),
    /// Answers with these bytes for a picture.
    Answers(Vec<u8>),
}

#[derive(Debug, Default)]
struct Inner {
    orders: Mutex<VecDeque<Order>>,
    /// The task that is active.
    active: Mutex<Option<String>>,
    requests: Mutex<Vec<Value>>,
    interrupted: Notify,
    interrupts: Mutex<u32>,
    one: tokio::sync::Mutex<()>,
}

/// A simulated WebUI.
#[derive(Debug)]
pub(crate) struct SimulatedSdWebui {
    pub(crate) host: Host,
    inner: Arc<Inner>,
}

impl SimulatedSdWebui {
    pub(crate) async fn start() -> Self {
        let inner = Arc::<Inner>::default();
        let router = Router::new()
            .route("/sdapi/v1/img2img", post(img2img))
            .route("/sdapi/v1/interrogate", post(interrogate))
            .route("/sdapi/v1/interrupt", post(interrupt))
            .route("/sdapi/v1/progress", get(global_progress))
            .route("/sdapi/v1/sd-models", get(models))
            .route("/internal/progress", post(progress))
            .layer(DefaultBodyLimit::max(100 << 20))
            .with_state(Arc::clone(&inner));
        Self {
            host: Host::open(router).await,
            inner,
        }
    }

    /// The next paintings go like this, one each.
    pub(crate) fn orders(&self, orders: impl IntoIterator<Item = Order>) {
        self.inner.orders.lock().unwrap().extend(orders);
    }

    /// No orders any more: it paints.
    pub(crate) fn recovers(&self) {
        self.inner.orders.lock().unwrap().clear();
    }

    /// What `img2img` was sent.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.inner.requests.lock().unwrap().clone()
    }

    pub(crate) fn interrupts(&self) -> u32 {
        *self.inner.interrupts.lock().unwrap()
    }
}

type Webui = State<Arc<Inner>>;

/// Whoever asked may be gone; the work goes on.
async fn img2img(State(webui): Webui, Json(body): Json<Value>) -> Response {
    tokio::spawn(paint(webui, body)).await.unwrap()
}

async fn paint(webui: Arc<Inner>, body: Value) -> Response {
    let _one = webui.one.lock().await;
    webui.requests.lock().unwrap().push(body.clone());
    let task = body["force_task_id"].as_str().map(str::to_owned);
    *webui.active.lock().unwrap() = task;
    let order = webui.orders.lock().unwrap().pop_front();
    // A step long enough for a look at its progress.
    let time = match order {
        Some(Order::Slow(time)) => time,
        _ => Duration::from_millis(150),
    };
    // As the real one: interrupted, it answers with what it has, and says nothing of it.
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = webui.interrupted.notified() => {}
    }
    *webui.active.lock().unwrap() = None;
    let told = format!("{} {}", body["seed"], body["prompt"]);
    let photo = STANDARD
        .decode(body["init_images"][0].as_str().unwrap())
        .unwrap();
    let picture = match order {
        Some(Order::Says(status, said)) => {
            return (StatusCode::from_u16(status).unwrap(), Json(said)).into_response();
        }
        Some(Order::Answers(bytes)) => bytes,
        _ => png(&tinted(&photo, &told)),
    };
    Json(json!({"images": [STANDARD.encode(picture)], "parameters": {}, "info": "{}"}))
        .into_response()
}

async fn interrogate(State(webui): Webui, Json(body): Json<Value>) -> Json<Value> {
    let photo = body["image"].as_str().unwrap_or_default();
    let fails = webui.orders.lock().unwrap().is_empty();
    let caption = if photo.is_empty() || fails {
        "a portrait <error>"
    } else {
        "a woman in a hat"
    };
    Json(json!({ "caption": caption }))
}

async fn interrupt(State(webui): Webui) -> Json<Value> {
    *webui.interrupts.lock().unwrap() += 1;
    webui.interrupted.notify_waiters();
    Json(json!({}))
}

async fn global_progress(State(webui): Webui) -> Json<Value> {
    let busy = i32::from(webui.active.lock().unwrap().is_some());
    Json(
        json!({"progress": 0.0, "eta_relative": 0.0, "state": {"job_count": busy}, "current_image": null}),
    )
}

async fn models() -> Json<Value> {
    Json(
        json!([{"title": "painter.safetensors [0123abcd]", "model_name": "painter", "filename": "/models/painter.safetensors"}]),
    )
}

async fn progress(State(webui): Webui, Json(body): Json<Value>) -> Json<Value> {
    let active = *webui.active.lock().unwrap() == body["id_task"].as_str().map(str::to_owned);
    let preview = active.then(|| {
        let picture = png(&image::RgbImage::from_pixel(64, 64, image::Rgb([9, 9, 9])));
        format!("data:image/png;base64,{}", STANDARD.encode(picture))
    });
    Json(
        json!({"active": active, "queued": false, "completed": !active, "progress": 0.5, "eta": 1.0,
        "live_preview": preview, "id_live_preview": 1, "textinfo": null}),
    )
}
