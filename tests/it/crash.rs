//! The power goes. What was acknowledged is there afterwards, and nothing happens twice.

use std::path::Path;

use serde_json::{Value, json};

use crate::house::{Daemon, Visitor, a_face, a_photo, jobs, log_of, sheets, text, until};

const SMALL: (&str, &str) = ("GENERATOR__0__SIZE_PX", "128");
const FAULTY: (&str, &str) = ("GENERATOR__0__KIND", "faulty");
const HANGS: (&str, &str) = ("GENERATOR__0__FAULT", "hang");
const ONE_AT_A_TIME: (&str, &str) = ("GENERATOR__0__SLOTS", "1");

/// The booth is switched on again, and the visitor is still there.
async fn restarts(data: &Path, visitor: &mut Visitor) -> Daemon {
    let daemon = Daemon::starts(data, &[SMALL]).await;
    visitor.comes_back_to(&daemon.kiosk, &daemon.public);
    daemon
}

/// Each painting was hung once, and its picture is there.
async fn painted_once_each(data: &Path, visitor: &Visitor, snapshot: &Value) {
    let log = log_of(data, &visitor.id).await;
    for painting in snapshot["paintings"].as_array().unwrap() {
        assert_eq!(painting["state"], "done", "{painting}");
        let done = log.iter().filter(|event| {
            event["type"] == "painting.done" && event["data"]["painting"] == painting["id"]
        });
        assert_eq!(done.count(), 1, "{painting}");
        assert_eq!(visitor.looks_at(painting).await.status, 200);
    }
    let asked = log
        .iter()
        .filter(|event| event["type"] == "paintings.asked");
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn killed_while_painting_the_visit_finishes_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::starts(dir.path(), &[SMALL, FAULTY, HANGS]).await;
    let mut visitor = daemon.visitor().await;
    let capture = visitor.sits(a_face()).await;
    visitor.listens(None).await.hears("painting.started").await;
    let before = visitor.snapshot().await;
    daemon.loses_power().await;

    let daemon = restarts(dir.path(), &mut visitor).await;
    let screen = daemon
        .kiosk
        .get("/api/v1/kiosk")
        .answer()
        .await
        .granted(200);
    assert_eq!(
        screen["session"]["id"], visitor.id,
        "the screen is where it was"
    );
    let snapshot = visitor.waits().await;
    assert_eq!(snapshot["state"], "choose");
    assert_eq!(snapshot["captures"][0]["id"], capture["id"]);
    assert_eq!(snapshot["consent"], before["consent"]);
    assert_eq!(snapshot["paintings"].as_array().unwrap().len(), 4);
    painted_once_each(dir.path(), &visitor, &snapshot).await;
    assert_eq!(jobs(dir.path()).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_hung_before_the_kill_is_not_painted_again() {
    let dir = tempfile::tempdir().unwrap();
    let slow = [
        SMALL,
        FAULTY,
        ("GENERATOR__0__FAULT", "slow"),
        ("GENERATOR__0__DELAY", "200ms"),
        ONE_AT_A_TIME,
    ];
    let daemon = Daemon::starts(dir.path(), &slow).await;
    let mut visitor = daemon.visitor().await;
    visitor.sits(a_photo(1)).await;
    let mut ear = visitor.listens(None).await;
    let done = ear.hears("painting.done").await.data()["painting"].clone();
    let picture = visitor.looks_at(&done).await.body;
    daemon.loses_power().await;

    let _daemon = restarts(dir.path(), &mut visitor).await;
    let snapshot = visitor.waits().await;
    painted_once_each(dir.path(), &visitor, &snapshot).await;
    let paintings = snapshot["paintings"].as_array().unwrap();
    let same = paintings.iter().find(|p| p["id"] == done["id"]).unwrap();
    assert_eq!(same["by"], "faulty", "painted before the kill");
    assert_eq!(same["settled_at"], done["settled_at"]);
    assert_eq!(visitor.looks_at(same).await.body, picture);
}

#[tokio::test]
async fn killed_again_and_again_it_comes_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let slow = [
        SMALL,
        FAULTY,
        ("GENERATOR__0__FAULT", "slow"),
        ("GENERATOR__0__DELAY", "50ms"),
        ONE_AT_A_TIME,
    ];
    let mut daemon = Daemon::starts(dir.path(), &slow).await;
    let mut visitor = daemon.visitor().await;
    visitor.sits(a_photo(1)).await;
    for _ in 0..4 {
        let last = visitor.snapshot().await["seq"].as_u64();
        let settled = async |visitor: &Visitor| {
            let snapshot = visitor.snapshot().await;
            snapshot["state"] != "painting"
        };
        if settled(&visitor).await {
            break;
        }
        // Whatever happens next, it is the moment to pull the plug.
        visitor.listens(last).await.until(|h| h.id.is_some()).await;
        daemon.loses_power().await;
        daemon = Daemon::starts(dir.path(), &slow).await;
        visitor.comes_back_to(&daemon.kiosk, &daemon.public);
    }
    let snapshot = visitor.waits().await;
    assert_eq!(snapshot["state"], "choose", "{snapshot}");
    painted_once_each(dir.path(), &visitor, &snapshot).await;
}

#[tokio::test]
async fn what_was_acknowledged_a_moment_before_the_kill_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::starts(dir.path(), &[SMALL, FAULTY, HANGS]).await;
    let mut visitor = daemon.visitor().await;
    let again = async |daemon: Daemon, visitor: &mut Visitor| {
        daemon.loses_power().await;
        let daemon = Daemon::starts(dir.path(), &[SMALL, FAULTY, HANGS]).await;
        visitor.comes_back_to(&daemon.kiosk, &daemon.public);
        let snapshot = visitor.snapshot().await;
        (daemon, snapshot)
    };
    let mut snapshot;
    (daemon, snapshot) = again(daemon, &mut visitor).await;
    assert_eq!(snapshot["state"], "consent");

    visitor.agrees().await;
    (daemon, snapshot) = again(daemon, &mut visitor).await;
    assert_eq!(snapshot["state"], "capture");

    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    (daemon, snapshot) = again(daemon, &mut visitor).await;
    let kept = &snapshot["captures"][0];
    assert_eq!(kept["id"], capture["id"]);
    for picture in [kept, &kept["thumb"], &kept["screen"]] {
        let seen = visitor.looks_at(picture).await;
        let bytes = picture["bytes"].as_u64().unwrap();
        assert_eq!((seen.status.as_u16(), seen.body.len() as u64), (200, bytes));
    }

    let asked = visitor
        .wants(&capture, json!({ "seed": 5 }))
        .await
        .granted(202);
    (daemon, snapshot) = again(daemon, &mut visitor).await;
    let ids = |paintings: &Value| -> Vec<String> {
        let paintings = paintings["paintings"].as_array().unwrap().iter();
        paintings.map(|p| text(&p["id"]).to_owned()).collect()
    };
    assert_eq!(ids(&snapshot), ids(&asked));

    let phone = visitor.phone().await;
    (daemon, snapshot) = again(daemon, &mut visitor).await;
    assert_eq!(snapshot["phones"], 1);
    let mut phone = phone;
    phone.comes_back_to(&daemon.public, &daemon.public);
    assert_eq!(phone.snapshot().await["id"], snapshot["id"]);

    visitor.erases().await;
    daemon.loses_power().await;
    let daemon = restarts(dir.path(), &mut visitor).await;
    visitor.get("").answer().await.refused(410, "erased");
    let folder = dir.path().join("pictures").join(&visitor.id);
    until("the erasure", async || !folder.exists()).await;
    drop(daemon);
}

