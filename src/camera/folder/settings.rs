//! `[camera.folder]`: another program takes the photos and drops them into a folder.

use std::path::PathBuf;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::{Deserialize, Serialize};

use crate::settings::Faults;
use crate::units::Span;

/// `[camera.folder]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FolderSettings {
    /// Where the photos arrive. Needed.
    pub dir: Option<PathBuf>,
    /// Program and arguments that take a photo; left empty, a person presses the shutter.
    pub trigger: Vec<String>,
    /// How long a photo may take to arrive.
    #[serde(with = "friendly")]
    pub arrives_within: Duration,
    /// Leave photos in the folder. Otherwise each is removed once the booth has it: it is erased
    /// with the visit, as visitors are promised.
    pub keep: bool,
}

impl Default for FolderSettings {
    fn default() -> Self {
        Self {
            dir: None,
            trigger: Vec::new(),
            arrives_within: Duration::from_secs(15),
            keep: false,
        }
    }
}

impl FolderSettings {
    /// Looks itself over. The folder itself may come later, with its disk or its network.
    pub(in crate::camera) fn validate(&self, is_used: bool, faults: &mut Faults) {
        let allowed = "must be the folder where photos arrive";
        faults.check(!is_used || self.dir.is_some(), "dir", allowed);
        let nameless = self.trigger.first().is_some_and(String::is_empty);
        faults.check(!nameless, "trigger", "must begin with a program");
        let time = Span(self.arrives_within);
        faults.range("arrives_within", time, Span::secs(1)..=Span::secs(120));
    }
}
