//! The staff's side: who gets in, what they see, and what their buttons do.

use std::time::Duration;

use easel::clock::{Clock, ManualClock};
use easel::generator::faulty::Fault;
use easel::printer::Driver;
use easel::settings::StyleSettings;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{
    Daemon, Door, Staff, TestBooth, Visitor, a_booth, a_photo, faulty, files_holding, pictures_in,
    sheets, text, until,
};

/// Every route of the staff's that does something.
const ROUTES: [(Method, &str); 16] = [
    (Method::POST, "/renew"),
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

async fn a_ticket(booth: &TestBooth, name: &str) -> (Visitor, Value) {
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], name)
        .await;
    (visitor, ticket)
}

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
async fn a_new_pin_ends_the_renewing_and_settings_go_before_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::starts(dir.path(), &[]).await;
    let pin = daemon.says().await.split_once("PIN ").unwrap().1[..6].to_owned();
    let shift = Staff::knocks(&daemon.kiosk, &pin).await.granted(200);
    let renew = daemon.kiosk.post("/api/v1/staff/renew");
    Daemon::asked(dir.path(), &[], &["staff", "pin"]).await;
    let renewed = renew.bearing(text(&shift["token"])).answer().await;
    renewed.refused(401, "staff_required");

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

#[tokio::test]
async fn one_look_tells_of_every_part() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    for part in ["camera", "printer", "disk", "clock"] {
        assert_eq!(seen[part]["mood"], "well", "{part}: {}", seen[part]);
    }
    assert_eq!(seen["generators"][0]["id"], "embedded-1");
    assert_eq!(seen["printer"]["driver"], "folder");
    assert_eq!(seen["line"]["waiting"], 0);
    assert_eq!(seen["visits"], json!([]));
    drop(booth);
    let none = a_booth().with(|s| s.printer.driver = Driver::None);
    let none = none.open().await;
    let staff = Staff::enters(&none.kiosk).await;
    assert_eq!(staff.looks().await["printer"], Value::Null);
    let test = staff.post("/tests/print").answer().await;
    test.refused(409, "no_printer");
}

#[tokio::test]
async fn figures_count_what_happened_and_outlive_erasure_and_restart() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let (visitor, ticket) = a_ticket(&booth, "Countess Zero").await;
    let print = visitor.orders(&ticket, 3, "a").await.granted(202)["print"].clone();
    visitor.waits_for_print(&print).await;
    visitor.phone().await;
    booth.visitor().await;
    let before = staff.looks().await["today"].clone();
    for (what, n) in [
        ("visits", 2),
        ("photographed", 1),
        ("tickets", 1),
        ("sheets", 3),
        ("phones", 1),
        ("erased", 0),
    ] {
        assert_eq!(before[what], n, "{what} in {before}");
    }
    assert_eq!(before["paintings"].as_array().unwrap().len(), 4);
    assert_eq!(
        before["painted_by"],
        json!([{ "which": "embedded", "n": 4 }])
    );
    assert_eq!(before["waits"]["n"], 4);
    assert!(before["waits"]["longest_ms"].as_u64() >= before["waits"]["mean_ms"].as_u64());

    visitor.erases().await;
    let after = staff.looks().await["today"].clone();
    assert_eq!(after["erased"], 1);
    let mut same = after.clone();
    same["erased"] = json!(0);
    assert_eq!(same, before, "an erasure takes nothing from the day");

    let booth = booth.close().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    assert_eq!(staff.looks().await["today"], after);
    until("the erasure", async || {
        files_holding(&booth.data(), b"Countess Zero").is_empty()
    })
    .await;
}

