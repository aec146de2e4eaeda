//! The steps of a rehearsal, each through the same doors as a visitor's.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::SignedDuration;
use uuid::Uuid;

use super::super::super::{Api, Problem, captures, guard, shutter, tickets};
use super::super::trials;
use crate::camera::{Camera as _, Sample, SampleSettings};
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

/// What a step found, or why it failed.
pub(super) type Found = Result<String, Problem>;

/// Something that only a rehearsal finds.
pub(super) fn fault(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, code, detail)
}

/// `None`: the page has the camera, and nobody can release it from here.
pub(super) async fn camera(api: &Api) -> Result<Option<String>, Problem> {
    if api.camera.name() == "browser" {
        return Ok(None);
    }
    let photo = shutter::shoot(api, None).await?;
    let photo = shutter::judge(api, api.darkroom.develop(photo).await)?;
    let (width, height) = (photo.screen.width, photo.screen.height);
    Ok(Some(format!("{width} × {height}")))
}

pub(super) async fn generator(api: &Api, id: &str) -> Found {
    let painted = trials::test(api, id, None).await;
    let painted = painted.map_err(trials::problem)?;
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
        request: None,
    };
    api.visits.open_aside(new).await?;
    let consent = Command::Consent {
        painting: true,
        wall: false,
        offsite: api.rules.offsite,
    };
    api.visits.run(session, consent).await?;
    Ok(String::new())
}

pub(super) async fn photo(api: &Api, session: Uuid) -> Found {
    let samples = Sample::new(&SampleSettings::default(), api.clock.clone());
    let photo = samples.still().await?;
    let source = CaptureSource::Sample;
    let done = captures::take_in(api, None, session, source, photo).await?;
    let capture = done.session.current_capture();
    let input = &capture.ok_or_else(|| missing("photo"))?.input;
    Ok(format!("{} × {}", input.width, input.height))
}

pub(super) async fn paintings(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session).await?;
    let capture = state.current_capture().ok_or_else(|| missing("photo"))?.id;
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
    api.visits.run(session, ask).await?;
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
        Err(fault("generator_failed", failed.join(" ")))
    }
}

pub(super) async fn ticket(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session).await?;
    let done = |p: &&crate::session::Painting| matches!(p.state, PaintingState::Done { .. });
    let painting = state.paintings.iter().find(done);
    let painting = painting.ok_or_else(|| missing("painting"))?.asked.id;
    let name = Some("Rehearsal".to_owned());
    let done = tickets::make_of(api, None, session, painting, name, None).await?;
    let made = done.outcome.made().and_then(|id| done.session.ticket(id));
    let number = made.ok_or_else(|| missing("ticket"))?.number;
    Ok(format!("No. {number}"))
}

pub(super) async fn print(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session).await?;
    let ticket = state.tickets.first().ok_or_else(|| missing("ticket"))?.id;
    let print = api.entropy.uuid_v7(api.clock.now());
    let order = Command::OrderPrint {
        print,
        ticket,
        copies: 1,
        key: print.to_string(),
        most_sheets: Some(1),
    };
    api.visits.run(session, order).await?;
    let settled = |state: &Session| {
        let print = state.print(print);
        print.is_none_or(|p| p.state != PrintState::Queued)
    };
    let state = until(api, session, PRINTED_WITHIN, settled).await?;
    match state.print(print).map(|p| p.state) {
        Some(PrintState::Done) => Ok(String::new()),
        Some(PrintState::Failed { code }) => Err(fault("printer_failed", code.sentence())),
        _ => Err(missing("order")),
    }
}

/// Whether the address on the QR leads here, as far as that can be told from here.
pub(super) async fn phones(api: &Api) -> Found {
    let look = api.reach.look();
    if !look.state.is_reachable() {
        let says = "This machine is on no network, so no phone can reach it.";
        return Err(fault("no_network", says));
    }
    let base = look.base;
    let url = format!("{base}/api/v1/styles");
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWERED_WITHIN)
        .build()
        .map_err(|e| Problem::internal(&e))?;
    let answer = http.get(&url).send().await.map_err(|e| {
        let why = if e.is_timeout() {
            "does not answer"
        } else {
            "cannot be reached"
        };
        fault("address_silent", format!("{base} {why}."))
    })?;
    if answer.status().is_success() {
        Ok(base)
    } else {
        let says = format!("{base} answers {}.", answer.status());
        Err(fault("address_wrong", says))
    }
}

pub(super) async fn erase(api: &Api, session: Uuid) -> Found {
    api.visits.erase(session).await?;
    Ok(String::new())
}

/// Waits until `so` holds of the visit.
async fn until(
    api: &Api,
    session: Uuid,
    within: Duration,
    so: impl Fn(&Session) -> bool,
) -> Result<Session, Problem> {
    let began = api.clock.monotonic();
    loop {
        let state = guard::load(api, session).await?;
        if so(&state) {
            return Ok(state);
        }
        if api.clock.monotonic().saturating_sub(began) > within {
            let detail = format!("It took longer than {} s.", within.as_secs());
            return Err(fault("timed_out", detail));
        }
        api.clock.sleep(LOOK_EVERY).await;
    }
}

/// What the step before should have left.
fn missing(what: &str) -> Problem {
    fault("not_found", format!("There is no {what}."))
}
