//! However the camera was held, the picture comes out upright.

use easel::imaging::{Limits, Settings, decode, decode_within, develop};
use image::RgbImage;

use crate::files;
use crate::quadrants::{HEIGHT, WIDTH, assert_upright, scaled, upright};

/// What a camera stores when it notes `orientation`.
///
/// Source: CIPA DC-008, tag 0x0112: each value says which sides of the scene row 0 and column 0 show.
fn stored(scene: &RgbImage, orientation: u16) -> RgbImage {
    let (width, height) = scene.dimensions();
    let size = if orientation >= 5 {
        (height, width)
    } else {
        (width, height)
    };
    RgbImage::from_fn(size.0, size.1, |column, row| {
        let (x, y) = match orientation {
            1 => (column, row),                          // top, left
            2 => (width - 1 - column, row),              // top, right
            3 => (width - 1 - column, height - 1 - row), // bottom, right
            4 => (column, height - 1 - row),             // bottom, left
            5 => (row, column),                          // left, top
            6 => (width - 1 - row, column),              // right, top
            7 => (width - 1 - row, height - 1 - column), // right, bottom
            8 => (row, height - 1 - column),             // left, bottom
            _ => unreachable!("there are eight"),
        };
        *scene.get_pixel(x, y)
    })
}

fn assert_decodes_upright(file: &[u8], what: &str) {
    let limits = Limits::default();
    let whole = decode(file, &limits).unwrap();
    assert_eq!(whole.dimensions(), (WIDTH, HEIGHT), "{what}");
    assert_upright(&whole, what);
    let small = decode_within(file, &limits, 60).unwrap();
    assert_eq!(small.dimensions(), (60, 40), "{what}");
    assert_upright(&small, what);
}

#[test]
fn all_eight_orientations_of_a_jpeg_come_out_upright_in_both_byte_orders() {
    for orientation in 1..=8 {
        for big_endian in [false, true] {
            let jpeg = files::jpeg(&stored(&upright(), orientation));
            let file = files::with_exif(&jpeg, orientation, big_endian);
            assert_decodes_upright(
                &file,
                &format!("orientation {orientation}, big endian {big_endian}"),
            );
        }
    }
}

#[test]
fn all_eight_orientations_of_png_and_webp_come_out_upright() {
    for orientation in 1..=8 {
        let picture = stored(&upright(), orientation);
        let exif = files::exif(orientation, true);
        assert_decodes_upright(
            &files::png_with_chunk(&picture, *b"eXIf", &exif),
            &format!("PNG, orientation {orientation}"),
        );
        assert_decodes_upright(
            &files::webp(&picture, Some(exif.clone()), None),
            &format!("WebP, orientation {orientation}"),
        );
        let prefixed = [b"Exif\0\0".to_vec(), exif].concat();
        assert_decodes_upright(
            &files::webp(&picture, Some(prefixed), None),
            &format!("WebP with prefix, orientation {orientation}"),
        );
    }
}

#[test]
fn a_lossy_webp_from_another_encoder_comes_out_upright() {
    assert_decodes_upright(
        include_bytes!("../pictures/lossy-orientation-6.webp"),
        "lossy, orientation 6",
    );
}

#[test]
fn renditions_and_source_size_are_those_of_the_upright_picture() {
    let jpeg = files::jpeg(&stored(&scaled(1600, 900), 6));
    let file = files::with_exif(&jpeg, 6, false);
    let developed = develop(&file, &Limits::default(), &Settings::default()).unwrap();
    assert_eq!(
        (developed.source_width, developed.source_height),
        (1600, 900)
    );
    for rendition in [&developed.input, &developed.screen, &developed.thumb] {
        let picture = decode(&rendition.bytes, &Limits::default()).unwrap();
        assert_eq!(picture.dimensions(), (rendition.width, rendition.height));
        assert_upright(&picture, "rendition");
    }
}

#[test]
fn nonsense_in_exif_leaves_the_picture_as_it_is_stored() {
    for orientation in [0, 9, u16::MAX] {
        let file = files::with_exif(&files::jpeg(&upright()), orientation, false);
        assert_decodes_upright(&file, &format!("orientation {orientation}"));
    }
    let endless = [b"Exif\0\0II*\0".as_slice(), &[0xFF; 64]].concat();
    assert_decodes_upright(
        &files::with_segment(&files::jpeg(&upright()), 0xE1, &endless),
        "endless directory",
    );
}
