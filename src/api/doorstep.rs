//! How many Socket.IO sessions may be begun by polling.
//!
//! Such a session is no connection: it takes some 10 kB (and what headers its request had) from its
//! first request on, shown a token or not, until it is seen that nobody comes in. One connection can
//! begin ten thousand a second.
//! (By WebSocket each is a connection, and those are counted.)

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};

use super::Problem;
use super::websocket::transport;
use crate::clock::Clock;
use crate::household::Caller;
use crate::room::join::{TooManyTries, TriesLimiter};

/// In a minute, from one address: a hall full of phones behind one Wi-Fi comes in at once.
const FROM_ONE: NonZeroU32 = NonZeroU32::new(1_200).unwrap();
/// In a minute, from all of them: 60 MB, should nobody come in.
const FROM_ALL: NonZeroU32 = NonZeroU32::new(6_000).unwrap();
/// Stands for all addresses.
const ALL: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[derive(Debug)]
struct Doorstep {
    path: &'static str,
    by_address: TriesLimiter,
    all: TriesLimiter,
}

/// Puts the count before `router`, which answers Socket.IO under `path`.
pub fn count_handshakes(router: Router, path: &'static str, clock: &Arc<dyn Clock>) -> Router {
    let limiter = |most| TriesLimiter::new(most, Arc::clone(clock));
    let doorstep = Doorstep {
        path,
        by_address: limiter(FROM_ONE),
        all: limiter(FROM_ALL),
    };
    router.layer(from_fn_with_state(Arc::new(doorstep), look))
}

async fn look(
    State(doorstep): State<Arc<Doorstep>>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    if doorstep.is_new(&request)
        && let Err(wait) = doorstep.admit(caller.address())
    {
        return Problem::busy(wait.retry_after).into_response();
    }
    next.run(request).await
}

impl Doorstep {
    fn is_new(&self, request: &Request) -> bool {
        let uri = request.uri();
        uri.path().starts_with(self.path) && begins(uri.query().unwrap_or_default())
    }

    fn admit(&self, address: IpAddr) -> Result<(), TooManyTries> {
        self.by_address.check(address)?;
        self.all.check(ALL)?;
        // A beginning costs what elsewhere a failed try does.
        self.by_address.failed(address);
        self.all.failed(ALL);
        Ok(())
    }
}

/// Whether this query begins a session that is no connection. A parameter that is there twice is
/// read where it comes first, as Engine.IO reads it.
fn begins(query: &str) -> bool {
    let is_known = query.split('&').any(|asked| asked.starts_with("sid="));
    !is_known && transport(query) != Some("websocket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_session_without_a_connection_is_counted_however_it_is_asked() {
        for query in [
            "EIO=4&transport=polling",
            "EIO=4&transport=polling&transport=websocket",
            "transport=polling=websocket&EIO=4",
            "EIO=4&transport=polling&xsid=1",
            "EIO=4",
            "",
        ] {
            assert!(begins(query), "{query}");
        }
        for query in [
            "EIO=4&transport=websocket",
            "EIO=4&transport=websocket&transport=polling",
            "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA",
        ] {
            assert!(!begins(query), "{query}");
        }
    }
}
