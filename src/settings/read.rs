//! From a tree of values to typed settings, complaining about each value that does not fit instead
//! of stopping at the first.
//!
//! serde stops at the first fault but says where it is. So: try, note the fault, take the faulty
//! value out, try again. Each round removes a value, so it ends.

use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::Settings;
use super::complaint::{Complaint, Complaints};
use super::mask::{self, DOTS};
use super::origin::Origins;
use super::tree::{self, Step};
use super::{secret, show};

/// Why a tree is not yet settings: the first fault, and the path that leads to it.
pub(super) struct Misfit {
    pub(super) path: Vec<Step>,
    pub(super) message: String,
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
/// tree of all defaults: it fits, and knows where keys live.
pub(super) fn weed(
    tree: &mut Table,
    defaults: &Table,
    origins: &Origins,
    complaints: &mut Complaints,
) {
    let mut gone: Vec<Vec<Step>> = Vec::new();
    while let Err(misfit) = settings(tree) {
        let key = tree::written(&as_written(&misfit.path, &gone));
        match tree::take(tree, &misfit.path) {
            Some(value) => complaints.push(complaint(
                key,
                Some(&value),
                &misfit.message,
                defaults,
                origins,
            )),
            None => {
                // Unreachable as far as we know; the defaults always fit, so the loop ends here.
                complaints.push(complaint(key, None, &misfit.message, defaults, origins));
                tree.clone_from(defaults);
            }
        }
        if let Some(Step::Index(_)) = misfit.path.last() {
            gone.push(as_written(&misfit.path, &gone));
            gone.sort_by_key(|path| match path.last() {
                Some(Step::Index(i)) => *i,
                _ => 0,
            });
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

/// Words a misfit for the operator.
pub(super) fn complaint(
    key: String,
    value: Option<&Value>,
    message: &str,
    defaults: &Table,
    origins: &Origins,
) -> Complaint {
    let (allowed, hint) = if message.starts_with("unknown field") {
        let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let allowed = format!("is not a setting; known here: {}", known.join(", "));
        (allowed, meant(&key, &known, defaults))
    } else {
        (in_words(message), None)
    };
    // A key or a password that was misspelt is one all the same, and servers have the most.
    let name = key.rsplit('.').next().unwrap_or_default();
    let of_a_server = ["generator[", "pool.server["]
        .iter()
        .any(|at| key.starts_with(at));
    let is_secret = message.starts_with("unknown field")
        && (of_a_server
            || mask::is_telling(name)
            || hint.as_deref().is_some_and(secret::is_secret));
    let shown = |value: &Value| match is_secret {
        true => Value::from(DOTS).to_string(),
        false => show::value(&key, value),
    };
    Complaint {
        origin: origins.of(&key),
        value: value.map(shown),
        key,
        allowed,
        hint,
    }
}

/// The known key that was probably meant: one spelt almost so, or the same one elsewhere.
fn meant(key: &str, known: &[&str], defaults: &Table) -> Option<String> {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let near = |other: &&&str| strsim::damerau_levenshtein(name, other) <= 1 + name.len() / 4;
    let nearest = known
        .iter()
        .filter(near)
        .min_by_key(|other| strsim::damerau_levenshtein(name, other));
    if let Some(nearest) = nearest {
        return Some(tree::join(section, nearest));
    }
    let elsewhere = |(section, table): (&String, &Value)| {
        let keys = table
            .as_table()
            .or_else(|| table.as_array()?.first()?.as_table())?;
        keys.contains_key(name).then(|| tree::join(section, name))
    };
    defaults.iter().find_map(elsewhere)
}

/// serde's terms in an operator's.
fn in_words(message: &str) -> String {
    const ADDRESS: &str = "an address and a port in quotes, such as \"0.0.0.0:8081\"";
    const TERMS: [(&str, &str); 10] = [
        ("socket address", ADDRESS),
        ("string only", "text in quotes"),
        ("a string", "text in quotes"),
        ("a boolean", "true or false"),
        ("a sequence", "a list in [ ]"),
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
