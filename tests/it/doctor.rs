//! `easel doctor` finds what the booth would not start with, and changes nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::house::Daemon;

mod beside;

const SMALL: (&str, &str) = ("GENERATOR__0__SIZE_PX", "128");

/// What it says, and how it ends.
async fn examined(data: &Path, settings: &[(&str, &str)]) -> (String, Option<i32>) {
    let settings = [&[SMALL], settings].concat();
    let before = everything_in(data);
    let ended = Daemon::asked(data, &settings, &["doctor"]).await;
    assert_eq!(everything_in(data), before, "it only looks");
    (
        String::from_utf8(ended.stdout).unwrap(),
        ended.status.code(),
    )
}

/// Every file, and what it holds. Of the record, which a running booth writes, only its name: the
/// files beside it come and go as SQLite opens and closes it.
fn everything_in(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(data).unwrap().map(|file| file.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let files = files.filter(|path| !name(path).starts_with("easel.db-"));
    let read = |path: PathBuf| match name(&path) == "easel.db" {
        true => (path, Vec::new()),
        false => (path.clone(), fs::read(&path).unwrap_or_default()),
    };
    let mut files: Vec<_> = files.map(read).collect();
    files.sort();
    files
}

/// Nothing is said against what was kept. Of other parts nothing is asked: a painter may be slow.
#[track_caller]
fn assert_whole(said: &str) {
    for part in ["record", "key", "staff PIN", "ticket"] {
        let line = said.lines().find(|line| line.starts_with(part)).unwrap();
        assert!(line.contains(" ok "), "{said}");
    }
}

#[tokio::test]
async fn what_was_kept_is_found_to_be_whole_beside_a_running_booth_and_after() {
    let dir = tempfile::tempdir().unwrap();
    let (said, _) = examined(dir.path(), &[]).await;
    let record = said.lines().find(|line| line.starts_with("record"));
    let record = record.unwrap_or_default();
    assert!(
        record.ends_with(" ok     made at the first start"),
        "{said}"
    );
    let mut daemon = Daemon::starts(dir.path(), &[SMALL]).await;
    daemon.visitor().await;
    for running in [true, false] {
        assert_whole(&examined(dir.path(), &[]).await.0);
        if running {
            daemon.is_told_to_stop().await;
        }
    }
}

#[tokio::test]
async fn what_the_booth_would_not_start_with_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Daemon::starts(dir.path(), &[SMALL])
        .await
        .is_told_to_stop()
        .await;
    for (file, part, words) in [
        ("key", "key", "chmod 600"),
        ("easel.db", "record", "put a backup back"),
    ] {
        let path = dir.path().join(file);
        let whole = fs::read(&path).unwrap();
        if file == "easel.db" {
            fs::write(&path, [&[7; 900], &whole[900..]].concat()).unwrap();
        } else {
            fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        }
        let (said, code) = examined(dir.path(), &[]).await;
        let line = said.lines().find(|line| line.starts_with(part)).unwrap();
        assert!(line.contains("WRONG") && line.contains(words), "{said}");
        assert_eq!(code, Some(1), "{said}");
        let ended = Daemon::asked(dir.path(), &[SMALL], &["run"]).await;
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "a person is wanted: {said}");
        assert!(said.contains(words), "{said}");
        fs::write(&path, whole).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    assert_whole(&examined(dir.path(), &[]).await.0);
}

#[tokio::test]
async fn a_template_that_is_not_there_is_a_fault_of_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    for (settings, key) in [
        (
            &[("TICKET__TEMPLATE", "nope")][..],
            "ticket.template = \"nope\"",
        ),
        (
            &[
                ("TICKET__STRIP_TEMPLATE", "nope"),
                ("TICKET__FORMATS", "2x6"),
            ],
            "ticket.strip_template = \"nope\"",
        ),
        (
            &[
                ("TICKET__RECEIPT_TEMPLATE", "nope"),
                ("TICKET__FORMATS", "80mm"),
            ],
            "ticket.receipt_template = \"nope\"",
        ),
    ] {
        for command in ["doctor", "settings", "run"] {
            let ended = Daemon::asked(dir.path(), settings, &[command]).await;
            let said = [ended.stdout, ended.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(said.contains(key), "{command}: {said}");
            assert!(said.contains("museum, strip, receipt"), "{command}: {said}");
            assert_eq!(ended.status.code(), Some(2), "{command}");
        }
    }
    // What no format needs may be anything.
    let idle = [("TICKET__STRIP_TEMPLATE", "nope")];
    let ended = Daemon::asked(dir.path(), &idle, &["settings"]).await;
    assert_eq!(ended.status.code(), Some(0));
}

#[tokio::test]
async fn a_template_of_ones_own_that_is_wrong_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("templates/mine");
    fs::create_dir_all(&folder).unwrap();
    let templates = dir.path().join("templates");
    let settings = [
        ("TICKET__TEMPLATE", "mine"),
        ("TICKET__TEMPLATES_DIR", templates.to_str().unwrap()),
    ];
    let svg = |inner: &str| {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1200 1800\">{inner}</svg>")
    };
    for (source, words) in [
        (svg("<g>"), "not well-formed XML"),
        (svg("<text>{{ nickname }}</text>"), "undefined"),
    ] {
        fs::write(folder.join("ticket.svg"), source).unwrap();
        let (said, code) = examined(&dir.path().join("."), &settings).await;
        let line = said
            .lines()
            .find(|line| line.starts_with("ticket"))
            .unwrap();
        assert!(line.contains("WRONG") && line.contains(words), "{said}");
        assert_eq!(code, Some(1));
    }
}

#[tokio::test]
async fn root_is_told_to_ask_as_the_booths_own_user() {
    let dir = tempfile::tempdir().unwrap();
    if !rustix::process::geteuid().is_root() {
        // Nobody else can give a folder away; and whoever is not root is asked nothing.
        assert!(!examined(dir.path(), &[]).await.0.contains("runuser"));
        return;
    }
    std::os::unix::fs::chown(dir.path(), Some(65534), Some(65534)).unwrap();
    let (said, code) = examined(dir.path(), &[]).await;
    assert!(said.contains("runuser -u nobody -- easel doctor"), "{said}");
    assert!(said.ends_with("\n1 to mend\n"), "{said}");
    assert_eq!(code, Some(1));
}
