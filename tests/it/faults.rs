//! Painters that misbehave: each style settles by itself, and says what became of it.

use easel::app::Settings;
use easel::generator::GeneratorSettings;
use easel::generator::faulty::Fault;
use easel::units::Span;

use crate::house::{Plan, TestBooth, Visitor, a_booth, a_photo, by_style, embedded, faulty, text};

const OTHERS: [&str; 3] = ["picasso", "van-gogh", "lichtenstein"];

/// Renoir is painted by nobody but this one, not even by the stand-in; a single attempt.
fn with_renoir(painter: GeneratorSettings) -> Plan {
    let mut others = embedded(&OTHERS);
    others.slots = 1;
    a_booth()
        .painted_by([others, painter])
        .with(|settings| renoir(settings, 1, Span::secs(60)))
        .with(|settings| settings.pool.stand_in = false)
}

fn renoir(settings: &mut Settings, attempts: u32, timeout: Span) {
    let style = settings.style.iter_mut().find(|s| s.id == "renoir");
    let style = style.unwrap();
    (style.attempts, style.timeout) = (attempts, timeout);
}

/// Has all four painted; renoir must fail with `code` and the other three must hang.
async fn three_land_and_renoir_fails(booth: &TestBooth, code: &str) -> Visitor {
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(7)).await;
    let snapshot = visitor.waits().await;
    for style in OTHERS {
        let painting = by_style(&snapshot, style);
        assert_eq!(painting["state"], "done", "{painting}");
        assert_eq!(painting.get("error"), None);
        assert_eq!(visitor.looks_at(painting).await.status, 200);
    }
    let failed = by_style(&snapshot, "renoir");
    assert_eq!(failed["state"], "failed", "{failed}");
    assert_eq!(failed["error"]["code"], code);
    let words = text(&failed["error"]["message"]);
    assert!(words.ends_with('.') && words.contains(' '), "{words:?}");
    assert_eq!(failed.get("url"), None);
    assert_eq!(
        snapshot["state"], "choose",
        "three are there to choose from"
    );
    visitor
}

async fn tries_renoir_again(visitor: &Visitor) {
    let snapshot = visitor.snapshot().await;
    let id = text(&by_style(&snapshot, "renoir")["id"]);
    let again = visitor.post(&format!("/paintings/{id}/retry")).answer();
    let again = again.await.granted(202);
    assert_eq!(again["painting"]["id"], id);
}

