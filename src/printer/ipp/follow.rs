//! Following a job through what printers and queues do to it: they forget it, count anew, or begin
//! it a second time.

use std::sync::PoisonError;

use super::contact::{self, Contact};
use super::identity::Identity;
use super::job::{self, Seen};
use super::{Attributes, Ipp, reasons};
use crate::printer::spooled::{Heard, Memo, Progress};
use crate::printer::{Cause, PrinterError};

/// An up-time of so many seconds is a date: CUPS says its own for it.
const A_DATE: i64 = 1_000_000_000;

impl Ipp {
    /// How far a job is.
    pub(super) async fn follow(&self, job: &Memo) -> Result<Heard, PrinterError> {
        let Some(seen) = self.find(job).await? else {
            let progress = if self.has_finished(job).await? {
                Progress::Done
            } else {
                Progress::Lost
            };
            return Ok(Heard::only(progress, Some(job)));
        };
        let mut heard = Heard {
            progress: seen.progress.clone(),
            counted: seen.counted,
            begun: seen.begun_at.or(job.begun),
            started: job.started.or(seen.up.map(|up| latest(self.now(), up))),
            stands: false,
        };
        if is_queue(self.known().await?.reply.printer()) {
            let contact = self.contact(job.id, seen.up).await;
            self.follow_at_queue(job, &seen, contact, &mut heard)
                .await?;
        }
        if heard.progress == Progress::Empty && job.taken {
            // Printers may say so for a while after they have all of it.
            heard.progress = Progress::Going;
        }
        Ok(heard)
    }

    /// What a queue says is its own idea of what its printer has done; and one that is started anew
    /// loses jobs, or begins them once more.
    async fn follow_at_queue(
        &self,
        job: &Memo,
        seen: &Seen,
        contact: Contact,
        heard: &mut Heard,
    ) -> Result<(), PrinterError> {
        let broken = |cause| Progress::Broken {
            cause,
            reason: String::new(),
        };
        // It counts what its filters have drawn, and not what is out.
        heard.counted = None;
        if contact.may_have_begun_twice(job.begun, seen) {
            // As it was first heard: so it is seen again the next time.
            heard.begun = job.begun;
            heard.progress = match seen.progress {
                Progress::Going | Progress::Stuck { .. } | Progress::Empty => Progress::Unsure {
                    cause: Cause::BegunTwice,
                },
                _ => broken(Cause::BegunTwice),
            };
        } else if seen.held_by_nobody && contact.may_have_old_notes(seen) {
            // It would wait for its document for ever, which may have come and be out.
            heard.progress = Progress::Unsure {
                cause: Cause::Forgotten,
            };
        } else if ended_unprinted(&seen.progress) && contact.may_have_old_notes(seen) {
            heard.progress = broken(Cause::Forgotten);
        } else if seen.progress == Progress::Going && seen.begun && seen.pending {
            if !job::is_listed(&self.wire, job.id).await? {
                // It was in hand when CUPS was stopped: for CUPS it is over, though it says so only
                // in its list.
                heard.progress = broken(Cause::BrokeOff);
            }
        } else if seen.progress == Progress::Done && self.lost_sight(job, contact).await? {
            heard.progress = broken(Cause::Forgotten);
        }
        Ok(())
    }

    /// Whether a queue calls a job completed only because its printer no longer knew of it. Some
    /// printers forget every job that is done: then that was so before, and means nothing, unless
    /// the printer had stood still.
    async fn lost_sight(&self, job: &Memo, contact: Contact) -> Result<bool, PrinterError> {
        let known = self.ask_printer().await?;
        Ok(has_no_history(known.reply.printer()) && (job.stood || !contact.had_no_history()))
    }

    /// Whether a queue may have begun a job without knowing of it any more.
    pub(super) async fn may_have_forgotten(
        &self,
        job: &Memo,
        before: &Seen,
    ) -> Result<bool, PrinterError> {
        if !is_queue(self.known().await?.reply.printer()) {
            return Ok(false);
        }
        let contact = self.contact(job.id, None).await;
        Ok(contact.may_have_old_notes(before))
    }

    /// The job, if the printer has it and it is the one that was meant.
    pub(super) async fn find(&self, job: &Memo) -> Result<Option<Seen>, PrinterError> {
        let asked = self.now();
        let Some(seen) = job::look(&self.wire, job).await? else {
            return Ok(None);
        };
        let earliest = seen.up.map(|up| earliest(asked, up));
        let latest = seen.up.map(|up| latest(self.now(), up));
        let same = match seen.identity {
            Identity::Same => true,
            Identity::Likely => !has_restarted(job.started, earliest),
            Identity::Unsure => ran_all_the_while(latest, job.sent),
            Identity::Other => false,
        };
        Ok(same.then_some(seen))
    }

