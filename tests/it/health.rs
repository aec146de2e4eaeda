//! What whoever watches the booth from outside is told.

use easel::clock::ManualClock;
use easel::settings::{GeneratorKind, GeneratorSettings};
use jiff::SignedDuration;
use serde_json::Value;

use crate::house::{TestBooth, a_booth, embedded, text, until};

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
async fn every_part_is_told_of_and_only_what_closes_the_booth_closes_it() {
    let clock = ManualClock::default();
    let gone = GeneratorSettings {
        id: "gpu".to_owned(),
        kind: GeneratorKind::Comfyui,
        url: Some("http://127.0.0.1:1".into()),
        workflow: Some("flux2-klein".to_owned()),
        size_px: None,
        ..embedded(&["*"])
    };
    let booth = a_booth()
        .by_the(&clock)
        .painted_by([gone, embedded(&["*"])])
        .open()
        .await;
    until("a look at the server", async || {
        let (_, told) = readiness(&booth).await;
        part(&told, "generator gpu")["ready"] == false
    })
    .await;
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
    let says = |name| text(&part(&told, name)["says"]).to_owned();
    assert!(says("generator gpu").starts_with("down: "), "{told}");
    assert!(
        says("generator embedded-1").starts_with("ready: "),
        "{told}"
    );
    assert!(says("disk").ends_with(" MB free"), "{told}");

    clock.jump_wall(SignedDuration::from_secs(90));
    let (status, told) = readiness(&booth).await;
    assert_eq!(
        (status, &part(&told, "clock")["ready"]),
        (200, &Value::Bool(false))
    );
    let says = text(&part(&told, "clock")["says"]);
    assert!(says.contains("90 s ahead"), "{says}");
}
