//! A folder whose booth is killed after any sheet of an order.

use std::fs;
use std::path::{Path, PathBuf};

use easel::printer::{Driver, JobStatus, Settings};

use super::bench::{Booth, settled};

const SHEETS: u32 = 3;

/// The order's sheets in their places, first to last.
fn sheets(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let is_sheet = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "jpg");
    let mut sheets: Vec<_> = files.filter(is_sheet).collect();
    sheets.sort();
    sheets
}

/// Brings the sheets after the first `k` back to where they wait: a kill leaves the folder so, for
/// each sheet comes out by one rename.
fn is_killed_after(k: usize, folder: &Path) {
    for sheet in &sheets(folder)[k..] {
        let mut waiting = sheet.clone().into_os_string();
        waiting.push(".tmp");
        fs::rename(sheet, waiting).unwrap();
    }
}

#[tokio::test]
async fn a_folder_killed_after_any_sheet_completes_the_order_by_itself() {
    for k in 0..=SHEETS as usize {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            driver: Driver::Folder,
            ..Settings::default()
        };
        settings.folder.dir = Some(dir.path().to_owned());
        let booth = Booth::with(settings);
        let order = booth.order(SHEETS);
        let done = JobStatus::Done { sheets: SHEETS };
        let printer = booth.printer().await;
        assert_eq!(settled(&*printer, &order).await, done);
        drop(printer);
        let folder = dir.path().join(order.session.to_string());
        is_killed_after(k, &folder);
        // Whoever watches the folder takes away what is there.
        for sheet in sheets(&folder) {
            fs::remove_file(sheet).unwrap();
        }

        let printer = booth.printer().await;
        assert_eq!(printer.status(order.id).await.unwrap(), done, "after {k}");
        assert_eq!(sheets(&folder).len(), SHEETS as usize - k, "after {k}");
        // However often it is handed over again.
        assert_eq!(settled(&*printer, &order).await, done);
        assert_eq!(sheets(&folder).len(), SHEETS as usize - k, "after {k}");
    }
}
