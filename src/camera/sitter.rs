//! Whom the camera is counted down to.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// The visitor whom the screen counts down to, if there is one. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Sitter(Arc<Mutex<Option<Uuid>>>);

impl Sitter {
    /// From now on it is that session's visitor, or nobody; answers who it was before.
    pub(crate) fn replace(&self, session: Option<Uuid>) -> Option<Uuid> {
        std::mem::replace(&mut *self.lock(), session)
    }

    /// Whether somebody is counted down to.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
