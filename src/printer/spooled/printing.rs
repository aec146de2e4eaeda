//! Bringing one order to paper, step by step, from wherever it stands.

use std::sync::PoisonError;

use uuid::Uuid;

use super::journal::{AGAIN, Entry, Stage};
use super::{Delivered, Device, Left, Parts, Progress, Task, Undelivered};
use crate::printer::words::{LOST, OTHER_PRINTER};
use crate::printer::{JobStatus, Order, PrinterError};

impl<D: Device> Parts<D> {
    /// Takes an order as far as the device allows now.
    pub(super) async fn submit(&self, order: &Order) -> Result<(), PrinterError> {
        let refused = |reason: String| PrinterError::Refused { reason };
        if order.sheets == 0 {
            return Err(refused("an order has one sheet or more".to_owned()));
        }
        self.device.takes(&order.page).map_err(refused)?;
        let _turn = self.turn.lock().await;
        let entry = self.journal.accept(order, self.clock.now()).await?;
        let entry = entry.ok_or_else(|| refused("another order has this id".to_owned()))?;
        match entry.stage {
            Stage::Waiting => self.begin(order, &entry).await,
            Stage::Preparing => self.prepare(order, &entry).await,
            Stage::Delivering => self.go_on(order, &entry).await,
            Stage::Sent
            | Stage::Done
            | Stage::Failed
            | Stage::Doubtful
            | Stage::Erase
            | Stage::Leaving
            | Stage::Stray => Ok(()),
        }
    }

    /// How far an order is, and whether that is news.
    pub(super) async fn status(&self, order: Uuid) -> Result<(JobStatus, bool), PrinterError> {
        let Some(entry) = self.journal.entry(order).await? else {
            return Ok((JobStatus::Unknown, false));
        };
        if entry.stage == Stage::Sent {
            let progress = self.follow(&entry).await?;
            if let Progress::Going { sheets } = progress {
                let sheets_done = entry.sheets_done + sheets.min(entry.part);
                return Ok((under_way(sheets_done, entry.sheets), false));
            }
            self.note(&entry, progress).await?;
            let after = self.journal.entry(order).await?;
            return Ok((after.map_or(JobStatus::Unknown, |e| status_of(&e)), true));
        }
        Ok((status_of(&entry), false))
    }

    /// Drops all of a session, and cancels what the device has of it.
    pub(super) async fn forget(&self, session: Uuid) -> Result<(), PrinterError> {
        self.journal.forget(session, self.clock.now()).await?;
        if let Err(e) = self.erase_owed().await {
            // The session is gone from here; the device hears of it when it is back.
            tracing::warn!(
                error = &e as &dyn std::error::Error,
                "a job is still to be erased at the printer"
            );
        }
        Ok(())
    }

    /// Has the device cancel and forget the jobs of erased visits. What it has begun may come out
    /// all the same; then staff are told.
    pub(super) async fn erase_owed(&self) -> Result<(), PrinterError> {
        for entry in self.journal.owed().await? {
            let left = match entry.job {
                Some(job) => self.device.erase(job, &entry.job_name()).await?,
                None => Left::Nothing,
            };
            self.journal
                .has_left(&entry, left, self.clock.now())
                .await?;
        }
        self.journal.sweep_strays(self.clock.now()).await?;
        Ok(())
    }

    async fn begin(&self, order: &Order, entry: &Entry) -> Result<(), PrinterError> {
        if !self
            .patience()
            .may_begin(entry.order, self.clock.monotonic())
        {
            return Err(PrinterError::Busy);
        }
        let look = self.look().await?;
        if look.held {
            return Err(match look.needs.first() {
                Some(crate::printer::Need::Paper) => PrinterError::OutOfPaper(None),
                _ => PrinterError::Busy,
            });
        }
        let part = (entry.sheets - entry.sheets_done).min(look.most_copies.max(1));
        let now = self.clock.now();
        match self.journal.prepare(entry, part, now).await? {
            Some(entry) => self.prepare(order, &entry).await,
            None => Err(gone()),
        }
    }

    /// Makes the job, or finds the one that an earlier try made: empty, it can print nothing.
    async fn prepare(&self, order: &Order, entry: &Entry) -> Result<(), PrinterError> {
        if entry.printer != self.device.address() {
            let now = self.clock.now();
            let (from, to) = (Stage::Preparing, Stage::Waiting);
            self.journal.turn(entry.order, from, to, "", now).await?;
            return Err(PrinterError::Busy);
        }
        let task = task(entry);
        let job = match self.device.prepare(&task, &order.page).await {
            Err(e @ (PrinterError::Busy | PrinterError::Refused { .. })) => {
                // It said no: there is no job.
                let now = self.clock.now();
                let (from, to) = (Stage::Preparing, Stage::Waiting);
                self.journal.turn(entry.order, from, to, "", now).await?;
                return Err(e);
            }
            prepared => prepared?,
        };
        if !self.journal.deliver(entry.order, job).await? {
            self.device.erase(job, &task.name).await?;
            return Err(gone());
        }
        self.deliver(order, entry, job).await
    }

