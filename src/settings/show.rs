//! Settings as TOML, each line with its origin, passwords masked.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::origin::Origins;
use super::tree::join;

/// What stands for a secret.
pub(super) const DOTS: &str = "••••";

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

/// Keys whose values, and all within them, are nobody's business.
const SECRETS: [&str; 6] = ["api_key", "headers", "password", "pin", "secret", "token"];

/// The value of `key` in a line of TOML, secrets masked.
pub(super) fn value(key: &str, value: &Value) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    masked(SECRETS.contains(&name), value).to_string()
}

/// `secret`: whether all of it is; otherwise the passwords of its URLs are, and keys that say so.
fn masked(secret: bool, value: &Value) -> Value {
    match value {
        Value::String(text) if secret && !text.is_empty() => Value::String(DOTS.to_owned()),
        Value::String(text) => Value::String(mask_url(text)),
        Value::Array(list) => Value::Array(list.iter().map(|v| masked(secret, v)).collect()),
        Value::Table(table) => {
            let inner = |(k, v): (&String, &Value)| {
                (
                    k.clone(),
                    masked(secret || SECRETS.contains(&k.as_str()), v),
                )
            };
            Value::Table(table.iter().map(inner).collect())
        }
        other => other.clone(),
    }
}

/// `http://user:secret@host/` → `http://••••@host/`.
pub(super) fn mask_url(text: &str) -> String {
    let parts = text.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let at = rest[..authority].rfind('@')?;
        Some((scheme, &rest[at..]))
    });
    match parts {
        Some((scheme, rest)) => format!("{scheme}://{DOTS}{rest}"),
        None => text.to_owned(),
    }
}

type Lines = Vec<(String, Option<String>)>;

/// Plain values come first: in TOML all that follows a `[header]` belongs to it.
fn section(table: &Table, prefix: &str, origins: &Origins, lines: &mut Lines) {
    for (name, v) in table.iter().filter(|(_, v)| !is_section(v)) {
        let origin = origins.of(&join(prefix, name)).to_string();
        lines.push((format!("{name} = {}", value(name, v)), Some(origin)));
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
        let origin = origins.of(&join(prefix, name)).to_string();
        lines.push((format!("{name} = {}", value(name, v)), Some(origin)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_secret_key_holds_is_masked() {
        let shown = |key: &str, toml: &str| {
            let table: Table = toml.parse().unwrap();
            value(key, &table["v"])
        };
        assert_eq!(
            shown("wifi.password", "v = 'kimchi'"),
            format!("\"{DOTS}\"")
        );
        assert_eq!(shown("wifi.password", "v = ''"), "\"\"");
        assert_eq!(shown("wifi.ssid", "v = 'Easel'"), "\"Easel\"");
        let headers = shown(
            "generator",
            "v = { id = 'a', headers = { Authorization = 'Bearer x' } }",
        );
        assert!(!headers.contains("Bearer"), "{headers}");
    }

    #[test]
    fn a_password_in_a_url_is_masked() {
        for (text, shown) in [
            ("http://u:p@h/x@y", "http://••••@h/x@y"),
            ("http://u:p@ss@h", "http://••••@h"),
            ("http://h/a@b", "http://h/a@b"),
            ("no url: a@b", "no url: a@b"),
            ("", ""),
        ] {
            assert_eq!(mask_url(text), shown);
        }
    }
}
