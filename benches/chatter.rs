//! How long a phone waits for its visit while twenty sockets chatter as fast as they can.
//!
//! The sockets, half of them with a token, send messages of 16 kB without a pause, and come back a
//! tenth of a second after they are cut. Idle and beside them turn by turn, five rounds each; the
//! median of the rounds counts. `cargo bench --bench chatter`.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "its result")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::SinkExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const SOCKETS: usize = 20;
const ROUNDS: usize = 5;
const ANSWERS: usize = 300;

/// A booth that runs while this lives.
struct Booth {
    child: Child,
    kiosk: String,
    public: String,
    _data: tempfile::TempDir,
}

impl Booth {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_easel"))
            .arg("run")
            .env_clear()
            .env("EASEL__BOOTH__DATA_DIR", data.path())
            .env("EASEL__LISTEN__KIOSK", "127.0.0.1:0")
            .env("EASEL__LISTEN__PUBLIC", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = || {
            let line = lines.next().unwrap().unwrap();
            line.rsplit(' ').next().unwrap().to_owned()
        };
        let (kiosk, public) = (address(), address());
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            kiosk,
            public,
            _data: data,
        }
    }
}

impl Drop for Booth {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends and sends. What it got rid of goes to `sent`, in bytes.
async fn chatter(public: String, token: Option<String>, sent: Arc<AtomicU64>) {
    let url = format!(
        "{}/socket.io/?EIO=4&transport=websocket",
        public.replace("http", "ws")
    );
    let noise = format!("42/room,[\"{}\"]", "x".repeat(16_000));
    loop {
        if let Ok((mut socket, _)) = connect_async(&url).await {
            if let Some(token) = &token {
                let hello = format!("40/room,{}", json!({ "token": token }));
                let _ = socket.send(Message::text(hello)).await;
            }
            while socket.send(Message::text(noise.clone())).await.is_ok() {
                sent.fetch_add(noise.len() as u64, Ordering::Relaxed);
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// The median of how long the visit took to be answered.
async fn answers(http: &reqwest::Client, visit: &str, token: &str) -> Duration {
    let mut took = Vec::with_capacity(ANSWERS);
    for _ in 0..ANSWERS {
        let began = Instant::now();
        let answer = http.get(visit).bearer_auth(token).send().await.unwrap();
        answer.error_for_status().unwrap().bytes().await.unwrap();
        took.push(began.elapsed());
        sleep(Duration::from_millis(2)).await;
    }
    took.sort_unstable();
    took[ANSWERS / 2]
}

#[tokio::main]
async fn main() {
    let booth = Booth::start();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let opened = http.post(format!("{}/api/v1/sessions", booth.kiosk));
    let opened = opened.json(&json!({})).send().await.unwrap();
    let opened: Value = serde_json::from_slice(&opened.bytes().await.unwrap()).unwrap();
    let token = opened["token"].as_str().unwrap().to_owned();
    let id = opened["session"]["id"].as_str().unwrap();
    let visit = format!("{}/api/v1/sessions/{id}", booth.public);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let idle = answers(&http, &visit, &token).await;
        let sent = Arc::new(AtomicU64::new(0));
        let mut crowd = JoinSet::new();
        for n in 0..SOCKETS {
            let token = (n % 2 == 0).then(|| token.clone());
            crowd.spawn(chatter(booth.public.clone(), token, Arc::clone(&sent)));
        }
        let began = Instant::now();
        let beside = answers(&http, &visit, &token).await;
        let mb = sent.load(Ordering::Relaxed) as f64 / 1e6 / began.elapsed().as_secs_f64();
        crowd.shutdown().await;
        rounds.push((idle, beside, mb));
    }
    let median = |of: fn(&(Duration, Duration, f64)) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_unstable_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    let idle = median(|round| round.0.as_secs_f64() * 1e3);
    let beside = median(|round| round.1.as_secs_f64() * 1e3);
    let mb = median(|round| round.2);
    println!(
        "a phone's answer: {idle:.2} ms idle, {beside:.2} ms beside {SOCKETS} sockets that got rid of {mb:.1} MB/s: {:.2} times",
        beside / idle
    );
}
