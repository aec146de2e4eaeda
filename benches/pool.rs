//! What a decision of the pool costs, with a full board: twenty visitors before eight servers; and
//! what telling a visitor how long they wait costs.

#![expect(missing_docs, reason = "criterion's macros make public functions")]

use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use easel::pool::foreman::{Foreman, Rules, ServerRules, Spread, StyleRules, Wanted};
use uuid::Uuid;

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

criterion_group!(benches, pool);
criterion_main!(benches);
