//! Who gets in.

use easel::clock::ManualClock;
use reqwest::Method;
use std::time::Duration;

use crate::house::{Ask, Daemon, Door, Staff, a_booth, files_holding, text};

/// Every route of the staff's that does something.
pub(super) const ROUTES: [(Method, &str); 18] = [
    (Method::POST, "/renew"),
    (Method::POST, "/lock"),
    (Method::GET, "/overview"),
    (Method::PUT, "/pause"),
    (Method::DELETE, "/pause"),
    (Method::POST, "/tests/shot"),
    (Method::POST, "/tests/print"),
    (Method::POST, "/generators/embedded-1/test"),
    (Method::POST, "/generators/embedded-1/drain"),
    (Method::POST, "/generators/embedded-1/resume"),
    (Method::POST, "/printer/roll"),
    (Method::POST, "/rehearsal"),
    (Method::GET, "/figures"),
    (Method::GET, "/figures.csv"),
    (Method::GET, "/visits"),
    (
        Method::DELETE,
        "/visits/01a1fea1-79b9-7542-9f5c-a0edd219f37b",
    ),
    (
        Method::POST,
        "/visits/01a1fea1-79b9-7542-9f5c-a0edd219f37b/prints",
    ),
    (
        Method::POST,
        "/printer/orders/01a1fea1-79b9-7542-9f5c-a0edd219f37b/settle",
    ),
];

#[tokio::test]
async fn without_the_pin_nothing_opens() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let foreign = ["", "x.y.z", visitor.token.as_str(), &staff.token[1..]];
    for (method, below) in ROUTES {
        let path = format!("/api/v1/staff{below}");
        let bare = booth.kiosk.ask(method.clone(), &path).answer().await;
        bare.refused(401, "staff_required");
        for token in foreign {
            let ask = booth.kiosk.ask(method.clone(), &path).bearing(token);
            ask.answer().await.refused(401, "staff_required");
        }
    }
    // Nor does a staff token open a room.
    let path = format!("/api/v1/sessions/{}", visitor.id);
    let ask = booth.kiosk.get(&path).bearing(&staff.token);
    ask.answer().await.refused(401, "token_invalid");
}

#[tokio::test]
async fn strangers_find_no_staff_at_all_unless_settings_say_so() {
    let booth = a_booth().open().await;
    let nothing = async |door: &Door| {
        door.get("/staff").answer().await.refused(404, "not_found");
        Staff::knocks(door, "271828")
            .await
            .refused(404, "not_found");
        for (method, below) in ROUTES {
            let path = format!("/api/v1/staff{below}");
            door.ask(method, &path)
                .answer()
                .await
                .refused(404, "not_found");
        }
    };
    nothing(&booth.public).await;
    drop(booth);
    let open = a_booth().with(|s| s.staff.public = true).open().await;
    Staff::enters(&open.public).await.looks().await;
}

#[tokio::test]
async fn wrong_pins_are_slowed_down_and_the_right_one_is_let_in_after_the_wait() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    for pin in ["000000", "", "2718281828459045"] {
        Staff::knocks(&booth.kiosk, pin)
            .await
            .refused(403, "pin_wrong");
    }
    let early = Staff::knocks(&booth.kiosk, "271828").await;
    early.refused(429, "pin_wait");
    let wait = early.retry_after();
    clock.advance(Duration::from_secs(wait));
    let wrong = Staff::knocks(&booth.kiosk, "271829").await;
    wrong.refused(403, "pin_wrong");
    let longer = wrong.retry_after();
    assert!(longer > wait, "{longer} after {wait}");
    clock.advance(Duration::from_secs(longer));
    Staff::enters(&booth.kiosk).await.looks().await;
    // And a finger may slip again.
    Staff::knocks(&booth.kiosk, "1")
        .await
        .refused(403, "pin_wrong");
    Staff::enters(&booth.kiosk).await;
}

/// How many guesses are looked at of ten that come at once, each with a word of its own about who asks.
async fn guesses_looked_at(door: &Door) -> usize {
    let mut looked_at = 0;
    for n in 0..10 {
        let made_up = match n % 3 {
            0 => format!("127.0.0.{n}"),
            1 => format!("198.51.100.{n}"),
            _ => format!("::ffff:127.1.1.{n}"),
        };
        let typed = serde_json::json!({ "pin": format!("90000{n}") });
        let knock = door.post("/api/v1/staff/enter").json(&typed);
        let answer = knock.header("x-forwarded-for", &made_up).answer().await;
        looked_at += usize::from(answer.status == 403);
    }
    looked_at
}

#[tokio::test]
async fn what_a_header_says_gives_no_guesser_more_tries() {
    // A relay, or a proxy that sets nothing, brings a guesser's headers as they are.
    for named in [false, true] {
        let booth = a_booth().by_the(&ManualClock::default());
        let booth = booth.with(|s| s.staff.public = true);
        let elsewhere = vec!["192.0.2.1".parse().unwrap()];
        let booth = booth.with(|s| s.listen.front_door = if named { elsewhere } else { vec![] });
        let booth = booth.open().await;
        let relay = a_relay_to(&booth.public).await;
        assert_eq!(guesses_looked_at(&relay).await, 3);
        assert_eq!(
            guesses_looked_at(&booth.public).await,
            0,
            "it is the same address"
        );
        // Nor does it keep out whoever stands at the booth.
        Staff::enters(&booth.kiosk).await;
        assert_eq!(guesses_looked_at(&booth.kiosk).await, 3);
    }
}

