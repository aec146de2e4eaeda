//! The steps of a rehearsal, each through the same doors as a visitor's.

use std::time::Duration;

use jiff::SignedDuration;
use uuid::Uuid;

use super::super::super::{Api, Problem, captures, guard, tickets};
use super::super::trials::test;
use crate::camera::{Camera as _, CameraError, Sample, SampleSettings};
use crate::room::join::ClaimCode;
use crate::session::{
    Asked, CaptureSource, Command, PaintingState, PrintState, REHEARSAL, Session, StyleId,
};
use crate::visits::NewVisit;

/// A rehearsal that nobody ends is gone after this long.
const KEPT: SignedDuration = SignedDuration::from_mins(30);
/// How long its paintings may take, beyond what styles allow: a line of visitors goes first.
const PAINTED_WITHIN: Duration = Duration::from_secs(300);
const PRINTED_WITHIN: Duration = Duration::from_secs(180);
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What a step found, or why it failed; both in a few English words.
pub(super) type Found = Result<String, String>;

/// `None`: the page has the camera, and nobody can release it from here.
pub(super) async fn camera(api: &Api) -> Result<Option<String>, String> {
    match api.camera.still().await {
        Ok(photo) => {
            let photo = api.darkroom.develop(photo).await.map_err(text)?;
            let (width, height) = (photo.screen.width, photo.screen.height);
            Ok(Some(format!("{width} × {height}")))
        }
        Err(CameraError::InBrowser) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) async fn generator(api: &Api, id: &str) -> Found {
    let painted = test(api, id, None).await.map_err(text)?;
    Ok(painted.style.to_string())
}

pub(super) async fn visit(api: &Api, session: Uuid) -> Found {
    let now = api.clock.now();
    let new = NewVisit {
        id: session,
        code_hash: api.join_code(session).hash(),
        activity: REHEARSAL.to_owned(),
        locale: api.rules.locales[0].clone(),
        claim: ClaimCode::generate(&api.entropy).reveal().to_owned(),
        expires_at: now + KEPT,
        most_open: u64::MAX,
        still_since: now,
    };
    api.visits.open_aside(new).await.map_err(text)?;
    let consent = Command::Consent {
        painting: true,
        wall: false,
        offsite: api.rules.offsite,
    };
    api.visits.run(session, consent).await.map_err(text)?;
    Ok(String::new())
}

pub(super) async fn photo(api: &Api, session: Uuid) -> Found {
    let samples = Sample::new(&SampleSettings::default(), api.clock.clone());
    let photo = samples.still().await.map_err(text)?;
    let (state, id) = captures::take_in(api, session, CaptureSource::Sample, photo)
        .await
        .map_err(Problem::into_detail)?;
    let input = &state.capture(id).expect("it has just been taken").input;
    Ok(format!("{} × {}", input.width, input.height))
}

pub(super) async fn paintings(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session)
        .await
        .map_err(Problem::into_detail)?;
    let capture = state.current_capture().ok_or("there is no photo")?.id;
    let now = api.clock.now();
    let paintings = api.rules.styles.iter().map(|style| Asked {
        id: api.entropy.uuid_v7(now),
        capture,
        style: StyleId(style.id.clone()),
        seed: 1,
    });
    let ask = Command::AskPaintings {
        paintings: paintings.collect(),
        any_seed: true,
    };
    api.visits.run(session, ask).await.map_err(text)?;
    let settled = |state: &Session| !state.has_unsettled_paintings();
    let state = until(api, session, PAINTED_WITHIN, settled).await?;
    let failed: Vec<String> = state
        .paintings
        .iter()
        .filter_map(|p| match p.state {
            PaintingState::Failed { code } => {
                Some(format!("{}: {}", p.asked.style, code.sentence()))
            }
            _ => None,
        })
        .collect();
    if failed.is_empty() {
        Ok(format!("{}", state.paintings.len()))
    } else {
        Err(failed.join(" "))
    }
}

pub(super) async fn ticket(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session)
        .await
        .map_err(Problem::into_detail)?;
    let done = |p: &&crate::session::Painting| matches!(p.state, PaintingState::Done { .. });
    let painting = state.paintings.iter().find(done);
    let painting = painting.ok_or("no painting is done")?.asked.id;
    let name = Some("Rehearsal".to_owned());
    let (state, id) = tickets::make_of(api, session, painting, name, None)
        .await
        .map_err(Problem::into_detail)?;
    let number = state.ticket(id).expect("it has just been made").number;
    Ok(format!("No. {number}"))
}

pub(super) async fn print(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session)
        .await
        .map_err(Problem::into_detail)?;
    let ticket = state.tickets.first().ok_or("there is no ticket")?.id;
    let print = api.entropy.uuid_v7(api.clock.now());
    let order = Command::OrderPrint {
        print,
        ticket,
        copies: 1,
        key: print.to_string(),
        most_sheets: Some(1),
    };
    api.visits.run(session, order).await.map_err(text)?;
    let settled = |state: &Session| {
        let print = state.print(print);
        print.is_none_or(|p| p.state != PrintState::Queued)
    };
    let state = until(api, session, PRINTED_WITHIN, settled).await?;
    match state.print(print).map(|p| p.state) {
        Some(PrintState::Done) => Ok(String::new()),
        Some(PrintState::Failed { code }) => Err(code.sentence().to_owned()),
        _ => Err("the order is lost".to_owned()),
    }
}

/// Whether the address on the QR leads here, as far as that can be told from here.
pub(super) async fn phones(api: &Api) -> Found {
    let url = format!("{}/api/v1/styles", api.rules.public_url);
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWERED_WITHIN)
        .build()
        .map_err(text)?;
    let answer = http.get(&url).send().await.map_err(|e| {
        let why = if e.is_timeout() {
            "does not answer"
        } else {
            "cannot be reached"
        };
        format!("{} {why}", api.rules.public_url)
    })?;
    if answer.status().is_success() {
        Ok(api.rules.public_url.clone())
    } else {
        Err(format!(
            "{} answers {}",
            api.rules.public_url,
            answer.status()
        ))
    }
}

pub(super) async fn erase(api: &Api, session: Uuid) -> Found {
    let erased = api.visits.run(session, Command::Erase).await;
    erased.map(|_| String::new()).map_err(text)
}

/// Waits until `so` holds of the visit.
async fn until(
    api: &Api,
    session: Uuid,
    within: Duration,
    so: impl Fn(&Session) -> bool,
) -> Result<Session, String> {
    let began = api.clock.monotonic();
    loop {
        let state = guard::load(api, session)
            .await
            .map_err(Problem::into_detail)?;
        if so(&state) {
            return Ok(state);
        }
        if api.clock.monotonic().saturating_sub(began) > within {
            return Err(format!("it took longer than {} s", within.as_secs()));
        }
        api.clock.sleep(LOOK_EVERY).await;
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
