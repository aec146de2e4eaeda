//! What whoever watches the booth from outside is told.

use easel::clock::ManualClock;
use easel::generator::{GeneratorSettings, Kind};
use jiff::SignedDuration;
use serde_json::Value;

use crate::house::{TestBooth, a_booth, a_photo, embedded, text};

/// `/readyz`, whatever its status.
async fn readiness(booth: &TestBooth) -> (u16, Value) {
    let answer = booth.kiosk.get("/readyz").answer().await;
    let told = serde_json::from_slice(&answer.body).unwrap();
    (answer.status.as_u16(), told)
}

#[track_caller]
fn part<'a>(told: &'a Value, name: &str) -> &'a Value {
    let parts = told["parts"].as_array().unwrap();
    let part = parts.iter().find(|part| part["name"] == name);
    part.unwrap_or_else(|| panic!("no {name} in {told}"))
}

#[tokio::test]
async fn every_part_is_told_of_and_a_server_that_is_down_closes_nothing() {
    let gone = GeneratorSettings {
        id: "gpu".to_owned(),
        kind: Kind::Comfyui,
        url: Some("http://127.0.0.1:1".into()),
        workflow: Some("flux2-klein".to_owned()),
        size_px: None,
        ..embedded(&["*"])
    };
    let booth = a_booth().painted_by([gone, embedded(&["*"])]).open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    visitor.waits().await;
    let (status, told) = readiness(&booth).await;
    assert_eq!(
        (status, &told["ready"]),
        (200, &Value::Bool(true)),
        "{told}"
    );
    for name in [
        "record",
        "pictures",
        "camera browser",
        "printer folder",
        "generator embedded-1",
        "disk",
        "clock",
    ] {
        assert_eq!(part(&told, name)["ready"], true, "{told}");
    }
    assert_eq!(part(&told, "generator gpu")["ready"], false, "{told}");
    let says = |name| text(&part(&told, name)["says"]).to_owned();
    assert!(says("generator gpu").starts_with("down: "), "{told}");
    assert!(
        says("generator embedded-1").starts_with("ready: "),
        "{told}"
    );
    assert!(says("disk").ends_with(" MB free"), "{told}");
}

#[tokio::test]
async fn a_clock_that_was_moved_is_told_and_closes_nothing() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let (_, told) = readiness(&booth).await;
    assert_eq!(part(&told, "clock")["ready"], true, "{told}");
    clock.jump_wall(SignedDuration::from_secs(90));
    let (status, told) = readiness(&booth).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(part(&told, "clock")["ready"], false, "{told}");
    let says = text(&part(&told, "clock")["says"]);
    assert!(says.contains("90 s ahead"), "{says}");
}
