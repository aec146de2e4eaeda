//! IPP printers that forget, cut short, come late, or want to be asked otherwise: a refused question is
//! not a refused order.

use std::time::Duration;

use easel::printer::{Cause, Condition, JobStatus, PrinterState, Verdict};
use ipp::model::StatusCode;

use super::bench::{Booth, of, settled, settled_at_last, settled_within, turn, worked_until};
use crate::desk::{LaxPrinter, Manner, until};

/// Whatever it does, an order of two comes out as two sheets.
async fn two_are_two(manner: Manner) {
    let desk = LaxPrinter::on().await;
    desk.behaves(manner);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(2);
    let status = settled(&*printer, &order).await;
    assert_eq!(status, JobStatus::Done { sheets: 2 }, "{manner:?}");
    assert_eq!(of(order.id, &desk.tray()), 2, "{manner:?}");
    assert_eq!(desk.jobs(), (2, 0), "{manner:?}");
}

#[tokio::test]
async fn a_finished_job_that_is_forgotten_came_out() {
    for says in [
        StatusCode::ClientErrorNotFound,
        StatusCode::ClientErrorGone,
        StatusCode::ClientErrorBadRequest,
        StatusCode::ClientErrorNotPossible,
    ] {
        two_are_two(Manner::Forgets(says)).await;
    }
}

#[tokio::test]
async fn what_is_optional_may_be_absent_cut_short_or_late() {
    for manner in [Manner::TellsListsOnly, Manner::CutsNames, Manner::IsLate] {
        two_are_two(manner).await;
    }
}

#[tokio::test]
async fn an_older_version_and_another_address_are_followed() {
    for manner in [Manner::IsOld, Manner::HasMoved] {
        two_are_two(manner).await;
    }
}

#[tokio::test]
async fn a_printer_that_was_off_in_between_has_not_finished_what_it_forgot() {
    for cut in [false, true] {
        let desk = LaxPrinter::on().await;
        desk.behaves(Manner::NeverEnds);
        let booth = Booth::by_ipp(desk.uri());
        let printer = booth.printer().await;
        let order = booth.order(1);
        until("the job", async || {
            turn(&*printer, &order).await == JobStatus::Queued && desk.jobs() == (1, 1)
        })
        .await;
        desk.is_switched_off_and_on();
        let mut other = None;
        desk.behaves(if cut { Manner::CutsNames } else { Manner::Well });
        if cut {
            // Another booth's job has its number now.
            let booth = Booth::by_ipp(desk.uri());
            let printer = booth.printer().await;
            settled(&*printer, &booth.order(1)).await;
            other = Some(desk.tray().len());
        }
        let status = settled(&*printer, &order).await;
        assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
        assert_eq!(printer.state().doubtful[0].code, Cause::Forgotten);
        printer
            .settle(order.id, Verdict::PrintAgain, None)
            .await
            .unwrap();
        let done = JobStatus::Done { sheets: 1 };
        assert_eq!(settled(&*printer, &order).await, done);
        assert_eq!(desk.tray().len(), 1 + other.unwrap_or(0));
    }
}

#[tokio::test]
async fn what_is_no_printer_of_the_booths_is_said_and_not_blamed_on_a_cable() {
    for (manner, says) in [
        (Manner::IsElsewhere, "no such printer"),
        (Manner::ForbidsAll, "does not let the booth print"),
        (Manner::IsNoPrinter, "no IPP printer"),
    ] {
        let desk = LaxPrinter::on().await;
        desk.behaves(manner);
        let booth = Booth::by_ipp(desk.uri());
        let printer = booth.printer().await;
        let order = booth.order(1);
        let is_said = |state: &PrinterState| {
            state.condition == Condition::Gone && state.staff.en.contains(says)
        };
        worked_until(&*printer, &order, says, is_said).await;
        assert!(!printer.state().staff.en.contains("cable"));
        // Whatever it is, it may be mended, and the order waits for that.
        desk.behaves(Manner::Well);
        let done = JobStatus::Done { sheets: 1 };
        assert_eq!(settled(&*printer, &order).await, done);
        assert_eq!(desk.tray().len(), 1);
    }
}

#[tokio::test]
async fn a_job_without_an_end_is_told_to_staff_and_does_not_stop_the_line() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::NeverEnds);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let status = settled_at_last(&booth, &*printer, &order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    assert_eq!(printer.state().doubtful[0].code, Cause::NoEnd);
    assert_eq!(desk.jobs(), (1, 0), "it is cancelled");
    desk.behaves(Manner::Well);
    let next = booth.order(1);
    let done = JobStatus::Done { sheets: 1 };
    assert_eq!(settled(&*printer, &next).await, done);
    printer
        .settle(order.id, Verdict::PrintAgain, None)
        .await
        .unwrap();
    assert_eq!(settled(&*printer, &order).await, done);
    assert_eq!(desk.tray().len(), 2);
}

#[tokio::test]
async fn what_a_printer_usually_takes_bounds_what_it_may_take() {
    let desk = LaxPrinter::on().await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let done = JobStatus::Done { sheets: 3 };
    assert_eq!(settled(&*printer, &booth.order(3)).await, done);
    desk.behaves(Manner::NeverEnds);
    let order = booth.order(1);
    let (status, seconds) = settled_within(&booth, &*printer, &order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    // Not the three minutes of a printer that nobody knows.
    assert!(seconds < 120, "{seconds}");
}

#[tokio::test]
async fn a_printer_that_is_busy_for_ever_is_told_to_staff() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Busy);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let is_said = |state: &PrinterState| state.stops && state.staff.en.contains("busy");
    until("the word", async || {
        booth.waits(Duration::from_secs(1));
        turn(&*printer, &order).await;
        is_said(&printer.state())
    })
    .await;
    desk.behaves(Manner::Well);
    let done = JobStatus::Done { sheets: 1 };
    assert_eq!(settled(&*printer, &order).await, done);
    until("the all-clear", async || {
        printer.state().condition == Condition::Ready
    })
    .await;
}

#[tokio::test]
async fn what_stops_no_order_alarms_no_visitor() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Complains("media-empty-warning"));
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let mut told = printer.watch();
    let order = booth.order(3);
    let done = JobStatus::Done { sheets: 3 };
    assert_eq!(settled(&*printer, &order).await, done);
    let seen = told.wait_for(|state| !state.needs.is_empty()).await;
    let state = seen.unwrap().clone();
    assert!(
        state.staff.en.contains("Out of paper"),
        "staff may see to it"
    );
    assert!(!state.keeps_waiting());
    assert_eq!(state.visitors.en, "Your print is coming.");
}
