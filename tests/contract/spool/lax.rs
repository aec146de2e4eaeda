//! An IPP printer whose jobs end or stand without a sheet.

use easel::printer::{Condition, JobStatus, Need, Order, Printer, PrinterError};

use super::bench::{Booth, of, settled, settled_at_last, turn};
use crate::desk::{LaxPrinter, Manner, until};

/// The printer is well again: the next order, of one sheet, is the first to come out.
async fn the_next_comes_out(desk: &LaxPrinter, booth: &Booth, printer: &dyn Printer, next: &Order) {
    desk.behaves(Manner::Well);
    let status = settled_at_last(booth, printer, next).await;
    assert_eq!(status, JobStatus::Done { sheets: 1 });
    assert_eq!(desk.tray().len(), 1);
}

#[tokio::test]
async fn a_job_that_ends_before_it_begins_is_tried_again_a_few_times_and_then_given_up() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Aborts);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let (order, next) = (booth.order(1), booth.order(1));
    let status = settled_at_last(&booth, &*printer, &order).await;
    assert!(matches!(status, JobStatus::Failed { .. }), "{status:?}");
    assert_eq!(desk.jobs(), (5, 0));
    // The next order is tried for itself, and comes out once the printer is well.
    until("a first try", async || {
        turn(&*printer, &next).await;
        desk.jobs().0 == 6
    })
    .await;
    the_next_comes_out(&desk, &booth, &*printer, &next).await;
}

#[tokio::test]
async fn a_job_that_stands_still_at_a_printer_that_needs_nothing_does_not_stop_the_line() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Holds);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let status = settled_at_last(&booth, &*printer, &order).await;
    assert!(matches!(status, JobStatus::Failed { .. }), "{status:?}");
    assert_eq!(desk.jobs(), (5, 0));
    the_next_comes_out(&desk, &booth, &*printer, &booth.order(1)).await;
}

#[tokio::test]
async fn what_the_printer_says_it_ignored_is_asked_for_otherwise() {
    let desk = LaxPrinter::on().await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let well = booth.order(2);
    assert_eq!(
        settled(&*printer, &well).await,
        JobStatus::Done { sheets: 2 }
    );
    assert!(
        desk.tray()
            .iter()
            .all(|sheet| sheet.ends_with(" on media-col"))
    );

    // Its own paper by its name, then.
    desk.behaves(Manner::Ignores("media-col"));
    let order = booth.order(1);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    assert!(desk.tray()[2].ends_with(" on media"), "{:?}", desk.tray());

    // One by one, then.
    desk.behaves(Manner::Ignores("copies"));
    let order = booth.order(3);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 3 }
    );
    assert_eq!(of(order.id, &desk.tray()), 3);
    assert_eq!(desk.jobs().1, 0, "no job is left open");
}

#[tokio::test]
async fn a_document_that_is_refused_leaves_no_job_in_the_way() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::RefusesDocuments);
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let refusal = printer.submit(&order).await.unwrap_err();
    assert!(matches!(refusal, PrinterError::Refused { .. }), "{refusal}");
    assert_eq!(desk.jobs(), (1, 0));
    assert_eq!(printer.status(order.id).await.unwrap(), JobStatus::Unknown);
    the_next_comes_out(&desk, &booth, &*printer, &booth.order(1)).await;
}

#[tokio::test]
async fn orders_wait_for_the_right_paper_and_for_a_printer_that_has_none_it_is_said() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::OtherPaper);
    let booth = Booth::by_ipp(desk.uri()).halved();
    let printer = booth.printer().await;
    let order = booth.order(1);
    until("the need", async || {
        turn(&*printer, &order).await;
        printer.state().needs == [Need::Paper]
    })
    .await;
    let says = printer.state().staff.en;
    assert!(says.contains("printer.ipp.media"), "{says}");
    assert_eq!(desk.jobs().0, 0);
    desk.behaves(Manner::Well);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    // It is no driver that could be told to cut.
    until("a look", async || {
        printer.state().condition == Condition::Ready
    })
    .await;
    let says = printer.state().staff.en;
    assert!(says.contains("by hand"), "{says}");
}
