//! Jobs at an IPP printer: finding, describing, filling, following and erasing them.
//!
//! What decides an order is what RFC 8011 requires of every printer: `job-state`, its reasons,
//! `time-at-processing` and the printer's up-time. All else may be absent, cut short or made up.

use bytes::Bytes;
use ipp::attribute::IppAttribute;
use ipp::model::{JobState, Operation, StatusCode};
use ipp::value::IppValue;

use super::attributes::Attributes;
use super::identity::Identity;
use super::media::Medium;
use super::wire::{Reply, Wire, named, unfit};
use crate::printer::spooled::{Left, Memo, Progress};
use crate::printer::{Cause, PrinterError};

/// What we ask of a job.
const ASKED: [&str; 10] = [
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-state-message",
    "job-originating-user-name",
    "time-at-processing",
    "job-printer-up-time",
    "job-impressions-completed",
    "job-media-sheets-completed",
];

/// Reasons of a job whose document is not there yet: RFC 8011, 5.3.8, and CUPS.
const INCOMING: [&str; 2] = ["job-incoming", "job-data-insufficient"];
/// Reasons of a job of CUPS that a filter has failed: it stands until the next start of CUPS, which
/// would begin it again, and the queue goes on without it.
const FAILED: [&str; 2] = ["cups-filter-crashed", "job-completed-with-errors"];
/// Reasons that say that a person ended it.
const CANCELLED: [&str; 3] = [
    "job-canceled-by-user",
    "job-canceled-by-operator",
    "job-canceled-at-device",
];

/// The unfinished job of that name, if the printer has one.
pub(super) async fn find(wire: &Wire, name: &str) -> Result<Option<i64>, PrinterError> {
    let which = IppValue::new_keyword("not-completed").map_err(|e| unfit(&e))?;
    let target = vec![named("which-jobs", which)?, asked()?];
    let reply = wire.ask(Operation::GetJobs, target, Vec::new()).await?;
    if !reply.is_fine() {
        // A refused question is no answer: an empty job is left behind at worst, and times out.
        return Ok(None);
    }
    let ours = |job: &Attributes<'_>| job.text("job-name").as_deref() == Some(name);
    let found = reply.jobs().find(ours);
    Ok(found.and_then(|job| job.number("job-id")).map(i64::from))
}

/// Paper and scaling, as far as the printer knows them. Of copies nothing is said: one is what
/// every printer makes of that.
pub(super) fn wishes(
    medium: Option<&Medium>,
    printer: Attributes<'_>,
) -> Result<Vec<IppAttribute>, PrinterError> {
    let word = |text: &str| IppValue::new_keyword(text).map_err(|e| unfit(&e));
    let mut wishes = Vec::new();
    match medium {
        Some(Medium::Named(name)) => wishes.push(named("media", word(name)?)?),
        Some(Medium::Borderless(col, _)) => {
            wishes.push(named("media-col", IppValue::Collection(col.clone()))?);
        }
        None => {}
    }
    // Without a driver's raw bytes: the page is to fill the paper, bleed and all.
    let scaling = printer.texts("print-scaling-supported");
    if medium.is_some() && scaling.iter().any(|known| known == "fill") {
        wishes.push(named("print-scaling", word("fill")?)?);
    }
    Ok(wishes)
}

/// Gives an empty job its one document.
pub(super) async fn send(
    wire: &Wire,
    job: &Memo,
    document: &Bytes,
    format: &str,
) -> Result<(), PrinterError> {
    let format = IppValue::new_mime_media_type(format).map_err(|e| unfit(&e))?;
    let title = IppValue::new_name_without_language(job.name.as_str()).map_err(|e| unfit(&e))?;
    let target = vec![
        job_id(job.id)?,
        named("document-name", title)?,
        named("document-format", format)?,
        named("last-document", IppValue::Boolean(true))?,
    ];
    let reply = wire.send(Operation::SendDocument, target, document).await?;
    if reply.is_fine() {
        Ok(())
    } else {
        Err(reply.error())
    }
}

