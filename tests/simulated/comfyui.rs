//! A ComfyUI to order: queue, history, files and socket as version 0.3.64 has them, by the
//! recordings (see `recordings/`), with the failures of real ones.
//!
//! It paints by tinting the photo; what it tints with depends on every number in the graph, so
//! another seed is another painting.

mod routes;
pub(crate) mod speaking;
mod worker;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::host::{Host, Mischief};

/// How a prompt goes wrong.
#[derive(Debug, Clone, Default)]
pub(crate) enum Fault {
    /// It does not.
    #[default]
    None,
    /// Each node takes so long.
    Slow(Duration),
    /// The whole takes so long, however many nodes it has.
    Takes(Duration),
    /// A node raises: kind of node, exception, message.
    Raises(&'static str, &'static str, &'static str),
    /// It never ends, nor does anything behind it: the worker thread is dead.
    WorkerDies,
    /// It vanishes from queue and history.
    Lost,
    /// History has it only at the n-th asking.
    HistoryLags(u32),
    /// Everything is told twice, with words about strangers in between.
    ToldTwice,
    /// The socket closes in the middle.
    SocketDrops,
    /// The prompt is taken, and the answer to its POST never comes.
    PostUnanswered,
    /// The post is answered with this refusal instead of being looked at.
    Refused(Value),
    /// Its file is gone when it is asked for.
    FileGone,
    /// Its file is this.
    Answers(Vec<u8>),
    /// Its file ends half-way.
    Truncated,
    /// Its painting has this size.
    Sized(u32, u32),
}

/// A prompt in the queue.
#[derive(Debug, Clone)]
struct Prompt {
    number: u64,
    id: String,
    graph: Value,
    client: String,
    fault: Fault,
}

#[derive(Debug, Default)]
struct State {
    number: u64,
    running: Option<Prompt>,
    pending: VecDeque<Prompt>,
    history: HashMap<String, Value>,
    /// How often history still denies a prompt.
    lags: HashMap<String, u32>,
    files: HashMap<String, Vec<u8>>,
    faults: VecDeque<Fault>,
    always: Fault,
    interrupted: Option<String>,
    freed: u32,
    stats: u32,
    missing_nodes: Vec<String>,
    models: Vec<String>,
    newer: bool,
    taken: u32,
}

/// State and what wakes on its changes.
#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    sockets: speaking::Sockets,
    changed: Notify,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// A simulated ComfyUI, running until it is dropped.
#[derive(Debug)]
pub(crate) struct SimulatedComfyUi {
    pub(crate) host: Host,
    inner: Arc<Inner>,
    worker: Worker,
}

/// Its thread; ends with it.
#[derive(Debug)]
struct Worker(JoinHandle<()>, Arc<Inner>);

impl SimulatedComfyUi {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    /// Starts one there; a second one at the address of the first is a restart.
    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let inner = Arc::<Inner>::default();
        let host = Host::open_at(address, routes::router(Arc::clone(&inner))).await;
        Self {
            host,
            worker: Worker::start(&inner),
            inner,
        }
    }

    /// Kills it like SIGKILL: connections break, queue and history are gone. Answers where it was.
    pub(crate) async fn kill(self) -> SocketAddr {
        self.host.closes().await
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.host.url()
    }

    /// The next prompts go wrong like this, one each.
    pub(crate) fn orders(&self, faults: impl IntoIterator<Item = Fault>) {
        self.inner.lock().faults.extend(faults);
    }

    /// Every prompt without an order of its own goes wrong like this.
    pub(crate) fn always(&self, fault: Fault) {
        self.inner.lock().always = fault;
    }

    /// Nothing goes wrong any more; a dead worker is started anew.
    pub(crate) fn recovers(&mut self) {
        {
            let mut state = self.inner.lock();
            state.always = Fault::None;
            state.faults.clear();
            (state.running, state.pending) = (None, VecDeque::new());
        }
        self.worker.0.abort();
        self.worker = Worker::start(&self.inner);
    }

    /// Misbehaves below the protocol.
    pub(crate) fn misbehaves_at(&self, path: &str, how: Mischief) {
        self.host.misbehaves_at(path, how);
    }

    /// Has no such kind of node.
    pub(crate) fn lacks_node(&self, class: &str) {
        self.inner.lock().missing_nodes.push(class.to_owned());
    }

    /// Has this model.
    pub(crate) fn has_model(&self, name: &str) {
        self.inner.lock().models.push(name.to_owned());
    }

    /// Knows `/api/jobs`, as newer ones do.
    pub(crate) fn is_newer(&self) {
        self.inner.lock().newer = true;
    }

    /// How many prompts it has taken.
    pub(crate) fn taken(&self) -> u32 {
        self.inner.lock().taken
    }

    /// The id that runs, and those that wait.
    pub(crate) fn queue(&self) -> (Option<String>, Vec<String>) {
        let state = self.inner.lock();
        let running = state.running.as_ref().map(|p| p.id.clone());
        (
            running,
            state.pending.iter().map(|p| p.id.clone()).collect(),
        )
    }

    /// The prompt that was interrupted last.
    pub(crate) fn interrupted(&self) -> Option<String> {
        self.inner.lock().interrupted.clone()
    }

    /// How often it was told to free its memory.
    pub(crate) fn freed(&self) -> u32 {
        self.inner.lock().freed
    }

    /// How often it was asked for its memory.
    pub(crate) fn stats(&self) -> u32 {
        self.inner.lock().stats
    }

    /// Names of all files it holds, with their folder.
    pub(crate) fn files(&self) -> Vec<String> {
        self.inner.lock().files.keys().cloned().collect()
    }

    /// Waits until `holds` is true of it.
    pub(crate) async fn until(&self, holds: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            // Listening before looking, so that no change falls between.
            changed.as_mut().enable();
            if holds(self) {
                return;
            }
            changed.await;
        }
    }
}

impl Worker {
    fn start(inner: &Arc<Inner>) -> Self {
        let running = tokio::spawn(worker::run(Arc::clone(inner)));
        Self(running, Arc::clone(inner))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
        // Their tasks end with their senders, and the connections with them.
        self.1.sockets.drop_all();
    }
}

/// Name, file name and content of each part (RFC 7578), for bodies that are well-formed.
pub(crate) fn multipart(headers: &HeaderMap, body: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let kind = headers["content-type"].to_str().unwrap();
    let boundary = format!(
        "--{}",
        kind.split_once("boundary=").unwrap().1.trim_matches('"')
    );
    let mut parts = Vec::new();
    let mut rest = body;
    let find = |within: &[u8], what: &[u8]| within.windows(what.len()).position(|w| w == what);
    while let Some(at) = find(rest, boundary.as_bytes()) {
        rest = &rest[at + boundary.len()..];
        let Some(head_end) = find(rest, b"\r\n\r\n") else {
            break;
        };
        let head = String::from_utf8_lossy(&rest[..head_end]).into_owned();
        let content = &rest[head_end + 4..];
        let end = find(content, format!("\r\n{boundary}").as_bytes()).unwrap();
        let value = |key: &str| {
            let from = head.split_once(&format!(" {key}=\""))?.1;
            Some(from.split_once('"')?.0.to_owned())
        };
        parts.push((
            value("name").unwrap(),
            value("filename").unwrap_or_default(),
            content[..end].to_vec(),
        ));
        rest = &content[end..];
    }
    parts
}
