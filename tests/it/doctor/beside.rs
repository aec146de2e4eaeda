//! A booth that runs is asked itself: what is said is said from where its work is done.

use std::fs;
use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::SMALL;
use crate::house::{Daemon, Door, Staff, a_booth, a_photo, pictures_in, sheets, until};

/// What the doctor says, and how it ends.
struct Said {
    checks: Vec<Value>,
    ready: bool,
    code: Option<i32>,
}

async fn asks(data: &Path, settings: &[(&str, &str)]) -> Said {
    let settings = [&[SMALL], settings].concat();
    let ended = Daemon::asked(data, &settings, &["doctor", "--json"]).await;
    let erred = String::from_utf8_lossy(&ended.stderr);
    let told: Value = serde_json::from_slice(&ended.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{erred}", String::from_utf8_lossy(&ended.stdout)));
    Said {
        checks: told["checks"].as_array().unwrap().clone(),
        ready: told["ready"].as_bool().unwrap(),
        code: ended.status.code(),
    }
}

impl Said {
    /// Whether that is well, and in what words.
    #[track_caller]
    fn of(&self, name: &str) -> (bool, &str) {
        let check = self.checks.iter().find(|check| check["name"] == name);
        let check = check.unwrap_or_else(|| panic!("nothing of {name} in {:?}", self.checks));
        (
            check["ok"].as_bool().unwrap(),
            check["words"].as_str().unwrap(),
        )
    }

    #[track_caller]
    fn is_well(&self, name: &str, words: &str) {
        let (ok, said) = self.of(name);
        assert!(ok && said.contains(words), "{name}: {ok} {said}");
    }

    #[track_caller]
    fn is_wrong(&self, name: &str, words: &str) {
        let (ok, said) = self.of(name);
        assert!(!ok && said.contains(words), "{name}: {ok} {said}");
        assert_eq!((self.ready, self.code), (false, Some(1)));
    }

    fn names(&self) -> Vec<&str> {
        self.checks
            .iter()
            .map(|check| check["name"].as_str().unwrap())
            .collect()
    }

    /// What is not well, but for the disk of the machine that runs the tests.
    fn wrong(&self) -> Vec<&Value> {
        let is_full = |check: &Value| check["words"].as_str().unwrap().contains("free, ");
        let wrong = self.checks.iter().filter(|check| check["ok"] == false);
        wrong.filter(|check| !is_full(check)).collect()
    }
}

const SAMPLE: (&str, &str) = ("CAMERA__DRIVER", "sample");

#[tokio::test]
async fn beside_a_running_booth_all_is_well_and_the_same_rows_are_told_as_without_one() {
    let dir = tempfile::tempdir().unwrap();
    let alone = asks(dir.path(), &[SAMPLE]).await;
    alone.is_well("booth", "does not run");
    alone.is_well("photo", "it can be painted");
    alone.is_well("ticket", "museum can be filled, and printed at 1200×1800");
    let mut daemon = Daemon::starts(dir.path(), &[SMALL, SAMPLE]).await;
    let beside = asks(dir.path(), &[SAMPLE]).await;
    assert_eq!(beside.names(), alone.names());
    for said in [&alone, &beside] {
        assert_eq!(said.wrong(), [] as [&Value; 0]);
        let is_full = said.checks.iter().any(|check| check["ok"] == false);
        assert_eq!(
            (said.ready, said.code),
            (!is_full, Some(i32::from(is_full)))
        );
    }
    beside.is_well(
        "booth",
        &format!("runs at http://{}", daemon.kiosk.authority()),
    );
    beside.is_well(
        "kiosk port",
        &format!("the booth listens at {}", daemon.kiosk.authority()),
    );
    beside.is_well("public port", "the booth listens at");
    beside.is_well("photo", "it can be painted");
    for kept in ["record", "key", "staff PIN"] {
        beside.is_well(kept, "whole");
    }
    // Nothing of the look is left.
    assert!(pictures_in(dir.path()).is_empty());
    assert!(sheets(dir.path(), "").is_empty());
    let files = fs::read_dir(dir.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with('.')).count(), 0);

    let changed = asks(dir.path(), &[SAMPLE, ("BOOTH__EVENT", "Another")]).await;
    changed.is_well("booth", "restart it, if they have changed");
    daemon.is_told_to_stop().await;
}

