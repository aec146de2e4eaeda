//! A folder as a printer: one PDF a sheet, for demos, tests, and programs that watch a folder.

mod tray;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;
use uuid::Uuid;

use self::tray::{Fault, Tray};
use super::{
    Condition, JobStatus, Need, Order, PartlyDone, Printer, PrinterError, PrinterState, Roll, Says,
    Trouble, Verdict, paper, test_page,
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
    /// Orders that a fault has stopped in the middle.
    partly: Arc<Mutex<BTreeMap<Uuid, PartlyDone>>>,
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
    /// orders that an earlier run had accepted. A disk that is full or read-only may yet be mended:
    /// that is said, and tried again with the next order. Blocks on the disk.
    ///
    /// # Errors
    /// [`PrinterError`] if that is no folder.
    pub fn open(dir: &Path) -> Result<Self, PrinterError> {
        if dir.exists() && !dir.is_dir() {
            return Err(PrinterError::Disconnected(ErrorKind::NotADirectory.into()));
        }
        let mut tray = Tray::of(dir);
        let begun = tray.begin().map_err(disk);
        if let Err(e) = &begun {
            tracing::warn!(
                error = e as &dyn Error,
                "the folder for prints cannot be used yet"
            );
        }
        let seen = seen(begun.as_ref().map(|_| ()));
        Ok(Self {
            tray: Arc::new(Mutex::new(tray)),
            uncounted: Arc::new(AtomicU32::new(begun.unwrap_or(0))),
            partly: Arc::default(),
            roll: None,
            state: watch::Sender::new(seen),
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
        let seen = self.state.borrow().clone();
        tokio::spawn(async move { folder.tell(seen).await });
        self
    }

    async fn tray<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tray) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PrinterError> {
        let tray = Arc::clone(&self.tray);
        let uncounted = Arc::clone(&self.uncounted);
        let work = move || {
            let mut tray = tray.lock().unwrap_or_else(PoisonError::into_inner);
            // Not where it went away since: that is to be said, and not to be made anew.
            uncounted.fetch_add(tray.begin()?, Ordering::AcqRel);
            work(&tray)
        };
        let done = tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|e| Err(io::Error::other(e).into()))
            .map_err(cannot);
        self.tell(seen(done.as_ref().map(|_| ()))).await;
        done
    }

    fn partly(&self) -> MutexGuard<'_, BTreeMap<Uuid, PartlyDone>> {
        self.partly.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell(&self, mut seen: PrinterState) {
        seen.partly_done = self.partly().values().copied().collect();
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

/// How it is, by what came of something that was done with it.
fn seen(done: Result<(), &PrinterError>) -> PrinterState {
    match done {
        Ok(()) | Err(PrinterError::Refused { .. }) => state(Condition::Ready, Vec::new()),
        Err(PrinterError::DiskFull(_)) => state(Condition::Needs, vec![Need::DiskSpace]),
        Err(PrinterError::Unusable { .. }) => state(Condition::Needs, vec![Need::Permission]),
        Err(_) => state(Condition::Gone, Vec::new()),
    }
}

#[async_trait]
impl Printer for Folder {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn submit(&self, order: &Order) -> Result<(), PrinterError> {
        let order = order.clone();
        let uncounted = Arc::clone(&self.uncounted);
        let partly = Arc::clone(&self.partly);
        self.tray(move |tray| {
            let (printed, done) = tray.print(&order);
            if let (Ok(JobStatus::Printing { sheets_done }), Err(_)) =
                (tray.status(order.id), &done)
            {
                let so_far = PartlyDone {
                    order: order.id,
                    session: order.session,
                    sheets: order.sheets,
                    sheets_done,
                };
                partly
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(order.id, so_far);
            } else {
                partly
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&order.id);
            }
            uncounted.fetch_add(printed, Ordering::AcqRel);
            done
        })
        .await
    }

    async fn status(&self, order: Uuid) -> Result<JobStatus, PrinterError> {
        self.tray(move |tray| tray.status(order)).await
    }

    async fn forget(&self, session: Uuid) -> Result<(), PrinterError> {
        self.partly().retain(|_, so_far| so_far.session != session);
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

    async fn settle(
        &self,
        _order: Uuid,
        _verdict: Verdict,
        _found: Option<u32>,
    ) -> Result<(), PrinterError> {
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
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => PrinterError::DiskFull(e),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => PrinterError::Unusable {
            trouble: Trouble::NotWritable,
            source: e,
        },
        _ => PrinterError::Disconnected(e),
    }
}
