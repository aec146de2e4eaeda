//! Damage that nobody would see: browsers show such files whole, and so they are taken, pixel for pixel.

use easel::imaging::{Limits, Turn, decode, decode_within, turn_jpeg};
use image::RgbImage;
use png::{BitDepth, ColorType, Encoder};

use crate::files;
use crate::jpegs::{self, markers, parts};
use crate::quadrants::{assert_upright, scaled, upright};

type Damage = fn(&[u8]) -> Vec<Vec<u8>>;

/// What is done to a JPEG; all of the files that come of it must show what it showed.
const DAMAGE: [(&str, Damage); 17] = [
    ("a stray byte before any marker", |f| at_markers(f, &[0x00])),
    ("another one", |f| at_markers(f, &[0x5A])),
    ("several", |f| {
        at_markers(f, &[0x12, 0x00, 0xFE, 0x7F, 0x00, 0x01])
    }),
    ("stuffed ones", |f| at_markers(f, &[0xFF, 0x00, 0x33])),
    ("fill bytes", |f| at_markers(f, &[0xFF, 0xFF, 0xFF])),
    ("a stray byte before all markers", |f| {
        let all = parts(f)
            .into_iter()
            .enumerate()
            .flat_map(|(number, (_, part))| [&[0x2C][..number.min(1)], part].concat());
        vec![f[..2].iter().copied().chain(all).collect()]
    }),
    ("zeros before the end", |f| {
        vec![at(f, f.len() - 2, &[0; 3000])]
    }),
    ("no end", |f| vec![f[..f.len() - 2].to_vec()]),
    ("half an end", |f| vec![f[..f.len() - 1].to_vec()]),
    ("zeros in place of the end", |f| {
        vec![[&f[..f.len() - 2], &[0; 700]].concat()]
    }),
    ("bytes behind the end", |f| {
        vec![[f, b"SEFT\0\x01trailer"].concat()]
    }),
    ("a second picture behind it", |f| vec![[f, f].concat()]),
    ("a restart behind the last interval", |f| {
        vec![at(f, f.len() - 2, &[0xFF, 0xD3])]
    }),
    ("a JFIF header of a version that is not known", |f| {
        let mut file = f.to_vec();
        if let Some(jfif) = f.windows(5).position(|name| name == b"JFIF\0") {
            file[jfif + 5] = 7;
        }
        vec![file]
    }),
    ("application segments of absurd lengths", |f| {
        vec![at(
            f,
            2,
            &[0xFF, 0xE5, 0, 0, 0xFF, 0xE7, 0, 1, 0xFF, 0xE6, 0, 2],
        )]
    }),
    ("a thumbnail with markers of its own", |f| {
        let thumbnail = files::jpeg(&scaled(64, 64));
        let thumbnail = &thumbnail[..thumbnail.len().min(60_000)];
        vec![files::with_segment(f, 0xEC, thumbnail)]
    }),
    ("a reserved marker before the end", |f| {
        vec![at(f, f.len() - 2, &[0xFF, 0x3A])]
    }),
];

/// Before the first one nothing may stand: by it browsers know a JPEG, and so do we.
fn at_markers(file: &[u8], stray: &[u8]) -> Vec<Vec<u8>> {
    markers(file)
        .into_iter()
        .skip(1)
        .map(|(marker, _)| at(file, marker, stray))
        .collect()
}

fn at(file: &[u8], place: usize, stray: &[u8]) -> Vec<u8> {
    [&file[..place], stray, &file[place..]].concat()
}

fn limits() -> Limits {
    Limits {
        min_side: 1,
        ..Limits::default()
    }
}

fn assert_same(file: &[u8], picture: &RgbImage, what: &str) {
    match decode(file, &limits()) {
        Ok(decoded) => assert!(decoded == *picture, "{what}: another picture"),
        Err(refusal) => panic!("{what}: {refusal:?}"),
    }
}

