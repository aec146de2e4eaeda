//! Signals, systemd notify and watchdog, the two-stage stop.
//!
//! The first SIGTERM or SIGINT asks politely: what is in hand is finished. A second one, or the end
//! of the grace, cuts. A task that fails stops the others politely, and shows in the exit code:
//! half a booth is worse than one that is started again.

mod heartbeat;
mod notify;
mod tasks;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use futures::{Stream, StreamExt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;
use tokio_stream::wrappers::SignalStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use heartbeat::{BEAT_EVERY, Heartbeat};
pub use notify::Notifier;

use tasks::Tasks;

/// The long-lived tasks of the daemon, and how they end.
#[derive(Debug)]
pub struct Lifecycle {
    stop: CancellationToken,
    grace: Duration,
    notifier: Notifier,
    tasks: Tasks,
    /// No task among the others: it has no work to finish, and lasts as long as they do.
    feeder: Option<AbortOnDropHandle<()>>,
}

/// How the daemon ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Asked to stop, and all that was in hand was finished.
    Finished,
    /// Asked to stop, but cut before all was finished.
    Cut,
    /// A task failed or panicked.
    Crashed {
        /// The task.
        task: &'static str,
    },
}

impl Ending {
    /// 0 if all was finished, else 1.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Finished => ExitCode::SUCCESS,
            Self::Cut | Self::Crashed { .. } => ExitCode::FAILURE,
        }
    }
}

/// SIGTERM and SIGINT as they come. From now on they no longer end the process by themselves.
///
/// # Errors
/// If the handlers cannot be installed.
pub fn signals() -> io::Result<impl Stream<Item = ()> + Unpin> {
    let terminate = SignalStream::new(signal(SignalKind::terminate())?);
    let interrupt = SignalStream::new(signal(SignalKind::interrupt())?);
    Ok(futures::stream::select(terminate, interrupt))
}

/// Lets the process open as many files as it may: a connection is a file, and the usual default
/// of 1024 is meant for programs of another age. Says how many.
///
/// # Errors
/// If the system refuses what it has said is allowed.
pub fn raise_file_limit() -> io::Result<u64> {
    // More than connections will ever need; "unlimited" costs memory in some kernels' tables.
    const ENOUGH: u64 = 65_536;
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let current = limit.current.unwrap_or(u64::MAX);
    if current < wanted {
        setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(wanted),
                ..limit
            },
        )?;
    }
    Ok(current.max(wanted))
}

impl Lifecycle {
    /// Begins with no tasks. A stop may take `grace` before it is cut.
    #[must_use]
    pub fn new(grace: Duration, notifier: Notifier) -> Self {
        Self {
            stop: CancellationToken::new(),
            grace,
            notifier,
            tasks: Tasks::default(),
            feeder: None,
        }
    }

    /// Cancelled when the daemon should finish what is in hand and take nothing new.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Tells systemd how things are.
    #[must_use]
    pub fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    /// Runs `task` until it ends. If it fails or panics, the daemon stops.
    pub fn spawn<E>(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) where
        E: Into<anyhow::Error>,
    {
        self.tasks
            .spawn(name, async { task.await.map_err(Into::into) });
    }

    /// Feeds systemd's watchdog, if it set one, as long as the returned heart beats. Call once, and
    /// give the heart to the loop without which the booth is dead.
    #[must_use]
    pub fn heartbeat(&mut self) -> Heartbeat {
        let heart = Heartbeat::default();
        if let Some(every) = self.notifier.watchdog() {
            let feeder = heartbeat::feed(heart.clone(), self.notifier.clone(), every);
            self.feeder = Some(AbortOnDropHandle::new(tokio::spawn(feeder)));
        }
        heart
    }

    /// Says that the daemon is ready, runs until a signal comes, a task fails or all have ended,
    /// and stops. Whoever may connect must be able to by now.
    pub async fn run(mut self, mut signals: impl Stream<Item = ()> + Unpin) -> Ending {
        self.notifier.ready();
        let mut crashed = None;
        tokio::select! {
            _ = signals.next() => tracing::info!("stopping: finishing what is in hand"),
            () = self.stop.cancelled() => tracing::info!("stopping: asked from within"),
            task = self.tasks.crash_or_done() => crashed = task,
        }
        self.notifier.stopping();
        self.stop.cancel();
        let finished = self.finish(&mut signals, &mut crashed).await;
        self.tasks.abort().await;
        match crashed {
            Some(task) => Ending::Crashed { task },
            None if finished => Ending::Finished,
            None => Ending::Cut,
        }
    }

    /// Waits for the tasks; false if they were not done in time.
    async fn finish(
        &mut self,
        signals: &mut (impl Stream<Item = ()> + Unpin),
        crashed: &mut Option<&'static str>,
    ) -> bool {
        let all_done = async {
            while let Some(task) = self.tasks.crash_or_done().await {
                crashed.get_or_insert(task);
            }
        };
        tokio::select! {
            // What is done is done, even if a second signal comes in the same moment.
            biased;
            () = all_done => return true,
            _ = signals.next() => tracing::warn!("cut: asked to stop a second time"),
            () = sleep(self.grace) => tracing::warn!("cut: the time to finish is over"),
        }
        false
    }
}
