//! Nothing crosses between rooms: no token, code or link of one opens anything of another, and a
//! foreign id is answered exactly as one that never was.

use std::time::Duration;

use easel::clock::{Clock, ManualClock};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Answer, Door, PIN, TestBooth, Visitor, a_booth, a_photo, text};

const UNKNOWN: &str = "01980000-0000-7000-8000-000000000000";

/// Every route below a session, with a body that would be granted in the right room.
fn routes() -> Vec<(Method, &'static str, Option<Value>)> {
    vec![
        (Method::GET, "", None),
        (Method::GET, "/events", None),
        (Method::POST, "/consent", Some(json!({ "painting": true }))),
        (Method::POST, "/locale", Some(json!({ "locale": "ko" }))),
        (
            Method::POST,
            "/captures",
            Some(json!({ "source": "sample" })),
        ),
        (Method::POST, "/captures", None),
        (
            Method::POST,
            "/paintings",
            Some(json!({ "capture": UNKNOWN })),
        ),
        (Method::POST, "/paintings/{painting}/retry", None),
        (
            Method::POST,
            "/tickets",
            Some(json!({ "painting": UNKNOWN })),
        ),
        (
            Method::POST,
            "/prints",
            Some(json!({ "ticket": UNKNOWN, "copies": 1 })),
        ),
        (Method::POST, "/code", None),
        (Method::POST, "/end", None),
        (Method::DELETE, "", None),
    ]
}

async fn asks(
    door: &Door,
    route: &(Method, &str, Option<Value>),
    session: &str,
    painting: &str,
    token: Option<&str>,
) -> Answer {
    let (method, below, body) = route;
    let below = below.replace("{painting}", painting);
    let mut ask = door.ask(
        method.clone(),
        &format!("/api/v1/sessions/{session}{below}"),
    );
    if let Some(token) = token {
        ask = ask.bearing(token);
    }
    ask = ask.header("idempotency-key", "k");
    if let Some(body) = body {
        ask = ask.json(body);
    }
    ask.answer().await
}

/// A visit with everything a visit can have.
async fn a_full_visit(booth: &TestBooth, tint: u8) -> (Visitor, Value) {
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(tint)).await;
    let snapshot = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Ada")
        .await;
    let ordered = visitor.orders(&ticket, 1, "mine").await.granted(202);
    visitor.waits_for_print(&ordered["print"]).await;
    let snapshot = visitor.snapshot().await;
    (visitor, snapshot)
}

#[tokio::test]
async fn a_foreign_room_and_an_unknown_one_answer_alike() {
    let booth = a_booth().open().await;
    let (mine, _) = a_full_visit(&booth, 1).await;
    let (theirs, of_theirs) = a_full_visit(&booth, 2).await;
    let phone = mine.phone().await;
    let of_mine = mine.snapshot().await;
    let painting = text(&of_theirs["paintings"][0]["id"]);

    for door in [&booth.kiosk, &booth.public] {
        for route in &routes() {
            for token in [&mine.token, &phone.token] {
                let foreign = asks(door, route, &theirs.id, painting, Some(token)).await;
                foreign.refused(403, "wrong_room");
                for id in [UNKNOWN, "nonsense", "..%2F", "%F0%9F%92%A9"] {
                    let unknown = asks(door, route, id, UNKNOWN, Some(token)).await;
                    assert_eq!(unknown.status, foreign.status, "{route:?} {id}");
                    assert_eq!(unknown.body, foreign.body, "{route:?} {id}");
                }
            }
            for id in [&theirs.id[..], UNKNOWN, "nonsense"] {
                for token in [None, Some("nonsense"), Some("a.b.c")] {
                    let answer = asks(door, route, id, painting, token).await;
                    answer.refused(401, "token_invalid");
                }
            }
        }
    }
    assert_eq!(theirs.snapshot().await["seq"], of_theirs["seq"]);
    let now = mine.snapshot().await;
    assert_eq!([&now["seq"], &now["phones"]], [&of_mine["seq"], &1.into()]);
}

#[tokio::test]
async fn things_of_another_room_are_unknown_in_mine() {
    let booth = a_booth().open().await;
    let (mine, _) = a_full_visit(&booth, 1).await;
    let (_, theirs) = a_full_visit(&booth, 2).await;
    let before = mine.snapshot().await;
    let same = |foreign: Answer, unknown: Answer| {
        foreign.refused(404, "not_found");
        assert_eq!(foreign.body, unknown.body);
    };
    let unknown = json!({ "id": UNKNOWN });
    same(
        mine.wants(&theirs["captures"][0], json!({})).await,
        mine.wants(&unknown, json!({})).await,
    );
    let retry = async |painting: &Value| {
        let below = format!("/paintings/{}/retry", text(&painting["id"]));
        mine.post(&below).answer().await
    };
    same(retry(&theirs["paintings"][0]).await, retry(&unknown).await);
    let ticket = async |painting: &Value| {
        let wish = json!({ "painting": painting["id"] });
        mine.post("/tickets").json(&wish).answer().await
    };
    same(
        ticket(&theirs["paintings"][0]).await,
        ticket(&unknown).await,
    );
    same(
        mine.orders(&theirs["tickets"][0], 1, "k").await,
        mine.orders(&unknown, 1, "k").await,
    );
    // Nor does a key of theirs stand for an order of theirs in my room.
    let ordered = mine
        .orders(&before["tickets"][0], 1, "mine")
        .await
        .granted(202);
    assert_eq!(ordered["print"]["id"], before["prints"][0]["id"]);
    assert_eq!(mine.snapshot().await["seq"], before["seq"]);
}

