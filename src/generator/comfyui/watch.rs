//! Waits for one prompt, and tells how far it is.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;

use super::client::{self, FileRef, Queue};
use super::outcome;
use super::server::Server;
use super::socket::{Socket, Word};
use super::workflow::Workflow;
use crate::generator::memory::{Free, Lowest};
use crate::generator::wire::WireError;
use crate::generator::{GeneratorError, ProgressSender, picture};

/// Not more previews than this are decoded.
const PREVIEW_EVERY: Duration = Duration::from_millis(400);
/// After word of the end, history is asked this often at short intervals: it may lag behind.
const QUICK_LOOKS: u32 = 6;
const QUICK: Duration = Duration::from_millis(40);
/// So many looks without an answer: the server is gone.
const UNANSWERED: u32 = 3;
/// So many looks that find the prompt nowhere: it is lost.
const NOWHERE: u32 = 2;
/// Until it is fetched, a painting is not quite done.
const ALMOST: f32 = 0.98;

/// One prompt being waited for.
pub(super) struct Watch<'a> {
    server: &'a Server,
    workflow: &'a Workflow,
    prompt: &'a str,
    progress: &'a ProgressSender,
    socket: Option<Socket>,
    /// How far each node is that was begun.
    far: HashMap<String, f32>,
    /// Monotonic times.
    previewed: Option<Duration>,
    sign: Duration,
    /// The last sign of the server's that was told.
    told: Duration,
    /// Whether it has a model to load.
    loads: bool,
    lowest: Lowest,
    quick: u32,
    unanswered: u32,
    nowhere: u32,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        server: &'a Server,
        workflow: &'a Workflow,
        prompt: &'a str,
        progress: &'a ProgressSender,
        socket: Option<Socket>,
    ) -> Self {
        Self {
            server,
            workflow,
            prompt,
            progress,
            socket,
            far: HashMap::new(),
            previewed: None,
            sign: server.clock.monotonic(),
            told: server.clock.monotonic(),
            loads: workflow.models().is_some(),
            lowest: Lowest::default(),
            quick: 0,
            unanswered: 0,
            nowhere: 0,
        }
    }

    /// Waits until the painting is a file at the server. `budget` is how long a running prompt may
    /// show no sign of life.
    ///
    /// # Errors
    /// What went wrong, sorted.
    pub(super) async fn until_done(mut self, budget: Duration) -> Result<FileRef, GeneratorError> {
        let telling = self.socket.is_some();
        self.progress.send_modify(|news| news.telling = telling);
        loop {
            let mut tick = self.server.clock.sleep(self.pause());
            loop {
                tokio::select! {
                    word = hear(&mut self.socket, self.prompt) => match word {
                        Some(word) => if self.heard(word).await { break },
                        // What a closed socket means, the next look will tell.
                        None => { self.is_deaf(); break }
                    },
                    () = &mut tick => break,
                }
            }
            if let Some(file) = self.look(budget).await? {
                return Ok(file);
            }
        }
    }

    fn pause(&mut self) -> Duration {
        if self.quick == 0 {
            return self.server.wire.patience.poll;
        }
        self.quick -= 1;
        QUICK * (QUICK_LOOKS - self.quick)
    }

    /// Takes in a word; whether it is time to look.
    async fn heard(&mut self, word: Word) -> bool {
        if word != Word::Other {
            self.shows_life();
        }
        match word {
            Word::Nodes(nodes) => self.far = nodes,
            Word::Node(node, share) => {
                // Nodes run one after the other: those before it are done.
                self.far.values_mut().for_each(|far| *far = 1.0);
                self.far.insert(node, share);
            }
            Word::Preview(file) => self.preview(file).await,
            Word::Ended => {
                self.quick = QUICK_LOOKS;
                // Whatever came of it, the server is free for the next.
                self.progress.send_modify(|news| news.finished = true);
                return true;
            }
            Word::Sign | Word::Other => return false,
        }
        let done: f32 = self
            .far
            .iter()
            .map(|(id, far)| far * self.workflow.weight(id))
            .sum();
        let share = (done / self.workflow.whole_weight()).min(ALMOST);
        self.progress.send_if_modified(|news| {
            let further = share > news.share;
            news.share = news.share.max(share);
            further
        });
        false
    }

    /// The server was seen to be at the prompt.
    fn shows_life(&mut self) {
        self.sign = self.server.clock.monotonic();
        self.lowest.forget();
        self.server.shows_life();
        self.shares_life();
    }

    /// A server that is at another prompt of ours, or whose queue moves, is alive for this one too.
    fn shares_life(&mut self) {
        let sign = self.server.sign();
        if sign > self.told {
            self.told = sign;
            self.progress.send_modify(|news| news.signs += 1);
        }
    }

    /// Nothing is heard any more: what a closed socket means, the next look will tell.
    fn is_deaf(&mut self) {
        self.socket = None;
        self.progress.send_modify(|news| news.telling = false);
    }

    /// Loading a model tells nothing and takes memory: more of it taken is a sign of life. Where no
    /// model is loaded it is another program that takes it, for a processor's memory is the machine's.
    async fn feel(&mut self) {
        if !self.loads {
            return;
        }
        let now = self.server.clock.monotonic();
        if now.saturating_sub(self.sign) < self.server.wire.patience.poll * 2 {
            return;
        }
        let Ok(stats) = client::system_stats(&self.server.wire).await else {
            return;
        };
        if self.lowest.has_fallen_to(free(&stats)) {
            self.server.shows_life();
        }
    }

    async fn preview(&mut self, file: Bytes) {
        let now = self.server.clock.monotonic();
        if self
            .previewed
            .is_some_and(|at| now.saturating_sub(at) < PREVIEW_EVERY)
        {
            return;
        }
        self.previewed = Some(now);
        if let Some(preview) = picture::preview(file).await {
            self.progress
                .send_modify(|news| news.preview = Some(preview));
        }
    }

    /// Asks history and queue; the file if it is there.
    async fn look(&mut self, budget: Duration) -> Result<Option<FileRef>, GeneratorError> {
        match self.ask().await {
            Ok(None) => {}
            Ok(Some(entry)) => return outcome::of(&entry, self.workflow.output()).map(Some),
            Err(e) => {
                self.unanswered += 1;
                // Refused and no socket: the process is gone, and the prompt with it.
                let gone = self.socket.is_none() && matches!(e, WireError::Unreachable(_));
                if self.unanswered >= UNANSWERED || gone {
                    return Err(self.server.lost_sight(e));
                }
                return Ok(None);
            }
        }
        self.unanswered = 0;
        if let Ok(queue) = client::queue(&self.server.wire).await {
            if self.server.is_moving(&queue)? {
                self.server.shows_life();
            }
            self.find_in(&queue)?;
            self.feel().await;
            self.shares_life();
        }
        let silent = self.server.clock.monotonic().saturating_sub(self.sign);
        let patience = match self.socket {
            Some(_) => budget,
            None => self.server.wire.patience.first,
        };
        if silent > patience {
            let words = format!("a painting has not moved for {} s", silent.as_secs());
            return Err(GeneratorError::NeedsRestart(words));
        }
        Ok(None)
    }

    /// Fails if the queue has not held the prompt for a while, though history does not either.
    fn find_in(&mut self, queue: &Queue) -> Result<(), GeneratorError> {
        if !queue.running.iter().any(|id| id == self.prompt) {
            // Who waits cannot be stuck.
            self.sign = self.server.clock.monotonic();
        }
        if queue.holds(self.prompt) {
            self.nowhere = 0;
            return Ok(());
        }
        // Between the two questions it may have gone from queue to history; and just after its end
        // history may lag.
        self.nowhere += u32::from(self.quick == 0);
        if self.nowhere >= NOWHERE {
            return Err(GeneratorError::Failed(
                "the server has lost the prompt".to_owned(),
            ));
        }
        Ok(())
    }

    async fn ask(&self) -> Result<Option<serde_json::Value>, WireError> {
        client::history(&self.server.wire, self.prompt).await
    }
}

/// What the server says of its memory. A processor's own is the machine's.
fn free(stats: &serde_json::Value) -> Free {
    let at = |path: &str| stats.pointer(path).and_then(serde_json::Value::as_f64);
    let cpu = stats.pointer("/devices/0/type").and_then(|t| t.as_str()) == Some("cpu");
    let vram = at("/devices/0/vram_free").filter(|_| !cpu);
    Free {
        ram: at("/system/ram_free").unwrap_or_default(),
        vram: vram.unwrap_or_default(),
    }
}

async fn hear(socket: &mut Option<Socket>, prompt: &str) -> Option<Word> {
    match socket {
        Some(socket) => socket.next(prompt).await,
        None => std::future::pending().await,
    }
}
