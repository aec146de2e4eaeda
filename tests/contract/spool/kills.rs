//! The booth dies at each step between an order and its sheet.
//!
//! The printer is dropped while its request hangs in a broken cable, which is what a kill leaves:
//! the journal on disk, and whatever the printer has heard.

use easel::printer::JobStatus;

use super::bench::{Booth, of, settled, turn};
use crate::desk::{Break, Cable, IppPrinter, until};

const CREATE_JOB: u16 = 0x05;
const SEND_DOCUMENT: u16 = 0x06;
const GET_JOB_ATTRIBUTES: u16 = 0x09;
const GET_JOBS: u16 = 0x0a;

#[tokio::test]
async fn killed_at_each_step_two_sheets_are_two_sheets() {
    use Break::{After, Before, Within};
    let desk = IppPrinter::with_paper(100).await;
    for moment in [
        Before(GET_JOBS),
        Before(CREATE_JOB),
        Within(CREATE_JOB),
        After(CREATE_JOB),
        Before(SEND_DOCUMENT),
        Within(SEND_DOCUMENT),
        After(SEND_DOCUMENT),
        After(GET_JOB_ATTRIBUTES),
    ] {
        let cable = Cable::to(desk.port()).await;
        let booth = Booth::by_ipp(cable.uri());
        let order = booth.order(2);
        cable.breaks(moment);
        let printer = booth.printer().await;
        tokio::select! {
            () = cable.broken() => {}
            status = settled(&*printer, &order) => panic!("{moment:?} never was: {status:?}"),
        }
        drop(printer);

        let printer = booth.printer().await;
        let status = settled(&*printer, &order).await;
        assert_eq!(status, JobStatus::Done { sheets: 2 }, "{moment:?}");
        assert_eq!(of(order.id, &desk.tray()), 2, "{moment:?}");
        // However often it is handed over again.
        drop(printer);
        let printer = booth.printer().await;
        assert_eq!(turn(&*printer, &order).await, status);
        assert_eq!(of(order.id, &desk.tray()), 2, "{moment:?}");
    }
}

#[tokio::test]
async fn lost_answers_without_a_kill_are_asked_for_again() {
    let desk = IppPrinter::with_paper(100).await;
    let cable = Cable::to(desk.port()).await;
    let booth = Booth::by_ipp(cable.uri());
    let printer = booth.printer().await;
    for moment in [Break::Within(SEND_DOCUMENT), Break::After(SEND_DOCUMENT)] {
        let order = booth.order(1);
        cable.breaks(moment);
        tokio::select! {
            () = cable.broken() => {}
            sent = printer.submit(&order) => panic!("{moment:?} never was: {sent:?}"),
        }
        assert_eq!(
            settled(&*printer, &order).await,
            JobStatus::Done { sheets: 1 }
        );
        assert_eq!(of(order.id, &desk.tray()), 1, "{moment:?}");
    }
}

#[tokio::test]
async fn another_printer_in_its_place_is_not_taken_for_the_same() {
    let (first, second) = tokio::join!(IppPrinter::with_paper(0), IppPrinter::with_paper(9));
    let mut booth = Booth::by_ipp(first.uri());
    let order = booth.order(1);
    let printer = booth.printer().await;
    until("the printer to have it", async || {
        turn(&*printer, &order).await == JobStatus::Queued
    })
    .await;
    drop(printer);
    booth.settings.ipp.uri = second.uri();
    let printer = booth.printer().await;
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    assert_eq!(second.tray().len(), 0);
    assert!(
        printer.state().doubtful[0]
            .says
            .en
            .contains("another printer")
    );
}
