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