#[test]
fn damage_that_costs_no_block_costs_no_picture() {
    for (kind, file) in jpegs::kinds() {
        let whole = decode(&file, &limits()).unwrap();
        let small = decode_within(&file, &limits(), 64).unwrap();
        for (damage, apply) in DAMAGE {
            for (number, damaged) in apply(&file).into_iter().enumerate() {
                let what = format!("{kind}, {damage}, number {number}");
                assert_same(&damaged, &whole, &what);
                let damaged = decode_within(&damaged, &limits(), 64).unwrap();
                assert!(damaged == small, "{what}: smaller");
            }
        }
    }
}

/// Frames of Motion JPEG leave out the tables that everybody has.
#[test]
fn the_usual_huffman_tables_may_be_missing() {
    for (kind, file) in jpegs::kinds() {
        if kind == "progressive" {
            continue;
        }
        let whole = decode(&file, &limits()).unwrap();
        let bare = files::without_segment(&file, 0xC4);
        assert!(bare.len() < file.len());
        assert_same(&bare, &whole, kind);
        for stray in at_markers(&bare, &[0x44, 0x55]) {
            assert_same(&stray, &whole, kind);
        }
        let bare = files::without_segment(&bare, 0xE0);
        assert_same(
            &files::with_segment(&bare, 0xE0, b"AVI1\0\0\0\0\0\0\0\0\0\0"),
            &whole,
            kind,
        );
    }
}

#[test]
fn restarts_may_be_misnumbered_while_each_interval_is_there() {
    let file = jpegs::with_restarts(&jpegs::scene(208, 144));
    let whole = decode(&file, &limits()).unwrap();
    let mut misnumbered = file.clone();
    for (at, marker) in markers(&file) {
        if matches!(marker, 0xD0..=0xD7) {
            misnumbered[at + 1] = 0xD0 + (marker + 4) % 8;
        }
    }
    assert_same(&misnumbered, &whole, "misnumbered");
}

#[test]
fn an_adobe_segment_may_name_a_transform_that_is_not_known() {
    let picture = jpegs::scene(208, 144);
    let adobe = |transform| [b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat();
    let bare = files::without_segment(&files::jpeg(&picture), 0xE0);
    let known = files::with_segment(&bare, 0xEE, &adobe(1));
    let whole = decode(&known, &limits()).unwrap();
    assert_same(
        &files::with_segment(&bare, 0xEE, &adobe(9)),
        &whole,
        "Adobe",
    );
}

/// Browsers show scans in any order that makes sense.
#[test]
fn a_progressive_picture_may_begin_with_its_details() {
    let file = files::progressive_jpeg(&jpegs::scene(208, 144));
    let whole = decode(&file, &limits()).unwrap();
    let parts = parts(&file);
    let first = parts
        .iter()
        .position(|(marker, _)| *marker == 0xC4)
        .unwrap();
    let end_of_scan =
        |from: usize| from + 1 + parts[from..].iter().position(|(m, _)| *m == 0xDA).unwrap();
    let second = end_of_scan(first);
    let third = end_of_scan(second);
    let join = |parts: &[(u8, &[u8])]| {
        parts
            .iter()
            .flat_map(|(_, part)| part.to_vec())
            .collect::<Vec<u8>>()
    };
    let swapped = [
        &file[..2],
        &join(&parts[..first]),
        &join(&parts[second..third]),
        &join(&parts[first..second]),
        &join(&parts[third..]),
    ]
    .concat();
    assert_eq!(swapped.len(), file.len());
    assert_same(&swapped, &whole, "details first");
}

#[test]
fn what_a_stray_byte_hides_from_nobody() {
    let stray = |file: &[u8]| {
        let comment = files::with_segment(file, 0xFE, b"first");
        at(&comment, 2 + 4 + 5, &[0x00, 0x07])
    };
    let held = files::with_exif(&files::jpeg(&scaled(80, 120)), 6, true);
    let picture = decode(&stray(&held), &Limits::default()).unwrap();
    assert_eq!(picture.dimensions(), (120, 80), "it is turned as Exif says");

    // Adobe's inks are upside down, and a segment says so.
    let inks = files::cmyk_jpeg((64, 64), |_, _| [0, 0, 0, 0], turbojpeg::Colorspace::CMYK);
    let picture = decode(&stray(&inks), &Limits::default()).unwrap();
    assert!(picture.get_pixel(30, 30).0[0] > 240, "no ink is white");
}

/// A camera on its side whose every frame has a stray byte.
#[test]
fn what_is_turned_is_mended_first() {
    let file = files::jpeg(&scaled(128, 64));
    let turned = turn_jpeg(&file.clone().into(), Turn::Right).unwrap();
    let stray = at(&file, file.len() - 2, &[0x11]);
    let of_stray = turn_jpeg(&stray.into(), Turn::Right).unwrap();
    assert_same(&of_stray, &decode(&turned, &limits()).unwrap(), "turned");
    let half = file[..file.len() / 2].to_vec();
    assert!(turn_jpeg(&half.into(), Turn::Right).is_err());
}

/// A PNG in chunks, to put damage between.
fn chunks(png: &[u8]) -> Vec<(usize, [u8; 4], usize)> {
    let (mut found, mut at) = (Vec::new(), 8);
    while at < png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        found.push((at, png[at + 4..at + 8].try_into().unwrap(), length));
        at += 12 + length;
    }
    found
}

