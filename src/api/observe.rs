//! What every request leaves in the log, and what a handler's panic becomes.

use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::Problem;

/// Traces requests by their route's template: an id, a token or an address is nobody's business.
pub fn observe(router: Router) -> Router {
    let span = |request: &Request| {
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or("-", MatchedPath::as_str);
        tracing::debug_span!("request", http.method = %request.method(), http.route = route)
    };
    let answered = |response: &Response, took: Duration, _: &Span| {
        let (status, took_ms) = (response.status().as_u16(), took.as_millis());
        tracing::debug!(http.status = status, took_ms, "a request was answered");
    };
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        // Who refuses for a good reason has said so; a fault is told where it happens.
        .on_failure(())
        .on_response(answered);
    router.layer(CatchPanicLayer::custom(panicked)).layer(trace)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    let detail = "Something went wrong at the booth.";
    Problem::new(
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        detail,
    )
    .into_response()
}
