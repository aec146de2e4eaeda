//! What paints, behind one trait: an image-model server, or the embedded painter.

pub mod embedded;
pub mod faulty;

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use image::RgbImage;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::session::{FailureCode, StyleId};

/// What is to be painted.
#[derive(Debug, Clone)]
pub struct Brief {
    /// The capture it shows; the same id is always the same photo.
    pub capture: Uuid,
    /// In whose manner.
    pub style: StyleId,
    /// Another seed gives another painting of the same face.
    pub seed: u32,
    /// Upright sRGB JPEG without metadata, of the size image models take (512 px by default).
    pub input: Bytes,
    /// The same photo, larger: for painters that work at their own size.
    pub screen: Bytes,
}

/// How far a painting is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// 0 to 1.
    pub share: f32,
    /// What it looks like so far: a small JPEG.
    pub preview: Option<Bytes>,
}

/// What a generator answers.
#[derive(Debug, Clone)]
pub enum Painted {
    /// A file as it came over the wire: not to be trusted before it is decoded.
    File(Bytes),
    /// Pixels made in this house: sRGB, 8 bits a channel, origin top left.
    Pixels(RgbImage),
}

/// Where a generator tells how far it is. Only the newest news counts.
pub type ProgressSender = watch::Sender<Progress>;

/// Why there is no painting.
#[derive(Debug, thiserror::Error)]
pub enum GeneratorError {
    /// It said no or broke; another attempt may do.
    #[error("the generator failed: {0}")]
    Failed(String),
    /// Its answer was no picture.
    #[error("the generator's answer is not a picture")]
    Rubbish(#[source] crate::imaging::Refusal),
    /// It did not answer in time.
    #[error("the generator did not answer within {}", humane(*.0))]
    TimedOut(std::time::Duration),
    /// The painting is no longer wanted.
    #[error("the painting was cancelled")]
    Cancelled,
    /// It will never paint this: another attempt is of no use.
    #[error("the generator cannot paint this: {0}")]
    Unfit(String),
}

impl GeneratorError {
    /// The word that goes to the visitor.
    pub fn code(&self) -> FailureCode {
        match self {
            Self::Failed(_) | Self::Cancelled => FailureCode::GeneratorFailed,
            Self::Rubbish(_) => FailureCode::GeneratorRubbish,
            Self::TimedOut(_) => FailureCode::TimedOut,
            Self::Unfit(_) => FailureCode::NoGenerator,
        }
    }

    /// Whether the same attempt may go better next time.
    pub fn is_worth_a_retry(&self) -> bool {
        !matches!(self, Self::Unfit(_) | Self::Cancelled)
    }
}

fn humane(duration: std::time::Duration) -> String {
    format!("{} s", duration.as_secs())
}

/// Something that paints.
///
/// Dropping the future of [`Generator::paint`] must stop the work as `cancel` does: the pool drops
/// it when time is up.
#[async_trait]
pub trait Generator: Send + Sync + Debug {
    /// Its name in settings, logs and on the staff page.
    fn id(&self) -> &str;

    /// What it is (`embedded`, `comfyui`): the `by` of its paintings.
    fn kind(&self) -> &'static str;

    /// How many paintings it takes on at once.
    fn slots(&self) -> usize;

    /// Whether it paints in that style.
    fn paints(&self, style: &StyleId) -> bool;

    /// Paints.
    ///
    /// # Errors
    /// [`GeneratorError`].
    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError>;
}

/// Which styles a generator serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repertoire(Vec<String>);

impl Repertoire {
    /// From settings; `*` is every style.
    pub fn new(styles: Vec<String>) -> Self {
        Self(styles)
    }

    /// Whether that style is in it.
    pub fn has(&self, style: &StyleId) -> bool {
        self.0.iter().any(|s| s == "*" || s == style.as_str())
    }
}
