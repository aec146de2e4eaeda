//! `[retention]`: how long the booth keeps what visitors leave with it.

use serde::{Deserialize, Serialize};

use crate::settings::Faults;
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
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        for (key, span) in [
            ("captures", self.captures),
            ("paintings", self.paintings),
            ("tickets", self.tickets),
        ] {
            faults.range(key, span, Span::secs(1)..=Span::hours(30 * 24));
        }
    }
}
