//! What can be painted.

use axum::Json;
use axum::extract::State;

use super::Api;
use super::kiosk::{StyleView, style_views};

/// The styles on offer, in order.
#[utoipa::path(get, path = "/styles", tag = "booth", responses((status = 200, body = Vec<StyleView>)))]
pub(super) async fn list(State(api): State<Api>) -> Json<Vec<StyleView>> {
    Json(style_views(&api))
}
