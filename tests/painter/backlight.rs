//! Light from behind: the sitter must come out of it, and a bright wall must whiten nobody.

use easel::painter::{Manner, Study, Unwatched, paint};
use image::{Rgb, RgbImage};

use crate::gallery::{SEED, load, sample};
use crate::measure::{self, Lab, Marked};

/// Shorter side of the paintings, pixels.
const SIZE: u32 = 256;
/// Sitters of light and dark skin, one in white clothes.
const SITTERS: [&str; 4] = ["bluford", "epps", "lindgren", "ride"];
/// Before a window a face may be this much darker than in good light before the same wall (L).
const DARKER: f32 = 0.08;
/// A window may lighten a face by this much, and so may a bright wall.
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

/// Mean L of a sitter's face in paintings by van Gogh and Renoir.
fn face_lights(photo: &RgbImage, eyes: [(f32, f32); 2]) -> [f32; 2] {
    let study = Study::new(photo, SIZE);
    let face = Marked::new(eyes, SIZE as f32);
    [Manner::VanGogh, Manner::Renoir].map(|manner| {
        let painting = paint(&study, manner, SEED, &Unwatched).expect("nobody cancels");
        measure::mean(&Lab::of(&painting), |x, y| face.in_face(x, y), |p| p[0])
    })
}

#[test]
fn sitters_come_out_of_the_light_behind_them_and_no_wall_whitens_them() {
    for name in SITTERS {
        let eyes = sample(name).eyes.expect("the eyes are marked");
        let photo = load(name);
        let face = Marked::new(eyes, photo.width() as f32);
        let plain = face_lights(&photo, eyes);
        let wall = face_lights(&before_a_window(&photo, &face, 1.0), eyes);
        let window = face_lights(&before_a_window(&photo, &face, 0.15), eyes);
        for (i, manner) in ["van-gogh", "renoir"].into_iter().enumerate() {
            let (by_wall, by_window) = (wall[i] - plain[i], window[i] - wall[i]);
            let what =
                format!("{manner} {name}: {by_wall:.3} by the wall, {by_window:.3} by the window");
            println!("{what}");
            assert!(by_wall < LIGHTER, "{what}");
            assert!(-DARKER < by_window && by_window < LIGHTER, "{what}");
        }
    }
}
