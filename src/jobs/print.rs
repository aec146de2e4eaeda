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
use crate::store::StoreError;
use crate::visits::{PRINT, Settle, VisitError, Visits};

/// How often a printer at work, or one that waits for paper, is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How often an order is looked at that waits for staff to say whether it came out.
const DOUBTFUL_EVERY: Duration = Duration::from_secs(3);
const LEASE: Duration = Duration::from_secs(60);
/// How long a booth that stops waits for what it is telling the printer.
const LAST_WORDS: Duration = Duration::from_secs(5);

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
    /// An order that could not be begun for so long is given up.
    pub give_up: Duration,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Visit(#[from] VisitError),
    #[error("the sheet could not be read")]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Printer(#[from] PrinterError),
    #[error("the order was given up: {0}")]
    GivenUp(String),
}

/// How a turn at the printer ended.
enum Turn {
    Settled(Result<JobStatus, PrinterError>),
    /// The booth stops.
    Stopping,
    /// The visit was erased meanwhile.
    LeaseLost,
}

#[async_trait]
impl Hand for Print {
    fn queues(&self) -> &'static [&'static str] {
        &[PRINT]
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn is_owed(&self) -> bool {
        false
    }

    async fn work(&self, job: &Job, stop: &CancellationToken) -> Result<(), QueueError> {
        match self.print(job, stop).await {
            Ok(()) => Ok(()),
            Err(Trouble::Visit(VisitError::Store(e))) if e.is_damage() => {
                self.set_aside(job, &e).await
            }
            Err(Trouble::Visit(VisitError::Store(e))) => Err(e),
            Err(Trouble::Visit(_)) => self.drop_erased(job).await,
            Err(trouble) => self.fail(job, &trouble).await,
        }
    }
}

