//! What prints, behind one trait.

mod escpos;
mod folder;
mod ipp;
mod settings;
mod spooled;
mod state;
mod test_page;
mod words;

use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::Clock;
use crate::store::{Store, StoreError};
use escpos::Socket;
use ipp::{Ipp, Pages};
use spooled::{Device as _, Spooled};

pub use folder::Folder;
pub use settings::{Driver, EscposSettings, FolderSettings, IppSettings, Settings};
pub use state::{Condition, Doubt, Need, PrinterState, Roll, RollWarning, Says, Verdict};

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
    /// roll. How far it is, [`Self::status`] says.
    ///
    /// # Errors
    /// As [`Self::submit`].
    async fn test_page(&self, order: Uuid) -> Result<(), PrinterError>;

    /// Staff have looked into the tray. After [`Verdict::CameOut`] the order is done, after
    /// [`Verdict::PrintAgain`] it is unknown again, and is printed when it is next handed over;
    /// the booth hands over what it waits for by itself.
    ///
    /// # Errors
    /// [`PrinterError::Refused`] if the order is not doubtful (any more).
    async fn settle(&self, order: Uuid, verdict: Verdict) -> Result<(), PrinterError>;
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

/// What a printer is made with.
#[derive(Debug, Clone)]
pub struct Means {
    /// The booth's data folder; the folder printer prints to `prints` in it unless the settings
    /// name another.
    pub data_dir: PathBuf,
    /// Where orders are noted before anything is done with them.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whether sheets are two strips to be cut apart.
    pub halved: bool,
}

/// The printer the settings ask for, or `None` if there is none. Blocks on the disk; call it on a
/// runtime, where the printer is watched from then on. A printer that does not answer is no error
/// here: it may yet be switched on.
///
/// # Errors
/// [`PrinterError`] if the folder cannot be used, an order cut short cannot be completed, or the
/// settings name no printer ([`Settings::validate`] says so before).
pub fn open(settings: &Settings, means: Means) -> Result<Option<Arc<dyn Printer>>, PrinterError> {
    let Means {
        data_dir,
        store,
        clock,
        halved,
    } = means;
    let roll = settings.roll_sheets;
    Ok(Some(match settings.driver {
        Driver::None => return Ok(None),
        Driver::Folder => {
            let default = || data_dir.join("prints");
            let dir = settings.folder.dir.clone().unwrap_or_else(default);
            Arc::new(Folder::open(&dir)?)
        }
        Driver::Ipp => {
            let device = photo_printer(settings, halved)?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
        Driver::Escpos if settings.escpos.uri.starts_with("socket:") => {
            let device = Socket::new(&settings.escpos.uri, Arc::clone(&clock))?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
        Driver::Escpos => {
            let device = raw_queue(settings)?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
    }))
}

fn photo_printer(settings: &Settings, halved: bool) -> Result<Ipp, PrinterError> {
    Ipp::new("ipp", &settings.ipp, Pages::Photo { halved })
}

/// A receipt printer behind a queue that hands on what it is given.
fn raw_queue(settings: &Settings) -> Result<Ipp, PrinterError> {
    let queue = IppSettings {
        uri: settings.escpos.uri.clone(),
        media: None,
    };
    Ipp::new("escpos", &queue, Pages::Raw(escpos::encode))
}

/// Asks the printer of the settings how it is, without opening it: for a booth that may be
/// running. `None` for a printer that cannot be asked: a folder, or none.
///
/// # Errors
/// [`PrinterError`] if it does not answer.
pub async fn probe(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Option<PrinterState>, PrinterError> {
    let (name, look) = match settings.driver {
        Driver::None | Driver::Folder => return Ok(None),
        Driver::Escpos if settings.escpos.uri.starts_with("socket:") => {
            let device = Socket::new(&settings.escpos.uri, clock)?;
            (device.name(), device.look().await?)
        }
        Driver::Escpos => {
            let device = raw_queue(settings)?;
            (device.name(), device.look().await?)
        }
        Driver::Ipp => {
            let device = photo_printer(settings, false)?;
            (device.name(), device.look().await?)
        }
    };
    Ok(Some(PrinterState::new(
        name,
        look.condition,
        look.needs,
        &look.remark,
    )))
}
