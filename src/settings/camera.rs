//! `[camera]`: what photographs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[camera]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CameraSettings {
    /// Which of the following takes the pictures.
    pub driver: CameraDriver,
    /// `[camera.browser]`.
    pub browser: BrowserCamera,
    /// `[camera.folder]`.
    pub folder: FolderCamera,
}

/// What takes the pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CameraDriver {
    /// The camera of the kiosk's own browser.
    #[default]
    Browser,
    /// Portraits that come with the booth: for rehearsals, demonstrations and tests.
    Sample,
    /// The newest picture another program puts into a folder.
    Folder,
}

/// `[camera.browser]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrowserCamera {
    /// Whether the kiosk may offer the sample portraits where the browser finds no camera.
    pub sample_fallback: bool,
}

/// `[camera.folder]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FolderCamera {
    /// The folder to watch. Relative to the data directory.
    pub dir: PathBuf,
}

impl Default for BrowserCamera {
    fn default() -> Self {
        Self {
            sample_fallback: true,
        }
    }
}

impl Default for FolderCamera {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("incoming"),
        }
    }
}
