//! An IPP printer whose jobs end or stand without a sheet.

use easel::printer::JobStatus;

use super::bench::{Booth, settled, turn};
use crate::desk::{LaxPrinter, Manner, until};

#[tokio::test]
async fn a_job_that_ends_before_it_begins_is_tried_again_a_few_times_and_then_given_up() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Aborts);
    let booth = Booth::by_ipp(desk.uri()).hurried();
    let printer = booth.printer().await;
    let (order, next) = (booth.order(1), booth.order(1));
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Failed { .. }), "{status:?}");
    assert_eq!(desk.jobs(), (5, 0));
    // The next order is tried for itself, and comes out once the printer is well.
    until("a first try", async || {
        turn(&*printer, &next).await;
        desk.jobs().0 == 6
    })
    .await;
    desk.behaves(Manner::Well);
    assert_eq!(
        settled(&*printer, &next).await,
        JobStatus::Done { sheets: 1 }
    );
    assert_eq!(desk.tray().len(), 1);
}

#[tokio::test]
async fn a_job_that_stands_still_at_a_printer_that_needs_nothing_does_not_stop_the_line() {
    let desk = LaxPrinter::on().await;
    desk.behaves(Manner::Holds);
    let booth = Booth::by_ipp(desk.uri()).hurried();
    let printer = booth.printer().await;
    let order = booth.order(1);
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Failed { .. }), "{status:?}");
    assert_eq!(desk.jobs(), (5, 0));
    desk.behaves(Manner::Well);
    let next = booth.order(1);
    assert_eq!(
        settled(&*printer, &next).await,
        JobStatus::Done { sheets: 1 }
    );
    assert_eq!(desk.tray().len(), 1);
}
