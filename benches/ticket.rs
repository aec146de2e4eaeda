//! A ticket of 1200 × 1800 from words and painting to JPEG, beside a headless Chromium's screenshot
//! of the same SVG with the same fonts and pictures.
//!
//! `cargo bench --bench ticket`. Chromium is looked for on the PATH; without one, its rows are left
//! out with a note. Each round has another name and number, as each visitor has.

#![expect(clippy::print_stdout, reason = "a bench tells what it leaves out")]

use std::hint::black_box;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use criterion::Criterion;
use easel::ticket::{By, DigitalSource, Pictures, Press, Settings, Words};
use futures::{SinkExt as _, StreamExt as _};
use image::RgbImage;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

fn bench(criterion: &mut Criterion) {
    let press = Press::new(&Settings::default()).expect("the built-in template is sound");
    let pictures = Pictures {
        painting: picture(768),
        photo: picture(320),
    };
    let mut group = criterion.benchmark_group("ticket-1200x1800-jpeg");
    group.sample_size(30);

    let mut visitor = 0;
    group.bench_function("easel", |bencher| {
        bencher.iter(|| {
            visitor += 1;
            let raster = press.draw(&words(visitor), &pictures).expect("a ticket");
            black_box(raster.print().expect("a JPEG"))
        });
    });
    let mut visitor = 0;
    group.bench_function("easel-every-form", |bencher| {
        bencher.iter(|| {
            visitor += 1;
            black_box(press.render(&words(visitor), &pictures).expect("a ticket"))
        });
    });

    let runtime = Runtime::new().expect("a runtime");
    let Some(mut chromium) = runtime.block_on(Chromium::start()) else {
        println!("no chromium on the PATH: nothing to compare with");
        return;
    };
    group.measurement_time(Duration::from_secs(20));
    let mut visitor = 0;
    group.bench_function("chromium-warm", |bencher| {
        bencher.iter(|| {
            visitor += 1;
            let svg = press.svg(&words(visitor)).expect("a ticket");
            black_box(runtime.block_on(chromium.screenshot(&with_pictures(&svg, &pictures))))
        });
    });
    group.finish();
}

#[allow(missing_docs, reason = "the macro writes a public function")]
mod group {
    criterion::criterion_group!(benches, super::bench);
}
criterion::criterion_main!(group::benches);

fn words(visitor: u32) -> Words {
    let at: jiff::Zoned = "2026-11-21T19:42:00+09:00[Asia/Seoul]"
        .parse()
        .expect("a time");
    Words {
        booth: "Easel".to_owned(),
        event: "Open Studio".to_owned(),
        locale: "en".to_owned(),
        style_id: "van-gogh".to_owned(),
        style_name: "Vincent van Gogh".to_owned(),
        number: visitor,
        claim: format!("{:04}", visitor % 10_000),
        join_url: format!("http://192.168.0.20:8081/#{visitor:016}"),
        name: Some(format!("Mina {visitor}")),
        message: Some("오늘 정말 즐거웠어요".to_owned()),
        made_at: at.clone(),
        expires_at: at,
        by: By::Server,
        ai: DigitalSource::default(),
    }
}

/// A picture with as much detail as a painting, more or less.
fn picture(side: u32) -> Bytes {
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let wave = ((x * x / 7 + y * y / 9) / 40 % 256) as u8;
        image::Rgb([wave, (x * 255 / side) as u8, (y * 255 / side) as u8])
    });
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode_image(&picture)
        .expect("a JPEG");
    bytes.into()
}

fn with_pictures(svg: &str, pictures: &Pictures) -> String {
    let data = |jpeg: &Bytes| format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg));
    svg.replace("asset:painting", &data(&pictures.painting))
        .replace("asset:photo", &data(&pictures.photo))
}

/// A browser that waits with an empty page, its fonts loaded, driven by the DevTools protocol.
struct Chromium {
    process: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    session: Option<String>,
    _profile: tempfile::TempDir,
}

impl Chromium {
    async fn start() -> Option<Self> {
        let profile = tempfile::tempdir().expect("a folder for the browser's profile");
        let mut process = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
            ])
            .args([
                "--disable-background-networking",
                "--no-first-run",
                "--disable-extensions",
            ])
            .args([
                "--allow-file-access-from-files",
                "--force-device-scale-factor=1",
            ])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let stderr = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut lines = stderr.lines().map_while(Result::ok);
        let url = lines.find_map(|line| {
            line.strip_prefix("DevTools listening on ")
                .map(str::to_owned)
        })?;
        // Chromium must not block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let (socket, _) = connect_async(url).await.expect("the browser listens");
        let mut browser = Self {
            process,
            socket,
            calls: 0,
            session: None,
            _profile: profile,
        };
        browser.open_page().await;
        Some(browser)
    }

    async fn open_page(&mut self) {
        let page = tempfile::Builder::new()
            .suffix(".html")
            .tempfile()
            .expect("a file for the page");
        std::fs::write(page.path(), html()).expect("the page is written");
        let url = format!("file://{}", page.path().display());
        let target = self.call("Target.createTarget", json!({"url": url})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", attach).await;
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        let size = json!({"width": 1200, "height": 1800, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let ready = "new Promise(done => { const go = () => document.fonts.ready.then(() => done(document.fonts.size)); \
                     document.readyState === 'complete' ? go() : addEventListener('load', go); })";
        self.evaluate(ready).await;
    }

    /// Shows `svg` and takes its picture once everything on it is decoded.
    async fn screenshot(&mut self, svg: &str) -> Vec<u8> {
        let show = format!(
            "(async () => {{ document.body.innerHTML = {}; await document.fonts.ready; \
             await Promise.all([...document.querySelectorAll('image')].map(i => i.decode?.())); }})()",
            Value::from(svg)
        );
        self.evaluate(&show).await;
        let format = json!({"format": "jpeg", "quality": 92, "optimizeForSpeed": true});
        let shot = self.call("Page.captureScreenshot", format).await;
        BASE64_STANDARD
            .decode(shot["data"].as_str().expect("a picture"))
            .expect("base64")
    }

    async fn evaluate(&mut self, expression: &str) -> Value {
        let call = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", call).await;
        assert!(result.get("exceptionDetails").is_none(), "{result}");
        result
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket
            .send(Message::text(call.to_string()))
            .await
            .expect("the browser lives");
        loop {
            let message = self
                .socket
                .next()
                .await
                .expect("an answer")
                .expect("the browser lives");
            let Ok(text) = message.to_text() else {
                continue;
            };
            let answer: Value = serde_json::from_str(text).unwrap_or_default();
            if answer["id"] == self.calls {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It has nothing to save; failing means that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An empty page with the tickets' fonts.
fn html() -> String {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let face = |family: &str, weight: u16, style: &str, file: &str| {
        format!(
            "@font-face {{ font-family: '{family}'; font-weight: {weight}; font-style: {style}; \
             src: url('file://{}/{file}'); }}\n",
            fonts.display()
        )
    };
    let faces = [
        face("Pretendard", 400, "normal", "Pretendard-Regular.otf"),
        face("Pretendard", 600, "normal", "Pretendard-SemiBold.otf"),
        face(
            "Cormorant Garamond",
            600,
            "normal",
            "CormorantGaramond-SemiBold.ttf",
        ),
        face(
            "Cormorant Garamond",
            500,
            "italic",
            "CormorantGaramond-MediumItalic.ttf",
        ),
    ]
    .concat();
    format!(
        "<!doctype html><meta charset=utf-8><style>{faces} body {{ margin: 0 }} svg {{ display: block }}</style><body></body>"
    )
}
