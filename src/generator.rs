//! What paints, behind one trait: an image-model server, or the embedded painter.
//!
//! A generator is asked to paint a [`Brief`]. What can go wrong there is sorted by what the asker
//! can do about it: see [`GeneratorError::remedy`]. Work at a server outlives this process; it can
//! be picked up again by [`Generator::resume`], so that nobody pays for a painting twice.

pub mod card;
pub mod comfyui;
pub mod embedded;
mod error;
pub mod faulty;
mod kind;
mod leash;
mod memory;
pub mod openai;
mod picture;
mod plausible;
pub mod runpod;
pub mod sdwebui;
pub mod server;
mod settings;
mod sort;
mod style;
pub mod wire;
pub mod words;

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use image::RgbImage;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::session::StyleId;

pub use card::Card;
pub use error::{GeneratorError, Remedy};
pub use kind::{Kind, Setup, Traits, digital_source};
pub use settings::{GeneratorSettings, ServerUrl, validate_together};
pub use style::{KNOWN_STYLES, LocalName, StyleSettings};

/// What is to be painted.
#[derive(Debug, Clone)]
pub struct Brief {
    /// This attempt's own id, never used for another: the name of the work at its server. Write it
    /// down before the attempt begins, and [`Generator::resume`] can find the work again.
    pub attempt: Uuid,
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
    /// Whether to paint smaller than usual: an earlier attempt ran out of memory.
    pub smaller: bool,
}

impl Brief {
    /// A painting nobody waits for, of a grey square `side_px` wide: it has a model loaded.
    ///
    /// # Errors
    /// [`GeneratorError::Failed`] if the square cannot be encoded.
    pub fn blank(attempt: Uuid, style: StyleId, side_px: u32) -> Result<Self, GeneratorError> {
        let blank = picture::blank(side_px)?;
        Ok(Self {
            attempt,
            capture: Uuid::nil(),
            style,
            seed: 0,
            input: blank.clone(),
            screen: blank,
            smaller: false,
        })
    }

    /// Whether nobody waits for it: what comes of it is thrown away.
    pub fn is_blank(&self) -> bool {
        self.capture.is_nil()
    }
}

/// How far a painting is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// 0 to 1. Stays 0 while the work waits in a server's queue.
    pub share: f32,
    /// What it looks like so far: a small JPEG or PNG, unchecked where it came from a server.
    pub preview: Option<Bytes>,
    /// What the server calls the work, as soon as it has taken it on. Once set it stays.
    pub receipt: Option<Receipt>,
    /// Whether the server tells of this work while it is at it: silence then means something.
    pub telling: bool,
    /// How often it was seen to be at it, by whatever sign: counts up.
    pub signs: u32,
    /// Whether the server is done and free for others: what is left is to fetch and to check.
    pub finished: bool,
}

/// What a server calls a piece of work. Where the server lets us choose, it is the attempt's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(pub String);

/// What a generator answers.
#[derive(Debug, Clone)]
pub enum Painted {
    /// A file as it came over the wire: not to be trusted before it is decoded.
    File(Bytes),
    /// Pixels made or checked in this house: sRGB, 8 bits a channel, origin top left.
    Pixels(RgbImage),
}

/// Where a generator tells how far it is. Only the newest news counts.
pub type ProgressSender = watch::Sender<Progress>;

/// How a generator is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// In plain words, for the staff page: "ComfyUI 0.3.64, 11.2 of 24.0 GB free".
    pub words: String,
    /// How many pieces of work wait or run there, whoever sent them; `None` if it does not tell.
    pub queue: Option<u32>,
    /// The styles of its own that it can paint now.
    pub styles: Vec<StyleId>,
    /// The styles of its own that it cannot paint, and what it lacks: a node, a model.
    pub lacks: Vec<(StyleId, String)>,
}

/// Something that paints.
///
/// # Stopping
/// To stop work, cancel its token: the generator then also stops it at its server, and the future
/// ends within some seconds: with [`GeneratorError::Cancelled`], or, where the server has not confirmed
/// it, with [`GeneratorError::MaybeStillComing`]. A future that is dropped and whose token is cancelled at once (a drop
/// guard does that) is stopped too. A future that is dropped and *not* cancelled forgets the work
/// but leaves it at the server, as a crash would: [`Generator::resume`] picks it up.
#[async_trait]
pub trait Generator: Send + Sync + Debug {
    /// Who it is: name, kind, seats, price.
    fn card(&self) -> &Card;

    /// Whether it paints in that style. What it says does not change while the daemon runs: that a
    /// server lacks a model comes out in [`Generator::health`] or as [`GeneratorError::Unfit`].
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

    /// Picks up an attempt that was sent off before, by this process or by one that has died since,
    /// and waits for it as [`Generator::paint`] does. `brief` is that of the attempt; `receipt` is
    /// the last one it told of, if it did. Sends no new work.
    ///
    /// `None`: there is nothing to wait for; painting anew pays for nothing twice.
    ///
    /// # Errors
    /// [`GeneratorError`]; [`GeneratorError::MaybeStillComing`] if the server cannot be asked now.
    async fn resume(
        &self,
        brief: &Brief,
        receipt: Option<&Receipt>,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Option<Painted>, GeneratorError> {
        let _ = (brief, receipt, progress, cancel);
        Ok(None)
    }

    /// Asks how it is, in at most some seconds and without painting. Costs nothing.
    ///
    /// # Errors
    /// [`GeneratorError`]: it cannot be reached, it is not what settings say, or it does not work.
    async fn health(&self) -> Result<Health, GeneratorError>;

    /// What has to be loaded before it paints that style, by name: styles of one model are warmed
    /// by one painting. `None`: nothing that would be worth it.
    fn model(&self, style: &StyleId) -> Option<String> {
        let _ = style;
        None
    }
}

/// Which styles a generator serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repertoire(Vec<String>);

impl Repertoire {
    /// From settings; `*` is every style.
    pub fn new(styles: Vec<String>) -> Self {
        Self(styles)
    }

    /// Every style.
    pub fn all() -> Self {
        Self(vec!["*".to_owned()])
    }

    /// Whether that style is in it.
    pub fn has(&self, style: &StyleId) -> bool {
        self.0.iter().any(|s| s == "*" || s == style.as_str())
    }
}
