//! A folder whose disk is full or read-only, and is mended.
//!
//! Each test runs itself again in a mount namespace of its own, where it may mount a disk.

use std::path::Path;
use std::process::Command;

use easel::printer::{Condition, Driver, JobStatus, Need, PrinterState, Settings};

use super::bench::{Booth, settled, worked_until};
use crate::desk::is_unshared;

/// Whether this is the run of this module's test of that name with mounts of its own.
async fn is_inside(test: &str) -> bool {
    is_unshared("--mount", &format!("spool::folder_disk::{test}")).await
}

fn mount(options: &str, dir: &Path) {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
    let done = command.arg(dir).output().unwrap();
    assert!(done.status.success(), "mount -o {options}: {done:?}");
}

fn sheets(dir: &Path) -> usize {
    let sessions = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let files = sessions.flat_map(|session| std::fs::read_dir(session.path()).unwrap());
    files
        .filter(|file| {
            let path = file.as_ref().unwrap().path();
            path.extension().is_some_and(|ending| ending == "jpg")
        })
        .count()
}

/// The folder's disk is `broken`, and after a while is `mended`: what staff read meanwhile, and that
/// the order comes out once and whole.
async fn comes_out_once_mended(broken: &str, mended: &str, need: Need, says: &str) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("prints");
    std::fs::create_dir(&dir).unwrap();
    mount(broken, &dir);
    let mut settings = Settings {
        driver: Driver::Folder,
        ..Settings::default()
    };
    settings.folder.dir = Some(dir.clone());
    let booth = Booth::with(settings);
    let printer = booth.printer().await;
    let order = booth.order(3);
    let is_told = |state: &PrinterState| state.needs == [need];
    worked_until(&*printer, &order, "the need", is_told).await;
    let state = printer.state();
    assert_eq!((state.condition, state.stops), (Condition::Needs, true));
    assert!(state.staff.en.contains(says), "{}", state.staff.en);
    for other in ["paper", "roll", "cable"] {
        assert!(!state.staff.en.contains(other), "{}", state.staff.en);
        assert!(!state.visitors.en.contains(other), "{}", state.visitors.en);
    }
    assert_eq!(sheets(&dir), 0);
    mount(mended, &dir);
    let done = JobStatus::Done { sheets: 3 };
    assert_eq!(settled(&*printer, &order).await, done);
    assert_eq!(sheets(&dir), 3);
    assert_eq!(printer.state().condition, Condition::Ready);
}

#[tokio::test]
async fn a_full_disk_is_no_empty_roll_and_the_order_waits_for_room() {
    if is_inside("a_full_disk_is_no_empty_roll_and_the_order_waits_for_room").await {
        let says = "disk for prints is full";
        comes_out_once_mended("size=40k", "remount,size=8m", Need::DiskSpace, says).await;
    }
}

#[tokio::test]
async fn a_read_only_disk_is_no_cable_and_the_order_waits_for_rights() {
    if is_inside("a_read_only_disk_is_no_cable_and_the_order_waits_for_rights").await {
        comes_out_once_mended("ro", "remount,rw", Need::Permission, "read-only").await;
    }
}
