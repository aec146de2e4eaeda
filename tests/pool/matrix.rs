//! Everything that goes wrong at servers, a row each: every visit ends with all its paintings.

use std::collections::HashMap;

use easel::session::Session;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream;

use crate::house::{Act, Fake, House, a_house, fake, painters};

/// Three visitors, four paintings each; returns the visits, and the virtual seconds they took.
async fn three_visitors(house: &House) -> (Vec<Session>, f64) {
    let began = house.clock.monotonic();
    let visits = join_all((0..3).map(|_| house.visit())).await;
    let settled = join_all(visits.iter().map(|visit| house.settled(*visit))).await;
    let took = house.clock.monotonic() - began;
    (settled, took.as_secs_f64())
}

/// One server in trouble beside a good one (4 s a painting), or alone.
async fn row(name: &'static str, bad: Fake, good: bool) -> (f64, HashMap<String, usize>) {
    let mut servers = vec![bad];
    if good {
        servers.push(fake("good", [], Act::Paint(4.0)));
    }
    let house = a_house(servers).open().await;
    let (sessions, took) = three_visitors(&house).await;
    let mut by = HashMap::new();
    for painter in sessions.iter().flat_map(painters) {
        *by.entry(painter).or_insert(0) += 1;
    }
    let attempts = sessions
        .iter()
        .flat_map(|s| &s.paintings)
        .map(|p| p.attempts);
    let attempts = attempts.max().unwrap();
    println!("{name:<34} {took:>6.1} s  at most {attempts} attempts  {by:?}");
    // Three that count, a hedge, the stand-in, and those a server did not even begin: these come
    // back with the server's backoff, some fifteen times until the stand-in's turn.
    assert!(attempts <= 20, "{name}: {attempts} attempts");
    for session in &sessions {
        let log = house
            .visits
            .store()
            .events_after(session.id, 0)
            .await
            .unwrap();
        for painting in &session.paintings {
            let done = log.iter().filter(|recorded| {
                matches!(&recorded.event, easel::session::Event::PaintingDone { painting: p, .. }
                    if *p == painting.asked.id)
            });
            assert_eq!(done.count(), 1, "{name}: painted once each");
        }
    }
    house.close().await;
    (took, by)
}

