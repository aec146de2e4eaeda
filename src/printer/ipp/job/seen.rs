//! What a printer says of a job: its attributes read, with what each may leave out.

use ipp::model::JobState;

use crate::printer::Cause;
use crate::printer::ipp::attributes::Attributes;
use crate::printer::ipp::identity::Identity;
use crate::printer::spooled::{Memo, Progress};

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

/// A job as its printer sees it.
#[derive(Debug, Clone)]
pub(in crate::printer::ipp) struct Seen {
    pub(in crate::printer::ipp) progress: Progress,
    /// Sheets of it that are out by the printer's own count.
    pub(in crate::printer::ipp) counted: Option<u32>,
    /// Its first sheet may be on its way.
    pub(in crate::printer::ipp) begun: bool,
    /// It waits for its turn.
    pub(in crate::printer::ipp) pending: bool,
    /// It is held before its beginning, and nobody holds it.
    pub(in crate::printer::ipp) held_by_nobody: bool,
    /// When it began, by the printer's own clock.
    pub(in crate::printer::ipp) begun_at: Option<i64>,
    /// For how long the printer has run, in seconds.
    pub(in crate::printer::ipp) up: Option<i64>,
    /// Whether it is the job that was meant.
    pub(in crate::printer::ipp) identity: Identity,
}

/// What a printer says of the job `known`.
pub(super) fn seen(job: Attributes<'_>, known: &Memo) -> Seen {
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

#[cfg(test)]
mod tests {
    use ipp::attribute::{IppAttribute, IppAttributeGroup};
    use ipp::model::DelimiterTag;
    use ipp::value::IppValue;

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
