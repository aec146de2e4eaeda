//! What proxies between a phone and the booth must be told, since they keep, pack and hold back by
//! default.

use axum::Router;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::map_response;
use axum::response::Response;

/// nginx's own: an answer that is not to be gathered up first.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Puts on every answer of `router` what relays need to pass it on as it comes.
///
/// Goes by the answer's type, so that a stream of a later route needs no reminder. An answer that
/// says nothing of caches, as Socket.IO's do, is one visitor's and kept by nobody.
pub fn tell_relays(router: Router) -> Router {
    router.layer(map_response(async |mut response: Response| {
        tell(response.headers_mut());
        response
    }))
}

fn tell(headers: &mut HeaderMap) {
    if is_stream(headers) {
        // `no-transform` (RFC 9111 §5.2.2.6): packing would gather it up as well.
        let kept_by_nobody = HeaderValue::from_static("no-store, no-transform");
        headers.insert(header::CACHE_CONTROL, kept_by_nobody);
        headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    } else if headers.contains_key(header::CONTENT_TYPE) {
        let cache = headers.entry(header::CACHE_CONTROL);
        cache.or_insert(HeaderValue::from_static("no-store"));
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    matches!(kind, "text/event-stream" | "multipart/x-mixed-replace")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(given: &[(HeaderName, &'static str)]) -> HeaderMap {
        let given = given.iter().cloned();
        let mut headers = given
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect();
        tell(&mut headers);
        headers
    }

    #[test]
    fn streams_are_neither_gathered_nor_packed_nor_kept() {
        for kind in [
            "text/event-stream",
            "text/event-stream; charset=utf-8",
            "multipart/x-mixed-replace; boundary=frame",
        ] {
            let given = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            let headers = told(&given);
            assert_eq!(headers["x-accel-buffering"], "no", "{kind}");
            assert_eq!(headers["cache-control"], "no-store, no-transform", "{kind}");
        }
    }

    #[test]
    fn what_says_nothing_of_caches_is_kept_by_none() {
        let poll = told(&[(header::CONTENT_TYPE, "text/plain; charset=UTF-8")]);
        assert_eq!(poll["cache-control"], "no-store");
        assert!(!poll.contains_key("x-accel-buffering"));
        let asset = [
            (header::CONTENT_TYPE, "text/css"),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        assert_eq!(told(&asset)["cache-control"], asset[1].1);
        assert!(told(&[]).is_empty());
    }
}
