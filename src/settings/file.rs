//! The settings file: TOML, with the line of each key.

use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::complaint::{Complaint, Complaints};
use super::layers::Layer;
use super::origin::{Origin, Origins};
use super::path::join;
use super::words::{Keys, Wrong};

/// The text of the file, or none of it: why it cannot be read is complained about.
pub(super) fn text(path: &Path, complaints: &mut Complaints) -> String {
    let complaint = match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => return text,
        // Of another encoding nothing is guessed: what is wrong in it would be printed on tickets.
        Ok(Err(error)) => Complaint {
            key: String::new(),
            value: None,
            origin: Origin::File {
                path: path.to_owned(),
                line: line_of(error.as_bytes(), error.utf8_error().valid_up_to()),
            },
            allowed: "holds letters that are not UTF-8; save it as UTF-8".to_owned(),
            hint: None,
        },
        Err(error) => Complaint {
            key: format!("settings file {}", path.display()),
            value: None,
            origin: Origin::Default,
            allowed: format!("must be a file that can be read: {error}"),
            hint: None,
        },
    };
    complaints.push(complaint);
    String::new()
}

/// What the file says. What it says wrongly is complained about and left out: what is no TOML, and
/// what is no table where the defaults have one.
pub(super) fn layer(text: &str, file: &Path, keys: &Keys, complaints: &mut Complaints) -> Layer {
    let mut origins = Origins::default();
    let mut table = parse(text, file, &mut origins, complaints);
    keep_sections(&mut table, &keys.defaults, "", &mut |key, value| {
        let origin = origins.of(&key);
        let wrong = Wrong::no_table();
        complaints.push(keys.complaint(key, Some(value), wrong, origin));
    });
    for key in dates(&table, "") {
        let origin = origins.of(&key);
        let wrong = Wrong::words("must be in quotes: no setting is a date");
        complaints.push(keys.complaint(key, None, wrong, origin));
    }
    Layer::of_tree(&table, &origins)
}

/// Nothing is taken from what is no TOML: half a file is not what the operator meant.
fn parse(text: &str, file: &Path, origins: &mut Origins, complaints: &mut Complaints) -> Table {
    let at = |offset: usize| Origin::File {
        path: file.to_owned(),
        line: line_of(text.as_bytes(), offset),
    };
    let (spans, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let span = fault.span().unwrap_or_default();
        let origin = at(span.start);
        // A piece of settings put at the end of a file that has its section already.
        let twice = fault.message() == "duplicate key";
        let (key, allowed) = if twice {
            let key = text.get(span).unwrap_or_default().to_owned();
            let words = "is there already, further up: a section begins once, its keys go below it";
            (key, words.to_owned())
        } else {
            (String::new(), format!("must be TOML: {}", fault.message()))
        };
        complaints.push(Complaint {
            key,
            value: None,
            origin,
            allowed,
            hint: None,
        });
    }
    // The recovering parser keeps positions, the strict one makes values.
    match text.parse::<Table>() {
        Ok(table) if faults.is_empty() => {
            note_table(spans.get_ref(), "", &at, origins);
            table
        }
        _ => Table::new(),
    }
}

/// The line that holds the byte at `offset`, counted from 1.
fn line_of(text: &[u8], offset: usize) -> usize {
    1 + text.iter().take(offset).filter(|b| **b == b'\n').count()
}

fn note_table(
    table: &DeTable<'_>,
    prefix: &str,
    at: &dyn Fn(usize) -> Origin,
    origins: &mut Origins,
) {
    for (key, value) in table {
        let path = join(prefix, key.get_ref());
        origins.set(path.clone(), at(key.span().start));
        note_value(value, &path, at, origins);
    }
}

fn note_value(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    at: &dyn Fn(usize) -> Origin,
    origins: &mut Origins,
) {
    match value.get_ref() {
        DeValue::Table(table) => note_table(table, path, at, origins),
        DeValue::Array(list) => {
            for (i, element) in list.iter().enumerate() {
                let path = format!("{path}[{i}]");
                origins.set(path.clone(), at(element.span().start));
                note_value(element, &path, at, origins);
            }
        }
        _ => {}
    }
}

/// Leaves out what is no table where `defaults` have one, reporting it to `misfit` with its key:
/// what the environment says of that section shall not hide it.
fn keep_sections(
    table: &mut Table,
    defaults: &Table,
    prefix: &str,
    misfit: &mut dyn FnMut(String, &Value),
) {
    table.retain(|name, value| {
        let key = join(prefix, name);
        match (defaults.get(name), value) {
            (Some(Value::Table(defaults)), Value::Table(inner)) => {
                keep_sections(inner, defaults, &key, misfit);
            }
            (Some(Value::Table(_)), value) => {
                misfit(key, value);
                return false;
            }
            _ => {}
        }
        true
    });
}

/// The keys of dates, which no setting is, and which layers cannot hold.
fn dates(table: &Table, prefix: &str) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| dates_in(value, &join(prefix, name));
    table.iter().flat_map(of).collect()
}

fn dates_in(value: &Value, key: &str) -> Vec<String> {
    match value {
        Value::Datetime(_) => vec![key.to_owned()],
        Value::Table(table) => dates(table, key),
        Value::Array(list) => {
            let of = |(i, value)| dates_in(value, &format!("{key}[{i}]"));
            list.iter().enumerate().flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}
