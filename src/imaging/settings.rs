//! What an operator may set about pictures.

use serde::{Deserialize, Serialize};

use crate::settings::Faults;

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
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        for (key, px) in [
            ("input_px", self.input_px),
            ("screen_px", self.screen_px),
            ("thumb_px", self.thumb_px),
        ] {
            faults.range(key, px, 64..=4096);
        }
        for (key, quality) in [
            ("input_quality", self.input_quality),
            ("screen_quality", self.screen_quality),
            ("thumb_quality", self.thumb_quality),
        ] {
            faults.range(key, quality, 1..=100);
        }
        faults.range("running", self.running, 1..=64);
        faults.range("waiting", self.waiting, 0..=1024);
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
        let none: [String; 0] = [];
        assert_eq!(Faults::keys(|f| Settings::default().validate(f)), none);
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
        let found = Faults::of(|faults| settings.validate(faults));
        let found = found.into_iter();
        let complaints: Vec<_> = found.map(|f| format!("{} {}", f.key, f.allowed)).collect();
        assert_eq!(
            complaints,
            [
                "input_px must be from 64 to 4096",
                "screen_px must be from 64 to 4096",
                "thumb_px must be from 64 to 4096",
                "input_quality must be from 1 to 100",
                "screen_quality must be from 1 to 100",
                "thumb_quality must be from 1 to 100",
                "running must be from 1 to 64",
                "waiting must be from 0 to 1024",
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
