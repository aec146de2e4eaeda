//! Does the camera take photos that can be painted from?

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use super::{Check, Verdict, WORK};
use crate::camera::{self, Camera, CameraError, Condition, Cue, Sitter};
use crate::clock::Clock;
use crate::imaging::{self, Developed, Limits, Refusal};
use crate::store::{Store, StoreError};

/// How long a photo that nobody will look at may still take.
const UNSEEN: Duration = Duration::from_secs(5);

/// Who is at the booth: nobody's photo is taken unasked.
#[derive(Debug, Clone)]
pub struct Seats {
    /// The visits, one of which may be on the screen.
    pub store: Store,
    /// Whom the camera is counted down to.
    pub sitter: Sitter,
}

impl Seats {
    async fn are_taken(&self) -> Result<bool, StoreError> {
        Ok(self.sitter.is_awaited() || !self.store.on_screen().await?.is_empty())
    }

    /// Returns once somebody has come.
    async fn filled(&self) -> Result<(), StoreError> {
        let mut commits = self.store.commits();
        loop {
            if self.are_taken().await? {
                return Ok(());
            }
            if let Err(RecvError::Closed) = commits.recv().await {
                // The booth stops.
                return Ok(());
            }
        }
    }
}

/// Asks a camera how it is.
#[derive(Debug)]
pub struct CameraCheck {
    /// The camera.
    pub camera: Arc<dyn Camera>,
    /// Who may be using it; `None` where no booth runs.
    pub seats: Option<Seats>,
}

#[async_trait]
impl Check for CameraCheck {
    fn name(&self) -> String {
        "camera".to_owned()
    }

    async fn look(&self) -> Verdict {
        let name = self.camera.name();
        match taken(self.seats.as_ref()).await {
            Ok(true) => self.last_seen(),
            Ok(false) => match self.camera.health().await {
                Ok(words) => Verdict::fine(format!("{name}: {words}")),
                Err(CameraError::Busy) => self.last_seen(),
                Err(error) => Verdict::wrong(format!("{name}: {error}")),
            },
            Err(error) => Verdict::wrong(error),
        }
    }
}

impl CameraCheck {
    /// Of a camera that is in use nothing is asked.
    fn last_seen(&self) -> Verdict {
        let state = self.camera.state();
        let words = format!(
            "{}, in use by a visitor: {}",
            self.camera.name(),
            state.says
        );
        match state.condition {
            Condition::Ready | Condition::Busy | Condition::Recovering
                if state.trouble.is_none() =>
            {
                Verdict::fine(words)
            }
            _ => Verdict::wrong(words),
        }
    }
}

/// Takes a photo and looks at it, unless somebody is at the booth or comes to it. It is shown to
/// nobody and kept nowhere.
#[derive(Debug)]
pub struct PhotoCheck {
    /// The camera.
    pub camera: Arc<dyn Camera>,
    /// Who is at the booth; `None` where no booth runs.
    pub seats: Option<Seats>,
    /// Whether only a person can press the shutter.
    pub by_hand: bool,
    /// How large a photo may be.
    pub limits: Limits,
    /// How photos are made usable.
    pub imaging: imaging::Settings,
    /// Measures how long it took.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Check for PhotoCheck {
    fn name(&self) -> String {
        "photo".to_owned()
    }

    fn patience(&self) -> Duration {
        WORK
    }

    async fn look(&self) -> Verdict {
        if self.camera.name() == "browser" {
            return Verdict::fine("the kiosk's page takes it: try one there");
        }
        if self.by_hand {
            return Verdict::fine("a person presses the shutter: try one at the kiosk");
        }
        match taken(self.seats.as_ref()).await {
            Ok(true) => return Verdict::fine("none taken: somebody is at the booth"),
            Ok(false) => {}
            Err(error) => return Verdict::wrong(error),
        }
        if self.camera.health().await.is_err() {
            // That is said of the camera.
            return Verdict::fine("none taken: the camera is not ready");
        }
        let somebody_comes = async {
            match &self.seats {
                Some(seats) => seats.filled().await,
                None => std::future::pending().await,
            }
        };
        let began = self.clock.monotonic();
        let mut shot = self.camera.still();
        let photo = tokio::select! {
            biased;
            _ = somebody_comes => {
                // What a camera owes is drained before its next photo: it had better come, unseen.
                drop(timeout(UNSEEN, shot).await);
                return Verdict::fine("given up: somebody has come to the booth");
            }
            photo = &mut shot => photo,
        };
        let took = (self.clock.monotonic() - began).as_secs_f64();
        match photo {
            Ok(photo) => self.develop(photo, took).await,
            Err(CameraError::Busy) => Verdict::fine("none taken: the camera is in use"),
            Err(error) => Verdict::wrong(format!("{}: {error}", self.camera.name())),
        }
    }
}

impl PhotoCheck {
    async fn develop(&self, photo: Bytes, took: f64) -> Verdict {
        let (limits, settings) = (self.limits, self.imaging.clone());
        let develop = move || imaging::develop(&photo, &limits, &settings);
        match tokio::task::spawn_blocking(develop).await {
            Ok(developed) => self.judge(developed, took),
            Err(error) => Verdict::wrong(format!("the check itself failed: {error}")),
        }
    }

    /// The camera hears how its photo was, as of any other.
    fn judge(&self, developed: Result<Developed, Refusal>, took: f64) -> Verdict {
        let cue = camera::judge(&*self.camera, developed.as_ref());
        if let Some(cue) = cue.clone() {
            self.camera.hear(cue);
        }
        match (developed, cue) {
            (_, Some(Cue::BadPhoto(trouble))) => Verdict::wrong(trouble),
            (Err(refusal), _) => Verdict::wrong(refusal),
            (Ok(developed), _) => {
                let (width, height) = (developed.source_width, developed.source_height);
                Verdict::fine(format!(
                    "{width}×{height} in {took:.1} s, and it can be painted"
                ))
            }
        }
    }
}

async fn taken(seats: Option<&Seats>) -> Result<bool, StoreError> {
    match seats {
        Some(seats) => seats.are_taken().await,
        None => Ok(false),
    }
}