#[test]
fn a_png_is_whole_once_its_rows_are_sound() {
    let picture = upright();
    let icc = moxcms::ColorProfile::new_adobe_rgb().encode().unwrap();
    let kinds = [
        ("plain", files::rgb_png(&picture)),
        (
            "Exif",
            files::png_with_chunk(&picture, *b"eXIf", &files::exif(1, false)),
        ),
        ("profile", files::png_with_profile(&picture, &icc)),
        (
            "interlaced",
            include_bytes!("../pictures/interlaced-16-bit.png").to_vec(),
        ),
    ];
    for (kind, file) in kinds {
        let whole = decode(&file, &limits()).unwrap();
        let end = file.len() - 12;
        let data: Vec<_> = chunks(&file)
            .into_iter()
            .filter(|(_, name, _)| name == b"IDAT")
            .collect();
        for (what, damaged) in [
            ("no IEND", file[..end].to_vec()),
            ("half of it", file[..end + 6].to_vec()),
            (
                "nothing behind the data, not even its sums",
                file[..end - 8].to_vec(),
            ),
            ("bytes behind IEND", [&file[..], &[0xAB; 999]].concat()),
            (
                "garbage in place of IEND",
                [&file[..end], &[0xAB; 999]].concat(),
            ),
            ("zeros in place of IEND", [&file[..end], &[0; 999]].concat()),
        ] {
            assert_same(&damaged, &whole, &format!("{kind}: {what}"));
        }
        for (at, _, length) in data {
            let mut damaged = file.clone();
            damaged[at + 8 + length] ^= 0x55;
            assert_same(
                &damaged,
                &whole,
                &format!("{kind}: a wrong sum of sound data"),
            );
        }
    }
}

#[test]
fn a_png_beside_whose_rows_something_is_wrong_is_as_without_it() {
    let picture = upright();
    let whole = decode(&files::rgb_png(&picture), &limits()).unwrap();
    let icc = moxcms::ColorProfile::new_adobe_rgb().encode().unwrap();
    let mut of_profile = files::png_with_profile(&picture, &icc);
    let (at, _, length) = chunks(&of_profile)
        .into_iter()
        .find(|(_, name, _)| name == b"iCCP")
        .unwrap();
    of_profile[at + 8 + length] ^= 1;
    let mut of_text = files::png_with_chunk(&picture, *b"tEXt", b"Comment\0a face");
    let (at, ..) = chunks(&of_text)
        .into_iter()
        .find(|(_, name, _)| name == b"tEXt")
        .unwrap();
    of_text[at + 20] ^= 1;
    for (what, file) in [
        ("a profile's sum", of_profile),
        ("a text's sum", of_text),
        (
            "a broken profile",
            files::png_with_chunk(&picture, *b"iCCP", b"sRGB\0\0no zlib stream"),
        ),
        (
            "a profile that is none",
            files::png_with_profile(&picture, &[7; 200]),
        ),
        (
            "a gamma of nothing",
            files::png_with_chunk(&picture, *b"gAMA", &[0, 0, 0, 0]),
        ),
        (
            "an absurd resolution",
            files::png_with_chunk(&picture, *b"pHYs", &[0xFF; 9]),
        ),
        (
            "a chunk of nobody's",
            files::png_with_chunk(&picture, *b"eaSl", &[1, 2, 3]),
        ),
    ] {
        assert_same(&file, &whole, what);
    }
}

