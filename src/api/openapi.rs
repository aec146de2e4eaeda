//! The OpenAPI document, from which the pages' types are made.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};

use super::{Api, kiosk_only, shared, staff};

pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Easel")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("What a kiosk, phones and staff ask of one booth."))
        .build();
    let bearer = || {
        let http = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT");
        SecurityScheme::Http(http.build())
    };
    let components = ComponentsBuilder::new()
        .security_scheme("room", bearer())
        .security_scheme("staff", bearer())
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .build()
}

/// The whole document, as pretty JSON.
pub fn document() -> String {
    let (_, document) = shared()
        .merge(kiosk_only())
        .merge(staff::router())
        .split_for_parts();
    document
        .to_pretty_json()
        .expect("the document is plain data")
}

pub(super) fn router() -> Router<Api> {
    Router::new().route("/api/openapi.json", get(show))
}

async fn show() -> impl IntoResponse {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().into());
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, DOCUMENT.clone())
}

#[cfg(test)]
mod tests {
    /// The pages' types are made from this file; `GET /api/openapi.json` and `npm run
    /// types` bring both up to date.
    #[test]
    fn the_pages_know_this_document() {
        let known: serde_json::Value =
            serde_json::from_str(include_str!("../../kiosk-ui/openapi.json")).unwrap();
        let now: serde_json::Value = serde_json::from_str(&super::document()).unwrap();
        assert_eq!(
            known, now,
            "kiosk-ui/openapi.json is not the daemon's document"
        );
    }
}
