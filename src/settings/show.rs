//! Settings as TOML, each line with its origin, passwords masked.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::mask::{self, DOTS};
use super::origin::Origins;
use super::path::join;
use super::secret::is_secret;

/// The tree as TOML; what comes after a line's ` # ` is its origin.
pub(super) fn settings(tree: &Table, origins: &Origins) -> String {
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

/// The value of the key at `path` in a line of TOML, secrets masked.
pub(super) fn value(path: &str, value: &Value) -> String {
    masked(path, value).to_string()
}

/// Dots for keys and passwords, and for those that any address or command may hold.
fn masked(path: &str, value: &Value) -> Value {
    match value {
        // An empty one says that there is none.
        Value::String(text) if text.is_empty() => value.clone(),
        Value::Table(table) => {
            let at = |(name, v): (&String, &Value)| (name.clone(), masked(&join(path, name), v));
            Value::Table(table.iter().map(at).collect())
        }
        _ if is_secret(path) => Value::String(DOTS.to_owned()),
        Value::Array(list) if list.iter().any(Value::is_str) => Value::Array(mask::words(list)),
        Value::Array(list) => {
            let at = |(i, v): (usize, &Value)| masked(&format!("{path}[{i}]"), v);
            Value::Array(list.iter().enumerate().map(at).collect())
        }
        Value::String(text) => Value::String(mask::url(text)),
        other => other.clone(),
    }
}

type Lines = Vec<(String, Option<String>)>;

/// Plain values come first: in TOML all that follows a `[header]` belongs to it.
fn section(table: &Table, prefix: &str, origins: &Origins, lines: &mut Lines) {
    for (name, v) in table.iter().filter(|(_, v)| !is_section(v)) {
        let path = join(prefix, name);
        let origin = origins.of(&path).to_string();
        lines.push((format!("{name} = {}", value(&path, v)), Some(origin)));
    }
    for (name, v) in table.iter().filter(|(_, v)| is_section(v)) {
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

/// An element of a list of tables, its own tables written inline.
fn entry(table: &Table, prefix: &str, origins: &Origins, lines: &mut Lines) {
    for (name, v) in table {
        let path = join(prefix, name);
        let origin = origins.of(&path).to_string();
        lines.push((format!("{name} = {}", value(&path, v)), Some(origin)));
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
