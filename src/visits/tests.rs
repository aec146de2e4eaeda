use jiff::SignedDuration;

use super::*;
use crate::clock::ManualClock;
use crate::store::day_of;

/// A visit that begins at `now` and expires an hour later.
pub(crate) fn new_visit(id: Uuid, now: Timestamp) -> NewVisit {
    NewVisit {
        id,
        code_hash: id.to_string(),
        activity: "painter".to_owned(),
        locale: "en".to_owned(),
        claim: "1234".to_owned(),
        expires_at: now + SignedDuration::from_hours(1),
        most_open: 9,
        still_since: now - SignedDuration::from_hours(1),
        request: None,
    }
}

/// Makes the first event of a visit one that this Easel does not know.
pub(crate) async fn damage(store: &Store, session: Uuid) {
    let mut txn = store.begin().await.unwrap();
    let text = "UPDATE events SET body = '{\"type\":\"of.the.future\"}' WHERE session = $1";
    let changed = sqlx::query(text)
        .bind(session.to_string())
        .execute(txn.connection())
        .await
        .unwrap();
    assert!(changed.rows_affected() > 0);
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn a_visit_that_does_not_read_closes_the_booth_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
    let clock = ManualClock::default();
    let visits = Visits::new(store.clone(), Arc::new(clock.clone()));
    let [first, second] = [1, 2].map(Uuid::from_u128);
    visits.open(new_visit(first, clock.now())).await.unwrap();
    damage(&store, first).await;
    visits.open(new_visit(second, clock.now())).await.unwrap();
    assert_eq!(store.on_screen().await.unwrap(), [second]);
}

#[tokio::test]
async fn a_visit_is_counted_on_the_day_that_the_wall_shows() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
    let clock = ManualClock::default();
    let visits = Visits::new(store.clone(), Arc::new(clock.clone()));
    // Started with last week's date, and set right since.
    clock.jump_wall(SignedDuration::from_hours(7 * 24 + 5));
    let visit = new_visit(Uuid::from_u128(1), clock.now());
    visits.open(visit).await.unwrap();
    let days = store.figures(jiff::civil::Date::MIN).await.unwrap();
    let day: Vec<_> = days.keys().copied().collect();
    assert_eq!(day, [day_of(clock.wall())]);
    let hour = clock.wall().to_zoned(jiff::tz::TimeZone::system()).hour();
    let at = ("visits_by_hour".to_owned(), format!("{hour:02}"));
    assert_eq!(days[&day[0]].get(&at), Some(&1));
}
