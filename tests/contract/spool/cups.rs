//! Queues of CUPS: the real driver of a dye-sublimation printer into a file, a raw queue for
//! receipts, and a queue before another IPP printer.

use easel::printer::{Condition, JobStatus, Need, PrinterState};

use super::bench::{Booth, settled, worked_until};
use crate::desk::{Cups, Fault, IppPrinter, Receipts, until};

#[tokio::test]
async fn two_strips_are_cut_where_they_should_be_and_copies_are_right() {
    let cups = Cups::on().await;
    let uri = cups.add_dnp("rx1").await;
    let has = |commands: &[String], wanted: &str| commands.iter().any(|c| c == wanted);

    // Two strips: the cutter is told to cut at 2 in.
    let booth = Booth::by_ipp(uri.clone()).halved();
    let printer = booth.printer().await;
    let order = booth.order(3);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 3 }
    );
    let commands = cups.commands("rx1");
    assert!(has(&commands, "CNTRL CUTTER 00000120"), "{commands:?}");
    // One by one: what breaks off, CUPS begins with its first copy again.
    assert!(has(&commands, "CNTRL QTY 0000001"), "{commands:?}");
    assert_eq!(cups.asked_for("Create-Job"), 3);
    drop(printer);

    // A whole sheet: it is not, and the paper is 4 × 6 in, not the driver's first.
    let booth = Booth::by_ipp(uri);
    let printer = booth.printer().await;
    let order = booth.order(1);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    let commands = cups.commands("rx1");
    assert!(has(&commands, "CNTRL CUTTER 00000000"), "{commands:?}");
    assert!(has(&commands, "CNTRL QTY 0000001"), "{commands:?}");
    assert!(has(&commands, "IMAGE MULTICUT 00000002"), "{commands:?}");
}

#[tokio::test]
async fn receipts_by_a_raw_queue_are_the_bytes_of_a_socket() {
    let desk = Receipts::on(true).await;
    let cups = Cups::on().await;
    let uri = cups.add_raw("receipts", &desk.uri()).await;
    let booth = Booth::by_escpos(uri);
    let printer = booth.printer().await;
    let order = booth.order(2);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 2 }
    );
    assert_eq!(desk.tickets().len(), 2);
    for ticket in desk.tickets() {
        assert!(ticket.starts_with(b"\x1b@\x1da\x00\x1dv0\x00\x48\x00"));
        assert_eq!(ticket.len(), 5 + 7 * 8 + 72 * 300 + 4);
    }
}

#[tokio::test]
async fn a_printer_behind_a_queue_says_what_it_needs_and_goes_on() {
    let desk = IppPrinter::with_paper(9).await;
    let cups = Cups::on().await;
    let uri = cups.add_everywhere("desk", &desk.uri()).await;
    let booth = Booth::by_ipp(uri);
    let printer = booth.printer().await;
    desk.breaks(Fault::Jam);
    let order = booth.order(1);
    let needs = |state: &PrinterState| state.needs == [Need::JamCleared];
    worked_until(&*printer, &order, "the jam", needs).await;
    desk.is_mended();
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    assert_eq!(desk.tray().len(), 1);
}

#[tokio::test]
async fn a_stopped_queue_is_started_again_whoever_stopped_it() {
    let cups = Cups::on().await;
    let uri = cups.add_dnp("rx1").await;
    let booth = Booth::by_ipp(uri);
    let printer = booth.printer().await;
    // What `cupsdisable` leaves, and what a fault does.
    for why in ["Paused", "The backend failed"] {
        cups.stops("rx1", why).await;
        let order = booth.order(1);
        let status = settled(&*printer, &order).await;
        assert_eq!(status, JobStatus::Done { sheets: 1 }, "{why}");
    }
}

#[tokio::test]
async fn a_queue_that_the_booth_may_not_start_is_told_to_staff_and_goes_on_once_somebody_does() {
    let cups = Cups::guarded().await;
    let uri = cups.add_dnp("rx1").await;
    let booth = Booth::by_ipp(uri);
    let printer = booth.printer().await;
    cups.stops("rx1", "Paused").await;
    let order = booth.order(1);
    let is_told = |state: &PrinterState| {
        let both = [&state.staff.en, &state.staff.ko];
        both.iter().all(|says| says.contains("cupsenable rx1"))
    };
    worked_until(&*printer, &order, "the word to staff", is_told).await;
    let state = printer.state();
    assert_eq!(state.condition, Condition::Needs);
    assert_eq!(state.needs, [Need::QueueStarted]);
    assert!(cups.commands("rx1").is_empty());

    cups.starts("rx1").await;
    let status = settled(&*printer, &order).await;
    assert_eq!(status, JobStatus::Done { sheets: 1 });
    until("the all-clear", async || {
        printer.state().condition == Condition::Ready
    })
    .await;
}

#[tokio::test]
async fn what_is_erased_is_gone_from_the_queue_too() {
    let cups = Cups::on().await;
    let uri = cups.add_dnp("rx1").await;
    let booth = Booth::by_ipp(uri);
    let printer = booth.printer().await;
    let order = booth.order(1);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    let id = order.id.to_string();
    assert!(
        cups.keeps(&order.page.jpeg),
        "CUPS keeps it for a day by itself"
    );
    printer.forget(order.session).await.unwrap();
    assert!(!cups.keeps(id.as_bytes()) && !cups.keeps(&order.page.jpeg));
    assert_eq!(printer.status(order.id).await.unwrap(), JobStatus::Unknown);
}

#[tokio::test]
async fn a_picture_that_a_filter_cannot_print_is_staffs_and_the_line_goes_on() {
    let cups = Cups::on().await;
    let uri = cups.add_dnp("rx1").await;
    let booth = Booth::by_ipp(uri);
    let printer = booth.printer().await;
    let mut order = booth.order(1);
    // Begins as a picture does, and ends at once: the filter fails as for want of memory or disk.
    order.page.jpeg = order.page.jpeg.slice(..4);
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    assert!(
        !cups.keeps(order.id.to_string().as_bytes()),
        "it would begin again one day"
    );
    let next = booth.order(1);
    assert_eq!(
        settled(&*printer, &next).await,
        JobStatus::Done { sheets: 1 }
    );
}
