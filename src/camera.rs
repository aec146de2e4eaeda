//! What photographs, behind one trait.

mod board;
mod browser;
mod care;
mod folder;
mod frames;
mod gphoto2;
mod keeper;
mod leash;
mod look;
mod photos;
mod presses;
mod sample;
mod settings;
mod sitter;
mod state;
mod trouble;
mod turned;
mod v4l2;
mod whole;
mod window;

use std::fmt::{self, Debug};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};

pub use browser::{Browser, Seen};
pub use folder::FolderSettings;
pub use gphoto2::Gphoto2Settings;
pub use sample::Sample;
pub use settings::{Driver, SampleSettings, Settings};
pub use sitter::Sitter;
pub use state::{CameraState, Condition};
pub use trouble::{Trouble, TroubleKind};
pub use v4l2::{FrameSize, V4l2Format, V4l2Settings};

use crate::clock::Clock;
use crate::imaging::Turn;

use care::Care;
use turned::Turned;

pub(crate) use look::judge;

/// Takes photos.
///
/// An adapter answers within a time it sets itself ([`CameraError::TimedOut`]), and recovers by
/// itself after a disconnection: callers hold one camera for the life of the booth.
#[async_trait]
pub trait Camera: Send + Sync + Debug {
    /// The driver's word, as in the settings.
    fn name(&self) -> &'static str;

    /// Takes one photo: a whole encoded picture as the camera made it, with whatever size,
    /// orientation and metadata it has. Not to be trusted more than an upload is.
    ///
    /// It is a picture that was begun after this call, or after the [`Cue::Countdown`] that this
    /// call follows; what the camera still holds of a call that was given up is erased before.
    /// Dropping the call gives up the photo, which is thrown away when it comes.
    ///
    /// # Errors
    /// [`CameraError`].
    async fn still(&self) -> Result<Bytes, CameraError>;

    /// What the camera sees now, for the visitor to pose by. `None` if this driver cannot show it.
    fn live(&self) -> Option<LiveView>;

    /// How it is, as last seen. Never waits.
    fn state(&self) -> CameraState;

    /// Whether a photo could be taken now: a few words for the operator, without taking one. Waits
    /// for a camera that is just being opened for the first time.
    ///
    /// # Errors
    /// What [`Self::still`] would say.
    async fn health(&self) -> Result<String, CameraError>;

    /// Hears what the camera cannot see by itself. Never waits.
    fn hear(&self, cue: Cue);
}

/// What a camera is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cue {
    /// Somebody is counted down to. A shutter that is pressed by hand from now on takes the photo
    /// that the next [`Camera::still`] answers.
    Countdown,
    /// The countdown was broken off, or whoever asks next is somebody else.
    CountdownOver,
    /// Its last photo could be used.
    GoodPhoto,
    /// Its last photo could not be used, or the page that has the camera sees this.
    BadPhoto(Trouble),
}

/// Why there is no photo. The texts are for operators.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// It is taking another photo: try again in a moment.
    #[error("the camera is busy")]
    Busy,
    /// It is gone: plug it in or switch it on. The adapter finds it again by itself.
    #[error("the camera is not connected")]
    Disconnected(#[source] Option<std::io::Error>),
    /// It did not answer: try again; if that happens twice, switch it off and on.
    #[error("the camera did not answer within {after:?}")]
    TimedOut {
        /// How long it was given.
        after: Duration,
    },
    /// It cannot be used as it is: tell staff what to do about it. The adapter goes on trying.
    #[error(transparent)]
    Unusable(#[from] Trouble),
    /// The kiosk page has the camera: let the page take the photo and upload it.
    #[error("the camera belongs to the kiosk page, which takes the photo itself")]
    InBrowser,
    /// It answered without a photo: change what the text names, or try again.
    #[error("there is no picture: {reason}")]
    NoPicture {
        /// What is missing.
        reason: String,
    },
}

/// A stream of JPEG frames. It holds the newest frame only: who reads slowly misses frames and
/// never sees old ones. Dropping it stops the camera's live view when nobody else looks.
pub struct LiveView(BoxStream<'static, Bytes>);

impl LiveView {
    /// `frames` must not queue: a poll gives what the camera sees then.
    #[must_use]
    pub fn new(frames: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self(frames.boxed())
    }
}

impl Stream for LiveView {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll_next_unpin(cx)
    }
}

impl Debug for LiveView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveView")
    }
}

/// The camera the settings ask for. Begins to look for it at once, in a task of its own where it
/// is one that may be unplugged; so it needs a runtime around it.
#[must_use]
pub fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Arc<dyn Camera> {
    let care = |clock: &Arc<dyn Clock>| {
        let switch = settings.power_cycle.clone();
        Care::new(switch, settings.power_cycle_after, Arc::clone(clock))
    };
    let camera: Arc<dyn Camera> = match settings.driver {
        // Its pictures never come here: the page turns them.
        Driver::Browser => return Arc::new(Browser::new(clock)),
        Driver::Sample => Arc::new(Sample::new(&settings.sample, clock)),
        Driver::Folder => Arc::new(folder::keep(settings.folder.clone(), care(&clock), clock)),
        Driver::V4l2 => Arc::new(v4l2::keep(settings.v4l2.clone(), care(&clock), clock)),
        Driver::Gphoto2 => Arc::new(gphoto2::keep(settings.gphoto2.clone(), care(&clock), clock)),
    };
    match settings.turn {
        Turn::Not => camera,
        turn => Arc::new(Turned::new(camera, turn)),
    }
}

/// The sample photos for visitors who want none of their own taken, if the settings offer them.
#[must_use]
pub fn fallback(settings: &Settings, clock: Arc<dyn Clock>) -> Option<Arc<dyn Camera>> {
    settings
        .sample_fallback
        .then(|| Arc::new(Sample::new(&settings.sample, clock)) as Arc<dyn Camera>)
}

/// Does what blocks on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|e| Err(io::Error::other(e)))
}
