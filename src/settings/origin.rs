//! Where a value comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::path::is_within;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program itself.
    Default,
    /// The settings file.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line of the key, counted from 1.
        line: usize,
    },
    /// The environment variable of this name.
    Env(String),
    /// The command-line option of this name.
    Argument(&'static str),
}

impl Origin {
    /// The file or the variable that `words` name, as they are printed: layers keep no more.
    pub(super) fn read(words: &str) -> Option<Self> {
        if let Some(name) = words.strip_prefix("env ") {
            return Some(Self::Env(name.to_owned()));
        }
        let (path, line) = words.strip_prefix("file ")?.rsplit_once(" line ")?;
        Some(Self::File {
            path: path.into(),
            line: line.parse().ok()?,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "file {} line {line}", path.display()),
            Self::Env(name) => write!(f, "env {name}"),
            Self::Argument(name) => write!(f, "argument {name}"),
        }
    }
}

/// The origin of every value that is not a default, by key.
#[derive(Debug, Clone, Default)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where the value of `key` comes from; of a table or a list that nobody gave as a whole, where
    /// the first part of it does.
    #[must_use]
    pub fn of(&self, key: &str) -> Origin {
        let below = || {
            let from = self.0.range(key.to_owned()..);
            let mut alike = from.take_while(|(other, _)| other.starts_with(key));
            alike.find(|(other, _)| is_within(other, key))
        };
        let found = self.get(key).or_else(|| below().map(|(_, origin)| origin));
        found.cloned().unwrap_or(Origin::Default)
    }

    /// Where that very value comes from, unless it is a default.
    pub(super) fn get(&self, key: &str) -> Option<&Origin> {
        self.0.get(key)
    }

    pub(super) fn set(&mut self, key: String, origin: Origin) {
        self.0.insert(key, origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_layers_keep_of_an_origin_is_enough() {
        for origin in [
            Origin::Env("EASEL__BOOTH__NAME".to_owned()),
            Origin::File {
                path: "/srv/line 1/easel line 2.toml".into(),
                line: 30,
            },
        ] {
            assert_eq!(Origin::read(&origin.to_string()), Some(origin));
        }
        assert_eq!(Origin::read("default"), None);
    }

    #[test]
    fn a_part_speaks_for_what_nobody_gave_as_a_whole() {
        let mut origins = Origins::default();
        origins.set(
            "style[1].name.ko".to_owned(),
            Origin::Env("EASEL__A".to_owned()),
        );
        let given = Origin::Env("EASEL__A".to_owned());
        assert_eq!(origins.of("style[1].name"), given);
        assert_eq!(origins.of("style[1].name.ko"), given);
        assert_eq!(origins.of("style[1].na"), Origin::Default);
        assert_eq!(origins.of("style[1].name.en"), Origin::Default);
    }
}
