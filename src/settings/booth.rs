//! `[booth]`: what visitors see, and where the booth keeps its things.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::complaint::Validator;
use crate::units::Span;

/// `[booth]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Booth {
    /// The booth's name, on its screens and in the log.
    pub name: String,
    /// The event, on screens and tickets; may be empty.
    pub event: String,
    /// The languages on offer, without repetition. The screen starts each visit in the first.
    pub locales: Vec<Locale>,
    /// Where records and pictures live. Relative to the working directory.
    pub data_dir: PathBuf,
    /// How long the screen waits for a touch before it asks "still here?".
    pub idle_warn: Span,
    /// How long it waits before it goes back to the start. Longer than `idle_warn`.
    pub idle_reset: Span,
    /// What the booth offers.
    pub activity: Activity,
}

/// A language that screens and tickets can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// What a visit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activity {
    /// Photo → paintings → ticket.
    Painter,
}

impl Locale {
    /// The BCP 47 tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

impl Activity {
    /// The name used in settings, JSON and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Painter => "painter",
        }
    }
}

impl Default for Booth {
    fn default() -> Self {
        Self {
            name: "Easel".to_owned(),
            event: "Open Studio".to_owned(),
            locales: vec![Locale::Ko, Locale::En],
            data_dir: PathBuf::from("data"),
            // Long enough to read a screen, short enough that the next in line does not walk off.
            idle_warn: Span::secs(20),
            idle_reset: Span::secs(40),
            activity: Activity::Painter,
        }
    }
}

impl Booth {
    pub(super) fn validate(&self, v: &mut Validator<'_>) {
        v.text("booth.name", &self.name, 1, 60);
        v.text("booth.event", &self.event, 0, 80);
        let tags = self.locales.iter().map(|l| l.as_str()).collect::<Vec<_>>();
        let repeats = (1..tags.len()).any(|i| tags[..i].contains(&tags[i]));
        let allowed = "must name at least one of ko, en, none twice";
        v.check(
            !tags.is_empty() && !repeats,
            "booth.locales",
            &format!("{tags:?}"),
            allowed,
        );
        let dir = self.data_dir.display();
        v.check(
            !self.data_dir.as_os_str().is_empty(),
            "booth.data_dir",
            &format!("\"{dir}\""),
            "must name a directory",
        );
        v.range(
            "booth.idle_warn",
            self.idle_warn,
            Span::secs(1),
            Span::secs(600),
        );
        v.range(
            "booth.idle_reset",
            self.idle_reset,
            Span::secs(2),
            Span::secs(1800),
        );
        let longer = format!("must be longer than booth.idle_warn ({})", self.idle_warn);
        v.check(
            self.idle_warn < self.idle_reset,
            "booth.idle_reset",
            &self.idle_reset,
            &longer,
        );
    }
}
