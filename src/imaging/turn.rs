//! Turning a JPEG by quarters, for cameras that are mounted on their side.
//!
//! Coefficients are turned, not pixels (libjpeg-turbo's `tj3Transform`): nothing is lost, and a frame
//! of a live view takes some milliseconds. Of a size that is no multiple of its blocks, up to 15 px at
//! one edge cannot be turned and are left out.

use std::fmt;

use bytes::Bytes;
use image::metadata::Orientation;
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use turbojpeg::{Transform, TransformOp};

use super::Refusal;
use super::decode::{mended, orientation_of};

/// How far a picture is turned, clockwise. In settings: degrees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(into = "u16")]
pub enum Turn {
    /// 0°
    #[default]
    Not,
    /// 90°
    Right,
    /// 180°
    Over,
    /// 270°
    Left,
}

impl Turn {
    /// Clockwise degrees.
    #[must_use]
    pub fn degrees(self) -> u16 {
        match self {
            Self::Not => 0,
            Self::Right => 90,
            Self::Over => 180,
            Self::Left => 270,
        }
    }
}

/// Says what is allowed, whatever stands there instead.
impl<'de> Deserialize<'de> for Turn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_u16(Angle)
    }
}

struct Angle;

impl Visitor<'_> for Angle {
    type Value = Turn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0, 90, 180 or 270")
    }

    fn visit_i64<E: de::Error>(self, degrees: i64) -> Result<Turn, E> {
        let all = [Turn::Not, Turn::Right, Turn::Over, Turn::Left];
        let turn = all.into_iter().find(|t| i64::from(t.degrees()) == degrees);
        turn.ok_or_else(|| E::invalid_value(Unexpected::Signed(degrees), &self))
    }
}

impl From<Turn> for u16 {
    fn from(turn: Turn) -> Self {
        turn.degrees()
    }
}

/// Turns a JPEG. One whose Exif says how the camera was held comes back as it is: the camera knows
/// that it lies on its side, and whoever shows its photo turns it by that. Blocks.
///
/// # Errors
/// [`Refusal::UnsupportedMedia`], [`Refusal::BadImage`].
pub fn turn_jpeg(jpeg: &Bytes, turn: Turn) -> Result<Bytes, Refusal> {
    let op = match turn {
        Turn::Not => return Ok(jpeg.clone()),
        Turn::Right => TransformOp::Rot90,
        Turn::Over => TransformOp::Rot180,
        Turn::Left => TransformOp::Rot270,
    };
    if orientation_of(jpeg) != Orientation::NoTransforms {
        return Ok(jpeg.clone());
    }
    let mut transform = Transform::op(op);
    transform.trim = true;
    let turned = turbojpeg::transform(&transform, jpeg).or_else(|fault| {
        // Warned of: stray bytes, which some cameras put into every frame, or blocks that are lost.
        let mended = mended(jpeg).ok_or(fault)?;
        turbojpeg::transform(&transform, &mended)
    })?;
    Ok(Bytes::copy_from_slice(&turned))
}

#[cfg(test)]
mod tests {
    use image::{ImageEncoder, Rgb, RgbImage};

    use super::*;
    use crate::imaging::{Limits, decode};

    /// 64 × 32, its top left corner red; with Exif if wished.
    fn marked(exif: Option<u8>) -> Bytes {
        let picture = RgbImage::from_fn(64, 32, |x, y| {
            let red = x < 16 && y < 16;
            Rgb(if red { [250, 20, 20] } else { [20, 20, 20] })
        });
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
        if let Some(orientation) = exif {
            let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
            tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
            encoder.set_exif_metadata(tiff).unwrap();
        }
        encoder.encode_image(&picture).unwrap();
        jpeg.into()
    }

    fn red_corner(jpeg: &Bytes) -> (u32, u32, (u32, u32)) {
        let limits = Limits {
            min_side: 1,
            ..Limits::default()
        };
        let picture = decode(jpeg, &limits).unwrap();
        let (width, height) = picture.dimensions();
        let corners = [
            (4, 4),
            (width - 5, 4),
            (width - 5, height - 5),
            (4, height - 5),
        ];
        let red = |(x, y): &(u32, u32)| picture.get_pixel(*x, *y).0[0] > 150;
        (width, height, corners.into_iter().find(red).unwrap())
    }

    #[test]
    fn corners_go_round_clockwise() {
        let jpeg = marked(None);
        let turned = |turn| red_corner(&turn_jpeg(&jpeg, turn).unwrap());
        assert_eq!(turned(Turn::Not), (64, 32, (4, 4)));
        assert_eq!(turned(Turn::Right), (32, 64, (27, 4)));
        assert_eq!(turned(Turn::Over), (64, 32, (59, 27)));
        assert_eq!(turned(Turn::Left), (32, 64, (4, 59)));
    }

    #[test]
    fn a_camera_that_says_how_it_was_held_is_believed() {
        let plain = marked(Some(1));
        assert_ne!(turn_jpeg(&plain, Turn::Right).unwrap(), plain);
        let held = marked(Some(6));
        assert_eq!(turn_jpeg(&held, Turn::Right).unwrap(), held);
        // Exif's 6 is a quarter to the right already.
        assert_eq!(red_corner(&held), (32, 64, (27, 4)));
    }

    #[test]
    fn what_is_no_jpeg_is_refused() {
        let png = Bytes::from_static(b"\x89PNG\r\n\x1a\n");
        assert!(turn_jpeg(&png, Turn::Right).is_err());
        let half = marked(None).slice(..60);
        assert!(turn_jpeg(&half, Turn::Right).is_err());
    }

    #[test]
    fn angles_are_quarters_and_whatever_else_stands_there_is_told_so() {
        let read = |text: &str| toml::Value::try_into::<Turn>(text.parse().unwrap());
        for degrees in [0, 90, 180, 270] {
            assert_eq!(read(&degrees.to_string()).unwrap().degrees(), degrees);
        }
        for wrong in ["45", "-90", "360", "\"left\"", "true"] {
            let said = read(wrong).unwrap_err().to_string();
            assert!(said.contains("expected 0, 90, 180 or 270"), "{said}");
        }
    }
}