#[tokio::test]
async fn the_table_is_one_that_spreadsheet_programs_read() {
    let booth = a_booth().open().await;
    a_ticket(&booth, "=HYPERLINK(\"http://x\")").await;
    let staff = Staff::enters(&booth.kiosk).await;
    let answer = staff.ask(Method::GET, "/figures.csv").answer().await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    let text = answer.text();
    let table = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let lines: Vec<Vec<&str>> = table.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(lines.len(), 2);
    let cell = |head: &str| {
        let at = lines[0].iter().position(|h| *h == head).unwrap();
        lines[1][at]
    };
    assert_eq!(
        (cell("visits"), cell("tickets"), cell("sheets")),
        ("1", "1", "0")
    );
    assert_eq!(cell("style: van-gogh"), "1");
    assert!(!text.contains("HYPERLINK"), "nothing of a visitor is in it");
}

#[tokio::test]
async fn a_ticket_is_printed_again_beyond_the_visitors_own_bound() {
    let plan = a_booth().with(|s| s.printer.sheets_per_session = 4);
    let booth = plan.open().await;
    let (visitor, ticket) = a_ticket(&booth, "Ada").await;
    let print = visitor.orders(&ticket, 4, "a").await.granted(202)["print"].clone();
    visitor.waits_for_print(&print).await;
    visitor
        .orders(&ticket, 1, "b")
        .await
        .refused(409, "too_many");

    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    let row = &seen["visits"][0];
    assert_eq!(row["tickets"][0]["name"], "Ada");
    assert_eq!(row["tickets"][0]["number"], ticket["number"]);
    assert!(row["paintings"][0]["thumb"].is_string());
    let path = format!("/visits/{}/prints", visitor.id);
    let wish = json!({ "ticket": ticket["id"] });
    let order = async |key: &str| {
        let ask = staff.post(&path).header("idempotency-key", key);
        ask.json(&wish).answer().await.granted(202)["print"].clone()
    };
    let first = order("s").await;
    assert_eq!(order("s").await["id"], first["id"]);
    visitor.waits_for_print(&first).await;
    assert_eq!(sheets(&booth.data(), "").len(), 5);
    let keyless = staff.post(&path).json(&wish).answer().await;
    keyless.refused(400, "bad_request");
}

#[tokio::test]
async fn what_failed_is_painted_again_and_what_is_erased_is_gone() {
    let broken = faulty(Fault::Fail, &["*"]);
    let plan = a_booth().painted_by([easel::settings::GeneratorSettings {
        faults: Some(4),
        ..broken
    }]);
    let plan = plan.with(|s| {
        s.style
            .iter_mut()
            .for_each(|style: &mut StyleSettings| style.attempts = 1);
    });
    let booth = plan.open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    visitor.waits().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    let failed = seen["visits"][0]["paintings"][0].clone();
    assert_eq!(failed["error"]["code"], "generator_failed");
    assert_eq!(seen["today"]["painting_failures"][0]["n"], 4);
    let retry = format!(
        "/visits/{}/paintings/{}/retry",
        visitor.id,
        text(&failed["id"])
    );
    staff.post(&retry).answer().await.granted(204);
    let done = staff
        .looks_until("the second try", |seen| {
            seen["visits"][0]["paintings"][0]["state"] == "done"
        })
        .await;
    assert_eq!(done["today"]["waits"]["n"], 1);
    staff
        .post(&retry)
        .answer()
        .await
        .refused(409, "wrong_state");

    let path = format!("/visits/{}", visitor.id);
    staff.ask(Method::DELETE, &path).answer().await.granted(204);
    assert_eq!(staff.looks().await["visits"], json!([]));
    until("the erasure", async || {
        pictures_in(&booth.data()).is_empty()
    })
    .await;
    let nobody = staff
        .ask(Method::DELETE, "/visits/not-an-id")
        .answer()
        .await;
    nobody.refused(404, "not_found");
}

