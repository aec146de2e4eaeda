//! What an operator may set about pictures.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Sizes, qualities and the two bounds of the [`super::Darkroom`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Longest side of what generators are given, in pixels.
    pub input_px: u32,
    /// Longest side of what screens and phones show large, in pixels.
    pub screen_px: u32,
    /// Longest side of what lists show, in pixels.
    pub thumb_px: u32,
    /// JPEG quality of the input, 1 to 100.
    pub input_quality: u8,
    /// JPEG quality of the screen rendition, 1 to 100.
    pub screen_quality: u8,
    /// JPEG quality of the thumbnail, 1 to 100.
    pub thumb_quality: u8,
    /// How many pictures are worked on at once.
    pub running: usize,
    /// How many more may wait for their turn; beyond them the answer is `busy`.
    pub waiting: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            input_px: 512,
            screen_px: 1280,
            thumb_px: 320,
            // Generators amplify block edges and smeared chroma: 90 and above keep full chroma.
            input_quality: 92,
            screen_quality: 85,
            thumb_quality: 80,
            // One for each core of the smallest machine we support.
            running: 2,
            waiting: 24,
        }
    }
}

impl Settings {
    /// Every value out of range, as its key and what is wrong with it; empty means all is well.
    pub fn validate(&self) -> Vec<(String, String)> {
        const SIDE_PX: RangeInclusive<u64> = 64..=4096;
        const QUALITY: RangeInclusive<u64> = 1..=100;
        let checks = [
            ("input_px", u64::from(self.input_px), SIDE_PX),
            ("screen_px", u64::from(self.screen_px), SIDE_PX),
            ("thumb_px", u64::from(self.thumb_px), SIDE_PX),
            ("input_quality", self.input_quality.into(), QUALITY),
            ("screen_quality", self.screen_quality.into(), QUALITY),
            ("thumb_quality", self.thumb_quality.into(), QUALITY),
            ("running", self.running as u64, 1..=64),
            ("waiting", self.waiting as u64, 0..=1024),
        ];
        checks
            .into_iter()
            .filter(|(_, value, allowed)| !allowed.contains(value))
            .map(|(key, value, allowed)| {
                let what = format!(
                    "{value} is not between {} and {}",
                    allowed.start(),
                    allowed.end()
                );
                (key.to_owned(), what)
            })
            .collect()
    }
}

/// What is taken from outside; checked before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest file, in bytes.
    pub bytes: usize,
    /// Most pixels, width × height.
    pub pixels: u64,
    /// Most memory in bytes that decoding one picture may take, by what its header claims.
    pub memory: u64,
    /// Shortest side, in pixels.
    pub min_side: u32,
}

impl Limits {
    /// 64 MB, 300 megapixels, 800 MB, 64 pixels: what cameras of 102 and phones of 200 megapixels save
    /// passes, a favicon does not.
    pub(super) const USUAL: Self = Self {
        bytes: 64_000_000,
        pixels: 300_000_000,
        memory: 800_000_000,
        min_side: 64,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range() {
        assert_eq!(Settings::default().validate(), []);
    }

    #[test]
    fn every_value_out_of_range_is_named_with_its_range() {
        let settings = Settings {
            input_px: 63,
            screen_px: 4097,
            thumb_px: 0,
            input_quality: 0,
            screen_quality: 101,
            thumb_quality: 255,
            running: 0,
            waiting: 1025,
        };
        let complaints: Vec<String> = settings
            .validate()
            .into_iter()
            .map(|(key, what)| format!("{key}: {what}"))
            .collect();
        assert_eq!(
            complaints,
            [
                "input_px: 63 is not between 64 and 4096",
                "screen_px: 4097 is not between 64 and 4096",
                "thumb_px: 0 is not between 64 and 4096",
                "input_quality: 0 is not between 1 and 100",
                "screen_quality: 101 is not between 1 and 100",
                "thumb_quality: 255 is not between 1 and 100",
                "running: 0 is not between 1 and 64",
                "waiting: 1025 is not between 0 and 1024",
            ]
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_and_a_missing_one_its_default() {
        let settings: Settings = toml::from_str("input_px = 768").expect("one key is enough");
        assert_eq!(
            settings,
            Settings {
                input_px: 768,
                ..Settings::default()
            }
        );
        assert!(toml::from_str::<Settings>("input_size = 768").is_err());
    }
}