impl Print {
    /// Stays with one order until it is settled: those of later visitors wait their turn.
    async fn print(&self, job: &Job, stop: &CancellationToken) -> Result<(), Trouble> {
        let order = self.order(job).await?;
        let mut said = String::new();
        loop {
            self.give_up_late(job, &said).await?;
            match self.turn(job, &order, stop).await? {
                Turn::Settled(Ok(JobStatus::Done { .. })) => return self.finish(job, &order).await,
                Turn::Settled(Ok(JobStatus::Failed { reason })) => {
                    return Err(Trouble::GivenUp(reason));
                }
                Turn::Settled(Err(e @ PrinterError::Refused { .. })) => return Err(e.into()),
                Turn::Settled(Ok(JobStatus::Doubtful { reason })) => {
                    // It waits for staff, and stands aside meanwhile.
                    let again = self.queue.retry(job.lease, DOUBTFUL_EVERY, &reason).await;
                    again.map_err(VisitError::from)?;
                    return Ok(());
                }
                Turn::Settled(Ok(_)) => said.clear(),
                Turn::Settled(Err(e)) => {
                    let now = e.to_string();
                    if now != said {
                        tracing::warn!(
                            print.id = %job.subject,
                            error = &e as &dyn std::error::Error,
                            "an order waits for the printer"
                        );
                        said = now;
                    }
                }
                Turn::Stopping => {
                    // After the restart the printer is asked what it has, not sent it again.
                    let released = self.queue.release(job.lease).await;
                    released.map_err(VisitError::from)?;
                    return Ok(());
                }
                Turn::LeaseLost => return Err(VisitError::LeaseLost.into()),
            }
            tokio::select! {
                () = self.clock.sleep(ASK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Hands the order over, or takes it on from where it is; then asks how far it is. This may
    /// take as long as the printer waits for paper.
    async fn turn(
        &self,
        job: &Job,
        order: &Order,
        stop: &CancellationToken,
    ) -> Result<Turn, Trouble> {
        if stop.is_cancelled() {
            return Ok(Turn::Stopping);
        }
        // Nothing is handed over under a lease that is lost.
        if !self.renew(job).await? {
            return Ok(Turn::LeaseLost);
        }
        let ask = async {
            self.printer.submit(order).await?;
            self.printer.status(order.id).await
        };
        let mut ask = std::pin::pin!(ask);
        // Side by side: the printer's part may have the record in its hands while the lease waits
        // for it, so that neither may be left standing for the other.
        tokio::select! {
            settled = &mut ask => Ok(Turn::Settled(settled)),
            lost = self.keep(job) => lost,
            () = stop.cancelled() => Ok(tokio::select! {
                settled = &mut ask => Turn::Settled(settled),
                () = self.clock.sleep(LAST_WORDS) => Turn::Stopping,
            }),
        }
    }

    /// Prolongs the lease again and again; returns only once it is lost.
    async fn keep(&self, job: &Job) -> Result<Turn, Trouble> {
        loop {
            self.clock.sleep(LEASE / 4).await;
            if !self.renew(job).await? {
                return Ok(Turn::LeaseLost);
            }
        }
    }

    async fn renew(&self, job: &Job) -> Result<bool, Trouble> {
        let renewed = self.queue.renew(job.lease, LEASE).await;
        Ok(renewed.map_err(VisitError::from)?)
    }

    async fn order(&self, job: &Job) -> Result<Order, Trouble> {
        let gone = || VisitError::Refused(Refusal::NotFound("print"));
        let state = self.visits.store().load(job.session).await;
        let state = state.map_err(VisitError::from)?.ok_or_else(gone)?;
        let print = state.print(job.subject).ok_or_else(gone)?;
        let ticket = state.ticket(print.ticket).ok_or_else(gone)?;
        Ok(Order {
            id: print.id,
            session: state.id,
            ticket: ticket.number,
            sheets: print.copies,
            page: self.page(&ticket.files).await?,
        })
    }

    async fn finish(&self, job: &Job, order: &Order) -> Result<(), Trouble> {
        let done = Command::FinishPrint { print: order.id };
        let settle = Settle::Done(job.lease);
        self.visits.report(job.session, done, settle).await?;
        metrics::counter!("easel_sheets_printed_total").increment(order.sheets.into());
        Ok(())
    }

    /// An order of which nothing is at the printer is not printed hours after its visitor left,
    /// whether it waited for the printer, behind others, or over night. `said` is what the printer
    /// said last, if it did.
    async fn give_up_late(&self, job: &Job, said: &str) -> Result<(), Trouble> {
        let waited = self.clock.now().duration_since(job.queued_at);
        if Duration::try_from(waited).unwrap_or_default() < self.give_up {
            return Ok(());
        }
        match self.printer.status(job.subject).await {
            Ok(JobStatus::Unknown) if said.is_empty() => {
                Err(Trouble::GivenUp("its turn came too late".to_owned()))
            }
            Ok(JobStatus::Unknown) => Err(Trouble::GivenUp(said.to_owned())),
            _ => Ok(()),
        }
    }

    /// Erased meanwhile: there is nothing to print, and what the printer was given after it was
    /// told to forget must go too.
    async fn drop_erased(&self, job: &Job) -> Result<(), QueueError> {
        let row = self.visits.store().row(job.session).await?;
        if row.is_none_or(|row| row.erased_at.is_some())
            && let Err(e) = self.printer.forget(job.session).await
        {
            let wait = Duration::from_secs(1 << job.attempts.min(7));
            self.queue.retry(job.lease, wait, &e.to_string()).await?;
            return Ok(());
        }
        match self.visits.drop_job(job.lease).await {
            Err(VisitError::Store(e)) => Err(e),
            _ => Ok(()),
        }
    }

    /// The visit's log does not read, so nobody can tell what to print: others wait behind it.
    async fn set_aside(&self, job: &Job, damage: &StoreError) -> Result<(), QueueError> {
        tracing::error!(
            print.id = %job.subject,
            error = damage as &dyn std::error::Error,
            "an order of a visit that does not read is set aside"
        );
        match self.visits.set_aside(job.lease, damage).await {
            Err(VisitError::Store(e)) => Err(e),
            _ => Ok(()),
        }
    }

    /// The page to print, in the forms that were made of it.
    async fn page(&self, files: &TicketFiles) -> Result<Page, BlobError> {
        let mut page = Page::default();
        for file in [&files.print, &files.sheet] {
            let key = BlobKey::parse(&file.key).ok_or(BlobError::Missing)?;
            let bytes = self.blobs.fetch(file).await?;
            match key.format() {
                Format::Pdf => page.pdf = bytes,
                Format::Png => page.bits = bytes,
                _ => page.jpeg = bytes,
            }
        }
        Ok(page)
    }

    async fn fail(&self, job: &Job, trouble: &Trouble) -> Result<(), QueueError> {
        tracing::warn!(
            print.id = %job.subject,
            error = trouble as &dyn std::error::Error,
            "an order was not printed"
        );
        if let Err(e) = self.printer.give_up(job.subject).await {
            tracing::warn!(print.id = %job.subject, error = &e as &dyn std::error::Error, "it may be printed all the same");
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

#[cfg(test)]
mod tests;
