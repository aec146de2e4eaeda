//! `[booth]`: what visitors see, and where the booth keeps its things.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::settings::Faults;
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
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        faults.text("name", &self.name, 1..=60);
        faults.text("event", &self.event, 0..=80);
        let repeats = (1..self.locales.len()).any(|i| self.locales[..i].contains(&self.locales[i]));
        faults.check(
            !self.locales.is_empty() && !repeats,
            "locales",
            "must name at least one of ko, en, none twice",
        );
        let named = !self.data_dir.as_os_str().is_empty();
        faults.check(named, "data_dir", "must name a directory");
        let seconds = Span::secs;
        faults.range("idle_warn", self.idle_warn, seconds(1)..=seconds(600));
        faults.range("idle_reset", self.idle_reset, seconds(2)..=seconds(1800));
        let in_order = self.idle_warn < self.idle_reset || !faults.is_sound("idle_warn");
        let allowed = format!("must be longer than booth.idle_warn ({})", self.idle_warn);
        faults.check(in_order, "idle_reset", allowed);
    }
}
