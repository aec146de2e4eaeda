//! `[camera]`: which camera, and what it needs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[camera]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who takes the photo.
    pub driver: Driver,
    /// Whether a visitor may take a sample photo instead, so that the booth can be shown where
    /// there is no camera.
    pub sample_fallback: bool,
    /// `[camera.sample]`.
    pub sample: SampleSettings,
}

/// Who takes the photo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// The kiosk page, with a camera its browser knows.
    #[default]
    Browser,
    /// Nobody: sample photos, in turn.
    Sample,
    /// Files that another program drops into a folder. Not supported yet.
    Folder,
    /// A webcam by Video4Linux. Not supported yet.
    V4l2,
    /// A camera by the gphoto2 program. Not supported yet.
    Gphoto2,
}

impl Driver {
    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Sample => "sample",
            Self::Folder => "folder",
            Self::V4l2 => "v4l2",
            Self::Gphoto2 => "gphoto2",
        }
    }
}

/// `[camera.sample]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SampleSettings {
    /// A folder of JPEG files to show in the order of their names, instead of the portraits
    /// inside the program.
    pub dir: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            driver: Driver::default(),
            sample_fallback: true,
            sample: SampleSettings::default(),
        }
    }
}

impl Settings {
    /// All complaints: key below `camera`, and what is wrong with its value.
    #[must_use]
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut complaints = Vec::new();
        if !matches!(self.driver, Driver::Browser | Driver::Sample) {
            let text = format!(
                "\"{}\" is not supported yet (now: \"browser\" or \"sample\")",
                self.driver.as_str()
            );
            complaints.push(("driver".to_owned(), text));
        }
        if let Some(dir) = self.sample.dir.as_ref().filter(|dir| !dir.is_dir()) {
            let text = format!(
                "\"{}\" is not a folder (wanted: one with JPEG files)",
                dir.display()
            );
            complaints.push(("sample.dir".to_owned(), text));
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_is_the_default_and_is_fine() {
        let settings: Settings = toml::from_str("").unwrap();
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.driver, Driver::Browser);
        assert!(settings.sample_fallback);
        assert_eq!(settings.validate(), []);
    }

    #[test]
    fn unknown_keys_and_drivers_are_errors() {
        for text in [
            "drivers = \"sample\"",
            "driver = \"polaroid\"",
            "[sample]\ndirs = \"x\"",
        ] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_complaint_is_made_at_once() {
        let text = "driver = \"gphoto2\"\nsample.dir = \"/nowhere/at/all\"";
        let complaints = toml::from_str::<Settings>(text).unwrap().validate();
        let keys: Vec<_> = complaints.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["driver", "sample.dir"]);
        assert!(
            complaints[0].1.contains("not supported yet"),
            "{complaints:?}"
        );
    }

    #[test]
    fn words_are_those_of_the_settings() {
        for driver in [
            Driver::Browser,
            Driver::Sample,
            Driver::Folder,
            Driver::V4l2,
            Driver::Gphoto2,
        ] {
            let text = format!("driver = \"{}\"", driver.as_str());
            assert_eq!(toml::from_str::<Settings>(&text).unwrap().driver, driver);
        }
    }
}
