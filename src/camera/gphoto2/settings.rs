//! `[camera.gphoto2]`: a camera by the gphoto2 program.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::{Deserialize, Serialize};

/// `[camera.gphoto2]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gphoto2Settings {
    /// The program, by name or by path.
    pub program: String,
    /// Where the camera is, as gphoto2 says it (`usb:001,004`, `ptpip:192.168.1.1`). Left out: the
    /// first on USB.
    pub port: Option<String>,
    /// Show what the camera sees, where it can.
    pub live: bool,
    /// What is set on the camera each time it is opened: names and values as `gphoto2
    /// --list-config` and `--get-config` say them, set in the order of their names.
    pub config: BTreeMap<String, String>,
    /// How long one photo may take, focusing and transfer included.
    #[serde(with = "friendly")]
    pub still_within: Duration,
    /// How long any other answer may take.
    #[serde(with = "friendly")]
    pub answer_within: Duration,
}

impl Default for Gphoto2Settings {
    fn default() -> Self {
        Self {
            program: "gphoto2".to_owned(),
            port: None,
            live: true,
            config: BTreeMap::new(),
            // A flash that recharges and a slow card; who has waited longer has walked off.
            still_within: Duration::from_secs(15),
            answer_within: Duration::from_secs(8),
        }
    }
}

impl Gphoto2Settings {
    /// All complaints: key below `camera.gphoto2`, and what is wrong with its value.
    pub(in crate::camera) fn validate(&self) -> Vec<(String, String)> {
        let mut complaints = Vec::new();
        let mut complain =
            |key: &str, text: &str| complaints.push((key.to_owned(), text.to_owned()));
        if self.program.trim().is_empty() {
            complain("program", "must name a program");
        }
        let is_line = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        if self.port.as_ref().is_some_and(|port| !is_line(port)) {
            complain("port", "must be a port as gphoto2 --auto-detect says it");
        }
        // gphoto2 reads commands by the line, and takes the name up to the first "=" or space.
        for (name, value) in &self.config {
            if !is_line(name) || name.contains(['=', ' ']) || !is_line(value) {
                complain(
                    "config",
                    "must be names and values as gphoto2 --list-config says them",
                );
            }
        }
        let seconds = Duration::from_secs(1)..=Duration::from_secs(120);
        if !seconds.contains(&self.still_within) {
            complain("still_within", "must be from 1s to 2m");
        }
        if !seconds.contains(&self.answer_within) {
            complain("answer_within", "must be from 1s to 2m");
        }
        complaints
    }
}