#[tokio::test]
async fn a_pause_turns_new_visitors_away_outlives_a_restart_and_ends_by_itself() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let begun = booth.visitor().await;
    begun.agrees().await;
    let staff = Staff::enters(&booth.kiosk).await;
    // People read the clock on the wall, which is somewhere else.
    clock.jump_wall(SignedDuration::from_mins(3));
    let until_at = clock.wall() + SignedDuration::from_mins(20);
    let wish = json!({ "reason": "supplies", "note": "New paper", "until": until_at.to_string() });
    let pause = staff.ask(Method::PUT, "/pause").json(&wish).answer().await;
    assert_eq!(pause.granted(200)["reason"], "supplies");

    let opens = async |door: &Door| {
        door.post("/api/v1/sessions")
            .json(&json!({}))
            .answer()
            .await
    };
    let refused = opens(&booth.kiosk).await;
    refused.refused(503, "paused");
    assert_eq!(refused.retry_after(), 20 * 60);
    begun.photographs(a_photo(1)).await.granted(201);

    let booth = booth.close().open().await;
    opens(&booth.kiosk).await.refused(503, "paused");
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen["pause"]["note"], "New paper");
    let shown: jiff::Timestamp = text(&screen["pause"]["until"]).parse().unwrap();
    assert_eq!(shown.as_second(), until_at.as_second());
    clock.advance(Duration::from_secs(20 * 60));
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen["pause"], Value::Null);
    opens(&booth.kiosk).await.granted(201);
}

#[tokio::test]
async fn a_pause_without_an_end_is_ended_by_hand() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let pause = async |wish: Value| {
        let ask = staff.ask(Method::PUT, "/pause").json(&wish);
        ask.answer().await
    };
    let bad = [
        json!({ "reason": "lunch" }),
        json!({}),
        json!({ "reason": "break", "note": "x".repeat(81) }),
        json!({ "reason": "break", "until": "2001-01-01T00:00:00Z" }),
    ];
    for wish in bad {
        pause(wish).await.refused(422, "invalid");
    }
    pause(json!({ "reason": "break" })).await.granted(200);
    assert_eq!(staff.looks().await["pause"]["until"], Value::Null);
    staff
        .ask(Method::DELETE, "/pause")
        .answer()
        .await
        .granted(204);
    booth.visitor().await;
}

#[tokio::test]
async fn a_test_shot_and_a_test_painting_show_what_came_out_and_keep_nothing() {
    let plan = a_booth().with(|s| s.camera.driver = easel::camera::Driver::Sample);
    let booth = plan.open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let shot = staff.post("/tests/shot").answer().await.granted(200);
    assert!(text(&shot["picture"]).starts_with("data:image/jpeg;base64,"));
    let wish = json!({ "style": "lichtenstein" });
    let ask = staff.post("/generators/embedded-1/test").json(&wish);
    let painted = ask.answer().await.granted(200);
    assert_eq!(
        (&painted["style"], &painted["width"]),
        (&json!("lichtenstein"), &json!(128))
    );
    assert!(pictures_in(&booth.data()).is_empty());
    assert_eq!(staff.looks().await["today"]["paintings"], json!([]));

    let unknown = staff.post("/generators/gpu-9/test").json(&json!({}));
    unknown.answer().await.refused(404, "not_found");
    drop(booth);
    let browser = a_booth().open().await;
    let staff = Staff::enters(&browser.kiosk).await;
    staff
        .post("/tests/shot")
        .answer()
        .await
        .refused(409, "no_camera");
}

#[tokio::test]
async fn a_generator_is_taken_out_of_service_and_put_back() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let turn = async |how: &str, id: &str| {
        let path = format!("/generators/{id}/{how}");
        staff.post(&path).answer().await
    };
    let out = |seen: &Value| seen["generators"][0]["draining"] == true;
    assert!(!out(&staff.looks().await));
    turn("drain", "embedded-1").await.granted(204);
    let seen = staff.looks().await;
    assert!(out(&seen));
    assert_eq!(seen["generators"][0]["mood"], "watch");
    turn("resume", "embedded-1").await.granted(204);
    assert!(!out(&staff.looks().await));
    for how in ["drain", "resume"] {
        turn(how, "gpu-9").await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_test_page_is_one_sheet_of_nobodys() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let page = staff.post("/tests/print").answer().await.granted(202);
    until("the page", async || {
        sheets(&booth.data(), text(&page["order"])).len() == 1
    })
    .await;
    assert_eq!(staff.looks().await["today"]["sheets"], 0);
}

