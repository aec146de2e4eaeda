//! How a receipt printer is while a ticket is under way and nobody else may ask it.

use std::sync::{Mutex, PoisonError};

use crate::printer::Condition;
use crate::printer::spooled::Look;

/// The last look, kept for those who look meanwhile.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Option<Look>>);

impl Seen {
    pub(super) fn remember(&self, look: Look) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(look);
    }

    /// The last look, as that of a printer that prints; `None` if there was none.
    pub(super) fn while_printing(&self) -> Option<Look> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut look = seen.clone()?;
        if look.needs.is_empty() {
            look.condition = Condition::Printing;
        }
        Some(look)
    }
}

impl From<Look> for Seen {
    fn from(look: Look) -> Self {
        Self(Mutex::new(Some(look)))
    }
}
