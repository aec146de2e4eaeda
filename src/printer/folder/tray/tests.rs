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

/// Kills the first try at its `n`th sync. Whether it lived.
fn try_and_die(dir: &Path, n: u32) -> bool {
    let mut tray = Tray::open(dir).unwrap();
    tray.fsync = mortal;
    LEFT.set(n);
    let lived = tray.print(&order(3)).is_ok();
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

            let tray = Tray::open(folder.path()).unwrap();
            tray.resume().unwrap();
            let status = tray.status(ORDER).unwrap();
            assert!(
                matches!(status, JobStatus::Unknown | JobStatus::Done { sheets: 3 }),
                "nothing is half done after a start: {status:?}"
            );
            tray.print(&order(3)).unwrap();
            tray.print(&order(3)).unwrap();
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
        Tray::open(folder.path()).unwrap().print(&order(3)).unwrap();
        paper += take(folder.path());
        assert_eq!(paper, 3, "killed at sync {deaths}");
    }
}

#[test]
fn progress_is_told_sheet_by_sheet() {
    let told = |deaths| {
        let folder = tempfile::tempdir().unwrap();
        try_and_die(folder.path(), deaths);
        Tray::open(folder.path()).unwrap().status(ORDER).unwrap()
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
    Tray::open(folder.path()).unwrap().resume().unwrap();
    assert_eq!(names(&session).unwrap(), ["notes of the operator.txt"]);
}

#[test]
fn an_order_that_was_never_accepted_may_change_its_mind() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!try_and_die(folder.path(), 4));
    let tray = Tray::open(folder.path()).unwrap();
    tray.print(&order(2)).unwrap();
    assert_eq!(tray.status(ORDER).unwrap(), JobStatus::Done { sheets: 2 });
    assert_eq!(take(folder.path()), 2);
}

#[test]
fn another_order_under_the_same_id_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tray = Tray::open(folder.path()).unwrap();
    tray.print(&order(2)).unwrap();
    assert!(matches!(tray.print(&order(3)), Err(Fault::Clash)));
    assert_eq!(take(folder.path()), 2);
}

#[test]
fn a_damaged_record_goes_to_staff_and_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tray = Tray::open(folder.path()).unwrap();
    tray.print(&order(2)).unwrap();
    take(folder.path());
    fs::write(folder.path().join(format!("{SESSION}/{ORDER}.job")), "{").unwrap();
    assert!(matches!(
        tray.status(ORDER).unwrap(),
        JobStatus::Failed { .. }
    ));
    assert!(matches!(tray.print(&order(2)), Err(Fault::Damaged)));
    assert_eq!(take(folder.path()), 0);
}

#[test]
fn more_than_nine_sheets_come_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let tray = Tray::open(folder.path()).unwrap();
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
