//! Settings as a tree of TOML values: reading a file with line numbers, laying one tree over
//! another, and walking by path.

use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::complaint::{Complaint, Complaints};
use super::origin::{Origin, Origins};

/// One step of a path: `booth`, or `[3]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The path as people read it: `generator[0].slots`.
pub(super) fn written(path: &[Step]) -> String {
    path.iter().fold(String::new(), |key, step| match step {
        Step::Key(name) => join(&key, name),
        Step::Index(i) => format!("{key}[{i}]"),
    })
}

/// `section` and `name` as one key.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() {
        name.to_owned()
    } else {
        format!("{section}.{name}")
    }
}

/// Reads a file's text, noting the line of each key. What is no TOML is complained about, and
/// nothing is taken from such a file: half a file is not what the operator meant.
pub(super) fn parse(
    text: &str,
    file: &Path,
    origins: &mut Origins,
    complaints: &mut Complaints,
) -> Table {
    let at = |offset: usize| Origin::File {
        path: file.to_owned(),
        line: 1 + text
            .as_bytes()
            .iter()
            .take(offset)
            .filter(|b| **b == b'\n')
            .count(),
    };
    let (spans, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        complaints.push(Complaint {
            key: String::new(),
            value: None,
            origin: at(fault.span().map_or(0, |span| span.start)),
            allowed: format!("must be TOML: {}", fault.message()),
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

/// Lays `over` upon `base`: tables key by key, everything else, lists too, as a whole. A value
/// where `base` has a table is reported to `misfit` with its key and left out.
pub(super) fn overlay(
    base: &mut Table,
    over: Table,
    prefix: &str,
    misfit: &mut dyn FnMut(String, Value),
) {
    for (name, value) in over {
        let key = join(prefix, &name);
        match (base.get_mut(&name), value) {
            (Some(Value::Table(base)), Value::Table(over)) => overlay(base, over, &key, misfit),
            (Some(Value::Table(_)), value) => misfit(key, value),
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

/// The value at `path`, if there is one.
pub(super) fn get<'t>(root: &'t Table, path: &[Step]) -> Option<&'t Value> {
    let (Step::Key(first), rest) = path.split_first()? else {
        return None;
    };
    rest.iter()
        .try_fold(root.get(first)?, |value, step| match step {
            Step::Key(name) => value.get(name.as_str()),
            Step::Index(i) => value.get(i),
        })
}

/// Puts `value` at `path`, making tables on the way and appending to a list whose next place it
/// is. Gives the value back if the path leads through something that is neither.
pub(super) fn put(root: &mut Table, path: &[Step], value: Value) -> Result<(), Value> {
    let Some((Step::Key(last), way)) = path.split_last() else {
        return Err(value);
    };
    let mut table = root;
    let mut steps = way.iter().peekable();
    while let Some(step) = steps.next() {
        let Step::Key(name) = step else {
            return Err(value);
        };
        let mut slot = table.entry(name).or_insert_with(|| match steps.peek() {
            Some(Step::Index(_)) => Value::Array(Vec::new()),
            _ => Value::Table(Table::new()),
        });
        while let Some(Step::Index(i)) = steps.next_if(|step| matches!(step, Step::Index(_))) {
            let Value::Array(list) = slot else {
                return Err(value);
            };
            if list.len() == *i {
                list.push(Value::Table(Table::new()));
            }
            match list.get_mut(*i) {
                Some(element) => slot = element,
                None => return Err(value),
            }
        }
        match slot {
            Value::Table(inner) => table = inner,
            _ => return Err(value),
        }
    }
    table.insert(last.clone(), value);
    Ok(())
}

/// Takes the value at `path` out, if there is one.
pub(super) fn take(root: &mut Table, path: &[Step]) -> Option<Value> {
    match path {
        [Step::Key(name)] => root.remove(name),
        [Step::Key(name), rest @ ..] => take_within(root.get_mut(name)?, rest),
        _ => None,
    }
}

fn take_within(value: &mut Value, path: &[Step]) -> Option<Value> {
    match (value, path) {
        (Value::Table(table), path) => take(table, path),
        (Value::Array(list), [Step::Index(i)]) if *i < list.len() => Some(list.remove(*i)),
        (Value::Array(list), [Step::Index(i), rest @ ..]) => take_within(list.get_mut(*i)?, rest),
        _ => None,
    }
}
