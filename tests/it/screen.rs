//! The screen: whose visit it shows.

use serde_json::{Value, json};

use crate::house::{TestBooth, Visitor, a_booth, a_photo, read_qr, text};

async fn shown(booth: &TestBooth) -> Value {
    booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200)
}

async fn hands_over(booth: &TestBooth, visitor: &Visitor) {
    let path = format!("/api/v1/sessions/{}/handover", visitor.id);
    booth.kiosk.post(&path).answer().await.granted(204);
}

#[tokio::test]
async fn an_idle_screen_knows_its_booth_and_nobody_else() {
    let booth = a_booth().open().await;
    let screen = shown(&booth).await;
    assert_eq!(screen.get("session"), None);
    assert_eq!(screen.get("token"), None);
    assert_eq!(screen.get("join"), None);
    let styles = screen["booth"]["styles"].as_array().unwrap();
    let ids: Vec<_> = styles.iter().map(|style| text(&style["id"])).collect();
    assert_eq!(ids, ["picasso", "renoir", "van-gogh", "lichtenstein"]);
    assert_eq!(screen["booth"]["camera"]["in_browser"], true);
    assert_eq!(screen["booth"]["printer"]["prints"], true);
}

#[tokio::test]
async fn a_reload_lands_in_the_same_visit() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let screen = shown(&booth).await;
    assert_eq!(screen["session"]["id"], visitor.id);
    assert_eq!(screen["session"]["state"], "capture");
    assert_eq!(screen["join"]["code"], visitor.code);
    assert_eq!(screen["join"]["claim"], visitor.claim);
    let mut reloaded = visitor.clone();
    reloaded.token = text(&screen["token"]).to_owned();
    reloaded.photographs(a_photo(1)).await.granted(201);
}

#[tokio::test]
async fn handing_over_frees_the_screen_at_once_and_the_visit_lives_on() {
    let booth = a_booth().open().await;
    let first = booth.visitor().await;
    first.sits(a_photo(1)).await;
    hands_over(&booth, &first).await;
    assert_eq!(shown(&booth).await.get("session"), None);

    let second = booth.visitor().await;
    assert_eq!(shown(&booth).await["session"]["id"], second.id);
    assert_eq!(second.snapshot().await["state"], "consent");

    let finished = first.waits().await;
    assert_eq!(finished["state"], "choose");
    assert_eq!(finished["on_screen"], false);
    let ticket = first.takes_a_ticket(&finished["paintings"][0], "One").await;
    assert_eq!(
        first.looks_at(&ticket["formats"]["phone"]).await.status,
        200
    );
    assert_eq!(second.snapshot().await["state"], "consent");
}

#[tokio::test]
async fn handing_over_twice_is_once() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    hands_over(&booth, &visitor).await;
    let seq = visitor.snapshot().await["seq"].clone();
    hands_over(&booth, &visitor).await;
    assert_eq!(visitor.snapshot().await["seq"], seq);
}

#[tokio::test]
async fn the_second_visitor_takes_a_screen_that_was_left() {
    let booth = a_booth().open().await;
    let first = booth.visitor().await;
    let mut ear = first.listens(None).await;
    let second = booth.visitor().await;
    ear.hears("session.handed_over").await;
    assert_eq!(first.snapshot().await["on_screen"], false);
    assert_eq!(shown(&booth).await["session"]["id"], second.id);
}

#[tokio::test]
async fn an_ended_visit_leaves_the_screen() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.post("/end").answer().await.granted(204);
    assert_eq!(shown(&booth).await.get("session"), None);
    let snapshot = visitor.snapshot().await;
    assert_eq!(snapshot["state"], "ended");
    assert_eq!(snapshot["on_screen"], false);
}

#[tokio::test]
async fn a_visit_begins_in_the_language_it_was_touched_in() {
    let booth = a_booth().open().await;
    let opened = booth.kiosk.post("/api/v1/sessions").answer().await;
    assert_eq!(opened.granted(201)["session"]["locale"], "ko");

    let visitor = booth.visitor().await;
    assert_eq!(visitor.snapshot().await["locale"], "en");
    let korean = json!({ "locale": "ko" });
    let answer = visitor.post("/locale").json(&korean).answer().await;
    answer.granted(204);
    assert_eq!(visitor.snapshot().await["locale"], "ko");

    let french = json!({ "locale": "fr" });
    let answer = visitor.post("/locale").json(&french).answer().await;
    answer.refused(422, "invalid");
    let answer = booth.kiosk.post("/api/v1/sessions").json(&french).answer();
    answer.await.refused(422, "invalid");
    let quiz = json!({ "activity": "quiz" });
    let answer = booth.kiosk.post("/api/v1/sessions").json(&quiz).answer();
    answer.await.refused(422, "invalid");
}

#[tokio::test]
async fn the_qr_says_the_public_address_and_the_code() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let join = shown(&booth).await["join"].clone();
    let url = format!("http://{}/#{}", booth.public.authority(), visitor.code);
    assert_eq!(join["url"], url);
    assert_eq!(join["reachable"], true, "settings are taken at their word");
    assert_eq!(visitor.code.len(), 16, "96 bits in base64url");
    assert!(text(&join["qr_svg"]).starts_with("<svg"), "{join}");
    assert!(
        visitor.claim.len() == 4 && visitor.claim.bytes().all(|b| b.is_ascii_digit()),
        "{}",
        visitor.claim
    );
}

#[tokio::test]
async fn phones_are_offered_the_network_that_settings_name() {
    let booth = a_booth().open().await;
    assert_eq!(shown(&booth).await["booth"].get("wifi"), None);

    let named = |settings: &mut easel::app::Settings| {
        settings.wifi.ssid = "Café; Easel".to_owned();
        settings.wifi.password = "zeichnen".to_owned();
    };
    let booth = a_booth().with(named).open().await;
    let wifi = &shown(&booth).await["booth"]["wifi"];
    assert_eq!(wifi["ssid"], "Café; Easel");
    let said = r"WIFI:T:WPA;S:Café\; Easel;P:zeichnen;;";
    assert_eq!(read_qr(text(&wifi["qr_svg"])), said);
}
