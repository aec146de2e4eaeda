//! A folder whose disk is full or read-only, and is mended.
//!
//! Each test runs itself again in a mount namespace of its own, where it may mount a disk.

use std::path::Path;
use std::process::{Command, Stdio};

use easel::printer::{Condition, Driver, JobStatus, Need, PrinterState, Settings};

use super::bench::{Booth, settled, worked_until};

/// Says to a test that it is inside.
const INSIDE: &str = "EASEL_TEST_DISK";

/// Runs this module's test of that name once more, with mounts of its own; whether this is that
/// run.
async fn is_inside(test: &str) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no setting, but this test's own word"
    )]
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let again = tokio::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("spool::folder_disk::{test}")])
        .env(INSIDE, "yes")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = again.await.expect("unshare (util-linux) is there");
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        ended.status.success() && said.contains("1 passed"),
        "with mounts of its own (which needs user namespaces): {said}"
    );
    false
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
