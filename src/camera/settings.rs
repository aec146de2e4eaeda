//! `[camera]`: which camera, and what it needs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::folder::FolderSettings;
use super::gphoto2::Gphoto2Settings;
use super::v4l2::V4l2Settings;
use crate::imaging::Turn;
use crate::settings::Faults;

/// `[camera]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who takes the photo.
    pub driver: Driver,
    /// Whether a visitor may take a sample photo instead, so that the booth can be shown where
    /// there is no camera.
    pub sample_fallback: bool,
    /// How far its picture is turned to be upright: live view and photo. A photo that says itself
    /// how the camera was held (Exif) is not turned twice.
    pub turn: Turn,
    /// Program and arguments that switch the camera's power off and on (`uhubctl`, a smart plug),
    /// for one that does not come back by itself; empty if there is no such switch.
    pub power_cycle: Vec<String>,
    /// After so many failures to open it in a row.
    pub power_cycle_after: u32,
    /// `[camera.sample]`.
    pub sample: SampleSettings,
    /// `[camera.folder]`.
    pub folder: FolderSettings,
    /// `[camera.v4l2]`.
    pub v4l2: V4l2Settings,
    /// `[camera.gphoto2]`.
    pub gphoto2: Gphoto2Settings,
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
    /// Another program, which drops photos into a folder.
    Folder,
    /// A webcam or a capture card, by ffmpeg.
    V4l2,
    /// A DSLR or mirrorless camera, by gphoto2.
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
            turn: Turn::default(),
            power_cycle: Vec::new(),
            power_cycle_after: 3,
            sample: SampleSettings::default(),
            folder: FolderSettings::default(),
            v4l2: V4l2Settings::default(),
            gphoto2: Gphoto2Settings::default(),
        }
    }
}

impl Settings {
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        let nameless = self.power_cycle.first().is_some_and(String::is_empty);
        faults.check(!nameless, "power_cycle", "must begin with a program");
        faults.range("power_cycle_after", self.power_cycle_after, 1..=100);
        let dir = self.sample.dir.as_ref();
        let allowed = "must be a folder with JPEG files";
        faults.check(dir.is_none_or(|dir| dir.is_dir()), "sample.dir", allowed);
        faults.within("folder", |faults| {
            self.folder.validate(self.driver == Driver::Folder, faults);
        });
        faults.within("v4l2", |faults| self.v4l2.validate(faults));
        faults.within("gphoto2", |faults| self.gphoto2.validate(faults));
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
        let none: [String; 0] = [];
        assert_eq!(Faults::keys(|f| settings.validate(f)), none);
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
        let text = "
driver = \"folder\"
power_cycle = [\"\"]
power_cycle_after = 0
sample.dir = \"/nowhere/at/all\"
folder.arrives_within = \"1h\"
v4l2.device = \"video0\"
gphoto2.still_within = \"0s\"
gphoto2.config.\"two words\" = \"x\"
";
        let settings: Settings = toml::from_str(text).unwrap();
        let keys = Faults::keys(|faults| settings.validate(faults));
        let expected = [
            "power_cycle",
            "power_cycle_after",
            "sample.dir",
            "folder.dir",
            "folder.arrives_within",
            "v4l2.device",
            "gphoto2.config",
            "gphoto2.still_within",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn sizes_and_spans_are_written_as_people_do() {
        let text = "v4l2.size = \"1920x1080\"\ngphoto2.still_within = \"1m 30s\"";
        let settings: Settings = toml::from_str(text).unwrap();
        let written = toml::to_string(&settings).unwrap();
        assert!(written.contains("size = \"1920x1080\""), "{written}");
        assert!(written.contains("still_within = \"1m 30s\""), "{written}");
        for text in [
            "v4l2.size = \"big\"",
            "gphoto2.still_within = 15",
            "turn = 45",
        ] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
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
