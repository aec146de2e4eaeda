//! Named tasks, and who of them failed.

use std::collections::HashMap;
use std::future::Future;

use tokio::task::{Id, JoinError, JoinSet};

/// Running tasks by name.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    running: JoinSet<anyhow::Result<()>>,
    names: HashMap<Id, &'static str>,
}

impl Tasks {
    pub(super) fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        let id = self.running.spawn(task).id();
        self.names.insert(id, name);
    }

    /// The next task that fails, or `None` once all have ended. Cancellation safe.
    pub(super) async fn crash_or_done(&mut self) -> Option<&'static str> {
        while let Some(ended) = self.running.join_next_with_id().await {
            let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
            let name = self.names.remove(&id).unwrap_or("unnamed");
            match ended {
                Ok((_, Ok(()))) => tracing::debug!(task = name, "a task ended"),
                Ok((_, Err(error))) => {
                    tracing::error!(task = name, error = format!("{error:#}"), "a task failed");
                    return Some(name);
                }
                Err(error) => {
                    tracing::error!(task = name, %error, "a task panicked");
                    return Some(name);
                }
            }
        }
        None
    }

    /// Drops what is still running.
    pub(super) async fn abort(&mut self) {
        self.running.shutdown().await;
    }
}
