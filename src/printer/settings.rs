//! `[printer]`: which printer, how many sheets, and what it needs.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

const COPIES: std::ops::RangeInclusive<u32> = 1..=20;
const SHEETS: u32 = 200;
const ROLL: std::ops::RangeInclusive<u32> = 1..=5000;
const GIVE_UP: std::ops::RangeInclusive<u32> = 1..=1440;
const IPP_SCHEMES: [&str; 4] = ["ipp", "ipps", "http", "https"];

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
    /// Sheets of a new roll, where the printer tells its paper in per cent only, or not at all.
    pub roll_sheets: Option<u32>,
    /// An order that the printer could not begin for so long is given up, so that nobody's ticket
    /// comes out hours after they left.
    pub give_up_minutes: u32,
    /// `[printer.folder]`.
    pub folder: FolderSettings,
    /// `[printer.ipp]`.
    pub ipp: IppSettings,
    /// `[printer.escpos]`.
    pub escpos: EscposSettings,
}

/// What prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// A folder, a PDF for each sheet.
    #[default]
    Folder,
    /// An IPP Everywhere printer, or a queue of CUPS (RFC 8011).
    Ipp,
    /// A receipt printer for 80 mm paper that speaks ESC/POS.
    Escpos,
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
            Self::Escpos => "escpos",
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

/// `[printer.ipp]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IppSettings {
    /// Where it is: `ipp://printer.local/ipp/print`, `ipp://127.0.0.1:631/printers/photo`.
    pub uri: String,
    /// The paper, in the printer's or driver's own word, where the booth would not find it.
    pub media: Option<String>,
}

/// `[printer.escpos]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EscposSettings {
    /// Where it is: `socket://192.168.0.40:9100`, a device file such as `file:///dev/usb/lp0`, or a
    /// raw queue of CUPS by `ipp://…`.
    pub uri: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            driver: Driver::default(),
            max_copies: 4,
            sheets_per_session: 12,
            roll_sheets: None,
            give_up_minutes: 60,
            folder: FolderSettings::default(),
            ipp: IppSettings::default(),
            escpos: EscposSettings::default(),
        }
    }
}

impl Settings {
    /// How long an order may wait for a printer that does not begin it.
    #[must_use]
    pub fn give_up(&self) -> Duration {
        Duration::from_secs(60) * self.give_up_minutes
    }

    /// All complaints: key below `printer`, and what is wrong with its value.
    #[must_use]
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut complaints = Vec::new();
        let mut complain = |key: &str, text: String| complaints.push((key.to_owned(), text));
        if self.driver == Driver::Ipp && !is_address(&self.ipp.uri, &IPP_SCHEMES) {
            let text = "must be a printer's address such as \"ipp://printer.local/ipp/print\"";
            complain("ipp.uri", text.to_owned());
        }
        let schemes = ["socket", "ipp", "ipps"];
        let is_file = self.escpos.uri.starts_with("file:///");
        if self.driver == Driver::Escpos && !is_file && !is_address(&self.escpos.uri, &schemes) {
            let text = "must be \"socket://host:9100\", a device file's \"file:///dev/usb/lp0\", \
                        or a raw queue's \"ipp://…\"";
            complain("escpos.uri", text.to_owned());
        }
        if self
            .ipp
            .media
            .as_deref()
            .is_some_and(|word| !is_keyword(word))
        {
            let text = "must be the printer's own word for its paper, without spaces";
            complain("ipp.media", text.to_owned());
        }
        if self.roll_sheets.is_some_and(|n| !ROLL.contains(&n)) {
            let (least, most) = (ROLL.start(), ROLL.end());
            complain("roll_sheets", format!("is not within {least} to {most}"));
        }
        if !GIVE_UP.contains(&self.give_up_minutes) {
            let (least, most) = (GIVE_UP.start(), GIVE_UP.end());
            complain(
                "give_up_minutes",
                format!("is not within {least} to {most}"),
            );
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

/// Whether `uri` has one of the schemes, a host, and no password that would be seen in settings.
fn is_address(uri: &str, schemes: &[&str]) -> bool {
    uri.split_once("://").is_some_and(|(scheme, rest)| {
        let host = rest.split('/').next().unwrap_or_default();
        schemes.contains(&scheme) && !host.is_empty() && !host.contains(['@', ' ', '?', '#'])
    })
}

/// Whether it can be an IPP keyword: visible ASCII, at most 255 of them.
fn is_keyword(word: &str) -> bool {
    (1..=255).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic())
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
        let text = "driver = \"ipp\"\nmax_copies = 0\nsheets_per_session = 201\n\
                    roll_sheets = 0\ngive_up_minutes = 0\nfolder.dir = \"/dev/null\"\n\
                    ipp.media = \"4 x 6\"";
        assert_eq!(
            keys(text),
            [
                "ipp.uri",
                "ipp.media",
                "roll_sheets",
                "give_up_minutes",
                "max_copies",
                "sheets_per_session",
                "folder.dir"
            ]
        );
    }

    #[test]
    fn a_printers_address_must_be_one() {
        for uri in [
            "",
            "printer",
            "ftp://printer/",
            "ipp:///ipp",
            "ipp://me:pw@printer/",
        ] {
            let text = format!("driver = \"ipp\"\nipp.uri = \"{uri}\"");
            assert_eq!(keys(&text), ["ipp.uri"], "{uri}");
        }
        assert!(keys("driver = \"ipp\"\nipp.uri = \"ipp://printer.local/ipp/print\"").is_empty());
        assert!(keys("driver = \"escpos\"\nescpos.uri = \"socket://10.0.0.9:9100\"").is_empty());
        assert!(
            keys("driver = \"escpos\"\nescpos.uri = \"ipp://localhost/printers/x\"").is_empty()
        );
        assert_eq!(keys("driver = \"escpos\""), ["escpos.uri"]);
        assert!(keys("driver = \"escpos\"\nescpos.uri = \"file:///dev/usb/lp0\"").is_empty());
        let relative = "driver = \"escpos\"\nescpos.uri = \"file://lp0\"";
        assert_eq!(keys(relative), ["escpos.uri"]);
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
        for driver in [Driver::Folder, Driver::Ipp, Driver::Escpos, Driver::None] {
            let text = format!("driver = \"{}\"", driver.as_str());
            assert_eq!(toml::from_str::<Settings>(&text).unwrap().driver, driver);
        }
    }
}
