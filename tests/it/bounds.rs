//! How much the booth takes on at once. Beyond it, it says so and when to come back.

use std::sync::mpsc;

use easel::generator::faulty::Fault;
use futures::future::{Either, select};
use serde_json::json;
use tokio::sync::oneshot;

use crate::house::{HalfUpload, a_booth, a_photo, faulty, in_time};

#[tokio::test]
async fn so_many_visits_are_open_at_once() {
    let booth = a_booth()
        .with(|settings| settings.limits.open_sessions = 2)
        .open()
        .await;
    let first = booth.visitor().await;
    let second = booth.visitor().await;
    let third = booth.kiosk.post("/api/v1/sessions").answer().await;
    third.refused(503, "busy");
    third.retry_after();
    // Who was turned away has not taken the screen from whoever has it.
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen["session"]["id"], second.id);

    first.post("/end").answer().await.granted(204);
    booth.visitor().await;
}

#[tokio::test]
async fn visits_that_wait_for_paintings_are_open_and_those_that_do_not_are_not() {
    let booth = a_booth()
        .painted_by([faulty(Fault::Hang, &["*"])])
        .with(|settings| settings.limits.open_sessions = 1)
        .leaving_work()
        .open()
        .await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let handover = format!("/api/v1/sessions/{}/handover", visitor.id);
    booth.kiosk.post(&handover).answer().await.granted(204);
    let next = booth.kiosk.post("/api/v1/sessions").answer().await;
    next.refused(503, "busy");
    visitor.photographs(a_photo(2)).await.granted(201);
    booth.visitor().await;
}

#[tokio::test]
async fn so_many_photos_are_on_their_way_in_at_once() {
    let booth = a_booth().open().await;
    let mut uploads = Vec::new();
    for _ in 0..11 {
        let visitor = booth.visitor().await;
        visitor.agrees().await;
        let phone = visitor.phone().await;
        uploads.push(HalfUpload::begins(&phone, a_photo(1)).await);
        uploads.push(HalfUpload::begins(&phone, a_photo(2)).await);
        // One room has no more than its share.
        phone.photographs(a_photo(3)).await.refused(503, "busy");
    }
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let phone = visitor.phone().await;
    let refused = phone.photographs(a_photo(4)).await;
    refused.refused(503, "busy");
    refused.retry_after();
    // Nothing else of the booth waits for them, and the kiosk least of all.
    phone.snapshot().await;
    visitor.photographs(a_photo(5)).await.granted(201);

    let done = uploads.pop().unwrap().ends().await;
    assert!(done.starts_with("HTTP/1.1 201 "), "{done}");
    phone.photographs(a_photo(6)).await.granted(201);
}

#[tokio::test]
async fn a_full_darkroom_says_so() {
    let booth = a_booth()
        .with(|settings| (settings.imaging.running, settings.imaging.waiting) = (1, 0))
        .with_blocking_threads(1)
        .open()
        .await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    // The only thread on which pictures are worked on is kept busy: who is let into the darkroom
    // stays there.
    let (begun, has_begun) = oneshot::channel();
    let (release, released) = mpsc::channel::<()>();
    let busy = booth.runtime().spawn_blocking(move || {
        let _ = begun.send(());
        let _ = released.recv();
    });
    in_time("the thread", has_begun).await.unwrap();

    let one = std::pin::pin!(visitor.photographs(a_photo(1)));
    let other = std::pin::pin!(visitor.photographs(a_photo(2)));
    let (refused, inside) = match in_time("a refusal", select(one, other)).await {
        Either::Left((refused, inside)) => (refused, Either::Left(inside)),
        Either::Right((refused, inside)) => (refused, Either::Right(inside)),
    };
    refused.refused(503, "busy");
    refused.retry_after();
    release.send(()).unwrap();
    busy.await.unwrap();
    in_time("the photo", inside).await.granted(201);
    visitor.photographs(a_photo(3)).await.granted(201);
}

#[tokio::test]
async fn a_room_holds_so_many_phones() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    for _ in 0..24 {
        visitor
            .joins_by_phone(Some(&visitor.claim))
            .await
            .granted(200);
    }
    let answer = visitor.joins_by_phone(Some(&visitor.claim)).await;
    answer.refused(409, "too_many");
}

#[tokio::test]
async fn a_visit_asks_for_so_many_paintings() {
    let mut hanging = faulty(Fault::Hang, &["*"]);
    hanging.slots = 1;
    let booth = a_booth().painted_by([hanging]).leaving_work().open().await;
    let visitor = booth.visitor().await;
    let capture = visitor.sits(a_photo(1)).await;
    for seed in 1..12 {
        let wish = json!({ "seed": seed });
        visitor.wants(&capture, wish).await.granted(202);
    }
    let answer = visitor.wants(&capture, json!({ "seed": 12 })).await;
    answer.refused(409, "too_many");
    let snapshot = visitor.snapshot().await;
    assert_eq!(snapshot["paintings"].as_array().unwrap().len(), 48);
}
