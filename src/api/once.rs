//! A command that is sent again, by any client at any later time, is one command: its
//! `Idempotency-Key`, and what is answered the second time.
//!
//! The key is noted in the transaction of the command's own events. A command that is refused is
//! not noted: nothing has happened, and it may come again.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request as HttpRequest};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::guard::{MAX_JSON, json, read};
use super::{Api, Problem};
use crate::secret::sha256;
use crate::store::{Request, Scope};

/// The header; on every POST.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Longest key that is taken; a UUID has 36 characters.
pub(super) const MAX_KEY: usize = 128;
/// The header of an answer: the number of the event that the command led to.
const SEQ: &str = "easel-seq";

/// A POST's key, if it has one, and where it was sent to.
#[derive(Debug, Clone)]
pub(super) struct Key {
    key: Option<String>,
    path: String,
}

impl FromRequestParts<Api> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _api: &Api) -> Result<Self, Problem> {
        Ok(Self {
            key: key_of(&parts.headers)?,
            path: parts.uri.path().to_owned(),
        })
    }
}

impl Key {
    /// The request that this is, sent with `body`: `None` without a key, since then it is like no
    /// other.
    pub(super) fn request(&self, scope: Scope, body: &[u8]) -> Option<Request> {
        let whole = [self.path.as_bytes(), b"\0", body].concat();
        Some(Request {
            scope,
            key: self.key.clone()?,
            digest: URL_SAFE_NO_PAD.encode(sha256(&whole)),
        })
    }

    /// The key itself.
    pub(super) fn as_str(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The key itself, where one is needed.
    pub(super) fn needed(&self) -> Result<&str, Problem> {
        self.as_str()
            .ok_or_else(|| Problem::bad_request("An Idempotency-Key header is needed."))
    }

    /// Whether something was carried out under this key, whatever came with it.
    pub(super) async fn is_known(&self, api: &Api, scope: Scope) -> Result<bool, Problem> {
        let Some(key) = &self.key else {
            return Ok(false);
        };
        Ok(api.visits.store().request(scope, key).await?.is_some())
    }
}

/// Printable ASCII, spaces within included: what clients make is taken, and nothing that would have
/// to be escaped anywhere.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = sent.next() else {
        return Ok(None);
    };
    let printable = |key: &&str| {
        let length = 1..=MAX_KEY;
        length.contains(&key.len()) && key.bytes().all(|b| matches!(b, b' '..=b'~'))
    };
    let key = key.to_str().ok().map(str::trim).filter(printable);
    let alone = sent.next().is_none();
    match key {
        Some(key) if alone => Ok(Some(key.to_owned())),
        _ => Err(Problem::bad_request(format!(
            "An Idempotency-Key is 1 to {MAX_KEY} printable ASCII characters, sent once."
        ))),
    }
}

/// A POST with a JSON body of at most `MOST` bytes; an empty one is an empty object.
#[derive(Debug)]
pub(super) struct Posted<T, const MOST: usize = MAX_JSON> {
    pub(super) wish: T,
    pub(super) key: Key,
    /// The body without what makes no difference in JSON; empty without a key.
    body: Vec<u8>,
}

impl<T: DeserializeOwned, const MOST: usize> FromRequest<Api> for Posted<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, api: &Api) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = Key::from_request_parts(&mut parts, api).await?;
        let bytes = read(HttpRequest::from_parts(parts, body), MOST).await?;
        let wish = json(&bytes)?;
        let body = match &key.key {
            Some(_) => json::<serde_json::Value>(&bytes)?.to_string().into_bytes(),
            None => Vec::new(),
        };
        Ok(Self { wish, key, body })
    }
}

impl<T, const MOST: usize> Posted<T, MOST> {
    /// The request that this is.
    pub(super) fn request(&self, scope: Scope) -> Option<Request> {
        self.key.request(scope, &self.body)
    }
}

/// What an answer says of the event that its command led to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seq(pub(super) u64);

impl IntoResponseParts for Seq {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.headers_mut().insert(SEQ, HeaderValue::from(self.0));
        Ok(parts)
    }
}

