//! Where picture work happens: off the async threads, behind two bounds.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, spawn_blocking};

use super::{Developed, Fault, Limits, Refusal, Settings, develop};

/// When a refused caller may try again. A full line of ordinary photos drains in about this time.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Runs picture work on blocking threads, so many at once and so many waiting; beyond that it is busy.
///
/// A cheap handle: clones share the two bounds.
#[derive(Debug, Clone)]
pub struct Darkroom {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    limits: Limits,
    /// One permit for each picture inside, running or waiting. Never waited for: none left means busy.
    places: Arc<Semaphore>,
    /// One permit for each picture being worked on. Waited for, first come first served.
    benches: Arc<Semaphore>,
}

impl Darkroom {
    /// A darkroom with `settings.running` benches and room for `settings.waiting` more to wait.
    pub fn new(settings: Settings, limits: Limits) -> Self {
        let places = Arc::new(Semaphore::new(settings.running + settings.waiting));
        let benches = Arc::new(Semaphore::new(settings.running));
        Self {
            shared: Arc::new(Shared {
                settings,
                limits,
                places,
                benches,
            }),
        }
    }

    /// Turns a visitor's file into its renditions.
    ///
    /// Dropping the future while it waits gives the place back at once; once work has begun it runs to
    /// its end and holds its place until then.
    ///
    /// # Errors
    /// Every [`Refusal`]. A decoder that panics on the file counts as [`Refusal::BadImage`].
    pub async fn develop(&self, bytes: Bytes) -> Result<Developed, Refusal> {
        let shared = self.shared.clone();
        self.attempt(move || develop(&bytes, &shared.limits, &shared.settings))
            .await
    }

    /// A place for other picture work, behind the same two bounds.
    ///
    /// # Errors
    /// Only [`Refusal::Busy`].
    pub fn admit(&self) -> Result<Place, Refusal> {
        // Never waited for: none left means busy.
        let permit = self.shared.places.clone().try_acquire_owned();
        Ok(Place {
            permit: permit.map_err(|_| busy())?,
            benches: self.shared.benches.clone(),
        })
    }

    /// What is taken here.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Work on a stranger's file: should it bring a decoder to panic, the file is refused and the booth lives on.
    async fn attempt<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        match self.admit()?.enter(work).await {
            Ok(answer) => answer,
            Err(broken) if broken.is_panic() => Err(Fault::Panicked.into()),
            Err(_) => Err(busy()),
        }
    }
}

/// A place in the [`Darkroom`]: one bench's turn. Free again when this is dropped, or its work is done.
#[derive(Debug)]
pub struct Place {
    permit: OwnedSemaphorePermit,
    benches: Arc<Semaphore>,
}

impl Place {
    /// Does picture work here; cancelled like [`Darkroom::develop`].
    ///
    /// # Errors
    /// Only [`Refusal::Busy`], if the booth is stopping.
    ///
    /// # Panics
    /// If `work` does.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.enter(work)
            .await
            .or_else(|broken| match broken.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(busy()),
            })
    }

    /// The error says that `work` panicked, or never began because the runtime is stopping.
    async fn enter<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let bench = self.benches.acquire_owned().await;
        let bench = bench.expect("the semaphore is never closed");
        // Both permits travel with the work: a caller that hangs up must not let a further one in early.
        let held = (self.permit, bench);
        spawn_blocking(move || {
            let _held = held;
            work()
        })
        .await
    }
}

fn busy() -> Refusal {
    Refusal::Busy {
        retry_after: RETRY_AFTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_brings_a_decoder_to_panic_is_a_bad_image() {
        let darkroom = Darkroom::new(
            Settings {
                running: 1,
                waiting: 0,
                ..Settings::default()
            },
            Limits::default(),
        );
        let refusal = darkroom
            .attempt::<()>(|| panic!("a decoder's bug"))
            .await
            .unwrap_err();
        assert!(matches!(
            refusal,
            Refusal::BadImage {
                fault: Fault::Panicked
            }
        ));
        assert_eq!(
            darkroom
                .admit()
                .expect("its place is free again")
                .run(|| 7)
                .await
                .expect("it is done"),
            7
        );
    }
}
