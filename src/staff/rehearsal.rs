//! What a rehearsal has found so far. The playing itself goes through the booth's own doors and
//! is done in [`crate::api`].

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::ToSchema;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Being played.
    Running,
    /// It went well.
    Fine,
    /// It did not.
    Failed,
    /// There was nothing to play: no such part, or a step before it failed.
    Skipped,
}

/// What a step tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RehearsalAct)]
pub enum Act {
    /// The camera takes a photo.
    Camera,
    /// One generator paints, outside the line.
    Generator,
    /// A visit begins.
    Visit,
    /// A sample photo is taken in.
    Photo,
    /// Every style is painted, in the line.
    Paintings,
    /// A ticket is made.
    Ticket,
    /// A sheet is printed.
    Print,
    /// The address that phones are sent to answers.
    Phones,
    /// The visit is erased.
    Erase,
}

impl Act {
    /// Whether it is part of the visit that is played, and of no use once that has failed.
    #[must_use]
    pub fn is_of_the_visit(self) -> bool {
        !matches!(self, Self::Camera | Self::Generator | Self::Phones)
    }
}

/// One step of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RehearsalStep)]
pub struct Step {
    /// What is tried.
    pub what: Act,
    /// Which of them, where there are several.
    pub which: String,
    /// How far it is.
    pub state: StepState,
    /// Why it failed, in a word that pages translate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "generator_failed")]
    pub code: Option<&'static str>,
    /// What was found, in English.
    pub says: String,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
}

impl Step {
    /// A step that is not begun.
    #[must_use]
    pub fn new(what: Act, which: impl Into<String>) -> Self {
        Self {
            what,
            which: which.into(),
            state: StepState::Waiting,
            code: None,
            says: String::new(),
            took_ms: None,
        }
    }
}

/// A rehearsal, running or over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Rehearsal)]
pub struct Report {
    /// When it began, by the clock on the wall.
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// The rehearsals of this run: one at a time, the last one remembered. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Rehearsals {
    last: Arc<Mutex<Option<Report>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Rehearsals {
    /// The last one, running or over.
    #[must_use]
    pub fn last(&self) -> Option<Report> {
        self.lock().clone()
    }

    /// Begins one with these steps and plays it in the background; `false` if one is running, or
    /// the booth is stopping.
    pub fn begin<F>(&self, at: Timestamp, steps: Vec<Step>, play: impl FnOnce(Running) -> F) -> bool
    where
        F: Future<Output = Timestamp> + Send + 'static,
    {
        let mut last = self.lock();
        let busy = last
            .as_ref()
            .is_some_and(|report| report.ended_at.is_none());
        if busy || self.stop.is_cancelled() {
            return false;
        }
        *last = Some(Report {
            began_at: at,
            ended_at: None,
            steps,
        });
        drop(last);
        let running = Running(self.clone());
        let (played, all) = (play(running), self.clone());
        self.tasks.spawn(async move {
            // What breaks in a rehearsal has been found by it, and must not stay "running".
            let played = AssertUnwindSafe(played).catch_unwind().await;
            if let Some(report) = &mut *all.lock() {
                report.ended_at = Some(*played.as_ref().unwrap_or(&at));
                let open = |s: &&mut Step| s.state == StepState::Running;
                for step in report.steps.iter_mut().filter(open) {
                    step.state = StepState::Failed;
                    step.code = Some("internal");
                    "it broke".clone_into(&mut step.says);
                }
            }
        });
        true
    }

    /// Asks the running one to end, and waits until it has.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Report>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hand of whoever plays a rehearsal.
#[derive(Debug)]
pub struct Running(Rehearsals);

impl Running {
    /// Notes how far the step at `index` is.
    pub fn note(&self, index: usize, state: StepState, says: &str, took_ms: Option<u64>) {
        self.change(index, |step| {
            step.state = state;
            says.clone_into(&mut step.says);
            step.took_ms = took_ms;
        });
    }

    /// Notes that the step at `index` has failed: why in a word, and in a sentence.
    pub fn failed(&self, index: usize, code: &'static str, says: &str, took_ms: u64) {
        self.note(index, StepState::Failed, says, Some(took_ms));
        self.change(index, |step| step.code = Some(code));
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.0.lock().as_mut().and_then(|r| r.steps.get_mut(index)) {
            change(step);
        }
    }

    /// Cancelled when the booth stops: clean up and return.
    #[must_use]
    pub fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn one_at_a_time_and_the_last_is_remembered() {
        let all = Rehearsals::default();
        assert_eq!(all.last(), None);
        let (go, wait) = oneshot::channel::<()>();
        let at = Timestamp::UNIX_EPOCH;
        let steps = vec![Step::new(Act::Camera, "")];
        assert!(all.begin(at, steps.clone(), |running| async move {
            running.note(0, StepState::Running, "looking", None);
            wait.await.unwrap();
            running.note(0, StepState::Fine, "saw", Some(7));
            at
        }));
        assert!(!all.begin(at, steps, |_| async move { at }));
        go.send(()).unwrap();
        all.close().await;
        let report = all.last().unwrap();
        assert_eq!(report.ended_at, Some(at));
        assert_eq!(report.steps[0].state, StepState::Fine);
        assert_eq!(report.steps[0].says, "saw");
    }

    #[tokio::test]
    async fn what_breaks_is_a_fault_and_no_end_of_rehearsing() {
        let all = Rehearsals::default();
        let at = Timestamp::UNIX_EPOCH;
        let begun = all.begin(at, vec![Step::new(Act::Ticket, "")], |running| async move {
            running.note(0, StepState::Running, "", None);
            panic!("the press is jammed")
        });
        assert!(begun);
        all.close().await;
        let report = all.last().unwrap();
        assert_eq!(report.steps[0].state, StepState::Failed);
        assert!(report.ended_at.is_some());
    }

    #[tokio::test]
    async fn none_begins_in_a_booth_that_stops() {
        let all = Rehearsals::default();
        all.close().await;
        assert!(!all.begin(Timestamp::UNIX_EPOCH, Vec::new(), |_| async {
            Timestamp::UNIX_EPOCH
        }));
    }
}
