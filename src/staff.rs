//! Who runs the booth: how staff get in, and what the house knows for them.
//!
//! [`Door`] lets in by PIN and slows down who guesses; [`pause`] says when the booth takes no new
//! visitors; [`figures`] tells the day in numbers; [`parts`] asks every part how it is;
//! [`rehearsal`] keeps what a rehearsal has found so far.

pub mod door;
pub mod figures;
pub mod parts;
pub mod pause;
pub mod pin;
pub mod rehearsal;
mod settings;
pub mod sheet;
mod shifts;
mod token;
mod tries;

use parts::Parts;
use rehearsal::Rehearsals;

pub use door::{Door, DoorError};
pub use settings::{GivenPin, Settings};
pub use token::{Claims, Pass};

/// What the booth has for its staff.
#[derive(Debug)]
pub struct Staff {
    /// How they get in.
    pub door: Door,
    /// Who says how each part is.
    pub parts: Parts,
    /// What rehearsals found.
    pub rehearsals: Rehearsals,
    /// Whether the staff page is on the public listener too.
    pub public: bool,
}
