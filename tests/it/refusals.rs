//! The contract's refusals, each with its status, its code and a sentence.

use easel::camera;
use easel::units::ByteSize;
use serde_json::json;

use crate::house::{TestBooth, Visitor, a_booth, a_photo, jpeg, png, text};

async fn who_agreed(booth: &TestBooth) -> Visitor {
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    visitor
}

async fn sends(visitor: &Visitor, kind: &str, body: &[u8]) -> crate::house::Answer {
    let ask = visitor.post("/captures").bytes(kind, body.to_vec());
    ask.answer().await
}

#[tokio::test]
async fn what_is_no_picture_of_ours_is_unsupported_whatever_it_is_called() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    let gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00;";
    let animated = include_bytes!("../pictures/animated.webp");
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta";
    for (media, body) in [
        ("gif", &gif[..]),
        ("animated_webp", animated),
        ("svg", svg),
        ("heic", heic),
        ("video", b"\0\0\0\x14ftypqt  \0\0\0\0qt  "),
        ("pdf", b"%PDF-1.7"),
        ("unknown", b"photo.jpg"),
        ("unknown", b""),
    ] {
        let answer = sends(&visitor, "image/jpeg", body).await;
        let refused = answer.refused(415, "unsupported_media");
        // The page says by this what to do instead.
        assert_eq!(refused["params"], json!({ "media": media }));
    }
    assert_eq!(visitor.snapshot().await["captures"], json!([]));
}

#[tokio::test]
async fn a_picture_is_taken_whatever_it_is_called() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    let still = include_bytes!("../pictures/lossy.webp");
    let (photo, drawing) = (a_photo(1), png(80, 90, 1));
    for body in [&still[..], &photo, &drawing] {
        let answer = sends(&visitor, "image/gif", body).await;
        let capture = answer.granted(201)["capture"].clone();
        assert_eq!(capture["content_type"], "image/jpeg", "{capture}");
    }
    let bare = visitor.post("/captures").bytes("text/plain", photo);
    bare.answer().await.granted(201);
}

#[tokio::test]
async fn a_file_beyond_the_bound_is_too_large_told_or_untold() {
    let booth = a_booth()
        .with(|settings| settings.limits.upload_bytes = ByteSize(20_000))
        .open()
        .await;
    let visitor = who_agreed(&booth).await;
    let mut long = a_photo(1);
    long.resize(20_001, 0);
    let told = sends(&visitor, "image/jpeg", &long).await;
    told.refused(413, "too_large");

    let pieces: Vec<_> = long
        .chunks(4_000)
        .map(|c| Ok::<_, String>(c.to_vec()))
        .collect();
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    let untold = visitor.post("/captures").bytes("image/jpeg", body);
    untold.answer().await.refused(413, "too_large");
    sends(&visitor, "image/jpeg", &a_photo(1))
        .await
        .granted(201);
}

#[tokio::test]
async fn who_is_refused_while_still_sending_hears_why() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let mut large = a_photo(1);
    for (megabytes, status, code) in [(12, 409, "consent_required"), (70, 413, "too_large")] {
        large.resize(megabytes * 1_000_000, 0);
        // Told its length or not, the same connection is good for the next request.
        for _ in 0..3 {
            sends(&visitor, "image/jpeg", &large)
                .await
                .refused(status, code);
            let pieces: Vec<_> = large
                .chunks(1 << 20)
                .map(|c| Ok::<_, String>(c.to_vec()))
                .collect();
            let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
            let untold = visitor.post("/captures").bytes("image/jpeg", body);
            untold.answer().await.refused(status, code);
        }
        if status == 409 {
            visitor.agrees().await;
        }
    }
    let mut stranger = visitor.clone();
    stranger.token = "nonsense".to_owned();
    sends(&stranger, "image/jpeg", &large)
        .await
        .refused(401, "token_invalid");
    sends(&visitor, "image/jpeg", &a_photo(1))
        .await
        .granted(201);
}

