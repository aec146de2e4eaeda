//! `[camera.v4l2]`: a webcam or a capture card by Video4Linux.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::settings::Faults;

/// `[camera.v4l2]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct V4l2Settings {
    /// The ffmpeg program, by name or by path.
    pub program: String,
    /// The device, best by a name that stays (`/dev/v4l/by-id/...`). Left out: the first that
    /// gives pictures. A file with a film stands in for a camera.
    pub device: Option<PathBuf>,
    /// Which of the camera's formats.
    pub format: V4l2Format,
    /// Width and height in pixels, `1920x1080`. Left out: the best that flows.
    pub size: Option<FrameSize>,
}

/// How frames come from the camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum V4l2Format {
    /// MJPEG where there is any.
    #[default]
    Auto,
    /// JPEGs, as the camera makes them.
    Mjpeg,
    /// Raw pixels, of which USB 2 carries few.
    Yuyv,
}

/// Pixels across and down, written `1920x1080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FrameSize {
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

impl FrameSize {
    /// All its pixels.
    #[must_use]
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

impl std::str::FromStr for FrameSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.parse().ok().filter(|side| (1..=16_384).contains(side));
        let sides = text
            .split_once('x')
            .and_then(|(width, height)| side(width).zip(side(height)));
        let (width, height) = sides
            .ok_or_else(|| "expected a width and a height in pixels, \"1920x1080\"".to_owned())?;
        Ok(Self { width, height })
    }
}

impl TryFrom<String> for FrameSize {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<FrameSize> for String {
    fn from(FrameSize { width, height }: FrameSize) -> Self {
        format!("{width}x{height}")
    }
}

impl Default for V4l2Settings {
    fn default() -> Self {
        Self {
            program: "ffmpeg".to_owned(),
            device: None,
            format: V4l2Format::Auto,
            size: None,
        }
    }
}

impl V4l2Settings {
    /// Looks itself over.
    pub(in crate::camera) fn validate(&self, faults: &mut Faults) {
        faults.check(
            !self.program.trim().is_empty(),
            "program",
            "must name a program",
        );
        let device = self.device.as_ref();
        let allowed = "must be a whole path, such as \"/dev/video0\"";
        faults.check(
            device.is_none_or(|path| path.is_absolute()),
            "device",
            allowed,
        );
    }
}
