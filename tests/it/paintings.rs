//! Asking for paintings: styles, seeds, retakes.

use easel::generator::faulty::Fault;
use serde_json::{Value, json};

use crate::house::{SOURCE, a_booth, a_photo, by_style, faulty, holds, text};

fn styles(paintings: &Value) -> Vec<&str> {
    let paintings = paintings.as_array().unwrap();
    paintings.iter().map(|p| text(&p["style"])).collect()
}

#[tokio::test]
async fn only_the_styles_asked_for_are_painted() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    let two = json!({ "styles": ["van-gogh", "picasso"] });
    let asked = visitor.wants(&capture, two).await.granted(202);
    assert_eq!(styles(&asked["paintings"]), ["van-gogh", "picasso"]);
    let snapshot = visitor.waits().await;
    assert_eq!(styles(&snapshot["paintings"]), ["van-gogh", "picasso"]);
    assert_eq!(snapshot["state"], "choose");
}

#[tokio::test]
async fn an_unknown_style_is_refused_whole() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    for wish in [
        json!({ "styles": ["van-gogh", "dali"] }),
        json!({ "styles": [] }),
        json!({ "styles": ["picasso", "picasso"] }),
        json!({ "styles": "picasso" }),
        json!({ "seed": -1 }),
        json!({ "size": 4096 }),
    ] {
        visitor.wants(&capture, wish).await.refused(422, "invalid");
    }
    assert_eq!(visitor.snapshot().await["paintings"], json!([]));
}

#[tokio::test]
async fn the_same_seed_is_the_same_painting_and_another_seed_another() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    let with_seed = |seed: u32| json!({ "styles": ["van-gogh"], "seed": seed });
    let first = visitor.wants(&capture, with_seed(7)).await.granted(202);
    visitor.waits().await;
    let same = visitor.wants(&capture, with_seed(7)).await.granted(202);
    assert_eq!(same["paintings"][0]["id"], first["paintings"][0]["id"]);
    let other = visitor.wants(&capture, with_seed(8)).await.granted(202);
    assert_ne!(other["paintings"][0]["id"], first["paintings"][0]["id"]);

    let snapshot = visitor.waits().await;
    let paintings = snapshot["paintings"].as_array().unwrap();
    assert_eq!(paintings.len(), 2);
    let seeds: Vec<_> = paintings.iter().map(|p| p["seed"].as_u64()).collect();
    assert_eq!(seeds, [Some(7), Some(8)]);
    let seven = visitor.looks_at(&paintings[0]).await.body;
    let eight = visitor.looks_at(&paintings[1]).await.body;
    assert_ne!(seven, eight);
}

#[tokio::test]
async fn the_same_photo_and_seed_give_the_same_picture_in_another_visit() {
    let booth = a_booth().open().await;
    let mut pictures = Vec::new();
    for _ in 0..2 {
        let visitor = booth.visitor().await;
        visitor.agrees().await;
        let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
        let wish = json!({ "seed": 20 });
        visitor.wants(&capture, wish).await.granted(202);
        let snapshot = visitor.waits().await;
        for painting in snapshot["paintings"].as_array().unwrap() {
            pictures.push(visitor.looks_at(painting).await.body);
        }
    }
    assert_eq!(pictures[..4], pictures[4..]);
}

#[tokio::test]
async fn an_impatient_finger_asks_once() {
    let booth = a_booth()
        .painted_by([faulty(Fault::Hang, &["*"])])
        .leaving_work()
        .open()
        .await;
    let visitor = booth.visitor().await;
    let capture = visitor.sits(a_photo(1)).await;
    let again = visitor.wants(&capture, json!({})).await.granted(202);
    let snapshot = visitor.snapshot().await;
    assert_eq!(snapshot["paintings"].as_array().unwrap().len(), 4);
    for style in styles(&again["paintings"]) {
        let asked = again["paintings"].as_array().unwrap();
        let known = asked.iter().find(|p| p["style"] == style).unwrap();
        assert_eq!(by_style(&snapshot, style)["id"], known["id"]);
    }
}

#[tokio::test]
async fn a_retake_cancels_what_was_painted_of_the_first_photo() {
    let mut hanging = faulty(Fault::Hang, &["*"]);
    // Two hang when the retake comes; what is painted after it goes well.
    (hanging.slots, hanging.faults) = (2, Some(2));
    let booth = a_booth().painted_by([hanging]).open().await;
    let visitor = booth.visitor().await;
    let first = visitor.sits(a_photo(1)).await;
    let mut ear = visitor.listens(None).await;
    visitor.is_painted(2).await;

    let second = visitor.photographs(a_photo(200)).await.granted(201)["capture"].clone();
    for _ in 0..4 {
        ear.hears("painting.cancelled").await;
    }
    ear.hears("capture.taken").await;
    let stale = visitor.wants(&first, json!({})).await;
    stale.refused(409, "wrong_state");
    visitor.wants(&second, json!({})).await.granted(202);

    let snapshot = visitor.waits().await;
    let captures = snapshot["captures"].as_array().unwrap().iter();
    let currents: Vec<_> = captures.map(|c| c["current"].as_bool().unwrap()).collect();
    assert_eq!(currents, [false, true]);
    for painting in snapshot["paintings"].as_array().unwrap() {
        let of_second = painting["capture"] == second["id"];
        let state = if of_second { "done" } else { "cancelled" };
        assert_eq!(painting["state"], state, "{painting}");
    }
    assert_eq!(snapshot["paintings"].as_array().unwrap().len(), 8);
    assert_eq!(snapshot["state"], "choose");
}

#[tokio::test]
async fn a_painting_with_a_ticket_outlives_a_retake() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    let kept = &snapshot["paintings"][1];
    let ticket = visitor.takes_a_ticket(kept, "").await;
    visitor.photographs(a_photo(2)).await.granted(201);

    let snapshot = visitor.snapshot().await;
    for painting in snapshot["paintings"].as_array().unwrap() {
        let state = if painting["id"] == kept["id"] {
            "done"
        } else {
            "cancelled"
        };
        assert_eq!(painting["state"], state, "{painting}");
    }
    assert_eq!(
        visitor.looks_at(&ticket["formats"]["pdf"]).await.status,
        200
    );
}

#[tokio::test]
async fn ending_a_visit_cancels_what_is_not_painted_yet() {
    let mut hanging = faulty(Fault::Hang, &["*"]);
    hanging.slots = 1;
    let booth = a_booth().painted_by([hanging]).open().await;
    let visitor = booth.visitor().await;
    let capture = visitor.sits(a_photo(1)).await;
    visitor.listens(None).await.hears("painting.started").await;
    visitor.post("/end").answer().await.granted(204);
    let snapshot = visitor.snapshot().await;
    for painting in snapshot["paintings"].as_array().unwrap() {
        assert_eq!(painting["state"], "cancelled", "{painting}");
    }
    visitor
        .wants(&capture, json!({}))
        .await
        .refused(409, "wrong_state");
    visitor
        .photographs(a_photo(2))
        .await
        .refused(409, "wrong_state");
}

#[tokio::test]
async fn a_painting_says_what_it_is_and_a_photo_does_not() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let capture = visitor.sits(a_photo(4)).await;
    let snapshot = visitor.waits().await;
    let painting = &snapshot["paintings"][0];
    for picture in [painting, &painting["thumb"]] {
        let file = visitor.looks_at(picture).await.body;
        assert!(holds(&file, SOURCE));
        image::load_from_memory(&file).unwrap();
    }
    assert!(!holds(&visitor.looks_at(&capture).await.body, SOURCE));
}
