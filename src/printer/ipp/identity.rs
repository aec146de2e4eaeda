//! Whether a job at the printer is the one that was meant.
//!
//! After it was switched off, a printer counts its jobs from one again, so that a number alone says
//! little; and what it says of a job's name it may have cut short or written in its own letters.

/// What the name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// It is the same job.
    Same,
    /// It is cut short, and ours as far as it goes: the same job, unless the printer was off since.
    Likely,
    /// It is another one.
    Other,
    /// The name does not tell: the same number at a printer that has run all the while is the same
    /// job.
    Unsure,
}

/// So many letters and digits of our name hold the ticket's number and the order's time of day.
const ENOUGH: usize = 20;

impl Identity {
    /// Compares the name that was heard, if any was, with ours.
    pub(super) fn of(heard: Option<&str>, ours: &str) -> Self {
        let Some(heard) = heard else {
            return Self::Unsure;
        };
        if heard == ours {
            return Self::Same;
        }
        let (heard, ours) = (plain(heard), plain(ours));
        let telling = heard.len() >= ENOUGH;
        if heard == ours {
            Self::Same
        } else if telling && ours.contains(&heard) {
            Self::Likely
        } else if heard.starts_with("ticket") && !ours.starts_with(&heard) {
            // Another order of this booth's, whole or cut short.
            Self::Other
        } else {
            Self::Unsure
        }
    }
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "Ticket 42 01939f00-1c2d-7e3f-8a4b-5c6d7e8f9a0b 1";

    #[test]
    fn a_name_that_was_cut_or_rewritten_is_still_ours() {
        let is = |heard| Identity::of(Some(heard), OURS);
        assert_eq!(is(OURS), Identity::Same);
        assert_eq!(is("Ticket 42 01939f00-1c2d-7e3f"), Identity::Likely);
        assert_eq!(
            is("TICKET_42_01939F00_1C2D_7E3F_8A4B_5C6D7E8F9A0B_1"),
            Identity::Same
        );
        let order = "01939f00-1c2d-7e3f-8a4b-5c6d7e8f9a0b";
        assert_eq!(is(order), Identity::Likely);
    }

    #[test]
    fn another_orders_name_is_not_and_what_says_nothing_is_not_known() {
        let of = |heard| Identity::of(heard, OURS);
        let other = "Ticket 43 01939f00-1c2d-7e3f-8a4b-5c6d7e8f9a0c 1";
        assert_eq!(of(Some(other)), Identity::Other);
        let before = "Ticket 42 01939f00-1c2d-7e3f-8a4b-5c6d7e8f9a0b 2";
        assert_eq!(of(Some(before)), Identity::Other);
        for nothing in [None, Some(""), Some("Ticket"), Some("Untitled"), Some("42")] {
            assert_eq!(of(nothing), Identity::Unsure, "{nothing:?}");
        }
    }
}
