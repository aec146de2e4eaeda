//! How much paper is left.

use easel::printer::{JobStatus, PrinterState, RollWarning, Settings};

use super::bench::{Booth, settled};
use crate::desk::{IppPrinter, until};

#[tokio::test]
async fn sheets_are_counted_once_each_and_staff_are_warned() {
    let desk = IppPrinter::with_paper(100).await;
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    assert_eq!(
        printer.state().roll,
        None,
        "nobody has said how many there are"
    );
    assert!(printer.roll_changed(0).await.is_err());
    printer.roll_changed(53).await.unwrap();
    let left = |state: PrinterState| state.roll.map(|roll| (roll.left, roll.size, roll.warning));
    assert_eq!(left(printer.state()), Some((53, 53, None)));
    for (sheets, after) in [(2, 51), (2, 49)] {
        let order = booth.order(sheets);
        assert_eq!(settled(&*printer, &order).await, JobStatus::Done { sheets });
        // Asking again counts nothing again.
        assert_eq!(settled(&*printer, &order).await, JobStatus::Done { sheets });
        assert_eq!(printer.state().roll.unwrap().left, after);
    }
    assert_eq!(
        left(printer.state()),
        Some((49, 53, Some(RollWarning::Low)))
    );
    // It is remembered over a restart, and a new roll is a new count.
    drop(printer);
    let printer = booth.printer().await;
    until("the count", async || left(printer.state()).is_some()).await;
    assert_eq!(printer.state().roll.unwrap().left, 49);
    printer.roll_changed(10).await.unwrap();
    assert_eq!(
        left(printer.state()),
        Some((10, 10, Some(RollWarning::Last)))
    );
}

#[tokio::test]
async fn a_printer_that_tells_its_sheets_is_believed() {
    let desk = IppPrinter::with_paper(213).await;
    desk.counts_its_sheets();
    let booth = Booth::by_ipp(desk.uri());
    let printer = booth.printer().await;
    printer.roll_changed(400).await.unwrap();
    let order = booth.order(1);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 1 }
    );
    until("the printer's count", async || {
        printer
            .state()
            .roll
            .is_some_and(|roll| (roll.left, roll.size) == (212, 700))
    })
    .await;
}

#[tokio::test]
async fn a_folder_counts_its_sheets_where_settings_say_how_many_it_has() {
    let uncounted = Booth::with(Settings::default());
    let printer = uncounted.printer().await;
    assert_eq!(printer.state().roll, None);
    assert!(printer.roll_changed(400).await.is_err());

    let booth = Booth::with(Settings {
        roll_sheets: Some(53),
        ..Settings::default()
    });
    let printer = booth.printer().await;
    let left = |state: PrinterState| state.roll.map(|roll| (roll.left, roll.size, roll.warning));
    until("the roll", async || {
        left(printer.state()) == Some((53, 53, None))
    })
    .await;
    for after in [51, 49] {
        let order = booth.order(2);
        let done = JobStatus::Done { sheets: 2 };
        assert_eq!(settled(&*printer, &order).await, done);
        // Asking again counts nothing again.
        assert_eq!(settled(&*printer, &order).await, done);
        assert_eq!(printer.state().roll.unwrap().left, after);
    }
    let low = Some(RollWarning::Low);
    assert_eq!(left(printer.state()), Some((49, 53, low)));
    drop(printer);
    let printer = booth.printer().await;
    until("the count", async || {
        left(printer.state()) == Some((49, 53, low))
    })
    .await;
    printer.roll_changed(10).await.unwrap();
    let last = Some(RollWarning::Last);
    assert_eq!(left(printer.state()), Some((10, 10, last)));
}
