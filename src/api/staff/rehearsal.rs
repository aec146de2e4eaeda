//! A rehearsal: a whole visit on a sample photo, against every part, erased at its end.
//!
//! The visit is a real one, on the record, in the line, on paper if that is wanted. Its activity
//! says that it is a rehearsal, so that no figure counts it; it never has the screen, and it
//! expires soon by itself should the booth end in the middle.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::guard::Body;
use super::super::{Api, Problem, captures, guard, tickets};
use super::OnDuty;
use super::tests::{millis, test};
use crate::camera::{Camera as _, CameraError, Sample, SampleSettings};
use crate::room::join::ClaimCode;
use crate::session::{
    Asked, CaptureSource, Command, PaintingState, PrintState, REHEARSAL, Session, StyleId,
};
use crate::staff::rehearsal::{Report, Running, Step, StepState};
use crate::visits::NewVisit;

/// A rehearsal that nobody ends is gone after this long.
const KEPT: SignedDuration = SignedDuration::from_mins(30);
/// How long its paintings may take, beyond what styles allow: a line of visitors goes first.
const PAINTED_WITHIN: Duration = Duration::from_secs(300);
const PRINTED_WITHIN: Duration = Duration::from_secs(180);
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How to rehearse.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RehearsalWish {
    /// Whether one sheet is printed.
    #[serde(default)]
    print: bool,
}

/// Play a whole visit against every part, in the background; the overview tells how it goes.
#[utoipa::path(post, path = "/rehearsal", operation_id = "rehearse", tag = "staff", security(("staff" = [])),
    request_body = RehearsalWish,
    responses((status = 202, body = Report), (status = "4XX", body = Problem)))]
pub(super) async fn begin(
    State(api): State<Api>,
    _: OnDuty,
    Body(wish): Body<RehearsalWish>,
) -> Result<(StatusCode, Json<Report>), Problem> {
    let play = {
        let api = api.clone();
        |running| {
            Play {
                api,
                running,
                at: 0,
            }
            .whole()
        }
    };
    let begun = api
        .staff
        .rehearsals
        .begin(api.clock.wall(), steps(&api, wish.print), play);
    let report = api.staff.rehearsals.last().filter(|_| begun);
    let report = report.ok_or_else(|| {
        let detail = "A rehearsal is running.";
        Problem::new(StatusCode::CONFLICT, "wrong_state", detail)
    })?;
    Ok((StatusCode::ACCEPTED, Json(report)))
}

fn steps(api: &Api, print: bool) -> Vec<Step> {
    let generators = api.staff.parts.pool.report().servers;
    let mut steps = vec![Step::new("camera", api.camera.name())];
    steps.extend(generators.into_iter().map(|g| Step::new("generator", g.id)));
    steps.extend([
        Step::new("visit", ""),
        Step::new("photo", ""),
        Step::new("paintings", ""),
        Step::new("ticket", ""),
    ]);
    if print && api.printer.is_some() {
        steps.push(Step::new("print", ""));
    }
    steps.push(Step::new("phones", ""));
    steps.push(Step::new("erase", ""));
    steps
}

/// What a step found, or why it failed; both in a few English words.
type Found = Result<String, String>;

struct Play {
    api: Api,
    running: Running,
    /// Which step is next.
    at: usize,
}

impl Play {
    async fn whole(mut self) -> Timestamp {
        let steps = self
            .api
            .staff
            .rehearsals
            .last()
            .map_or(Vec::new(), |r| r.steps);
        let session = self.api.entropy.uuid_v7(self.api.clock.now());
        let (mut opened, mut whole) = (false, true);
        for step in steps {
            let stopping = self.running.stop().is_cancelled();
            let of_the_visit = !matches!(step.what, "camera" | "generator" | "phones");
            let skip = match step.what {
                "erase" => !opened,
                _ => stopping || (of_the_visit && !whole),
            };
            if skip {
                self.note(StepState::Skipped, "", None);
                self.at += 1;
                continue;
            }
            let fine = self.step(&step, session).await;
            opened |= step.what == "visit";
            whole &= fine || !of_the_visit;
            self.at += 1;
        }
        self.api.clock.wall()
    }

