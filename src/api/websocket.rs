//! A WebSocket that cannot come about is refused as engine.io refuses it.
//!
//! Many proxies pass a request on without its `Upgrade` (it is hop-by-hop, RFC 9110 §7.6.1), nginx
//! by default. Our library answers such a request 101 all the same, and the phone behind the proxy
//! waits for a connection that never comes instead of going on by polling.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Version};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// engine.io's `BAD_REQUEST`, in its own words and shape (`lib/server.ts`).
const REFUSAL: &str = r#"{"code":3,"message":"Bad request"}"#;

/// Puts the look before `router`, which answers Socket.IO under `path`.
pub fn require_upgrade(router: Router, path: &'static str) -> Router {
    router.layer(from_fn_with_state(path, look))
}

async fn look(State(path): State<&'static str>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let asks = uri.path().starts_with(path) && by_websocket(uri.query().unwrap_or_default());
    if asks && !is_upgrade(&request) {
        let headers = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        return (StatusCode::BAD_REQUEST, headers, REFUSAL).into_response();
    }
    next.run(request).await
}

/// The transport as Engine.IO reads it: the first `transport` counts, up to a further `=`.
pub(super) fn transport(query: &str) -> Option<&str> {
    let mut asked = query.split('&');
    let value = asked.find_map(|one| one.strip_prefix("transport="))?;
    value.split('=').next()
}

fn by_websocket(query: &str) -> bool {
    transport(query) == Some("websocket")
}

/// A whole opening handshake (RFC 6455 §4.2.1): HTTP/1.0, which proxies speak by default, cannot
/// be upgraded, whatever headers came through.
fn is_upgrade(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && request.version() >= Version::HTTP_11
        && names(headers, &header::CONNECTION, "upgrade")
        && names(headers, &header::UPGRADE, "websocket")
        && headers.contains_key(header::SEC_WEBSOCKET_KEY)
        && headers.get(header::SEC_WEBSOCKET_VERSION) == Some(&HeaderValue::from_static("13"))
}

/// Whether a list of tokens, which may come in several headers, holds `token` in any case.
fn names(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut tokens = values.flat_map(|value| value.split(',')).map(str::trim);
    tokens.any(|one| one.eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const WHOLE: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
    ];

    fn asked(headers: &[(&str, &str)], version: Version) -> bool {
        let request = headers
            .iter()
            .fold(Request::get("/"), |request, (name, value)| {
                request.header(*name, *value)
            });
        is_upgrade(&request.version(version).body(Body::empty()).unwrap())
    }

    #[test]
    fn only_a_whole_handshake_is_one() {
        assert!(asked(&WHOLE, Version::HTTP_11));
        assert!(!asked(&WHOLE, Version::HTTP_10));
        for (at, left_out) in WHOLE.iter().enumerate() {
            let mut some = WHOLE.to_vec();
            some.remove(at);
            assert!(!asked(&some, Version::HTTP_11), "without {left_out:?}");
        }
        let mut closed = WHOLE;
        closed[0].1 = "close";
        assert!(
            !asked(&closed, Version::HTTP_11),
            "as nginx passes it on by default"
        );
    }

    #[test]
    fn the_transport_is_the_one_that_engine_io_reads() {
        for query in [
            "EIO=4&transport=websocket",
            "transport=websocket&transport=polling&EIO=4",
            "EIO=4&transport=websocket=polling",
            "EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAA",
        ] {
            assert!(by_websocket(query), "{query}");
        }
        for query in [
            "EIO=4&transport=polling",
            "EIO=4&xtransport=websocket",
            "EIO=4",
            "",
        ] {
            assert!(!by_websocket(query), "{query}");
        }
    }
}
