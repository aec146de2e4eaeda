//! A queue writes down what became of a job some time after it became so, and one that is killed in
//! between begins anew with what it had written: of a job whose document has come, been printed or been
//! begun meanwhile it knows that it waits for a document.

use std::path::PathBuf;
use std::sync::Arc;

use easel::printer::{Cause, JobStatus, Order, Printer, Verdict};

use super::bench::{Booth, of, settled, settled_within};
use crate::desk::{Break, Cable, Cups, Fault, IppPrinter, until};

const SEND_DOCUMENT: u16 = 0x06;

/// Where the booth stands when its queue is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Booths {
    /// It has heard that the queue has the document.
    Knows,
    /// It has not heard it.
    Waits,
    /// It has heard it, and dies with the queue: the power is cut.
    Dies,
}

/// A booth and a queue that has forgotten the document of the order's first sheet, which is out.
struct Bench {
    desk: IppPrinter,
    _cups: Cups,
    _cable: Cable,
    booth: Booth,
    printer: Arc<dyn Printer>,
    order: Order,
}

async fn cut_off(cable: &Cable, printer: &dyn Printer, order: &Order, moment: Break) {
    cable.breaks(moment);
    tokio::select! {
        () = cable.broken() => {}
        status = settled(printer, order) => panic!("the cable held: {status:?}"),
    }
}

/// The queue's notes of a job that has no document yet.
async fn notes(cups: &Cups, order: &Order) -> Vec<(PathBuf, Vec<u8>)> {
    let name = order.id.to_string();
    until("the note", async || cups.keeps(name.as_bytes())).await;
    cups.notes()
}

async fn a_forgotten_document(booths: Booths) -> Bench {
    let desk = IppPrinter::with_paper(9).await;
    let mut cups = Cups::on().await;
    cups.add_everywhere("desk", &desk.uri()).await;
    let cable = Cable::to(cups.port()).await;
    let booth = Booth::by_ipp(cable.uri_of("printers/desk"));
    let mut printer = booth.printer().await;
    let order = booth.order(2);
    cut_off(&cable, &*printer, &order, Break::Before(SEND_DOCUMENT)).await;
    let notes = notes(&cups, &order).await;
    desk.breaks(Fault::Jam);
    if booths == Booths::Waits {
        cut_off(&cable, &*printer, &order, Break::After(SEND_DOCUMENT)).await;
    } else {
        let sent = async || printer.submit(&order).await.is_ok();
        until("the document", sent).await;
    }
    // Nobody asks the queue whether it has begun.
    until("the job", async || !desk.is_idle().await).await;
    cups.is_killed_with(&notes).await;
    if booths == Booths::Dies {
        drop(printer);
        printer = booth.printer().await;
    }
    // What was at the printer comes out: the program that brought it there outlives its scheduler.
    desk.is_mended();
    until("the sheet", async || desk.tray().len() == 1).await;
    cups.starts_up().await;
    Bench {
        desk,
        _cups: cups,
        _cable: cable,
        booth,
        printer,
        order,
    }
}

async fn is_told_to_staff_at_once(booths: Booths) {
    let bench = a_forgotten_document(booths).await;
    let Bench { printer, order, .. } = &bench;
    let (status, seconds) = settled_within(&bench.booth, &**printer, order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    assert!(
        seconds < 50,
        "it stood for {seconds} s before anybody was told"
    );
    assert_eq!(printer.state().doubtful[0].code, Cause::Forgotten);
    let one = Some(1);
    printer
        .settle(order.id, Verdict::CameOut, one)
        .await
        .unwrap();
    let status = settled(&**printer, order).await;
    assert_eq!(status, JobStatus::Done { sheets: 2 });
    assert_eq!(of(order.id, &bench.desk.tray()), 2);
}

#[tokio::test]
async fn a_queue_that_forgot_a_document_it_had_taken_is_not_waited_for() {
    is_told_to_staff_at_once(Booths::Knows).await;
}

#[tokio::test]
async fn a_queue_that_forgot_a_document_of_which_nobody_heard_is_not_sent_it_again() {
    is_told_to_staff_at_once(Booths::Waits).await;
}

#[tokio::test]
async fn a_power_cut_that_made_the_queue_forget_a_document_is_told_to_staff() {
    is_told_to_staff_at_once(Booths::Dies).await;
}

#[tokio::test]
async fn a_sheet_of_an_erased_visit_that_its_queue_forgot_is_told_to_staff() {
    let bench = a_forgotten_document(Booths::Knows).await;
    bench.printer.forget(bench.order.session).await.unwrap();
    let strays = bench.printer.state().strays;
    assert_eq!(strays.len(), 1, "{strays:?}");
}
