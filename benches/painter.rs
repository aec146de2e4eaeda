//! How long a study, each manner and all four at once take, and how soon a painting can be stopped.
//!
//! What four at once take in memory is measured by `tests/painter/memory.rs`.
#![expect(
    missing_docs,
    reason = "criterion's macro makes a function without any"
)]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time and says so"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use easel::painter::{Cancelled, Manner, Study, Unwatched, Watcher, paint};
use image::RgbImage;

fn painters(criterion: &mut Criterion) {
    let photo = photo();
    let mut group = criterion.benchmark_group("painter");
    group.sample_size(10);
    for size in [512, 768, 1024] {
        group.bench_function(BenchmarkId::new("study", size), |b| {
            b.iter(|| Study::new(black_box(&photo), size));
        });
        let study = Study::new(&photo, size);
        for manner in Manner::ALL {
            group.bench_function(BenchmarkId::new(manner.id(), size), |b| {
                b.iter(|| paint(black_box(&study), manner, 1, &Unwatched));
            });
        }
        group.bench_function(BenchmarkId::new("all-four-of-one-photo", size), |b| {
            b.iter(|| all_four(&photo, size));
        });
    }
    group.finish();
}

/// One study, then all manners at the same time.
fn all_four(photo: &RgbImage, size: u32) {
    let study = Study::new(photo, size);
    std::thread::scope(|scope| {
        for manner in Manner::ALL {
            let study = &study;
            scope.spawn(move || black_box(paint(study, manner, 1, &Unwatched)));
        }
    });
}

/// Cancels at many moments and says how long it took at most until the painters had stopped.
fn cancelling(_: &mut Criterion) {
    let study = Study::new(&photo(), 768);
    for manner in Manner::ALL {
        let whole = {
            let start = Instant::now();
            paint(&study, manner, 1, &Unwatched).expect("nobody cancels");
            start.elapsed()
        };
        let late = (0..40)
            .map(|i| {
                let due = Due::after(whole.mul_f32(i as f32 / 40.0));
                match paint(&study, manner, 1, &due) {
                    Err(Cancelled) => due.late(),
                    Ok(_) => Duration::ZERO,
                }
            })
            .max()
            .unwrap_or_default();
        println!(
            "painter/cancelling/{}: at most {:.1} ms of {:.0} ms",
            manner.id(),
            late.as_secs_f64() * 1e3,
            whole.as_secs_f64() * 1e3
        );
    }
}

/// Wants no more after a while.
struct Due {
    at: Instant,
}

impl Due {
    fn after(delay: Duration) -> Self {
        Self {
            at: Instant::now() + delay,
        }
    }

    fn late(&self) -> Duration {
        self.at.elapsed()
    }
}

impl Watcher for Due {
    fn progress(&self, _: f32, _: Option<&RgbImage>) {}

    fn is_cancelled(&self) -> bool {
        Instant::now() >= self.at
    }
}

fn photo() -> RgbImage {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/painter/inputs/collins.jpg"
    );
    image::open(path)
        .expect("the sample is in the repository")
        .to_rgb8()
}

criterion_group!(benches, painters, cancelling);
criterion_main!(benches);
