//! What is wrong with the settings, all of it at once, in the operator's words.

use std::fmt;

use super::origin::Origin;

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
