//! Real sockets, tokio's paused clock: waiting ten seconds takes no time, and takes ten seconds.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::*;
use crate::household::Caller;

struct Booth {
    at: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<io::Result<()>>,
    /// `/wait` answers when this is told.
    go: Arc<Notify>,
    /// Told when `/wait` was asked.
    asked: Arc<Notify>,
    /// Told when `/wait` was carried through.
    done: Arc<Notify>,
}

async fn booth(limits: ServeLimits) -> Booth {
    let [go, asked, done] = std::array::from_fn(|_| Arc::new(Notify::new()));
    let (waiting, told, through) = (Arc::clone(&go), Arc::clone(&asked), Arc::clone(&done));
    let wait = move || async move {
        told.notify_one();
        waiting.notified().await;
        through.notify_one();
        "done"
    };
    let router = Router::new()
        .route(
            "/",
            get(|Extension(caller): Extension<Caller>| async move { caller.address().to_string() }),
        )
        .route("/upload", post(upload))
        .route("/big", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/wait", get(wait))
        .route("/echo", get(echo));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let served = tokio::spawn(serve(
        listener,
        Door::Public(Front::of(&[])),
        router,
        limits,
        stop.clone(),
    ));
    Booth {
        at,
        stop,
        served,
        go,
        asked,
        done,
    }
}

async fn upload(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> Response {
    match body {
        Ok(bytes) => bytes.len().to_string().into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Upgrades to a protocol that gives back what it is given.
async fn echo(request: Request) -> Response {
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.unwrap();
        let (mut read, mut write) = tokio::io::split(TokioIo::new(upgraded));
        tokio::io::copy(&mut read, &mut write).await
    });
    let headers = [(header::CONNECTION, "upgrade"), (header::UPGRADE, "echo")];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

impl Booth {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.at).await.unwrap()
    }

    async fn say(&self, text: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Reads one answer: its header and the body that it announces.
async fn answer(stream: &mut TcpStream) -> String {
    let mut got = String::new();
    loop {
        let length = |head: &str| {
            head.split("content-length: ")
                .nth(1)?
                .split("\r\n")
                .next()?
                .parse()
                .ok()
        };
        if let Some((head, body)) = got.split_once("\r\n\r\n")
            && body.len() >= length(head).unwrap_or(0)
        {
            return got;
        }
        let mut chunk = [0; 1024];
        let n = stream.read(&mut chunk).await.unwrap();
        assert!(n > 0, "closed after {got:?}");
        got.push_str(std::str::from_utf8(&chunk[..n]).unwrap());
    }
}

/// Reads until the peer closes, however rudely.
async fn rest(stream: &mut TcpStream) -> String {
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got).await;
    String::from_utf8_lossy(&got).into_owned()
}

fn around(since: Instant, secs: u64) {
    let took = since.elapsed().as_secs_f64();
    assert!(
        (took - secs as f64).abs() < 0.5,
        "took {took} s instead of {secs} s"
    );
}

#[tokio::test]
async fn handlers_see_the_peers_address() {
    let booth = booth(ServeLimits::default()).await;
    let mut stream = booth
        .say("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await;
    let me = stream.local_addr().unwrap().ip().to_string();
    assert!(rest(&mut stream).await.ends_with(&me));
}

#[tokio::test(start_paused = true)]
async fn a_dripping_header_is_cut_off() {
    let booth = booth(ServeLimits::default()).await;
    let began = Instant::now();
    let (mut read, mut write) = booth.say("GET / HTTP/1.1\r\n").await.into_split();
    let drip = tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(1)).await;
            if write.write_all(b"a").await.is_err() {
                return;
            }
        }
    });
    let mut got = Vec::new();
    let _ = read.read_to_end(&mut got).await;
    around(began, 10);
    assert!(got.is_empty());
    drip.abort();
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_closed_as_a_slow_header_is() {
    let booth = booth(ServeLimits::default()).await;
    let began = Instant::now();
    assert_eq!(rest(&mut booth.connect().await).await, "");
    around(began, 10);
}

