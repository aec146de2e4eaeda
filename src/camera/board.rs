//! Where a camera's keeper writes how it is, and everybody else reads it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{CameraError, CameraState, Condition, Trouble};
use crate::clock::Clock;

/// At so many percent a battery may not last for the next photo.
const BATTERY_LOW: u8 = 5;

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
    /// What the camera calls itself, once it has been opened.
    name: String,
    /// Why its last photo could not be used, and since when.
    doubt: Option<(Trouble, Duration)>,
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
            name: String::new(),
            doubt: None,
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

    /// It works: `says` is what it is. Unless its last photo says otherwise, or its battery.
    pub(super) fn is_ready(&self, says: &str) {
        let before = self.state().condition;
        self.now.send_if_modified(|seen| {
            says.clone_into(&mut seen.name);
            false
        });
        match self.flaw() {
            Some(flaw) => self.is_in(&flaw),
            None => {
                if self.change(Condition::Ready, says, None) && before != Condition::Busy {
                    tracing::info!(driver = self.driver, says, "the camera is ready");
                }
            }
        }
    }

    /// What makes the next photo of a camera that answers worthless.
    fn flaw(&self) -> Option<Trouble> {
        let seen = self.now.borrow();
        let doubt = seen.doubt.as_ref().map(|(trouble, _)| trouble.clone());
        doubt.or_else(|| {
            let percent = seen.state.battery_percent?;
            let what = seen.name.clone();
            (percent <= BATTERY_LOW).then_some(Trouble::Battery { what, percent })
        })
    }

    /// Its last photo could not be used, and the next one cannot either.
    pub(super) fn doubts(&self, trouble: &Trouble) {
        let at = self.clock.monotonic();
        self.now.send_if_modified(|seen| {
            seen.doubt = Some((trouble.clone(), at));
            false
        });
        self.is_in(trouble);
    }

    /// Its last photo could be used.
    pub(super) fn is_proven(&self) {
        let mut name = None;
        self.now.send_if_modified(|seen| {
            if let Some((doubt, _)) = seen.doubt.take()
                && seen.trouble.as_ref() == Some(&doubt)
            {
                name = Some(seen.name.clone());
            }
            false
        });
        if let Some(name) = name {
            self.is_ready(&name);
        }
    }

    /// Why its last photo could not be used, and for how long that is so.
    pub(super) fn doubt(&self) -> Option<(Trouble, Duration)> {
        let doubt = self.now.borrow().doubt.clone();
        doubt.map(|(trouble, at)| (trouble, self.clock.monotonic().saturating_sub(at)))
    }

    /// It is taking a photo.
    pub(super) fn is_busy(&self) {
        let says = self.now.borrow().name.clone();
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

    /// To be followed by [`Self::is_ready`].
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
            if trouble.is_some_and(Trouble::is_away) {
                state.battery_percent = None;
            }
            if matches!(condition, Condition::Gone | Condition::Recovering) {
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
