//! `[printer]`: which printer, how many sheets, and what it needs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

const COPIES: std::ops::RangeInclusive<u32> = 1..=20;
const SHEETS: u32 = 200;

/// `[printer]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What prints.
    pub driver: Driver,
    /// The most sheets one order may have: a family, not a pile.
    pub max_copies: u32,
    /// The most sheets one session may order in all, since paper is what runs out first.
    pub sheets_per_session: u32,
    /// `[printer.folder]`.
    pub folder: FolderSettings,
}

/// What prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// A folder, a PDF for each sheet.
    #[default]
    Folder,
    /// A network printer by IPP (RFC 8011). Not supported yet.
    Ipp,
    /// Nothing: tickets are for phones only.
    None,
}

impl Driver {
    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Ipp => "ipp",
            Self::None => "none",
        }
    }
}

/// `[printer.folder]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FolderSettings {
    /// Where the sheets go; made if need be. By default `prints` in the booth's data folder.
    pub dir: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            driver: Driver::default(),
            max_copies: 4,
            sheets_per_session: 12,
            folder: FolderSettings::default(),
        }
    }
}

impl Settings {
    /// All complaints: key below `printer`, and what is wrong with its value.
    #[must_use]
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut complaints = Vec::new();
        let mut complain = |key: &str, text: String| complaints.push((key.to_owned(), text));
        if self.driver == Driver::Ipp {
            let text = "\"ipp\" is not supported yet (now: \"folder\" or \"none\")";
            complain("driver", text.to_owned());
        }
        if !COPIES.contains(&self.max_copies) {
            let (least, most) = (COPIES.start(), COPIES.end());
            let text = format!("{} is not within {least} to {most}", self.max_copies);
            complain("max_copies", text);
        }
        if !(self.max_copies..=SHEETS).contains(&self.sheets_per_session) {
            let text = format!(
                "{} is not within max_copies ({}) to {SHEETS}",
                self.sheets_per_session, self.max_copies
            );
            complain("sheets_per_session", text);
        }
        if let Some(dir) = self
            .folder
            .dir
            .as_ref()
            .filter(|dir| dir.exists() && !dir.is_dir())
        {
            complain(
                "folder.dir",
                format!("\"{}\" is not a folder", dir.display()),
            );
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        let complaints = toml::from_str::<Settings>(text).unwrap().validate();
        complaints.into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn an_empty_table_is_the_default_and_is_fine() {
        assert_eq!(toml::from_str::<Settings>("").unwrap(), Settings::default());
        assert!(keys("").is_empty());
        assert!(keys("driver = \"none\"").is_empty());
    }

    #[test]
    fn unknown_keys_and_drivers_are_errors() {
        for text in [
            "copies = 1",
            "driver = \"fax\"",
            "max_copies = -1",
            "[folder]\npath = \"x\"",
        ] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_complaint_is_made_at_once() {
        let text = "driver = \"ipp\"\nmax_copies = 0\nsheets_per_session = 201\nfolder.dir = \"/dev/null\"";
        assert_eq!(
            keys(text),
            ["driver", "max_copies", "sheets_per_session", "folder.dir"]
        );
    }

    #[test]
    fn ranges_end_where_they_say() {
        assert!(keys("max_copies = 20\nsheets_per_session = 20").is_empty());
        assert_eq!(
            keys("max_copies = 21\nsheets_per_session = 21"),
            ["max_copies"]
        );
        assert_eq!(
            keys("max_copies = 4\nsheets_per_session = 3"),
            ["sheets_per_session"]
        );
        assert!(keys("sheets_per_session = 200").is_empty());
    }

    #[test]
    fn words_are_those_of_the_settings() {
        for driver in [Driver::Folder, Driver::Ipp, Driver::None] {
            let text = format!("driver = \"{}\"", driver.as_str());
            assert_eq!(toml::from_str::<Settings>(&text).unwrap().driver, driver);
        }
    }
}
