//! What prints, behind one trait.

mod escpos;
mod folder;
mod ipp;
mod open;
mod paper;
mod settings;
mod spooled;
mod state;
mod test_page;
mod words;

use std::fmt::{self, Debug};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;
use uuid::Uuid;

use crate::store::StoreError;

pub use folder::Folder;
pub use open::{Means, Probed, open, probe};
pub use settings::{Driver, EscposSettings, FolderSettings, IppSettings, Settings};
pub use state::{
    Cause, Condition, Doubt, Need, PartlyDone, PrinterState, Roll, RollWarning, Says, Stray,
    Trouble, Verdict, Whereabouts,
};

/// Puts orders on paper.
///
/// The one promise: sheets on paper = sheets ordered. An adapter that cannot tell whether a sheet
/// came out says [`JobStatus::Doubtful`] and leaves it to staff; it never prints one more for luck.
#[async_trait]
pub trait Printer: Send + Sync + Debug {
    /// The driver's word, as in the settings.
    fn name(&self) -> &'static str;

    /// Hands an order over, and takes it on from where it is: call it again until
    /// [`Self::status`] says that it is settled. The same order prints nothing twice; after a
    /// crash or an error the next call completes what was cut short, and asks the printer what it
    /// has before it sends anything again.
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
    /// when this returns; a session it does not know is fine. What the printer has begun may come
    /// out all the same: staff are told by [`PrinterState::strays`].
    ///
    /// # Errors
    /// [`PrinterError`]; ask again, nothing may be left.
    async fn forget(&self, session: Uuid) -> Result<(), PrinterError>;

    /// Nobody waits for this order any more: what the device does not have of it is never sent.
    ///
    /// # Errors
    /// [`PrinterError::Spool`].
    async fn give_up(&self, order: Uuid) -> Result<(), PrinterError>;

    /// Whether a sheet could be printed now: a few words for the operator.
    ///
    /// # Errors
    /// What [`Self::submit`] would say.
    async fn health(&self) -> Result<String, PrinterError>;

    /// How the printer is, kept up to date: at most some seconds old.
    fn watch(&self) -> watch::Receiver<PrinterState>;

    /// How the printer is, as last heard; answers at once.
    fn state(&self) -> PrinterState {
        self.watch().borrow().clone()
    }

    /// A new roll of so many sheets is in.
    ///
    /// # Errors
    /// [`PrinterError::Refused`] where paper is not counted.
    async fn roll_changed(&self, sheets: u32) -> Result<(), PrinterError>;

    /// Prints a page that shows edges and centre, under an order id of its own: one sheet of the
    /// roll. Nobody need ask after it: what is in doubt [`PrinterState::doubtful`] says.
    ///
    /// # Errors
    /// As [`Self::submit`].
    async fn test_page(&self, order: Uuid) -> Result<(), PrinterError>;

    /// Staff have looked into the tray, and counted `found` sheets of the order there, if they
    /// counted. What is missing is printed when the order is next handed over, however old it is;
    /// the booth hands over what it waits for, and a test page, by itself. Without a number the
    /// printer's own count holds; where it has none, [`Verdict::CameOut`] says that the sheet in
    /// doubt is there. Of a [`Stray`], [`Verdict::CameOut`] and [`Verdict::NeverCame`] end the
    /// matter.
    ///
    /// # Errors
    /// [`PrinterError::Refused`] if the order is not doubtful (any more) and no stray, or has
    /// fewer sheets.
    async fn settle(
        &self,
        order: Uuid,
        verdict: Verdict,
        found: Option<u32>,
    ) -> Result<(), PrinterError>;
}

/// So many sheets of one document.
#[derive(Clone)]
pub struct Order {
    /// Names the order for good: asked for twice, it is printed once.
    pub id: Uuid,
    /// Whose it is, and is erased with.
    pub session: Uuid,
    /// The number on the ticket, for staff and the printer's own display.
    pub ticket: u32,
    /// How many sheets, one or more.
    pub sheets: u32,
    /// One page, in every form there is of it.
    pub page: Page,
}

/// One page to print, in the forms that printers take. Empty bytes: there is no such form.
#[derive(Clone, Default)]
pub struct Page {
    /// A PDF of one page of the paper's size.
    pub pdf: Bytes,
    /// The same as a JPEG with its density.
    pub jpeg: Bytes,
    /// For thermal paper: a PNG of one bit a pixel, as wide as the print head.
    pub bits: Bytes,
}

impl Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("id", &self.id)
            .field("session", &self.session)
            .field("ticket", &self.ticket)
            .field("sheets", &self.sheets)
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
    /// It stopped, and it is not certain what came out: it waits for [`Printer::settle`]. Do not
    /// hand it over before.
    Doubtful {
        /// What happened, for the operator.
        reason: String,
    },
    /// The printer will not print it, and certainly has not: do not hand it over again.
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
    /// It needs a refill, then it goes on: tell staff, and try again.
    #[error("the printer is out of paper")]
    OutOfPaper,
    /// Its disk is full: tell staff, and try again.
    #[error("the disk for prints is full")]
    DiskFull(#[source] std::io::Error),
    /// It is there, and cannot be used as it is: tell staff, and try again.
    #[error("{}", .trouble.sentence())]
    Unusable {
        /// What is wrong.
        trouble: Trouble,
        /// How it was seen.
        #[source]
        source: std::io::Error,
    },
    /// It is gone: tell staff, and try again.
    #[error("the printer cannot be reached")]
    Disconnected(#[source] std::io::Error),
    /// It did not answer: try again.
    #[error("the printer did not answer within {after:?}")]
    TimedOut {
        /// How long it was given.
        after: Duration,
    },
    /// The booth's own notes could not be read or written: try again.
    #[error("the spool cannot be used")]
    Spool(#[from] StoreError),
    /// It will never print this order: do not try again.
    #[error("the printer refuses the order: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}
