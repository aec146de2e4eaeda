//! What staff see and do.

use easel::generator::Kind;
use easel::pool::TestError;
use easel::pool::report::{ServerState, Why};

use crate::house::{Act, STYLES, a_house, fake, painters};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_out_of_service_begins_nothing_and_comes_back() {
    let house = a_house([
        fake("a", [], Act::Paint(3.0)),
        fake("b", [], Act::Paint(3.0)),
    ])
    .open()
    .await;
    assert!(house.pool.drain("a"));
    assert!(!house.pool.drain("nobody"));
    let visit = house.visit().await;
    assert_eq!(painters(&house.settled(visit).await), ["comfyui"; 4]);
    assert_eq!((house.server(0).sent(), house.server(1).sent()), (0, 4));
    let report = house.pool.report();
    assert!(report.servers[0].draining);
    assert!(
        report.servers[0].says.contains("staff"),
        "{}",
        report.servers[0].says
    );
    assert!(house.pool.resume("a"));
    let visit = house.visit().await;
    house.settled(visit).await;
    assert!(house.server(0).sent() > 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_report_says_what_is_going_on() {
    let bad = fake("bad", [], Act::Unreachable);
    // Slow, but well before the half minute after which an unmeasured server is doubted.
    let slow = fake("slow", [], Act::Paint(15.0)).with(|card| card.slots = 4);
    let house = a_house([bad, slow]).open().await;
    *house.server(0).ill.lock().unwrap() = true;
    let visit = house.visit().await;
    house
        .until("the trouble", async || {
            let report = house.pool.report();
            report.servers[0].state == ServerState::Down && report.waiting + report.painting == 4
        })
        .await;
    let report = house.pool.report();
    let (bad, slow) = (&report.servers[0], &report.servers[1]);
    assert!(
        bad.says.contains("as it was told") || bad.says.contains("it says so"),
        "{}",
        bad.says
    );
    assert!(bad.last_error.is_some());
    assert_eq!((slow.slots, slow.kind.as_str()), (4, "comfyui"));
    assert!(
        slow.at_work
            .iter()
            .all(|a| matches!(a.why, Why::Turn | Why::Again))
    );
    assert_eq!(report.servers[2].id, "stand-in");
    assert!(report.stand_in && report.eta_s[0] <= report.eta_s[1]);
    assert_eq!(report.waiting + report.painting, 4);
    house.settled(visit).await;
    // The last of them is counted a moment after it hangs.
    let done = || {
        house
            .pool
            .report()
            .styles
            .iter()
            .map(|s| s.done)
            .sum::<u64>()
    };
    house.until("four done", async || done() == 4).await;
    let report = house.pool.report();
    assert!(report.servers[1].ever.done > 0, "{report:?}");
    assert!(
        report.servers[1]
            .times
            .iter()
            .all(|t| t.cold_s.is_some() || t.warm_s.is_some())
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["servers"][0]["state"], "down");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_have_a_server_paint_a_sample() {
    let house = a_house([fake("gpu", [], Act::Paint(2.0))]).open().await;
    let picture = house
        .pool
        .test_painting("gpu", &"renoir".into())
        .await
        .unwrap();
    assert_eq!(image::load_from_memory(&picture).unwrap().width(), 32);
    let nobody = house.pool.test_painting("nobody", &"renoir".into()).await;
    assert!(matches!(nobody, Err(TestError::NoServer)));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_the_stand_in_takes_is_measured_when_the_booth_starts() {
    let plan = a_house([fake("gpu", [], Act::Paint(2.0))]).with(|plan| {
        let slow = fake("stand-in", [], Act::Paint(7.0)).of(Kind::Embedded);
        plan.stand_in = Some(slow.into());
    });
    let house = plan.open().await;
    let times = || house.pool.report().servers[1].times.clone();
    house
        .until("a measure", async || times().len() == STYLES.len())
        .await;
    for pace in times() {
        let warm = pace.warm_s.unwrap();
        assert!((7.0..8.0).contains(&warm), "{}: {warm} s", pace.style);
    }
    house.close().await;
}