#[tokio::test]
async fn a_folder_that_only_the_booth_cannot_write_to_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let (data, prints) = (dir.path().join("data"), dir.path().join("prints"));
    let tether = dir.path().join("tether");
    for folder in [&data, &prints, &tether] {
        fs::create_dir(folder).unwrap();
    }
    let settings = [
        ("PRINTER__FOLDER__DIR", prints.to_str().unwrap()),
        ("CAMERA__DRIVER", "folder"),
        ("CAMERA__FOLDER__DIR", tether.to_str().unwrap()),
    ];
    for (shut, name) in [(&prints, "printer"), (&tether, "camera folder")] {
        let daemon =
            Daemon::starts_shut_out_of(&data, &[&[SMALL][..], &settings].concat(), shut).await;
        fs::write(shut.join("ours"), "we may").unwrap();
        let said = asks(&data, &settings).await;
        said.is_wrong(name, "is not writable: ");
        said.is_wrong(name, "Read-only file system");
        said.is_wrong(name, shut.to_str().unwrap());
        daemon.loses_power().await;
        // From here it can be written to, which says nothing of the booth.
        let alone = asks(&data, &settings).await;
        alone.is_well("booth", "does not run");
        assert!(!alone.of(name).1.contains("not writable"));
    }
}

#[tokio::test]
async fn a_booth_that_hangs_is_said_to() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::starts(dir.path(), &[SMALL]).await;
    daemon.hears(Signal::STOP);
    let said = asks(dir.path(), &[]).await;
    said.is_wrong("booth", "does not answer: it hangs");
    daemon.hears(Signal::CONT);
    assert_eq!(asks(dir.path(), &[]).await.wrong(), [] as [&Value; 0]);
    daemon.loses_power().await;
}

#[tokio::test]
async fn another_booth_at_its_ports_is_not_taken_for_this_one() {
    let [ours, theirs] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let daemon = Daemon::starts(theirs.path(), &[SMALL]).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent
        .local_addr()
        .map(|at| (at.to_string(), silent))
        .unwrap();
    let settings = [
        ("LISTEN__KIOSK", daemon.kiosk.authority()),
        ("LISTEN__PUBLIC", silent.0.as_str()),
    ];
    let said = asks(ours.path(), &settings).await;
    said.is_well("booth", "does not run");
    said.is_wrong(
        "kiosk port",
        "is taken by another booth, which runs over other data",
    );
    said.is_wrong("public port", "is taken by another program");
    daemon.loses_power().await;
}

/// A camera that another program minds: the trigger says that it was asked, and leaves `photo`, if
/// there is one.
struct Tether {
    dir: tempfile::TempDir,
    trigger: String,
}

impl Tether {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("roll")).unwrap();
        let at = dir.path().display();
        let trigger = format!(
            "sh,-c,touch {at}/asked; [ -e {at}/photo ] || exec sleep 600; cp {at}/photo \
             {at}/part; mv {at}/part {at}/roll/$$.jpg"
        );
        Self { dir, trigger }
    }

    fn sees(self, photo: &[u8]) -> Self {
        fs::write(self.dir.path().join("photo"), photo).unwrap();
        self
    }

    fn roll(&self) -> String {
        self.dir.path().join("roll").display().to_string()
    }

    fn was_asked(&self) -> bool {
        self.dir.path().join("asked").exists()
    }
}

