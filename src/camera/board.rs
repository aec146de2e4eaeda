//! Where a camera's keeper writes how it is, and everybody else reads it.

use std::sync::Arc;

use tokio::sync::watch;

use super::{CameraError, CameraState, Condition, Trouble};
use crate::clock::Clock;

/// The newest state of one camera. Each change is logged here, once.
#[derive(Debug)]
pub(super) struct Board {
    driver: &'static str,
    clock: Arc<dyn Clock>,
    now: watch::Sender<Seen>,
}

#[derive(Debug, Clone)]
struct Seen {
    state: CameraState,
    trouble: Option<Trouble>,
    /// Somebody has looked: it is no longer merely being opened for the first time.
    is_settled: bool,
}

impl Board {
    pub(super) fn new(driver: &'static str, clock: Arc<dyn Clock>) -> Self {
        let state = CameraState {
            since: Some(clock.now()),
            ..CameraState::always(Condition::Recovering, "being opened")
        };
        let seen = Seen {
            state,
            trouble: None,
            is_settled: false,
        };
        Self {
            driver,
            clock,
            now: watch::Sender::new(seen),
        }
    }

    pub(super) fn state(&self) -> CameraState {
        self.now.borrow().state.clone()
    }

    /// It works: `says` is what it is.
    pub(super) fn is_ready(&self, says: &str) {
        let before = self.state().condition;
        if self.change(Condition::Ready, says, None) && before != Condition::Busy {
            tracing::info!(driver = self.driver, says, "the camera is ready");
        }
    }

    /// It is taking a photo.
    pub(super) fn is_busy(&self) {
        let says = self.now.borrow().state.says.clone();
        self.change(Condition::Busy, &says, None);
    }

    /// It does not work.
    pub(super) fn is_in(&self, trouble: &Trouble) {
        let says = trouble.to_string();
        if self.change(trouble.condition(), &says, Some(trouble)) {
            tracing::warn!(driver = self.driver, says, "the camera cannot be used");
        }
    }

    /// It has been set up, and these settings it does not take.
    pub(super) fn refuses(&self, settings: &[String]) {
        self.now
            .send_modify(|seen| seen.state.refuses = settings.to_vec());
    }

    pub(super) fn has_battery(&self, percent: Option<u8>) {
        self.now
            .send_modify(|seen| seen.state.battery_percent = percent);
    }

    /// Waits for the first verdict, then says what [`super::Camera::health`] does.
    pub(super) async fn health(&self) -> Result<String, CameraError> {
        let mut now = self.now.subscribe();
        let seen = match now.wait_for(|seen| seen.is_settled).await {
            Ok(seen) => seen.clone(),
            Err(_) => return Err(CameraError::Disconnected(None)),
        };
        if let Some(trouble) = seen.trouble {
            return Err(trouble.into());
        }
        let mut says = seen.state.says;
        if !seen.state.refuses.is_empty() {
            let settings = seen.state.refuses.join(", ");
            says = format!("{says}, but it refuses to set {settings}");
        }
        if let Some(percent) = seen.state.battery_percent {
            says = format!("{says}, battery {percent} %");
        }
        Ok(says)
    }

    /// Whether the new state is another than the old.
    fn change(&self, condition: Condition, says: &str, trouble: Option<&Trouble>) -> bool {
        let at = self.clock.now();
        self.now.send_if_modified(|seen| {
            let state = &mut seen.state;
            let is_other = state.condition != condition || state.says != says;
            if state.condition != condition {
                state.since = Some(at);
                state.condition = condition;
            }
            if matches!(condition, Condition::Gone | Condition::Asleep) {
                state.battery_percent = None;
            }
            if trouble.is_some() {
                state.refuses.clear();
            }
            says.clone_into(&mut state.says);
            state.trouble = trouble.map(Trouble::kind);
            seen.trouble = trouble.cloned();
            let is_news = is_other || !seen.is_settled;
            seen.is_settled = true;
            is_news
        })
    }
}
