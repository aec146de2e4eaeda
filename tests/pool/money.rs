//! Servers that cost money: nothing is paid twice, and none runs that nobody needs.

use std::path::{Path, PathBuf};

use easel::generator::Kind;
use easel::pool::hooks::Hook;
use easel::pool::report::{Cause, ServerState};
use easel::pool::{ServerSettings, StyleRules};
use easel::session::Command;
use easel::store::Store;
use easel::units::Span;

use crate::house::{Act, Fake, House, Plan, a_house, fake, painters};

fn pod(first: Vec<Act>, then: Act) -> Fake {
    fake("pod", first, then).of(Kind::Runpod).with(|card| {
        card.slots = 4;
        card.cost = 0.04;
    })
}

/// Long enough that only what is under test decides.
fn patient(styles: &mut [StyleRules]) {
    for style in styles {
        style.give_up = std::time::Duration::from_secs(600);
        style.timeout = std::time::Duration::from_secs(300);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_looked_for_before_anything_is_sent_again() {
    let plan = a_house([pod(vec![Act::Lose; 4], Act::Paint(2.0))]);
    let house = plan.with(|plan| patient(&mut plan.styles)).open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["runpod"; 4]);
    assert_eq!(house.server(0).sent(), 4, "each was sent once");
    let mut resumed = house.server(0).resumed.lock().unwrap().clone();
    let mut sent: Vec<_> = house
        .server(0)
        .sent
        .lock()
        .unwrap()
        .iter()
        .map(|s| s.0)
        .collect();
    resumed.sort_unstable();
    sent.sort_unstable();
    assert_eq!(resumed, sent, "and then asked for by its own id");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_the_power_went_is_not_sent_again() {
    for (name, power) in [("power cut", true), ("orderly stop", false)] {
        let plan = a_house([pod(vec![Act::Paint(500.0); 4], Act::Paint(2.0))])
            .with(|plan| patient(&mut plan.styles));
        let house = plan.open().await;
        let visit = house.visit().await;
        // Receipts are written down as soon as they are there.
        let store: Store = house.visits.store().clone();
        house
            .until("four receipts", async || {
                let mut txn = store.begin().await.unwrap();
                let count = "SELECT COUNT(*) FROM pool_attempts WHERE receipt IS NOT NULL";
                let n: i64 = sqlx::query_scalar(count)
                    .fetch_one(txn.connection())
                    .await
                    .unwrap();
                n == 4
            })
            .await;
        drop(store);
        let plan = if power {
            house.loses_power().await
        } else {
            house.close().await
        };
        assert_eq!(
            *plan.servers[0].stopped.lock().unwrap(),
            0,
            "{name}: left at the server"
        );
        let house = plan.open().await;
        let session = house.settled(visit).await;
        assert_eq!(painters(&session), ["runpod"; 4], "{name}");
        assert_eq!(house.server(0).sent(), 4, "{name}: each was sent once");
        assert_eq!(house.server(0).resumed.lock().unwrap().len(), 4, "{name}");
        // The last of them is counted a moment after it hangs.
        let done = async || house.pool.report().servers[0].ever.done == 4;
        house.until("four done", done).await;
        let spent = house.pool.report().servers[0].ever.spent;
        assert!((spent - 0.16).abs() < 1e-9, "{name}: {spent}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_answers_late_is_not_cut_off_and_paid_again() {
    let least = std::time::Duration::from_secs(300);
    let slow = pod(vec![], Act::Paint(20.0)).with(|card| card.least = least);
    let impatient = |plan: &mut Plan| {
        patient(&mut plan.styles);
        for style in &mut plan.styles {
            style.timeout = std::time::Duration::from_secs(5);
        }
    };
    let house = a_house([slow]).with(impatient).open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["runpod"; 4]);
    assert_eq!(house.server(0).sent(), 4, "each was sent once");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_say_that_it_has_stopped_is_not_sent_again() {
    let impatient = |plan: &mut Plan| {
        patient(&mut plan.styles);
        for style in &mut plan.styles {
            style.timeout = std::time::Duration::from_secs(5);
        }
    };
    let deaf = pod(vec![Act::Deaf; 4], Act::Paint(2.0));
    let house = a_house([deaf]).with(impatient).open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["runpod"; 4]);
    assert_eq!(house.server(0).sent(), 4, "each was sent once");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dropped_there_is_paid_all_the_same() {
    let plan = a_house([pod(vec![], Act::Paint(500.0))]).with(|plan| patient(&mut plan.styles));
    let house = plan.open().await;
    let visit = house.visit().await;
    let sent = async || house.server(0).sent() == 4;
    house.until("four sent", sent).await;
    house.visits.run(visit, Command::End).await.unwrap();
    let stopped = async || house.pool.report().servers[0].ever.stopped == 4;
    house.until("four stopped", stopped).await;
    let spent = house.pool.report().servers[0].ever.spent;
    assert!((spent - 0.16).abs() < 1e-9, "{spent}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_photos_of_those_who_agreed_leave_the_house() {
    let house = a_house([pod(vec![], Act::Paint(2.0))]).open().await;
    let visit = house.visit_that_agrees_to(false).await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["embedded"; 4]);
    assert_eq!(house.server(0).sent(), 0);
    let agrees = house.visit().await;
    assert_eq!(painters(&house.settled(agrees).await), ["runpod"; 4]);
    house.close().await;
}

/// A house whose only server is switched by hooks that write down what they were told.
fn switched() -> (Plan, PathBuf) {
    let mut plan = a_house([fake("gpu", [], Act::Paint(2.0))]);
    let said = plan.data.path().join("said");
    let script = format!("echo $EASEL_EVENT $EASEL_SERVER >> '{}'", said.display());
    let words = ["sh", "-c", &script].map(str::to_owned).to_vec();
    let hook = Some(Hook::Command(words));
    plan.settings.rest_after = Span::secs(40);
    plan.settings.server = vec![ServerSettings {
        id: "gpu".to_owned(),
        start: hook.clone(),
        stop: hook,
        per_hour: Some(3.6),
        ..ServerSettings::default()
    }];
    (plan, said)
}

fn read(said: &Path) -> String {
    std::fs::read_to_string(said).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_wakes_a_server_and_it_rests_when_nobody_comes() {
    let (plan, said) = switched();
    *plan.servers[0].ill.lock().unwrap() = true;
    let house = plan.open().await;
    let is = async |state| house.pool.report().servers[0].state == state;
    house
        .until("rest", async || is(ServerState::Resting).await)
        .await;
    house.touch().await;
    house
        .until("the start hook", async || read(&said) == "start gpu\n")
        .await;
    *house.server(0).ill.lock().unwrap() = false;
    house
        .until("readiness", async || is(ServerState::Ready).await)
        .await;
    let warmed = house.server(0).warmed.lock().unwrap().len();
    assert_eq!(warmed, 4, "every style's model");
    let visit = house.visit().await;
    assert_eq!(painters(&house.settled(visit).await), ["comfyui"; 4]);
    let both = "start gpu\nstop gpu\n";
    house
        .until("the stop hook", async || read(&said) == both)
        .await;
    assert!(is(ServerState::Resting).await);
    let ever = house.pool.report().servers[0].ever;
    assert!(ever.awake_s > 0.0 && ever.spent > 0.0, "{ever:?}");
    assert!((ever.spent - ever.awake_s * 0.001).abs() < 1e-6, "{ever:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lacks_one_model_paints_the_rest_and_goes_to_rest() {
    let (plan, said) = switched();
    *plan.servers[0].ill.lock().unwrap() = true;
    *plan.servers[0].lacks.lock().unwrap() = Some("renoir");
    let house = plan.open().await;
    let is = async |state| house.pool.report().servers[0].state == state;
    house.touch().await;
    house
        .until("the start hook", async || read(&said) == "start gpu\n")
        .await;
    *house.server(0).ill.lock().unwrap() = false;
    house
        .until("readiness", async || is(ServerState::Ready).await)
        .await;
    let visit = house.visit().await;
    let mut by = painters(&house.settled(visit).await);
    by.sort_unstable();
    assert_eq!(by, ["comfyui", "comfyui", "comfyui", "embedded"]);
    let both = "start gpu\nstop gpu\n";
    house
        .until("the stop hook", async || read(&said) == both)
        .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_left_on_by_an_earlier_run_is_laid_to_rest() {
    let (plan, said) = switched();
    let house = plan.open().await;
    house
        .until("the stop hook", async || read(&said) == "stop gpu\n")
        .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_that_it_is_stuck_is_restarted() {
    let mut plan = a_house([fake("gpu", [], Act::Paint(2.0))]);
    let said = plan.data.path().join("said");
    let script = format!("echo $EASEL_EVENT $EASEL_SERVER >> '{}'", said.display());
    let words = ["sh", "-c", &script].map(str::to_owned).to_vec();
    plan.settings.server = vec![ServerSettings {
        id: "gpu".to_owned(),
        restart: Some(Hook::Command(words)),
        ..ServerSettings::default()
    }];
    *plan.servers[0].stuck.lock().unwrap() = true;
    let house = plan.open().await;
    house
        .until("the restart hook", async || {
            read(&said).starts_with("restart gpu\n")
        })
        .await;
    *house.server(0).stuck.lock().unwrap() = false;
    let visit = house.visit().await;
    assert_eq!(painters(&house.settled(visit).await), ["comfyui"; 4]);
    house.close().await;
}

/// A pod with so much money for today.
fn with_money(first: Vec<Act>, per_day: f64) -> Plan {
    a_house([pod(first, Act::Paint(2.0))]).with(|plan| {
        plan.settings.server = vec![ServerSettings {
            id: "pod".to_owned(),
            per_day: Some(per_day),
            ..ServerSettings::default()
        }];
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_money_of_a_day_is_asked_before_a_painting_and_outlives_a_power_cut() {
    let house = with_money(vec![], 0.10).open().await;
    let visit = house.visit().await;
    let spent = |house: &House| house.pool.report().servers[0].today.spent;
    // The power goes long before the books are written by the way.
    let two = async || (spent(&house) - 0.08).abs() < 1e-9;
    house.until("two paintings in the books", two).await;
    assert_eq!(house.pool.report().servers[0].cause, Some(Cause::Spent));
    let house = house.loses_power().await.open().await;
    let kept = async || (spent(&house) - 0.08).abs() < 1e-9;
    house.until("what was in the books", kept).await;
    let mut by = painters(&house.settled(visit).await);
    by.sort_unstable();
    assert_eq!(by, ["embedded", "embedded", "runpod", "runpod"]);
    let visit = house.visit().await;
    assert_eq!(painters(&house.settled(visit).await), ["embedded"; 4]);
    assert_eq!(
        house.server(0).sent(),
        2,
        "nothing was sent that nobody can pay"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_is_booked_at_its_price() {
    let house = with_money(vec![Act::Swallow], 9.0).open().await;
    let visit = house.visit().await;
    assert_eq!(painters(&house.settled(visit).await), ["runpod"; 4]);
    let five = async || (house.pool.report().servers[0].today.spent - 0.20).abs() < 1e-9;
    house.until("five paintings in the books", five).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_fails_is_told_to_staff_and_to_the_journal() {
    crate::journal::listen();
    let mut plan = a_house([fake("no-quota", [], Act::Paint(2.0))]);
    let hook = |script: &str| {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        Some(Hook::Command(words))
    };
    plan.settings.rest_after = Span::secs(40);
    plan.settings.server = vec![ServerSettings {
        id: "no-quota".to_owned(),
        start: hook("echo quota exceeded >&2; exit 3"),
        stop: hook("echo no such pod >&2; exit 4"),
        ..ServerSettings::default()
    }];
    *plan.servers[0].ill.lock().unwrap() = true;
    let house = plan.open().await;
    let visit = house.visit().await;
    let cause = || house.pool.report().servers[0].cause;
    house
        .until("a word of the start hook", async || {
            cause() == Some(Cause::NotWoken)
        })
        .await;
    assert_eq!(painters(&house.settled(visit).await), ["embedded"; 4]);
    let said = [
        "a generator is in trouble",
        "no-quota",
        "not_woken",
        "quota exceeded",
    ];
    assert!(crate::journal::lines_with(&said) > 0);
    house.close().await;
}
