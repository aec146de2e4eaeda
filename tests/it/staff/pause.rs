//! Taking no new visitors for a while.

use easel::clock::Clock;
use easel::clock::ManualClock;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

use crate::house::{Door, Staff, a_booth, a_photo, text};

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
