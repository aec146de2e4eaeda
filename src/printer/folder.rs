//! A folder as a printer: one PDF a sheet, for demos, tests, and programs that watch a folder.

mod tray;

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;
use uuid::Uuid;

use self::tray::{Fault, Tray};
use super::{
    Condition, JobStatus, Need, Order, Printer, PrinterError, PrinterState, Verdict, test_page,
};

const NAME: &str = "folder";

/// Prints to `<dir>/<session>/<order>-1of2.pdf` and so on.
///
/// Sheets may be taken away at any time, as from a real tray: they count as printed still.
#[derive(Debug, Clone)]
pub struct Folder {
    tray: Arc<Mutex<Tray>>,
    state: watch::Sender<PrinterState>,
}

impl Folder {
    /// Opens the folder, making it (readable by its owner only) if need be, and completes the
    /// orders that an earlier run had accepted. Blocks on the disk.
    ///
    /// # Errors
    /// [`PrinterError`] if the folder cannot be used.
    pub fn open(dir: &Path) -> Result<Self, PrinterError> {
        let tray = Tray::open(dir).map_err(disk)?;
        tray.resume().map_err(disk)?;
        Ok(Self {
            tray: Arc::new(Mutex::new(tray)),
            state: watch::Sender::new(state(Condition::Ready, Vec::new())),
        })
    }

    async fn tray<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tray) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PrinterError> {
        let tray = Arc::clone(&self.tray);
        let work = move || work(&tray.lock().unwrap_or_else(PoisonError::into_inner));
        let done = tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|e| Err(io::Error::other(e).into()))
            .map_err(cannot);
        let seen = match &done {
            Ok(_) | Err(PrinterError::Refused { .. }) => state(Condition::Ready, Vec::new()),
            Err(PrinterError::OutOfPaper(_)) => state(Condition::Needs, vec![Need::Paper]),
            Err(_) => state(Condition::Gone, Vec::new()),
        };
        self.state.send_if_modified(|known| {
            let changed = *known != seen;
            *known = seen;
            changed
        });
        done
    }
}

fn state(condition: Condition, needs: Vec<Need>) -> PrinterState {
    PrinterState::new(NAME, condition, needs, "")
}

#[async_trait]
impl Printer for Folder {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn submit(&self, order: &Order) -> Result<(), PrinterError> {
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

    fn watch(&self) -> watch::Receiver<PrinterState> {
        self.state.subscribe()
    }

    async fn roll_changed(&self, _sheets: u32) -> Result<(), PrinterError> {
        let reason = "a folder has no roll".to_owned();
        Err(PrinterError::Refused { reason })
    }

    async fn test_page(&self, order: Uuid) -> Result<(), PrinterError> {
        self.submit(&test_page::order(order)?).await
    }

    async fn settle(&self, _order: Uuid, _verdict: Verdict) -> Result<(), PrinterError> {
        let reason = "a folder's orders are never doubtful".to_owned();
        Err(PrinterError::Refused { reason })
    }
}

fn cannot(fault: Fault) -> PrinterError {
    match fault {
        Fault::Disk(e) => disk(e),
        Fault::Unprintable | Fault::Clash | Fault::Damaged => PrinterError::Refused {
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
