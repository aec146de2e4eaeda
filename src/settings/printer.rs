//! `[printer]`: what prints.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::complaint::Validator;

/// `[printer]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrinterSettings {
    /// Which of the following prints.
    pub driver: PrinterDriver,
    /// The most sheets one order may have.
    pub max_copies: u32,
    /// The most sheets one session may have in all its orders.
    pub sheets_per_session: u32,
    /// `[printer.folder]`.
    pub folder: FolderPrinter,
}

/// What prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrinterDriver {
    /// Puts each sheet into a folder, as a printer would onto its tray.
    Folder,
    /// No printer: tickets live on phones.
    None,
}

/// `[printer.folder]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FolderPrinter {
    /// Where sheets go. Relative to the data directory.
    pub dir: PathBuf,
}

impl Default for PrinterSettings {
    fn default() -> Self {
        Self {
            driver: PrinterDriver::Folder,
            // A family. Paper for dye-sublimation printers costs about a coffee per ten sheets.
            max_copies: 4,
            sheets_per_session: 12,
            folder: FolderPrinter::default(),
        }
    }
}

impl Default for FolderPrinter {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("prints"),
        }
    }
}

impl PrinterSettings {
    pub(super) fn validate(&self, v: &mut Validator<'_>) {
        v.range("printer.max_copies", self.max_copies, 1, 50);
        let (low, high) = (self.max_copies.min(500), 500);
        v.range(
            "printer.sheets_per_session",
            self.sheets_per_session,
            low,
            high,
        );
    }
}
