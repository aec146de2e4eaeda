//! The study before the painting: everything the styles want to know about one photo.

use image::RgbImage;

use super::backlight;
use super::bristle;
use super::distance;
use super::face::{self, Face};
use super::fill;
use super::grid::{Grid, Lab, smoothstep};
use super::hair::{self, HairKind};
use super::light;
use super::mask::Mask;
use super::skin;
use super::subject;

/// One photo analysed at one size, shared by all paintings of it.
///
/// It holds the photo at work size in Oklab with its exposure corrected, and who is in it: faces,
/// skin, hair and background. Cheap to share behind an `Arc`; painting never changes it.
#[derive(Debug)]
pub struct Study {
    pub(super) raw: Grid<Lab>,
    pub(super) background: Mask,
    pub(super) trust: f32,
    pub(super) skin: Mask,
    pub(super) hair: Mask,
    hair_owner: Grid<u8>,
    pub(super) hair_kinds: Vec<HairKind>,
    /// Distance to the silhouette, pixels; positive in the background.
    pub(super) outside: Grid<f32>,
    pub(super) faces: Vec<Face>,
    /// Median skin colour of each face.
    pub(super) tones: Vec<Lab>,
    pub(super) monochrome: bool,
    /// Work size / 768.
    pub(super) scale: f32,
}

impl Study {
    /// Analyses a photo of any size for a painting whose shorter side is `size_px` (64–2048).
    ///
    /// The aspect of the photo is kept: cropping is the caller's choice. Beyond 2:1 the shorter
    /// side gives way so that the area stays that of a 2:1 painting; beyond 4:1 the ends are cut.
    #[must_use]
    pub fn new(photo: &RgbImage, size_px: u32) -> Self {
        // Made once a process: here, so that no painting has to wait for it.
        bristle::tile();
        let mut raw = light::prepare(photo, size_px);
        let scale = raw.width.min(raw.height) as f32 / 768.0;
        let mut faces = face::find(&raw);
        if backlight::fill_in(&mut raw, &faces) {
            // Mouths and spectacles show better now.
            let again = face::find(&raw);
            if again.len() >= faces.len() {
                faces = again;
            }
        }
        let tones =
            |raw: &Grid<Lab>| -> Vec<Lab> { faces.iter().map(|f| skin::tone(raw, f)).collect() };
        let seen = tones(&raw);
        fill::fill(&mut raw, &faces, &seen);
        let tones = tones(&raw);
        let monochrome = skin::is_monochrome(&raw, &tones);
        let skin = skin::skin(&raw, &faces, monochrome);
        let separation = subject::separate(&raw, &skin, &faces, monochrome);
        // Walls of the colour of skin are walls.
        let trust = separation.trust;
        let mut skin = skin.zip(&separation.background, |s, b| {
            s * (1.0 - trust * smoothstep(0.4, 0.8, b))
        });
        skin::drop_flecks(&mut skin, &faces);
        let hair = hair::hair(&raw, &separation.background, &skin, &faces, monochrome);
        let outside = distance::signed(&separation.background.map(|b| b > 0.5));
        Self {
            raw,
            background: Mask::new(&separation.background),
            trust,
            skin: Mask::new(&skin),
            hair: Mask::new(&hair.mask),
            hair_owner: hair.owner,
            hair_kinds: hair.kinds,
            outside,
            faces,
            tones,
            monochrome,
            scale,
        }
    }

    /// Median colour of a face's skin in the exposed photo.
    pub(super) fn tone_at(&self, face: &Face) -> Lab {
        let index = self
            .faces
            .iter()
            .position(|f| f.centre == face.centre)
            .unwrap_or(0);
        self.tones[index]
    }

    /// The kind of hair at a pixel; `None` without a face.
    pub(super) fn hair_kind(&self, x: usize, y: usize) -> Option<HairKind> {
        self.hair_kinds
            .get(usize::from(self.hair_owner.at(x, y)))
            .copied()
    }

    /// The face whose outline is nearest to a pixel.
    pub(super) fn nearest_face(&self, x: f32, y: f32) -> Option<&Face> {
        self.faces
            .iter()
            .min_by(|a, b| a.outline(x, y).total_cmp(&b.outline(x, y)))
    }

    /// Median skin colour of the most prominent face; a middle tone when there is none.
    pub(super) fn skin_tone(&self) -> Lab {
        self.tones.first().copied().unwrap_or([0.65, 0.045, 0.05])
    }

    /// Width and height of every painting of this study, pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.raw.width as u32, self.raw.height as u32)
    }
}
