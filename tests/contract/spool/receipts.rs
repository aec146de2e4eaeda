//! A receipt printer at a socket.

use easel::printer::{Condition, JobStatus, Need, PrinterState, Verdict};

use super::bench::{Booth, settled, worked_until};
use crate::desk::{Receipts, until};

#[tokio::test]
async fn each_sheet_is_a_ticket_of_its_own_that_is_cut_off() {
    for answers_in_turn in [true, false] {
        let desk = Receipts::on(answers_in_turn).await;
        let booth = Booth::by_escpos(desk.uri());
        let printer = booth.printer().await;
        let order = booth.order(2);
        assert_eq!(
            settled(&*printer, &order).await,
            JobStatus::Done { sheets: 2 }
        );
        let tickets = desk.tickets();
        assert_eq!(tickets.len(), 2);
        for ticket in tickets {
            assert!(
                ticket.starts_with(b"\x1b@\x1da\x00\x1dv0\x00\x48\x00"),
                "72 bytes a row"
            );
            assert_eq!(ticket.len(), 5 + 7 * 8 + 72 * 300 + 4);
        }
    }
}

#[tokio::test]
async fn it_waits_for_paper_and_goes_on_by_itself() {
    let desk = Receipts::on(true).await;
    desk.runs_out();
    let booth = Booth::by_escpos(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let needs = |state: &PrinterState| state.needs == [Need::Paper];
    worked_until(&*printer, &order, "the need", needs).await;
    assert_eq!(desk.tickets().len(), 0);
    desk.is_refilled();
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    assert_eq!(desk.tickets().len(), 1);

    desk.runs_low();
    until("the warning", async || {
        let state = printer.state();
        state.condition == Condition::Ready && state.staff.en.contains("near its end")
    })
    .await;
}

#[tokio::test]
async fn a_ticket_cut_short_is_left_to_staff() {
    let desk = Receipts::on(true).await;
    desk.dies_within_a_ticket();
    let booth = Booth::by_escpos(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    let status = settled(&*printer, &order).await;
    assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
    printer
        .settle(order.id, Verdict::PrintAgain, None)
        .await
        .unwrap();
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
}

#[tokio::test]
async fn killed_as_the_ticket_comes_out() {
    let desk = Receipts::on(true).await;
    let booth = Booth::by_escpos(desk.uri());
    let printer = booth.printer().await;
    let order = booth.order(1);
    tokio::select! {
        () = until("the ticket", async || !desk.tickets().is_empty()) => {}
        _ = printer.submit(&order) => {}
    }
    drop(printer);
    let printer = booth.printer().await;
    // It came out, or nobody can tell: never twice.
    let status = settled(&*printer, &order).await;
    assert!(matches!(
        status,
        JobStatus::Doubtful { .. } | JobStatus::Done { sheets: 1 }
    ));
    assert_eq!(desk.tickets().len(), 1);
}

#[tokio::test]
async fn paper_that_ends_within_a_ticket_is_told_and_the_ticket_goes_on_after_the_refill() {
    // With room for what comes next, and without: then it cannot even be asked why it stands.
    for (room, need) in [(100_000, Need::Paper), (0, Need::Attention)] {
        let desk = Receipts::on(true).await;
        desk.ends_within_a_ticket(9_000, room);
        let booth = Booth::by_escpos(desk.uri());
        let printer = booth.printer().await;
        let order = booth.order(1);
        let is_told = |state: &PrinterState| state.needs == [need];
        tokio::select! {
            () = until("the need", async || is_told(&printer.state())) => {}
            status = settled(&*printer, &order) => panic!("it is not out: {status:?}"),
        }
        assert!(desk.tickets().is_empty());
        drop(printer);
    }
}

#[tokio::test]
async fn a_ticket_whose_paper_ended_within_it_comes_out_once_and_whole() {
    for room in [100_000, 0] {
        let desk = Receipts::on(true).await;
        desk.ends_within_a_ticket(9_000, room);
        let booth = Booth::by_escpos(desk.uri());
        let printer = booth.printer().await;
        let order = booth.order(1);
        let refill = async {
            until("the need", async || !printer.state().needs.is_empty()).await;
            desk.is_refilled();
        };
        let (status, ()) = tokio::join!(settled(&*printer, &order), refill);
        assert_eq!(status, JobStatus::Done { sheets: 1 });
        assert_eq!(desk.tickets().len(), 1);
        assert_eq!(desk.tickets()[0].len(), 5 + 7 * 8 + 72 * 300 + 4);
    }
}
