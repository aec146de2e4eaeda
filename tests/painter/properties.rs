//! No input makes a painter panic, and nothing but photo, manner, seed and size changes a painting.

use easel::painter::{Manner, Study, UnknownManner, Unwatched, paint};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

use crate::gallery::load;

/// What a hostile photo may show.
#[derive(Clone, Copy, Debug)]
enum Content {
    Flat(u8),
    Noise,
    Stripes,
    Ramp,
    /// A part of a sample, so that faces are cut at every place.
    Part,
}

fn photo(width: u32, height: u32, content: Content, seed: u32) -> RgbImage {
    let mix = |x: u32, y: u32| {
        let h = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b) ^ seed)
            .wrapping_mul(0xc2b2_ae35);
        (h ^ (h >> 15)).to_le_bytes()
    };
    match content {
        Content::Flat(level) => {
            RgbImage::from_pixel(width, height, Rgb([level, level / 2, 255 - level]))
        }
        Content::Noise => RgbImage::from_fn(width, height, |x, y| {
            let [r, g, b, _] = mix(x, y);
            Rgb([r, g, b])
        }),
        Content::Stripes => RgbImage::from_fn(width, height, |x, y| {
            if (x / 3 + y / 5) % 2 == 0 {
                Rgb([255, 255, 255])
            } else {
                Rgb([0, 0, 0])
            }
        }),
        Content::Ramp => RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 128])
        }),
        Content::Part => {
            let whole = load("trio");
            let (w, h) = (width.min(700), height.min(700));
            let (x, y) = (seed % (768 - w), (seed / 768) % (768 - h));
            image::imageops::crop_imm(&whole, x, y, w, h).to_image()
        }
    }
}

fn contents() -> impl Strategy<Value = Content> {
    prop_oneof![
        any::<u8>().prop_map(Content::Flat),
        Just(Content::Noise),
        Just(Content::Stripes),
        Just(Content::Ramp),
        Just(Content::Part),
    ]
}

fn sizes() -> impl Strategy<Value = (u32, u32)> {
    prop_oneof![
        (1_u32..5, 1_u32..5),
        (1_u32..300, 1_u32..300),
        (1_u32..4, 1_u32..900),
        (1_u32..900, 1_u32..4),
        Just((6000, 400)),
        Just((400, 3000)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_photo_can_be_painted(
        (width, height) in sizes(),
        content in contents(),
        seed in any::<u64>(),
        size in prop_oneof![Just(0_u32), Just(64), 65_u32..200],
    ) {
        let study = Study::new(&photo(width, height, content, seed as u32), size);
        let (w, h) = study.size();
        prop_assert!(w >= 32 && h >= 32, "{w} × {h}");
        // Whole pixels: a rounding's worth beyond 4:1.
        prop_assert!(w <= 4 * h + 4 && h <= 4 * w + 4, "{w} × {h}");
        for manner in Manner::ALL {
            let painting = paint(&study, manner, seed, &Unwatched).expect("nobody cancels");
            prop_assert_eq!(painting.dimensions(), (w, h));
        }
    }
}

#[test]
fn the_aspect_of_the_photo_is_kept() {
    for ((width, height), expected) in [
        ((640, 480), (133, 100)),
        ((480, 640), (100, 133)),
        ((3000, 2000), (150, 100)),
        // Beyond 2:1 the shorter side gives way, beyond 4:1 the ends are cut.
        ((800, 200), (283, 71)),
        ((6000, 400), (283, 71)),
    ] {
        let study = Study::new(&RgbImage::new(width, height), 100);
        assert_eq!(study.size(), expected, "of {width} × {height}");
    }
}

#[test]
fn threads_do_not_change_a_painting() {
    let photo = load("epps");
    let painted = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads can be made");
        pool.install(|| {
            let study = Study::new(&photo, 160);
            Manner::ALL.map(|manner| paint(&study, manner, 7, &Unwatched).expect("nobody cancels"))
        })
    };
    let alone = painted(1);
    for threads in [2, 4] {
        for (manner, (one, many)) in Manner::ALL
            .into_iter()
            .zip(alone.iter().zip(&painted(threads)))
        {
            assert!(
                one == many,
                "{} differs with {threads} threads",
                manner.id()
            );
        }
    }
}

#[test]
fn another_seed_paints_another_picture() {
    let study = Study::new(&load("collins"), 128);
    for manner in Manner::ALL {
        let painted = |seed| paint(&study, manner, seed, &Unwatched).expect("nobody cancels");
        assert!(
            painted(1) == painted(1),
            "{} is not repeatable",
            manner.id()
        );
        assert!(
            painted(1) != painted(2),
            "{} paints but one picture",
            manner.id()
        );
    }
}

#[test]
fn a_photo_in_a_dark_room_paints_like_a_bright_one() {
    let bright = load("jemison");
    let dark = RgbImage::from_fn(bright.width(), bright.height(), |x, y| {
        // A twentieth of the light.
        Rgb(bright
            .get_pixel(x, y)
            .0
            .map(|c| (255.0 * (f32::from(c) / 255.0) * 0.05_f32.powf(1.0 / 2.2)).round() as u8))
    });
    for manner in [Manner::VanGogh, Manner::Renoir] {
        let painted = |photo: &RgbImage| {
            paint(&Study::new(photo, 128), manner, 3, &Unwatched).expect("nobody cancels")
        };
        let apart = crate::measure::apart(&painted(&bright), &painted(&dark));
        assert!(apart < 0.07, "{} differs by {apart}", manner.id());
    }
}

#[test]
fn manners_are_found_by_their_ids() {
    for manner in Manner::ALL {
        assert_eq!(manner.id().parse(), Ok(manner));
    }
    assert_eq!(
        "Van Gogh".parse::<Manner>(),
        Err(UnknownManner("Van Gogh".into()))
    );
}