/// A job as its printer sees it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) progress: Progress,
    /// Sheets of it that are out by the printer's own count.
    pub(super) counted: Option<u32>,
    /// Its first sheet may be on its way.
    pub(super) begun: bool,
    /// It waits for its turn.
    pub(super) pending: bool,
    /// It is held before its beginning, and nobody holds it.
    pub(super) held_by_nobody: bool,
    /// When it began, by the printer's own clock.
    pub(super) begun_at: Option<i64>,
    /// For how long the printer has run, in seconds.
    pub(super) up: Option<i64>,
    /// Whether it is the job that was meant.
    pub(super) identity: Identity,
}

/// What the printer says of a job. `None`: it says that it does not know it (any more).
pub(super) async fn look(wire: &Wire, known: &Memo) -> Result<Option<Seen>, PrinterError> {
    let ask = Operation::GetJobAttributes;
    let mut reply = wire
        .ask(ask, vec![job_id(known.id)?, asked()?], Vec::new())
        .await?;
    if is_refused(&reply) {
        // It may be that it does not like to be asked for some attributes only.
        reply = wire.ask(ask, vec![job_id(known.id)?], Vec::new()).await?;
    }
    if is_refused(&reply) {
        return listed(wire, known).await;
    }
    if is_unknown(&reply) {
        return Ok(None);
    }
    if !reply.is_fine() {
        return Err(reply.error());
    }
    match reply.jobs().next().filter(is_telling) {
        Some(job) => Ok(Some(seen(job, known))),
        None => listed(wire, known).await,
    }
}

/// The question itself is refused, whatever becomes of the job.
fn is_refused(reply: &Reply) -> bool {
    let client_error = (reply.status as u16) & 0xff00 == 0x0400;
    (client_error && !is_unknown(reply))
        || reply.status == StatusCode::ServerErrorOperationNotSupported
}

fn is_unknown(reply: &Reply) -> bool {
    matches!(
        reply.status,
        StatusCode::ClientErrorNotFound | StatusCode::ClientErrorGone
    )
}

fn is_telling(job: &Attributes<'_>) -> bool {
    job.number("job-state").is_some()
}

/// The same, from the list of what the printer has not finished.
async fn listed(wire: &Wire, known: &Memo) -> Result<Option<Seen>, PrinterError> {
    let reply = unfinished(wire).await?;
    let job = with_id(&reply, known.id);
    Ok(job.filter(is_telling).map(|job| seen(job, known)))
}

/// Whether the printer has a job of that number among those that it has not finished.
pub(super) async fn is_listed(wire: &Wire, id: i64) -> Result<bool, PrinterError> {
    Ok(with_id(&unfinished(wire).await?, id).is_some())
}

async fn unfinished(wire: &Wire) -> Result<Reply, PrinterError> {
    let which = IppValue::new_keyword("not-completed").map_err(|e| unfit(&e))?;
    let target = vec![named("which-jobs", which)?, asked()?];
    let reply = wire.ask(Operation::GetJobs, target, Vec::new()).await?;
    if reply.is_fine() {
        Ok(reply)
    } else {
        Err(reply.error())
    }
}

fn with_id(reply: &Reply, id: i64) -> Option<Attributes<'_>> {
    let id = i32::try_from(id).ok();
    reply.jobs().find(|job| job.number("job-id") == id)
}

/// Whether the printer still has finished jobs of ours on its list: then it does not forget them
/// at once.
pub(super) async fn remembers(wire: &Wire) -> Result<bool, PrinterError> {
    let which = IppValue::new_keyword("completed").map_err(|e| unfit(&e))?;
    let target = vec![named("which-jobs", which)?, asked()?];
    let reply = wire.ask(Operation::GetJobs, target, Vec::new()).await?;
    Ok(reply.is_fine() && reply.jobs().next().is_some())
}

fn seen(job: Attributes<'_>, known: &Memo) -> Seen {
    let name = job.text("job-name");
    Seen {
        progress: read(job),
        counted: counted(job),
        begun: has_begun(job),
        pending: job.number("job-state") == Some(JobState::Pending as i32),
        held_by_nobody: is_held_by_nobody(job),
        begun_at: job.number("time-at-processing").map(i64::from),
        up: job.number("job-printer-up-time").map(i64::from),
        identity: Identity::of(name.as_deref(), &known.name),
    }
}

/// Sheets that are out, if it counts them.
fn counted(job: Attributes<'_>) -> Option<u32> {
    ["job-media-sheets-completed", "job-impressions-completed"]
        .iter()
        .filter_map(|name| u32::try_from(job.number(name)?).ok())
        .max()
}

