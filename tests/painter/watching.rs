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