#[tokio::test]
async fn too_many_pixels_are_refused_before_they_are_decoded() {
    let booth = a_booth()
        .with(|settings| settings.limits.pixels = 10_000)
        .open()
        .await;
    let visitor = who_agreed(&booth).await;
    let answer = sends(&visitor, "image/png", &png(101, 100, 1)).await;
    answer.refused(413, "too_large");
    // A header that claims more pixels than any file could hold.
    let mut claims = png(70, 70, 1);
    claims[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let answer = sends(&visitor, "image/png", &claims).await;
    assert!(
        matches!(answer.status.as_u16(), 413 | 422),
        "{}",
        answer.text()
    );
    sends(&visitor, "image/png", &png(100, 100, 1))
        .await
        .granted(201);
}

#[tokio::test]
async fn a_stamp_is_too_small() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    for (width, height) in [(63, 200), (200, 63), (1, 1)] {
        let answer = sends(&visitor, "image/jpeg", &jpeg(width, height, 1)).await;
        answer.refused(422, "too_small");
    }
    sends(&visitor, "image/jpeg", &jpeg(64, 64, 1))
        .await
        .granted(201);
}

#[tokio::test]
async fn half_a_picture_is_bad() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    for whole in [a_photo(1), png(100, 100, 1)] {
        let answer = sends(&visitor, "image/jpeg", &whole[..whole.len() / 2]).await;
        answer.refused(422, "bad_image");
    }
    let mut holed = png(100, 100, 1);
    let middle = holed.len() / 2;
    holed[middle..middle + 20].fill(0xA5);
    sends(&visitor, "image/png", &holed)
        .await
        .refused(422, "bad_image");
    assert_eq!(visitor.snapshot().await["captures"], json!([]));
}

#[tokio::test]
async fn nothing_is_taken_before_the_visitor_agrees() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor
        .photographs(a_photo(1))
        .await
        .refused(409, "consent_required");
    let sample = json!({ "source": "sample" });
    let answer = visitor.post("/captures").json(&sample).answer().await;
    answer.refused(409, "consent_required");
    for said in [json!({}), json!({ "painting": false, "wall": true })] {
        let answer = visitor.post("/consent").json(&said).answer().await;
        answer.refused(409, "consent_required");
    }
    let capture = json!({ "id": visitor.id });
    visitor
        .wants(&capture, json!({}))
        .await
        .refused(409, "consent_required");
    assert_eq!(visitor.snapshot().await["state"], "consent");
}

#[tokio::test]
async fn what_comes_at_the_wrong_point_is_refused() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    let capture = json!({ "id": visitor.id });
    visitor
        .wants(&capture, json!({}))
        .await
        .refused(409, "wrong_state");
    visitor.photographs(a_photo(1)).await.granted(201);
    visitor
        .wants(&capture, json!({}))
        .await
        .refused(404, "not_found");
    let other = json!({ "painting": true, "wall": true });
    let answer = visitor.post("/consent").json(&other).answer().await;
    answer.refused(409, "wrong_state");

    visitor.post("/end").answer().await.granted(204);
    visitor.post("/end").answer().await.granted(204);
    visitor
        .photographs(a_photo(1))
        .await
        .refused(409, "wrong_state");
}

#[tokio::test]
async fn a_visit_takes_so_many_photos_and_no_more() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    for tint in 0..8 {
        visitor.photographs(a_photo(tint)).await.granted(201);
    }
    visitor
        .photographs(a_photo(9))
        .await
        .refused(409, "too_many");
    // A photo that was refused is not kept.
    let folder = booth.data().join("pictures").join(&visitor.id);
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files, 8 * 4, "original, input, screen, thumb of each");
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_told_apart() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let consent = || visitor.post("/consent");
    let broken = consent().bytes("application/json", "{\"painting\":");
    broken.answer().await.refused(400, "bad_request");
    let stranger = consent().json(&json!({ "painting": true, "soul": true }));
    stranger.answer().await.refused(422, "invalid");
    let wrong = consent().json(&json!({ "painting": "yes" }));
    wrong.answer().await.refused(422, "invalid");
    let endless = consent().bytes("application/json", " ".repeat(300_000));
    endless.answer().await.refused(413, "too_large");
    assert_eq!(visitor.snapshot().await["state"], "consent");
}

