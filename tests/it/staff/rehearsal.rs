//! Playing a whole visit.

use easel::generator::StyleSettings;
use easel::generator::faulty::Fault;
use serde_json::Value;
use serde_json::json;

use crate::house::{Staff, a_booth, faulty, pictures_in, text, until};

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
        s.pool.stand_in = false;
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
