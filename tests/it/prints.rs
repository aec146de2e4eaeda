//! Ordering sheets.

use easel::printer::Driver;
use serde_json::{Value, json};

use crate::house::{TestBooth, Visitor, a_booth, a_photo, sheets, text};

async fn a_ticket(booth: &TestBooth) -> (Visitor, Value) {
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    let one = json!({ "styles": ["lichtenstein"] });
    visitor.wants(&capture, one).await.granted(202);
    let snapshot = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Ada")
        .await;
    (visitor, ticket)
}

#[tokio::test]
async fn the_same_key_prints_once() {
    let booth = a_booth().open().await;
    let (visitor, ticket) = a_ticket(&booth).await;
    let taps = (0..6).map(|_| visitor.orders(&ticket, 2, "one order"));
    let answers = futures::future::join_all(taps).await;
    let first = answers[0].granted(202)["print"].clone();
    for answer in &answers {
        assert_eq!(answer.granted(202)["print"]["id"], first["id"]);
    }
    visitor.waits_for_print(&first).await;
    let after = visitor.orders(&ticket, 2, "one order").await.granted(202);
    assert_eq!(after["print"]["id"], first["id"]);
    assert_eq!(after["print"]["state"], "done");
    assert_eq!(sheets(&booth.data(), text(&first["id"])).len(), 2);
    assert_eq!(sheets(&booth.data(), "").len(), 2, "no other order");
    assert_eq!(
        visitor.snapshot().await["prints"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_key_stands_for_one_order() {
    let booth = a_booth().open().await;
    let (visitor, ticket) = a_ticket(&booth).await;
    let first = visitor.orders(&ticket, 1, "a").await.granted(202);
    visitor
        .orders(&ticket, 2, "a")
        .await
        .refused(422, "invalid");
    let second = visitor.orders(&ticket, 2, "b").await.granted(202);
    for ordered in [&first, &second] {
        visitor.waits_for_print(&ordered["print"]).await;
    }
    assert_eq!(sheets(&booth.data(), "").len(), 3);
}

#[tokio::test]
async fn an_order_without_a_key_or_beyond_measure_is_refused() {
    let booth = a_booth().open().await;
    let (visitor, ticket) = a_ticket(&booth).await;
    let wish = json!({ "ticket": ticket["id"], "copies": 1 });
    let keyless = visitor.post("/prints").json(&wish).answer().await;
    keyless.refused(400, "bad_request");
    for copies in [0, 5] {
        let refused = visitor.orders(&ticket, copies, "k").await;
        refused.refused(422, "invalid");
    }
    let unknown = json!({ "id": "no ticket" });
    visitor
        .orders(&unknown, 1, "k")
        .await
        .refused(404, "not_found");

    // Twelve sheets a visit, in orders of four.
    for key in ["1", "2", "3"] {
        let ordered = visitor.orders(&ticket, 4, key).await.granted(202);
        visitor.waits_for_print(&ordered["print"]).await;
    }
    visitor
        .orders(&ticket, 1, "4")
        .await
        .refused(409, "too_many");
    assert_eq!(sheets(&booth.data(), "").len(), 12);
}

#[tokio::test]
async fn a_booth_without_a_printer_says_so() {
    let booth = a_booth()
        .with(|settings| settings.printer.driver = Driver::None)
        .open()
        .await;
    let (visitor, ticket) = a_ticket(&booth).await;
    visitor
        .orders(&ticket, 1, "k")
        .await
        .refused(409, "no_printer");
    assert_eq!(
        visitor.looks_at(&ticket["formats"]["pdf"]).await.status,
        200
    );
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen["booth"]["printer"]["prints"], false);
}

#[tokio::test]
async fn tickets_are_numbered_and_made_of_finished_paintings_only() {
    let booth = a_booth().open().await;
    let (first, ticket) = a_ticket(&booth).await;
    let (_, other) = a_ticket(&booth).await;
    assert_eq!(ticket["number"], 1);
    assert_eq!(other["number"], 2);
    let unknown = json!({ "painting": "none" });
    let answer = first.post("/tickets").json(&unknown).answer().await;
    answer.refused(404, "not_found");

    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let answer = visitor.post("/tickets").json(&unknown).answer().await;
    answer.refused(404, "not_found");
}
