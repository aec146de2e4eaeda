//! `[retention]`: how long the booth keeps what visitors leave with it.

use serde::{Deserialize, Serialize};

use super::complaint::Validator;
use crate::units::Span;

/// `[retention]`, each counted from the moment the thing was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Photos as visitors gave them.
    pub captures: Span,
    /// Paintings.
    pub paintings: Span,
    /// Tickets, and the links that lead to them.
    pub tickets: Span,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            // The photo is the most personal thing and is only needed for painting again.
            captures: Span::hours(24),
            // A weekend: time enough to save a ticket at home.
            paintings: Span::hours(72),
            tickets: Span::hours(72),
        }
    }
}

impl Retention {
    pub(super) fn validate(&self, v: &mut Validator<'_>) {
        for (key, span) in [
            ("retention.captures", self.captures),
            ("retention.paintings", self.paintings),
            ("retention.tickets", self.tickets),
        ] {
            v.range(key, span, Span::secs(1), Span::hours(30 * 24));
        }
    }
}
