//! What is wrong with the settings, all of it at once, in the operator's words.

use std::fmt;

use serde::Serialize;
use toml::Value;

use super::origin::{Origin, Origins};
use super::{path, show};

/// One thing wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The key, as `section.key` or `list[0].key`; empty if the trouble is the file itself.
    pub key: String,
    /// The value as it stands, in TOML, passwords masked; `None` if there is none.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
    /// What is allowed instead.
    pub allowed: String,
    /// What was probably meant.
    pub hint: Option<String>,
}

/// All that is wrong with the settings; never empty when it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Complaints(Vec<Complaint>);

impl Complaints {
    /// The complaints, in the order of the file's lines, then of the variables' names.
    pub fn iter(&self) -> impl Iterator<Item = &Complaint> {
        self.0.iter()
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, complaint: Complaint) {
        // A recovering parser may say the same of one place more than once.
        if self.0.last() != Some(&complaint) {
            self.0.push(complaint);
        }
    }

    /// Puts them in the order of the file's lines, then of the variables' names.
    pub(super) fn sort(&mut self) {
        self.0.sort_by_key(|c| match &c.origin {
            Origin::File { line, .. } => (0, *line, String::new()),
            Origin::Env(name) => (1, 0, name.clone()),
            Origin::Argument(_) | Origin::Default => (2, 0, String::new()),
        });
    }

    /// Whether `key` or something below it has been complained about already: what follows from
    /// that is not worth a second line.
    pub(super) fn touch(&self, key: &str) -> bool {
        self.0.iter().any(|c| path::is_within(&c.key, key))
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.key.is_empty() {
            "settings"
        } else {
            &self.key
        })?;
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        if self.origin != Origin::Default {
            write!(f, " ({})", self.origin)?;
        }
        write!(f, ": {}", self.allowed)?;
        match &self.hint {
            Some(hint) => write!(f, " — did you mean {hint}?"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        write!(
            f,
            "{n} {} in the settings",
            if n == 1 { "fault" } else { "faults" }
        )?;
        self.0.iter().try_for_each(|c| write!(f, "\n  {c}"))
    }
}

/// Gathers complaints while settings are validated, and looks up where each value came from.
pub(super) struct Validator<'a> {
    pub(super) origins: &'a Origins,
    pub(super) complaints: Complaints,
}

impl Validator<'_> {
    /// Complains about `key` unless `ok`; `allowed` says what would do.
    pub(super) fn check(&mut self, ok: bool, key: &str, value: &dyn fmt::Display, allowed: &str) {
        if !ok && !self.complaints.touch(key) {
            self.complaints.push(Complaint {
                key: key.to_owned(),
                value: Some(value.to_string()),
                origin: self.origins.of(key),
                allowed: allowed.to_owned(),
                hint: None,
            });
        }
    }

    /// Passes on what a room says of its own `[section]`: keys within it, and what is wrong.
    pub(super) fn room(
        &mut self,
        section: &str,
        settings: &impl Serialize,
        found: Vec<(String, String)>,
    ) {
        let values = Value::try_from(settings).ok();
        for (key, wrong) in found {
            let within = key
                .strip_prefix(section)
                .and_then(|k| k.strip_prefix('.'))
                .unwrap_or(&key);
            let value = within
                .split('.')
                .try_fold(values.as_ref(), |v, name| Some(v?.get(name)));
            let key = path::join(section, within);
            if !self.complaints.touch(&key) {
                self.complaints.push(Complaint {
                    value: value.flatten().map(|value| show::value(&key, value)),
                    origin: self.origins.of(&key),
                    key,
                    allowed: wrong,
                    hint: None,
                });
            }
        }
    }

    /// Complains unless `low ≤ value ≤ high`.
    pub(super) fn range<T: PartialOrd + fmt::Display + Copy>(
        &mut self,
        key: &str,
        value: T,
        low: T,
        high: T,
    ) {
        let ok = (low..=high).contains(&value);
        self.check(ok, key, &value, &format!("must be from {low} to {high}"));
    }

    /// Complains unless `text` has `low` to `high` characters, none of them a control character.
    pub(super) fn text(&mut self, key: &str, text: &str, low: usize, high: usize) {
        let ok =
            (low..=high).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        let allowed = format!("must have {low} to {high} characters, all printable");
        self.check(ok, key, &Quoted(text), &allowed);
    }

    /// Complains unless `id` may stand in an address, a file name and a log line.
    pub(super) fn id(&mut self, key: &str, id: &str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ok = !id.is_empty() && id.len() <= 32 && id.chars().all(plain) && !id.starts_with('-');
        let allowed = "must be 1 to 32 of a–z, 0–9 and '-', not beginning with '-'";
        self.check(ok, key, &Quoted(id), allowed);
    }
}

/// Prints a text as TOML would write it.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", toml::Value::String(self.0.to_owned()))
    }
}
