//! Progress, previews and cancelling.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use easel::painter::{Cancelled, Manner, Study, Watcher, paint};
use image::RgbImage;

use crate::gallery::load;

/// A share done, and the size of the stage shown with it.
type Told = (f32, Option<(u32, u32)>);

/// Remembers what it was told; wants no more after being asked `patience` times.
struct Recorder {
    told: Mutex<Vec<Told>>,
    asked: AtomicUsize,
    patience: usize,
}

impl Recorder {
    fn new(patience: usize) -> Self {
        Self {
            told: Mutex::default(),
            asked: AtomicUsize::new(0),
            patience,
        }
    }
}

impl Watcher for Recorder {
    fn progress(&self, share: f32, stage: Option<&RgbImage>) {
        self.told
            .lock()
            .expect("nobody panics")
            .push((share, stage.map(RgbImage::dimensions)));
    }

    fn is_cancelled(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.patience
    }
}

#[test]
fn progress_grows_and_stages_are_shown() {
    let study = Study::new(&load("ride"), 96);
    for manner in Manner::ALL {
        let recorder = Recorder::new(usize::MAX);
        paint(&study, manner, 1, &recorder).expect("nobody cancels");
        let told = recorder.told.into_inner().expect("nobody panics");
        assert!(
            told.windows(2).all(|w| w[0].0 <= w[1].0),
            "{} goes back: {told:?}",
            manner.id()
        );
        assert_eq!(told.first().map(|t| t.0), Some(0.0));
        assert_eq!(told.last(), Some(&(1.0, Some(study.size()))));
        let stages: Vec<_> = told.iter().filter_map(|t| t.1).collect();
        assert!(
            stages.len() >= 3,
            "{} shows {} stages",
            manner.id(),
            stages.len()
        );
        assert!(stages.iter().all(|s| *s == study.size()));
    }
}

#[test]
fn a_cancelled_painting_stops_wherever_it_is() {
    let study = Study::new(&load("ride"), 64);
    for manner in Manner::ALL {
        let counting = Recorder::new(usize::MAX);
        paint(&study, manner, 1, &counting).expect("nobody cancels");
        let asked = counting.asked.into_inner();
        assert!(asked >= 6, "{} asks only {asked} times", manner.id());
        // Early, late and in between; every place would take minutes.
        for patience in (0..asked).step_by(asked / 10 + 1).chain([asked - 1]) {
            let recorder = Recorder::new(patience);
            assert_eq!(
                paint(&study, manner, 1, &recorder),
                Err(Cancelled),
                "{} after {patience}",
                manner.id()
            );
            let told = recorder.told.into_inner().expect("nobody panics");
            assert!(
                told.iter().all(|t| t.0 < 1.0),
                "{} finished after being cancelled",
                manner.id()
            );
        }
    }
}

/// Notes the longest stretch of its thread's CPU time between two questions.
#[derive(Default)]
struct Stretches(Mutex<Stretch>);

#[derive(Default)]
struct Stretch {
    first_ns: u64,
    last_ns: u64,
    longest_ns: u64,
    share: f32,
    longest_at: f32,
}

impl Watcher for Stretches {
    fn progress(&self, share: f32, _: Option<&RgbImage>) {
        self.0.lock().expect("nobody panics").share = share;
    }

    fn is_cancelled(&self) -> bool {
        let now = cpu_ns();
        let mut seen = self.0.lock().expect("nobody panics");
        if seen.first_ns == 0 {
            (seen.first_ns, seen.last_ns) = (now, now);
        }
        if now - seen.last_ns > seen.longest_ns {
            (seen.longest_ns, seen.longest_at) = (now - seen.last_ns, seen.share);
        }
        seen.last_ns = now;
        false
    }
}

/// CPU time of this thread, so that a busy machine does not count (Documentation/scheduler/sched-stats.rst).
fn cpu_ns() -> u64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|s| s.split_whitespace().next()?.parse().ok())
        .unwrap_or(1)
}

/// A painting at 768 px is about 0.8 s of one core's work (`benches/painter.rs`), and its passes run
/// on all cores: on two, a tenth of it is done within 50 ms, and nobody who cancels waits for longer.
#[test]
fn a_painting_never_works_for_long_without_asking() {
    let study = Study::new(&load("trio"), 512);
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread can be made");
    for manner in Manner::ALL {
        // The quieter of two: a page fault is not the painter's work.
        let (share, at, all_ns) = (0..2)
            .map(|_| {
                let stretches = Stretches::default();
                alone.install(|| paint(&study, manner, 1, &stretches).expect("nobody cancels"));
                let seen = stretches.0.into_inner().expect("nobody panics");
                let all_ns = (seen.last_ns - seen.first_ns).max(1);
                let share = seen.longest_ns as f64 / all_ns as f64;
                (share, seen.longest_at, all_ns)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .expect("it was painted");
        println!(
            "{}: longest stretch {:.1} % of {:.0} ms on one core, after {:.0} %",
            manner.id(),
            100.0 * share,
            all_ns as f64 / 1e6,
            100.0 * at
        );
        assert!(share <= 0.1, "{} asks too seldom", manner.id());
    }
}
