//! Jobs at an IPP printer: finding, describing, filling, following and erasing them.
//!
//! What decides an order is what RFC 8011 requires of every printer: `job-state`, its reasons,
//! `time-at-processing` and the printer's up-time. All else may be absent, cut short or made up.

mod seen;

use bytes::Bytes;
use ipp::attribute::IppAttribute;
use ipp::model::{Operation, StatusCode};
use ipp::value::IppValue;

use super::attributes::Attributes;
use super::media::Medium;
use super::wire::{Reply, Wire, named, unfit};
use crate::printer::PrinterError;
use crate::printer::spooled::{Left, Memo, Progress};

pub(super) use seen::Seen;

use seen::seen;

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

/// The unfinished job of that name, if the printer has one.
pub(super) async fn find(wire: &Wire, name: &str) -> Result<Option<i64>, PrinterError> {
    let reply = list(wire, "not-completed").await?;
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
    let reply = list(wire, "not-completed").await?;
    if reply.is_fine() {
        Ok(reply)
    } else {
        Err(reply.error())
    }
}

/// What the printer answers when it is asked for its jobs, for `which` of them (RFC 8011, 4.2.6.1).
async fn list(wire: &Wire, which: &str) -> Result<Reply, PrinterError> {
    let which = IppValue::new_keyword(which).map_err(|e| unfit(&e))?;
    let target = vec![named("which-jobs", which)?, asked()?];
    wire.ask(Operation::GetJobs, target, Vec::new()).await
}

fn with_id(reply: &Reply, id: i64) -> Option<Attributes<'_>> {
    let id = i32::try_from(id).ok();
    reply.jobs().find(|job| job.number("job-id") == id)
}

/// Whether the printer still has finished jobs of ours on its list: then it does not forget them
/// at once.
pub(super) async fn remembers(wire: &Wire) -> Result<bool, PrinterError> {
    let reply = list(wire, "completed").await?;
    Ok(reply.is_fine() && reply.jobs().next().is_some())
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
    use super::*;
    use crate::printer::Cause;
    use crate::printer::ipp::identity::Identity;

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
}
