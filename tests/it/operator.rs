//! The operator's side: a booth that is set up wrongly says all that is wrong, and does not start;
//! one that is told to stop, stops.

use std::fs;

use crate::house::{Daemon, a_photo, text};

#[tokio::test]
async fn bad_settings_are_all_told_and_nothing_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("easel.toml");
    let faults = "
[booth]
nane = \"Easel\"
locales = [\"fr\"]
[limits]
min_side = 3
upload_bytes = \"lots\"
[printer]
driver = \"ipp\"
";
    fs::write(&file, faults).unwrap();
    let settings = [("BOOTH__IDLE_WARN", "0s"), ("NO__SUCH", "1")];
    let arguments = ["run", "--config", file.to_str().unwrap()];
    let ended = Daemon::asked(&data, &settings, &arguments).await;
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    for fault in [
        "booth.nane",
        "did you mean",
        "booth.locales",
        "limits.min_side = 3",
        "from 16 to 4096",
        "limits.upload_bytes",
        "printer.ipp.uri",
        "booth.idle_warn",
        "EASEL__NO__SUCH",
    ] {
        assert!(said.contains(fault), "nothing of {fault} in {said}");
    }
    assert!(!data.exists(), "nothing was opened");
    assert!(ended.stdout.is_empty());
}

#[tokio::test]
async fn wrong_arguments_are_told() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&["rum"][..], &["run", "--port", "80"], &[]] {
        let ended = Daemon::asked(dir.path(), &[], arguments).await;
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(!ended.stderr.is_empty());
    }
    let missing = dir.path().join("nowhere.toml");
    let arguments = ["run", "--config", missing.to_str().unwrap()];
    let ended = Daemon::asked(dir.path(), &[], &arguments).await;
    assert_eq!(ended.status.code(), Some(2));
}

#[tokio::test]
async fn arguments_go_over_the_file_and_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let (there, here) = (dir.path().join("there"), dir.path().join("here"));
    let arguments = ["run", "--data", here.to_str().unwrap()];
    let daemon = Daemon::starts_with(&there, &[], &arguments).await;
    daemon.visitor().await;
    assert!(here.join("easel.db").exists());
    assert!(!there.exists());
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let settings = [("LISTEN__KIOSK", address.as_str())];
    let ended = Daemon::asked(dir.path(), &settings, &["run"]).await;
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        said.contains("listen.kiosk") && said.contains(&address),
        "{said}"
    );
}

#[tokio::test]
async fn told_to_stop_it_puts_its_work_down_and_takes_it_up_again() {
    let dir = tempfile::tempdir().unwrap();
    let hanging = [
        ("GENERATOR__0__SIZE_PX", "128"),
        ("GENERATOR__0__KIND", "faulty"),
        ("GENERATOR__0__FAULT", "hang"),
    ];
    let mut daemon = Daemon::starts(dir.path(), &hanging).await;
    let mut visitor = daemon.visitor().await;
    visitor.sits(a_photo(1)).await;
    let mut ear = visitor.listens(None).await;
    ear.hears("painting.started").await;
    let ended = daemon.is_told_to_stop().await;
    assert_eq!(ended.code(), Some(0));

    let daemon = Daemon::starts(dir.path(), &hanging[..1]).await;
    visitor.comes_back_to(&daemon.kiosk, &daemon.public);
    let snapshot = visitor.waits().await;
    assert_eq!(text(&snapshot["state"]), "choose");
}
