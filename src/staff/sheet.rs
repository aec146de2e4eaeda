//! Days as a table for spreadsheet programs (CSV, RFC 4180).
//!
//! UTF-8 with a byte order mark, without which some of these programs read another character set.
//! A cell that begins like a formula gets an apostrophe before it (OWASP, "CSV Injection"): names
//! in the heads come from settings and servers, and are nobody's program.

use std::collections::BTreeSet;

use super::figures::{Day, Of};

/// Columns of every day, before those that depend on what was painted and what failed.
const FIXED: [&str; 14] = [
    "day",
    "visits",
    "photographed",
    "retakes",
    "paintings",
    "tickets",
    "sheets",
    "phones",
    "erased",
    "mean wait (s)",
    "nine in ten within (s)",
    "longest wait (s)",
    "paintings failed",
    "prints failed",
];

type Group = (&'static str, fn(&Day) -> &[Of]);

const GROUPS: [Group; 5] = [
    ("style", |day| &day.paintings),
    ("painted by", |day| &day.painted_by),
    ("painting failed", |day| &day.painting_failures),
    ("print failed", |day| &day.print_failures),
    ("visits at", |day| &day.visits_by_hour),
];

/// The days, one a line, under a line of heads.
///
/// # Errors
/// None that memory does not make: the writer has no other reason to fail.
pub fn csv(days: &[Day]) -> Result<Vec<u8>, csv::Error> {
    let columns: Vec<(Group, BTreeSet<&str>)> = GROUPS
        .into_iter()
        .map(|group| {
            let names = days.iter().flat_map(|day| group.1(day));
            (group, names.map(|of| of.which.as_str()).collect())
        })
        .collect();
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let named = columns
        .iter()
        .flat_map(|((group, _), names)| names.iter().map(move |name| format!("{group}: {name}")));
    let heads = FIXED.into_iter().map(str::to_owned).chain(named);
    table.write_record(heads.map(|head| safe(&head)))?;
    for day in days {
        let numbers = columns
            .iter()
            .flat_map(|((_, of), names)| names.iter().map(move |name| number(of(day), name)));
        let cells = fixed(day).into_iter().chain(numbers);
        table.write_record(cells.map(|cell| safe(&cell)))?;
    }
    table.into_inner().map_err(|e| e.into_error().into())
}

fn fixed(day: &Day) -> [String; FIXED.len()] {
    let sum = |of: &[Of]| of.iter().map(|of| of.n).sum::<u64>().to_string();
    let seconds = |ms: u64| format!("{}.{}", ms / 1_000, ms % 1_000 / 100);
    let waits = &day.waits;
    [
        day.day.to_string(),
        day.visits.to_string(),
        day.photographed.to_string(),
        day.retakes.to_string(),
        sum(&day.paintings),
        day.tickets.to_string(),
        day.sheets.to_string(),
        day.phones.to_string(),
        day.erased.to_string(),
        seconds(waits.mean_ms),
        waits.nine_in_ten_within_s.to_string(),
        seconds(waits.longest_ms),
        sum(&day.painting_failures),
        sum(&day.print_failures),
    ]
}

fn number(of: &[Of], name: &str) -> String {
    let n = of.iter().find(|of| of.which == name).map_or(0, |of| of.n);
    n.to_string()
}

/// A cell that no spreadsheet program takes for a formula.
fn safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Counts;

    fn day(date: &str, of: &[(&str, &str, u64)]) -> Day {
        let counts: Counts = of
            .iter()
            .map(|(what, which, n)| (((*what).to_owned(), (*which).to_owned()), *n))
            .collect();
        Day::new(date.parse().unwrap(), &counts)
    }

    fn read(bytes: &[u8]) -> Vec<Vec<String>> {
        let text = bytes.strip_prefix("\u{feff}".as_bytes()).expect("a mark");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text);
        let line = |line: csv::StringRecord| line.iter().map(str::to_owned).collect();
        reader.records().map(|r| line(r.unwrap())).collect()
    }

    #[test]
    fn each_day_is_a_line_under_the_same_heads() {
        let days = [
            day(
                "2026-11-20",
                &[("visits", "", 2), ("paintings", "renoir", 3)],
            ),
            day(
                "2026-11-21",
                &[
                    ("paintings", "picasso", 4),
                    ("painted_by", "embedded", 4),
                    ("waits", "", 4),
                    ("wait_ms", "", 5_000),
                ],
            ),
        ];
        let table = read(&csv(&days).unwrap());
        assert_eq!(table.len(), 3);
        let cell = |line: usize, head: &str| {
            let column = table[0].iter().position(|h| h == head).unwrap();
            table[line][column].as_str()
        };
        assert_eq!(cell(1, "day"), "2026-11-20");
        assert_eq!(cell(1, "visits"), "2");
        assert_eq!(
            (cell(1, "style: renoir"), cell(2, "style: renoir")),
            ("3", "0")
        );
        assert_eq!((cell(1, "paintings"), cell(2, "paintings")), ("3", "4"));
        assert_eq!(cell(2, "mean wait (s)"), "1.2");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(safe(bad), format!("'{bad}"));
        }
        for good in ["", "renoir", "a=b", "3"] {
            assert_eq!(safe(good), good);
        }
    }

    #[test]
    fn lines_end_as_the_standard_says() {
        let text = String::from_utf8(csv(&[day("2026-11-21", &[])]).unwrap()).unwrap();
        assert!(
            text.ends_with("\r\n") && text.matches("\r\n").count() == 2,
            "{text:?}"
        );
    }
}
