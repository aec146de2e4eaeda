//! The day in numbers.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{Counts, WAIT_CLASSES};

/// How many of which: a style, a generator, a code, an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FigureOf)]
pub struct Of {
    /// Which.
    pub which: String,
    /// How many.
    pub n: u64,
}

/// Waits, from the asking to the hanging of a painting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FigureWaits)]
pub struct Waits {
    /// Of how many paintings.
    pub n: u64,
    /// On the average, in milliseconds.
    pub mean_ms: u64,
    /// Nine in ten waited no longer than this, in seconds; 0 if it is longer than is counted.
    pub nine_in_ten_within_s: u64,
    /// The longest, in milliseconds.
    pub longest_ms: u64,
}

/// One day in numbers. Rehearsals are not in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Figures)]
pub struct Day {
    /// The day. It begins at four in the morning.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Visits begun.
    pub visits: u64,
    /// Visits begun, by the hour (`00` to `23`) of the machine's own time.
    pub visits_by_hour: Vec<Of>,
    /// Visits with a photo.
    pub photographed: u64,
    /// Photos taken again.
    pub retakes: u64,
    /// Paintings done, by style.
    pub paintings: Vec<Of>,
    /// Paintings done, by generator.
    pub painted_by: Vec<Of>,
    /// How long they took.
    pub waits: Waits,
    /// Tickets made.
    pub tickets: u64,
    /// Sheets on paper.
    pub sheets: u64,
    /// Phones that joined.
    pub phones: u64,
    /// Visits erased on somebody's wish.
    pub erased: u64,
    /// Paintings given up, by code.
    pub painting_failures: Vec<Of>,
    /// Print orders given up, by code.
    pub print_failures: Vec<Of>,
}

impl Day {
    /// That day, from its counts.
    #[must_use]
    pub fn new(day: Date, counts: &Counts) -> Self {
        let one = |what: &str| {
            let key = (what.to_owned(), String::new());
            counts.get(&key).copied().unwrap_or(0)
        };
        let each = |what: &str| {
            counts
                .iter()
                .filter(|((counted, _), _)| counted == what)
                .map(|((_, which), n)| Of {
                    which: which.clone(),
                    n: *n,
                })
                .collect::<Vec<_>>()
        };
        let n = one("waits");
        Self {
            day,
            visits: one("visits"),
            visits_by_hour: each("visits_by_hour"),
            photographed: one("photographed"),
            retakes: one("retakes"),
            paintings: each("paintings"),
            painted_by: each("painted_by"),
            waits: Waits {
                n,
                mean_ms: one("wait_ms").checked_div(n).unwrap_or(0),
                nine_in_ten_within_s: nine_in_ten(&each("waits_within_s"), n),
                longest_ms: one("longest_wait_ms"),
            },
            tickets: one("tickets"),
            sheets: one("sheets"),
            phones: one("phones"),
            erased: one("erased"),
            painting_failures: each("painting_failures"),
            print_failures: each("print_failures"),
        }
    }
}

/// The upper bound of the class in which the ninth of ten waits lies, in seconds.
fn nine_in_ten(classes: &[Of], n: u64) -> u64 {
    let mut seen = 0;
    for bound in WAIT_CLASSES {
        let name = format!("{bound:03}");
        seen += classes
            .iter()
            .find(|class| class.which == name)
            .map_or(0, |class| class.n);
        if n > 0 && seen * 10 >= n * 9 {
            return bound;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, &str, u64)]) -> Counts {
        of.iter()
            .map(|(what, which, n)| (((*what).to_owned(), (*which).to_owned()), *n))
            .collect()
    }

    #[test]
    fn a_day_without_anything_is_all_zeros() {
        let day = Day::new("2026-11-21".parse().unwrap(), &Counts::new());
        assert_eq!(
            (day.visits, day.sheets, day.waits),
            (0, 0, Waits::default())
        );
    }

    #[test]
    fn numbers_find_their_places() {
        let day = Day::new(
            "2026-11-21".parse().unwrap(),
            &counts(&[
                ("visits", "", 3),
                ("paintings", "renoir", 2),
                ("paintings", "picasso", 1),
                ("waits", "", 10),
                ("wait_ms", "", 70_000),
                ("waits_within_s", "005", 8),
                ("waits_within_s", "020", 1),
                ("waits_within_s", "more", 1),
            ]),
        );
        assert_eq!(day.visits, 3);
        let styles: Vec<_> = day.paintings.iter().map(|of| (&*of.which, of.n)).collect();
        assert_eq!(styles, [("picasso", 1), ("renoir", 2)]);
        assert_eq!(day.waits.mean_ms, 7_000);
        assert_eq!(day.waits.nine_in_ten_within_s, 20);
    }

    #[test]
    fn a_tail_beyond_the_last_class_has_no_bound() {
        let classes = [Of {
            which: "more".to_owned(),
            n: 10,
        }];
        assert_eq!(nine_in_ten(&classes, 10), 0);
    }
}
