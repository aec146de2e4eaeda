//! Every adapter before a server with every fault we know: the visit ends before its deadline with
//! four paintings, and staff and the journal are told within ten seconds what is wrong, and when it
//! is over.

pub(crate) mod stand;

use std::time::Duration;

use easel::clock::{Clock, SystemClock};
use easel::generator::Kind;
use easel::pool::report::{ServerReport, ServerState};
use easel::units::Span;
use futures::{StreamExt, stream};

use self::stand::{Stand, Trouble};
use crate::house::{House, Plan, STYLES, a_house, painters};
use crate::journal;
use crate::lag::Lag;

/// By when staff and journal must know.
const KNOWN: Duration = Duration::from_secs(10);
/// How long a painting may take in these houses. What a service bills and may still answer is
/// waited for until the stand-in must begin, by rule at eight ninths of it.
const GIVE_UP: Duration = Duration::from_secs(30);

pub(crate) fn plan(stand: &Stand, id: &str) -> Plan {
    let mut plan = a_house([]).in_true_time();
    plan.others = vec![stand.generator(id)];
    plan.settings.patience = Span::secs(2);
    for style in &mut plan.styles {
        (style.timeout, style.give_up) = (Duration::from_secs(8), GIVE_UP);
    }
    plan
}

fn server(house: &House) -> ServerReport {
    house.pool.report().servers.swap_remove(0)
}

/// Whether staff see that something is wrong.
fn is_told(report: &ServerReport) -> bool {
    report.cause.is_some() || !report.unfit.is_empty()
}

async fn row(kind: Kind, n: usize, trouble: Trouble, lag: &Lag) {
    let name = format!("{kind}-{n}");
    let mut stand = Stand::open(kind).await;
    stand.has(&trouble);
    let house = plan(&stand, &name).open().await;
    let (clock, late) = (SystemClock::new(None), lag.total());
    let visit = house.visit().await;
    let known = async {
        house
            .until("trouble that staff see", async || {
                is_told(&server(&house))
                    && journal::lines_with(&["a generator is in trouble", &name]) > 0
            })
            .await;
        clock.monotonic()
    };
    let settles = async {
        let session = house.settled(visit).await;
        (session, clock.monotonic())
    };
    let (known, (session, took)) = tokio::join!(known, settles);
    assert_eq!(painters(&session).len(), STYLES.len());
    let late = lag.total() - late;
    assert!(took < GIVE_UP + late, "{name} {trouble:?}: {took:?}");
    assert!(
        known < KNOWN + late,
        "{name} {trouble:?}: told after {known:?}"
    );
    let unfit = !server(&house).unfit.is_empty();
    if !unfit {
        is_over(&house, &mut stand, &name, &trouble).await;
    }
    println!(
        "{name:<12} {:<44} visit {:>5.1} s, told after {:>4.1} s (machine {:>4.1} s late){}",
        format!("{trouble:?}").chars().take(44).collect::<String>(),
        took.as_secs_f64(),
        known.as_secs_f64(),
        late.as_secs_f64(),
        if unfit { ", unfit" } else { "" }
    );
    house.close().await;
}

/// The server behaves again: it is trusted again once it has painted, and that is told.
async fn is_over(house: &House, stand: &mut Stand, name: &str, trouble: &Trouble) {
    stand.behaves();
    for _ in 0..4 {
        let asked_again = async || {
            let state = server(house).state;
            state == ServerState::Ready || state == ServerState::OnTrial
        };
        house
            .until("a look at a server that is back", asked_again)
            .await;
        let visit = house.visit().await;
        house.settled(visit).await;
        if !is_told(&server(house)) {
            break;
        }
    }
    let report = server(house);
    assert!(!is_told(&report), "{name} {trouble:?}: {report:?}");
    let told = async || journal::lines_with(&["a generator is well again", name]) > 0;
    house
        .until("the journal's line that it is over", told)
        .await;
}

async fn every_fault(kind: Kind) {
    journal::listen();
    let lag = Lag::default();
    let rows = stand::troubles(kind).into_iter().enumerate();
    let rows = rows.map(|(n, trouble)| row(kind, n, trouble, &lag));
    let rows = stream::iter(rows).buffer_unordered(6).collect::<Vec<()>>();
    tokio::select! {
        _ = rows => {}
        () = lag.measure() => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_comfyui_is_told_and_costs_nobody_a_painting() {
    every_fault(Kind::Comfyui).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_webui_is_told_and_costs_nobody_a_painting() {
    every_fault(Kind::Sdwebui).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_an_endpoint_is_told_and_costs_nobody_a_painting() {
    every_fault(Kind::Runpod).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_an_image_service_is_told_and_costs_nobody_a_painting() {
    every_fault(Kind::Openai).await;
}
