//! Defaults → file → environment: layers of settings, and all that is wrong with them.
//!
//! Each layer is laid over the one before: tables key by key, lists as a whole (`layers`). Rooms own
//! their sections; `app` composes them as [`Sections`]. [`load`] finds everything that is wrong
//! before anything is opened, and says it all at once. Nobody else reads the settings file or the
//! environment.

mod complaint;
mod environment;
mod faults;
mod file;
mod layers;
mod origin;
mod path;
mod read;
mod show;
mod stray;
mod words;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

pub use complaint::{Complaint, Complaints};
pub use faults::{Fault, Faults};
pub use origin::{Origin, Origins};

use layers::{Layer, Layers};
use words::Keys;

/// The settings file of an installed booth, read when no other is named, if it exists.
pub const SYSTEM_FILE: &str = "/etc/easel/easel.toml";

/// All sections of settings, each owned by a room.
pub trait Sections: Default + Serialize + DeserializeOwned {
    /// Lists of tables, and the keys that each of their tables must have.
    const NEEDED: &'static [(&'static str, &'static [&'static str])];

    /// Whether the key at this path, `generator[0].key`, holds a secret.
    fn is_secret(path: &str) -> bool;

    /// With what follows from other values filled in.
    #[must_use]
    fn complete(self) -> Self;

    /// Looks itself over.
    fn validate(&self, faults: &mut Faults);
}

/// Settings that hold together, and where each came from.
#[derive(Debug, Clone)]
pub struct Loaded<S> {
    /// The settings.
    pub settings: S,
    /// Where each value came from.
    pub origins: Origins,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    /// What is not wrong and may not be what was meant.
    pub warnings: Vec<String>,
}

/// Loads the settings: the defaults, `file` over them, the `EASEL__…` variables of `env` over both.
///
/// Without `file`, [`SYSTEM_FILE`] is read if there is one; a file that is named must be there. One
/// that is there and may not be read is an error: the defaults are not that booth's settings.
///
/// # Errors
/// All that is wrong, at once: unreadable or malformed files, unknown keys and variables, values
/// of the wrong type or out of range, and parts that do not go together.
pub fn load<S: Sections>(
    file: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Loaded<S>, Complaints> {
    let file = file.or_else(|| if_there(Path::new(SYSTEM_FILE)));
    let mut complaints = Complaints::default();
    let text = file.map_or_else(String::new, |path| file::text(path, &mut complaints));
    let env: Vec<(String, String)> = env.collect();
    let names: Vec<&str> = env.iter().map(|(name, _)| &**name).collect();
    let warnings = stray::warnings::<S>(&names);
    let file_name = file.unwrap_or(Path::new(""));
    let (settings, origins) = assemble(&text, file_name, env.into_iter(), &mut complaints);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    Ok(Loaded {
        settings,
        origins,
        file: file.map(Path::to_owned),
        warnings,
    })
}

impl<S: Sections> Loaded<S> {
    /// Notes that the value of `key` was given by this option of the command line.
    pub fn given(&mut self, key: &str, option: &'static str) {
        self.origins.set(key.to_owned(), Origin::Argument(option));
    }

    /// The effective settings as TOML, each line with its origin, passwords masked.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let from = match &self.file {
            Some(path) => format!("# Defaults, {}, environment.\n", path.display()),
            None => format!(
                "# Defaults, environment. No settings file: none was named and {SYSTEM_FILE} is not there.\n"
            ),
        };
        from + "\n" + &show::toml(&shown(&self.settings), &self.origins)
    }

    /// The effective settings as JSON, secrets masked: in place of each value an object of `value`
    /// and `origin`, as in `{"booth": {"name": {"value": "Easel", "origin": "default"}}}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        show::json(&shown(&self.settings), "", &self.origins)
    }
}

/// `path`, unless it is certain that nothing is there.
fn if_there(path: &Path) -> Option<&Path> {
    (!matches!(path.try_exists(), Ok(false))).then_some(path)
}

/// All of [`load`] that needs no disk. What does not fit is its default.
pub(crate) fn assemble<S: Sections>(
    text: &str,
    file: &Path,
    env: impl Iterator<Item = (String, String)>,
    complaints: &mut Complaints,
) -> (S, Origins) {
    let keys = Keys {
        defaults: as_tree(&S::default()),
        is_secret: S::is_secret,
        variable: stray::meant::<S>,
    };
    let of_program = Layer::of_tree(&keys.defaults, &Origins::default());
    let of_file = file::layer(text, file, &keys, complaints);
    let below = Layers::of(of_program).under(of_file);
    let variables = environment::variables(env);
    let variables = environment::placed(variables, &below, &keys, complaints);
    let all = below.under(environment::layer(&variables));
    let (mut tree, origins) = all.into_tree();
    read::weed::<S>(&mut tree, &keys, &origins, &variables, complaints);
    let settings: S = read::settings(&tree).unwrap_or_else(|_| unreachable!("the tree was weeded"));
    let settings = settings.complete();
    let mut faults = Faults::beside(complaints.iter().map(|c| c.key.clone()).collect());
    need(&tree, S::NEEDED, &mut faults);
    settings.validate(&mut faults);
    let effective = shown(&settings);
    for fault in faults.into_found() {
        let value = || path::find(&effective, &fault.key).map(Value::to_string);
        let value = fault.part.clone().or_else(value);
        complaints.push(Complaint {
            value: value.or_else(|| Some("(left out)".to_owned())),
            origin: origins.of(&fault.key),
            key: fault.key,
            allowed: fault.allowed,
            hint: None,
        });
    }
    complaints.sort();
    (settings, origins)
}

/// Finds tables in lists without the keys that have no default.
fn need(tree: &Table, lists: &[(&str, &[&str])], faults: &mut Faults) {
    for (list, keys) in lists {
        let tables = tree.get(*list).and_then(Value::as_array);
        for (i, table) in tables.into_iter().flatten().enumerate() {
            for key in *keys {
                let at = format!("{list}[{i}].{key}");
                let given = table.get(key).is_some();
                faults.check_part(given, &at, "(left out)", "must be given");
            }
        }
    }
}

fn as_tree(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are tables of plain values, which TOML can hold")
}

/// The same with secrets masked.
fn shown<S: Sections>(settings: &S) -> Table {
    match show::masked("", &Value::Table(as_tree(settings)), S::is_secret) {
        Value::Table(tree) => tree,
        _ => Table::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_file_that_nobody_here_may_look_for_is_not_taken_for_none() {
        // As in a folder of the booth's own user: asking for it fails.
        let hidden = Path::new("/dev/null/easel.toml");
        assert_eq!(if_there(hidden), Some(hidden));
        assert_eq!(if_there(Path::new("/nowhere/easel.toml")), None);
    }
}
