//! The room's socket, also for phones that come back late, and for clients that are none.

use serde_json::{Value, json};

use crate::house::{Polling, Visitor, WebSocket, a_booth};

/// More events than a socket's buffer holds.
const MISSED: u64 = 300;

/// A visitor who could not decide for a language; the number of the last event.
async fn an_undecided(visitor: &Visitor) -> u64 {
    for locale in ["ko", "en"].iter().cycle().take(MISSED as usize) {
        let wish = json!({ "locale": locale });
        let answer = visitor.post("/locale").json(&wish).answer().await;
        answer.granted(204);
    }
    visitor.snapshot().await["seq"].as_u64().unwrap()
}

fn is_all(heard: &[(String, Value)]) {
    assert_eq!(heard[0].0, "snapshot");
    let last = heard[0].1["seq"].as_u64().unwrap();
    let numbers = heard[1..].iter().map(|(_, event)| event["seq"].as_u64());
    let numbers: Vec<u64> = numbers.map(Option::unwrap).collect();
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn whoever_missed_much_hears_it_all_in_order() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let last = an_undecided(&visitor).await;
    assert!(last >= MISSED);

    let mut by_socket = WebSocket::joins(&visitor, Some(0)).await;
    let mut heard = Vec::new();
    for _ in 0..=last {
        heard.push(by_socket.hears().await.expect("it is told all"));
    }
    is_all(&heard);

    let mut by_polling = Polling::joins(&visitor, Some(0)).await;
    let mut heard = Vec::new();
    for _ in 0..=last {
        heard.push(by_polling.hears().await);
    }
    is_all(&heard);

    // Both are there for what comes next.
    visitor.agrees().await;
    let (_, news) = by_socket.hears().await.unwrap();
    assert_eq!(news["type"], "consent.given");
    assert_eq!(by_polling.hears().await.1["type"], "consent.given");
}

#[tokio::test]
async fn nobody_sends_the_room_more_than_a_greeting() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;

    let mut verbose = WebSocket::joins(&visitor, None).await;
    assert_eq!(verbose.hears().await.unwrap().0, "snapshot");
    verbose.says("4".repeat(17 * 1024)).await;
    assert_eq!(verbose.hears().await, None);

    let mut phone = WebSocket::joins(&visitor, None).await;
    assert_eq!(phone.hears().await.unwrap().0, "snapshot");
    let placeholder = json!(["picture", { "_placeholder": true, "num": 0 }]);
    phone.says(format!("451-/room,{placeholder}")).await;
    phone.says_bytes(vec![0; 1024]).await;
    assert_eq!(phone.hears().await, None);
}

/// A phone whose WebSocket a proxy has taken apart is told so in engine.io's own words; else it
/// would wait for ever, instead of going on by polling.
#[tokio::test]
async fn a_websocket_that_cannot_be_is_refused_at_once() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let version = ("sec-websocket-version", "13");
    let mut by_polling = Polling::joins(&visitor, None).await;
    assert_eq!(by_polling.hears().await.0, "snapshot");
    // nginx by default; a proxy that passes on one half; something that asks as a page does.
    for headers in [
        &[("connection", "close"), key, version][..],
        &[
            ("connection", "close"),
            ("upgrade", "websocket"),
            key,
            version,
        ],
        &[("connection", "upgrade"), key, version],
        &[],
    ] {
        for path in [path, &format!("{path}&sid={}", by_polling.sid())] {
            for door in [&booth.public, &booth.kiosk] {
                let ask = headers.iter();
                let ask = ask.fold(door.get(path), |ask, (name, value)| ask.header(name, value));
                let answer = ask.answer().await;
                assert_eq!(answer.status, 400, "{headers:?}");
                assert_eq!(answer.header("content-type"), "application/json");
                let said: Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!(said, json!({ "code": 3, "message": "Bad request" }));
            }
        }
    }
    // The connection by polling has lost nothing by it.
    visitor.agrees().await;
    assert_eq!(by_polling.hears().await.1["type"], "consent.given");
}

/// What a relay is told: a stream is neither gathered up nor packed, and nothing is kept.
#[tokio::test]
async fn relays_pass_on_what_they_are_not_to_keep() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let events = visitor.get("/events").response().await;
    let header = |name: &str| events.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(header("cache-control"), "no-store, no-transform");
    drop(events);
    // A poll of nobody's: one that began something would have to be ended.
    let nobody = "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA";
    let poll = booth.public.get(nobody).answer().await;
    assert_eq!(poll.header("cache-control"), "no-store");
}
