//! Jobs at an IPP printer: finding, describing, filling, following and erasing them.

use bytes::Bytes;
use ipp::attribute::IppAttribute;
use ipp::model::{JobState, Operation, StatusCode};
use ipp::value::IppValue;

use super::attributes::Attributes;
use super::media::Medium;
use super::wire::{Wire, named, unfit};
use crate::printer::PrinterError;
use crate::printer::spooled::{Left, Progress};

/// What we ask of a job.
const ASKED: [&str; 9] = [
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-state-message",
    "job-originating-user-name",
    "time-at-processing",
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
    if reply.status == StatusCode::ClientErrorNotFound {
        return Ok(None);
    }
    if !reply.is_fine() {
        return Err(reply.error());
    }
    let ours = |job: &Attributes<'_>| job.text("job-name").as_deref() == Some(name);
    let found = reply.jobs().find(ours);
    Ok(found.and_then(|job| job.number("job-id")).map(i64::from))
}

/// Copies, paper and scaling, as far as the printer knows them.
pub(super) fn wishes(
    copies: u32,
    medium: Option<&Medium>,
    printer: Attributes<'_>,
) -> Result<Vec<IppAttribute>, PrinterError> {
    let word = |text: &str| IppValue::new_keyword(text).map_err(|e| unfit(&e));
    let mut wishes = Vec::new();
    if copies > 1 {
        let copies = i32::try_from(copies).unwrap_or(i32::MAX);
        wishes.push(named("copies", IppValue::Integer(copies))?);
    }
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
    id: i64,
    name: &str,
    document: &Bytes,
    format: &str,
) -> Result<(), PrinterError> {
    let format = IppValue::new_mime_media_type(format).map_err(|e| unfit(&e))?;
    let title = IppValue::new_name_without_language(name).map_err(|e| unfit(&e))?;
    let target = vec![
        job_id(id)?,
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

/// How far a job is.
pub(super) async fn progress(wire: &Wire, id: i64, name: &str) -> Result<Progress, PrinterError> {
    let seen = look(wire, id, name).await?;
    Ok(seen.map_or(Progress::Lost, |seen| seen.progress))
}

/// A job as its printer sees it.
struct Seen {
    progress: Progress,
    /// Its first sheet may be on its way.
    begun: bool,
}

/// `None`: the printer does not know it (any more).
async fn look(wire: &Wire, id: i64, name: &str) -> Result<Option<Seen>, PrinterError> {
    let target = vec![job_id(id)?, asked()?];
    let reply = wire
        .ask(Operation::GetJobAttributes, target, Vec::new())
        .await?;
    if matches!(
        reply.status,
        StatusCode::ClientErrorNotFound | StatusCode::ClientErrorGone
    ) {
        return Ok(None);
    }
    if !reply.is_fine() {
        return Err(reply.error());
    }
    let job = reply.jobs().next().unwrap_or(Attributes(None));
    // After it was switched off, a printer counts its jobs from one again.
    if job.text("job-name").as_deref() != Some(name) {
        return Ok(None);
    }
    Ok(Some(Seen {
        progress: read(job),
        begun: has_begun(job),
    }))
}

/// Sheets that are out, as far as it says.
fn sheets_of(job: Attributes<'_>) -> u32 {
    ["job-media-sheets-completed", "job-impressions-completed"]
        .iter()
        .filter_map(|name| u32::try_from(job.number(name)?).ok())
        .max()
        .unwrap_or(0)
}

/// A time once it has begun; "no value" before.
fn has_begun(job: Attributes<'_>) -> bool {
    job.number("time-at-processing").is_some() || sheets_of(job) > 0
}

fn read(job: Attributes<'_>) -> Progress {
    let reasons = job.texts("job-state-reasons");
    let has = |words: &[&str]| {
        reasons
            .iter()
            .any(|reason| words.contains(&reason.as_str()))
    };
    let (sheets, begun) = (sheets_of(job), has_begun(job));
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
        Progress::Broken { reason: reason() }
    } else if ended {
        Progress::Unprinted {
            cancelled: has(&CANCELLED),
            reason: reason(),
        }
    } else if !begun && has(&INCOMING) {
        Progress::Empty
    } else if is(JobState::ProcessingStopped) || is(JobState::PendingHeld) {
        Progress::Stuck {
            sheets,
            for_good: is(JobState::ProcessingStopped) && has(&FAILED),
            reason: reason(),
        }
    } else {
        Progress::Going { sheets }
    }
}

/// Cancels a job, and has CUPS forget its name and document at once (`purge-job`, which other
/// printers do not know and forget by themselves).
pub(super) async fn erase(wire: &Wire, id: i64, name: &str) -> Result<Left, PrinterError> {
    let Some(before) = look(wire, id, name).await? else {
        return Ok(Left::Perhaps);
    };
    let target = vec![job_id(id)?, named("purge-job", IppValue::Boolean(true))?];
    let reply = wire.ask(Operation::CancelJob, target, Vec::new()).await?;
    let over = matches!(
        reply.status,
        StatusCode::ClientErrorNotPossible
            | StatusCode::ClientErrorNotFound
            | StatusCode::ClientErrorNotAuthorized
            | StatusCode::ClientErrorForbidden
    );
    if !reply.is_fine() && !over {
        return Err(reply.error());
    }
    let after = look(wire, id, name).await?;
    Ok(left(&before, after.map(|seen| seen.progress)))
}

/// What comes of a job, from how it was before it was cancelled and how it is `after`.
fn left(before: &Seen, after: Option<Progress>) -> Left {
    match (&before.progress, after) {
        (Progress::Done, _) | (_, Some(Progress::Done)) => Left::All,
        (_, Some(Progress::Unprinted { .. })) => Left::Nothing,
        (_, Some(Progress::Broken { .. } | Progress::Lost)) => Left::Perhaps,
        (_, Some(Progress::Going { .. } | Progress::Stuck { .. } | Progress::Empty)) => {
            Left::Stopping
        }
        // Forgotten at once.
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
        assert_eq!(streaming, Progress::Going { sheets: 0 });
        assert_eq!(job(3, "none", None, 0), Progress::Going { sheets: 0 });
        let stuck = |progress, good| matches!(progress, Progress::Stuck { for_good, .. } if for_good == good);
        assert!(stuck(job(6, "cups-filter-crashed", Some(7), 0), true));
        assert!(stuck(job(6, "printer-stopped", Some(7), 0), false));
        assert!(stuck(job(4, "job-hold-until-specified", None, 0), false));
        assert_eq!(
            job(5, "job-printing", Some(7), 1),
            Progress::Going { sheets: 1 }
        );
    }

    #[test]
    fn a_cancelled_job_leaves_nothing_only_if_it_had_not_begun() {
        let seen = |progress, begun| Seen { progress, begun };
        let going = || Progress::Going { sheets: 0 };
        let reason = String::new;
        let (pending, printing) = (seen(going(), false), seen(going(), true));
        let unprinted = Progress::Unprinted {
            cancelled: true,
            reason: reason(),
        };
        let broken = Progress::Broken { reason: reason() };
        assert_eq!(left(&pending, Some(unprinted)), Left::Nothing);
        assert_eq!(left(&pending, None), Left::Nothing);
        assert_eq!(left(&printing, Some(going())), Left::Stopping);
        assert_eq!(left(&printing, Some(broken)), Left::Perhaps);
        assert_eq!(left(&printing, None), Left::Perhaps);
        assert_eq!(left(&printing, Some(Progress::Done)), Left::All);
        assert_eq!(left(&seen(Progress::Done, true), None), Left::All);
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