#[tokio::test]
async fn one_painter_that_fails_spoils_no_other_and_can_be_tried_again() {
    let mut painter = faulty(Fault::Fail, &["renoir"]);
    painter.faults = Some(1);
    let booth = with_renoir(painter).open().await;
    let visitor = three_land_and_renoir_fails(&booth, "generator_failed").await;

    tries_renoir_again(&visitor).await;
    let snapshot = visitor.waits().await;
    let painted = by_style(&snapshot, "renoir");
    assert_eq!(painted["state"], "done", "{painted}");
    assert_eq!(painted.get("error"), None);
    assert_eq!(visitor.looks_at(painted).await.status, 200);
    assert_eq!(snapshot["paintings"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn only_a_failed_painting_is_tried_again() {
    let booth = with_renoir(faulty(Fault::Fail, &["renoir"])).open().await;
    let visitor = three_land_and_renoir_fails(&booth, "generator_failed").await;
    let snapshot = visitor.snapshot().await;
    let done = text(&by_style(&snapshot, "picasso")["id"]);
    let again = visitor.post(&format!("/paintings/{done}/retry")).answer();
    again.await.refused(409, "wrong_state");
    let unknown = visitor.post("/paintings/nonsense/retry").answer();
    unknown.await.refused(404, "not_found");

    // It fails again, and says so again.
    tries_renoir_again(&visitor).await;
    let snapshot = visitor.waits().await;
    assert_eq!(by_style(&snapshot, "renoir")["state"], "failed");
}

#[tokio::test]
async fn what_waits_for_a_style_that_settings_have_lost_is_told_so() {
    let booth = with_renoir(faulty(Fault::Hang, &["renoir"]))
        .with(|settings| renoir(settings, 3, Span::secs(300)))
        .leaving_work()
        .open()
        .await;
    let mut visitor = booth.visitor().await;
    visitor.sits(a_photo(7)).await;
    let plan = booth.close();

    let without = |settings: &mut Settings| settings.style.retain(|style| style.id != "renoir");
    let booth = plan
        .painted_by([embedded(&["*"])])
        .with(without)
        .open()
        .await;
    visitor.comes_back_to(&booth.kiosk, &booth.public);
    let snapshot = visitor.waits().await;
    let lost = by_style(&snapshot, "renoir");
    assert_eq!(lost["state"], "failed", "{lost}");
    assert_eq!(lost["error"]["code"], "no_generator");
    let others = snapshot["paintings"].as_array().unwrap().iter();
    assert_eq!(others.filter(|p| p["state"] == "done").count(), 3);
}

#[tokio::test]
async fn what_fails_at_first_is_painted_at_the_next_attempt() {
    let mut painter = faulty(Fault::Fail, &["renoir"]);
    painter.faults = Some(1);
    let booth = with_renoir(painter)
        .with(|settings| renoir(settings, 3, Span::secs(60)))
        .open()
        .await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(7)).await;
    let snapshot = visitor.waits().await;
    let painted = by_style(&snapshot, "renoir");
    assert_eq!(painted["state"], "done", "{painted}");
    assert_eq!(painted["attempts"], 2);
}

#[tokio::test]
async fn where_one_painter_fails_another_paints() {
    // Seats for all: a painting turns to whoever is free and has not failed it yet.
    let both = a_booth()
        .painted_by([faulty(Fault::Fail, &["*"]), embedded(&["*"])])
        .with(|settings| settings.generator.iter_mut().for_each(|g| g.slots = 4));
    let booth = both.open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(7)).await;
    let snapshot = visitor.waits().await;
    for painting in snapshot["paintings"].as_array().unwrap() {
        assert_eq!(painting["state"], "done", "{painting}");
        assert_eq!(painting["by"], "embedded", "{painting}");
    }
}

#[tokio::test]
async fn a_painter_that_hangs_is_given_up() {
    let booth = with_renoir(faulty(Fault::Hang, &["renoir"]))
        .with(|settings| renoir(settings, 1, Span::millis(50)))
        .open()
        .await;
    three_land_and_renoir_fails(&booth, "timed_out").await;
}

#[tokio::test]
async fn a_painter_that_is_late_is_waited_for() {
    let mut painter = faulty(Fault::Slow, &["renoir"]);
    painter.delay = Some(Span::millis(300));
    let booth = with_renoir(painter).open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(7)).await;
    let snapshot = visitor.waits().await;
    assert_eq!(by_style(&snapshot, "renoir")["state"], "done");
}

#[tokio::test]
async fn an_answer_that_is_no_picture_is_told_as_such() {
    let booth = with_renoir(faulty(Fault::Rubbish, &["renoir"]))
        .open()
        .await;
    three_land_and_renoir_fails(&booth, "generator_rubbish").await;
}

#[tokio::test]
async fn a_painter_that_breaks_takes_nothing_with_it() {
    let booth = with_renoir(faulty(Fault::Panic, &["renoir"])).open().await;
    let visitor = three_land_and_renoir_fails(&booth, "generator_failed").await;
    visitor.post("/end").answer().await.granted(204);
    // Nor is the seat lost at which it broke.
    three_land_and_renoir_fails(&booth, "generator_failed").await;
}

#[tokio::test]
async fn the_painter_of_an_erased_visit_turns_to_the_next() {
    let mut painter = faulty(Fault::Hang, &["*"]);
    (painter.slots, painter.faults) = (1, Some(1));
    let booth = a_booth()
        .painted_by([painter])
        .with(|settings| {
            for style in &mut settings.style {
                (style.timeout, style.give_up) = (Span::secs(600), Span::secs(900));
            }
        })
        .open()
        .await;
    let first = booth.visitor().await;
    first.sits(a_photo(1)).await;
    first.is_painted(1).await;
    first.erases().await;

    let second = booth.visitor().await;
    second.sits(a_photo(2)).await;
    assert_eq!(second.waits().await["state"], "choose");
}
