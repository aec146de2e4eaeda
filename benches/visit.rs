//! What the daemon itself costs a visit, beyond what the generators take, and how soon it is there.
//!
//! `visit/painted` asks for four paintings of the embedded painter until all have landed, as a phone
//! hears it: queue, pool, record, fsyncs, events. `visit/painters alone` is what that painter takes
//! by itself for the same photo: the difference is the daemon's overhead, pictures and all.
//! `start/ready` runs from the start of the program to its `listening` lines, `start/first answer`
//! to the answer to its first request.

#![expect(missing_docs, reason = "criterion's macros make public functions")]
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use easel::app::{App, Outside, Settings};
use easel::generator::embedded::Embedded;
use easel::generator::{Brief, Card, Generator, GeneratorSettings, Kind, Progress};
use easel::imaging;
use easel::secret::Entropy;
use futures::future::join_all;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const PHOTO: &[u8] = include_bytes!("../assets/portraits/jemison.jpg");
const SIZE_PX: u32 = 256;
const SLOTS: usize = 2;
const STYLES: [&str; 4] = ["picasso", "renoir", "van-gogh", "lichtenstein"];

/// A booth on this machine's disk, and a client.
struct Booth {
    api: String,
    http: reqwest::Client,
    stop: CancellationToken,
    _data: TempDir,
}

impl Booth {
    async fn open(kind: Kind) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.booth.data_dir = data.path().to_owned();
        settings.listen.kiosk = "127.0.0.1:0".parse().unwrap();
        settings.listen.public = "127.0.0.1:0".parse().unwrap();
        settings.limits.open_sessions = 10_000;
        // What is measured must not be painted by another.
        settings.pool.stand_in = false;
        settings.generator = vec![GeneratorSettings {
            id: "bench".to_owned(),
            kind,
            slots: SLOTS,
            size_px: Some(SIZE_PX),
            ..GeneratorSettings::default()
        }];
        for style in &mut settings.style {
            style.attempts = 1;
        }
        let outside = Outside {
            entropy: Entropy::system(),
            clock: None,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
        };
        let app = App::open(settings, outside).await.unwrap();
        let api = format!("http://{}/api/v1", app.kiosk_address().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(app.run(stop.clone(), || {}));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            api,
            http,
            stop,
            _data: data,
        }
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let ask = self.http.post(format!("{}{path}", self.api));
        let answer = ask.bearer_auth(token).json(body).send().await.unwrap();
        let bytes = answer.error_for_status().unwrap().bytes().await.unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// A visitor who is photographed and has not asked yet: path, token, capture.
    async fn visitor(&self) -> (String, String, Value) {
        let opened = self.post("/sessions", "", &json!({})).await;
        let path = format!("/sessions/{}", opened["session"]["id"].as_str().unwrap());
        let token = opened["token"].as_str().unwrap().to_owned();
        let agreed = json!({ "painting": true });
        self.post(&format!("{path}/consent"), &token, &agreed).await;
        let upload = self.http.post(format!("{}{path}/captures", self.api));
        let upload = upload.bearer_auth(&token).body(PHOTO).send().await.unwrap();
        let taken = upload.error_for_status().unwrap().bytes().await.unwrap();
        let taken: Value = serde_json::from_slice(&taken).unwrap();
        (path, token, taken["capture"]["id"].clone())
    }

    /// From the wish for four paintings to the last of them settled, as a phone hears it.
    async fn ask_to_settled(&self) -> Duration {
        let (path, token, capture) = self.visitor().await;
        let events = self.http.get(format!("{}{path}/events", self.api));
        let mut events = events.bearer_auth(&token).send().await.unwrap();
        let began = Instant::now();
        let wish = json!({ "capture": capture });
        self.post(&format!("{path}/paintings"), &token, &wish).await;
        let mut heard = String::new();
        loop {
            let settled = ["painting.done", "painting.failed"]
                .map(|name| heard.matches(&format!("\"type\":\"{name}\"")).count());
            if settled.iter().sum::<usize>() == STYLES.len() {
                return began.elapsed();
            }
            let piece = events.chunk().await.unwrap().expect("the stream goes on");
            heard.push_str(&String::from_utf8_lossy(&piece));
        }
    }
}

/// What the painter takes for the same four, at as many seats, without a daemon around it.
async fn painters_alone(screen: &Bytes) -> Duration {
    let painter = Embedded::new(Card {
        slots: SLOTS,
        size_px: SIZE_PX,
        ..Card::new("bench", Kind::Embedded)
    });
    let briefs = STYLES.map(|style| Brief {
        attempt: Uuid::nil(),
        capture: Uuid::nil(),
        style: style.into(),
        seed: 1,
        input: screen.clone(),
        screen: screen.clone(),
        smaller: false,
    });
    let seats = tokio::sync::Semaphore::new(SLOTS);
    let (progress, cancel) = (
        watch::channel(Progress::default()).0,
        CancellationToken::new(),
    );
    let began = Instant::now();
    let paint = async |brief: &Brief| {
        let _seat = seats.acquire().await.unwrap();
        painter.paint(brief, &progress, &cancel).await.unwrap();
    };
    join_all(briefs.iter().map(paint)).await;
    began.elapsed()
}

fn visit(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("visit");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    let booth = runtime.block_on(Booth::open(Kind::Embedded));
    group.bench_function("painted", |b| {
        b.iter_custom(|n| {
            (0..n)
                .map(|_| runtime.block_on(booth.ask_to_settled()))
                .sum()
        });
    });
    booth.stop.cancel();
    let limits = imaging::Limits::default();
    let sizes = imaging::Settings::default();
    let developed = imaging::develop(PHOTO, &limits, &sizes).unwrap();
    group.bench_function("painters alone", |b| {
        b.iter_custom(|n| {
            (0..n)
                .map(|_| runtime.block_on(painters_alone(&developed.screen.bytes)))
                .sum()
        });
    });
    group.finish();
}

/// Starts the program over `data`; returns it with its kiosk address once it has said both.
fn start(data: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_easel"))
        .arg("run")
        .env_clear()
        .env("EASEL__BOOTH__DATA_DIR", data)
        .env("EASEL__LISTEN__KIOSK", "127.0.0.1:0")
        .env("EASEL__LISTEN__PUBLIC", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let kiosk = lines.next().unwrap().unwrap();
    lines.next().unwrap().unwrap();
    let kiosk = kiosk.strip_prefix("listening kiosk ").unwrap().to_owned();
    (child, kiosk)
}

fn startup(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("start");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, asks) in [("ready", false), ("first answer", true)] {
        group.bench_function(name, |b| {
            b.iter_custom(|n| {
                let once = |_| {
                    let began = Instant::now();
                    let (mut child, kiosk) = start(data.path());
                    if asks {
                        let first = http.get(format!("{kiosk}/api/v1/kiosk")).send();
                        assert_eq!(runtime.block_on(first).unwrap().status(), 200);
                    }
                    let took = began.elapsed();
                    child.kill().unwrap();
                    child.wait().unwrap();
                    took
                };
                (0..n).map(once).sum()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, startup, visit);
criterion_main!(benches);
