//! The calls a ComfyUI server answers. What it says is read leniently: newer versions say more.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::server::Server;
use super::trouble;
use crate::generator::GeneratorError;
use crate::generator::wire::{Wire, WireError};

/// Where a file lies at the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileRef {
    pub(super) name: String,
    pub(super) subfolder: String,
    pub(super) folder: String,
}

/// The server's queue: ids of prompts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Queue {
    pub(super) running: Vec<String>,
    pub(super) pending: Vec<String>,
}

impl Queue {
    pub(super) fn holds(&self, prompt: &str) -> bool {
        self.running
            .iter()
            .chain(&self.pending)
            .any(|id| id == prompt)
    }

    pub(super) fn len(&self) -> usize {
        self.running.len() + self.pending.len()
    }
}

/// What came of posting a prompt.
#[derive(Debug)]
pub(super) enum Posted {
    /// Taken; the number counts prompts since the server started.
    Taken(f64),
    /// Refused, and sorted.
    Refused(GeneratorError),
    /// Not known: it may be in the queue.
    Unsure(WireError),
}

/// Puts a photo into the server's temp folder, which it wipes when it starts. Answers the name by
/// which `LoadImage` finds it: the server may have chosen another than ours.
pub(super) async fn upload(wire: &Wire, name: &str, photo: Bytes) -> Result<String, WireError> {
    let part = Part::stream(photo).file_name(name.to_owned());
    let part = part
        .mime_str("image/jpeg")
        .expect("a media type as it is written");
    let form = Form::new()
        .part("image", part)
        .text("type", "temp")
        .text("subfolder", "booth")
        .text("overwrite", "true");
    let request = wire.post("/upload/image").multipart(form);
    let said = wire.json(request, wire.patience.transfer).await?;
    let text = |key: &str| said.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("name").is_empty() {
        return Err(WireError::NotJson(
            "no name of the uploaded photo".to_owned(),
        ));
    }
    let path = match text("subfolder") {
        "" => text("name").to_owned(),
        folder => format!("{folder}/{}", text("name")),
    };
    Ok(match text("type") {
        "" | "input" => path,
        kind => format!("{path} [{kind}]"),
    })
}

/// Sends a graph under our own id. `client` is the id of the socket that hears of it.
pub(super) async fn post(wire: &Wire, graph: &Value, prompt: &str, client: &str) -> Posted {
    let body = json!({
        "prompt": graph,
        "prompt_id": prompt,
        "client_id": client,
        // Newer servers preview only what asks for it; older ones pass this over.
        "extra_data": { "preview_method": "latent2rgb" },
    });
    // Asked once: it may arrive although its answer does not.
    let request = wire.post("/prompt").json(&body);
    let said = match wire.json(request, wire.patience.control).await {
        Ok(said) => said,
        Err(WireError::Said {
            status: StatusCode::BAD_REQUEST,
            text,
            ..
        }) => {
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            return Posted::Refused(trouble::refused(&body));
        }
        Err(e) if e.may_have_arrived() => return Posted::Unsure(e),
        Err(e) => return Posted::Refused(e.into()),
    };
    let faults = said.get("node_errors").and_then(Value::as_object);
    if faults.is_some_and(|faults| !faults.is_empty()) {
        // Taken, but without the outputs that are at fault: there will be no painting.
        return Posted::Refused(trouble::refused(&said));
    }
    if said.get("prompt_id").and_then(Value::as_str) != Some(prompt) {
        let words = "it does not let us choose a prompt's id: older than ours, or no ComfyUI";
        return Posted::Refused(GeneratorError::Unfit(words.to_owned()));
    }
    Posted::Taken(
        said.get("number")
            .and_then(Value::as_f64)
            .unwrap_or_default(),
    )
}

/// What history has of a prompt: nothing while it waits or runs, and after a restart.
pub(super) async fn history(wire: &Wire, prompt: &str) -> Result<Option<Value>, WireError> {
    let mut said = wire.ask(wire.get(&format!("/history/{prompt}"))).await?;
    Ok(said.get_mut(prompt).map(Value::take))
}

pub(super) async fn queue(wire: &Wire) -> Result<Queue, WireError> {
    let said = wire.ask(wire.get("/queue")).await?;
    let ids = |key: &str| {
        let list = said.get(key).and_then(Value::as_array);
        let list = list.ok_or_else(|| WireError::NotJson(format!("no {key}")))?;
        let id = |item: &Value| item.get(1).and_then(Value::as_str).map(str::to_owned);
        Ok::<_, WireError>(list.iter().filter_map(id).collect())
    };
    Ok(Queue {
        running: ids("queue_running")?,
        pending: ids("queue_pending")?,
    })
}

/// A file's bytes; `None` if the server has it no more.
pub(super) async fn view(server: &Server, file: &FileRef) -> Result<Option<Bytes>, GeneratorError> {
    let wire = &server.wire;
    let query = [
        ("filename", &*file.name),
        ("subfolder", &file.subfolder),
        ("type", &file.folder),
    ];
    match wire.picture(wire.get_with("/view", &query)).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(WireError::Said {
            status: StatusCode::NOT_FOUND,
            ..
        }) => Ok(None),
        Err(e) if e.is_of_the_line() => Err(server.lost_sight(e)),
        Err(e) => Err(e.about_a_picture()),
    }
}

/// Stops prompts: what waits is taken out of the queue, what runs is interrupted. Newer servers do
/// both at once; on older ones `/interrupt` would hit whatever runs, so it is only sent for ours.
pub(super) async fn stop(wire: &Wire, prompt: &str) -> Result<(), WireError> {
    match wire
        .tell(wire.post(&format!("/api/jobs/{prompt}/cancel")))
        .await
    {
        Err(WireError::Said { status, .. }) if status.is_client_error() => {}
        done => return done,
    }
    delete(wire, &[prompt.to_owned()]).await?;
    if queue(wire).await?.running.iter().any(|id| id == prompt) {
        let interrupt = wire
            .post("/interrupt")
            .json(&json!({ "prompt_id": prompt }));
        wire.tell(interrupt).await?;
    }
    Ok(())
}

/// Takes prompts out of the queue. Those that run or are unknown are passed over.
pub(super) async fn delete(wire: &Wire, prompts: &[String]) -> Result<(), WireError> {
    wire.tell(wire.post("/queue").json(&json!({ "delete": prompts })))
        .await
}

/// Has the server drop its models and caches before its next prompt.
pub(super) async fn free(wire: &Wire) -> Result<(), WireError> {
    let all = json!({ "unload_models": true, "free_memory": true });
    wire.tell(wire.post("/free").json(&all)).await
}

pub(super) async fn system_stats(wire: &Wire) -> Result<Value, WireError> {
    wire.ask(wire.get("/system_stats")).await
}

/// What a kind of node takes; `None` if the server has no such kind.
pub(super) async fn object_info(wire: &Wire, class: &str) -> Result<Option<Value>, WireError> {
    let mut said = wire.ask(wire.get(&format!("/object_info/{class}"))).await?;
    Ok(said.get_mut(class).map(Value::take))
}
