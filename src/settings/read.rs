//! From a tree of values to typed settings, complaining about each value that does not fit instead
//! of stopping at the first.
//!
//! serde stops at the first fault but says where it is. So: try, note the fault, take the faulty
//! value out, try again. Each round removes a value, so it ends.

use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::Settings;
use super::complaint::{Complaint, Complaints};
use super::environment::Variable;
use super::mask::{self, DOTS};
use super::origin::{Origin, Origins};
use super::path::{self, Step};
use super::{secret, show};

/// Why a tree is not yet settings: the first fault, and the path that leads to it.
pub(super) struct Misfit {
    path: Vec<Step>,
    message: String,
}

/// What is wrong with a value.
#[derive(Debug, Clone)]
pub(super) enum Wrong {
    /// Its key is none of these.
    Unknown(Vec<String>),
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
    fn of_serde(message: &str) -> Self {
        if !message.starts_with("unknown field") {
            return Self::Words(in_words(message));
        }
        let known = message.split('`').skip(3).step_by(2);
        Self::Unknown(known.map(str::to_owned).collect())
    }
}

/// Reads the whole tree.
pub(super) fn settings(tree: &Table) -> Result<Settings, Misfit> {
    serde_path_to_error::deserialize(tree.clone()).map_err(|error| Misfit {
        path: error.path().iter().filter_map(step).collect(),
        message: error.inner().message().to_owned(),
    })
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// Takes every value out of `tree` that does not fit, complaining about each. `defaults` is the
/// tree of all defaults: it fits, and knows where keys live. What one of the `variables` says is
/// read in every other way first.
pub(super) fn weed(
    tree: &mut Table,
    defaults: &Table,
    origins: &Origins,
    variables: &[Variable],
    complaints: &mut Complaints,
) {
    let mut gone: Vec<Vec<Step>> = Vec::new();
    let mut texts: Vec<Text<'_>> = variables.iter().map(Text::new).collect();
    while let Err(misfit) = settings(tree) {
        let at = as_written(&misfit.path, &gone);
        let text = texts.iter_mut().find(|t| at.starts_with(&t.variable.path));
        let (at, place, value, message) = if let Some(text) = text {
            let place = &misfit.path[..text.variable.path.len()];
            text.note(misfit.message, at.len());
            if text.read_otherwise(tree, place) {
                continue;
            }
            let given = Value::from(&*text.variable.text);
            path::take(tree, place);
            (&text.variable.path, place, Some(given), text.message())
        } else {
            let taken = path::take(tree, &misfit.path);
            if taken.is_none() {
                // Unreachable as far as we know; the defaults always fit, so the loop ends here.
                tree.clone_from(defaults);
            }
            (&at, &misfit.path[..], taken, &*misfit.message)
        };
        let key = path::written(at);
        let origin = origins.of(&key);
        let wrong = Wrong::of_serde(message);
        complaints.push(complaint(key, value.as_ref(), wrong, defaults, origin));
        if let Some(Step::Index(_)) = place.last() {
            gone.push(at.clone());
            gone.sort_by_key(|path| match path.last() {
                Some(Step::Index(i)) => *i,
                _ => 0,
            });
        }
    }
}

/// A variable, and how its text has been read so far.
struct Text<'v> {
    variable: &'v Variable,
    others: std::vec::IntoIter<Value>,
    /// Why it does not fit, and how deep in it that shows: what is wrong with one part of a list
    /// says more than that a text is no list.
    fault: (usize, String),
}

impl<'v> Text<'v> {
    fn new(variable: &'v Variable) -> Self {
        Self {
            variable,
            others: variable.other_readings(),
            fault: (0, String::new()),
        }
    }

    fn note(&mut self, message: String, depth: usize) {
        if depth > self.fault.0 {
            self.fault = (depth, message);
        }
    }

    fn message(&self) -> &str {
        &self.fault.1
    }

    /// Puts the next reading at `place`, if there is one.
    fn read_otherwise(&mut self, tree: &mut Table, place: &[Step]) -> bool {
        match (self.others.next(), path::get_mut(tree, place)) {
            (Some(reading), Some(value)) => {
                *value = reading;
                true
            }
            _ => false,
        }
    }
}

/// The path as it was in the file, before the list elements `gone` were taken out.
fn as_written(path: &[Step], gone: &[Vec<Step>]) -> Vec<Step> {
    path.iter().fold(Vec::new(), |mut written, step| {
        let mut step = step.clone();
        if let Step::Index(i) = &mut step {
            for removed in gone {
                if let Some((Step::Index(r), list)) = removed.split_last()
                    && list == written
                    && r <= i
                {
                    *i += 1;
                }
            }
        }
        written.push(step);
        written
    })
}

/// Words what is wrong for the operator.
pub(super) fn complaint(
    key: String,
    value: Option<&Value>,
    wrong: Wrong,
    defaults: &Table,
    origin: Origin,
) -> Complaint {
    // What lies in a table that is out of its place may be anything, and is not told.
    let plain = value.filter(|value| !holds_tables(value));
    let (shown, allowed, hint) = match wrong {
        Wrong::Words(words) => (plain.map(|v| show::value(&key, v)), words, None),
        Wrong::Unknown(known) => {
            let hint = meant(&key, &known, defaults);
            let dots = Value::from(DOTS);
            let shown = plain.map(|v| match may_be_secret(&key, hint.as_deref()) {
                true => dots.to_string(),
                false => show::value(&key, v),
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

fn holds_tables(value: &Value) -> bool {
    match value {
        Value::Table(_) => true,
        Value::Array(list) => list.iter().any(holds_tables),
        _ => false,
    }
}

/// Whether an unknown key may hold a secret: a password that was misspelt is one all the same, and
/// servers have the most.
fn may_be_secret(key: &str, hint: Option<&str>) -> bool {
    let name = key.rsplit('.').next().unwrap_or_default();
    let of_a_server = ["generator[", "pool.server["]
        .iter()
        .any(|at| key.starts_with(at));
    of_a_server || mask::is_telling(name) || hint.is_some_and(secret::is_secret)
}

/// The known key that was probably meant: one spelt almost so, or the same one elsewhere.
fn meant(key: &str, known: &[String], defaults: &Table) -> Option<String> {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let near = |other: &&String| strsim::damerau_levenshtein(name, other) <= 1 + name.len() / 4;
    let nearest = known
        .iter()
        .filter(near)
        .min_by_key(|other| strsim::damerau_levenshtein(name, other));
    if let Some(nearest) = nearest {
        return Some(path::join(section, nearest));
    }
    let elsewhere = |(section, table): (&String, &Value)| {
        let keys = table
            .as_table()
            .or_else(|| table.as_array()?.first()?.as_table())?;
        keys.contains_key(name).then(|| path::join(section, name))
    };
    defaults.iter().find_map(elsewhere)
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