/// A time once it has begun, "no value" before; a printer that leaves it out says neither.
fn has_begun(job: Attributes<'_>) -> bool {
    let silent = job.all("time-at-processing").next().is_none();
    silent
        || job.number("time-at-processing").is_some()
        || counted(job).is_some_and(|sheets| sheets > 0)
}

/// Whether it certainly has not: of a job without a document that is so whatever it leaves out.
fn is_empty(job: Attributes<'_>) -> bool {
    job.number("time-at-processing").is_none() && counted(job).is_none_or(|sheets| sheets == 0)
}

/// Whether it waits, not yet begun, and says of no reason for it. CUPS has a reason for each job
/// that it holds, until it is started anew: then it knows that it held the job, and not that this
/// was for want of a document that has come meanwhile or never will.
fn is_held_by_nobody(job: Attributes<'_>) -> bool {
    let reasons = job.texts("job-state-reasons");
    job.number("job-state") == Some(JobState::PendingHeld as i32)
        && !has_begun(job)
        && reasons.iter().all(|reason| reason == "none")
}

fn read(job: Attributes<'_>) -> Progress {
    let reasons = job.texts("job-state-reasons");
    let has = |words: &[&str]| {
        reasons
            .iter()
            .any(|reason| words.contains(&reason.as_str()))
    };
    let begun = has_begun(job);
    let reason = || {
        let message = job.text("job-state-message");
        message.unwrap_or_else(|| reasons.join(", "))
    };
    let state = job.number("job-state");
    let is = |wanted: JobState| state == Some(wanted as i32);
    let ended = is(JobState::Canceled) || is(JobState::Aborted);
    if is(JobState::Completed) {
        Progress::Done
    } else if ended && begun {
        Progress::Broken {
            cause: Cause::BrokeOff,
            reason: reason(),
        }
    } else if ended {
        Progress::Unprinted {
            cancelled: has(&CANCELLED),
            reason: reason(),
        }
    } else if is_empty(job) && has(&INCOMING) {
        Progress::Empty
    } else if is(JobState::ProcessingStopped) || is(JobState::PendingHeld) {
        Progress::Stuck {
            for_good: is(JobState::ProcessingStopped) && has(&FAILED),
            reason: reason(),
        }
    } else {
        Progress::Going
    }
}

/// Cancels a job, and has CUPS forget its name and document at once (`purge-job`, which other
/// printers do not know and forget by themselves).
pub(super) async fn cancel(wire: &Wire, job: &Memo) -> Result<(), PrinterError> {
    let target = vec![
        job_id(job.id)?,
        named("purge-job", IppValue::Boolean(true))?,
    ];
    let reply = wire.ask(Operation::CancelJob, target, Vec::new()).await?;
    let over = matches!(
        reply.status,
        StatusCode::ClientErrorNotPossible
            | StatusCode::ClientErrorNotFound
            | StatusCode::ClientErrorGone
            | StatusCode::ClientErrorNotAuthorized
            | StatusCode::ClientErrorForbidden
    );
    if reply.is_fine() || over {
        Ok(())
    } else {
        Err(reply.error())
    }
}

/// What comes of a job, from how it was before it was cancelled and how it is `after`.
pub(super) fn left(before: &Seen, after: Option<&Progress>) -> Left {
    match (&before.progress, after) {
        (Progress::Done, _) | (_, Some(Progress::Done)) => Left::All,
        (_, Some(Progress::Unprinted { .. })) => Left::Nothing,
        (_, Some(Progress::Broken { .. } | Progress::Lost)) => Left::Perhaps,
        (
            _,
            Some(
                Progress::Going
                | Progress::Unsure { .. }
                | Progress::Stuck { .. }
                | Progress::Empty,
            ),
        ) => Left::Stopping,
        // Forgotten at once.
        (Progress::Empty, None) => Left::Nothing,
        (_, None) if before.begun => Left::Perhaps,
        (_, None) => Left::Nothing,
    }
}

fn job_id(id: i64) -> Result<IppAttribute, PrinterError> {
    named(
        "job-id",
        IppValue::Integer(i32::try_from(id).unwrap_or_default()),
    )
}

fn asked() -> Result<IppAttribute, PrinterError> {
    let names = ASKED.map(|name| IppValue::new_keyword(name).expect("a short keyword"));
    named("requested-attributes", IppValue::Array(names.to_vec()))
}

