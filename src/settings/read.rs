//! From a tree of values to typed settings, complaining about each value that does not fit instead
//! of stopping at the first.
//!
//! serde stops at the first fault but says where it is. So: try, note the fault, take the faulty
//! value out, try again. Each round removes a value, so it ends.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::complaint::Complaints;
use super::environment::Variable;
use super::origin::Origins;
use super::path::{self, Step};
use super::words::{Keys, Wrong};

/// Why a tree is not yet settings: the first fault, and the path that leads to it.
pub(super) struct Misfit {
    path: Vec<Step>,
    message: String,
}

impl Misfit {
    pub(super) fn wrong(&self) -> Wrong {
        Wrong::of_serde(&self.message)
    }
}

/// Reads the whole tree.
pub(super) fn settings<S: DeserializeOwned>(tree: &Table) -> Result<S, Misfit> {
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

/// Takes every value out of `tree` that does not fit `S`, complaining about each. What one of the
/// `variables` says is read in every other way first.
pub(super) fn weed<S: DeserializeOwned>(
    tree: &mut Table,
    keys: &Keys,
    origins: &Origins,
    variables: &[Variable],
    complaints: &mut Complaints,
) {
    let mut gone: Vec<Vec<Step>> = Vec::new();
    let mut texts: Vec<Text<'_>> = variables.iter().map(Text::new).collect();
    while let Err(misfit) = settings::<S>(tree) {
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
                tree.clone_from(&keys.defaults);
            }
            (&at, &misfit.path[..], taken, &*misfit.message)
        };
        let key = path::written(at);
        let origin = origins.of(&key);
        let wrong = Wrong::of_serde(message);
        complaints.push(keys.complaint(key, value.as_ref(), wrong, origin));
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
