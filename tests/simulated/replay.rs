//! Plays recordings of a real ComfyUI: what it said then it says again, under the ids of now.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::comfyui::speaking;
use super::host::Host;

macro_rules! recording {
    ($name:literal) => {
        ($name, include_str!(concat!("recordings/", $name, ".json")))
    };
}

const RECORDINGS: &[(&str, &str)] = &[
    recording!("good-prompt"),
    recording!("invalid-prompts"),
    recording!("execution-error"),
    recording!("out-of-memory"),
    recording!("interrupt-while-running"),
    recording!("binary-previews"),
    recording!("history-asked-on-execution-success"),
];

/// What was said about one prompt, from its POST on.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    /// The graph that was sent.
    pub(crate) graph: Value,
    status: u16,
    answer: Value,
    words: Vec<Value>,
    histories: VecDeque<Value>,
}

impl Recording {
    /// The prompts of a recording, each with what followed it.
    pub(crate) fn of(name: &str) -> Vec<Self> {
        let (_, text) = RECORDINGS.iter().find(|(n, _)| *n == name).unwrap();
        let recorded: Value = serde_json::from_str(text).unwrap();
        let mut prompts: Vec<Self> = Vec::new();
        let mut asked = String::new();
        for event in recorded["events"].as_array().unwrap() {
            let path = event["path"].as_str().unwrap_or_default();
            match event["kind"].as_str().unwrap() {
                "http_request" => {
                    asked = path.to_owned();
                    if asked == "/prompt" && event["body"]["prompt"].is_object() {
                        prompts.push(Self {
                            graph: event["body"]["prompt"].clone(),
                            status: 0,
                            answer: Value::Null,
                            words: Vec::new(),
                            histories: VecDeque::new(),
                        });
                    }
                }
                "http_response" => {
                    if let Some(prompt) = prompts.last_mut() {
                        let body = event["body"].clone();
                        if asked == "/prompt" && prompt.status == 0 {
                            prompt.status = event["status"].as_u64().unwrap() as u16;
                            prompt.answer = body;
                        } else if asked.starts_with("/history/") {
                            prompt.histories.push_back(body);
                        }
                    }
                }
                "ws_text" | "ws_binary" => {
                    if let Some(prompt) = prompts.last_mut() {
                        prompt.words.push(event.clone());
                    }
                }
                _ => {}
            }
        }
        prompts
    }

    /// Its graph with our titles on the nodes that load and save.
    pub(crate) fn titled(&self) -> String {
        let mut graph = self.graph.clone();
        for node in graph.as_object_mut().unwrap().values_mut() {
            let title = match node["class_type"].as_str().unwrap_or_default() {
                "LoadImage" => "booth:input",
                class if class.starts_with("SaveImage") => "booth:output",
                _ => continue,
            };
            node["_meta"] = json!({"title": title});
        }
        graph.to_string()
    }

    /// Whether the server took it not, or not whole.
    pub(crate) fn is_refused(&self) -> bool {
        let faults = self.answer["node_errors"].as_object();
        self.status != 200 || faults.is_some_and(|faults| !faults.is_empty())
    }

    fn id(&self) -> &str {
        self.answer["prompt_id"]
            .as_str()
            .unwrap_or("no prompt's id")
    }
}

struct Player {
    recording: Mutex<Recording>,
    id: Mutex<String>,
    socket: speaking::Sockets,
    picture: Vec<u8>,
}

/// A server that has one thing to say.
pub(crate) async fn replays(recording: Recording, picture: Vec<u8>) -> Host {
    let player = Arc::new(Player {
        recording: Mutex::new(recording),
        id: Mutex::default(),
        socket: speaking::Sockets::default(),
        picture,
    });
    let router = Router::new()
        .route("/upload/image", post(upload))
        .route("/prompt", post(prompt))
        .route("/history/{id}", get(history))
        .route("/queue", get(queue).post(|| async {}))
        .route("/view", get(view))
        .route("/free", post(|| async {}))
        .route("/ws", get(upgrade))
        .with_state(player);
    Host::open(router).await
}

async fn upload() -> Json<Value> {
    Json(json!({"name": "visitor.png", "subfolder": "booth/job-7", "type": "temp"}))
}

async fn prompt(State(player): State<Arc<Player>>, Json(body): Json<Value>) -> Response {
    let recording = player.recording.lock().unwrap().clone();
    let id = body["prompt_id"].as_str().unwrap().to_owned();
    player.id.lock().unwrap().clone_from(&id);
    let now = |said: &Value| said.to_string().replace(recording.id(), &id);
    for word in &recording.words {
        let message = match word["base64"].as_str() {
            // Lengths are in front of the ids within, which are of the same length.
            Some(bytes) => Message::binary(replaced(
                &STANDARD.decode(bytes).unwrap(),
                recording.id(),
                &id,
            )),
            None => Message::text(now(&word["message"])),
        };
        player
            .socket
            .tell(body["client_id"].as_str().unwrap(), message);
    }
    let status = StatusCode::from_u16(recording.status).unwrap();
    (status, now(&recording.answer)).into_response()
}

fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(old.len()).position(|w| w == old.as_bytes()) {
        bytes[at..at + old.len()].copy_from_slice(new.as_bytes());
    }
    bytes
}

async fn history(State(player): State<Arc<Player>>, Path(id): Path<String>) -> String {
    let mut recording = player.recording.lock().unwrap();
    let old = recording.id().to_owned();
    let said = if recording.histories.len() > 1 {
        recording.histories.pop_front()
    } else {
        recording.histories.front().cloned()
    };
    said.unwrap_or(json!({})).to_string().replace(&old, &id)
}

async fn queue(State(player): State<Arc<Player>>) -> Json<Value> {
    let id = player.id.lock().unwrap().clone();
    let running = if id.is_empty() {
        json!([])
    } else {
        json!([[0, id, {}, {}, []]])
    };
    Json(json!({"queue_running": running, "queue_pending": []}))
}

async fn view(State(player): State<Arc<Player>>) -> Bytes {
    player.picture.clone().into()
}

async fn upgrade(
    State(player): State<Arc<Player>>,
    Query(client): Query<speaking::Client>,
    request: axum::extract::Request,
) -> Response {
    player.socket.upgrade(client, request)
}
