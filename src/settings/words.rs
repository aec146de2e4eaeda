//! What is wrong with a key or its value, in the operator's words.

use toml::{Table, Value};

use super::complaint::Complaint;
use super::origin::Origin;
use super::path::join;
use super::show;
use crate::secret::mask::{self, DOTS};

/// What is wrong with a value.
#[derive(Debug, Clone)]
pub(super) enum Wrong {
    /// Its key is none of these.
    Unknown(Vec<String>),
    /// It leads through what is no section, or beyond the end of a list.
    Nowhere,
    /// In an operator's words.
    Words(String),
}

impl Wrong {
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }

    pub(super) fn no_table() -> Self {
        Self::words("must be a table of keys")
    }

    /// What serde says of it.
    pub(super) fn of_serde(message: &str) -> Self {
        if !message.starts_with("unknown field") {
            return Self::Words(in_words(message));
        }
        let known = message.split('`').skip(3).step_by(2);
        Self::Unknown(known.map(str::to_owned).collect())
    }
}

/// What is known of all keys.
#[derive(Debug)]
pub(super) struct Keys {
    /// A tree of all defaults.
    pub(super) defaults: Table,
    /// Whether the key at a path holds a secret.
    pub(super) is_secret: fn(&str) -> bool,
    /// The variable that was meant by one with too few underscores, without its prefix.
    pub(super) variable: fn(&str) -> Option<String>,
}

impl Keys {
    /// Words what is wrong at `key`.
    pub(super) fn complaint(
        &self,
        key: String,
        value: Option<&Value>,
        wrong: Wrong,
        origin: Origin,
    ) -> Complaint {
        // What lies in a table that is out of its place may be anything, and is not told.
        let value = value.filter(|value| !holds_tables(value));
        let (shown, allowed, hint) = match wrong {
            // Where a value should have gone says nothing about whether it is a secret.
            Wrong::Nowhere => {
                let words = "is not a setting: no such section or list place";
                (None, words.to_owned(), None)
            }
            Wrong::Words(words) => (value.map(|v| self.shown(&key, v)), words, None),
            Wrong::Unknown(known) => {
                let hint = self.meant(&key, &known);
                let shown = value.map(|v| match self.may_be_secret(&key, hint.as_deref()) {
                    true => Value::from(DOTS).to_string(),
                    false => self.shown(&key, v),
                });
                let allowed = format!("is not a setting; known here: {}", known.join(", "));
                (shown, allowed, hint)
            }
        };
        Complaint {
            key,
            value: shown,
            origin,
            allowed,
            hint,
        }
    }

    /// The value of a key in a line of TOML, secrets masked.
    pub(super) fn shown(&self, key: &str, value: &Value) -> String {
        show::masked(key, value, self.is_secret).to_string()
    }

    /// Whether an unknown key may hold a secret: one that was misspelt is one all the same, and
    /// tables of lists (servers) have the most.
    fn may_be_secret(&self, key: &str, hint: Option<&str>) -> bool {
        let name = key.rsplit('.').next().unwrap_or_default();
        key.contains('[') || mask::is_telling(name) || hint.is_some_and(self.is_secret)
    }

    /// The known key that was probably meant: one spelt almost so, or the same one elsewhere.
    fn meant(&self, key: &str, known: &[String]) -> Option<String> {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let distance = |other: &&String| strsim::damerau_levenshtein(name, other);
        let near = known
            .iter()
            .filter(|other| distance(other) <= 1 + name.len() / 4);
        if let Some(nearest) = near.min_by_key(distance) {
            return Some(join(section, nearest));
        }
        let elsewhere = |(section, table): (&String, &Value)| {
            let keys = table
                .as_table()
                .or_else(|| table.as_array()?.first()?.as_table())?;
            keys.contains_key(name).then(|| join(section, name))
        };
        self.defaults.iter().find_map(elsewhere)
    }
}

fn holds_tables(value: &Value) -> bool {
    match value {
        Value::Table(_) => true,
        Value::Array(list) => list.iter().any(holds_tables),
        _ => false,
    }
}

/// serde's terms in an operator's.
fn in_words(message: &str) -> String {
    const ADDRESS: &str = "an address and a port in quotes, such as \"0.0.0.0:8081\"";
    const TERMS: [(&str, &str); 11] = [
        ("socket address", ADDRESS),
        ("string only", "text in quotes"),
        ("a string", "text in quotes"),
        ("a boolean", "true or false"),
        ("a sequence", "a list in [ ]"),
        ("a map", "a table of keys"),
        ("u8", "a whole number from 0 to 255"),
        ("u16", "a whole number from 0 to 65535"),
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number, 0 or more"),
        ("usize", "a whole number, 0 or more"),
    ];
    if message == "invalid socket address syntax" {
        return format!("must be {ADDRESS}");
    }
    let Some((_, expected)) = message.rsplit_once("expected ") else {
        return message.to_owned();
    };
    let expected = expected.trim().replace('`', "\"");
    let expected = match TERMS.iter().find(|(term, _)| *term == expected) {
        Some((_, words)) => (*words).to_owned(),
        None if expected.starts_with("struct") => "a table of keys".to_owned(),
        None => expected,
    };
    format!("must be {}", expected.trim_start_matches("one of "))
}
