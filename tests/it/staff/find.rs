//! Every visit that is kept is found, by number or time.

use std::time::Duration;

use easel::clock::{Clock, ManualClock};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::a_ticket;
use crate::house::{Staff, TestBooth, Visitor, a_booth, a_photo, text, until};

const MINUTE: Duration = Duration::from_secs(60);

/// A visit with a photo, which is all that is needed to be found.
async fn photographed(booth: &TestBooth) -> Visitor {
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    visitor.waits().await;
    visitor
}

async fn finds(staff: &Staff, query: &str) -> Value {
    let path = format!("/visits?{query}");
    staff.ask(Method::GET, &path).answer().await.granted(200)
}

fn ids(found: &Value) -> Vec<&str> {
    let visits = found["visits"].as_array().unwrap();
    visits.iter().map(|visit| text(&visit["id"])).collect()
}

#[tokio::test]
async fn the_list_goes_on_to_the_oldest_that_is_kept() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let mut visitors = Vec::new();
    // Two of them in the same moment.
    for pause in [1, 1, 0, 1, 1] {
        clock.advance(MINUTE * pause);
        visitors.push(photographed(&booth).await);
    }
    // Which of these two is the newer one is for their ids to say, and half of an id is chance.
    visitors[1..=2].sort_by(|one, other| one.id.cmp(&other.id));
    // Somebody who only looks at the screen has nothing to be found by.
    booth.visitor().await;
    let newest_first: Vec<_> = visitors.iter().rev().map(|v| v.id.clone()).collect();
    let staff = Staff::enters(&booth.kiosk).await;
    assert_eq!(ids(&finds(&staff, "").await), newest_first);

    let mut pages = vec![finds(&staff, "limit=2").await];
    while let Some(next) = pages.last().unwrap()["next"].as_str() {
        let query = format!("limit=2&after={next}");
        pages.push(finds(&staff, &query).await);
    }
    assert_eq!(
        pages.iter().map(|p| ids(p).len()).collect::<Vec<_>>(),
        [2, 2, 1]
    );
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), newest_first);
    // A page that ends with the list says so.
    let whole = finds(&staff, "limit=5").await;
    assert_eq!(whole["next"], Value::Null);

    // What is erased meanwhile leaves the list and breaks no page off.
    visitors[3].erases().await;
    let rest = finds(&staff, &format!("after={}", visitors[3].id)).await;
    assert_eq!(ids(&rest), newest_first[2..]);
    assert!(!ids(&finds(&staff, "").await).contains(&visitors[3].id.as_str()));
}

#[tokio::test]
async fn a_visit_is_found_by_its_tickets_number_until_it_is_erased() {
    let booth = a_booth().open().await;
    let (ada, first) = a_ticket(&booth, "Ada").await;
    let (bo, second) = a_ticket(&booth, "Bo").await;
    let third = bo
        .takes_a_ticket(&bo.snapshot().await["paintings"][1], "Bo")
        .await;
    let staff = Staff::enters(&booth.kiosk).await;
    let by = async |number: &Value| finds(&staff, &format!("number={number}")).await;
    for (visitor, ticket) in [(&ada, &first), (&bo, &second), (&bo, &third)] {
        let found = by(&ticket["number"]).await;
        assert_eq!(ids(&found), [visitor.id.as_str()]);
        assert_eq!(found["next"], Value::Null);
    }
    // What can be done for the last visits can be done for it.
    let found = by(&first["number"]).await["visits"][0].clone();
    assert_eq!(found["tickets"][0]["name"], "Ada");
    let path = format!("/visits/{}/prints", text(&found["id"]));
    let wish = json!({ "ticket": found["tickets"][0]["id"] });
    let order = staff.post(&path).header("idempotency-key", "a");
    order.json(&wish).answer().await.granted(202);
    until("the sheet", async || {
        by(&first["number"]).await["visits"][0]["prints"][0]["state"] == "done"
    })
    .await;

    let path = format!("/visits/{}", ada.id);
    staff.ask(Method::DELETE, &path).answer().await.granted(204);
    for unknown in [&first["number"], &json!(0), &json!(4_000_000_000_u32)] {
        assert_eq!(by(unknown).await, json!({ "visits": [] }), "{unknown}");
    }
}

#[tokio::test]
async fn a_visit_is_found_by_the_time_that_the_clock_on_the_wall_showed() {
    let clock = ManualClock::default();
    let booth = a_booth().by_the(&clock).open().await;
    let mut visitors = Vec::new();
    for _ in 0..3 {
        visitors.push(photographed(&booth).await);
        clock.advance(10 * MINUTE);
    }
    // Staff see the times of the wall, wherever that has been set to.
    clock.jump_wall(SignedDuration::from_hours(9));
    let staff = Staff::enters(&booth.kiosk).await;
    let all = finds(&staff, "").await;
    let begun = |n: usize| text(&all["visits"][2 - n]["opened_at"]);
    let within = async |from: &str, to: &str| {
        let found = finds(&staff, &format!("from={from}&to={to}")).await;
        let found = ids(&found).into_iter();
        let place = |id: &str| visitors.iter().position(|v| v.id == id).unwrap();
        found.map(place).collect::<Vec<_>>()
    };
    assert_eq!(
        within(begun(0), begun(2)).await,
        [1, 0],
        "the end is not in it"
    );
    assert_eq!(within(begun(1), "9999-01-01T00:00:00Z").await, [2, 1]);
    assert_eq!(within("0000-01-01T00:00:00Z", begun(0)).await, [0; 0]);
    let now = (clock.now() + SignedDuration::from_hours(9)).to_string();
    assert_eq!(within(begun(0), &now).await, [2, 1, 0]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_words() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    for query in [
        "number=twelve",
        "number=-1",
        "from=yesterday",
        "to=9999-12-31T23:59:59.999999999999Z",
        "after=1",
        "limit=0",
        "limit=51",
        "name=Ada",
    ] {
        let path = format!("/visits?{query}");
        let refused = staff.ask(Method::GET, &path).answer().await;
        refused.refused(422, "invalid");
    }
    // Nobody's visit: it was so long ago that even its row is gone, and all before it.
    let nobody = "after=01a1fea1-79b9-7542-9f5c-a0edd219f37b";
    assert_eq!(finds(&staff, nobody).await, json!({ "visits": [] }));
}
