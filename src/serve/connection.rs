//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::EXPECT;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::ServeLimits;
use super::body::{HeldBody, TimedBody};
use super::counter::Seat;
use super::door::Door;
use super::linger::LingeringBody;
use super::patience::{InHand, Patience, Talk, Waits};
use crate::household::Caller;

/// An admitted connection and all it needs.
pub(super) struct Connection {
    pub(super) seat: Seat,
    pub(super) peer: SocketAddr,
    pub(super) door: Door,
    pub(super) router: Router,
    pub(super) limits: ServeLimits,
    /// Where its requests are carried through; waited for when the listener stops.
    pub(super) tasks: TaskTracker,
    /// Ends them, finished or not.
    pub(super) cut: CancellationToken,
}

/// Carries requests through, each in a task of its own, though their connection goes away: what has
/// begun to change something is not left half done because a page was closed.
struct Hands {
    tasks: TaskTracker,
    cut: CancellationToken,
    /// Kept by each request at work, or hanging up would be a way to have any number of them.
    seat: Arc<Seat>,
}

impl Connection {
    /// Serves requests until the peer leaves, tries our patience, or is upgraded. After `stop` the
    /// request in hand is the last.
    pub(super) async fn run(self, stream: TcpStream, stop: CancellationToken) {
        let Self {
            seat,
            peer,
            door,
            router,
            limits,
            tasks,
            cut,
        } = self;
        let seat = Arc::new(seat);
        let hands = Hands {
            tasks,
            cut,
            seat: Arc::clone(&seat),
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it began");
            return;
        }
        let talk = Arc::new(Talk::default());
        let waits = Waits {
            header: limits.header,
            keep_alive: limits.keep_alive,
            write_pause: limits.write_pause,
            chatter: limits.chatter,
        };
        let io = TokioIo::new(Patience::new(stream, Arc::clone(&talk), waits, seat));
        let service = service_fn(|request| {
            // Not within `answer`: until that is polled the connection would seem to be waiting.
            let caller = door.caller(peer, request.headers());
            answer(
                router.clone(),
                request,
                caller,
                &limits,
                talk.begin(),
                &hands,
            )
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(limits.header_bytes.max(8192));
        let mut served = std::pin::pin!(http.serve_connection(io, service).with_upgrades());
        let outcome = tokio::select! {
            outcome = served.as_mut() => outcome,
            () = stop.cancelled() => {
                served.as_mut().graceful_shutdown();
                served.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "a connection broke off");
        }
    }
}

impl Hands {
    async fn carry_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let seat = Arc::clone(&self.seat);
        let seated = async move {
            let _seat = seat;
            work.await
        };
        let work = self.cut.clone().run_until_cancelled_owned(seated);
        match self.tasks.spawn(work).await {
            Ok(Some(done)) => done,
            // All is being cut, this connection too.
            Ok(None) => std::future::pending().await,
            Err(crash) => match crash.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => std::future::pending().await,
            },
        }
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    caller: Caller,
    limits: &ServeLimits,
    in_hand: InHand,
    hands: &Hands,
) -> Result<Response<HeldBody>, Infallible> {
    let in_hand = Arc::new(in_hand);
    let asks_first = request.headers().contains_key(EXPECT);
    let mut request = request.map(|body| {
        let body = TimedBody::new(body, limits);
        Body::new(LingeringBody::new(body, asks_first, Arc::clone(&in_hand)))
    });
    request.extensions_mut().insert(caller);
    let response = hands.carry_through(router.oneshot(request)).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        in_hand.upgrade();
    }
    Ok(response.map(|body| HeldBody::new(body, in_hand)))
}
