//! A real IPP printer that runs out, jams, opens and goes away.

use easel::printer::{Condition, JobStatus, Need, PrinterState, Verdict};

use super::bench::{Booth, of, settled, turn, worked_until};
use crate::desk::{Fault, IppPrinter, until};

fn needs(state: &PrinterState, need: Need) -> bool {
    state.condition == Condition::Needs && state.needs == [need]
}

/// Whatever the printer waits for, it is said, and then the order comes out once and by itself.
async fn waits_and_goes_on(fault: Option<Fault>, need: Need, staff: &str, visitors: &str) {
    let desk = IppPrinter::with_paper(if fault.is_some() { 9 } else { 0 }).await;
    if let Some(fault) = fault {
        desk.breaks(fault);
    }
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(2);
    let is_said = |state: &PrinterState| needs(state, need);
    worked_until(&*printer, &order, "the need", is_said).await;
    let state = printer.state();
    assert!(state.staff.en.contains(staff), "{}", state.staff.en);
    assert!(
        state.visitors.en.contains(visitors),
        "{}",
        state.visitors.en
    );
    assert_eq!(desk.tray().len(), 0);

    desk.lay_in(9);
    desk.is_mended();
    let status = settled(&*printer, &order).await;
    assert_eq!(status, JobStatus::Done { sheets: 2 });
    assert_eq!(of(order.id, &desk.tray()), 2);
    until("the all-clear", async || {
        printer.state().condition == Condition::Ready
    })
    .await;
}

#[tokio::test]
async fn out_of_paper() {
    waits_and_goes_on(None, Need::Paper, "Out of paper", "needs paper").await;
}

#[tokio::test]
async fn a_jam() {
    waits_and_goes_on(Some(Fault::Jam), Need::JamCleared, "stuck", "stuck").await;
}

#[tokio::test]
async fn out_of_ribbon() {
    waits_and_goes_on(Some(Fault::RibbonOut), Need::Ribbon, "ribbon", "ribbon").await;
}

#[tokio::test]
async fn the_cover_is_open() {
    waits_and_goes_on(Some(Fault::CoverOpen), Need::CoverClosed, "cover", "open").await;
}

#[tokio::test]
async fn orders_wait_for_a_printer_that_is_switched_on_later() {
    let mut desk = IppPrinter::with_paper(9).await;
    desk.switch_off();
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let is_gone = |state: &PrinterState| state.condition == Condition::Gone;
    worked_until(&*printer, &order, "its absence", is_gone).await;
    assert!(printer.state().visitors.en.contains("on your phone"));
    assert_eq!(turn(&*printer, &order).await, JobStatus::Unknown);
    desk.switch_on().await;
    let status = settled(&*printer, &order).await;
    assert_eq!(status, JobStatus::Done { sheets: 1 });
    assert_eq!(desk.tray().len(), 1);
}

#[tokio::test]
async fn a_printer_gone_in_mid_job_leaves_a_doubt_that_staff_settle() {
    for verdict in [Verdict::PrintAgain, Verdict::CameOut] {
        let mut desk = IppPrinter::with_paper(0).await;
        let booth = Booth::by_ipp(desk.uri());
        let printer = booth.printer().await;
        printer.roll_changed(100).await.unwrap();
        let order = booth.order(1);
        let is_said = |state: &PrinterState| needs(state, Need::Paper);
        worked_until(&*printer, &order, "the need", is_said).await;
        // Switched off and on with the order half-way: it knows nothing of it any more.
        desk.switch_off();
        desk.lay_in(9);
        let is_gone = |state: &PrinterState| state.condition == Condition::Gone;
        worked_until(&*printer, &order, "its absence", is_gone).await;
        desk.switch_on().await;
        let status = settled(&*printer, &order).await;
        assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
        let doubt = printer.state().doubtful[0].clone();
        assert_eq!((doubt.order, doubt.ticket, doubt.sheets), (order.id, 42, 1));
        assert!(
            doubt.says.en.starts_with("Ticket 42: "),
            "{}",
            doubt.says.en
        );

        // Later visitors do not wait for it; it does not come out by itself.
        let next = booth.order(1);
        assert_eq!(
            settled(&*printer, &next).await,
            JobStatus::Done { sheets: 1 }
        );
        assert_eq!(of(order.id, &desk.tray()), 0);
        // After a restart staff are still asked.
        drop(printer);
        let printer = booth.printer().await;
        until("the doubt", async || {
            printer.state().doubtful == [doubt.clone()]
        })
        .await;

        printer.settle(order.id, verdict, None).await.unwrap();
        assert!(
            printer.settle(order.id, verdict, None).await.is_err(),
            "once is enough"
        );
        assert_eq!(
            settled(&*printer, &order).await,
            JobStatus::Done { sheets: 1 }
        );
        let out = usize::from(verdict == Verdict::PrintAgain);
        assert_eq!(of(order.id, &desk.tray()), out);
        assert!(printer.state().doubtful.is_empty());
        assert_eq!(
            printer.state().roll.unwrap().left,
            98,
            "both sheets are counted"
        );
    }
}

#[tokio::test]
async fn a_job_the_printer_gives_up_in_the_middle_is_never_printed_for_luck() {
    let desk = IppPrinter::with_paper(0).await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let is_said = |state: &PrinterState| needs(state, Need::Paper);
    worked_until(&*printer, &order, "the need", is_said).await;
    desk.breaks(Fault::Abort);
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    desk.is_mended();
    desk.lay_in(9);
    for _ in 0..10 {
        assert!(matches!(
            turn(&*printer, &order).await,
            JobStatus::Doubtful { .. }
        ));
    }
    assert_eq!(desk.tray().len(), 0);
}
