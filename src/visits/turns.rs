//! One at a time under a name: what must not be done twice at once, such as pressing a shutter, is
//! looked up and done within one turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// Whose turn it is, by name. Only names in use are kept.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<String, Arc<Gate<()>>>>);

/// A turn; over once it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    name: String,
    // `None` only while it is dropped.
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for a turn under that name.
    pub(super) async fn take(self: &Arc<Self>, name: String) -> Turn {
        let gate = Arc::clone(self.gates().entry(name.clone()).or_default());
        // Made first: also who gives up waiting leaves no name behind.
        let mut turn = Turn {
            turns: Arc::clone(self),
            name,
            guard: None,
        };
        turn.guard = Some(gate.lock_owned().await);
        turn
    }

    fn gates(&self) -> MutexGuard<'_, HashMap<String, Arc<Gate<()>>>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut gates = self.turns.gates();
        self.guard = None;
        if gates
            .get(&self.name)
            .is_some_and(|gate| Arc::strong_count(gate) == 1)
        {
            gates.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_under_a_name_and_no_name_is_kept() {
        let turns = Arc::new(Turns::default());
        let first = turns.take("a".to_owned()).await;
        let _other = turns.take("b".to_owned()).await;
        let mut second = Box::pin(turns.take("a".to_owned()));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        drop(second.await);
        assert_eq!(turns.gates().len(), 1);
        // Who stops waiting leaves nothing behind either.
        let held = turns.take("a".to_owned()).await;
        let mut waiting = Box::pin(turns.take("a".to_owned()));
        assert!((&mut waiting).now_or_never().is_none());
        drop(held);
        drop(waiting);
        assert_eq!(turns.gates().len(), 1);
    }
}
