//! What providers' rules forbid: a photo in a style. It is sent to no server again, whatever seed
//! is asked for; those who moderate count refusals, and may close the account.

use std::collections::VecDeque;

use uuid::Uuid;

use super::work::{Job, Wanted};
use crate::session::FailureCode;

/// How many are remembered, for as long as the booth runs: more than one evening brings.
const REMEMBERED: usize = 256;

/// Photos and styles that were refused, the newest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Forbidden(VecDeque<(Uuid, usize)>);

impl Forbidden {
    pub(super) fn note(&mut self, wanted: &Wanted) {
        if self.holds(wanted) {
            return;
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back((wanted.capture, wanted.style));
    }

    pub(super) fn holds(&self, wanted: &Wanted) -> bool {
        self.0.contains(&(wanted.capture, wanted.style))
    }
}

impl Job {
    /// The same, of which it is known that a provider's rules forbid it.
    pub(super) fn forbidden(self) -> Self {
        let says = "a provider's rules have forbidden this photo in this style".to_owned();
        Self {
            here_only: true,
            trouble: Some((FailureCode::Moderated, says)),
            ..self
        }
    }
}
