//! Variables that look like settings and are none, for want of an underscore: `EASEL_BOOTH_NAME`.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::environment::PREFIX;
use super::path::Step;
use super::read;
use super::words::Wrong;

/// A name with more words than this is no setting's.
const WORDS: usize = 12;

/// What to say of each such variable among `names`. Their values may be secrets, and are not told.
pub(super) fn warnings<S: DeserializeOwned>(names: &[&str]) -> Vec<String> {
    let mut told: Vec<String> = names
        .iter()
        .filter(|name| !name.starts_with(PREFIX))
        .filter_map(|name| {
            let meant = meant::<S>(name.strip_prefix("EASEL_")?)?;
            Some(format!("{name} is not read; as a setting it is {meant}"))
        })
        .collect();
    told.sort();
    told
}

/// The variable that was meant by `EASEL_` and `rest`, if its words name a key.
pub(super) fn meant<S: DeserializeOwned>(rest: &str) -> Option<String> {
    let words = rest.split('_').filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    if words.len() > WORDS {
        return None;
    }
    let path = key_of::<S>(&words, &mut Vec::new())?;
    let part = |step: &Step| match step {
        Step::Key(name) => name.to_ascii_uppercase(),
        Step::Index(i) => i.to_string(),
    };
    let parts: Vec<String> = path.iter().map(part).collect();
    Some(format!("{PREFIX}{}", parts.join("__")))
}

/// The path of a key below `at` whose names are made of all these words.
fn key_of<S: DeserializeOwned>(words: &[String], at: &mut Vec<Step>) -> Option<Vec<Step>> {
    let known = names_below::<S>(at);
    for end in 1..=words.len() {
        let (name, rest) = words.split_at(end);
        let name = name.join("_");
        if !known.contains(&name) {
            continue;
        }
        let depth = at.len();
        at.push(Step::Key(name));
        let is_key = rest.is_empty() && names_below::<S>(at).is_empty();
        let found = if is_key {
            Some(at.clone())
        } else {
            below::<S>(rest, at)
        };
        at.truncate(depth);
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The same where the first word may be a place in a list.
fn below<S: DeserializeOwned>(words: &[String], at: &mut Vec<Step>) -> Option<Vec<Step>> {
    let first = words.first()?;
    let Ok(place) = first.parse() else {
        return key_of::<S>(words, at);
    };
    at.push(Step::Index(place));
    key_of::<S>(&words[1..], at)
}

/// The names that may stand in the table at `path`, as serde tells them of one that may not; none
/// if no table stands there, or one that takes any name.
fn names_below<S: DeserializeOwned>(path: &[Step]) -> Vec<String> {
    let nobody = Table::from_iter([("?".to_owned(), Value::from(0))]);
    let tree = path
        .iter()
        .rev()
        .fold(Value::Table(nobody), |inner, step| match step {
            Step::Key(name) => Value::Table(Table::from_iter([(name.clone(), inner)])),
            Step::Index(_) => Value::Array(vec![inner]),
        });
    let Value::Table(tree) = tree else {
        return Vec::new();
    };
    match read::settings::<S>(&tree)
        .err()
        .map(|misfit| misfit.wrong())
    {
        Some(Wrong::Unknown(names)) => names,
        _ => Vec::new(),
    }
}