    /// Notes how contact stands as a job is sent.
    pub(super) async fn is_sent(&self, id: i64) -> Result<(), PrinterError> {
        let no_history = has_no_history(self.known().await?.reply.printer());
        let losses = self.losses().await;
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.insert(id, contact::Sent::new(losses, no_history));
        // Nobody asks after what is done.
        while sent.len() > 64 {
            sent.pop_first();
        }
        Ok(())
    }

    /// What has become of contact since that job was sent. `up` is what the printer has just said
    /// of its time.
    async fn contact(&self, id: i64, up: Option<i64>) -> Contact {
        let losses = self.losses().await;
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sent) = sent.get_mut(&id) else {
            return Contact::Unknown;
        };
        sent.is_now(losses, up)
    }

    async fn losses(&self) -> u64 {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if known.is_some_and(|known| is_queue(known.reply.printer())) {
            let now = self.clock.monotonic();
            self.line.breaks(self.wire.host(), now).await
        } else {
            self.wire.misses()
        }
    }

    /// The printer does not know a job any more. Whether it came out: printers may forget a job as
    /// soon as it is finished (RFC 8011, 5.3.7.2), and forget all of them when they are switched
    /// off.
    async fn has_finished(&self, job: &Memo) -> Result<bool, PrinterError> {
        if !job.taken || job.stood {
            return Ok(false);
        }
        let known = self.ask_printer().await?;
        let printer = known.reply.printer();
        let up = printer.number("printer-up-time").map(i64::from);
        if !is_queue(printer) && up.is_some_and(|up| up < A_DATE) {
            return Ok(ran_all_the_while(known.started, job.sent));
        }
        // Its up-time tells nothing.
        let whole = matches!(self.contact(job.id, None).await, Contact::Whole { .. });
        Ok(whole && !job::remembers(&self.wire).await?)
    }
}

/// Whether it ended before it began, and nobody has cancelled it.
fn ended_unprinted(progress: &Progress) -> bool {
    matches!(
        progress,
        Progress::Unprinted {
            cancelled: false,
            ..
        }
    )
}

/// Whether this is a queue of CUPS, which alone has such a policy.
pub(super) fn is_queue(printer: Attributes<'_>) -> bool {
    printer.text("printer-error-policy").is_some()
}

/// Whether a queue says that its printer forgets jobs.
fn has_no_history(printer: Attributes<'_>) -> bool {
    let said = printer.texts("printer-state-reasons");
    said.iter()
        .any(|reason| reasons::keyword(reason) == "cups-ipp-missing-job-history")
}

/// The earliest that a printer can have been started that was `asked` then and has run for `up`
/// whole seconds.
pub(super) fn earliest(asked: i64, up: i64) -> i64 {
    asked - (up + 1).saturating_mul(1000)
}

/// The latest that a printer can have been started that has answered by `now` that it has run for
/// `up` seconds: it may count those that have begun, from a clock that tells whole ones.
pub(super) fn latest(now: i64, up: i64) -> i64 {
    now - up.saturating_sub(1).max(0).saturating_mul(1000)
}

/// Whether a printer that had been started at `latest` by then, and at `earliest` by now, has
/// certainly been off since.
fn has_restarted(latest: Option<i64>, earliest: Option<i64>) -> bool {
    matches!((latest, earliest), (Some(latest), Some(earliest)) if earliest > latest)
}

/// Whether a printer that was started at `latest` has certainly not been off since a document was
/// `sent`. A restart within a second or two of another leaves no other trace.
fn ran_all_the_while(latest: Option<i64>, sent: Option<i64>) -> bool {
    matches!((latest, sent), (Some(latest), Some(sent)) if latest < sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_that_started_later_was_off_in_between() {
        // Asked at 5300, it has run for four seconds, more or less one.
        let by_then = Some(latest(5_300, 4));
        assert!(!has_restarted(by_then, Some(earliest(9_100, 8))));
        assert!(has_restarted(by_then, Some(earliest(9_100, 2))));
        assert!(!has_restarted(None, Some(1)) && !has_restarted(Some(1), None));
    }

    #[test]
    fn a_printer_has_run_all_the_while_only_if_it_was_started_before() {
        // Sent at 5000.
        let ran = |now, up| ran_all_the_while(Some(latest(now, up)), Some(5_000));
        assert!(ran(9_100, 6) && ran(9_100, 600));
        // Off and on at once, it may say already that it has run for a second.
        for (now, up) in [(5_000, 0), (5_900, 0), (5_010, 1), (6_000, 2), (9_100, 5)] {
            assert!(!ran(now, up), "{now} {up}");
        }
        assert!(!ran_all_the_while(None, Some(1)) && !ran_all_the_while(Some(1), None));
    }
}
