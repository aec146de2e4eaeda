//! How a printer is, from what it says of itself.

use ipp::model::{Operation, PrinterState as State};

use super::attributes::Attributes;
use super::{follow, levels, reasons};
use crate::printer::spooled::Look;
use crate::printer::{Condition, Need, Says, words};

/// How a printer is that answers with these attributes.
pub(super) fn look(printer: Attributes<'_>) -> Look {
    let state = printer.number("printer-state");
    let stopped = state == Some(State::Stopped as i32);
    let reasons = printer.texts("printer-state-reasons");
    let message = printer.text("printer-state-message").unwrap_or_default();
    let mut needs = reasons::needs(&reasons);
    let paused = reasons
        .iter()
        .any(|reason| reasons::keyword(reason) == "paused");
    let policy = printer.text("printer-error-policy");
    let accepts = printer.is("printer-is-accepting-jobs").unwrap_or(true);
    let operations = printer.numbers("operations-supported");
    let knows = |operation: Operation| operations.contains(&(operation as i32));
    // Without the two steps there is a moment in which nobody can tell whether a sheet will come.
    let two_steps = knows(Operation::CreateJob) && knows(Operation::SendDocument);
    if (stopped || !accepts || !two_steps) && needs.is_empty() {
        needs.push(Need::Attention);
    }
    let condition = match state {
        _ if !needs.is_empty() => Condition::Needs,
        Some(state) if state == State::Processing as i32 => Condition::Printing,
        _ => Condition::Ready,
    };
    Look {
        // Reasons alone do not hold an order back: a queue of CUPS keeps those of its last job until
        // the next one. A printer without paper takes the job and waits.
        held: stopped || !accepts || !two_steps,
        grave: reasons::is_grave(&reasons),
        // Whoever stopped it, fault or person: visitors wait, and a booth that is to rest is paused
        // at its own staff page.
        stalled: stopped && paused && knows(Operation::ResumePrinter),
        stops_for_good: policy.as_deref() == Some("stop-printer"),
        idle: follow::is_queue(printer) && state == Some(State::Idle as i32),
        remark: match condition {
            _ if !two_steps => words::no_create_job(),
            // What it needs the booth says itself, in both languages: the printer's own words are
            // for what nobody here knows.
            _ if needs == [Need::Attention] => words::own(&message),
            _ => Says::default(),
        },
        levels: levels::read(printer),
        condition,
        needs,
    }
}