/// First the still picture is the first frame; then it is none, as browsers see it.
#[test]
fn of_a_moving_png_the_first_frame_is_taken() {
    let frames = |still_is_first: bool, size: (u32, u32), offset: (u32, u32)| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 120, 80);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_animated(2, 0).unwrap();
        encoder.set_sep_def_img(!still_is_first).unwrap();
        let mut writer = encoder.write_header().unwrap();
        if !still_is_first {
            writer.write_image_data(&[9; 120 * 80 * 3]).unwrap();
            writer.set_frame_dimension(size.0, size.1).unwrap();
            writer.set_frame_position(offset.0, offset.1).unwrap();
        }
        let first =
            image::imageops::crop_imm(&upright(), offset.0, offset.1, size.0, size.1).to_image();
        writer.write_image_data(first.as_raw()).unwrap();
        if !still_is_first {
            writer.reset_frame_position().unwrap();
            writer.set_frame_dimension(120, 80).unwrap();
        }
        writer.write_image_data(&[200; 120 * 80 * 3]).unwrap();
        writer.finish().unwrap();
        file
    };
    let whole = (120, 80);
    for still_is_first in [true, false] {
        let file = frames(still_is_first, whole, (0, 0));
        assert_upright(&decode(&file, &limits()).unwrap(), "whole frame");
        let small = decode_within(&file, &limits(), 64).unwrap();
        assert_upright(&small, "whole frame, smaller");
        // Later frames are nobody's concern.
        let cut = &file[..file.len() - 40];
        assert_upright(&decode(cut, &limits()).unwrap(), "later frames are cut");
    }
    let picture = decode(&frames(false, (60, 40), (60, 0)), &limits()).unwrap();
    assert_eq!(picture.get_pixel(90, 20).0, [40, 160, 60]);
    assert_eq!(picture.get_pixel(20, 20).0, [255; 3], "white beside it");

    // An animation that makes no sense: its still picture is shown.
    let file = frames(false, whole, (0, 0));
    let (at, _, length) = chunks(&file)
        .into_iter()
        .find(|(_, name, _)| name == b"fdAT")
        .unwrap();
    let cut = &file[..at + 8 + length / 2];
    assert_eq!(decode(cut, &limits()).unwrap().get_pixel(9, 9).0, [9; 3]);
}

#[test]
fn a_webp_may_lack_what_comes_behind_its_picture() {
    let file = files::webp(&upright(), Some(files::exif(1, true)), None);
    let exif = file.windows(4).rposition(|name| name == b"EXIF").unwrap();
    for end in [exif, exif + 3, exif + 8, file.len() - 1] {
        assert_upright(
            &decode(&file[..end], &limits()).unwrap(),
            &format!("{end} bytes"),
        );
    }
    assert!(decode(&file[..exif - 2], &limits()).is_err());
}

/// Sixteen bits, palettes with transparency, odd sizes: all read in rows, at any scale.
#[test]
fn a_png_shrunk_while_it_is_read_looks_like_one_shrunk_later() {
    let picture = jpegs::scene(1000, 700);
    let deep: Vec<u8> = picture
        .as_raw()
        .iter()
        .flat_map(|&level| [level, 77])
        .collect();
    let file = |kind, data: &[u8]| files::png((1000, 700), kind, data, |_| {});
    let files = [
        file((ColorType::Rgb, BitDepth::Eight), picture.as_raw()),
        file((ColorType::Rgb, BitDepth::Sixteen), &deep),
    ];
    for file in files {
        for px in [900, 499, 330, 100] {
            let short = decode_within(&file, &limits(), px).unwrap();
            let long = easel::imaging::fit(&decode(&file, &limits()).unwrap(), px);
            assert_eq!(short.dimensions(), long.dimensions());
            let apart = short.as_raw().iter().zip(long.as_raw());
            let most = apart.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(most <= 24, "{px} px: {most} levels apart");
        }
    }
}
