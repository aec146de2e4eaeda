//! Visits that are erased while the printer is at their sheets.

use easel::printer::{JobStatus, Need, PrinterState, Verdict, Whereabouts};

use super::bench::{Booth, of, settled, worked_until};
use crate::desk::{Break, Cable, IppPrinter, until};

const SEND_DOCUMENT: u16 = 0x06;

fn waits_for_paper(state: &PrinterState) -> bool {
    state.needs == [Need::Paper]
}

#[tokio::test]
async fn a_sheet_that_the_engine_has_begun_is_told_to_staff_until_they_have_thrown_it_away() {
    let desk = IppPrinter::with_paper(0).await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    printer.roll_changed(100).await.unwrap();
    let (order, next) = (booth.order(1), booth.order(1));
    worked_until(&*printer, &order, "the need", waits_for_paper).await;

    printer.forget(order.session).await.unwrap();
    assert_eq!(printer.status(order.id).await.unwrap(), JobStatus::Unknown);
    let stray = printer.state().strays[0].clone();
    assert_eq!((stray.order, stray.ticket), (order.id, 42));
    assert_eq!(stray.whereabouts, Whereabouts::Inside);
    assert!(stray.says.en.contains("throw it away"), "{}", stray.says.en);
    let early = printer.settle(order.id, Verdict::CameOut, None).await;
    assert!(early.is_err(), "it is still in there");
    // It is remembered over a restart.
    drop(printer);
    let printer = booth.printer().await;
    until("the stray", async || printer.state().strays.len() == 1).await;

    desk.lay_in(9);
    let done = JobStatus::Done { sheets: 1 };
    assert_eq!(settled(&*printer, &next).await, done);
    // This printer cannot stop what it has begun; a booth that pretended otherwise would lie.
    assert_eq!(of(order.id, &desk.tray()), 1);
    // Its printer calls the job cancelled: only staff can tell what lies there.
    let is_asked = |state: &PrinterState| state.strays[0].whereabouts == Whereabouts::Unknown;
    until("the sheet", async || is_asked(&printer.state())).await;
    assert_eq!(printer.state().roll.unwrap().left, 99);
    let again = printer.settle(order.id, Verdict::PrintAgain, None).await;
    assert!(again.is_err(), "nobody wants it");
    printer
        .settle(order.id, Verdict::CameOut, None)
        .await
        .unwrap();
    assert!(printer.state().strays.is_empty());
    assert_eq!(printer.state().roll.unwrap().left, 98, "it took paper too");
    assert!(
        printer
            .settle(order.id, Verdict::CameOut, None)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_job_without_its_document_is_cancelled_and_leaves_nothing() {
    let desk = IppPrinter::with_paper(9).await;
    let cable = Cable::to(desk.port()).await;
    let booth = Booth::by_ipp(cable.uri());
    let printer = booth.printer().await;
    let (order, next) = (booth.order(1), booth.order(1));
    cable.breaks(Break::Before(SEND_DOCUMENT));
    tokio::select! {
        () = cable.broken() => {}
        sent = printer.submit(&order) => panic!("the cable held: {sent:?}"),
    }
    printer.forget(order.session).await.unwrap();
    assert!(printer.state().strays.is_empty());
    // The printer has room for the next at once, and never had more of the first.
    let done = JobStatus::Done { sheets: 1 };
    assert_eq!(settled(&*printer, &next).await, done);
    assert_eq!(of(order.id, &desk.tray()), 0);
}

#[tokio::test]
async fn a_printer_that_has_forgotten_the_job_leaves_it_to_staff() {
    for (verdict, left) in [(Verdict::NeverCame, 100), (Verdict::CameOut, 99)] {
        let mut desk = IppPrinter::with_paper(0).await;
        let booth = Booth::by_ipp(desk.uri());
        let printer = booth.printer().await;
        printer.roll_changed(100).await.unwrap();
        let order = booth.order(1);
        worked_until(&*printer, &order, "the need", waits_for_paper).await;
        desk.switch_off();
        // It is away when the visit is erased, and hears of that when it is back.
        printer.forget(order.session).await.unwrap();
        assert_eq!(printer.state().strays[0].whereabouts, Whereabouts::Inside);
        desk.switch_on().await;
        until("the doubt", async || {
            printer.state().strays[0].whereabouts == Whereabouts::Unknown
        })
        .await;
        printer.settle(order.id, verdict, None).await.unwrap();
        let state = printer.state();
        assert!(state.strays.is_empty());
        assert_eq!(state.roll.unwrap().left, left);
        assert!(desk.tray().is_empty());
    }
}
