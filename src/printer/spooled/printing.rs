//! Bringing one order to paper, step by step, from wherever it stands.

use std::io;

use uuid::Uuid;

use super::job::{End, JobState};
use super::journal::Entry;
use super::order::OrderState;
use super::patience::{GRACE, Mark, Standing};
use super::{Delivered, Device, Heard, Left, Memo, Parts, Progress, Undelivered};
use crate::printer::{Cause, JobStatus, Order, PrinterError};

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
        let job = entry.job.as_ref().map(|job| job.state);
        match (entry.state, job) {
            (OrderState::Waiting, _) => self.begin(order, &entry).await,
            (OrderState::Printing, Some(JobState::Preparing)) => self.prepare(order, &entry).await,
            (OrderState::Printing, Some(JobState::Delivering)) => self.go_on(order, &entry).await,
            _ => Ok(()),
        }
    }

    /// How far an order is, and whether that is news.
    pub(super) async fn status(&self, order: Uuid) -> Result<(JobStatus, bool), PrinterError> {
        let Some(entry) = self.journal.entry(order).await? else {
            return Ok((JobStatus::Unknown, false));
        };
        let taken = entry
            .job
            .as_ref()
            .is_some_and(|job| job.state == JobState::Taken);
        if entry.state != OrderState::Printing || !taken {
            return Ok((status_of(&entry), false));
        }
        let heard = self.follow(&entry).await?;
        let goes_on = matches!(heard.progress, Progress::Going | Progress::Empty);
        self.note(&entry, heard).await?;
        let after = self.journal.entry(order).await?;
        let status = after.map_or(JobStatus::Unknown, |e| status_of(&e));
        Ok((status, !goes_on))
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
            for job in self.journal.history(&entry).await? {
                self.device.erase(&job).await?;
            }
            let left = match entry.memo(&self.device) {
                Some(job) => self.device.erase(&job).await?,
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
                Some(crate::printer::Need::Paper) => PrinterError::OutOfPaper,
                _ => PrinterError::Busy,
            });
        }
        self.patience().begins(&look.needs);
        let now = self.clock.now();
        match self.journal.prepare(entry.order, now).await? {
            Some(entry) => self.prepare(order, &entry).await,
            None => Err(gone()),
        }
    }

    /// Makes the job, or finds the one that an earlier try made: empty, it can print nothing.
    async fn prepare(&self, order: &Order, entry: &Entry) -> Result<(), PrinterError> {
        let here = |job: &super::job::Job| job.printer == self.device.address();
        if !entry.job.as_ref().is_some_and(here) {
            self.journal.unmade(entry, self.clock.now()).await?;
            return Err(PrinterError::Busy);
        }
        let name = entry.job_name();
        let made = match self.device.prepare(&name, &order.page).await {
            Err(e @ (PrinterError::Busy | PrinterError::Refused { .. })) => {
                // It said no: there is no job.
                self.journal.unmade(entry, self.clock.now()).await?;
                if matches!(e, PrinterError::Busy) {
                    let now = self.clock.monotonic();
                    self.busy().get_or_insert(now);
                }
                return Err(e);
            }
            prepared => prepared?,
        };
        *self.busy() = None;
        let now = self.clock.now();
        let memo = Memo::empty(made, &name, now.as_millisecond());
        if !self.journal.deliver(entry, made, now).await? {
            self.device.erase(&memo).await?;
            return Err(gone());
        }
        self.deliver(order, entry, &memo).await
    }

    async fn deliver(&self, order: &Order, entry: &Entry, job: &Memo) -> Result<(), PrinterError> {
        match self.device.deliver(job, &order.page).await {
            Ok(Delivered::Printed) => self.end(entry, End::Printed).await,
            Ok(Delivered::Taken) => {
                let heard = Heard::only(Progress::Going, Some(job));
                let now = self.clock.now();
                Ok(self.journal.heard(entry, &heard, true, now).await?)
            }
            Err(Undelivered::Nothing(e)) => {
                let again = End::Unprinted {
                    fails: None,
                    remark: String::new(),
                };
                self.end(entry, again).await?;
                Err(e)
            }
            // The next try begins by asking what became of it.
            Err(Undelivered::Unsure(e)) => Err(e),
        }
    }

    /// A delivery was cut short: by an error, or by our death.
    async fn go_on(&self, order: &Order, entry: &Entry) -> Result<(), PrinterError> {
        let heard = self.follow(entry).await?;
        let memo = entry.memo(&self.device);
        match memo.filter(|_| heard.progress == Progress::Empty) {
            Some(job) => self.deliver(order, entry, &job).await,
            None => self.note(entry, heard).await,
        }
    }

    /// Asks the device about the job in hand, and ends it there if it will not end by itself.
    pub(super) async fn follow(&self, entry: &Entry) -> Result<Heard, PrinterError> {
        let Some(memo) = entry.memo(&self.device) else {
            return Ok(Heard::only(Progress::Lost, None));
        };
        let mut heard = match self.device.progress(&memo).await {
            // A refused question is not a refused order.
            Err(PrinterError::Refused { reason }) => {
                return Err(PrinterError::Disconnected(io::Error::other(reason)));
            }
            heard => heard?,
        };
        heard.stands = self.stands_still();
        // What a device waits for it waits for as long as it takes; staff know.
        let may_wait = heard.stands || !self.is_seen();
        let counts = |_: &Mark| !may_wait || heard.progress.is_hopeless();
        let Some(mark) = Mark::of(&heard).filter(counts) else {
            self.patience().is_renewed(&memo.name);
            return Ok(heard);
        };
        let now = self.clock.monotonic();
        let standing = self.patience().stands(&memo.name, mark, now);
        heard.progress = self.bound(&memo, heard.progress, standing).await?;
        Ok(heard)
    }

    /// Ends a job that stands in everybody's way: one that stands still, that takes far longer
    /// than any before it, or of which nobody can tell any more what came of it.
    async fn bound(
        &self,
        memo: &Memo,
        progress: Progress,
        standing: Standing,
    ) -> Result<Progress, PrinterError> {
        let usual = if standing.may_be_long() {
            self.journal.usual().await?
        } else {
            None
        };
        let Some(overdue) = standing.overdue(&progress, usual) else {
            return Ok(progress);
        };
        let unsure = matches!(progress, Progress::Unsure { .. });
        let (cause, reason) = match progress {
            Progress::Unsure { cause } => (cause, String::new()),
            Progress::Stuck { reason, .. } => (Cause::NoEnd, reason),
            _ => (Cause::NoEnd, String::new()),
        };
        tracing::warn!(
            cause = cause.word(),
            reason,
            "a job does not go on: it is cancelled"
        );
        Ok(match self.device.erase(memo).await? {
            Left::Stopping if overdue < GRACE => Progress::Going,
            Left::Nothing if !unsure => Progress::Unprinted {
                cancelled: false,
                reason,
            },
            Left::All if !unsure => Progress::Done,
            Left::Nothing | Left::All | Left::Stopping | Left::Perhaps => {
                Progress::Broken { cause, reason }
            }
        })
    }

    /// Whether the device was heard of lately.
    fn is_seen(&self) -> bool {
        self.seen().look().is_some()
    }

    /// Whether the device waits for somebody.
    fn stands_still(&self) -> bool {
        let seen = self.seen();
        seen.look()
            .is_some_and(|look| !look.needs.is_empty() && !look.idle)
    }

    /// Writes down how a job stands.
    pub(super) async fn note(&self, entry: &Entry, heard: Heard) -> Result<(), PrinterError> {
        let now = self.clock.now();
        let taken = !matches!(heard.progress, Progress::Empty);
        if entry.is_news(&heard, taken) {
            self.journal.heard(entry, &heard, taken, now).await?;
        }
        let end = match heard.progress {
            Progress::Going
            | Progress::Stuck { .. }
            | Progress::Unsure { .. }
            | Progress::Empty => return Ok(()),
            Progress::Done => End::Printed,
            Progress::Unprinted {
                cancelled: true,
                reason,
            } => End::Unprinted {
                fails: Some(Cause::Cancelled),
                remark: reason,
            },
            Progress::Unprinted {
                cancelled: false,
                reason,
            } => {
                let now = self.clock.monotonic();
                let again = self.patience().may_stumble(entry.order, now);
                tracing::warn!(print.id = %entry.order, reason, again, "a job ended unprinted");
                End::Unprinted {
                    fails: (!again).then_some(Cause::EndedEarly),
                    remark: reason,
                }
            }
            Progress::Broken { cause, reason } => End::Uncertain {
                cause,
                remark: reason,
            },
            Progress::Lost => {
                let here = entry.memo(&self.device).is_some();
                End::Uncertain {
                    cause: if here {
                        Cause::Forgotten
                    } else {
                        Cause::OtherPrinter
                    },
                    remark: String::new(),
                }
            }
        };
        self.end(entry, end).await
    }

    async fn end(&self, entry: &Entry, end: End) -> Result<(), PrinterError> {
        if let End::Uncertain { cause, remark } = &end {
            tracing::warn!(
                print.id = %entry.order,
                ticket = entry.ticket,
                cause = cause.word(),
                reason = remark,
                "it is not certain whether a sheet came out: staff must look"
            );
        }
        self.journal.end(entry, &end, self.clock.now()).await?;
        if end == End::Printed {
            self.patience().is_forgiven(entry.order);
        }
        Ok(())
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
    let reason = || {
        let code = entry.cause.map_or("", Cause::word);
        match entry.remark.as_str() {
            "" => code.to_owned(),
            remark => format!("{code}: {remark}"),
        }
    };
    match entry.state {
        // Nothing of it is at the device: it is to be handed over (again).
        OrderState::Waiting if entry.sheets_done == 0 && !entry.again => JobStatus::Unknown,
        OrderState::Waiting | OrderState::Printing => under_way(entry.sheets_done, entry.sheets),
        OrderState::Done => JobStatus::Done {
            sheets: entry.sheets,
        },
        OrderState::Failed => JobStatus::Failed { reason: reason() },
        OrderState::Doubtful => JobStatus::Doubtful { reason: reason() },
        OrderState::Erasing | OrderState::Stray => JobStatus::Unknown,
    }
}

fn gone() -> PrinterError {
    PrinterError::Refused {
        reason: "the order was erased meanwhile".to_owned(),
    }
}
