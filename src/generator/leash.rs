//! Sees to it that work at a server ends when nobody waits for it any more.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::GeneratorError;
use crate::clock::Clock;

/// How long after being dropped a cancellation still counts: who gives up may drop first and
/// cancel then.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// Where work is done for us.
#[async_trait]
pub(super) trait Remote: Send + Sync + Debug + 'static {
    /// Stops a piece of work, whatever has become of it. Ends within some seconds. Whether that is
    /// certain: nothing of it is coming any more.
    async fn stop(&self, work: &str) -> bool;

    /// Nobody waits for this piece of work, which came to nothing.
    fn leave_behind(&self, work: &str) {
        let _ = work;
    }

    /// Measures the seconds.
    fn clock(&self) -> &dyn Clock;
}

/// Holds one piece of work at one server.
#[derive(Debug)]
pub(super) struct Leash {
    remote: Arc<dyn Remote>,
    cancel: CancellationToken,
    /// What the server calls the work, while there is something to stop.
    work: Mutex<Option<String>>,
}

impl Leash {
    pub(super) fn new(remote: Arc<dyn Remote>, cancel: &CancellationToken) -> Self {
        Self {
            remote,
            cancel: cancel.clone(),
            work: Mutex::default(),
        }
    }

    /// From here on there may be something to stop, by this name.
    pub(super) fn sent(&self, work: &str) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = Some(work.to_owned());
    }

    /// Does `job` until it is done or cancelled. What was sent and came to nothing is taken back.
    ///
    /// # Errors
    /// The job's; [`GeneratorError::Cancelled`] if it was cancelled, and
    /// [`GeneratorError::MaybeStillComing`] if nobody knows whether that has reached its server.
    pub(super) async fn hold<T>(
        &self,
        job: impl Future<Output = Result<T, GeneratorError>> + Send,
    ) -> Result<T, GeneratorError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => {
                let stopped = match self.settle() {
                    Some(work) => self.remote.stop(&work).await,
                    None => true,
                };
                Err(if stopped {
                    GeneratorError::Cancelled
                } else {
                    let words = "it could not be told to stop".to_owned();
                    GeneratorError::MaybeStillComing(words)
                })
            }
            done = job => {
                let work = self.settle();
                if let (Err(_), Some(work)) = (&done, work) {
                    self.remote.leave_behind(&work);
                }
                done
            }
        }
    }

    fn settle(&self) -> Option<String> {
        self.work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        let (Some(work), Ok(runtime)) = (self.settle(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let (remote, cancel) = (Arc::clone(&self.remote), self.cancel.clone());
        runtime.spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => drop(remote.stop(&work).await),
                () = remote.clock().sleep(AFTERWARDS) => {}
            }
        });
    }
}
