//! Test pages, which no visitor waits for and no worker follows.

use easel::printer::{JobStatus, PrinterState, Verdict};

use super::bench::{Booth, of, settled};
use crate::desk::{IppPrinter, LaxPrinter, Manner, until};

fn left(state: &PrinterState) -> Option<(u32, u32)> {
    state.roll.map(|roll| (roll.left, roll.size))
}

#[tokio::test]
async fn nobody_need_ask_after_a_test_page_for_its_sheet_to_be_counted() {
    let desk = IppPrinter::with_paper(213).await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    printer.roll_changed(400).await.unwrap();
    let page = booth.order(1).id;
    printer.test_page(page).await.unwrap();
    until("the count", async || {
        left(&printer.state()) == Some((399, 400))
    })
    .await;
    assert_eq!(of(page, &desk.tray()), 1);
    // And the printer is believed again from then on.
    desk.counts_its_sheets();
    let order = booth.order(1);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    until("the printer's count", async || {
        left(&printer.state()) == Some((211, 700))
    })
    .await;
}

#[tokio::test]
async fn a_test_page_in_doubt_is_staffs_and_is_printed_again_if_they_say_so() {
    let mut desk = IppPrinter::with_paper(0).await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let page = booth.order(1).id;
    printer.test_page(page).await.unwrap();
    desk.switch_off();
    desk.lay_in(9);
    desk.switch_on().await;
    until("the doubt", async || !printer.state().doubtful.is_empty()).await;
    let says = printer.state().doubtful[0].says.en.clone();
    assert!(says.starts_with("The test page: "), "{says}");
    printer
        .settle(page, Verdict::PrintAgain, None)
        .await
        .unwrap();
    until("the page", async || of(page, &desk.tray()) == 1).await;
    until("its end", async || {
        printer.status(page).await.unwrap() == JobStatus::Done { sheets: 1 }
    })
    .await;
    assert_eq!(desk.tray().len(), 1);
}

#[tokio::test]
async fn an_order_that_nobody_waits_for_stops_no_count() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Aborts);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    until("a first try", async || {
        printer.submit(&order).await.ok();
        printer.status(order.id).await.ok();
        desk.jobs() == (1, 0) && printer.status(order.id).await.unwrap() == JobStatus::Unknown
    })
    .await;
    printer.give_up(order.id).await.unwrap();
    let status = printer.status(order.id).await.unwrap();
    assert!(matches!(status, JobStatus::Failed { .. }), "{status:?}");
    // Whoever hands it over again all the same gets no sheet.
    desk.behaves(Manner::Well);
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Failed { .. }), "{status:?}");
    assert!(desk.tray().is_empty());
}
