//! IPP printers that want TLS, with certificates of their own making.

use easel::printer::{JobStatus, PrinterState};

use super::bench::{Booth, settled, worked_until};
use crate::desk::{Cable, IppPrinter};

#[tokio::test]
async fn a_printers_own_certificate_is_noted_and_another_in_its_place_is_not_trusted() {
    let mut desk = IppPrinter::with_paper(9).await;
    desk.makes_its_certificate().await;
    let booth = Booth::by_ipp(desk.secure_uri());
    let printer = booth.printer().await;
    let done = JobStatus::Done { sheets: 1 };
    assert_eq!(settled(&*printer, &booth.order(1)).await, done);
    let pin = booth.dir.path().join("printer.pin");
    let noted = std::fs::read_to_string(&pin).unwrap();
    assert!(noted.starts_with(&desk.secure_uri()), "{noted}");

    desk.switch_off();
    desk.forgets_its_certificate();
    desk.switch_on().await;
    desk.makes_its_certificate().await;
    drop(printer);
    let printer = booth.printer().await;
    let order = booth.order(1);
    let is_told = |state: &PrinterState| state.staff.en.contains("another certificate");
    worked_until(&*printer, &order, "the certificate", is_told).await;
    assert_eq!(desk.tray().len(), 1, "nobody's picture goes to a stranger");

    // As staff are told to.
    drop(printer);
    std::fs::remove_file(&pin).unwrap();
    let printer = booth.printer().await;
    assert_eq!(settled(&*printer, &order).await, done);
    assert_eq!(desk.tray().len(), 2);
}

#[tokio::test]
async fn a_printer_that_answers_upgrade_required_gets_tls() {
    let desk = IppPrinter::with_paper(9).await;
    desk.makes_its_certificate().await;
    let cable = Cable::for_tls_only(desk.port()).await;
    let booth = Booth::by_ipp(cable.uri());
    let printer = booth.printer().await;
    let done = JobStatus::Done { sheets: 2 };
    assert_eq!(settled(&*printer, &booth.order(2)).await, done);
    assert_eq!(desk.tray().len(), 2);
}
