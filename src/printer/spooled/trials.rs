//! Test pages. No worker stays with them, so the watcher sees them to their end.

use super::job::JobState;
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
            let state = entry.job.as_ref().map(|job| job.state);
            let has_it = matches!(state, Some(JobState::Delivering | JobState::Taken));
            if !has_it {
                self.journal.drop_entry(entry.order).await?;
                continue;
            }
            let heard = self.follow(&entry).await?;
            let empty = heard.progress == Progress::Empty && state == Some(JobState::Delivering);
            match entry.memo(&self.device).filter(|_| empty) {
                Some(job) => {
                    self.device.erase(&job).await?;
                    self.journal.drop_entry(entry.order).await?;
                }
                None => self.note(&entry, heard).await?,
            }
        }
        Ok(())
    }
}
