//! A folder as a printer: one PDF a sheet, for demos, tests, and programs that watch a folder.

mod tray;

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;

use self::tray::{Fault, Tray};
use super::{JobStatus, Order, Printer, PrinterError};

/// Prints to `<dir>/<session>/<order>-1of2.pdf` and so on.
///
/// Sheets may be taken away at any time, as from a real tray: they count as printed still.
#[derive(Debug, Clone)]
pub struct Folder(Arc<Mutex<Tray>>);

impl Folder {
    /// Opens the folder, making it (readable by its owner only) if need be, and completes the
    /// orders that an earlier run had accepted. Blocks on the disk.
    ///
    /// # Errors
    /// [`PrinterError`] if the folder cannot be used.
    pub fn open(dir: &Path) -> Result<Self, PrinterError> {
        let tray = Tray::open(dir).map_err(disk)?;
        tray.resume().map_err(disk)?;
        Ok(Self(Arc::new(Mutex::new(tray))))
    }

    async fn tray<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tray) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PrinterError> {
        let tray = Arc::clone(&self.0);
        let work = move || work(&tray.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|e| Err(io::Error::other(e).into()))
            .map_err(cannot)
    }
}

#[async_trait]
impl Printer for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    async fn submit(&self, order: &Order) -> Result<(), PrinterError> {
        if order.sheets == 0 || !order.document.starts_with(b"%PDF-") {
            let reason = "it is not one or more sheets of a PDF".to_owned();
            return Err(PrinterError::Refused { reason });
        }
        let order = order.clone();
        self.tray(move |tray| tray.print(&order)).await
    }

    async fn status(&self, order: Uuid) -> Result<JobStatus, PrinterError> {
        self.tray(move |tray| tray.status(order)).await
    }

    async fn forget(&self, session: Uuid) -> Result<(), PrinterError> {
        self.tray(move |tray| tray.forget(session)).await
    }

    async fn health(&self) -> Result<String, PrinterError> {
        self.tray(Tray::check).await
    }
}

fn cannot(fault: Fault) -> PrinterError {
    match fault {
        Fault::Disk(e) => disk(e),
        Fault::Clash | Fault::Damaged => PrinterError::Refused {
            reason: fault.to_string(),
        },
    }
}

fn disk(e: io::Error) -> PrinterError {
    match e.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => PrinterError::OutOfPaper(Some(e)),
        _ => PrinterError::Disconnected(e),
    }
}