    async fn deliver(&self, order: &Order, entry: &Entry, job: i64) -> Result<(), PrinterError> {
        match self.device.deliver(job, &task(entry), &order.page).await {
            Ok(Delivered::Printed) => {
                self.journal.printed(entry).await?;
                self.patience().is_forgiven(entry.order);
                Ok(())
            }
            Ok(Delivered::Taken) => {
                let now = self.clock.now();
                let (from, to) = (Stage::Delivering, Stage::Sent);
                self.journal.turn(entry.order, from, to, "", now).await?;
                Ok(())
            }
            Err(Undelivered::Nothing(e)) => {
                let now = self.clock.now();
                let (from, to) = (Stage::Delivering, Stage::Waiting);
                self.journal.turn(entry.order, from, to, "", now).await?;
                Err(e)
            }
            // The next try begins by asking what became of it.
            Err(Undelivered::Unsure(e)) => Err(e),
        }
    }

    /// A delivery was cut short: by an error, or by our death.
    async fn go_on(&self, order: &Order, entry: &Entry) -> Result<(), PrinterError> {
        match (self.follow(entry).await?, entry.job) {
            (Progress::Empty, Some(job)) => self.deliver(order, entry, job).await,
            (progress, _) => {
                self.note(entry, progress).await?;
                Ok(())
            }
        }
    }

    pub(super) async fn follow(&self, entry: &Entry) -> Result<Progress, PrinterError> {
        let job = entry.job.filter(|_| entry.printer == self.device.address());
        let Some(job) = job else {
            return Ok(Progress::Lost);
        };
        let name = entry.job_name();
        match self.device.progress(job, &name).await? {
            Progress::Stuck {
                sheets,
                for_good,
                reason,
            } => {
                if !for_good && !self.stands_too_long(&name) {
                    return Ok(Progress::Going { sheets });
                }
                self.end(job, &name, reason).await
            }
            progress => {
                self.patience().is_renewed(&name);
                Ok(progress)
            }
        }
    }

    /// Whether a job that stands still has done so for too long at a device that needs nothing.
    fn stands_too_long(&self, name: &str) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.as_ref().is_none_or(|look| !look.needs.is_empty()) {
            self.patience().is_renewed(name);
            return false;
        }
        drop(seen);
        self.patience().is_over(name, self.clock.monotonic())
    }

    /// Ends a job that would stand in everybody's way for ever.
    async fn end(&self, job: i64, name: &str, reason: String) -> Result<Progress, PrinterError> {
        tracing::warn!(reason, "a job does not go on: it is cancelled");
        Ok(match self.device.erase(job, name).await? {
            Left::Nothing => Progress::Unprinted {
                cancelled: false,
                reason,
            },
            Left::Stopping => Progress::Going { sheets: 0 },
            Left::Perhaps => Progress::Broken { reason },
            Left::All => Progress::Done,
        })
    }

    /// Writes down how a job stands.
    pub(super) async fn note(&self, entry: &Entry, progress: Progress) -> Result<(), PrinterError> {
        let (to, why) = match progress {
            Progress::Done => {
                self.journal.printed(entry).await?;
                self.patience().is_forgiven(entry.order);
                return Ok(());
            }
            Progress::Going { .. } | Progress::Stuck { .. } => (Stage::Sent, String::new()),
            Progress::Empty => (Stage::Delivering, String::new()),
            Progress::Unprinted {
                cancelled: true,
                reason,
            } => (Stage::Failed, reason),
            Progress::Unprinted {
                cancelled: false,
                reason,
            } => {
                let now = self.clock.monotonic();
                let again = self.patience().may_stumble(entry.order, now);
                tracing::warn!(print.id = %entry.order, reason, again, "a job ended unprinted");
                if again {
                    (Stage::Waiting, String::new())
                } else {
                    (Stage::Failed, reason)
                }
            }
            Progress::Broken { reason } => (Stage::Doubtful, reason),
            Progress::Lost if entry.printer != self.device.address() => {
                (Stage::Doubtful, OTHER_PRINTER.to_owned())
            }
            Progress::Lost => (Stage::Doubtful, LOST.to_owned()),
        };
        if to == Stage::Doubtful {
            tracing::warn!(
                print.id = %entry.order,
                ticket = entry.ticket,
                reason = why,
                "it is not certain whether a sheet came out: staff must look"
            );
        }
        let now = self.clock.now();
        self.journal
            .turn(entry.order, entry.stage, to, &why, now)
            .await?;
        Ok(())
    }
}

fn task(entry: &Entry) -> Task {
    Task {
        name: entry.job_name(),
        copies: entry.part,
    }
}

fn under_way(sheets_done: u32, sheets: u32) -> JobStatus {
    match sheets_done {
        0 => JobStatus::Queued,
        // The last sheet is out when the job is done.
        n => JobStatus::Printing {
            sheets_done: n.min(sheets - 1).max(1),
        },
    }
}

fn status_of(entry: &Entry) -> JobStatus {
    let reason = || entry.why.clone();
    match entry.stage {
        // Nothing of it is at the device: it is to be handed over (again).
        Stage::Waiting if entry.sheets_done == 0 && entry.why != AGAIN => JobStatus::Unknown,
        Stage::Waiting | Stage::Preparing | Stage::Delivering | Stage::Sent => {
            under_way(entry.sheets_done, entry.sheets)
        }
        Stage::Done => JobStatus::Done {
            sheets: entry.sheets,
        },
        Stage::Failed => JobStatus::Failed { reason: reason() },
        Stage::Doubtful => JobStatus::Doubtful { reason: reason() },
        Stage::Erase | Stage::Leaving | Stage::Stray => JobStatus::Unknown,
    }
}

fn gone() -> PrinterError {
    PrinterError::Refused {
        reason: "the order was erased meanwhile".to_owned(),
    }
}
