//! Pictures by signed, expiring links.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::guard::{Named, load};
use super::{Api, Problem};
use crate::blobs::BlobKey;
use crate::room::link::LinkError;

pub(super) fn router() -> Router<Api> {
    Router::new().route("/media/{*key}", get(show))
}

#[derive(Debug, Deserialize)]
struct Signed {
    e: i64,
    s: String,
}

async fn show(
    State(api): State<Api>,
    Named(named): Named<String>,
    signed: Result<Query<Signed>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let forged = || {
        Problem::new(
            StatusCode::FORBIDDEN,
            "link_invalid",
            "This link is not one of ours.",
        )
    };
    let Query(Signed { e, s }) = signed.map_err(|_| forged())?;
    let link = api.links.verify(&named, e, &s, api.clock.now());
    if link == Err(LinkError::Forged) {
        return Err(forged());
    }
    let key = BlobKey::parse(&named).ok_or_else(forged)?;
    match api.visits.store().row(key.session()).await? {
        Some(row) if row.erased_at.is_none() && api.clock.now() < row.expires_at => {}
        _ => return Err(Problem::gone()),
    }
    if link.is_err() {
        // It is told so only while there is something to reload for.
        api.blobs.find(&key).await?;
        return Err(Problem::link_expired());
    }
    let etag = etag(&key);
    let mut response = if is_known(&headers, &etag) {
        api.blobs.find(&key).await?;
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        // A link that is ours names a picture of the visit, unless that was taken back.
        let visit = load(&api, key.session()).await?;
        let picture = visit.picture(&named).ok_or_else(Problem::gone)?;
        api.blobs.fetch(picture).await?.into_response()
    };
    let answer = response.headers_mut();
    let kind = HeaderValue::from_static(key.format().content_type());
    answer.insert(header::CONTENT_TYPE, kind);
    answer.insert(header::ETAG, etag);
    // Small enough to be sent whole.
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    // A visitor who erases expects it gone: no cache may keep it beyond the page that shows it.
    let cache = HeaderValue::from_static("private, max-age=600");
    answer.insert(header::CACHE_CONTROL, cache);
    // No name: one here would win over the name that the page gives a saved picture.
    let inline = HeaderValue::from_static("inline");
    answer.insert(header::CONTENT_DISPOSITION, inline);
    Ok(response)
}

/// What is under a key never changes: the key is the picture's mark.
fn etag(key: &BlobKey) -> HeaderValue {
    HeaderValue::try_from(format!("\"{key}\"")).expect("keys are printable ASCII")
}

/// Whether the browser has it already (`If-None-Match`, RFC 9110 §13.1.2).
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let marks = headers.get_all(header::IF_NONE_MATCH).iter();
    let marks = marks.filter_map(|value| value.to_str().ok());
    let mut marks = marks.flat_map(|value| value.split(',')).map(str::trim);
    marks.any(|mark| mark == "*" || mark.strip_prefix("W/").unwrap_or(mark) == etag)
}