    async fn step(&self, step: &Step, session: Uuid) -> bool {
        self.note(StepState::Running, "", None);
        let began = self.api.clock.monotonic();
        let stop = self.running.stop().clone();
        let played = async {
            match step.what {
                "camera" => camera(&self.api).await,
                "generator" => generator(&self.api, &step.which).await.map(Some),
                "visit" => visit(&self.api, session).await.map(Some),
                "photo" => photo(&self.api, session).await.map(Some),
                "paintings" => paintings(&self.api, session).await.map(Some),
                "ticket" => ticket(&self.api, session).await.map(Some),
                "print" => print(&self.api, session).await.map(Some),
                "phones" => phones(&self.api).await.map(Some),
                _ => erase(&self.api, session).await.map(Some),
            }
        };
        let found = if step.what == "erase" {
            played.await
        } else {
            tokio::select! {
                found = played => found,
                () = stop.cancelled() => Err("the booth is stopping".to_owned()),
            }
        };
        let took = millis(self.api.clock.monotonic().saturating_sub(began));
        match &found {
            Ok(Some(says)) => self.note(StepState::Fine, says, Some(took)),
            Ok(None) => self.note(StepState::Skipped, "", None),
            Err(says) => {
                tracing::warn!(
                    step = step.what,
                    which = step.which,
                    says,
                    "a rehearsal found a fault"
                );
                self.note(StepState::Failed, says, Some(took));
            }
        }
        found.is_ok()
    }

    fn note(&self, state: StepState, says: &str, took_ms: Option<u64>) {
        self.running.note(self.at, state, says, took_ms);
    }
}

/// `None`: the page has the camera, and nobody can release it from here.
async fn camera(api: &Api) -> Result<Option<String>, String> {
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

async fn generator(api: &Api, id: &str) -> Found {
    let painted = test(api, id, None).await.map_err(text)?;
    Ok(painted.style.to_string())
}

async fn visit(api: &Api, session: Uuid) -> Found {
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

async fn photo(api: &Api, session: Uuid) -> Found {
    let samples = Sample::new(&SampleSettings::default(), api.clock.clone());
    let photo = samples.still().await.map_err(text)?;
    let (state, id) = captures::take_in(api, session, CaptureSource::Sample, photo)
        .await
        .map_err(said)?;
    let input = &state.capture(id).expect("it has just been taken").input;
    Ok(format!("{} × {}", input.width, input.height))
}

async fn paintings(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session).await.map_err(said)?;
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

async fn ticket(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session).await.map_err(said)?;
    let done = |p: &&crate::session::Painting| matches!(p.state, PaintingState::Done { .. });
    let painting = state.paintings.iter().find(done);
    let painting = painting.ok_or("no painting is done")?.asked.id;
    let name = Some("Rehearsal".to_owned());
    let (state, id) = tickets::make_of(api, session, painting, name, None)
        .await
        .map_err(said)?;
    let number = state.ticket(id).expect("it has just been made").number;
    Ok(format!("No. {number}"))
}

async fn print(api: &Api, session: Uuid) -> Found {
    let state = guard::load(api, session).await.map_err(said)?;
    let ticket = state.tickets.first().ok_or("there is no ticket")?.id;
    let print = api.entropy.uuid_v7(api.clock.now());
    let order = Command::OrderPrint {
        print,
        ticket,
        copies: 1,
        key: print.to_string(),
        most_sheets: 1,
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
async fn phones(api: &Api) -> Found {
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

async fn erase(api: &Api, session: Uuid) -> Found {
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
        let state = guard::load(api, session).await.map_err(said)?;
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

fn said(problem: Problem) -> String {
    problem.detail().to_owned()
}
