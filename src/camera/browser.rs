//! The kiosk page's own camera: the daemon never sees it, only the photo that the page uploads, and
//! what the page tells of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Camera, CameraError, CameraState, Condition, Cue, LiveView, Trouble, TroubleKind};
use crate::clock::Clock;

const NAME: &str = "the kiosk page's camera";
const SAYS: &str = "the kiosk page's own";
/// A page tells of trouble again and again; one that has gone tells nothing any more.
const TOLD_FOR: Duration = Duration::from_secs(60);

/// What the page sees of its camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CameraSeen)]
pub struct Seen {
    /// What is wrong with it; left out: nothing.
    trouble: Option<TroubleKind>,
    /// How wide its pictures are in pixels, where they are too small.
    width: Option<u32>,
    /// How high.
    height: Option<u32>,
}

impl From<Seen> for Cue {
    fn from(seen: Seen) -> Self {
        let Some(kind) = seen.trouble else {
            return Self::GoodPhoto;
        };
        let what = NAME.to_owned();
        Self::BadPhoto(match kind {
            TroubleKind::NotFound => Trouble::NotFound {
                place: " by the kiosk page".to_owned(),
            },
            TroubleKind::Refused => Trouble::Refused { what },
            TroubleKind::Held => Trouble::Held {
                what,
                hint: "another window or program",
            },
            TroubleKind::Dark => Trouble::Dark { what },
            TroubleKind::Frozen => Trouble::Frozen { what },
            TroubleKind::TooSmall => Trouble::TooSmall {
                what,
                width: seen.width.unwrap_or(0),
                height: seen.height.unwrap_or(0),
            },
            TroubleKind::Asleep => Trouble::Asleep { what },
            _ => Trouble::Unusable {
                what,
                reason: "the browser says no more".to_owned(),
            },
        })
    }
}

/// Says that the page has the camera, and what the page has last told of it.
#[derive(Debug)]
pub struct Browser {
    told: Mutex<Option<Told>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone)]
struct Told {
    trouble: Trouble,
    since: Timestamp,
    last: Duration,
}

impl Browser {
    /// Well, until the page tells otherwise.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            told: Mutex::default(),
            clock,
        }
    }

    fn told(&self) -> Option<Told> {
        let now = self.clock.monotonic();
        let mut told = self.lock();
        told.take_if(|told| now.saturating_sub(told.last) > TOLD_FOR);
        told.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Told>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Camera for Browser {
    fn name(&self) -> &'static str {
        "browser"
    }

    async fn still(&self) -> Result<Bytes, CameraError> {
        Err(CameraError::InBrowser)
    }

    fn live(&self) -> Option<LiveView> {
        None
    }

    /// Ready, unless the page has told otherwise: only the page knows.
    fn state(&self) -> CameraState {
        match self.told() {
            Some(Told { trouble, since, .. }) => CameraState {
                since: Some(since),
                ..CameraState::in_trouble(&trouble)
            },
            None => CameraState::always(Condition::Ready, SAYS),
        }
    }

    async fn health(&self) -> Result<String, CameraError> {
        match self.told() {
            Some(told) => Err(told.trouble.into()),
            None => Ok(SAYS.to_owned()),
        }
    }

    fn hear(&self, cue: Cue) {
        let (now, last) = (self.clock.now(), self.clock.monotonic());
        let mut told = self.lock();
        match cue {
            Cue::BadPhoto(trouble) => {
                let before = told.as_ref().filter(|told| told.trouble == trouble);
                let since = before.map_or(now, |told| told.since);
                *told = Some(Told {
                    trouble,
                    since,
                    last,
                });
            }
            Cue::GoodPhoto => *told = None,
            Cue::Countdown | Cue::CountdownOver => {}
        }
    }
}
