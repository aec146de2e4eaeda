//! A machine without a battery starts with a date of its own, and is set right once it has a network.

use easel::clock::{Clock, ManualClock, SystemClock};
use jiff::SignedDuration;
use std::time::Duration;

use crate::house::{a_booth, a_photo, notes, until};

#[tokio::test]
async fn a_date_that_is_set_right_locks_no_visitor_out_after_a_restart() {
    let years = SignedDuration::from_hours(6 * 365 * 24);
    let clock = ManualClock::new(SystemClock::new(None).now() - years);
    let booth = a_booth().by_the(&clock).open().await;
    let mut visitor = booth.visitor().await;
    let phone = visitor.phone().await;
    visitor.sits(a_photo(1)).await;
    let painting = visitor.waits().await["paintings"][0].clone();
    clock.jump_wall(years);
    let data = booth.data();
    until("a note of it", async || {
        clock.advance(Duration::from_millis(500));
        notes(&data).await["heartbeat.lag"] > 0
    })
    .await;

    // The date is right from the beginning now.
    let booth = booth.close().by_the_machines_clock().open().await;
    visitor.comes_back_to(&booth.kiosk, &booth.public);
    visitor.snapshot().await;
    assert_eq!(visitor.looks_at(&painting).await.status, 200);
    let mut phone = phone;
    phone.comes_back_to(&booth.public, &booth.public);
    phone.snapshot().await;
    visitor.erases().await;
    let folder = data.join("pictures").join(&visitor.id);
    until("the erasure", async || !folder.exists()).await;

    // With nobody left of that time, it is the present again.
    let plan = booth.close().open().await.close();
    let alive = notes(&data).await["heartbeat"];
    let now = SystemClock::new(None).now().as_millisecond();
    assert!((now - alive).abs() < 600_000, "{alive} {now}");
    drop(plan);
}
