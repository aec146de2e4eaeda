//! What a decision of the pool costs, with a full board: twenty visitors before eight servers; what
//! telling a visitor how long they wait costs; and how much longer than they must twenty paintings
//! take on four simulated ComfyUIs, with the whole pool, its true record and pictures, and true time.

#![expect(missing_docs, reason = "criterion's macros make public functions")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and tells"
)]

#[allow(dead_code, unused_imports, reason = "a part of it is for tests")]
#[path = "../tests/pool/house/mod.rs"]
mod house;
#[path = "../tests/simulated/mod.rs"]
mod simulated;
#[allow(dead_code, reason = "a part of it is for tests")]
#[path = "../tests/faults/adapters/stand.rs"]
mod stand;

use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use easel::clock::{Clock, SystemClock};
use easel::generator::Kind;
use easel::generator::wire::Patience;
use easel::pool::foreman::{Foreman, Rules, ServerRules, Spread, StyleRules, Wanted};
use futures::future::join_all;
use uuid::Uuid;

use house::{a_house, painters};
use simulated::Fault;
use stand::{Stand, Trouble};

const STYLES: [&str; 4] = ["picasso", "renoir", "van-gogh", "lichtenstein"];
const VISITS: u128 = 20;

fn rules() -> Rules {
    let style = |id: &str| StyleRules {
        id: id.into(),
        generators: None,
        attempts: 3,
        timeout: Duration::from_secs(60),
        give_up: Duration::from_secs(90),
    };
    let server = |i: usize| ServerRules {
        id: format!("server-{i}"),
        slots: 2,
        paints: vec![true; STYLES.len()],
        least: Duration::ZERO,
        billed: false,
        models: vec![Some(0); STYLES.len()],
        offsite: false,
        embedded: i == 7,
        listed: true,
        switched: false,
    };
    Rules {
        styles: STYLES.map(style).to_vec(),
        servers: (0..8).map(server).collect(),
        stand_in: Some(7),
        spread: Spread::Parallel,
        hedge: true,
        patience: Duration::from_secs(20),
        rest_after: Duration::from_secs(300),
    }
}

/// A full board, a moment after everybody asked.
fn crowd() -> (Foreman, Duration) {
    let begin = Duration::from_secs(1_000_000);
    let mut foreman = Foreman::new(rules(), begin);
    for visit in 0..VISITS {
        for style in 0..STYLES.len() {
            let wanted = Wanted {
                painting: Uuid::from_u128(visit * 10 + style as u128),
                visit: Uuid::from_u128(visit),
                capture: Uuid::from_u128(visit),
                style,
                asked: begin,
                offsite: true,
                failed: 0,
                unsure: None,
            };
            foreman.take_in(wanted, begin);
        }
    }
    foreman.decide(begin, 0.5);
    (foreman, begin + Duration::from_secs(5))
}

fn pool(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pool");
    let (foreman, now) = crowd();
    group.bench_function("decide, 80 on the board", |b| {
        let board = || foreman.clone();
        b.iter_batched(
            board,
            |mut foreman| foreman.decide(now, 0.5),
            BatchSize::SmallInput,
        );
    });
    let own: Vec<(Uuid, usize)> = (0..4)
        .map(|style| (Uuid::from_u128(190 + style as u128), style))
        .collect();
    group.bench_function("how long the last visitor waits", |b| {
        b.iter(|| foreman.place(Uuid::from_u128(19), &own, now));
    });
    group.finish();
}

/// What a painting takes at a simulated server.
const PAINTING: Duration = Duration::from_millis(1_600);
const SERVERS: usize = 4;
const VISITORS: usize = 5;

/// Twenty paintings asked for at once, on four servers of which `dead` are not there: how long they
/// took, and how long they take at least, in seconds: no painting is divided among servers.
async fn twenty_on_four(dead: usize) -> (f64, f64) {
    let mut servers = Vec::new();
    for _ in dead..SERVERS {
        let server = Stand::open(Kind::Comfyui).await;
        server.has(&Trouble::Comfy(Fault::Takes(PAINTING)));
        servers.push(server);
    }
    let mut plan = a_house([]).in_true_time();
    plan.stand_in = None;
    plan.others = (servers.iter().enumerate())
        .map(|(i, server)| server.generator_with(&format!("gpu-{i}"), Patience::default()))
        .collect();
    for i in 0..dead {
        // Closed again: nobody listens there any more.
        let gone = Stand::open(Kind::Comfyui).await;
        plan.others
            .push(gone.generator_with(&format!("gone-{i}"), Patience::default()));
    }
    for style in &mut plan.styles {
        style.give_up = Duration::from_secs(600);
    }
    let house = plan.open().await;
    // The first look at each server is over before anybody comes.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let clock = SystemClock::new(None);
    let visits = join_all((0..VISITORS).map(|_| house.visit())).await;
    let sessions = join_all(visits.iter().map(|visit| house.settled(*visit))).await;
    let took = clock.monotonic().as_secs_f64();
    assert!(
        sessions
            .iter()
            .all(|session| painters(session).len() == STYLES.len())
    );
    house.close().await;
    let rounds = (STYLES.len() * VISITORS).div_ceil(SERVERS - dead);
    (took, PAINTING.as_secs_f64() * rounds as f64)
}

fn makespan(_: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    for dead in [0, 1] {
        for _ in 0..3 {
            let (took, ideal) = runtime.block_on(twenty_on_four(dead));
            println!(
                "20 on {SERVERS}, {dead} dead: {took:.2} s, {:.3} × the ideal of {ideal:.2} s",
                took / ideal
            );
        }
    }
}

criterion_group!(benches, pool, makespan);
criterion_main!(benches);
