//! A serverless endpoint to order: jobs that wait, run and end, by the id it gives them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::host::Host;
use super::picture::{png, tinted};

/// What becomes of a job.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// No worker ever takes it.
    Waits,
    /// A worker is at it for ever.
    Runs,
    /// It ends with this status and these further fields.
    Ends(&'static str, Value),
    /// Its picture lies at this address.
    LiesAt(String),
    /// The endpoint knows it no more.
    Forgotten,
}

#[derive(Debug, Default)]
struct Inner {
    fates: Mutex<VecDeque<Fate>>,
    jobs: Mutex<HashMap<String, Job>>,
    cancelled: Mutex<Vec<String>>,
}

#[derive(Debug, Clone)]
struct Job {
    request: Value,
    fate: Option<Fate>,
    asked: u32,
}

/// A simulated endpoint.
#[derive(Debug)]
pub(crate) struct SimulatedRunpod {
    pub(crate) host: Host,
    inner: Arc<Inner>,
}

impl SimulatedRunpod {
    pub(crate) async fn start() -> Self {
        let inner = Arc::<Inner>::default();
        let router = Router::new()
            .route("/v2/easel/run", post(run))
            .route("/v2/easel/status/{id}", get(status))
            .route("/v2/easel/cancel/{id}", post(cancel))
            .route("/v2/easel/health", get(health))
            .layer(DefaultBodyLimit::max(10 << 20))
            .with_state(Arc::clone(&inner));
        Self {
            host: Host::open(router).await,
            inner,
        }
    }

    /// The endpoint's address.
    pub(crate) fn url(&self) -> String {
        format!("{}/v2/easel", self.host.url())
    }

    /// What becomes of the next jobs, one each.
    pub(crate) fn fates(&self, fates: impl IntoIterator<Item = Fate>) {
        self.inner.fates.lock().unwrap().extend(fates);
    }

    /// Every job from now on goes well.
    pub(crate) fn recovers(&self) {
        self.inner.fates.lock().unwrap().clear();
    }

    /// How many jobs it was paid for.
    pub(crate) fn billed(&self) -> usize {
        self.inner.jobs.lock().unwrap().len()
    }

    /// Jobs that were cancelled.
    pub(crate) fn cancelled(&self) -> Vec<String> {
        self.inner.cancelled.lock().unwrap().clone()
    }

    /// What the jobs were.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.inner
            .jobs
            .lock()
            .unwrap()
            .values()
            .map(|job| job.request.clone())
            .collect()
    }

    /// Whoever waits or runs is done now.
    pub(crate) fn gets_on(&self) {
        for job in self.inner.jobs.lock().unwrap().values_mut() {
            job.fate = None;
        }
    }
}

type Endpoint = State<Arc<Inner>>;

async fn run(State(endpoint): Endpoint, Json(request): Json<Value>) -> Json<Value> {
    let fate = endpoint.fates.lock().unwrap().pop_front();
    let mut jobs = endpoint.jobs.lock().unwrap();
    let id = format!("job-{}-e1", jobs.len());
    let job = Job {
        request,
        fate,
        asked: 0,
    };
    jobs.insert(id.clone(), job);
    Json(json!({"id": id, "status": "IN_QUEUE"}))
}

async fn status(State(endpoint): Endpoint, Path(id): Path<String>) -> Response {
    let mut jobs = endpoint.jobs.lock().unwrap();
    let Some(job) = jobs.get_mut(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    job.asked += 1;
    let said = |status: &str, more: Value| {
        let mut said = json!({"id": id, "status": status, "delayTime": 12});
        said.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap_or_default());
        Json(said).into_response()
    };
    match &job.fate {
        Some(Fate::Waits) => said("IN_QUEUE", json!({})),
        Some(Fate::Runs) => said("IN_PROGRESS", json!({})),
        Some(Fate::Ends(status, more)) => said(status, more.clone()),
        Some(Fate::Forgotten) => StatusCode::NOT_FOUND.into_response(),
        Some(Fate::LiesAt(url)) => {
            let image = json!({"filename": "a.png", "type": "s3_url", "data": url});
            said("COMPLETED", json!({"output": {"images": [image]}}))
        }
        None if job.asked == 1 => said("IN_QUEUE", json!({})),
        None if job.asked == 2 => said("IN_PROGRESS", json!({})),
        None => {
            let image = json!({"filename": "a.png", "type": "base64", "data": STANDARD.encode(painted(&job.request))});
            said(
                "COMPLETED",
                json!({"output": {"images": [image]}, "executionTime": 900}),
            )
        }
    }
}

/// The photo, tinted by all that the graph says but names of files.
fn painted(request: &Value) -> Vec<u8> {
    let image = &request["input"]["images"][0];
    let photo = STANDARD.decode(image["image"].as_str().unwrap()).unwrap();
    let name = image["name"].as_str().unwrap();
    let attempt = name.trim_end_matches(".jpg");
    let graph = request["input"]["workflow"].to_string();
    assert!(
        graph.contains(name) && graph.contains("SaveImage"),
        "{graph}"
    );
    png(&tinted(&photo, &graph.replace(attempt, "")))
}

async fn cancel(State(endpoint): Endpoint, Path(id): Path<String>) -> Json<Value> {
    endpoint.cancelled.lock().unwrap().push(id.clone());
    if let Some(job) = endpoint.jobs.lock().unwrap().get_mut(&id) {
        job.fate = Some(Fate::Ends("CANCELLED", json!({})));
    }
    Json(json!({"id": id, "status": "CANCELLED"}))
}

async fn health(State(endpoint): Endpoint) -> Json<Value> {
    let waiting = endpoint.jobs.lock().unwrap().len();
    Json(json!({
        "jobs": {"completed": 1, "failed": 0, "inProgress": 0, "inQueue": waiting, "retried": 0},
        "workers": {"idle": 2, "initializing": 0, "ready": 1, "running": 0, "throttled": 0, "unhealthy": 0},
    }))
}
