use std::cell::Cell;

use bytes::Bytes;

use super::*;

const SESSION: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_000a);
const ORDER: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_000b);

thread_local! {
    /// How many syncs are left before the power goes.
    static LEFT: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// Dies at the sync that `LEFT` counts down to. Nothing is tidied up after an error, so what is
/// on disk then is what a kill at that moment leaves.
fn mortal(path: &Path) -> io::Result<()> {
    let left = LEFT.get().checked_sub(1).ok_or(ErrorKind::BrokenPipe)?;
    LEFT.set(left);
    fsync(path)
}

fn order(sheets: u32) -> Order {
    Order {
        id: ORDER,
        session: SESSION,
        ticket: 7,
        sheets,
        page: Page {
            pdf: Bytes::from("%PDF-1.7 a sheet"),
            ..Page::default()
        },
    }
}

/// Takes what lies in the tray, as a program that watches the folder does.
fn take(dir: &Path) -> usize {
    let folder = dir.join(SESSION.to_string());
    let sheets = names(&folder).unwrap_or_default();
    let sheets: Vec<_> = sheets
        .iter()
        .filter(|name| name.ends_with(".pdf"))
        .collect();
    for sheet in &sheets {
        assert_eq!(fs::read(folder.join(sheet)).unwrap(), b"%PDF-1.7 a sheet");
        fs::remove_file(folder.join(sheet)).unwrap();
    }
    sheets.len()
}

/// A tray in a folder that is there.
fn opened(dir: &Path) -> Tray {
    let tray = Tray::of(dir);
    fs::create_dir_all(dir).unwrap();
    tray
}

/// Kills the first try at its `n`th sync. Whether it lived.
fn try_and_die(dir: &Path, n: u32) -> bool {
    let mut tray = opened(dir);
    tray.fsync = mortal;
    LEFT.set(n);
    let lived = tray.print(&order(3)).1.is_ok();
    LEFT.set(u32::MAX);
    lived
}

#[test]
fn killed_anywhere_and_asked_again_three_sheets_are_three_sheets() {
    for watched in [false, true] {
        let mut deaths = 0;
        loop {
            let folder = tempfile::tempdir().unwrap();
            let lived = try_and_die(folder.path(), deaths);
            let mut paper = if watched { take(folder.path()) } else { 0 };

            let tray = opened(folder.path());
            tray.resume().unwrap();
            let status = tray.status(ORDER).unwrap();
            assert!(
                matches!(status, JobStatus::Unknown | JobStatus::Done { sheets: 3 }),
                "nothing is half done after a start: {status:?}"
            );
            tray.print(&order(3)).1.unwrap();
            tray.print(&order(3)).1.unwrap();
            assert_eq!(tray.status(ORDER).unwrap(), JobStatus::Done { sheets: 3 });
            paper += take(folder.path());
            assert_eq!(paper, 3, "killed at sync {deaths}, watched: {watched}");
            if lived {
                break;
            }
            deaths += 1;
        }
        assert_eq!(
            deaths, 10,
            "root, three sheets, folder, job, folder, three renames"
        );
    }
}

#[test]
fn asking_again_completes_without_a_restart_too() {
    for deaths in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        assert!(!try_and_die(folder.path(), deaths));
        let mut paper = take(folder.path());
        opened(folder.path()).print(&order(3)).1.unwrap();
        paper += take(folder.path());
        assert_eq!(paper, 3, "killed at sync {deaths}");
    }
}

thread_local! {
    /// What the disk says once `LEFT` is used up.
    static SAYS: Cell<ErrorKind> = const { Cell::new(ErrorKind::BrokenPipe) };
}

/// A disk that refuses from the sync on that `LEFT` counts down to.
fn refusing(path: &Path) -> io::Result<()> {
    let left = LEFT.get().checked_sub(1).ok_or(SAYS.get())?;
    LEFT.set(left);
    fsync(path)
}

#[test]
fn a_disk_that_refuses_after_any_sheet_and_comes_back_has_exactly_the_sheets_ordered() {
    for says in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem] {
        for n in 1..=4 {
            // Root, sheets, folder, record, folder; then a rename a sheet.
            for syncs in 0..=(n + 4 + n) {
                let folder = tempfile::tempdir().unwrap();
                let mut tray = opened(folder.path());
                tray.fsync = refusing;
                SAYS.set(says);
                LEFT.set(syncs);
                let (printed, done) = tray.print(&order(n));
                LEFT.set(u32::MAX);
                match done {
                    Ok(()) => assert_eq!(printed, n),
                    Err(Fault::Disk(e)) => assert_eq!(e.kind(), says),
                    Err(e) => panic!("{e}"),
                }
                // It is back, with or without a restart in between.
                let more = match syncs % 2 {
                    0 => opened(folder.path()).begin().unwrap(),
                    _ => 0,
                };
                let (rest, done) = tray.print(&order(n));
                done.unwrap();
                assert_eq!(printed + more + rest, n, "each is counted once");
                assert_eq!(
                    take(folder.path()),
                    n as usize,
                    "{says} at sync {syncs} of {n}"
                );
            }
        }
    }
}

