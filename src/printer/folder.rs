//! A folder as a printer: one PDF a sheet, for demos, tests, and programs that watch a folder.

mod tray;

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;
use uuid::Uuid;

use self::tray::{Fault, Tray};
use super::{
    Condition, JobStatus, Need, Order, Printer, PrinterError, PrinterState, Roll, Says, Verdict,
    paper, test_page,
};
use crate::store::{Store, StoreError};

const NAME: &str = "folder";

/// Prints to `<dir>/<session>/<order>-1of2.pdf` and so on.
///
/// Sheets may be taken away at any time, as from a real tray: they count as printed still.
#[derive(Debug, Clone)]
pub struct Folder {
    tray: Arc<Mutex<Tray>>,
    /// Printed, and not yet taken off the roll.
    uncounted: Arc<AtomicU32>,
    roll: Option<Counter>,
    state: watch::Sender<PrinterState>,
}

/// A roll that a folder has no more than in name: whoever prints its files counts by it.
#[derive(Debug, Clone)]
struct Counter {
    store: Store,
    /// Sheets of a new roll.
    size: u32,
}

impl Folder {
    /// Opens the folder, making it (readable by its owner only) if need be, and completes the
    /// orders that an earlier run had accepted. Blocks on the disk.
    ///
    /// # Errors
    /// [`PrinterError`] if the folder cannot be used.
    pub fn open(dir: &Path) -> Result<Self, PrinterError> {
        let tray = Tray::open(dir).map_err(disk)?;
        let resumed = tray.resume().map_err(disk)?;
        Ok(Self {
            tray: Arc::new(Mutex::new(tray)),
            uncounted: Arc::new(AtomicU32::new(resumed)),
            roll: None,
            state: watch::Sender::new(state(Condition::Ready, Vec::new())),
        })
    }

    /// Counts sheets as on a roll of `size`, in `store`, from where it stands there. A power cut
    /// in the moment between a sheet and its count may lose the count of one order.
    ///
    /// Needs a runtime around it: what is left is read at once.
    #[must_use]
    pub fn counting(mut self, store: Store, size: u32) -> Self {
        self.roll = Some(Counter { store, size });
        let folder = self.clone();
        tokio::spawn(async move { folder.tell(state(Condition::Ready, Vec::new())).await });
        self
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
        self.tell(match &done {
            Ok(_) | Err(PrinterError::Refused { .. }) => state(Condition::Ready, Vec::new()),
            Err(PrinterError::OutOfPaper(_)) => state(Condition::Needs, vec![Need::Paper]),
            Err(_) => state(Condition::Gone, Vec::new()),
        })
        .await;
        done
    }

    async fn tell(&self, mut seen: PrinterState) {
        match self.count().await {
            Ok(roll) => seen.roll = roll,
            Err(e) => {
                tracing::error!(error = &e as &dyn Error, "sheets were not counted");
                seen.roll = self.state.borrow().roll;
            }
        }
        self.state.send_if_modified(|known| {
            let changed = *known != seen;
            *known = seen;
            changed
        });
    }

    /// Takes off the roll what was printed, and says what is left.
    async fn count(&self) -> Result<Option<Roll>, StoreError> {
        let Some(Counter { store, size }) = &self.roll else {
            return Ok(None);
        };
        let mut txn = store.begin().await?;
        let noted = paper::read(&mut txn).await?;
        if noted.is_none() {
            paper::write(&mut txn, *size, *size).await?;
        }
        let (left, size) = noted.unwrap_or((*size, *size));
        let printed = self.uncounted.swap(0, Ordering::AcqRel);
        if printed > 0 || noted.is_none() {
            let counted = async {
                paper::take_off(&mut txn, printed).await?;
                txn.commit().await
            };
            if let Err(e) = counted.await {
                self.uncounted.fetch_add(printed, Ordering::AcqRel);
                return Err(e);
            }
        }
        Ok(Some(Roll::new(left.saturating_sub(printed), size)))
    }
}

fn state(condition: Condition, needs: Vec<Need>) -> PrinterState {
    PrinterState::new(NAME, condition, needs, &Says::default())
}

#[async_trait]
impl Printer for Folder {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn submit(&self, order: &Order) -> Result<(), PrinterError> {
        let order = order.clone();
        let uncounted = Arc::clone(&self.uncounted);
        self.tray(move |tray| {
            uncounted.fetch_add(tray.print(&order)?, Ordering::AcqRel);
            Ok(())
        })
        .await
    }

    async fn status(&self, order: Uuid) -> Result<JobStatus, PrinterError> {
        self.tray(move |tray| tray.status(order)).await
    }

    async fn forget(&self, session: Uuid) -> Result<(), PrinterError> {
        self.tray(move |tray| tray.forget(session)).await
    }

    /// What it has accepted it has printed.
    async fn give_up(&self, _order: Uuid) -> Result<(), PrinterError> {
        Ok(())
    }

    async fn health(&self) -> Result<String, PrinterError> {
        self.tray(Tray::check).await
    }

    fn watch(&self) -> watch::Receiver<PrinterState> {
        self.state.subscribe()
    }

    async fn roll_changed(&self, sheets: u32) -> Result<(), PrinterError> {
        let refused = |reason: &str| PrinterError::Refused {
            reason: reason.to_owned(),
        };
        let Some(Counter { store, .. }) = &self.roll else {
            return Err(refused("a folder has no roll, unless roll_sheets says so"));
        };
        if sheets == 0 {
            return Err(refused("a new roll has sheets"));
        }
        let mut txn = store.begin().await?;
        paper::write(&mut txn, sheets, sheets).await?;
        txn.commit().await?;
        self.uncounted.store(0, Ordering::Release);
        let seen = self.state.borrow().clone();
        self.tell(seen).await;
        Ok(())
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