#[tokio::test]
async fn the_camera_of_the_booth_is_the_kiosks_alone() {
    let booth = a_booth()
        .with(|settings| settings.camera.driver = camera::Driver::Sample)
        .open()
        .await;
    let visitor = who_agreed(&booth).await;
    let phone = visitor.phone().await;
    for source in ["camera", "sample"] {
        let shutter = json!({ "source": source });
        for door in [&booth.public, &booth.kiosk] {
            let mut phone = phone.clone();
            phone.door = door.clone();
            let answer = phone.post("/captures").json(&shutter).answer().await;
            answer.refused(403, "kiosk_only");
        }
        let answer = visitor.post("/captures").json(&shutter).answer().await;
        let capture = answer.granted(201)["capture"].clone();
        assert_eq!(capture["source"], source);
    }
    let answer = visitor
        .post("/captures")
        .json(&json!({ "source": "thief" }));
    answer.answer().await.refused(422, "invalid");
}

#[tokio::test]
async fn a_booth_whose_camera_is_the_browsers_takes_no_photo_itself() {
    let booth = a_booth()
        .with(|settings| settings.camera.sample_fallback = false)
        .open()
        .await;
    let visitor = who_agreed(&booth).await;
    for source in ["camera", "sample"] {
        let shutter = json!({ "source": source });
        let answer = visitor.post("/captures").json(&shutter).answer().await;
        answer.refused(409, "no_camera");
    }
}

#[tokio::test]
async fn the_second_phone_needs_the_digits() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.joins_by_phone(None).await.granted(200);
    visitor
        .joins_by_phone(None)
        .await
        .refused(403, "claim_required");
    let wrong = if visitor.claim == "0000" {
        "0001"
    } else {
        "0000"
    };
    let answer = visitor.joins_by_phone(Some(wrong)).await;
    answer.refused(403, "claim_wrong");
    visitor
        .joins_by_phone(Some(&visitor.claim))
        .await
        .granted(200);
    assert_eq!(visitor.snapshot().await["phones"], 2);
}

#[tokio::test]
async fn guessing_the_digits_is_made_slow() {
    let booth = a_booth().open().await;
    let (visitor, other) = (booth.visitor().await, booth.visitor().await);
    let wrong = if visitor.claim == "0000" {
        "0001"
    } else {
        "0000"
    };
    for _ in 0..5 {
        let answer = visitor.joins_by_phone(Some(wrong)).await;
        answer.refused(403, "claim_wrong");
    }
    let locked = visitor.joins_by_phone(Some(&visitor.claim)).await;
    locked.refused(429, "claim_locked");
    locked.retry_after();
    other.joins_by_phone(Some(&other.claim)).await.granted(200);
}

#[tokio::test]
async fn guessing_codes_is_made_slow_for_guessers_alone() {
    let booth = a_booth()
        .with(|settings| settings.limits.join_tries_per_minute = 3)
        .open()
        .await;
    let visitor = booth.visitor().await;
    let mut stranger = visitor.clone();
    for code in ["AAAAAAAAAAAAAAAA", "not a code", ""] {
        stranger.code = code.to_owned();
        stranger
            .joins_by_phone(None)
            .await
            .refused(404, "unknown_code");
    }
    let refused = stranger.joins_by_phone(None).await;
    refused.refused(429, "too_many_tries");
    refused.retry_after();
    // Everybody behind the same Wi-Fi has the guesser's address.
    visitor.joins_by_phone(None).await.granted(200);
}

#[tokio::test]
async fn a_photo_is_one_whatever_it_is_called() {
    let booth = a_booth().open().await;
    let visitor = who_agreed(&booth).await;
    let phone = visitor.phone().await;
    for kind in ["application/json", "text/html", "application/jsonlines"] {
        sends(&phone, kind, &a_photo(1)).await.granted(201);
    }
    let shutter = br#"{"source":"sample"}"#;
    let asked = sends(&phone, "Application/JSON; charset=utf-8", shutter).await;
    asked.refused(403, "kiosk_only");
    let asked = sends(&visitor, "Application/JSON; charset=utf-8", shutter).await;
    asked.granted(201);
    let asked = sends(&phone, "application/jsonlines", shutter).await;
    asked.refused(415, "unsupported_media");
}

