//! Whether anything can be seen in a picture.

use super::{Camera, Cue, Trouble};
use crate::imaging::{self, Developed, Limits, Refusal};

/// Enough to tell black from a face.
const SIDE_PX: u32 = 64;
/// Of 255, on average: behind a lens cap a sensor sees only its own noise, in the darkest hall more.
const BLACK: u64 = 6;

/// What is wrong with the picture of `what`, if anybody would see it. Blocks.
pub(super) fn flaw(picture: &[u8], what: &str) -> Option<Trouble> {
    let what = what.to_owned();
    match imaging::decode_within(picture, &Limits::default(), SIDE_PX) {
        Ok(small) => is_black(small.as_raw()).then_some(Trouble::Dark { what }),
        Err(refusal) => flaw_of(&refusal, &what),
    }
}

/// What a refusal says of the camera that took the picture; `None` if it says nothing.
pub(super) fn flaw_of(refusal: &Refusal, what: &str) -> Option<Trouble> {
    let what = what.to_owned();
    match refusal {
        Refusal::Busy { .. } => None,
        Refusal::TooSmall { width, height, .. } => Some(Trouble::TooSmall {
            what,
            width: *width,
            height: *height,
        }),
        other => Some(Trouble::BadPicture {
            what,
            reason: other.to_string(),
        }),
    }
}

/// Whether samples of any kind are as good as black.
pub(super) fn is_black(samples: &[u8]) -> bool {
    let sum: u64 = samples.iter().map(|sample| u64::from(*sample)).sum();
    sum < BLACK * samples.len() as u64
}

/// What a camera should hear of its last photo; nothing if it is not the camera's fault.
pub(crate) fn judge(camera: &dyn Camera, developed: Result<&Developed, &Refusal>) -> Option<Cue> {
    let what = format!("the {} camera", camera.name());
    let trouble = match developed {
        // The smallest one is as black as the largest, and cheap to look at.
        Ok(developed) => flaw(&developed.thumb.bytes, &what),
        Err(refusal) => flaw_of(refusal, &what),
    };
    match (trouble, developed) {
        (Some(trouble), _) => Some(Cue::BadPhoto(trouble)),
        (None, Ok(_)) => Some(Cue::GoodPhoto),
        (None, Err(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn jpeg(light: u8) -> Vec<u8> {
        let picture = RgbImage::from_fn(96, 96, |x, _| Rgb([light + u8::from(x % 7 == 0); 3]));
        imaging::encode_jpeg(&picture, 90).unwrap().to_vec()
    }

    #[test]
    fn black_is_told_from_dark_and_damage_from_both() {
        assert!(matches!(flaw(&jpeg(0), "it"), Some(Trouble::Dark { .. })));
        assert!(matches!(flaw(&jpeg(3), "it"), Some(Trouble::Dark { .. })));
        assert_eq!(flaw(&jpeg(12), "it"), None);
        let half = &jpeg(90)[..300];
        assert!(matches!(flaw(half, "it"), Some(Trouble::BadPicture { .. })));
        assert_eq!(
            flaw(include_bytes!("../../assets/portraits/ride.jpg"), "it"),
            None
        );
    }
}
