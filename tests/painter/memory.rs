//! What four paintings at once cost in memory.

use std::process::Command;
use std::sync::Arc;

use easel::generator::embedded::Embedded;
use easel::generator::{Brief, Card, Generator, Kind, ProgressSender};
use easel::painter::Manner;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::gallery::folder;

/// What all four may take above an idle process, bytes.
const BUDGET: u64 = 150 << 20;
/// The child says its figure after this word.
const SAYS: &str = "peak above idle, KiB:";

#[test]
#[cfg(target_os = "linux")]
fn four_at_once_keep_within_their_memory() {
    // In a process of its own: what the other tests hold is not to be counted.
    let child = std::env::current_exe().expect("a test knows its own file");
    let out = Command::new(child)
        .args(["memory::four_painters_at_work", "--exact", "--ignored"])
        .args(["--nocapture", "--test-threads=1"])
        .output()
        .expect("a test can run itself");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}");
    let peak: u64 = said
        .split(SAYS)
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kib| kib.parse().ok())
        .unwrap_or_else(|| panic!("no figure in {said}"));
    println!("four at once: {} MiB above idle", peak >> 10);
    assert!(peak << 10 <= BUDGET, "{} MiB above idle", peak >> 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the test above runs it in a process of its own"]
async fn four_painters_at_work() {
    let photo = folder().join("inputs/trio.jpg");
    let screen = std::fs::read(&photo).unwrap_or_else(|e| panic!("{}: {e}", photo.display()));
    // The model, the tables and the threads are there whether somebody paints or not.
    paint_all(&screen, 64).await;
    // Makes the kernel forget the highest mark (Documentation/filesystems/proc.rst).
    std::fs::write("/proc/self/clear_refs", "5").expect("a process may reset its own mark");
    let idle = status("VmRSS:");
    paint_all(&screen, 768).await;
    println!("{SAYS} {}", status("VmHWM:") - idle);
}

/// One photo in all four manners at the same time, as a visit orders them.
async fn paint_all(screen: &[u8], size_px: u32) {
    let painter = Arc::new(Embedded::new(Card {
        slots: 4,
        size_px,
        ..Card::new("here", Kind::Embedded)
    }));
    let paintings = Manner::ALL.map(|manner| {
        let painter = Arc::clone(&painter);
        let brief = Brief {
            attempt: Uuid::nil(),
            capture: Uuid::nil(),
            style: manner.id().into(),
            seed: 1,
            input: screen.to_vec().into(),
            screen: screen.to_vec().into(),
            smaller: false,
        };
        tokio::spawn(async move {
            let painted = painter
                .paint(
                    &brief,
                    &ProgressSender::default(),
                    &CancellationToken::new(),
                )
                .await;
            painted.expect("the painters can paint")
        })
    });
    for painting in paintings {
        painting.await.expect("no painter panics");
    }
}

/// A line of /proc/self/status, KiB.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
        .and_then(|kib| kib.parse().ok())
        .unwrap_or_else(|| panic!("no {name} in {status}"))
}
