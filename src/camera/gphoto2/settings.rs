//! `[camera.gphoto2]`: a camera by the gphoto2 program.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::{Deserialize, Serialize};

use crate::settings::Faults;
use crate::units::Span;

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
    /// Looks itself over.
    pub(in crate::camera) fn validate(&self, faults: &mut Faults) {
        faults.check(
            !self.program.trim().is_empty(),
            "program",
            "must name a program",
        );
        let is_line = |text: &String| !text.is_empty() && !text.contains(char::is_control);
        let port = self.port.as_ref();
        let allowed = "must be a port as gphoto2 --auto-detect says it";
        faults.check(port.is_none_or(is_line), "port", allowed);
        // gphoto2 reads commands by the line, and takes the name up to the first "=" or space.
        let mut config = self.config.iter();
        let sound = config
            .all(|(name, value)| is_line(name) && !name.contains(['=', ' ']) && is_line(value));
        let allowed = "must be names and values as gphoto2 --list-config says them";
        faults.check(sound, "config", allowed);
        for (key, time) in [
            ("still_within", self.still_within),
            ("answer_within", self.answer_within),
        ] {
            faults.range(key, Span(time), Span::secs(1)..=Span::secs(120));
        }
    }
}
