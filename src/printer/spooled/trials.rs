//! Test pages. No worker stays with them, so the watcher sees them to their end.

use super::journal::Stage;
use super::{Device, Parts, Progress};
use crate::printer::PrinterError;

impl<D: Device> Parts<D> {
    /// Notes what became of test pages that the device has. Those that it does not have are
    /// dropped: whoever wanted one has been told that it did not come.
    pub(super) async fn follow_tests(&self) -> Result<(), PrinterError> {
        // Whoever has the turn may be handing one over.
        let Ok(_turn) = self.turn.try_lock() else {
            return Ok(());
        };
        for entry in self.journal.tests().await? {
            let job = entry.job.filter(|_| entry.stage > Stage::Preparing);
            let Some(job) = job else {
                self.journal.drop_entry(entry.order).await?;
                continue;
            };
            match self.follow(&entry).await? {
                Progress::Empty => {
                    self.device.erase(job, &entry.job_name()).await?;
                    self.journal.drop_entry(entry.order).await?;
                }
                progress => self.note(&entry, progress).await?,
            }
        }
        Ok(())
    }
}
