//! Light from behind: the sitter must come out of it, and a bright wall must whiten nobody.

use easel::painter::{Manner, Study, Unwatched, paint};
use image::{Rgb, RgbImage};

use crate::gallery::{SEED, load, sample};
use crate::measure::{self, Lab, Marked};

/// Shorter side of the paintings, pixels.
const SIZE: u32 = 256;
/// Before a window a face may be this much darker than from the photo in good light (L)…
const DARKER: f32 = 0.12;
/// …and this much lighter; before a bright wall as well.
const LIGHTER: f32 = 0.04;

/// The photo with a white wall behind head and shoulders, which get `share` of their light.
fn before_a_window(photo: &RgbImage, face: &Marked, share: f32) -> RgbImage {
    let light = |c: u8| (f32::from(c) / 255.0).powf(2.2);
    RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let (px, py) = (x as f32, y as f32);
        let sitter = face.in_subject(px, py) || face.own(px, py).1 > 2.4;
        let c = photo.get_pixel(x, y).0.map(light);
        let lit = c.map(|c| if sitter { share * c } else { 0.8 + 0.2 * c });
        Rgb(lit.map(|c| (255.0 * c.powf(1.0 / 2.2)).round() as u8))
    })
}

/// Mean L of a sitter's face in a painting.
fn face_light(study: &Study, manner: Manner, face: &Marked) -> f32 {
    let painting = paint(study, manner, SEED, &Unwatched).expect("nobody cancels");
    measure::mean(&Lab::of(&painting), |x, y| face.in_face(x, y), |p| p[0])
}

/// How much lighter faces are painted where `share` of the light is left before a white wall.
fn lifts(share: f32) -> Vec<(String, f32)> {
    let mut lifts = Vec::new();
    for name in ["bluford", "epps", "lindgren", "ride"] {
        let eyes = sample(name).eyes.expect("the eyes are marked");
        let photo = load(name);
        let window = before_a_window(&photo, &Marked::new(eyes, photo.width() as f32), share);
        let face = Marked::new(eyes, SIZE as f32);
        let (dim, lit) = (Study::new(&window, SIZE), Study::new(&photo, SIZE));
        for manner in [Manner::VanGogh, Manner::Renoir] {
            let lift = face_light(&dim, manner, &face) - face_light(&lit, manner, &face);
            let what = format!("{} {name}, {share} of the light", manner.id());
            println!("{what}: {lift:.3}");
            lifts.push((what, lift));
        }
    }
    lifts
}

#[test]
fn a_face_before_a_window_is_lit() {
    for (what, lift) in lifts(0.15) {
        assert!(lift > -DARKER, "{what}: {:.3} darker", -lift);
        assert!(lift < LIGHTER, "{what}: {lift:.3} lighter");
    }
}

#[test]
fn a_bright_wall_whitens_nobody() {
    for (what, lift) in lifts(1.0) {
        assert!(lift < LIGHTER, "{what}: {lift:.3} lighter");
    }
}
