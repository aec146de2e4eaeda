//! What the daemon writes down: never who was there, nor what opens anything.

use reqwest::Method;
use serde_json::json;

use crate::house::{Daemon, Polling, Staff, a_photo, text};

#[tokio::test]
async fn what_is_refused_for_a_good_reason_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut daemon = Daemon::starts_logging(&dir.path().join("data"), &[], &log).await;
    let said = daemon.says().await;
    let pin = &said.split_once("PIN ").unwrap().1[..6];
    let staff = Staff::enters_with(&daemon.kiosk, pin).await;
    let rest = json!({ "reason": "supplies", "note": "Paper" });
    let pause = staff.ask(Method::PUT, "/pause").json(&rest);
    pause.answer().await.granted(200);
    let touch = daemon.kiosk.post("/api/v1/sessions").json(&json!({}));
    touch.answer().await.refused(503, "paused");
    daemon.is_told_to_stop().await;
    let log = std::fs::read_to_string(&log).unwrap();
    let error = log.lines().find(|line| line.contains("ERROR"));
    assert_eq!(error, None);
}

#[tokio::test]
async fn no_level_writes_down_a_name_a_token_or_a_link() {
    for level in ["trace", "info,hyper=trace,socketioxide=debug,sqlx=trace"] {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let settings = [("LOG__LEVEL", level), ("GENERATOR__0__SIZE_PX", "128")];
        let mut daemon = Daemon::starts_logging(&dir.path().join("data"), &settings, &log).await;
        let said = daemon.says().await;
        let pin = said.split_once("PIN ").unwrap().1[..6].to_owned();

        let visitor = daemon.visitor().await;
        let phone = visitor.phone().await;
        phone.sits(a_photo(1)).await;
        let snapshot = phone.waits().await;
        let painting = &snapshot["paintings"][0];
        let ticket = phone.takes_a_ticket(painting, "Wilhelmine").await;
        assert_eq!(phone.looks_at(painting).await.status, 200);
        let (told, snapshot) = Polling::joins(&phone, None).await.hears().await;
        assert_eq!(
            (&*told, text(&snapshot["tickets"][0]["name"])),
            ("snapshot", "Wilhelmine")
        );
        let staff = Staff::enters_with(&daemon.kiosk, &pin).await;
        staff.looks().await;
        daemon.is_told_to_stop().await;

        let log = std::fs::read_to_string(&log).unwrap();
        assert!(log.contains("stopping"), "{level}: {log}");
        let asked = log.contains("a request was answered");
        assert_eq!(asked, level == "trace", "our own lines go by the level");
        let secrets = [
            "Wilhelmine",
            "&s=",
            &pin,
            &visitor.code,
            &visitor.token,
            &phone.token,
            &staff.token,
            text(&painting["url"]),
            text(&ticket["formats"]["phone"]["url"]),
        ];
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{level}");
        }
    }
}
