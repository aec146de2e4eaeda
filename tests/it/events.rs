//! What rooms hear: in order, none twice, nothing missed, nothing of another room.

use std::time::Duration;

use easel::clock::ManualClock;
use serde_json::json;

use crate::house::{Heard, a_booth, a_photo};

fn numbers(events: &[Heard]) -> Vec<u64> {
    events.iter().filter_map(|heard| heard.id).collect()
}

#[tokio::test]
async fn a_visit_is_heard_from_its_beginning() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let last = visitor.waits().await["seq"].as_u64().unwrap();
    let events = visitor
        .listens(None)
        .await
        .until(|h| h.id == Some(last))
        .await;
    assert_eq!(numbers(&events), (1..=last).collect::<Vec<_>>());
    let names: Vec<_> = events.iter().map(Heard::name).collect();
    assert_eq!(
        names[..4],
        [
            "session.opened",
            "consent.given",
            "capture.taken",
            "paintings.asked"
        ]
    );
    for name in ["painting.started", "painting.done"] {
        assert_eq!(names.iter().filter(|n| **n == name).count(), 4, "{names:?}");
    }
    for heard in &events {
        assert_eq!(heard.news["seq"].as_u64(), heard.id);
        assert!(heard.news["at"].is_string(), "{}", heard.news);
    }
}

#[tokio::test]
async fn who_comes_back_hears_the_rest_and_nothing_twice() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let mut whole = visitor.listens(None).await;
    // An ear that drops after every event and comes back for the rest.
    let (mut all, mut after) = (Vec::new(), None);
    let (sitting, heard) = tokio::join!(visitor.sits(a_photo(1)), async {
        let mut done = 0;
        while done < 4 {
            let mut ear = visitor.listens(after).await;
            let heard = ear.until(|heard| heard.id.is_some()).await.pop().unwrap();
            done += usize::from(heard.name() == "painting.done");
            after = heard.id;
            all.push(heard);
        }
        all
    });
    assert!(sitting.is_object());
    let last = heard.last().unwrap().id.unwrap();
    assert_eq!(numbers(&heard), (1..=last).collect::<Vec<_>>());
    let uninterrupted = whole.until(|h| h.id == Some(last)).await;
    assert_eq!(numbers(&uninterrupted), numbers(&heard));
}

#[tokio::test]
async fn an_ear_that_is_ahead_waits_for_what_comes() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let mut ear = visitor.listens(Some(1)).await;
    visitor.agrees().await;
    let heard = ear.next().await.unwrap();
    assert_eq!((heard.id, heard.name()), (Some(2), "consent.given"));
    for nonsense in ["one", "-1", "1.5", "99999999999999999999"] {
        let ask = visitor.get("/events").header("last-event-id", nonsense);
        ask.answer().await.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn progress_is_told_live_and_never_again() {
    let booth = a_booth()
        .with(|settings| settings.generator[0].size_px = Some(768))
        .open()
        .await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let mut ear = visitor.listens(None).await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    let one = json!({ "styles": ["van-gogh"] });
    let asked = visitor.wants(&capture, one).await.granted(202);
    let events = ear.until(|heard| heard.name() == "painting.done").await;
    let progress: Vec<_> = events
        .iter()
        .filter(|h| h.name() == "painting.progress")
        .collect();
    assert!(!progress.is_empty());
    let mut shares = Vec::new();
    for heard in progress {
        assert_eq!((heard.id, heard.news.get("seq")), (None, None));
        assert_eq!(heard.data()["painting"], asked["paintings"][0]["id"]);
        assert_eq!(heard.data()["style"], "van-gogh");
        shares.push(heard.data()["share"].as_f64().unwrap());
    }
    assert!(shares.is_sorted(), "{shares:?}");
    assert!(
        shares.iter().all(|share| (0.0..=1.0).contains(share)),
        "{shares:?}"
    );

    let last = visitor.snapshot().await["seq"].as_u64();
    let replayed = visitor.listens(None).await.until(|h| h.id == last).await;
    assert!(replayed.iter().all(|heard| heard.id.is_some()));
}

#[tokio::test]
async fn screen_and_phones_hear_the_same() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let (first, mut second) = (visitor.phone().await, visitor.clone());
    let joined = visitor
        .joins_by_phone(Some(&visitor.claim))
        .await
        .granted(200);
    second.token = joined["token"].as_str().unwrap().to_owned();
    second.door = booth.public.clone();
    let mut ears = [
        visitor.listens(None).await,
        first.listens(None).await,
        second.listens(None).await,
    ];
    visitor.sits(a_photo(1)).await;
    let last = visitor.waits().await["seq"].as_u64();
    let mut told = Vec::new();
    for ear in &mut ears {
        let events = ear.until(|h| h.id == last).await;
        let numbered = events.into_iter().filter(|h| h.id.is_some());
        told.push(numbered.map(|h| h.news).collect::<Vec<_>>());
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[tokio::test]
async fn the_last_thing_a_room_hears_is_its_erasure() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let mut ear = visitor.listens(None).await;
    visitor.erases().await;
    let heard = ear.hears("session.erased").await;
    assert!(heard.data()["erased_at"].is_string());
    assert!(ear.next().await.is_none(), "the room is closed");
    let problem = visitor.get("/events").answer().await.refused(410, "erased");
    assert_eq!(problem["erased_at"], heard.data()["erased_at"]);
}

#[tokio::test]
async fn an_ear_is_closed_when_its_token_runs_out() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let visitor = booth.visitor().await;
    let mut ear = visitor.listens(None).await;
    ear.hears("session.opened").await;
    clock.advance(Duration::from_secs(72 * 3_600));
    while let Some(heard) = ear.next().await {
        assert_eq!(heard.name(), "session.erased");
    }
    visitor
        .get("/events")
        .answer()
        .await
        .refused(401, "token_invalid");
}

#[tokio::test]
async fn a_booth_that_closes_does_not_wait_for_its_listeners() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let mut ear = visitor.listens(None).await;
    ear.hears("session.opened").await;
    drop(booth);
    let rest = ear.next().await;
    assert!(rest.is_none(), "{rest:?}");
}
