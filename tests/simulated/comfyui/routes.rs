//! Its HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Fault, Inner, Prompt, multipart, speaking};

type Comfy = State<Arc<Inner>>;

pub(super) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/system_stats", get(system_stats))
        .route("/object_info/{class}", get(object_info))
        .route("/upload/image", post(upload))
        .route("/prompt", post(prompt))
        .route("/queue", get(queue).post(delete))
        .route("/history/{id}", get(history))
        .route("/view", get(view))
        .route("/interrupt", post(interrupt))
        .route("/free", post(free))
        .route("/api/jobs/{id}/cancel", post(cancel))
        .route("/ws", get(upgrade))
        .layer(DefaultBodyLimit::max(100 << 20))
        .with_state(inner)
}

async fn system_stats(State(comfy): Comfy) -> Json<Value> {
    comfy.lock().stats += 1;
    Json(json!({
        "system": {"os": "posix", "comfyui_version": "0.3.64", "argv": ["main.py", "--cpu"]},
        "devices": [{"name": "cpu", "type": "cpu", "index": null, "vram_total": 25_274_793_984_u64, "vram_free": 24_277_762_048_u64}],
    }))
}

/// Nodes of any name, but those it lacks. A name of a model is one of those it has.
async fn object_info(State(comfy): Comfy, Path(class): Path<String>) -> Json<Value> {
    let state = comfy.lock();
    if state.missing_nodes.contains(&class) {
        return Json(json!({}));
    }
    let models = &state.models;
    let required = match class.as_str() {
        "UNETLoader" => json!({"unet_name": [models], "weight_dtype": [["default", "fp8_e4m3fn"]]}),
        "CLIPLoader" => {
            json!({"clip_name": [models], "type": ["COMBO", {"options": ["flux2", "qwen_image"]}]})
        }
        "VAELoader" => json!({"vae_name": [models]}),
        "LoraLoaderModelOnly" => json!({"lora_name": [models]}),
        "LoadImage" => json!({"image": [[], {"image_upload": true}]}),
        _ => json!({}),
    };
    let info = json!({"input": {"required": required}, "name": class, "output_node": false});
    Json(json!({ class: info }))
}

async fn upload(State(comfy): Comfy, headers: axum::http::HeaderMap, body: Bytes) -> Response {
    let form = multipart(&headers, &body);
    let text = |name: &str| {
        let part = form.iter().find(|part| part.0 == name);
        part.map(|part| String::from_utf8_lossy(&part.2).into_owned())
            .unwrap_or_default()
    };
    let Some((_, file, bytes)) = form.iter().find(|part| part.0 == "image") else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (subfolder, kind) = (text("subfolder"), text("type"));
    if subfolder.contains("..") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let kind = if kind.is_empty() {
        "input".to_owned()
    } else {
        kind
    };
    comfy
        .lock()
        .files
        .insert(format!("{kind}/{subfolder}/{file}"), bytes.clone());
    Json(json!({"name": file, "subfolder": subfolder, "type": kind})).into_response()
}

async fn prompt(State(comfy): Comfy, body: Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return (
            StatusCode::INTERNAL_SERVER_ERROR,
            "500 Internal Server Error",
        )
            .into_response();
    };
    let refused = |body: Value| (StatusCode::BAD_REQUEST, Json(body)).into_response();
    let fault = {
        let mut state = comfy.lock();
        let next = state.faults.pop_front();
        next.unwrap_or_else(|| state.always.clone())
    };
    if let Fault::Refused(with) = fault {
        return refused(with);
    }
    let graph = body["prompt"].clone();
    if let Some(with) = refusal(&comfy, &graph) {
        return refused(with);
    }
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (id, number) = {
        let mut state = comfy.lock();
        let prompt = Prompt {
            number: state.number,
            id: text("prompt_id"),
            graph,
            client: text("client_id"),
            fault: fault.clone(),
        };
        let told = (prompt.id.clone(), prompt.number);
        state.number += 1;
        state.taken += 1;
        state.pending.push_back(prompt);
        told
    };
    comfy.changed.notify_waiters();
    if matches!(fault, Fault::PostUnanswered) {
        std::future::pending::<()>().await;
    }
    Json(json!({"prompt_id": id, "number": number, "node_errors": {}})).into_response()
}