/// Not all: they share two cores with a clock in a hurry.
async fn a_few_at_once<T>(rows: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(rows).buffered(4).collect().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_visit_ends_well_whatever_its_servers_do() {
    const TROUBLES: [(&str, Act); 13] = [
        ("well", Act::Paint(4.0)),
        ("always fails", Act::Fail),
        ("connection refused", Act::Unreachable),
        ("dies in the middle", Act::DieMidway),
        ("hangs, and says that all is well", Act::Hang),
        ("frozen, and does not stop", Act::Freeze),
        ("too much to do (429)", Act::Busy),
        ("out of memory unless smaller", Act::OutOfMemory),
        ("broken until restarted", Act::NeedRestart),
        ("lacks a model", Act::LackModel),
        ("answers with no picture", Act::Rubbish),
        ("breaks inside our process", Act::Panic),
        ("loses the answer", Act::Lose),
    ];
    let beside = TROUBLES.map(|(name, act)| row(name, fake("bad", [], act), true));
    for ((name, _), (_, by)) in TROUBLES.iter().zip(a_few_at_once(beside).await) {
        assert_eq!(by.values().sum::<usize>(), 12, "{name}");
        assert!(
            by.get("comfyui").is_some_and(|n| *n > 0),
            "{name}: the good one paints"
        );
    }
    println!("alone, with the stand-in:");
    let alone = TROUBLES.map(|(name, act)| row(name, fake("bad", [], act), false));
    for ((name, _), (_, by)) in TROUBLES.iter().zip(a_few_at_once(alone).await) {
        assert_eq!(by.values().sum::<usize>(), 12, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_once_is_painted_elsewhere() {
    for act in [
        Act::Fail,
        Act::Rubbish,
        Act::Panic,
        Act::DieMidway,
        Act::NeedRestart,
    ] {
        let bad = fake("bad", [act], Act::Paint(5.0));
        let house = a_house([bad, fake("good", [], Act::Paint(5.0))])
            .open()
            .await;
        let visit = house.visit().await;
        let session = house.settled(visit).await;
        assert_eq!(painters(&session), ["comfyui"; 4], "{act:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_while_it_paints_is_waited_for() {
    // It gives a receipt at once, loads its model, paints, and tells of neither.
    let silent = fake("silent", [], Act::Paint(40.0)).with(|card| card.slots = 4);
    let house = a_house([silent]).open().await;
    let visit = house.visit().await;
    assert_eq!(painters(&house.settled(visit).await), ["comfyui"; 4]);
    assert_eq!(house.server(0).sent(), 4, "each was sent once");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasing_a_visit_stops_all_that_is_at_it() {
    let slow = |id: &str| fake(id, [], Act::Paint(80.0)).with(|card| card.slots = 4);
    let house = a_house([slow("slow")]).open().await;
    let visit = house.visit().await;
    house
        .until("four attempts", async || house.server(0).sent() == 4)
        .await;
    house
        .visits
        .run(visit, easel::session::Command::Erase)
        .await
        .unwrap();
    house
        .until("four stops", async || {
            *house.server(0).stopped.lock().unwrap() == 4
        })
        .await;
    let nothing_left = async || {
        let report = house.pool.report();
        (report.waiting, report.painting) == (0, 0)
    };
    house.until("an empty board", nothing_left).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_begun_again_and_again_is_painted_by_the_stand_in() {
    let house = a_house([fake("gpu", [], Act::Paint(500.0))]).open().await;
    let visit = house.visit().await;
    for painting in house.session(visit).await.paintings {
        for _ in 0..12 {
            let (painting, by) = (painting.asked.id, "comfyui".to_owned());
            let start = easel::session::Command::StartPainting { painting, by };
            house.visits.run(visit, start).await.unwrap();
        }
    }
    let house = house.loses_power().await.open().await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["embedded"; 4]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_cannot_be_read_for_a_moment_keeps_nobody_waiting() {
    let house = a_house([fake("gpu", [], Act::Paint(2.0))]).open().await;
    let store = house.visits.store().clone();
    let sql = async |text: &'static str| {
        let mut txn = store.begin().await.unwrap();
        let rows = sqlx::query(text).fetch_all(txn.connection()).await;
        txn.commit().await.unwrap();
        rows.unwrap().len()
    };
    sql("ALTER TABLE pool_attempts RENAME TO hidden").await;
    let visit = house.visit().await;
    let claimed = "SELECT id FROM jobs WHERE queue LIKE 'paint:%' AND lease > 0";
    house
        .until("a claim", async || sql(claimed).await > 0)
        .await;
    sql("ALTER TABLE hidden RENAME TO pool_attempts").await;
    let began = house.clock.monotonic();
    assert_eq!(painters(&house.settled(visit).await), ["comfyui"; 4]);
    let took = house.clock.monotonic() - began;
    assert!(took.as_secs() < 500, "no lease had to run out: {took:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listed_embedded_painter_that_paints_for_a_server_that_is_gone_is_told_as_a_stand_in() {
    crate::journal::listen();
    let plan = a_house([fake("gone", [], Act::Unreachable)]);
    let house = plan.with(|plan| plan.lists_stand_in = true).open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["embedded"; 4]);
    for painting in &session.paintings {
        let id = painting.asked.id.to_string();
        let lines = crate::journal::lines_with(&["the stand-in paints", &id]);
        assert_eq!(lines, 1, "{}", painting.asked.style);
    }
    let counted = async || {
        let styles = house.pool.report().styles;
        styles.iter().map(|style| style.by_stand_in).sum::<u64>() == 4
    };
    house.until("four paintings of the stand-in", counted).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_painter_that_nobody_is_preferred_to_stands_in_for_nobody() {
    crate::journal::listen();
    let plan = a_house([]).with(|plan| plan.lists_stand_in = true);
    let house = plan.open().await;
    let visit = house.visit().await;
    for painting in house.settled(visit).await.paintings {
        let id = painting.asked.id.to_string();
        let lines = crate::journal::lines_with(&["the stand-in paints", &id]);
        assert_eq!(lines, 0, "{}", painting.asked.style);
    }
    house.close().await;
}
