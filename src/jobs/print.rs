//! Sees print orders onto paper: one sheet per order whatever dies when.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::Hand;
use crate::blobs::{BlobError, BlobKey, Blobs, Format};
use crate::clock::Clock;
use crate::printer::{JobStatus, Order, Page, Printer, PrinterError};
use crate::queue::{Job, Queue, QueueError};
use crate::session::{Command, FailureCode, Refusal, TicketFiles};
use crate::visits::{PRINT, Settle, VisitError, Visits};

/// Attempts before an order is given up; waits double from a second, so some ten minutes in all.
const ATTEMPTS: u32 = 10;
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// How often a printer at work is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);
const LEASE: Duration = Duration::from_secs(60);

/// Prints.
#[derive(Debug)]
pub struct Print {
    /// Where results are reported.
    pub visits: Visits,
    /// Where jobs come from.
    pub queue: Arc<dyn Queue>,
    /// Where the sheets lie.
    pub blobs: Blobs,
    /// Who prints them.
    pub printer: Arc<dyn Printer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Visit(#[from] VisitError),
    #[error("the sheet could not be read")]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Printer(#[from] PrinterError),
    #[error("the printer gave the order up: {0}")]
    GivenUp(String),
}

#[async_trait]
impl Hand for Print {
    fn queue(&self) -> &'static str {
        PRINT
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    async fn work(&self, job: &Job, stop: &CancellationToken) -> Result<(), QueueError> {
        match self.print(job, stop).await {
            Ok(()) | Err(Trouble::Visit(VisitError::LeaseLost)) => Ok(()),
            Err(Trouble::Visit(VisitError::Store(e))) => Err(e),
            Err(Trouble::Visit(e @ (VisitError::Refused(_) | VisitError::TooManyOpen { .. }))) => {
                // Erased meanwhile: there is nothing to print, and what the printer was given after
                // it was told to forget must go too.
                if let VisitError::Refused(Refusal::Erased | Refusal::Expired) = e
                    && let Err(e) = self.printer.forget(job.session).await
                {
                    return self.after(job, &e.into()).await;
                }
                match self.visits.drop_job(job.lease).await {
                    Err(VisitError::Store(e)) => Err(e),
                    _ => Ok(()),
                }
            }
            Err(trouble) => self.after(job, &trouble).await,
        }
    }
}

impl Print {
    async fn print(&self, job: &Job, stop: &CancellationToken) -> Result<(), Trouble> {
        let gone = || VisitError::Refused(Refusal::NotFound("print"));
        let state = self
            .visits
            .store()
            .load(job.session)
            .await
            .map_err(VisitError::from)?;
        let state = state.ok_or_else(gone)?;
        let print = state.print(job.subject).ok_or_else(gone)?;
        let ticket = state.ticket(print.ticket).ok_or_else(gone)?;
        let order = Order {
            id: print.id,
            session: state.id,
            ticket: ticket.number,
            sheets: print.copies,
            page: self.page(&ticket.files).await?,
        };
        self.printer.submit(&order).await?;
        loop {
            match self.printer.status(order.id).await? {
                JobStatus::Done { .. } => {
                    let done = Command::FinishPrint { print: order.id };
                    self.visits
                        .report(job.session, done, Settle::Done(job.lease))
                        .await?;
                    metrics::counter!("easel_sheets_printed_total").increment(order.sheets.into());
                    return Ok(());
                }
                JobStatus::Failed { reason } | JobStatus::Doubtful { reason } => {
                    return Err(Trouble::GivenUp(reason));
                }
                JobStatus::Unknown | JobStatus::Queued | JobStatus::Printing { .. } => {}
            }
            if stop.is_cancelled() {
                // The printer has the order; after the restart it is asked again, not sent again.
                self.queue
                    .release(job.lease)
                    .await
                    .map_err(VisitError::from)?;
                return Ok(());
            }
            self.clock.sleep(ASK_EVERY).await;
            if !self
                .queue
                .renew(job.lease, LEASE)
                .await
                .map_err(VisitError::from)?
            {
                return Err(VisitError::LeaseLost.into());
            }
        }
    }

    /// The page to print, in the forms that were made of it.
    async fn page(&self, files: &TicketFiles) -> Result<Page, BlobError> {
        let mut page = Page::default();
        for file in [&files.print, &files.sheet] {
            let key = BlobKey::parse(&file.key).ok_or(BlobError::Missing)?;
            let bytes = self.blobs.get(&key).await?;
            match key.format() {
                Format::Pdf => page.pdf = bytes,
                Format::Png => page.bits = bytes,
                _ => page.jpeg = bytes,
            }
        }
        Ok(page)
    }

    async fn after(&self, job: &Job, trouble: &Trouble) -> Result<(), QueueError> {
        tracing::warn!(
            print.id = %job.subject,
            error = trouble as &dyn std::error::Error,
            "an order was not printed"
        );
        let given_up = matches!(trouble, Trouble::GivenUp(_)) || job.attempts + 1 >= ATTEMPTS;
        if !given_up {
            let wait = Duration::from_secs(1 << job.attempts.min(7)).min(LONGEST_WAIT);
            self.queue
                .retry(job.lease, wait, &trouble.to_string())
                .await?;
            return Ok(());
        }
        let fail = Command::FailPrint {
            print: job.subject,
            code: FailureCode::PrinterFailed,
        };
        let why = trouble.to_string();
        let settle = Settle::Buried(job.lease, &why);
        match self.visits.report(job.session, fail, settle).await {
            Err(VisitError::Store(e)) => Err(e),
            _ => Ok(()),
        }
    }
}
