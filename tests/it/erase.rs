//! Erased means gone: rows, files, sheets, the database's log, and every link.

use std::path::Path;

use easel::generator::faulty::Fault;
use easel::units::Span;
use serde_json::{Value, json};

use crate::house::{
    HalfUpload, TestBooth, Visitor, a_booth, a_face, a_photo, embedded, faulty, files_holding,
    log_of, pictures_in, text, until,
};

const NAME: &str = "안나 Пётр Ødegård";

/// A visit that leaves traces wherever a visit can.
async fn a_full_visit(booth: &TestBooth) -> (Visitor, Value) {
    let visitor = booth.visitor().await;
    visitor.phone().await.sits(a_face()).await;
    let snapshot = visitor.waits().await;
    let wish = json!({
        "painting": snapshot["paintings"][0]["id"], "name": NAME, "message": "Liebe Grüße",
    });
    let answer = visitor.post("/tickets").json(&wish).answer().await;
    let ticket = answer.granted(201)["ticket"].clone();
    let ordered = visitor.orders(&ticket, 2, "k").await.granted(202);
    visitor.waits_for_print(&ordered["print"]).await;
    let snapshot = visitor.snapshot().await;
    (visitor, snapshot)
}

/// Nothing of the visit stands anywhere under `data`.
fn is_clean(data: &Path, words: &[&str]) -> bool {
    pictures_in(data).is_empty()
        && words
            .iter()
            .all(|word| files_holding(data, word.as_bytes()).is_empty())
}

#[tokio::test]
async fn no_byte_of_an_erased_visitor_is_left() {
    let booth = a_booth().open().await;
    let (visitor, snapshot) = a_full_visit(&booth).await;
    let (data, painting) = (booth.data(), text(&snapshot["paintings"][0]["id"]));
    let words = [NAME, "Liebe Grüße", painting];
    for word in words {
        assert!(!files_holding(&data, word.as_bytes()).is_empty(), "{word}");
    }
    assert!(pictures_in(&data).len() > 10);

    visitor.erases().await;
    until("the erasure", async || is_clean(&data, &words)).await;
    assert_eq!(log_of(&data, &visitor.id).await, Vec::<Value>::new());
    // Nor does it come back.
    let booth = booth.close().open().await;
    assert!(is_clean(&data, &words));
    drop(booth);
    assert!(is_clean(&data, &words));
}

#[tokio::test]
async fn whoever_asks_for_an_erased_visit_is_told_when_it_was() {
    let booth = a_booth().open().await;
    let (visitor, snapshot) = a_full_visit(&booth).await;
    let phone = visitor
        .joins_by_phone(Some(&visitor.claim))
        .await
        .granted(200);
    visitor.erases().await;

    let problem = visitor.get("").answer().await.refused(410, "erased");
    let erased_at = text(&problem["erased_at"]);
    assert!(erased_at.ends_with('Z'), "{erased_at}");
    visitor.photographs(a_photo(1)).await.refused(410, "erased");
    visitor.get("/events").answer().await.refused(410, "erased");
    let mut other = visitor.clone();
    other.token = text(&phone["token"]).to_owned();
    other.get("").answer().await.refused(410, "erased");
    visitor
        .joins_by_phone(Some(&visitor.claim))
        .await
        .refused(410, "erased");

    let ticket = &snapshot["tickets"][0]["formats"];
    for picture in [
        &snapshot["captures"][0],
        &snapshot["captures"][0]["thumb"],
        &snapshot["paintings"][2],
        &snapshot["paintings"][2]["thumb"],
        &ticket["phone"],
        &ticket["print"],
        &ticket["pdf"],
    ] {
        visitor.looks_at(picture).await.refused(410, "gone");
    }
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen.get("session"), None);
    // A second wish to be forgotten finds nothing left to forget.
    let path = format!("/api/v1/sessions/{}", visitor.id);
    let again = booth.kiosk.ask(reqwest::Method::DELETE, &path);
    let again = again.bearing(&visitor.token).answer().await;
    again.refused(410, "erased");
}

#[tokio::test]
async fn erasing_one_visit_leaves_the_next_alone() {
    let booth = a_booth().open().await;
    let (erased, stays) = (booth.visitor().await, booth.visitor().await);
    erased.sits(a_photo(1)).await;
    stays.sits(a_photo(2)).await;
    erased.waits().await;
    let snapshot = stays.waits().await;
    let ticket = stays
        .takes_a_ticket(&snapshot["paintings"][0], "Stays")
        .await;
    erased.erases().await;
    let folder = booth.data().join("pictures").join(&erased.id);
    until("the erasure", async || !folder.exists()).await;
    assert_eq!(stays.looks_at(&ticket["formats"]["pdf"]).await.status, 200);
    for painting in snapshot["paintings"].as_array().unwrap() {
        assert_eq!(stays.looks_at(painting).await.status, 200);
    }
}

#[tokio::test]
async fn a_visit_erased_in_the_middle_of_painting_leaves_nothing() {
    let mut late = faulty(Fault::Slow, &["picasso", "renoir"]);
    late.delay = Some(Span::millis(200));
    let booth = a_booth()
        .painted_by([late, embedded(&["van-gogh", "lichtenstein"])])
        .open()
        .await;
    let data = booth.data();
    for _ in 0..4 {
        let visitor = booth.visitor().await;
        visitor.sits(a_photo(1)).await;
        visitor.listens(None).await.hears("painting.done").await;
        visitor.erases().await;
        until("the erasure", async || is_clean(&data, &[])).await;
    }
    // What was in hand when they left has come to its end too: nothing was kept of it.
    let booth = booth.close().open().await;
    assert!(is_clean(&data, &[]));
    drop(booth);
}

#[tokio::test]
async fn a_photo_that_arrives_after_the_erasure_is_not_kept() {
    let booth = a_booth().open().await;
    let (visitor, data) = (booth.visitor().await, booth.data());
    visitor.agrees().await;
    let upload = HalfUpload::begins(&visitor, a_photo(1)).await;
    visitor.erases().await;
    until("the erasure", async || {
        log_of(&data, &visitor.id).await.is_empty()
    })
    .await;
    let answer = upload.ends().await;
    assert!(answer.starts_with("HTTP/1.1 410 "), "{answer}");
    assert!(answer.contains("\"erased\""), "{answer}");
    assert_eq!(pictures_in(&data), Vec::<std::path::PathBuf>::new());
}