#[tokio::test(start_paused = true)]
async fn a_resting_connection_is_kept_longer_and_then_closed() {
    let booth = booth(ServeLimits::default()).await;
    let mut stream = booth.say("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut stream).await;
    sleep(Duration::from_secs(60)).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    answer(&mut stream).await;
    let began = Instant::now();
    assert_eq!(rest(&mut stream).await, "");
    around(began, 75);
    // Once it has begun to speak again, it has as long as anyone.
    let mut stream = booth.say("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut stream).await;
    sleep(Duration::from_secs(30)).await;
    stream.write_all(b"G").await.unwrap();
    let began = Instant::now();
    assert_eq!(rest(&mut stream).await, "");
    around(began, 10);
}

#[tokio::test(start_paused = true)]
async fn a_header_too_large_is_refused() {
    let booth = booth(ServeLimits {
        header_bytes: 8192,
        ..ServeLimits::default()
    })
    .await;
    let long = "a".repeat(9000);
    let mut stream = booth
        .say(&format!("GET / HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n"))
        .await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_pauses_ends_and_so_does_the_connection() {
    let booth = booth(ServeLimits::default()).await;
    let began = Instant::now();
    let mut stream = booth
        .say("POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc")
        .await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408"));
    around(began, 30);
}

#[tokio::test(start_paused = true)]
async fn a_dripping_body_ends_and_a_slow_one_does_not() {
    let limits = ServeLimits {
        body_rate: 1,
        ..ServeLimits::default()
    };
    let booth = booth(limits).await;
    for (every, took, status) in [(4, 39, "408"), (1, 60, "200")] {
        let began = Instant::now();
        let head =
            "POST /upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 60\r\n\r\n";
        let (mut read, mut write) = booth.say(head).await.into_split();
        let drip = tokio::spawn(async move {
            for _ in 0..60 {
                sleep(Duration::from_secs(every)).await;
                if write.write_all(b"a").await.is_err() {
                    break;
                }
            }
            write // Dropping it would hang up.
        });
        let mut got = Vec::new();
        let _ = read.read_to_end(&mut got).await;
        around(began, took);
        assert_eq!(
            String::from_utf8_lossy(&got).split(' ').nth(1),
            Some(status)
        );
        drip.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_cut_off() {
    let booth = booth(ServeLimits::default()).await;
    let mut stream = booth.say("GET /big HTTP/1.1\r\nhost: x\r\n\r\n").await;
    sleep(Duration::from_secs(40)).await;
    assert!(rest(&mut stream).await.len() < 64 << 20);
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_has_all_the_time_it_needs() {
    let booth = booth(ServeLimits::default()).await;
    let mut stream = booth.say("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await;
    booth.asked.notified().await;
    sleep(Duration::from_secs(600)).await;
    booth.go.notify_one();
    assert!(answer(&mut stream).await.ends_with("done"));
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_connection_lives_on_in_silence_and_keeps_its_seat() {
    let booth = booth(ServeLimits {
        connections: 1,
        ..ServeLimits::default()
    })
    .await;
    let mut stream = booth
        .say("GET /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await;
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 101"));
    sleep(Duration::from_secs(600)).await;
    stream.write_all(b"still here").await.unwrap();
    let mut got = [0; 10];
    stream.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"still here");
    assert!(
        rest(&mut booth.connect().await)
            .await
            .starts_with("HTTP/1.1 503")
    );
    // Stopping does not wait for it.
    booth.stop.cancel();
    booth.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn more_connections_than_seats_are_turned_away_and_freed_seats_are_taken() {
    let booth = booth(ServeLimits {
        connections: 550,
        ..ServeLimits::default()
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..550 {
        held.push(booth.connect().await);
    }
    for _ in 0..50 {
        assert!(
            rest(&mut booth.connect().await)
                .await
                .starts_with("HTTP/1.1 503")
        );
    }
    for stream in &mut held {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(rest(stream).await.starts_with("HTTP/1.1 200"));
    }
    let mut stream = booth
        .say("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn stopping_finishes_what_is_in_hand_and_takes_nothing_new() {
    let booth = booth(ServeLimits::default()).await;
    let mut resting = booth.say("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut resting).await;
    let mut busy = booth.say("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await;
    booth.asked.notified().await;
    booth.stop.cancel();
    assert_eq!(rest(&mut resting).await, "");
    assert!(TcpStream::connect(booth.at).await.is_err());
    booth.go.notify_one();
    assert!(rest(&mut busy).await.ends_with("done"));
    booth.served.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_has_begun_is_carried_through_though_the_peer_hangs_up() {
    let booth = booth(ServeLimits {
        connections: 1,
        ..ServeLimits::default()
    })
    .await;
    let busy = booth.say("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await;
    booth.asked.notified().await;
    drop(busy);
    sleep(Duration::from_secs(60)).await;
    // It holds its seat for as long as it takes.
    let refused = rest(&mut booth.connect().await).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    booth.go.notify_one();
    booth.done.notified().await;
    sleep(Duration::from_secs(1)).await;
    let mut next = booth.say("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer(&mut next).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn stopping_cuts_what_takes_too_long() {
    let booth = booth(ServeLimits::default()).await;
    let mut busy = booth.say("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await;
    booth.asked.notified().await;
    let began = Instant::now();
    booth.stop.cancel();
    assert_eq!(rest(&mut busy).await, "");
    booth.served.await.unwrap().unwrap();
    around(began, 10);
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_connection_that_says_more_than_it_may_is_cut() {
    let chatter = Rate {
        burst: 1_000,
        per_second: 1,
    };
    let booth = booth(ServeLimits {
        chatter,
        ..ServeLimits::default()
    })
    .await;
    let mut stream = booth
        .say("GET /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await;
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 101"));
    // All that it may at once, in several parts.
    let mut got = [0; 250];
    for _ in 0..4 {
        stream.write_all(&[b'a'; 250]).await.unwrap();
        stream.read_exact(&mut got).await.unwrap();
    }
    stream.write_all(&[b'b'; 250]).await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    // A photo may be as large as ever: it is asked for, and has limits of its own.
    let mut stream = booth
        .say("POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n")
        .await;
    stream.write_all(&[b'c'; 5_000]).await.unwrap();
    assert!(answer(&mut stream).await.ends_with("5000"));
}