#[tokio::test]
async fn sheets_on_paper_are_sheets_ordered_whenever_it_loses_power() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::starts(dir.path(), &[SMALL]).await;
    let mut visitor = daemon.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Ada")
        .await;
    let mut orders = Vec::new();
    for (key, copies) in [("one", 1), ("three", 3), ("two", 2), ("four", 4)] {
        let ordered = visitor.orders(&ticket, copies, key).await.granted(202);
        daemon.loses_power().await;
        daemon = restarts(dir.path(), &mut visitor).await;
        // The finger that got no answer taps again.
        let again = visitor.orders(&ticket, copies, key).await.granted(202);
        assert_eq!(again["print"]["id"], ordered["print"]["id"]);
        orders.push((ordered["print"].clone(), copies));
    }
    for (print, copies) in orders {
        visitor.waits_for_print(&print).await;
        let sheets = sheets(dir.path(), text(&print["id"]));
        assert_eq!(sheets.len(), copies as usize, "{print}");
    }
    assert_eq!(sheets(dir.path(), "").len(), 10);
    let log = log_of(dir.path(), &visitor.id).await;
    let done = log.iter().filter(|event| event["type"] == "print.done");
    assert_eq!(done.count(), 4);
}

#[tokio::test]
async fn two_daemons_never_share_a_record() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::starts(dir.path(), &[SMALL]).await;
    let second = Daemon::asked(dir.path(), &[SMALL], &["run"]).await;
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("another easel already runs"), "{said}");
    daemon.visitor().await.agrees().await;
}