#[cfg(test)]
mod tests {
    use ipp::attribute::IppAttributeGroup;
    use ipp::model::DelimiterTag;

    use super::*;

    fn job(state: i32, reason: &str, processing: Option<i32>, sheets: i32) -> Progress {
        let mut group = IppAttributeGroup::new(DelimiterTag::JobAttributes);
        let time = processing.map_or(IppValue::NoValue, IppValue::Integer);
        for (name, value) in [
            ("job-state", IppValue::Enum(state)),
            ("job-state-reasons", IppValue::new_keyword(reason).unwrap()),
            ("time-at-processing", time),
            ("job-impressions-completed", IppValue::Integer(sheets)),
        ] {
            let attribute = IppAttribute::with_name(name, value).unwrap();
            group.attributes_mut().push(attribute);
        }
        read(Attributes(Some(&group)))
    }

    #[test]
    fn a_job_without_its_document_is_empty_only_before_it_begins() {
        assert_eq!(job(4, "job-incoming", None, 0), Progress::Empty);
        assert_eq!(job(4, "job-data-insufficient", None, 0), Progress::Empty);
        let streaming = job(5, "job-incoming", Some(7), 0);
        assert_eq!(streaming, Progress::Going);
        assert_eq!(job(3, "none", None, 0), Progress::Going);
        let stuck = |progress, good| matches!(progress, Progress::Stuck { for_good, .. } if for_good == good);
        assert!(stuck(job(6, "cups-filter-crashed", Some(7), 0), true));
        assert!(stuck(job(6, "printer-stopped", Some(7), 0), false));
        assert!(stuck(job(4, "job-hold-until-specified", None, 0), false));
        assert_eq!(job(5, "job-printing", Some(7), 1), Progress::Going);
    }

    #[test]
    fn a_cancelled_job_leaves_nothing_only_if_it_had_not_begun() {
        let seen = |progress, begun| Seen {
            progress,
            counted: None,
            begun,
            pending: false,
            held_by_nobody: false,
            begun_at: None,
            up: None,
            identity: Identity::Same,
        };
        let going = || Progress::Going;
        let reason = String::new;
        let (pending, printing) = (seen(going(), false), seen(going(), true));
        let unprinted = Progress::Unprinted {
            cancelled: true,
            reason: reason(),
        };
        let broken = Progress::Broken {
            cause: Cause::BrokeOff,
            reason: reason(),
        };
        assert_eq!(left(&pending, Some(&unprinted)), Left::Nothing);
        assert_eq!(left(&pending, None), Left::Nothing);
        assert_eq!(left(&printing, Some(&going())), Left::Stopping);
        assert_eq!(left(&printing, Some(&broken)), Left::Perhaps);
        assert_eq!(left(&printing, None), Left::Perhaps);
        assert_eq!(left(&printing, Some(&Progress::Done)), Left::All);
        assert_eq!(left(&seen(Progress::Done, true), None), Left::All);
    }

    #[test]
    fn a_printer_that_leaves_out_when_it_began_may_have_begun() {
        let mut group = IppAttributeGroup::new(DelimiterTag::JobAttributes);
        let state = IppAttribute::with_name("job-state", IppValue::Enum(8)).unwrap();
        group.attributes_mut().push(state);
        let progress = read(Attributes(Some(&group)));
        assert!(matches!(progress, Progress::Broken { .. }), "{progress:?}");
    }

    #[test]
    fn only_what_never_began_is_certainly_unprinted() {
        let unprinted = |cancelled| move |progress| matches!(progress, Progress::Unprinted { cancelled: c, .. } if c == cancelled);
        assert!(unprinted(false)(job(8, "aborted-by-system", None, 0)));
        assert!(unprinted(true)(job(7, "job-canceled-by-user", None, 0)));
        for state in [7, 8] {
            let broken = job(state, "aborted-by-system", Some(9), 0);
            assert!(matches!(broken, Progress::Broken { .. }), "{broken:?}");
            let counted = job(state, "aborted-by-system", None, 1);
            assert!(matches!(counted, Progress::Broken { .. }), "{counted:?}");
        }
        assert_eq!(
            job(9, "job-completed-successfully", Some(9), 1),
            Progress::Done
        );
    }
}
