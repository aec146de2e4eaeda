//! No metadata leaves: not where it was taken, not with what, not when.

use easel::imaging::{Developed, Limits, Settings, develop};
use moxcms::ColorProfile;

use crate::files::{self, SECRET};
use crate::quadrants::upright;

const XMP: &[u8] =
    b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>37.5665N126.9780E</x:xmpmeta>";

fn developed(file: &[u8]) -> Developed {
    develop(file, &Limits::default(), &Settings::default()).unwrap()
}

/// The markers of a JPEG's head, in order, the one before the pixels last.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut markers = Vec::new();
    let mut at = 2;
    loop {
        markers.push(jpeg[at + 1]);
        if jpeg[at + 1] == 0xDA {
            return markers;
        }
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
}

fn assert_bare(file: &[u8], what: &str) {
    let developed = developed(file);
    for rendition in [&developed.input, &developed.screen, &developed.thumb] {
        let jpeg = &rendition.bytes[..];
        // JFIF, quantisation, baseline frame, Huffman, scan: what pixels need, and nothing else.
        let needed = [0xE0, 0xDB, 0xC0, 0xC4, 0xDA];
        assert!(
            markers(jpeg).iter().all(|marker| needed.contains(marker)),
            "{what}: {:X?}",
            markers(jpeg)
        );
        for trace in [
            SECRET.as_bytes(),
            b"Exif",
            b"ICC_PROFILE",
            b"http",
            b"Adobe",
            b"Photoshop",
            b"GPS",
        ] {
            assert!(
                !jpeg.windows(trace.len()).any(|window| window == trace),
                "{what}: {trace:?}"
            );
        }
        assert!(
            jpeg.ends_with(&[0xFF, 0xD9]),
            "{what}: something follows the picture"
        );
    }
}

#[test]
fn nothing_of_a_jpegs_metadata_is_left() {
    let mut file = files::with_exif(&files::jpeg(&upright()), 6, false);
    file = files::with_profile(
        &file,
        &ColorProfile::new_display_p3().encode().unwrap(),
        60_000,
    );
    file = files::with_segment(&file, 0xE1, XMP);
    file = files::with_segment(
        &file,
        0xED,
        format!("Photoshop 3.0\08BIM{SECRET}").as_bytes(),
    );
    file = files::with_segment(&file, 0xFE, SECRET.as_bytes());
    // A phone's second picture, appended.
    let second = files::with_exif(&files::jpeg(&upright()), 1, true);
    file.extend(second);
    assert_bare(&file, "JPEG");
}

#[test]
fn nothing_of_a_pngs_metadata_is_left() {
    let text = format!("Comment\0{SECRET}");
    assert_bare(
        &files::png_with_chunk(&upright(), *b"tEXt", text.as_bytes()),
        "tEXt",
    );
    let xmp = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), XMP].concat();
    assert_bare(&files::png_with_chunk(&upright(), *b"iTXt", &xmp), "iTXt");
    assert_bare(
        &files::png_with_chunk(&upright(), *b"eXIf", &files::exif(6, true)),
        "eXIf",
    );
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    assert_bare(&files::png_with_profile(&upright(), &icc), "iCCP");
}

#[test]
fn nothing_of_a_webps_metadata_is_left() {
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    assert_bare(
        &files::webp(&upright(), Some(files::exif(6, true)), Some(icc)),
        "WebP",
    );
}
