//! The OpenAPI document, from which the pages' types are made.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Header, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, RefOr,
    Required, Type,
};

use super::once::MAX_KEY;
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
    let (_, mut document) = shared()
        .merge(kiosk_only())
        .merge(staff::router())
        .split_for_parts();
    for (path, item) in &mut document.paths.paths {
        if let Some(post) = &mut item.post {
            // Orders have always needed a key.
            let needed = path.ends_with("/prints");
            let parameters = post.parameters.get_or_insert_default();
            parameters.push(RefOr::T(key(needed)));
            for (status, answer) in &mut post.responses.responses {
                if let (true, RefOr::T(answer)) = (status.starts_with('2'), answer) {
                    let seq = RefOr::T(seq());
                    answer.headers.insert("Easel-Seq".to_owned(), seq);
                }
            }
        }
    }
    document
        .to_pretty_json()
        .expect("the document is plain data")
}

fn key(needed: bool) -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(MAX_KEY))
        .pattern(Some("^[ -~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(if needed { Required::True } else { Required::False })
        .description(Some(
            "Makes a request that is sent again at any later time the same command, answered as the \
             first time: in one room, on the kiosk's routes, or among staff; gone with the visit. \
             Sent with another body or to another route it is refused: 422 `key_reused`. What staff \
             were shown once and ask to be shown again after a minute: 410 `answer_gone`.",
        ))
        .schema(Some(text))
        .build()
}

fn seq() -> Header {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some(
            "The number of the visit's event that the command led to; where it is one of a visit.",
        ));
    Header::new(number)
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
