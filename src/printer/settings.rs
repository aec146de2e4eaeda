//! `[printer]`: which printer, how many sheets, and what it needs.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::Faults;

const SHEETS: u32 = 200;
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

    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        self.validate_addresses(faults);
        let media = self.ipp.media.as_deref();
        let allowed = "must be the printer's own word for its paper, without spaces";
        faults.check(media.is_none_or(is_keyword), "ipp.media", allowed);
        if let Some(sheets) = self.roll_sheets {
            faults.range("roll_sheets", sheets, 1..=5000);
        }
        faults.range("give_up_minutes", self.give_up_minutes, 1..=1440);
        faults.range("max_copies", self.max_copies, 1..=20);
        let (sheets, copies) = (self.sheets_per_session, self.max_copies);
        let least = if faults.is_sound("max_copies") {
            copies
        } else {
            1
        };
        faults.check(
            (least..=SHEETS).contains(&sheets),
            "sheets_per_session",
            format!("must be from max_copies ({copies}) to {SHEETS}"),
        );
        let dir = self.folder.dir.as_ref();
        let is_folder = dir.is_none_or(|dir| dir.is_dir() || !dir.exists());
        faults.check(
            is_folder,
            "folder.dir",
            "must be a folder, or not there yet",
        );
    }

    fn validate_addresses(&self, faults: &mut Faults) {
        let uri = &self.ipp.uri;
        faults.check(
            self.driver != Driver::Ipp || is_address(uri, &IPP_SCHEMES),
            "ipp.uri",
            "must be a printer's address such as \"ipp://printer.local/ipp/print\"",
        );
        let uri = &self.escpos.uri;
        let is_one = uri.starts_with("file:///") || is_address(uri, &["socket", "ipp", "ipps"]);
        faults.check(
            self.driver != Driver::Escpos || is_one,
            "escpos.uri",
            "must be \"socket://host:9100\", a device file's \"file:///dev/usb/lp0\", or a raw \
             queue's \"ipp://…\"",
        );
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
        let settings: Settings = toml::from_str(text).unwrap();
        Faults::keys(|faults| settings.validate(faults))
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