#[tokio::test]
async fn a_token_is_taken_whole_or_not_at_all() {
    let booth = a_booth().open().await;
    let (mine, theirs) = (booth.visitor().await, booth.visitor().await);
    let [header, claims, signature] = parts(&mine.token);
    let [_, their_claims, their_signature] = parts(&theirs.token);
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for forged in [
        format!("{header}.{their_claims}.{signature}"),
        format!("{header}.{claims}.{their_signature}"),
        format!("{header}.{their_claims}."),
        format!("{none}.{their_claims}."),
        format!("{none}.{their_claims}.{signature}"),
        format!("{header}.{claims}"),
        format!("{} ", "a".repeat(4_000)),
        String::new(),
    ] {
        let mut thief = theirs.clone();
        thief.token = forged;
        let answer = thief.get("").answer().await;
        answer.refused(401, "token_invalid");
    }
    let basic = booth.kiosk.get(&format!("/api/v1/sessions/{}", mine.id));
    let basic = basic.header("authorization", &format!("Basic {}", mine.token));
    basic.answer().await.refused(401, "token_invalid");
    // Nor is a token taken from where it would be logged.
    let query = format!("/api/v1/sessions/{}?token={}", mine.id, mine.token);
    let query = booth.kiosk.get(&query).answer().await;
    query.refused(401, "token_invalid");
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[tokio::test]
async fn a_token_of_another_booth_opens_nothing() {
    let (here, there) = (a_booth().open().await, a_booth().open().await);
    let (mine, mut thief) = (here.visitor().await, there.visitor().await);
    thief.comes_back_to(&here.kiosk, &here.public);
    thief.get("").answer().await.refused(401, "token_invalid");
    thief.id.clone_from(&mine.id);
    thief.get("").answer().await.refused(401, "token_invalid");
    thief
        .joins_by_phone(None)
        .await
        .refused(404, "unknown_code");
}

#[tokio::test]
async fn a_link_shows_one_picture_and_no_other() {
    let booth = a_booth().open().await;
    let (mine, of_mine) = a_full_visit(&booth, 1).await;
    let (_, of_theirs) = a_full_visit(&booth, 2).await;
    let link = text(&of_mine["captures"][0]["url"]).to_owned();
    let (key, query) = link.split_once('?').unwrap();
    let (expiry, signature) = query.split_once("&s=").unwrap();
    let (their_key, their_query) = text(&of_theirs["captures"][0]["url"])
        .split_once('?')
        .unwrap();
    let original = key.replace("-input.jpg", ".jpg");
    assert_ne!(original, key, "{key}");

    for door in [&booth.kiosk, &booth.public] {
        assert_eq!(door.get(&link).answer().await.status, 200);
        for forged in [
            format!("{their_key}?{query}"),
            format!("{key}?{their_query}"),
            format!("{original}?{query}"),
            format!("{key}?e=9999999999&s={signature}"),
            format!("{key}?{expiry}&s=AAAAAAAAAAAAAAAAAAAAAA"),
            format!("{key}?{expiry}&s="),
            format!("{key}?{expiry}"),
            key.to_owned(),
            format!("{key}%00?{query}"),
            format!("{key}/../x?{query}"),
            format!("/media/..%2F..%2Fkey?{query}"),
            format!("/media/easel.db?{query}"),
        ] {
            let answer = door.get(&forged).answer().await;
            let code = answer.status.as_u16();
            assert!(matches!(code, 403 | 404), "{forged}: {code}");
            answer.refused(
                code,
                if code == 403 {
                    "link_invalid"
                } else {
                    "not_found"
                },
            );
        }
    }
    // A token is no link.
    let with_token = booth.kiosk.get(key).bearing(&mine.token).answer().await;
    with_token.refused(403, "link_invalid");
}

#[tokio::test]
async fn no_cache_keeps_an_answer_with_a_token() {
    let booth = a_booth().open().await;
    let (kiosk, pin) = (&booth.kiosk, json!({ "pin": PIN }));
    let visitor = booth.visitor().await;
    let answers = [
        kiosk
            .post("/api/v1/sessions")
            .json(&json!({}))
            .answer()
            .await,
        kiosk.get("/api/v1/kiosk").answer().await,
        visitor.joins_by_phone(None).await,
        visitor.get("").answer().await,
        kiosk.post("/api/v1/staff/enter").json(&pin).answer().await,
    ];
    for answer in answers {
        assert!(answer.status.is_success(), "{}", answer.text());
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let foreign = kiosk
        .get("/api/v1/kiosk")
        .header("origin", "http://evil.example");
    let foreign = foreign.answer().await;
    let problem = foreign.refused(403, "bad_origin");
    assert_eq!(problem["type"], "urn:easel:problem:bad_origin");
    assert_eq!(foreign.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_browser_that_has_a_picture_is_not_sent_it_again() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    let first = visitor.looks_at(&capture).await;
    assert_eq!(first.header("accept-ranges"), "none");
    let mark = first.header("etag").to_owned();
    let again = async |marks: &str| {
        let ask = visitor.door.get(text(&capture["url"]));
        ask.header("if-none-match", marks).answer().await
    };
    for known in [mark.as_str(), "*", &format!("\"other\", W/{mark}")] {
        let answer = again(known).await;
        assert_eq!(answer.status, 304, "{known}");
        assert_eq!(answer.header("etag"), mark);
        assert!(answer.body.is_empty());
    }
    let other = again("\"other\"").await;
    assert_eq!((other.status.as_u16(), &other.body), (200, &first.body));
    let thumb = visitor.looks_at(&capture["thumb"]).await;
    assert_ne!(
        thumb.header("etag"),
        mark,
        "another picture has another mark"
    );
    visitor.erases().await;
    again(&mark).await.refused(410, "gone");
}

#[tokio::test]
async fn a_link_ends_and_the_snapshot_has_a_fresh_one() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        visitor.looks_at(&capture).await.status,
        200,
        "good for an hour"
    );
    clock.advance(Duration::from_secs(3_600));
    visitor
        .looks_at(&capture)
        .await
        .refused(410, "link_expired");
    let fresh = visitor.snapshot().await["captures"][0].clone();
    assert_ne!(fresh["url"], capture["url"]);
    assert_eq!(visitor.looks_at(&fresh).await.status, 200);
    assert!(clock.monotonic() < Duration::from_secs(24 * 3_600));
}

#[tokio::test]
async fn a_code_opens_its_own_room() {
    let booth = a_booth().open().await;
    let (mine, theirs) = (booth.visitor().await, booth.visitor().await);
    assert_ne!(mine.code, theirs.code);
    let mut thief = mine.clone();
    mine.phone().await;
    // The digits of another room do not help.
    thief.claim.clone_from(&theirs.claim);
    if mine.claim != theirs.claim {
        let answer = thief.joins_by_phone(Some(&theirs.claim)).await;
        answer.refused(403, "claim_wrong");
    }
    assert_eq!(theirs.snapshot().await["phones"], 0);
}

/// A phone takes its room along into another browser: by a code that is worth one join.
#[tokio::test]
async fn a_phone_takes_its_room_along_once() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let phone = visitor.phone().await;
    let taken = phone.post("/code").answer().await.granted(201);
    let code = text(&taken["code"]).to_owned();
    assert_eq!(code.len(), 16);
    assert_ne!(code, visitor.code);
    assert!(taken["lives_s"].as_u64().unwrap() >= 300);

    let knock = async |key: &str| {
        let knock = json!({ "code": code });
        let ask = phone.door.post("/api/v1/join").json(&knock);
        ask.header("idempotency-key", key).answer().await
    };
    // The digits are not asked for, though there is a phone already; the token is as good as any.
    let joined = knock("mine").await.granted(200);
    assert_eq!(joined["room"], visitor.id);
    let mut browser = phone.clone();
    browser.token = text(&joined["token"]).to_owned();
    browser.agrees().await;
    // Whoever finds the link later is nobody; whoever did not hear the answer is who they were.
    knock("another").await.refused(404, "unknown_code");
    assert_eq!(knock("mine").await.granted(200)["room"], visitor.id);

    // With the visit go its codes.
    let unused = phone.post("/code").answer().await.granted(201);
    phone.erases().await;
    let late = json!({ "code": unused["code"] });
    let late = phone.door.post("/api/v1/join").json(&late).answer().await;
    late.refused(404, "unknown_code");
}

/// What others have guessed at the digits shuts out no browser of who is inside.
#[tokio::test]
async fn a_room_is_taken_along_though_somebody_guesses_at_its_digits() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let phone = visitor.phone().await;
    let wrong = if visitor.claim == "0000" {
        "1111"
    } else {
        "0000"
    };
    while visitor.joins_by_phone(Some(wrong)).await.status == 403 {}
    let taken = phone.post("/code").answer().await.granted(201);
    let knock = json!({ "code": taken["code"] });
    let joined = phone.door.post("/api/v1/join").json(&knock).answer().await;
    assert_eq!(joined.granted(200)["room"], visitor.id);
}
