//! `EASEL__SECTION__KEY=value`: settings from the environment.
//!
//! A variable is text and does not say of what type. So each value is tried as text, as a TOML
//! value and as a comma-separated list, and the first that fits its key is taken: the settings'
//! own types decide, no second table of types can go stale.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::complaint::{Complaint, Complaints};
use super::origin::{Origin, Origins};
use super::read::{self, Misfit};
use super::tree::{self, Step};

const PREFIX: &str = "EASEL__";

/// Lays our variables among `env` over `tree`, which must fit already and fits afterwards.
pub(super) fn apply(
    tree: &mut Table,
    env: impl Iterator<Item = (String, String)>,
    defaults: &Table,
    origins: &mut Origins,
    complaints: &mut Complaints,
) {
    // In the order of their names, so that list[0] comes before list[1].
    let ours: BTreeMap<String, String> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    for (name, text) in ours {
        let path: Vec<Step> = name[PREFIX.len()..].split("__").map(step).collect();
        let key = tree::written(&path);
        let origin = Origin::Env(name.clone());
        match fit(tree, &path, &text) {
            Ok(fitting) => {
                *tree = fitting;
                origins.set(key, origin);
            }
            Err(message) => {
                let value = Value::String(text);
                let worded = read::complaint(key, Some(&value), &message, defaults, origins);
                complaints.push(Complaint { origin, ..worded });
            }
        }
    }
}

fn step(part: &str) -> Step {
    match part.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(part.to_ascii_lowercase()),
    }
}

/// The tree with `text` at `path`, in the first reading of it that fits.
fn fit(tree: &Table, path: &[Step], text: &str) -> Result<Table, String> {
    if let Some(Value::Table(_)) = tree::get(tree, path) {
        return Err("expected struct".to_owned());
    }
    let mut reason = None;
    for value in readings(text) {
        let mut candidate = tree.clone();
        if tree::put(&mut candidate, path, value).is_err() {
            return Err("is not a setting: no such section or list place".to_owned());
        }
        match read::settings(&candidate) {
            Ok(_) => return Ok(candidate),
            Err(Misfit { message, .. }) => reason = reason.or(Some(message)),
        }
    }
    Err(reason.unwrap_or_default())
}

fn readings(text: &str) -> impl Iterator<Item = Value> {
    let scalar = text.parse::<Value>().ok().filter(|value| !value.is_str());
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let list = parts.map(|part| Value::String(part.to_owned())).collect();
    [
        Some(Value::String(text.to_owned())),
        scalar,
        Some(Value::Array(list)),
    ]
    .into_iter()
    .flatten()
}
