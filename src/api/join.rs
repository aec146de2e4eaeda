//! How a phone gets into a room.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::{InRoom, load};
use super::once::{Key, Posted, Seq};
use super::{Api, Problem};
use crate::household::Caller;
use crate::room::join::{ClaimCode, ClaimRefusal, JoinCode};
use crate::room::token::Role;
use crate::session::{Command, Refusal, Session};
use crate::store::{Outcome, Over, Scope};
use crate::visits::VisitError;

/// What the QR says, and the four digits where they are needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Knock {
    code: String,
    claim: Option<String>,
}

/// The room is open.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Joined {
    /// The session.
    room: Uuid,
    /// The room token.
    token: String,
    role: &'static str,
    /// When the room closes.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Exchange a join code for a room token.
#[utoipa::path(post, path = "/join", tag = "rooms", request_body = Knock,
    responses((status = 200, body = Joined), (status = "4XX", body = Problem)))]
pub(super) async fn join(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    posted: Posted<Knock>,
) -> Result<(Seq, Json<Joined>), Problem> {
    let (session, way) = match room(&api, &posted.wish.code, posted.key.as_str()).await {
        // A guess. Only guesses are slowed down: a whole Wi-Fi may share the guesser's address, and
        // whoever has a code that is one (or was) did not guess it.
        Err(problem) if problem.status() == StatusCode::NOT_FOUND => {
            let tries = api.tries.check(caller.address());
            tries.map_err(|e| Problem::too_many("too_many_tries", e.retry_after))?;
            api.tries.failed(caller.address());
            return Err(problem);
        }
        room => room?,
    };
    let request = posted.request(Scope::Room(session.id));
    if session.ended_at.is_some() && api.visits.before(request.as_ref()).await?.is_none() {
        return Err(over());
    }
    let typed = match way {
        Way::Qr => {
            let typed = posted.wish.claim.map(|claim| claim.trim().to_owned());
            claim(&api, &session, typed.as_deref())?;
            typed
        }
        // Whoever gave the code away is in the room, where the digits are to be read; what others
        // have guessed does not shut it.
        Way::OneTime => Some(session.claim.clone()),
    };
    let join = Command::JoinPhone { claim: typed };
    let seat = |session: &Session| Outcome::Seat(session.phones);
    let joined = api
        .visits
        .run_once(request.as_ref(), session.id, join, seat);
    let done = joined.await.map_err(|e| match e {
        VisitError::Refused(Refusal::Ended) => over(),
        e => e.into(),
    })?;
    let session = &done.session;
    // Who asks again sits where they sat: no token is kept, so theirs is a new one for that seat.
    let phone = match done.outcome {
        Outcome::Seat(seat) => format!("phone-{seat}"),
        _ => format!("phone-{}", session.phones),
    };
    let joined = Joined {
        room: session.id,
        token: api
            .tokens
            .issue(session.id, Role::Visitor, &phone, session.expires_at),
        role: Role::Visitor.as_str(),
        expires_at: session.expires_at,
    };
    Ok((Seq(done.seq), Json(joined)))
}

/// What a code was read from.
enum Way {
    /// The room's own QR.
    Qr,
    /// The link of a phone that is in the room.
    OneTime,
}

/// The room that `code` opens, and how it came to whoever knocks under `key`.
async fn room(api: &Api, code: &str, key: Option<&str>) -> Result<(Session, Way), Problem> {
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_code",
            "No visit has this code.",
        )
    };
    let code = JoinCode::parse(code).ok_or_else(unknown)?;
    let store = api.visits.store();
    let (row, way) = match store.by_code(&code.hash()).await? {
        Some(row) => (Some(row), Way::Qr),
        None => match api.one_time_codes.redeem(&code, key) {
            Some(room) => (store.row(room).await?, Way::OneTime),
            None => (None, Way::Qr),
        },
    };
    let row = row.ok_or_else(unknown)?;
    let expired = (api.clock.now() >= row.expires_at).then_some(Over::Expired);
    if let Some(over) = row.over().or(expired) {
        return Err(over.into());
    }
    let session = store.load(row.id).await?.ok_or_else(unknown)?;
    Ok((session, way))
}

/// A code that opens this room to one more browser, once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenAlong {
    /// To be put into a link's fragment, as a QR has it.
    code: String,
    /// For how long it is worth something, in seconds.
    lives_s: u64,
}

/// Take the room along into another browser of the same phone: a code that opens it once, without
/// the digits, and soon.
#[utoipa::path(post, path = "/sessions/{id}/code", tag = "rooms", security(("room" = [])),
    params(("id" = String, Path,)),
    responses((status = 201, body = TakenAlong), (status = "4XX", body = Problem)))]
pub(super) async fn take_along(
    State(api): State<Api>,
    room: InRoom,
    key: Key,
) -> Result<(StatusCode, Seq, Json<TakenAlong>), Problem> {
    let session = load(&api, room.session).await?;
    if session.ended_at.is_some() {
        return Err(over());
    }
    // Asked again, the code is the same, and is kept nowhere for that.
    let code = match key.as_str() {
        Some(key) => JoinCode::of_request(&api.key, room.session, key),
        None => JoinCode::random(&api.entropy),
    };
    let lives = api.one_time_codes.issue(room.session, &code);
    let taken = TakenAlong {
        code: code.reveal(),
        lives_s: lives.as_secs(),
    };
    Ok((StatusCode::CREATED, Seq(session.seq), Json(taken)))
}

/// Compares the claim, if one was sent, within the room's own patience.
fn claim(api: &Api, session: &Session, claim: Option<&str>) -> Result<(), Problem> {
    let Some(typed) = claim else { return Ok(()) };
    let code = ClaimCode::parse(&session.claim).expect("claim codes are made of four digits");
    api.claims
        .claim(session.id, &code, typed)
        .map_err(|refusal| match refusal {
            ClaimRefusal::Wrong => Refusal::ClaimWrong.into(),
            ClaimRefusal::Wait { retry_after } => Problem::too_many("claim_locked", retry_after),
            ClaimRefusal::Locked => {
                Problem::too_many("claim_locked", std::time::Duration::from_secs(3600))
            }
        })
}

fn over() -> Problem {
    Problem::new(StatusCode::GONE, "ended", "This visit is over.")
}
