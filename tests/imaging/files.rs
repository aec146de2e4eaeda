//! Makes the files that visitors send: each format by its own encoder, segments and chunks put in by hand.

use std::borrow::Cow;

use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use png::{BitDepth, ColorType, Encoder, Info, chunk::ChunkType};
use turbojpeg::{Colorspace, Compressor, Image, PixelFormat, Subsamp};

/// A word that must never come out again.
pub(crate) const SECRET: &str = "37.5665N126.9780E";

/// An ordinary JPEG, 4:2:0.
pub(crate) fn jpeg(picture: &RgbImage) -> Vec<u8> {
    jpeg_with(picture, |_| {})
}

/// A progressive JPEG, 4:2:0.
pub(crate) fn progressive_jpeg(picture: &RgbImage) -> Vec<u8> {
    jpeg_with(picture, |compressor| {
        compressor.set_progressive(true).unwrap();
    })
}

pub(crate) fn jpeg_with(picture: &RgbImage, prepare: impl FnOnce(&mut Compressor)) -> Vec<u8> {
    let mut compressor = compressor(Subsamp::Sub2x2);
    prepare(&mut compressor);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    compress(
        compressor,
        picture.as_raw(),
        (width, height),
        PixelFormat::RGB,
    )
}

/// A one-channel JPEG.
pub(crate) fn grey_jpeg(width: usize, height: usize, grey: u8) -> Vec<u8> {
    grey_picture((width, height), &vec![grey; width * height])
}

/// A one-channel JPEG of these levels.
pub(crate) fn grey_picture(size: (usize, usize), levels: &[u8]) -> Vec<u8> {
    compress(compressor(Subsamp::Gray), levels, size, PixelFormat::GRAY)
}

/// A four-channel JPEG as Photoshop writes it: ink inverted, an Adobe segment to say so. `inks` are 255 for full.
pub(crate) fn cmyk_jpeg(
    size: (usize, usize),
    inks: impl Fn(usize, usize) -> [u8; 4],
    space: Colorspace,
) -> Vec<u8> {
    let mut compressor = compressor(Subsamp::None);
    compressor.set_colorspace(space).unwrap();
    let pixels: Vec<u8> = (0..size.0 * size.1)
        .flat_map(|pixel| inks(pixel % size.0, pixel / size.0).map(|ink| 255 - ink))
        .collect();
    compress(compressor, &pixels, size, PixelFormat::CMYK)
}

fn compressor(subsampling: Subsamp) -> Compressor {
    let mut compressor = Compressor::new().unwrap();
    compressor.set_quality(95).unwrap();
    compressor.set_subsamp(subsampling).unwrap();
    compressor
}

fn compress(
    mut by: Compressor,
    pixels: &[u8],
    (width, height): (usize, usize),
    format: PixelFormat,
) -> Vec<u8> {
    let pitch = width * format.size();
    by.compress_to_vec(Image {
        pixels,
        width,
        pitch,
        height,
        format,
    })
    .unwrap()
}

/// `jpeg` with one more segment right behind its start.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, body, &jpeg[2..]].concat()
}

/// `jpeg` with an ICC profile, in parts of at most `part_bytes`.
pub(crate) fn with_profile(jpeg: &[u8], icc: &[u8], part_bytes: usize) -> Vec<u8> {
    let parts: Vec<_> = icc.chunks(part_bytes).collect();
    let count = parts.len() as u8;
    // Each goes in right behind the start, so the last comes first: the numbers must be heeded.
    parts
        .iter()
        .enumerate()
        .fold(jpeg.to_vec(), |jpeg, (index, part)| {
            let body = [b"ICC_PROFILE\0".as_slice(), &[index as u8 + 1, count], part].concat();
            with_segment(&jpeg, 0xE2, &body)
        })
}

/// `jpeg` without its segments of this kind.
pub(crate) fn without_segment(jpeg: &[u8], unwanted: u8) -> Vec<u8> {
    let mut kept = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != unwanted {
            kept.extend_from_slice(&jpeg[at..end]);
        }
        at = end;
    }
    kept.extend_from_slice(&jpeg[at..]);
    kept
}

/// A TIFF block, little or big endian, that states an orientation and holds [`SECRET`] as its description.
pub(crate) fn exif(orientation: u16, big_endian: bool) -> Vec<u8> {
    let short = |value: u16| {
        if big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let long = |value: u32| {
        if big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let mut tiff = if big_endian {
        b"MM\0*".to_vec()
    } else {
        b"II*\0".to_vec()
    };
    tiff.extend(long(8));
    tiff.extend(short(2));
    // ImageDescription, ASCII, behind the directory: 8 + 2 + 2 × 12 + 4.
    tiff.extend([short(0x010E), short(2)].concat());
    tiff.extend([long(SECRET.len() as u32 + 1), long(38)].concat());
    // Orientation, one SHORT, in place.
    tiff.extend([short(0x0112), short(3)].concat());
    tiff.extend(long(1));
    tiff.extend([short(orientation), short(0)].concat());
    tiff.extend(long(0));
    tiff.extend(SECRET.as_bytes());
    tiff.push(0);
    tiff
}

/// `jpeg` with an EXIF segment.
pub(crate) fn with_exif(jpeg: &[u8], orientation: u16, big_endian: bool) -> Vec<u8> {
    let body = [b"Exif\0\0".to_vec(), exif(orientation, big_endian)].concat();
    with_segment(jpeg, 0xE1, &body)
}

/// A PNG of any kind. `data` is rows of big-endian samples; `prepare` may add to the header.
pub(crate) fn png(
    (width, height): (u32, u32),
    (color_type, bit_depth): (ColorType, BitDepth),
    data: &[u8],
    prepare: impl FnOnce(&mut Info<'_>),
) -> Vec<u8> {
    let mut info = Info::with_size(width, height);
    (info.color_type, info.bit_depth) = (color_type, bit_depth);
    prepare(&mut info);
    let mut file = Vec::new();
    let mut writer = Encoder::with_info(&mut file, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

/// An ordinary 8-bit RGB PNG.
pub(crate) fn rgb_png(picture: &RgbImage) -> Vec<u8> {
    png(
        picture.dimensions(),
        (ColorType::Rgb, BitDepth::Eight),
        picture.as_raw(),
        |_| {},
    )
}

/// An 8-bit RGB PNG with a further chunk before its pixels.
pub(crate) fn png_with_chunk(picture: &RgbImage, name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_chunk(ChunkType(name), body).unwrap();
    writer.write_image_data(picture.as_raw()).unwrap();
    writer.finish().unwrap();
    file
}

/// An 8-bit RGB PNG with a colour profile, compressed as PNG does.
pub(crate) fn png_with_profile(picture: &RgbImage, icc: &[u8]) -> Vec<u8> {
    let icc = Cow::Owned(icc.to_vec());
    let kind = (ColorType::Rgb, BitDepth::Eight);
    png(picture.dimensions(), kind, picture.as_raw(), |info| {
        info.icc_profile = Some(icc);
    })
}

/// A lossless WebP, with EXIF and profile if given.
pub(crate) fn webp(picture: &RgbImage, exif: Option<Vec<u8>>, icc: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut file);
    exif.into_iter()
        .for_each(|exif| encoder.set_exif_metadata(exif).unwrap());
    icc.into_iter()
        .for_each(|icc| encoder.set_icc_profile(icc).unwrap());
    let (width, height) = picture.dimensions();
    encoder
        .encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    file
}
