//! `EASEL__SECTION__KEY=value`: settings from the environment.
//!
//! A variable is text and does not say of what type. So it is tried as text, as a TOML value and as
//! a comma-separated list, and the first that fits its key is taken: the settings' own types decide,
//! no second table of types can go stale.

use std::mem::discriminant;
use std::vec;

use toml::{Table, Value};

use super::complaint::{Complaint, Complaints};
use super::layers::{Held, Layer, Layers};
use super::origin::Origin;
use super::path::{Step, written};
use super::words::{Keys, Wrong};

pub(super) const PREFIX: &str = "EASEL__";

/// One variable that is a setting.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub(super) path: Vec<Step>,
    pub(super) text: String,
    name: String,
}

impl Variable {
    /// Its key, as a file would have it.
    pub(super) fn key(&self) -> String {
        written(&self.path)
    }

    /// What else its text may mean, the likeliest first.
    pub(super) fn other_readings(&self) -> vec::IntoIter<Value> {
        let scalar = self.text.parse::<Value>().ok().filter(|v| !v.is_str());
        let parts = self.text.split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        let list = parts.map(Value::from).collect::<Vec<_>>();
        let all: Vec<Value> = scalar.into_iter().chain([Value::Array(list)]).collect();
        all.into_iter()
    }

    fn origin(&self) -> Origin {
        Origin::Env(self.name.clone())
    }
}

/// Our variables among `env`, in the order of their keys, `list[2]` before `list[10]`.
pub(super) fn variables(env: impl Iterator<Item = (String, String)>) -> Vec<Variable> {
    let ours = env.filter_map(|(name, text)| {
        let path = name.strip_prefix(PREFIX)?.split("__").map(step).collect();
        Some(Variable { path, text, name })
    });
    let mut ours: Vec<Variable> = ours.collect();
    ours.sort_by(|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
    ours
}

fn step(part: &str) -> Step {
    match part.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(part.to_ascii_lowercase()),
    }
}

/// Those that have a place in the layers below, or make the next one; the others are complained
/// about.
pub(super) fn placed(
    variables: Vec<Variable>,
    below: &Layers,
    keys: &Keys,
    complaints: &mut Complaints,
) -> Vec<Variable> {
    let mut placed: Vec<Variable> = Vec::new();
    for variable in variables {
        let wrong = unreadable(&variable.text)
            .or_else(|| misplaced(&variable.path, below, &keys.defaults, &placed));
        match wrong {
            None => placed.push(variable),
            Some(wrong) => {
                let (key, origin) = (variable.key(), variable.origin());
                let meant = match wrong {
                    Wrong::Unknown(_) => (keys.variable)(&variable.name[PREFIX.len()..]),
                    Wrong::Nowhere | Wrong::Words(_) => None,
                };
                let given = Value::from(variable.text);
                let complaint = keys.complaint(key, Some(&given), wrong, origin);
                let hint = meant.or(complaint.hint);
                complaints.push(Complaint { hint, ..complaint });
            }
        }
    }
    placed
}

/// The layer they make.
pub(super) fn layer(variables: &[Variable]) -> Layer {
    Layer::of_texts(
        variables
            .iter()
            .map(|v| (v.key(), v.text.clone(), v.origin())),
    )
}

/// What was not UTF-8 came here with marks in place of what was lost.
fn unreadable(text: &str) -> Option<Wrong> {
    let lossy = text.contains(char::REPLACEMENT_CHARACTER);
    lossy.then(|| Wrong::words("holds letters that are not UTF-8"))
}

/// Why nothing can be put there, over `below` and the variables `before`, if so.
fn misplaced(
    path: &[Step],
    below: &Layers,
    defaults: &Table,
    before: &[Variable],
) -> Option<Wrong> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_name = |name: &str| !name.is_empty() && name.chars().all(plain);
    if path
        .iter()
        .any(|step| matches!(step, Step::Key(name) if !is_name(name)))
    {
        return Some(Wrong::Nowhere);
    }
    let Some(Step::Key(section)) = path.first() else {
        return Some(Wrong::Nowhere);
    };
    if !defaults.contains_key(section) {
        return Some(Wrong::Unknown(defaults.keys().cloned().collect()));
    }
    if let Some(whole) = before.iter().find(|v| path.starts_with(&v.path)) {
        return Some(Wrong::words(format!("is set by {} already", whole.name)));
    }
    for end in 1..path.len() {
        let (way, next) = path.split_at(end);
        let fits = match (below.held(&written(way)), &next[0]) {
            (Some(held), Step::Key(_)) => held == Held::Table,
            (Some(held), Step::Index(_)) => held == Held::List,
            (None, step) => before
                .iter()
                .filter(|v| v.path.starts_with(way))
                .all(|v| discriminant(&v.path[end]) == discriminant(step)),
        };
        if !fits || !is_next(way, &next[0], below, before) {
            return Some(Wrong::Nowhere);
        }
    }
    (below.held(&written(path)) == Some(Held::Table)).then(Wrong::no_table)
}

/// Whether the place before it in its list is taken, if it has one.
fn is_next(list: &[Step], step: &Step, below: &Layers, before: &[Variable]) -> bool {
    let Step::Index(place @ 1..) = step else {
        return true;
    };
    let previous = [list, &[Step::Index(place - 1)]].concat();
    below.held(&written(&previous)).is_some()
        || before.iter().any(|v| v.path.starts_with(&previous))
}
