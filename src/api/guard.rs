//! Who asks, and what they sent: extractors that name it in a handler's signature.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Path, Request as HttpRequest};
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Api, Problem};
use crate::blobs::BlobError;
use crate::room::token::{Claims, Role};
use crate::serve::BodyTooSlow;
use crate::session::{Command, Refusal, Session};
use crate::staff::parts::Mood;
use crate::store::{Outcome, Request, Scope};
use crate::visits::{Done, VisitError};

/// Longest JSON body, in bytes, unless a route takes longer ones.
pub(super) const MAX_JSON: usize = 8 * 1024;
/// Things may have expired by then, or somebody has made room.
const DISK_AGAIN: Duration = Duration::from_secs(60);

/// A bearer of a token for the room that the path names.
#[derive(Debug, Clone)]
pub(super) struct InRoom {
    /// The session.
    pub(super) session: Uuid,
    /// What the token says.
    pub(super) claims: Claims,
}

impl InRoom {
    /// Among whose requests a key counts here.
    pub(super) fn scope(&self) -> Scope {
        Scope::Room(self.session)
    }

    /// Only the kiosk itself goes on.
    pub(super) fn kiosk(&self) -> Result<(), Problem> {
        match self.claims.role {
            Role::Kiosk | Role::Staff => Ok(()),
            Role::Visitor => Err(Problem::kiosk_only()),
        }
    }
}

/// The token that a request bears (RFC 6750 §2.1). Of two nobody can say which was meant, and what
/// passes requests on may have looked at the other.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut said = headers.get_all(header::AUTHORIZATION).iter();
    let said = said.next().filter(|_| said.next().is_none())?;
    let said = said.to_str().ok()?;
    let (scheme, token) = said.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<Api> for InRoom {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(Problem::token_invalid)?;
        let claims = api
            .tokens
            .verify(token)
            .map_err(|_| Problem::token_invalid())?;
        let Path(path): Path<Vec<(String, String)>> = Path::from_request_parts(parts, api)
            .await
            .map_err(|_| Problem::wrong_room())?;
        let id = path
            .iter()
            .find(|(name, _)| name == "id")
            .map(|(_, id)| id.as_str());
        // What is no id, an unknown id and a foreign id are told the same.
        if id.and_then(|id| Uuid::try_parse(id).ok()) != Some(claims.room) {
            return Err(Problem::wrong_room());
        }
        let row = api.visits.store().row(claims.room).await?;
        let row = row.ok_or_else(Problem::token_invalid)?;
        if let Some(over) = row.over() {
            return Err(over.into());
        }
        Ok(Self {
            session: claims.room,
            claims,
        })
    }
}

/// A JSON body of at most `MOST` bytes: as many a stranger's connection may hold. An empty one is an
/// empty object.
#[derive(Debug)]
pub(super) struct Body<T, const MOST: usize = MAX_JSON>(pub(super) T);

impl<T: DeserializeOwned, const MOST: usize> FromRequest<Api> for Body<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, _api: &Api) -> Result<Self, Problem> {
        let bytes = read(request, MOST).await?;
        json(&bytes).map(Self)
    }
}

/// What a path names. One that is no text is none of ours.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Api> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, api).await;
        path.map(|Path(named)| Self(named))
            .map_err(|_| Problem::nothing_here())
    }
}

/// Reads JSON.
pub(super) fn json<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    let text: &[u8] = if bytes.trim_ascii().is_empty() {
        b"{}"
    } else {
        bytes
    };
    serde_json::from_slice(text).map_err(|e| {
        if e.is_data() {
            Problem::invalid(format!("The body does not fit: {e}."))
        } else {
            Problem::bad_request("The body is not JSON.")
        }
    })
}

/// Reads a whole body of at most `limit` bytes.
pub(super) async fn read(request: HttpRequest, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("The body has more than the {limit} bytes that are taken.");
        Problem::new(
            axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            detail,
        )
    };
    let claimed = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    if claimed.is_some_and(|n| n > limit as u64) {
        return Err(too_large());
    }
    axum::body::to_bytes(request.into_body(), limit)
        .await
        .map_err(|e| {
            let mut source: Option<&dyn std::error::Error> = Some(&e);
            while let Some(error) = source {
                if error.is::<http_body_util::LengthLimitError>() {
                    return too_large();
                }
                if error.is::<BodyTooSlow>() {
                    return Problem::too_slow();
                }
                source = error.source();
            }
            Problem::bad_request("The body did not arrive whole.")
        })
}

/// Refuses what would need more of the disk when there is little left: what is left is for going on
/// with the visits that have begun, and above all for erasing, which needs some itself.
pub(super) fn room_on_disk(api: &Api) -> Result<(), Problem> {
    // The kernel knows how full a disk is that is written to all the time: some microseconds.
    match api.staff.parts.disk().mood {
        Mood::Trouble => Err(Problem::busy(DISK_AGAIN)),
        Mood::Well | Mood::Watch => Ok(()),
    }
}

/// Loads a session that is not erased.
pub(super) async fn load(api: &Api, session: Uuid) -> Result<Session, Problem> {
    let store = api.visits.store();
    if let Some(state) = store.load(session).await? {
        return Ok(state);
    }
    // It was there when the token was looked at.
    let over = store.row(session).await?.and_then(|row| row.over());
    Err(over.map_or_else(|| Refusal::Erased.into(), Problem::from))
}

/// Loads a session among others: one whose log does not read is as good as gone, and costs nobody
/// else the answer.
pub(super) async fn readable(api: &Api, session: Uuid) -> Result<Option<Session>, Problem> {
    match api.visits.store().load(session).await {
        Err(e) if e.is_damage() => {
            tracing::error!(
                session.id = %session,
                error = &e as &dyn std::error::Error,
                "a visit that does not read is left out"
            );
            Ok(None)
        }
        state => Ok(state?),
    }
}

/// What was kept of a picture. If it was not, nothing of it may stay behind; and if that is because
/// the visit was erased in that moment, the visitor hears so instead of a fault of ours.
pub(super) async fn kept<T>(
    api: &Api,
    session: Uuid,
    picture: Uuid,
    outcome: Result<T, BlobError>,
) -> Result<T, Problem> {
    let fault = match outcome {
        Ok(kept) => return Ok(kept),
        Err(fault) => fault,
    };
    let row = api.visits.store().row(session).await?;
    match row.and_then(|row| row.erased_at) {
        Some(at) => {
            api.blobs.delete_prefix(session).await?;
            Err(Problem::erased(at))
        }
        None => {
            // Best effort: the same disk has just said no.
            let _ = api.blobs.delete_picture(session, picture).await;
            Err(fault.into())
        }
    }
}

/// Carries `command` out, which makes `made` and speaks of a picture that was kept for it. If it is
/// refused (erased or ended meanwhile) the picture must not stay behind; if nobody knows whether it
/// was carried out, it must.
pub(super) async fn or_delete(
    api: &Api,
    request: Option<&Request>,
    session: Uuid,
    picture: Uuid,
    (made, command): (Uuid, Command),
) -> Result<Done, Problem> {
    let outcome = |_: &Session| Outcome::Made(vec![made]);
    match api
        .visits
        .run_once(request, session, command, outcome)
        .await
    {
        Err(e @ (VisitError::Refused(_) | VisitError::KeyReused)) => {
            api.blobs.delete_picture(session, picture).await?;
            Err(e.into())
        }
        carried => Ok(carried?),
    }
}

/// Reads an id from a body or a path; what is no id is an unknown one.
pub(super) fn id(text: &str, what: &'static str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| Refusal::NotFound(what).into())
}