impl IntoResponse for Seq {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// The name of the turn in which a request is looked up and carried out.
pub(super) fn turn_of(request: &Request) -> String {
    format!("{} {}", request.scope, request.key)
}

/// Has `work` done once for `request`, of staff and of no visit's log. The same request again is
/// given the same answer for as long as that is remembered; then what `again` says.
pub(super) async fn for_staff<W>(
    api: &Api,
    request: Option<Request>,
    again: Option<Response>,
    work: W,
) -> Result<Response, Problem>
where
    W: Future<Output = Result<Response, Problem>>,
{
    let Some(request) = request else {
        return work.await;
    };
    let _turn = api.visits.turn(turn_of(&request)).await;
    if api.visits.before(Some(&request)).await?.is_some() {
        let now = api.clock.monotonic();
        let answer = api.answers.of(&request, now).or(again);
        return answer.ok_or_else(|| {
            let detail = "This was done before; what it showed is not kept.";
            Problem::new(StatusCode::GONE, "answer_gone", detail)
        });
    }
    let answer = work.await?;
    api.visits.note(&request).await?;
    let now = api.clock.monotonic();
    api.answers.keep(request, answer, now).await
}

/// How long an answer to staff is remembered: clients that heard none ask again at once.
const REMEMBERED: Duration = Duration::from_secs(60);
/// And how many.
const MOST: usize = 8;

/// The last answers to staff, in memory only: some show a face.
#[derive(Debug, Clone, Default)]
pub struct Answers(Arc<Mutex<VecDeque<Kept>>>);

#[derive(Debug)]
struct Kept {
    request: Request,
    until: Duration,
    status: StatusCode,
    kind: Option<HeaderValue>,
    body: Bytes,
}

impl Answers {
    fn of(&self, request: &Request, now: Duration) -> Option<Response> {
        let mut all = self.lock();
        all.retain(|kept| now < kept.until);
        let kept = all.iter().find(|kept| kept.request == *request)?;
        Some(kept.answer())
    }

    async fn keep(
        &self,
        request: Request,
        answer: Response,
        now: Duration,
    ) -> Result<Response, Problem> {
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX)
            .await
            .map_err(|e| Problem::internal(&e))?;
        let kept = Kept {
            request,
            until: now + REMEMBERED,
            status: parts.status,
            kind: parts.headers.get(CONTENT_TYPE).cloned(),
            body,
        };
        let answer = kept.answer();
        let mut all = self.lock();
        all.retain(|kept| now < kept.until);
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(kept);
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn answer(&self) -> Response {
        let mut answer = (self.status, self.body.clone()).into_response();
        match &self.kind {
            Some(kind) => answer.headers_mut().insert(CONTENT_TYPE, kind.clone()),
            None => answer.headers_mut().remove(CONTENT_TYPE),
        };
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(keys: &[&[u8]]) -> HeaderMap {
        let value = |key: &&[u8]| HeaderValue::from_bytes(key).unwrap();
        let name = axum::http::HeaderName::from_static(IDEMPOTENCY_KEY);
        let all = keys.iter().map(|key| (name.clone(), value(key)));
        all.collect()
    }

    #[test]
    fn a_key_is_bounded_printable_and_sent_once() {
        assert_eq!(key_of(&headers(&[])).unwrap(), None);
        let longest = "k".repeat(MAX_KEY);
        for good in ["a", "one order", "0190-\"x\"", longest.as_str()] {
            let key = key_of(&headers(&[good.as_bytes()])).unwrap();
            assert_eq!(key.as_deref(), Some(good));
        }
        let long = "k".repeat(MAX_KEY + 1);
        for bad in [
            b"".as_slice(),
            b"  ",
            b"a\tb",
            "키".as_bytes(),
            long.as_bytes(),
        ] {
            assert!(key_of(&headers(&[bad])).is_err(), "{bad:?}");
        }
        assert!(key_of(&headers(&[b"a", b"a"])).is_err());
    }

    #[test]
    fn another_place_or_body_is_another_request() {
        let key = |path: &str| Key {
            key: Some("k".to_owned()),
            path: path.to_owned(),
        };
        let digest = |path, body: &[u8]| key(path).request(Scope::Kiosk, body).unwrap().digest;
        assert_eq!(digest("/a", b"b"), digest("/a", b"b"));
        assert_ne!(digest("/a", b"b"), digest("/a", b"c"));
        assert_ne!(digest("/a", b"b"), digest("/c", b"b"));
        assert_ne!(digest("/a", b"b"), digest("/ab", b""));
    }
}