/// What validation says, in the shapes of recording 05.
fn refusal(comfy: &Inner, graph: &Value) -> Option<Value> {
    let state = comfy.lock();
    let nodes = graph.as_object()?;
    for (id, node) in nodes {
        let class = node["class_type"].as_str().unwrap_or_default();
        if state.missing_nodes.iter().any(|missing| missing == class) {
            let message = format!("Cannot execute because node {class} does not exist.");
            return Some(
                json!({"error": {"type": "invalid_prompt", "message": message, "details": format!("Node ID '#{id}'"), "extra_info": {}}, "node_errors": {}}),
            );
        }
        for name in ["unet_name", "clip_name", "vae_name", "lora_name"] {
            let Some(model) = node["inputs"][name].as_str() else {
                continue;
            };
            if !state.models.iter().any(|m| m == model) {
                let details = format!("{name}: '{model}' not in []");
                let error = json!({"type": "value_not_in_list", "message": "Value not in list", "details": details, "extra_info": {}});
                return Some(json!({
                    "error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": "", "extra_info": {}},
                    "node_errors": {id: {"errors": [error], "dependent_outputs": ["90"], "class_type": class}},
                }));
            }
        }
    }
    None
}

async fn queue(State(comfy): Comfy) -> Json<Value> {
    let state = comfy.lock();
    let entry = |p: &Prompt| json!([p.number, p.id, p.graph, {"client_id": p.client}, ["90"]]);
    let running: Vec<_> = state.running.iter().map(entry).collect();
    let pending: Vec<_> = state.pending.iter().map(entry).collect();
    Json(json!({"queue_running": running, "queue_pending": pending}))
}

async fn delete(State(comfy): Comfy, Json(body): Json<Value>) -> StatusCode {
    let ids: Vec<&str> = body["delete"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    comfy
        .lock()
        .pending
        .retain(|p| !ids.contains(&p.id.as_str()));
    comfy.changed.notify_waiters();
    StatusCode::OK
}

async fn history(State(comfy): Comfy, Path(id): Path<String>) -> Json<Value> {
    let mut state = comfy.lock();
    if let Some(lags) = state.lags.get_mut(&id).filter(|n| **n > 0) {
        *lags -= 1;
        return Json(json!({}));
    }
    Json(
        state
            .history
            .get(&id)
            .map_or(json!({}), |entry| json!({ id: entry })),
    )
}

#[derive(serde::Deserialize)]
struct File {
    filename: String,
    subfolder: String,
    r#type: String,
}

async fn view(State(comfy): Comfy, Query(file): Query<File>) -> Response {
    let path = format!("{}/{}/{}", file.r#type, file.subfolder, file.filename);
    match comfy.lock().files.get(&path) {
        Some(bytes) => ([("content-type", "image/png")], bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn interrupt(State(comfy): Comfy, body: Bytes) -> StatusCode {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut state = comfy.lock();
    let running = state.running.as_ref().map(|p| p.id.clone());
    // Without a prompt's id whatever runs is interrupted: the bug of older ones.
    let wanted = body["prompt_id"]
        .as_str()
        .map(str::to_owned)
        .or(running.clone());
    if wanted == running {
        state.interrupted = wanted;
    }
    drop(state);
    comfy.changed.notify_waiters();
    StatusCode::OK
}

async fn upgrade(
    State(comfy): Comfy,
    Query(client): Query<speaking::Client>,
    request: Request,
) -> Response {
    comfy.sockets.upgrade(client, request)
}

async fn free(State(comfy): Comfy) -> StatusCode {
    comfy.lock().freed += 1;
    StatusCode::OK
}

async fn cancel(State(comfy): Comfy, Path(id): Path<String>) -> StatusCode {
    let mut state = comfy.lock();
    if !state.newer {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    state.pending.retain(|p| p.id != id);
    if state.running.as_ref().is_some_and(|p| p.id == id) {
        state.interrupted = Some(id);
    }
    drop(state);
    comfy.changed.notify_waiters();
    StatusCode::OK
}