thread_local! {
    /// What was synced since this was taken last.
    static SYNCED: Cell<Vec<PathBuf>> = const { Cell::new(Vec::new()) };
}

/// Fails at the sync that `LEFT` counts down to, once; as a disk does that loses one write.
fn failing_once(path: &Path) -> io::Result<()> {
    let left = LEFT.get();
    LEFT.set(left.wrapping_sub(1));
    if left == 0 {
        return Err(io::Error::other("input/output error"));
    }
    let mut synced = SYNCED.take();
    synced.push(path.to_owned());
    SYNCED.set(synced);
    fsync(path)
}

#[test]
fn a_folder_that_was_not_synced_is_changed_and_synced_before_anything_is_said_of_it() {
    for n in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let mut tray = opened(folder.path());
        tray.fsync = failing_once;
        tray.resumed = true;
        LEFT.set(n);
        tray.print(&order(3)).1.unwrap_err();
        let unsynced: Vec<PathBuf> = tray.unsynced.borrow().iter().cloned().collect();
        SYNCED.take();
        tray.begin().unwrap();
        assert_eq!(SYNCED.take(), unsynced, "failed at sync {n}");
        let is_file = (1..=3).contains(&n) || n == 5;
        assert_eq!(unsynced.is_empty(), is_file, "files are written anew: {n}");
        tray.print(&order(3)).1.unwrap();
        assert_eq!(take(folder.path()), 3);
    }
}

#[test]
fn progress_is_told_sheet_by_sheet() {
    let told = |deaths| {
        let folder = tempfile::tempdir().unwrap();
        try_and_die(folder.path(), deaths);
        opened(folder.path()).status(ORDER).unwrap()
    };
    assert_eq!(told(0), JobStatus::Unknown);
    assert_eq!(told(5), JobStatus::Unknown);
    // The seventh sync follows the rename that accepts the order; each later one a sheet.
    assert_eq!(told(6), JobStatus::Queued);
    assert_eq!(told(7), JobStatus::Printing { sheets_done: 1 });
    assert_eq!(told(8), JobStatus::Printing { sheets_done: 2 });
    assert_eq!(told(9), JobStatus::Done { sheets: 3 });
}

#[test]
fn what_never_became_an_order_is_swept_up() {
    let folder = tempfile::tempdir().unwrap();
    try_and_die(folder.path(), 3);
    let session = folder.path().join(SESSION.to_string());
    assert_eq!(names(&session).unwrap().len(), 3);
    fs::write(session.join("notes of the operator.txt"), "keep").unwrap();
    opened(folder.path()).resume().unwrap();
    assert_eq!(names(&session).unwrap(), ["notes of the operator.txt"]);
}

#[test]
fn an_order_that_was_never_accepted_may_change_its_mind() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!try_and_die(folder.path(), 4));
    let tray = opened(folder.path());
    tray.print(&order(2)).1.unwrap();
    assert_eq!(tray.status(ORDER).unwrap(), JobStatus::Done { sheets: 2 });
    assert_eq!(take(folder.path()), 2);
}

#[test]
fn another_order_under_the_same_id_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tray = opened(folder.path());
    tray.print(&order(2)).1.unwrap();
    assert!(matches!(tray.print(&order(3)).1, Err(Fault::Clash)));
    assert_eq!(take(folder.path()), 2);
}

#[test]
fn a_damaged_record_goes_to_staff_and_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tray = opened(folder.path());
    tray.print(&order(2)).1.unwrap();
    take(folder.path());
    fs::write(folder.path().join(format!("{SESSION}/{ORDER}.job")), "{").unwrap();
    assert!(matches!(
        tray.status(ORDER).unwrap(),
        JobStatus::Failed { .. }
    ));
    assert!(matches!(tray.print(&order(2)).1, Err(Fault::Damaged)));
    assert_eq!(take(folder.path()), 0);
}

#[test]
fn more_than_nine_sheets_come_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let tray = opened(folder.path());
    tray.accept(
        &folder.path().join(SESSION.to_string()),
        "x",
        &Job { sheets: 11 },
        b"%PDF-",
        "pdf",
    )
    .unwrap();
    let waiting = waiting(&folder.path().join(SESSION.to_string()), "x").unwrap();
    assert!(waiting[1].ends_with("x-2of11.pdf.tmp"), "{waiting:?}");
    assert!(waiting[10].ends_with("x-11of11.pdf.tmp"), "{waiting:?}");
}
