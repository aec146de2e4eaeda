//! What every request leaves in the log, and what a handler's panic becomes.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

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
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(span))
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
