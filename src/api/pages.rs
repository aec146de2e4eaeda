//! The pages, embedded in the binary with their compressed siblings.

use std::borrow::Cow;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use rust_embed::RustEmbed;

use super::guard::Named;
use super::{Api, Problem};

#[derive(RustEmbed)]
#[folder = "kiosk-ui/dist"]
#[allow_missing = true]
struct Pages;

pub(super) fn kiosk() -> Router<Api> {
    files().route(
        "/",
        get(async |headers: HeaderMap| page("kiosk.html", &headers)),
    )
}

pub(super) fn phone() -> Router<Api> {
    files().route(
        "/",
        get(async |headers: HeaderMap| page("phone.html", &headers)),
    )
}

/// The staff's page; its assets are the other pages' own.
pub(super) fn staff() -> Router<Api> {
    Router::new().route(
        "/staff",
        get(async |headers: HeaderMap| page("staff.html", &headers)),
    )
}

fn files() -> Router<Api> {
    Router::new().route(
        "/assets/{*path}",
        get(async |Named(path): Named<String>, headers: HeaderMap| {
            // Their names carry a hash of what is in them.
            file(
                &format!("assets/{path}"),
                "public, max-age=31536000, immutable",
                &headers,
            )
        }),
    )
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    if Pages::get(name).is_none() {
        let detail = "The pages are not built into this binary; run `make build` or `make run`.";
        return Problem::new(StatusCode::NOT_FOUND, "not_found", detail).into_response();
    }
    file(name, "no-cache", headers)
}

fn file(name: &str, cache: &'static str, headers: &HeaderMap) -> Response {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(coding, _)| {
            accepted
                .split(',')
                .any(|a| a.split(';').next().map(str::trim) == Some(coding))
        })
        .find_map(|(coding, suffix)| Some((coding, Pages::get(&format!("{name}{suffix}"))?)));
    let (coding, file) = match packed {
        Some((coding, file)) => (Some(coding), file),
        None => match Pages::get(name) {
            Some(file) => (None, file),
            None => return Problem::nothing_here().into_response(),
        },
    };
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    // What the binary holds is sent from where it is, however many ask for it.
    let data = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    let mut response = data.into_response();
    let answer = response.headers_mut();
    if let Ok(kind) = HeaderValue::try_from(kind.essence_str()) {
        answer.insert(header::CONTENT_TYPE, kind);
    }
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}
