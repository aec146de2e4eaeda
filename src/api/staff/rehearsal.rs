//! A rehearsal: a whole visit on a sample photo, against every part, erased at its end.
//!
//! The visit is a real one, on the record, in the line, on paper if that is wanted. Its activity
//! says that it is a rehearsal, so that no figure counts it; it never has the screen, and it
//! expires soon by itself should the booth end in the middle.

mod steps;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::once::{Posted, for_staff};
use super::super::{Api, Problem};
use super::OnDuty;
use super::trials::millis;
use crate::staff::rehearsal::{Act, Report, Running, Step, StepState};
use crate::store::Scope;

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
    posted: Posted<RehearsalWish>,
) -> Result<Response, Problem> {
    let print = posted.wish.print;
    let work = async { start(&api, print).map(IntoResponse::into_response) };
    for_staff(&api, posted.request(Scope::Staff), None, work).await
}

fn start(api: &Api, print: bool) -> Result<(StatusCode, Json<Report>), Problem> {
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
        .begin(api.clock.wall(), acts(api, print), play);
    let report = api.staff.rehearsals.last().filter(|_| begun);
    let report = report.ok_or_else(|| {
        let detail = "A rehearsal is running.";
        Problem::new(StatusCode::CONFLICT, "wrong_state", detail)
    })?;
    Ok((StatusCode::ACCEPTED, Json(report)))
}

fn acts(api: &Api, print: bool) -> Vec<Step> {
    let generators = api.staff.parts.pool.report().servers;
    let mut steps = vec![Step::new(Act::Camera, api.camera.name())];
    steps.extend(
        generators
            .into_iter()
            .map(|g| Step::new(Act::Generator, g.id)),
    );
    steps.extend([
        Step::new(Act::Visit, ""),
        Step::new(Act::Photo, ""),
        Step::new(Act::Paintings, ""),
        Step::new(Act::Ticket, ""),
    ]);
    if print && api.printer.is_some() {
        steps.push(Step::new(Act::Print, ""));
    }
    steps.push(Step::new(Act::Phones, ""));
    steps.push(Step::new(Act::Erase, ""));
    steps
}

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
            let of_the_visit = step.what.is_of_the_visit();
            let skip = match step.what {
                Act::Erase => !opened,
                _ => stopping || (of_the_visit && !whole),
            };
            if skip {
                self.note(StepState::Skipped, "", None);
                self.at += 1;
                continue;
            }
            let fine = self.step(&step, session).await;
            opened |= step.what == Act::Visit;
            whole &= fine || !of_the_visit;
            self.at += 1;
        }
        self.api.clock.wall()
    }

    async fn step(&self, step: &Step, session: Uuid) -> bool {
        self.note(StepState::Running, "", None);
        let began = self.api.clock.monotonic();
        let stop = self.running.stop().clone();
        let api = &self.api;
        let played = async {
            match step.what {
                Act::Camera => steps::camera(api).await,
                Act::Generator => steps::generator(api, &step.which).await.map(Some),
                Act::Visit => steps::visit(api, session).await.map(Some),
                Act::Photo => steps::photo(api, session).await.map(Some),
                Act::Paintings => steps::paintings(api, session).await.map(Some),
                Act::Ticket => steps::ticket(api, session).await.map(Some),
                Act::Print => steps::print(api, session).await.map(Some),
                Act::Phones => steps::phones(api).await.map(Some),
                Act::Erase => steps::erase(api, session).await.map(Some),
            }
        };
        let found = if step.what == Act::Erase {
            played.await
        } else {
            tokio::select! {
                found = played => found,
                () = stop.cancelled() => Err(steps::fault("stopping", "The booth is stopping.")),
            }
        };
        let took = millis(self.api.clock.monotonic().saturating_sub(began));
        match &found {
            Ok(Some(says)) => self.note(StepState::Fine, says, Some(took)),
            Ok(None) => self.note(StepState::Skipped, "", None),
            Err(fault) => {
                tracing::warn!(
                    step = ?step.what,
                    which = step.which,
                    says = fault.detail(),
                    "a rehearsal found a fault"
                );
                self.running
                    .failed(self.at, fault.code(), fault.detail(), took);
            }
        }
        found.is_ok()
    }

    fn note(&self, state: StepState, says: &str, took_ms: Option<u64>) {
        self.running.note(self.at, state, says, took_ms);
    }
}
