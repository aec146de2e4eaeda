//! How long a study and each manner take, at the sizes the booth uses.
#![expect(
    missing_docs,
    reason = "criterion's macro makes a function without any"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use easel::painter::{Manner, Study, Unwatched, paint};
use std::hint::black_box;

fn painters(criterion: &mut Criterion) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/painter/inputs/collins.jpg"
    );
    let photo = image::open(path)
        .expect("the sample is in the repository")
        .to_rgb8();
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
    }
    group.finish();
}

criterion_group!(benches, painters);
criterion_main!(benches);