#[tokio::test]
async fn a_photo_that_does_not_decode_is_wrong() {
    // Whole to look at, and nothing of it can be read.
    let mut spoilt = a_photo(1);
    let scan = spoilt.len() / 3;
    spoilt[scan..].fill(0);
    spoilt.extend([0xFF, 0xD9]);
    let tether = Tether::new().sees(&spoilt);
    let data = tempfile::tempdir().unwrap();
    let roll = tether.roll();
    let settings = [
        ("CAMERA__DRIVER", "folder"),
        ("CAMERA__FOLDER__DIR", roll.as_str()),
        ("CAMERA__FOLDER__TRIGGER", tether.trigger.as_str()),
    ];
    for runs in [false, true] {
        let settings = [&[SMALL][..], &settings].concat();
        let daemon = match runs {
            true => Some(Daemon::starts(data.path(), &settings).await),
            false => None,
        };
        let said = asks(data.path(), &settings).await;
        said.is_wrong("photo", "");
        assert!(tether.was_asked());
        said.is_well("ticket", "museum");
        if let Some(daemon) = daemon {
            // What staff see follows.
            let state = daemon
                .kiosk
                .get("/api/v1/camera")
                .answer()
                .await
                .granted(200);
            assert!(state["trouble"].is_string(), "{state}");
            daemon.loses_power().await;
        }
    }
}

#[tokio::test]
async fn nobody_is_photographed_unasked() {
    let tether = Tether::new();
    let data = tempfile::tempdir().unwrap();
    let roll = tether.roll();
    let settings = [
        SMALL,
        ("CAMERA__DRIVER", "folder"),
        ("CAMERA__FOLDER__DIR", roll.as_str()),
        ("CAMERA__FOLDER__TRIGGER", tether.trigger.as_str()),
        ("CAMERA__FOLDER__ARRIVES_WITHIN", "100s"),
    ];
    let daemon = Daemon::starts(data.path(), &settings).await;
    let visitor = daemon.visitor().await;
    visitor.agrees().await;
    let said = asks(data.path(), &settings).await;
    said.is_well("camera", "in use by a visitor");
    said.is_well("photo", "none taken: somebody is at the booth");
    assert!(!tether.was_asked());
    visitor.erases().await;

    // Somebody comes while it is being taken: it is given up.
    let (data, settings) = (
        data.path().to_owned(),
        settings.map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    let asking = tokio::spawn(async move {
        let settings = settings.each_ref().map(|(k, v)| (k.as_str(), v.as_str()));
        asks(&data, &settings).await
    });
    until("the shutter", async || tether.was_asked()).await;
    let late = daemon.visitor().await;
    let said = asking.await.unwrap();
    said.is_well("photo", "given up: somebody has come to the booth");
    late.agrees().await;
    late.photographs(a_photo(1)).await.granted(201);
    daemon.loses_power().await;
}

#[tokio::test]
async fn only_who_may_read_the_data_folder_may_ask_and_only_at_the_kiosks_listener() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let lock = fs::read(booth.data().join("lock")).unwrap();
    let contact: Value = serde_json::from_slice(&lock).unwrap();
    let proof = contact["proof"].as_str().unwrap();
    let asks = |door: &Door| door.post("/api/v1/doctor");
    let bare = asks(&booth.kiosk).answer().await;
    bare.refused(401, "token_invalid");
    for shown in ["", "x", &staff.token, &visitor.token, &proof[1..]] {
        let answer = asks(&booth.kiosk).bearing(shown).answer().await;
        answer.refused(401, "token_invalid");
    }
    let twice = asks(&booth.kiosk).bearing("x").bearing(proof);
    twice.answer().await.refused(401, "token_invalid");
    let public = asks(&booth.public).bearing(proof).answer().await;
    public.refused(404, "not_found");
    let page = asks(&booth.kiosk).bearing(proof);
    let page = page
        .header("origin", "http://elsewhere.example")
        .answer()
        .await;
    assert_eq!(page.status, 403, "{}", page.text());
    let rebound = asks(&booth.kiosk)
        .bearing(proof)
        .header("host", "elsewhere.example");
    assert!(rebound.answer().await.status.is_client_error());

    let report = asks(&booth.kiosk)
        .bearing(proof)
        .answer()
        .await
        .granted(200);
    let names: Vec<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["name"])
        .collect();
    assert!(names.contains(&&json!("photo")), "{names:?}");
    for secret in [
        proof,
        &visitor.id,
        &visitor.token,
        &staff.token,
        &visitor.code,
    ] {
        assert!(!report.to_string().contains(secret));
    }
}
