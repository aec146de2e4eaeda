//! Pictures by signed, expiring links.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

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
    Path(key): Path<String>,
    signed: Result<Query<Signed>, QueryRejection>,
) -> Result<Response, Problem> {
    let forged = || {
        Problem::new(
            StatusCode::FORBIDDEN,
            "link_invalid",
            "This link is not one of ours.",
        )
    };
    let Query(Signed { e, s }) = signed.map_err(|_| forged())?;
    let link = api.links.verify(&key, e, &s, api.clock.now());
    if link == Err(LinkError::Forged) {
        return Err(forged());
    }
    let key = BlobKey::parse(&key).ok_or_else(forged)?;
    match api.visits.store().row(key.session()).await? {
        Some(row) if row.erased_at.is_none() && api.clock.now() < row.expires_at => {}
        _ => return Err(Problem::gone()),
    }
    let bytes = api.blobs.get(&key).await?;
    // A link that has run out is told so only while there is something to reload for.
    link.map_err(|_| Problem::link_expired())?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(key.format().content_type());
    headers.insert(header::CONTENT_TYPE, kind);
    // A visitor who erases expects it gone: no cache may keep it beyond the page that shows it.
    let cache = HeaderValue::from_static("private, max-age=600");
    headers.insert(header::CACHE_CONTROL, cache);
    // No name: one here would win over the name that the page gives a saved picture.
    let inline = HeaderValue::from_static("inline");
    headers.insert(header::CONTENT_DISPOSITION, inline);
    Ok(response)
}
