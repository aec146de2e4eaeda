//! Asking for paintings.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::{InRoom, Named, id};
use super::once::{Key, Posted, Seq};
use super::{Api, Problem};
use crate::room::view::PaintingView;
use crate::session::{Asked, Command, Session, StyleId};
use crate::store::Outcome;

/// Which paintings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// The capture to paint.
    capture: String,
    /// In which styles; all by default.
    styles: Option<Vec<String>>,
    /// Another seed gives another painting; without one the paintings that are there are the answer,
    /// done or not.
    seed: Option<u32>,
}

/// The paintings that answer the wish.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Paintings {
    paintings: Vec<PaintingView>,
}

/// Ask for paintings.
#[utoipa::path(post, path = "/sessions/{id}/paintings", tag = "paintings",
    security(("room" = [])), params(("id" = String, Path,)), request_body = Wish,
    responses((status = 202, body = Paintings), (status = "4XX", body = Problem)))]
pub(super) async fn ask(
    State(api): State<Api>,
    room: InRoom,
    posted: Posted<Wish>,
) -> Result<(StatusCode, Seq, Json<Paintings>), Problem> {
    let request = posted.request(room.scope());
    let wish = posted.wish;
    let capture = id(&wish.capture, "capture")?;
    let any_seed = wish.seed.is_none();
    let seed = wish
        .seed
        .unwrap_or_else(|| (api.entropy.u64() >> 32) as u32);
    let now = api.clock.now();
    let asked: Vec<Asked> = styles(&api, wish.styles)?
        .into_iter()
        .map(|style| Asked {
            id: api.entropy.uuid_v7(now),
            capture,
            style,
            seed,
        })
        .collect();
    let command = Command::AskPaintings {
        paintings: asked.clone(),
        any_seed,
    };
    let answers = |state: &Session| {
        let answer = |one: &Asked| {
            let own = state.painting(one.id);
            own.or_else(|| state.answering(one, any_seed))
        };
        Outcome::Made(
            asked
                .iter()
                .filter_map(answer)
                .map(|p| p.asked.id)
                .collect(),
        )
    };
    let done = api
        .visits
        .run_once(request.as_ref(), room.session, command, answers)
        .await?;
    let Outcome::Made(ids) = &done.outcome else {
        return Err(Problem::key_reused());
    };
    let paintings = api.feed.with_view(|view| {
        ids.iter()
            .filter_map(|id| done.session.painting(*id))
            .map(|painting| view.painting(painting))
            .collect()
    });
    Ok((
        StatusCode::ACCEPTED,
        Seq(done.seq),
        Json(Paintings { paintings }),
    ))
}

fn styles(api: &Api, wanted: Option<Vec<String>>) -> Result<Vec<StyleId>, Problem> {
    let known = || api.rules.styles.iter().map(|style| style.id.as_str());
    let Some(wanted) = wanted else {
        return Ok(known().map(StyleId::from).collect());
    };
    if let Some(strange) = wanted
        .iter()
        .find(|style| !known().any(|k| k == style.as_str()))
    {
        let all = known().collect::<Vec<_>>().join(", ");
        // What a stranger typed is not repeated at length.
        let strange: String = strange.chars().take(40).collect();
        return Err(Problem::invalid(format!(
            "There is no style {strange:?} here; there are {all}."
        )));
    }
    Ok(wanted
        .iter()
        .map(|style| StyleId::from(style.as_str()))
        .collect())
}

/// One painting.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct One {
    painting: PaintingView,
}

/// Try a failed painting once more.
#[utoipa::path(post, path = "/sessions/{id}/paintings/{painting}/retry", tag = "paintings",
    security(("room" = [])), params(("id" = String, Path,), ("painting" = String, Path,)),
    responses((status = 202, body = One), (status = "4XX", body = Problem)))]
pub(super) async fn retry(
    State(api): State<Api>,
    room: InRoom,
    Named(ids): Named<(String, String)>,
    key: Key,
) -> Result<(StatusCode, Seq, Json<One>), Problem> {
    let painting = id(&ids.1, "painting")?;
    let request = key.request(room.scope(), b"");
    let retry = Command::RetryPainting { painting };
    let done = api
        .visits
        .run_once(request.as_ref(), room.session, retry, |_| Outcome::Done)
        .await?;
    let painting = done.session.painting(painting);
    let painting = painting.expect("it is asked for again");
    let painting = api.feed.with_view(|view| view.painting(painting));
    Ok((StatusCode::ACCEPTED, Seq(done.seq), Json(One { painting })))
}
