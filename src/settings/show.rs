//! Settings as text, each value with its origin, secrets masked.

use std::fmt::Write as _;

use serde_json::json;
use toml::{Table, Value};

use super::origin::Origins;
use super::path::join;
use crate::secret::mask::{self, DOTS};

/// The value of the key at `path` with dots for keys and passwords, and for those that any address
/// or command may hold.
pub(super) fn masked(path: &str, value: &Value, is_secret: fn(&str) -> bool) -> Value {
    match value {
        // An empty one says that there is none.
        Value::String(text) if text.is_empty() => value.clone(),
        Value::Table(table) => {
            let at = |(name, v): (&String, &Value)| {
                let v = masked(&join(path, name), v, is_secret);
                (name.clone(), v)
            };
            Value::Table(table.iter().map(at).collect())
        }
        _ if is_secret(path) => Value::String(DOTS.to_owned()),
        Value::Array(list) if list.iter().any(Value::is_str) => Value::Array(mask::words(list)),
        Value::Array(list) => {
            let at = |(i, v): (usize, &Value)| masked(&format!("{path}[{i}]"), v, is_secret);
            Value::Array(list.iter().enumerate().map(at).collect())
        }
        Value::String(text) => Value::String(mask::url(text)),
        other => other.clone(),
    }
}

/// The tree as TOML; what comes after a line's ` # ` is its origin.
pub(super) fn toml(tree: &Table, origins: &Origins) -> String {
    let mut lines = Vec::new();
    section(tree, "", origins, &mut lines);
    let written = lines
        .iter()
        .filter(|(_, origin)| origin.is_some())
        .map(|(text, _)| text.chars().count());
    let width = written.filter(|n| *n <= 60).max().unwrap_or(0);
    lines.iter().fold(String::new(), |mut out, (text, origin)| {
        let line = match origin {
            Some(origin) => writeln!(out, "{text:width$}  # {origin}"),
            None => writeln!(out, "{text}"),
        };
        line.expect("writing to a String cannot fail");
        out
    })
}

/// The tree as JSON: in place of each value an object of `value` and `origin`.
pub(super) fn json(tree: &Table, prefix: &str, origins: &Origins) -> serde_json::Value {
    let of = |(name, value): (&String, &Value)| {
        let key = join(prefix, name);
        let shown = match value {
            Value::Table(inner) if is_section(value) => json(inner, &key, origins),
            Value::Array(list) if is_section(value) => {
                let tables = list.iter().filter_map(Value::as_table).enumerate();
                let entry = |(i, table)| entry_json(table, &format!("{key}[{i}]"), origins);
                tables.map(entry).collect()
            }
            _ => leaf(value, &key, origins),
        };
        (name.clone(), shown)
    };
    serde_json::Value::Object(tree.iter().map(of).collect())
}

fn entry_json(table: &Table, prefix: &str, origins: &Origins) -> serde_json::Value {
    let of = |(name, value): (&String, &Value)| {
        let shown = leaf(value, &join(prefix, name), origins);
        (name.clone(), shown)
    };
    serde_json::Value::Object(table.iter().map(of).collect())
}

fn leaf(value: &Value, key: &str, origins: &Origins) -> serde_json::Value {
    json!({ "value": value, "origin": origins.of(key).to_string() })
}

type Lines = Vec<(String, Option<String>)>;

/// Plain values come first: in TOML all that follows a `[header]` belongs to it.
fn section(table: &Table, prefix: &str, origins: &Origins, lines: &mut Lines) {
    let (sections, plain): (Vec<_>, Vec<_>) = table.iter().partition(|(_, v)| is_section(v));
    entry(plain, prefix, origins, lines);
    for (name, v) in sections {
        let key = join(prefix, name);
        match v {
            Value::Table(inner) => {
                heading(lines, format!("[{key}]"));
                section(inner, &key, origins, lines);
            }
            Value::Array(list) => {
                for (i, element) in list.iter().filter_map(Value::as_table).enumerate() {
                    heading(lines, format!("[[{key}]]"));
                    entry(element, &format!("{key}[{i}]"), origins, lines);
                }
            }
            _ => {}
        }
    }
}

/// Lines of keys and values; tables among these are written inline.
fn entry<'t>(
    table: impl IntoIterator<Item = (&'t String, &'t Value)>,
    prefix: &str,
    origins: &Origins,
    lines: &mut Lines,
) {
    for (name, value) in table {
        let origin = origins.of(&join(prefix, name)).to_string();
        lines.push((format!("{name} = {value}"), Some(origin)));
    }
}

fn heading(lines: &mut Lines, text: String) {
    if !lines.is_empty() {
        lines.push((String::new(), None));
    }
    lines.push((text, None));
}

fn is_section(value: &Value) -> bool {
    match value {
        Value::Table(_) => true,
        Value::Array(list) => list.first().is_some_and(Value::is_table),
        _ => false,
    }
}
