//! What all simulated servers share: a listener, a log of what was asked, and mischief below the
//! level of any protocol.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How a server misbehaves at an address.
#[derive(Debug, Clone)]
pub(crate) enum Mischief {
    /// Never answers.
    Silent,
    /// Promises a body and sends a part of it.
    HalfOpen,
    /// Sends a byte a second.
    Drips,
    /// Answers with this status and no sense.
    Says(u16),
    /// A friendly page where JSON or a picture should be.
    Html,
    /// Ten gigabytes, announced.
    Huge,
    /// Ten gigabytes, unannounced.
    Endless,
    /// Sends on to this address.
    SendsTo(String),
    /// Closes the connection in the middle of its answer.
    Breaks,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// `GET`, `POST`.
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// All of them.
    pub(crate) headers: HeaderMap,
}

#[derive(Debug, Default)]
struct Shared {
    heard: Mutex<Vec<Heard>>,
    count: watch::Sender<usize>,
    mischief: Mutex<Vec<(String, Mischief)>>,
}

impl Shared {
    /// The newest order that concerns this address.
    fn mischief_at(&self, path: &str) -> Option<Mischief> {
        let orders = self.mischief.lock().unwrap();
        let order = orders.iter().rev().find(|(at, _)| path.starts_with(at));
        order.map(|(_, how)| how.clone())
    }
}

/// A listener of this machine with a router behind it. Dropping it closes every connection.
#[derive(Debug)]
pub(crate) struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Host {
    /// Opens on a free port.
    pub(crate) async fn open(router: Router) -> Self {
        Self::open_at("127.0.0.1:0".parse().unwrap(), router).await
    }

    /// Opens on that address: one that was closed a moment ago, say.
    pub(crate) async fn open_at(address: SocketAddr, router: Router) -> Self {
        let shared = Arc::<Shared>::default();
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router.layer(from_fn_with_state(Arc::clone(&shared), stand_in_the_way));
        let serving = tokio::spawn(async move {
            // In here, so that all connections end when this task does.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = TowerToHyperService::new(router.clone());
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                connections.spawn(connection.with_upgrades());
            }
        });
        Self {
            address,
            shared,
            serving,
        }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes it and all its connections, and answers where it was once the port is free.
    pub(crate) async fn closes(mut self) -> SocketAddr {
        self.serving.abort();
        let _ = (&mut self.serving).await;
        self.address
    }

    /// `http://127.0.0.1:…`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on misbehaves at addresses that begin so.
    pub(crate) fn misbehaves_at(&self, path: &str, how: Mischief) {
        self.shared
            .mischief
            .lock()
            .unwrap()
            .push((path.to_owned(), how));
    }

    /// From now on behaves everywhere.
    pub(crate) fn behaves(&self) {
        self.shared.mischief.lock().unwrap().clear();
    }

    /// All that was asked at addresses that begin so.
    pub(crate) fn heard_at(&self, path: &str) -> Vec<Heard> {
        let heard = self.shared.heard.lock().unwrap();
        heard
            .iter()
            .filter(|h| h.path.starts_with(path))
            .cloned()
            .collect()
    }

    /// Waits until something was asked there `n` times.
    pub(crate) async fn hears(&self, path: &str, n: usize) {
        let mut count = self.shared.count.subscribe();
        while self.heard_at(path).len() < n {
            count.changed().await.unwrap();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn stand_in_the_way(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().to_string();
    shared.heard.lock().unwrap().push(Heard {
        method: request.method().to_string(),
        path: path.clone(),
        headers: request.headers().clone(),
    });
    shared.count.send_modify(|n| *n += 1);
    match shared.mischief_at(&path) {
        None => next.run(request).await,
        Some(how) => how.answer().await,
    }
}

impl Mischief {
    async fn answer(self) -> Response {
        const TEN_GB: usize = 10 << 30;
        let some = Bytes::from(vec![b' '; 1 << 16]);
        match self {
            Self::Silent => std::future::pending().await,
            Self::HalfOpen => {
                let begin =
                    stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{\"prompt_id\":"))]);
                declared(1_000, Body::from_stream(begin.chain(stream::pending())))
            }
            Self::Drips => {
                let drip = stream::unfold((), |()| async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
                });
                declared(1_000, Body::from_stream(drip))
            }
            Self::Says(status) => (
                StatusCode::from_u16(status).unwrap(),
                "Server got itself in trouble",
            )
                .into_response(),
            Self::Html => (
                [(header::CONTENT_TYPE, "text/html")],
                "<html>Welcome to our Wi-Fi</html>",
            )
                .into_response(),
            Self::Huge => {
                let endless = stream::repeat_with(move || Ok::<_, Infallible>(some.clone()));
                declared(TEN_GB, Body::from_stream(endless))
            }
            Self::Endless => {
                let endless = stream::repeat_with(move || Ok::<_, Infallible>(some.clone()));
                Body::from_stream(endless.take(TEN_GB >> 16)).into_response()
            }
            Self::SendsTo(url) => {
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response()
            }
            Self::Breaks => {
                let broken = stream::iter([
                    Ok(Bytes::from_static(b"{")),
                    Err(std::io::Error::other("cut")),
                ]);
                declared(1_000, Body::from_stream(broken))
            }
        }
    }
}

fn declared(length: usize, body: Body) -> Response {
    Response::builder()
        .header(header::CONTENT_LENGTH, length)
        .body(body)
        .unwrap()
}

/// An address that nobody should ask anything of.
#[derive(Debug)]
pub(crate) struct Trap {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Trap {
    /// Listens.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let seen = Arc::clone(&connections);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.fetch_add(1, Ordering::Relaxed);
                drop(stream);
            }
        });
        Self {
            address,
            connections,
            serving,
        }
    }

    /// Its address, under a name that is not the servers'.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}/elsewhere", self.address.port())
    }

    /// Fails if anybody came.
    pub(crate) fn is_untouched(&self) {
        assert_eq!(
            self.connections.load(Ordering::Relaxed),
            0,
            "somebody came to the trap"
        );
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A process that is stopped (SIGSTOP): the kernel takes connections, and nobody ever reads.
pub(crate) async fn frozen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// An address at which nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
