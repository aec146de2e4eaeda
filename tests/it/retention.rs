//! What is kept, for how long, and by which clock.

use std::time::Duration;

use easel::clock::{Clock, ManualClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::house::{
    Answer, TestBooth, Visitor, a_booth, a_photo, files_holding, pictures_in, until,
};

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

async fn a_full_visit(booth: &TestBooth) -> (Visitor, Value) {
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Keepsake")
        .await;
    let snapshot = visitor.snapshot().await;
    (visitor, snapshot)
}

/// Waits until the booth has looked for things to delete at the clock's present time: someone
/// else erases, and is seen to be gone.
async fn the_broom_has_passed(booth: &TestBooth, clock: &ManualClock) {
    let passer_by = booth.visitor().await;
    passer_by.agrees().await;
    passer_by.photographs(a_photo(99)).await.granted(201);
    let folder = booth.data().join("pictures").join(&passer_by.id);
    assert!(folder.exists());
    passer_by.erases().await;
    until("the broom", async || {
        // The broom may have been about to rest when the clock moved.
        clock.advance(Duration::from_millis(1));
        !folder.exists()
    })
    .await;
}

/// The files of one visit.
fn files(booth: &TestBooth, visitor: &Visitor) -> usize {
    let folder = booth.data().join("pictures").join(&visitor.id);
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

async fn sees(visitor: &Visitor, picture: &Value) -> Answer {
    visitor.looks_at(picture).await
}

#[tokio::test]
async fn photos_go_after_a_day_and_everything_after_three() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let (visitor, _) = a_full_visit(&booth).await;
    let all = files(&booth, &visitor);

    clock.advance(24 * HOUR - MINUTE);
    the_broom_has_passed(&booth, &clock).await;
    assert_eq!(files(&booth, &visitor), all, "a minute too early");
    let snapshot = visitor.snapshot().await;
    assert_eq!(sees(&visitor, &snapshot["captures"][0]).await.status, 200);

    clock.advance(MINUTE);
    until("the end of the photo", async || {
        clock.advance(Duration::from_millis(1));
        files(&booth, &visitor) == all - 4
    })
    .await;
    let later = visitor.snapshot().await;
    assert_eq!(later["captures"], Value::Array(Vec::new()));
    sees(&visitor, &snapshot["captures"][0])
        .await
        .refused(410, "gone");
    for painting in later["paintings"].as_array().unwrap() {
        assert_eq!(sees(&visitor, painting).await.status, 200);
    }
    let repainted = visitor.wants(&snapshot["captures"][0], serde_json::json!({}));
    repainted.await.refused(409, "wrong_state");
    // The ticket can still be had.
    visitor.takes_a_ticket(&later["paintings"][1], "Late").await;

    clock.advance(48 * HOUR - 2 * MINUTE);
    the_broom_has_passed(&booth, &clock).await;
    let late = visitor.snapshot().await;
    let ticket = &late["tickets"][0]["formats"]["pdf"];
    assert_eq!(sees(&visitor, ticket).await.status, 200);

    clock.advance(2 * MINUTE);
    let data = booth.data();
    until("the end of the visit", async || {
        // A second later it is tried again, should a reader have been in the way; looking through
        // all files takes a while itself.
        clock.advance(Duration::from_millis(100));
        pictures_in(&data).is_empty() && files_holding(&data, b"Keepsake").is_empty()
    })
    .await;
    assert_eq!(files(&booth, &visitor), 0);
    visitor.get("").answer().await.refused(401, "token_invalid");
    visitor.joins_by_phone(None).await.refused(410, "expired");
    sees(&visitor, ticket).await.refused(410, "gone");
}

#[tokio::test]
async fn a_wall_clock_that_jumps_ahead_deletes_nothing() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let (visitor, snapshot) = a_full_visit(&booth).await;
    let all = files(&booth, &visitor);
    clock.jump_wall(SignedDuration::from_hours(24 * 365));
    clock.advance(MINUTE);
    the_broom_has_passed(&booth, &clock).await;
    assert_eq!(files(&booth, &visitor), all);
    let now = visitor.snapshot().await;
    assert_eq!(now["expires_at"], snapshot["expires_at"]);
    assert_eq!(sees(&visitor, &snapshot["captures"][0]).await.status, 200);
    visitor.phone().await;
}

#[tokio::test]
async fn a_wall_clock_that_jumps_back_revives_nothing() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let (visitor, snapshot) = a_full_visit(&booth).await;
    clock.advance(73 * HOUR);
    clock.jump_wall(SignedDuration::from_hours(-24 * 365));
    visitor.get("").answer().await.refused(401, "token_invalid");
    sees(&visitor, &snapshot["captures"][0])
        .await
        .refused(410, "gone");
    visitor.joins_by_phone(None).await.refused(410, "expired");
}

#[tokio::test]
async fn after_a_long_time_without_power_nothing_is_deleted_for_an_hour() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let (visitor, _) = a_full_visit(&booth).await;
    let all = files(&booth, &visitor);
    let plan = booth.close();

    // Four days later, or so the machine says.
    let later: Timestamp = clock.now() + SignedDuration::from_hours(96);
    let clock = ManualClock::new(later);
    let booth = plan.by_the(&clock).open().await;
    // The screen does not go on with it, and may be told to let it go.
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen.get("session"), None);
    let handover = format!("/api/v1/sessions/{}/handover", visitor.id);
    booth.kiosk.post(&handover).answer().await.granted(204);
    the_broom_has_passed(&booth, &clock).await;
    assert_eq!(files(&booth, &visitor), all, "the date may be wrong");
    let mut back = visitor.clone();
    back.comes_back_to(&booth.kiosk, &booth.public);
    back.get("").answer().await.refused(401, "token_invalid");

    clock.advance(HOUR);
    until("the end of the visit", async || {
        clock.advance(Duration::from_secs(1));
        files(&booth, &visitor) == 0
    })
    .await;
}

#[tokio::test]
async fn a_visit_left_without_a_photo_is_over_after_a_while() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let handover = format!("/api/v1/sessions/{}/handover", visitor.id);
    booth.kiosk.post(&handover).answer().await.granted(204);
    let mut ear = visitor.listens(None).await;
    ear.hears("session.handed_over").await;
    let ticking = async {
        loop {
            clock.advance(10 * Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = ear.hears("session.ended") => {}
        () = ticking => {}
    }
    assert!(clock.monotonic() >= 10 * MINUTE, "too early");
    assert_eq!(visitor.snapshot().await["state"], "ended");
}
