//! Who a generator is: what settings say of any, whatever it paints with.

use std::time::Duration;

use super::{Kind, Repertoire};

/// Name, kind, seats and price.
#[derive(Debug, Clone)]
pub struct Card {
    /// Its name in settings, logs and on the staff page.
    pub id: String,
    /// What it is: the `by` of its paintings.
    pub kind: Kind,
    /// How many paintings it takes on at once.
    pub slots: usize,
    /// The styles it serves.
    pub styles: Repertoire,
    /// What a painting costs, in the operator's currency.
    pub cost: f64,
    /// Longest side of an embedded painting, or of the photo that a server is sent, in pixels.
    pub size_px: u32,
    /// The least time an attempt there must be given, whatever a style's settings say: a service
    /// that bills and answers late is not cut off early.
    pub least: Duration,
}

impl Card {
    /// A generator of that name and kind that serves every style, one at a time, for nothing.
    pub fn new(id: &str, kind: Kind) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            slots: 1,
            styles: Repertoire::all(),
            cost: 0.0,
            size_px: 1_024,
            least: Duration::ZERO,
        }
    }

    /// Whether each attempt there costs money: one whose answer may still come is never repeated.
    #[must_use]
    pub fn billed(&self) -> bool {
        self.cost > 0.0 || self.kind.traits().billed
    }
}
