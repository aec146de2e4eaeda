//! What prints, behind one trait.

mod folder;
mod settings;

use std::fmt::{self, Debug};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

pub use folder::Folder;
pub use settings::{Driver, FolderSettings, Settings};

/// Puts orders on paper.
///
/// The one promise: sheets on paper = sheets ordered. An adapter that cannot tell whether a sheet
/// came out says [`JobStatus::Failed`] and leaves it to staff; it never prints one more for luck.
#[async_trait]
pub trait Printer: Send + Sync + Debug {
    /// The driver's word, as in the settings.
    fn name(&self) -> &'static str;

    /// Hands an order over; once this is `Ok` the order survives a restart of the booth. It may
    /// still be on its way to paper then: see [`Self::status`].
    ///
    /// The same order again prints nothing again; it completes what a crash or an error cut short.
    ///
    /// # Errors
    /// [`PrinterError`]. After any but `Refused` the order may be handed over again.
    async fn submit(&self, order: &Order) -> Result<(), PrinterError>;

    /// How far an order is.
    ///
    /// # Errors
    /// [`PrinterError`] if the printer cannot be asked; an order it does not know is
    /// [`JobStatus::Unknown`].
    async fn status(&self, order: Uuid) -> Result<JobStatus, PrinterError>;

    /// Erases all that is left of a session's orders, and cancels those not yet on paper. Done
    /// when this returns; a session it does not know is fine.
    ///
    /// # Errors
    /// [`PrinterError`]; ask again, nothing may be left.
    async fn forget(&self, session: Uuid) -> Result<(), PrinterError>;

    /// Whether a sheet could be printed now: a few words for the operator.
    ///
    /// # Errors
    /// What [`Self::submit`] would say.
    async fn health(&self) -> Result<String, PrinterError>;
}

/// So many sheets of one document.
#[derive(Clone)]
pub struct Order {
    /// Names the order for good: asked for twice, it is printed once.
    pub id: Uuid,
    /// Whose it is, and is erased with.
    pub session: Uuid,
    /// What the printer's own display may say. May hold a visitor's words.
    pub title: String,
    /// How many sheets, one or more.
    pub sheets: u32,
    /// A PDF of one page, 4 × 6 in (288 × 432 pt).
    pub document: Bytes,
}

impl Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("id", &self.id)
            .field("session", &self.session)
            .field("sheets", &self.sheets)
            .field("bytes", &self.document.len())
            .finish_non_exhaustive()
    }
}

/// How far an order is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobStatus {
    /// This printer has never had it, or has forgotten it: hand it over.
    Unknown,
    /// No sheet is out yet.
    Queued,
    /// Some are out.
    Printing {
        /// How many.
        sheets_done: u32,
    },
    /// All are out.
    Done {
        /// How many.
        sheets: u32,
    },
    /// It stopped, and it is not certain what came out: tell staff, do not hand it over again.
    Failed {
        /// What happened, for the operator.
        reason: String,
    },
}

/// Why the printer did not do it. The texts are for operators.
#[derive(Debug, thiserror::Error)]
pub enum PrinterError {
    /// It prints something else: try again in a moment.
    #[error("the printer is busy")]
    Busy,
    /// It needs a refill, then it goes on: tell staff, and try again. A folder's paper is its disk.
    #[error("the printer is out of paper")]
    OutOfPaper(#[source] Option<std::io::Error>),
    /// It is gone: tell staff, and try again.
    #[error("the printer cannot be reached")]
    Disconnected(#[source] std::io::Error),
    /// It did not answer: try again.
    #[error("the printer did not answer within {after:?}")]
    TimedOut {
        /// How long it was given.
        after: Duration,
    },
    /// It will never print this order: do not try again.
    #[error("the printer refuses the order: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}

/// The printer the settings ask for, or `None` if there is none. The folder printer prints to
/// `prints` in `data_dir` unless the settings name another folder. Blocks on the disk.
///
/// Call [`Settings::validate`] before: a driver that is not supported yet is refused there, and
/// is no printer here.
///
/// # Errors
/// [`PrinterError`] if the folder cannot be used, or an order cut short cannot be completed.
pub fn open(
    settings: &Settings,
    data_dir: &Path,
) -> Result<Option<Arc<dyn Printer>>, PrinterError> {
    if settings.driver != Driver::Folder {
        return Ok(None);
    }
    let default = || data_dir.join("prints");
    let dir = settings.folder.dir.clone().unwrap_or_else(default);
    Ok(Some(Arc::new(Folder::open(&dir)?)))
}
