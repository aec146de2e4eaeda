//! Deletes what has been kept long enough, or what a visitor wants gone now.

mod doubt;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::Hand;
use crate::blobs::{BlobError, Blobs};
use crate::clock::Clock;
use crate::printer::Printer;
use crate::queue::{Job, Queue, QueueError};
use crate::visits::{ERASE, EXPIRE, VisitError, Visits};

pub use doubt::Doubt;

/// Reads of the record take milliseconds.
const READERS_GONE: Duration = Duration::from_secs(1);
/// How often what waits for the right date is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// Deletes pictures, files at the printer, rows, and what the database's log still holds of them.
#[derive(Debug)]
pub struct Expire {
    /// Where sessions are erased.
    pub visits: Visits,
    /// Where jobs come from.
    pub queue: Arc<dyn Queue>,
    /// Where pictures lie.
    pub blobs: Blobs,
    /// Who may still hold a sheet.
    pub printer: Option<Arc<dyn Printer>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whether the date may be wrong: then what is deleted for its age waits. What a visitor asked
    /// to erase is never held back.
    pub doubt: Doubt,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Visit(#[from] VisitError),
    #[error("pictures could not be deleted")]
    Blobs(#[from] BlobError),
    #[error("sheets could not be deleted")]
    Printer(#[from] crate::printer::PrinterError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

#[async_trait]
impl Hand for Expire {
    fn queues(&self) -> &'static [&'static str] {
        // What someone wants gone is gone within a minute, however much is due for its age.
        &[ERASE, EXPIRE]
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn is_owed(&self) -> bool {
        true
    }

    async fn work(&self, job: &Job, _stop: &CancellationToken) -> Result<(), QueueError> {
        let Err(trouble) = self.delete(job).await else {
            return Ok(());
        };
        let trouble = match trouble {
            Trouble::Queue(e) | Trouble::Visit(VisitError::Store(e @ QueueError::Full(_))) => {
                return Err(e);
            }
            trouble => trouble,
        };
        tracing::error!(
            session.id = %job.session,
            error = &trouble as &dyn std::error::Error,
            "something could not be deleted yet"
        );
        // What is asked to be gone is gone within a minute: at most half of one between two tries.
        let wait = Duration::from_secs(1 << job.attempts.min(5));
        self.queue
            .retry(job.lease, wait, &trouble.to_string())
            .await?;
        Ok(())
    }
}

impl Expire {
    async fn delete(&self, job: &Job) -> Result<(), Trouble> {
        let row = self
            .visits
            .store()
            .row(job.session)
            .await
            .map_err(VisitError::from)?;
        if row.is_none() {
            // It was erased so long ago that even that is forgotten, or its row no longer reads:
            // then what is left of it goes now.
            self.visits.forget(job.session).await?;
        }
        if row.is_none_or(|row| row.erased_at.is_some()) {
            self.blobs.delete_prefix(job.session).await?;
            if let Some(printer) = &self.printer {
                printer.forget(job.session).await?;
            }
            if self
                .visits
                .store()
                .checkpoint()
                .await
                .map_err(VisitError::from)?
            {
                self.visits.drop_job(job.lease).await?;
            } else {
                self.queue
                    .retry(job.lease, READERS_GONE, "a reader is in the way")
                    .await?;
            }
            return Ok(());
        }
        let wait = self.doubt.wait(job.first_claimed_at, &*self.clock);
        if !wait.is_zero() {
            // Looked at again and again: the date may be set right meanwhile.
            let wait = wait.min(LOOK_AGAIN);
            self.queue.retry(job.lease, wait, "too early").await?;
            return Ok(());
        }
        if job.subject == job.session {
            // Erasing queues this job anew, for the pictures.
            return Ok(self.visits.erase(job.session).await?);
        }
        self.blobs.delete_picture(job.session, job.subject).await?;
        Ok(self.visits.drop_job(job.lease).await?)
    }
}
