//! The accept loop: how long and how much a stranger may talk to us.
//!
//! A phone on a bad Wi-Fi and an attacker look alike for a while; here is where the patience ends.
//! What may be said, and to whom, is for [`crate::api`] and [`guard`] to decide.

mod allowance;
mod body;
mod connection;
mod counter;
mod door;
mod limits;
mod linger;
mod listen;
mod origin;
mod patience;
mod reach;
mod wifi;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use rustix::io::Errno;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use allowance::Rate;
pub use body::BodyTooSlow;
pub use door::{Door, Front};
pub use limits::Limits;
pub use listen::Listen;
pub use origin::{HostPolicy, guard};
pub use reach::{AddressState, Candidate, Look, Pin, PinError, Reach};
pub use wifi::Wifi;

use connection::Connection;
use counter::Counter;

/// How long and how much a stranger may talk to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeLimits {
    /// How many connections are held at a time; one more is answered 503 and closed.
    pub connections: usize,
    /// How many of them may come from one address. Visitors behind one Wi-Fi share an address.
    /// Loopback is exempt: the kiosk, and a front door on this machine, are not strangers.
    pub connections_per_address: usize,
    /// From the first byte of a request (or from the connection's start) to the end of its header.
    pub header: Duration,
    /// The largest request header, in bytes; at least 8192. A larger one is answered 431.
    pub header_bytes: usize,
    /// How long a connection may rest between two requests.
    pub keep_alive: Duration,
    /// How long a request's body may pause.
    pub body_pause: Duration,
    /// The slowest a body may come, in bytes a second, once [`Self::body_pause`] has passed.
    pub body_rate: u64,
    /// How long a body may take in all.
    pub body: Duration,
    /// How long a peer may take nothing of what we send.
    pub write_pause: Duration,
    /// What a peer may send once its connection was upgraded; who sends more is cut.
    pub chatter: Rate,
    /// How long requests in hand may take after we were asked to stop.
    pub drain: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            connections_per_address: 1_536,
            header: Duration::from_secs(10),
            header_bytes: 32 * 1024,
            // Longer than browsers' own, so that they close first and no request meets a closing door.
            keep_alive: Duration::from_secs(75),
            body_pause: Duration::from_secs(30),
            // A tenth of a poor Wi-Fi.
            body_rate: 8 * 1024,
            body: Duration::from_secs(300),
            write_pause: Duration::from_secs(30),
            // A Socket.IO client says hello, which is a kilobyte, and then answers pings.
            chatter: Rate {
                burst: 64 * 1024,
                per_second: 2 * 1024,
            },
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves `router` on `listener`, which is that `door`, until `stop` is cancelled, then lets requests in hand finish for at
/// most [`ServeLimits::drain`] and cuts the rest.
///
/// Handlers find who asks as `Extension<Caller>`. A body that comes too slowly ends
/// in a [`BodyTooSlow`]. Connections that were upgraded belong to whom they were given; they count
/// until they are closed, and stopping does not wait for them.
///
/// # Errors
/// Only when the listener itself is broken; a single connection's trouble is its own.
pub async fn serve(
    listener: TcpListener,
    door: Door,
    router: Router,
    limits: ServeLimits,
    stop: CancellationToken,
) -> io::Result<()> {
    let counter = Counter::new(limits.connections, limits.connections_per_address);
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                shrug(error).await?;
                continue;
            }
        };
        let Some(seat) = counter.admit(peer.ip()) else {
            turn_away(&stream, peer);
            continue;
        };
        let connection = Connection {
            seat,
            peer,
            door: door.clone(),
            router: router.clone(),
            limits: limits.clone(),
            tasks: tasks.clone(),
            cut: cut.clone(),
        };
        tasks.spawn(
            cut.clone()
                .run_until_cancelled_owned(connection.run(stream, stop.clone())),
        );
    }
    drop(listener);
    tasks.close();
    if timeout(limits.drain, tasks.wait()).await.is_err() {
        tracing::warn!(
            connections = tasks.len(),
            "cut connections that were still busy after the time to drain"
        );
        cut.cancel();
        tasks.wait().await;
    }
    Ok(())
}

/// Goes on after what is one connection's trouble, or passes with time.
async fn shrug(error: io::Error) -> io::Result<()> {
    match Errno::from_io_error(&error) {
        Some(Errno::BADF | Errno::NOTSOCK | Errno::INVAL | Errno::OPNOTSUPP) => Err(error),
        Some(Errno::CONNABORTED | Errno::INTR) => Ok(()),
        _ => {
            tracing::error!(%error, "cannot accept connections");
            // Out of files or memory, most likely: someone must hang up first, and asking again at
            // once would only burn the processor.
            sleep(Duration::from_millis(100)).await;
            Ok(())
        }
    }
}

/// Says that we are full, if the peer's receive buffer takes it at once, and hangs up.
fn turn_away(stream: &TcpStream, peer: SocketAddr) {
    const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let told = stream.try_write(FULL).is_ok();
    tracing::debug!(
        peer.loopback = peer.ip().is_loopback(),
        told,
        "turned a connection away: all seats are taken"
    );
}