#[tokio::test]
async fn nobody_holds_the_door_with_a_long_knock() {
    let booth = a_booth().open().await;
    let knock = booth.public.post("/api/v1/join");
    let long = json!({ "code": "A".repeat(9_000) });
    knock.json(&long).answer().await.refused(413, "too_large");
}

#[tokio::test]
async fn a_path_that_is_no_text_is_none_of_ours() {
    let booth = a_booth().open().await;
    for path in ["/media/%ff", "/assets/%ff"] {
        let answer = booth.public.get(path).answer().await;
        answer.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_room_that_is_over_takes_no_phone() {
    let booth = a_booth().open().await;
    let (ended, erased) = (booth.visitor().await, booth.visitor().await);
    ended.post("/end").answer().await.granted(204);
    ended.joins_by_phone(None).await.refused(410, "ended");
    erased.erases().await;
    let problem = erased.joins_by_phone(None).await.refused(410, "erased");
    text(&problem["erased_at"]);
}

#[tokio::test]
async fn the_public_listener_has_no_kiosk_routes() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let door = &booth.public;
    for path in [
        "/api/v1/kiosk",
        "/api/v1/camera/live",
        "/healthz",
        "/readyz",
        "/metrics",
        "/nothing",
    ] {
        door.get(path).answer().await.refused(404, "not_found");
    }
    let handover = format!("/api/v1/sessions/{}/handover", visitor.id);
    for path in ["/api/v1/sessions", &handover] {
        let answer = door.post(path).bearing(&visitor.token).answer().await;
        answer.refused(404, "not_found");
    }
    assert_eq!(visitor.snapshot().await["on_screen"], true);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(booth.kiosk.get(path).answer().await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_route_is_asked_by_its_own_methods() {
    let booth = a_booth().open().await;
    for door in [&booth.kiosk, &booth.public] {
        let answer = door
            .ask(reqwest::Method::PUT, "/api/v1/join")
            .answer()
            .await;
        answer.refused(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test]
async fn a_page_from_elsewhere_gets_nothing() {
    let booth = a_booth().open().await;
    for door in [&booth.kiosk, &booth.public] {
        let rebound = door.get("/api/v1/styles").header("host", "evil.example");
        rebound.answer().await.refused(421, "bad_host");
        let foreign = door
            .get("/api/v1/styles")
            .header("origin", "http://evil.example");
        foreign.answer().await.refused(403, "bad_origin");
        let own = format!("http://{}", door.authority());
        let own = door.get("/api/v1/styles").header("origin", &own);
        assert_eq!(own.answer().await.granted(200).as_array().unwrap().len(), 4);
    }
    let foreign = booth.kiosk.post("/api/v1/sessions");
    let foreign = foreign.header("origin", "null").answer().await;
    foreign.refused(403, "bad_origin");
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen.get("session"), None);
}

#[tokio::test]
async fn markup_in_a_name_stays_text() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    let painting = &snapshot["paintings"][0];
    for name in [
        "<b>Ada</b> & \"Grace\" 'Mae'",
        "</text><image href=\"file:///etc/passwd\"/>",
        "{{ claim }}{% include 'x' %}",
        "<![CDATA[]]>&#x3C;&nbsp;",
        "\u{202E}김서연\u{0} 👩‍🎨",
    ] {
        let ticket = visitor.takes_a_ticket(painting, name).await;
        assert_eq!(ticket["name"], name);
        let seen = visitor.looks_at(&ticket["formats"]["phone"]).await;
        image::load_from_memory(&seen.body).unwrap();
        let pdf = visitor.looks_at(&ticket["formats"]["pdf"]).await;
        lopdf::Document::load_mem(&pdf.body).unwrap();
    }
}

#[tokio::test]
async fn a_name_may_be_long_but_not_endless() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    let painting = &snapshot["paintings"][0];
    visitor.takes_a_ticket(painting, &"김".repeat(10_000)).await;
    let endless = json!({ "painting": painting["id"], "name": "a".repeat(20_001) });
    let answer = visitor.post("/tickets").json(&endless).answer().await;
    answer.refused(422, "invalid");
}