#[tokio::test]
async fn a_rehearsal_plays_a_whole_visit_and_leaves_nothing_but_its_report() {
    let plan = a_booth().with(|s| s.camera.driver = easel::camera::Driver::Sample);
    let booth = plan.open().await;
    let visitor = booth.visitor().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let before = staff.looks().await["today"].clone();
    let wish = json!({ "print": true });
    staff
        .post("/rehearsal")
        .json(&wish)
        .answer()
        .await
        .granted(202);
    let second = staff.post("/rehearsal").json(&wish).answer().await;
    second.refused(409, "wrong_state");
    let over = |seen: &Value| seen["rehearsal"]["ended_at"].is_string();
    let seen = staff.looks_until("the rehearsal", over).await;
    let steps = seen["rehearsal"]["steps"].as_array().unwrap();
    let played: Vec<_> = steps.iter().map(|s| text(&s["what"])).collect();
    assert_eq!(
        played,
        [
            "camera",
            "generator",
            "visit",
            "photo",
            "paintings",
            "ticket",
            "print",
            "phones",
            "erase"
        ]
    );
    for step in steps {
        assert_eq!(step["state"], "fine", "{step}");
    }
    assert_eq!(seen["today"], before, "a rehearsal counts for nothing");
    assert_eq!(seen["visits"], json!([]));
    // The visitor at the screen was not disturbed.
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen["session"]["id"], visitor.id.as_str());
    until("the erasure", async || {
        pictures_in(&booth.data()).is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_rehearsal_names_the_part_that_fails_and_still_cleans_up() {
    let plan = a_booth().painted_by([faulty(Fault::Fail, &["*"])]);
    let plan = plan.with(|s| {
        s.style
            .iter_mut()
            .for_each(|style: &mut StyleSettings| style.attempts = 1);
    });
    let booth = plan.open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    staff
        .post("/rehearsal")
        .json(&json!({}))
        .answer()
        .await
        .granted(202);
    let over = |seen: &Value| seen["rehearsal"]["ended_at"].is_string();
    let seen = staff.looks_until("the rehearsal", over).await;
    let state = |what: &str| {
        let steps = seen["rehearsal"]["steps"].as_array().unwrap();
        let step = steps.iter().find(|s| s["what"] == what).unwrap();
        text(&step["state"]).to_owned()
    };
    // The page has the camera: nobody can release it from here.
    assert_eq!(state("camera"), "skipped");
    assert_eq!(state("generator"), "failed");
    assert_eq!(state("paintings"), "failed");
    assert_eq!(state("ticket"), "skipped");
    assert_eq!(state("phones"), "fine");
    assert_eq!(state("erase"), "fine");
    assert_eq!(seen["today"]["painting_failures"], json!([]));
    until("the erasure", async || {
        pictures_in(&booth.data()).is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_booth_stops_in_the_middle_of_a_rehearsal() {
    let booth = a_booth()
        .painted_by([faulty(Fault::Hang, &["*"])])
        .open()
        .await;
    let staff = Staff::enters(&booth.kiosk).await;
    staff
        .post("/rehearsal")
        .json(&json!({}))
        .answer()
        .await
        .granted(202);
    let hangs = |seen: &Value| seen["rehearsal"]["steps"][1]["state"] == "running";
    staff.looks_until("the painter that hangs", hangs).await;
    let plan = booth.close();
    let booth = plan.open().await;
    let seen = Staff::enters(&booth.kiosk).await.looks().await;
    assert_eq!(seen["visits"], json!([]));
}