/// Carries bytes to that door, as `ssh -L`, stunnel and balancers of TCP do.
async fn a_relay_to(door: &Door) -> Door {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = Door::at(format!("http://{}", listener.local_addr().unwrap()));
    let to = door.authority().to_owned();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let mut booth = tokio::net::TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut caller, &mut booth).await;
            });
        }
    });
    relay
}

#[tokio::test]
async fn a_front_door_that_is_named_tells_guessers_from_visitors() {
    let booth = a_booth().by_the(&ManualClock::default());
    let booth = booth.with(|s| s.staff.public = true);
    let booth = booth.with(|s| s.listen.front_door = vec!["127.0.0.1".parse().unwrap()]);
    let booth = booth.open().await;
    let knock = async |who: &str, pin: &str| {
        let typed = serde_json::json!({ "pin": pin });
        let knock = booth.public.post("/api/v1/staff/enter").json(&typed);
        // What comes last is the front door's own word.
        let said = format!("203.0.113.{}, {who}", pin.len());
        knock.header("x-forwarded-for", &said).answer().await
    };
    for pin in ["9", "99", "999"] {
        knock("198.51.100.7", pin).await.refused(403, "pin_wrong");
    }
    knock("198.51.100.7", "9999").await.refused(429, "pin_wait");
    knock("198.51.100.8", "9999")
        .await
        .refused(403, "pin_wrong");
    knock("198.51.100.8", "271828").await.granted(200);
}

#[tokio::test]
async fn a_request_with_two_tokens_bears_none() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let visitor = booth.visitor().await;
    let twice = |ask: Ask, token: &str| ask.bearing(token).header("authorization", "Bearer x.y.z");
    let look = twice(booth.kiosk.get("/api/v1/staff/overview"), &staff.token);
    look.answer().await.refused(401, "staff_required");
    let path = format!("/api/v1/sessions/{}", visitor.id);
    let look = twice(booth.kiosk.get(&path), &visitor.token);
    look.answer().await.refused(401, "token_invalid");
}

#[tokio::test]
async fn guesses_at_the_same_moment_count_one_by_one() {
    let booth = a_booth().by_the(&ManualClock::default()).open().await;
    let guesses = (0..12).map(|n| {
        let (door, pin) = (booth.kiosk.clone(), format!("90000{n}"));
        async move { Staff::knocks(&door, &pin).await.status.as_u16() }
    });
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|status| **status == 403).count();
    assert_eq!(looked_at, 3, "{answers:?}");
}

#[tokio::test]
async fn a_token_ends_unless_it_is_renewed() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let mut staff = Staff::enters(&booth.kiosk).await;
    let first = staff.clone();
    clock.advance(Duration::from_secs(500));
    let shift = staff.post("/renew").answer().await.granted(200);
    staff.token = text(&shift["token"]).to_owned();
    clock.advance(Duration::from_secs(101));
    let old = first.ask(Method::GET, "/overview").answer().await;
    old.refused(401, "staff_required");
    staff.looks().await;
}

#[tokio::test]
async fn the_first_start_says_a_pin_once_and_another_can_be_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    let mut daemon = Daemon::starts(data, &[]).await;
    let said = daemon.says().await;
    let pin = said.split_once("PIN ").unwrap().1[..6].to_owned();
    assert!(said.starts_with("staff http://127.0.0.1:"), "{said}");
    Staff::knocks(&daemon.kiosk, &pin).await.granted(200);

    let made = Daemon::asked(data, &[], &["staff", "pin"]).await;
    assert_eq!(made.status.code(), Some(0));
    let new = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert_eq!(new.len(), 6, "{new}");
    assert_ne!(new, pin);
    Staff::knocks(&daemon.kiosk, &pin)
        .await
        .refused(403, "pin_wrong");
    Staff::knocks(&daemon.kiosk, &new).await.granted(200);
    assert!(
        files_holding(data, new.as_bytes()).is_empty(),
        "it is kept nowhere"
    );
    daemon.is_told_to_stop().await;

    let again = Daemon::starts(data, &[]).await;
    Staff::knocks(&again.kiosk, &new).await.granted(200);
    again.loses_power().await;
}

#[tokio::test]
async fn a_new_pin_ends_what_was_opened_with_the_old_one_and_settings_go_before_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::starts(dir.path(), &[]).await;
    let pin = daemon.says().await.split_once("PIN ").unwrap().1[..6].to_owned();
    let staff = Staff::enters_with(&daemon.kiosk, &pin).await;
    staff.looks().await;
    let made = Daemon::asked(dir.path(), &[], &["staff", "pin"]).await;
    for (method, below) in ROUTES {
        let refused = staff.ask(method, below).answer().await;
        refused.refused(401, "staff_required");
    }
    let new = String::from_utf8(made.stdout).unwrap();
    let anew = Staff::enters_with(&daemon.kiosk, new.trim()).await;
    anew.looks().await;

    let given = [("STAFF__PIN", "314159")];
    let refused = Daemon::asked(dir.path(), &given, &["staff", "pin"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("staff.pin"));
    let shown = Daemon::asked(dir.path(), &given, &["settings"]).await;
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("314159"));
    let bad = Daemon::asked(dir.path(), &[("STAFF__PIN", "123456")], &["run"]).await;
    assert_eq!(bad.status.code(), Some(2));
    let said = String::from_utf8_lossy(&bad.stderr);
    assert!(
        said.contains("staff.pin") && !said.contains("123456"),
        "{said}"
    );
}
