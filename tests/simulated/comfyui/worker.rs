//! Its worker thread: one prompt after the other, telling of each as the recordings do.

use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::super::picture::{png, sketch, tinted};
use super::{Fault, Inner, Prompt};

pub(super) async fn run(comfy: Arc<Inner>) {
    loop {
        let changed = comfy.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let next = {
            let mut state = comfy.lock();
            let next = state.pending.pop_front();
            state.running.clone_from(&next);
            next
        };
        match next {
            Some(prompt) => {
                comfy.changed.notify_waiters();
                execute(&comfy, &prompt).await;
            }
            None => changed.await,
        }
    }
}

/// Tells the client of a prompt something about it.
struct Teller<'a> {
    comfy: &'a Inner,
    prompt: &'a Prompt,
    twice: bool,
}

impl Teller<'_> {
    fn tell(&self, kind: &str, mut data: Value) {
        data["prompt_id"] = json!(self.prompt.id);
        let message = Message::text(json!({"type": kind, "data": data}).to_string());
        self.comfy
            .sockets
            .tell(&self.prompt.client, message.clone());
        if self.twice {
            let stranger = json!({"type": "executing", "data": {"node": null, "prompt_id": "00000000-0000-4000-8000-000000000000"}});
            self.comfy
                .sockets
                .tell(&self.prompt.client, Message::text(stranger.to_string()));
            self.comfy.sockets.tell(&self.prompt.client, message);
        }
    }

    fn status(&self, remaining: u32) {
        let status = json!({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": remaining}}}});
        self.comfy
            .sockets
            .tell(&self.prompt.client, Message::text(status.to_string()));
    }

    /// A frame of event 1: format 1 is JPEG, 2 PNG.
    fn preview(&self, picture: &RgbImage) {
        let mut frame = vec![0, 0, 0, 1, 0, 0, 0, 2];
        frame.extend(png(picture));
        self.comfy
            .sockets
            .tell(&self.prompt.client, Message::binary(frame));
    }
}

async fn execute(comfy: &Arc<Inner>, prompt: &Prompt) {
    let teller = Teller {
        comfy,
        prompt,
        twice: matches!(prompt.fault, Fault::ToldTwice),
    };
    teller.status(1);
    teller.tell("execution_start", json!({"timestamp": 1}));
    if matches!(prompt.fault, Fault::WorkerDies) {
        // The thread is gone; HTTP goes on.
        std::future::pending::<()>().await;
    }
    teller.tell("execution_cached", json!({"nodes": [], "timestamp": 1}));
    match nodes(comfy, prompt, &teller).await {
        Ok(file) => finish(comfy, prompt, &teller, file),
        Err((kind, data)) => fail(comfy, prompt, &teller, kind, data),
    }
}

type Failure = (&'static str, Value);

/// Goes through the nodes; the encoded painting, or what is told of the failure.
async fn nodes(comfy: &Inner, prompt: &Prompt, teller: &Teller<'_>) -> Result<Vec<u8>, Failure> {
    let graph = prompt.graph.as_object().unwrap();
    let mut states = json!({});
    let painting = paint(comfy, &prompt.graph);
    for (i, (id, node)) in graph.iter().enumerate() {
        let class = node["class_type"].as_str().unwrap_or_default();
        states[id] = json!({"value": 0.0, "max": 1.0, "state": "running", "node_id": id, "prompt_id": prompt.id});
        teller.tell("progress_state", json!({"nodes": states}));
        teller.tell("executing", json!({"node": id, "display_node": id}));
        pause(comfy, prompt, i).await?;
        if let Fault::Raises(kind, exception, message) = prompt.fault
            && (kind == class || i + 1 == graph.len())
        {
            let data = json!({"node_id": id, "node_type": kind, "executed": [], "traceback": [],
                "exception_message": message, "exception_type": exception});
            return Err(("execution_error", data));
        }
        if i == graph.len() / 2 {
            teller.preview(&painting);
            if matches!(prompt.fault, Fault::SocketDrops) {
                comfy.sockets.drop_one(&prompt.client);
            }
        }
        states[id]["value"] = json!(1.0);
        states[id]["state"] = json!("finished");
        teller.tell("progress_state", json!({"nodes": states}));
    }
    Ok(match &prompt.fault {
        Fault::Answers(bytes) => bytes.clone(),
        Fault::Truncated => {
            let whole = png(&painting);
            whole[..whole.len() / 2].to_vec()
        }
        Fault::Sized(width, height) => png(&sketch(*width, *height)),
        _ => png(&painting),
    })
}

/// The time a node takes; ends early with what an interrupt is told as.
async fn pause(comfy: &Inner, prompt: &Prompt, node: usize) -> Result<(), Failure> {
    let time = match prompt.fault {
        Fault::Slow(time) => time,
        Fault::Takes(time) if node == 0 => time,
        _ => Duration::ZERO,
    };
    let end = tokio::time::sleep(time);
    tokio::pin!(end);
    loop {
        let changed = comfy.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        if comfy.lock().interrupted.as_deref() == Some(&prompt.id) {
            return Err((
                "execution_interrupted",
                json!({"node_id": "1", "node_type": "", "executed": []}),
            ));
        }
        tokio::select! {
            () = &mut end => return Ok(()),
            () = changed => {}
        }
    }
}

fn finish(comfy: &Inner, prompt: &Prompt, teller: &Teller<'_>, file: Vec<u8>) {
    let saves = |(_, node): &(&String, &Value)| node["class_type"] == "PreviewImage";
    let output = prompt.graph.as_object().unwrap().iter().find(saves);
    let (id, _) = output.expect("an output that keeps nothing");
    let name = format!("ComfyUI_temp_{:05}_.png", prompt.number);
    let images = json!({"images": [{"filename": name, "subfolder": "", "type": "temp"}]});
    if !matches!(prompt.fault, Fault::FileGone) {
        comfy.lock().files.insert(format!("temp//{name}"), file);
    }
    teller.tell(
        "executed",
        json!({"node": id, "display_node": id, "output": images}),
    );
    teller.tell("execution_success", json!({"timestamp": 2}));
    let entry = json!({
        "prompt": [prompt.number, prompt.id, prompt.graph, {"client_id": prompt.client}, [id]],
        "outputs": {id: images},
        "status": {"status_str": "success", "completed": true, "messages": [["execution_success", {"prompt_id": prompt.id}]]},
        "meta": {},
    });
    settle(comfy, prompt, teller, entry);
}

fn fail(comfy: &Inner, prompt: &Prompt, teller: &Teller<'_>, kind: &str, mut data: Value) {
    teller.tell(kind, data.clone());
    data["prompt_id"] = json!(prompt.id);
    let entry = json!({
        "prompt": [prompt.number, prompt.id, prompt.graph, {"client_id": prompt.client}, ["90"]],
        "outputs": {},
        "status": {"status_str": "error", "completed": false, "messages": [["execution_start", {}], [kind, data]]},
        "meta": {},
    });
    settle(comfy, prompt, teller, entry);
}

/// Moves it from the queue into history, under one lock as the real one does.
fn settle(comfy: &Inner, prompt: &Prompt, teller: &Teller<'_>, entry: Value) {
    {
        let mut state = comfy.lock();
        state.running = None;
        if !matches!(prompt.fault, Fault::Lost) {
            state.history.insert(prompt.id.clone(), entry);
        }
        if let Fault::HistoryLags(times) = prompt.fault {
            state.lags.insert(prompt.id.clone(), times);
        }
    }
    comfy.changed.notify_waiters();
    teller.status(0);
    teller.tell("executing", json!({"node": null}));
}

/// The photo, square as it came, tinted by all numbers and words of the graph but names of files.
fn paint(comfy: &Inner, graph: &Value) -> RgbImage {
    let mut told = String::new();
    let mut photo = None;
    for (id, node) in graph.as_object().unwrap() {
        for (name, value) in node["inputs"].as_object().unwrap() {
            match value.as_str().filter(|_| name == "image") {
                None => told += &format!("{id} {name} {value};"),
                Some(annotated) => {
                    let (path, kind) = annotated
                        .trim_end_matches(']')
                        .split_once(" [")
                        .unwrap_or((annotated, "input"));
                    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
                    let at = format!("{kind}/{folder}/{file}");
                    photo = comfy.lock().files.get(&at).cloned();
                }
            }
        }
    }
    tinted(&photo.expect("the photo was uploaded before"), &told)
}
