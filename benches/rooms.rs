//! A thousand phones in one room, beside a bare Node Socket.IO server with the same phones.
//!
//! For each server: its resident memory before and with the phones, and how long one event takes
//! from the request that causes it until a phone has it, over all phones and events. Easel's share
//! holds what the bare server does not do: a token verified, a command decided, an fsync.
//!
//! `PHONES=200 cargo bench --bench rooms` takes fewer. The phones need two files each: raise
//! `ulimit -n` for many. `NODE_PATH` tells Node where `socket.io` lies; without it Easel runs alone.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its result")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const EVENTS: usize = 100;
const WARM_UP: usize = 5;
/// A server with one namespace, one room, and nothing else; its event weighs what ours does.
const BARE: &str = r#"
const http = require('http');
const { Server } = require('socket.io');
const server = http.createServer((request, response) => {
  if (!request.url.startsWith('/tell')) return;
  io.of('/room').to('one').emit('event', { seq: ++seq, at: new Date(), type: 'consent.given',
    data: { painting: true, wall: seq % 2 === 0, offsite: false } });
  response.writeHead(204).end();
});
let seq = 0;
const io = new Server(server, { serveClient: false });
io.of('/room').on('connection', (socket) => socket.join('one'));
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
"#;

/// A server that runs while this lives.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts `command` and waits for the address on its first line.
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        let url = first.rsplit(' ').next().unwrap().to_owned();
        Self { child, url }
    }

    /// Resident memory in MB (10⁶ bytes).
    fn resident_mb(&self) -> f64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib * 1024.0 / 1e6
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A phone: connects, says when it is in the room, then when each event reaches it.
async fn phone(url: String, auth: Value, heard: mpsc::UnboundedSender<Option<Instant>>) {
    let url = format!(
        "{}/socket.io/?EIO=4&transport=websocket",
        url.replace("http", "ws")
    );
    let (mut socket, _) = connect_async(url).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        // Engine.IO 4: 0 open, 2 ping, 3 pong; Socket.IO 5: 40 connect, 42 event.
        let answer = match text.as_str() {
            "2" => "3".to_owned(),
            t if t.starts_with('0') => format!("40/room,{auth}"),
            t if t.starts_with("40/room") => {
                heard.send(None).unwrap();
                continue;
            }
            t if t.starts_with("42/room,[\"event\"") => {
                heard.send(Some(Instant::now())).unwrap();
                continue;
            }
            _ => continue,
        };
        socket.send(Message::text(answer)).await.unwrap();
    }
}

/// What was measured of one server.
struct Figures {
    alone_mb: f64,
    with_phones_mb: f64,
    /// Of every phone and event, sorted.
    latencies: Vec<Duration>,
}

impl Figures {
    fn print(&self, name: &str) {
        let share = |s: f64| self.latencies[((self.latencies.len() - 1) as f64 * s) as usize];
        println!(
            "{name:<22} {:>7.1} MB alone {:>7.1} MB with phones   p50 {:>8.2?}   p99 {:>8.2?}   worst {:>8.2?}",
            self.alone_mb,
            self.with_phones_mb,
            share(0.5),
            share(0.99),
            share(1.0)
        );
    }
}

/// Lets `phones` into the room, has `tell` cause one event after the other, and times them.
async fn measure(
    server: &Server,
    phones: usize,
    auth: Value,
    tell: impl AsyncFn(usize),
) -> Figures {
    let alone_mb = server.resident_mb();
    let (sender, mut heard) = mpsc::unbounded_channel();
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..phones {
        crowd.spawn(phone(server.url.clone(), auth.clone(), sender.clone()));
        // One after the other, as people come: a rush at the door is not what is measured.
        assert!(heard.recv().await.unwrap().is_none());
    }
    let mut latencies = Vec::with_capacity(phones * EVENTS);
    for n in 0..WARM_UP + EVENTS {
        let began = Instant::now();
        tell(n).await;
        for _ in 0..phones {
            let at = heard.recv().await.unwrap().expect("all are in already");
            if n >= WARM_UP {
                latencies.push(at.saturating_duration_since(began));
            }
        }
    }
    latencies.sort_unstable();
    Figures {
        alone_mb,
        with_phones_mb: server.resident_mb(),
        latencies,
    }
}

async fn easel(phones: usize, http: &reqwest::Client) -> Figures {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(
        Command::new(env!("CARGO_BIN_EXE_easel"))
            .arg("run")
            .env_clear()
            .env("EASEL__BOOTH__DATA_DIR", data.path())
            .env("EASEL__LISTEN__KIOSK", "127.0.0.1:0")
            .env("EASEL__LISTEN__PUBLIC", "127.0.0.1:0")
            .env("EASEL__LIMITS__CONNECTIONS_PER_ADDRESS", "4096")
            .stderr(Stdio::null()),
    );
    let post = async |path: String, token: &str, body: Value| {
        let ask = http
            .post(format!("{}/api/v1{path}", server.url))
            .bearer_auth(token);
        let answer = ask.json(&body).send().await.unwrap();
        answer.error_for_status().unwrap().bytes().await.unwrap()
    };
    let opened = post("/sessions".to_owned(), "", json!({})).await;
    let opened: Value = serde_json::from_slice(&opened).unwrap();
    let token = opened["token"].as_str().unwrap();
    let consent = format!(
        "/sessions/{}/consent",
        opened["session"]["id"].as_str().unwrap()
    );
    measure(&server, phones, json!({ "token": token }), async |n| {
        let given = json!({ "painting": true, "wall": n % 2 == 0 });
        post(consent.clone(), token, given).await;
    })
    .await
}

async fn bare(phones: usize, http: &reqwest::Client) -> Option<Figures> {
    let probe = Command::new("node")
        .args(["-e", "require('socket.io')"])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("node does not find socket.io: not compared");
        return None;
    }
    let server = Server::start(Command::new("node").args(["-e", BARE]));
    let tell = async |_| {
        http.post(format!("{}/tell", server.url))
            .send()
            .await
            .unwrap();
    };
    Some(measure(&server, phones, json!({}), tell).await)
}

#[tokio::main]
async fn main() {
    let phones = std::env::var("PHONES").ok();
    let phones = phones.map_or(1000, |n| n.parse().expect("PHONES is a number"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    println!("{phones} phones in one room, {EVENTS} events");
    easel(phones, &http).await.print("easel");
    if let Some(figures) = bare(phones, &http).await {
        figures.print("bare socket.io on Node");
    }
}
