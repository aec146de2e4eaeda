//! A receipt printer behind a device file, for which a named pipe stands in.

use std::path::{Path, PathBuf};

use easel::printer::{Condition, JobStatus, PrinterState, Verdict};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use super::bench::{Booth, bits_of, settled, turn, worked_until};
use crate::desk::until;

const CUT: &[u8] = b"\x1dVB\x00";

fn a_pipe(dir: &Path) -> PathBuf {
    let path = dir.join("lp0");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

fn tickets(printed: &[u8]) -> usize {
    let windows = printed.windows(CUT.len());
    windows.filter(|window| *window == CUT).count()
}

/// Switches the printer on, until `off` says that it has had enough. What it has printed.
async fn prints(path: &Path, mut printed: Vec<u8>, off: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut line = pipe::OpenOptions::new().open_receiver(path).unwrap();
    let mut buffer = [0; 512];
    until("enough of it", async || {
        while !off(&printed) {
            match line.read(&mut buffer).await.unwrap() {
                // Nobody has it open.
                0 => return false,
                read => printed.extend_from_slice(&buffer[..read]),
            }
        }
        true
    })
    .await;
    printed
}

#[tokio::test]
async fn it_refuses_and_returns_and_every_sheet_comes_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = a_pipe(folder.path());
    let booth = Booth::by_escpos(format!("file://{}", path.display()));
    let printer = booth.printer().await;
    let order = booth.order(3);
    // Nobody is at the other end: the device refuses.
    let is_gone = |state: &PrinterState| state.condition == Condition::Gone;
    worked_until(&*printer, &order, "its absence", is_gone).await;
    assert!(printer.state().staff.en.contains("receipt printer"));
    assert_eq!(turn(&*printer, &order).await, JobStatus::Unknown);
    let all = prints(&path, Vec::new(), |printed| tickets(printed) == 3);
    let (status, printed) = tokio::join!(settled(&*printer, &order), all);
    assert_eq!(status, JobStatus::Done { sheets: 3 });
    assert_eq!(tickets(&printed), 3);
}

#[tokio::test]
async fn gone_in_the_middle_of_any_ticket_the_truth_makes_it_exactly_three() {
    for k in 0..3_u32 {
        let answers = [
            (Verdict::PrintAgain, None),
            (Verdict::PrintAgain, Some(k)),
            (Verdict::CameOut, Some(k)),
        ];
        for (verdict, found) in answers {
            let folder = tempfile::tempdir().unwrap();
            let path = a_pipe(folder.path());
            let booth = Booth::by_escpos(format!("file://{}", path.display()));
            let printer = booth.printer().await;
            let mut order = booth.order(3);
            // More than the kernel holds for somebody who does not read on.
            order.page.bits = bits_of(2000);
            let begun = |printed: &[u8]| {
                let rest = printed.windows(CUT.len()).rposition(|window| window == CUT);
                let rest = printed.len() - rest.map_or(0, |at| at + CUT.len());
                tickets(printed) == k as usize && rest > 600
            };
            let some = prints(&path, Vec::new(), begun);
            let (status, printed) = tokio::join!(settled(&*printer, &order), some);
            assert!(matches!(status, JobStatus::Doubtful { .. }), "{status:?}");
            until("the doubt", async || !printer.state().doubtful.is_empty()).await;
            assert_eq!(printer.state().doubtful[0].sheets_done, k);
            assert_eq!(tickets(&printed), k as usize);
            printer.settle(order.id, verdict, found).await.unwrap();
            let rest = prints(&path, printed, |printed| tickets(printed) == 3);
            let (status, printed) = tokio::join!(settled(&*printer, &order), rest);
            assert_eq!(status, JobStatus::Done { sheets: 3 }, "{k} {verdict:?}");
            assert_eq!(tickets(&printed), 3, "{k} {verdict:?} {found:?}");
        }
    }
}
