//! `config/example.toml` says what the program does.

use std::collections::BTreeMap;

use super::*;
use crate::units::Span;

const EXAMPLE: &str = include_str!("../../../../config/example.toml");

/// The example with all its defaults in force.
fn uncommented() -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_sets_nothing_and_shows_every_key_with_its_default() {
    assert_eq!(toml::from_str(EXAMPLE), Ok(Table::new()));
    let (settings, origins) = from(&uncommented(), &[]).unwrap();
    assert_eq!(settings, Settings::default());
    for key in leaves(&as_tree(&Settings::default()), "") {
        let origin = origins.of(&key);
        assert_ne!(origin, Origin::Default, "the example does not show {key}");
    }
}

/// The keys of all that is no table.
fn leaves(tree: &Table, prefix: &str) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(inner) => leaves(inner, &format!("{key}.")),
            _ => vec![key],
        }
    };
    tree.iter().flat_map(of).collect()
}

#[test]
fn the_demo_file_holds_together() {
    good(include_str!("../../../../config/demo.toml"), &[]);
}

/// A line of the example: the table it stands in, with its brackets, its key, its value, and what
/// is said of it.
#[derive(Clone)]
struct Line {
    header: String,
    key: String,
    value: String,
    words: String,
}

/// All lines with keys, by table; several tables of a list are several.
fn tables() -> Vec<Vec<Line>> {
    let mut tables = Vec::new();
    let mut header = "";
    for line in EXAMPLE.lines() {
        let line = line.trim_start_matches('#').trim_start();
        let (said, words) = line.split_once("  #").unwrap_or((line, ""));
        if said.starts_with('[') {
            header = said.trim_end();
            tables.push(Vec::new());
        } else if let Some((key, value)) = said.split_once(" = ")
            && let Some(table) = tables.last_mut()
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            table.push(Line {
                header: header.to_owned(),
                key: key.to_owned(),
                value: value.trim_end().to_owned(),
                words: words.to_owned(),
            });
        }
    }
    tables
}

/// Values that are too much, if there is such a thing, for a key that may have that one.
fn too_much(value: &str) -> Vec<String> {
    let text = value.trim_matches('"');
    if value.parse::<i64>().is_ok() {
        vec!["255".to_owned(), "4000000000".to_owned()]
    } else if value.parse::<f64>().is_ok() {
        vec!["1e12".to_owned()]
    } else if text.parse::<Span>().is_ok() {
        vec!["\"99999h\"".to_owned()]
    } else if text.parse::<ByteSize>().is_ok() {
        vec!["\"99999GB\"".to_owned()]
    } else if value.starts_with('"') {
        vec![format!("\"{}\"", "x".repeat(5_000))]
    } else {
        Vec::new()
    }
}

/// What the program says is allowed at that line of that table, if anything is too much there.
fn allowed(table: &[Line], line: &Line) -> Option<String> {
    let name = line.header.trim_matches(['[', ']']);
    let key = match line.header.starts_with("[[") {
        true => format!("{name}[0].{}", line.key),
        false => format!("{name}.{}", line.key),
    };
    let beside = table.iter().filter(|other| other.key != line.key);
    let beside: String = beside
        .map(|other| format!("{} = {}\n", other.key, other.value))
        .collect();
    too_much(&line.value).iter().find_map(|value| {
        let file = format!("{}\n{} = {value}\n{beside}", line.header, line.key);
        let complaints = from(&file, &[]).err()?;
        let mut of_it = complaints.iter().filter(|c| c.key == key);
        of_it.find_map(|c| range_in(&c.allowed))
    })
}

/// `1 to 60`, of "must have 1 to 60 characters".
fn range_in(words: &str) -> Option<String> {
    let words = words
        .split_whitespace()
        .filter(|word| !word.starts_with('('));
    let words: Vec<_> = words
        .map(|word| word.trim_end_matches(['.', ',', ';', ':']))
        .collect();
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let is_range = |three: &&[&str]| {
        (is_number(three[0]) || three[0] == "max_copies") && three[1] == "to" && is_number(three[2])
    };
    Some(words.windows(3).find(is_range)?.join(" "))
}

#[test]
fn the_example_tells_the_ranges_that_are_enforced_and_no_other() {
    let mut told: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    for table in tables() {
        for line in &table {
            let entry = told
                .entry(format!("{} {}", line.header, line.key))
                .or_default();
            entry.0 = entry.0.take().or_else(|| range_in(&line.words));
            entry.1 = entry.1.take().or_else(|| allowed(&table, line));
        }
    }
    let wrong: Vec<_> = told
        .iter()
        .filter(|(_, (words, enforced))| words != enforced)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let ranges = told.values().filter(|(words, _)| words.is_some()).count();
    assert!(ranges >= 40, "{ranges} ranges");
}

/// The settings that a page shows: in indented text, from a table's first line on.
fn shown_in(page: &str) -> Vec<String> {
    let is_text = |line: &&str| line.starts_with("   ") && !line.trim().starts_with("```");
    let lines: Vec<&str> = page.lines().collect();
    let blocks = lines.chunk_by(|a, b| is_text(a) == is_text(b));
    let settings = blocks.map(|block| {
        let text = block.iter().copied().filter(is_text);
        let text = text.map(str::trim_start);
        let text = text.skip_while(|line| !line.starts_with('[') || line.contains("]("));
        text.collect::<Vec<_>>().join("\n") + "\n"
    });
    settings.filter(|text| text.starts_with('[')).collect()
}

#[test]
fn what_the_pages_show_goes_into_the_example() {
    let readme = shown_in(include_str!("../../../../README.md"));
    assert!(!readme.is_empty());
    for block in readme {
        good(&format!("{EXAMPLE}\n{block}"), &[]);
    }
    let styles = shown_in(include_str!("../../../../docs/styles.md"));
    assert!(styles.len() >= 2, "{styles:?}");
    good(&format!("{EXAMPLE}\n{}", styles.concat()), &[]);
}
