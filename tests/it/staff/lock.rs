//! Locking the page ends its token.

use easel::clock::ManualClock;
use reqwest::Method;
use std::time::Duration;

use super::door::ROUTES;
use crate::house::{Answer, Daemon, PIN, Staff, WebSocket, a_booth, rows_of, text};

async fn renewed(staff: &Staff) -> Staff {
    let shift = staff.post("/renew").answer().await.granted(200);
    let mut newer = staff.clone();
    newer.token = text(&shift["token"]).to_owned();
    newer
}

async fn locks(staff: &Staff, key: &str) -> Answer {
    let ask = staff.post("/lock").header("idempotency-key", key);
    ask.answer().await
}

#[tokio::test]
async fn a_page_that_is_locked_has_no_token_left_and_others_go_on() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let newer = renewed(&staff).await;
    let newest = renewed(&newer).await;
    let colleague = Staff::enters(&booth.kiosk).await;
    newer.post("/lock").answer().await.granted(204);
    // Whatever was renewed from the same typed PIN, before and after, is over with it.
    for over in [&staff, &newer, &newest] {
        for (method, below) in ROUTES {
            let refused = over.ask(method, below).answer().await;
            refused.refused(401, "staff_required");
        }
    }
    colleague.looks().await;
    renewed(&colleague).await.looks().await;
    Staff::enters(&booth.kiosk).await.looks().await;
}

#[tokio::test]
async fn locking_is_one_command_under_one_key_and_ends_one_shift() {
    let booth = a_booth().open().await;
    let [staff, other] = [
        Staff::enters(&booth.kiosk).await,
        Staff::enters(&booth.kiosk).await,
    ];
    locks(&staff, "a").await.granted(204);
    locks(&staff, "a").await.granted(204);
    locks(&staff, "b").await.refused(401, "staff_required");
    // Nobody is told that a page is locked which is not.
    locks(&other, "a").await.refused(422, "key_reused");
    other.looks().await;
    locks(&other, "c").await.granted(204);
    locks(&other, "a").await.refused(422, "key_reused");
}

#[tokio::test]
async fn a_renewal_at_the_same_moment_revives_nothing() {
    let booth = a_booth().open().await;
    for _ in 0..20 {
        let staff = Staff::enters(&booth.kiosk).await;
        let renewals = (0..4).map(|_| staff.post("/renew").answer());
        let (locked, renewals) = tokio::join!(
            staff.post("/lock").answer(),
            futures::future::join_all(renewals)
        );
        locked.granted(204);
        for renewal in renewals.iter().filter(|answer| answer.status == 200) {
            let mut late = staff.clone();
            late.token = text(&renewal.granted(200)["token"]).to_owned();
            let refused = late.ask(Method::GET, "/overview").answer().await;
            refused.refused(401, "staff_required");
        }
    }
}

#[tokio::test]
async fn what_is_locked_stays_locked_over_a_restart_for_as_long_as_its_token_lives() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [("STAFF__PIN", PIN)];
    let daemon = Daemon::starts(dir.path(), &settings).await;
    let staff = Staff::enters(&daemon.kiosk).await;
    let colleague = Staff::enters(&daemon.kiosk).await;
    locks(&staff, "a").await.granted(204);
    daemon.loses_power().await;

    let again = Daemon::starts(dir.path(), &settings).await;
    let [staff, colleague] = [staff, colleague].map(|known| known.comes_back_to(&again.kiosk));
    let refused = staff.ask(Method::GET, "/overview").answer().await;
    refused.refused(401, "staff_required");
    locks(&staff, "a").await.granted(204);
    colleague.looks().await;
    again.loses_power().await;
}

#[tokio::test]
async fn no_more_is_kept_of_it_than_its_token_needs() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    for _ in 0..5 {
        let staff = Staff::enters(&booth.kiosk).await;
        staff.post("/lock").answer().await.granted(204);
    }
    clock.advance(Duration::from_secs(601));
    let last = Staff::enters(&booth.kiosk).await;
    last.post("/lock").answer().await.granted(204);
    let refused = last.ask(Method::GET, "/overview").answer().await;
    refused.refused(401, "staff_required");
    assert_eq!(rows_of(&booth.data(), "ended_shifts").await, 1);
}

#[tokio::test]
async fn a_staff_token_opens_no_stream_and_no_socket_that_could_outlive_it() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let path = format!("/api/v1/sessions/{}/events", visitor.id);
    let stream = booth.kiosk.get(&path).bearing(&staff.token);
    stream.answer().await.refused(401, "token_invalid");
    let mut impostor = visitor.clone();
    impostor.token = staff.token;
    let mut socket = WebSocket::joins(&impostor, None).await;
    let refused = socket.is_refused().await;
    assert!(refused.to_string().contains("token_invalid"), "{refused}");
}
