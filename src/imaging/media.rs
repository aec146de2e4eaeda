//! What files that are not taken are, so that people can be told what to do instead.

use std::fmt;

/// A kind of file that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtherMedia {
    /// HEIF with HEVC inside, as iPhones and many Android phones save photos.
    Heic,
    /// HEIF with something else inside.
    Heif,
    /// AVIF, still or moving.
    Avif,
    /// JPEG XL, bare or in its container.
    JpegXl,
    /// JPEG 2000.
    Jpeg2000,
    /// What a camera's sensor saw: CR2, CR3, NEF, ARW, DNG, ORF, RW2, RAF, X3F.
    Raw,
    /// TIFF that is no camera's.
    Tiff,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// SVG.
    Svg,
    /// MP4, QuickTime, 3GP, Matroska, WebM, AVI.
    Video,
    /// PDF.
    Pdf,
    /// WebP that moves.
    AnimatedWebp,
    /// JPEG with more than 8 bits a sample.
    DeepJpeg,
    /// None of these.
    Unknown,
}

impl OtherMedia {
    /// The stable word for it, as problem details carry it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Heic => "heic",
            Self::Heif => "heif",
            Self::Avif => "avif",
            Self::JpegXl => "jpeg_xl",
            Self::Jpeg2000 => "jpeg_2000",
            Self::Raw => "raw",
            Self::Tiff => "tiff",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Svg => "svg",
            Self::Video => "video",
            Self::Pdf => "pdf",
            Self::AnimatedWebp => "animated_webp",
            Self::DeepJpeg => "deep_jpeg",
            Self::Unknown => "unknown",
        }
    }

    /// Tells by the first bytes what a file is that is none of the formats taken.
    pub(super) fn of(file: &[u8]) -> Self {
        let at = |at: usize, magic: &[u8]| file.get(at..).is_some_and(|f| f.starts_with(magic));
        let begins = |magic: &[u8]| at(0, magic);
        match () {
            () if at(4, b"ftyp") => of_brands(file),
            () if begins(b"II*\0") || begins(b"MM\0*") => of_tiff(file),
            () if RAW.iter().any(|magic| begins(magic)) => Self::Raw,
            () if begins(b"\xFF\x0A") || at(4, b"JXL \r\n\x87\n") => Self::JpegXl,
            () if begins(b"\xFF\x4F\xFF\x51") || at(4, b"jP  \r\n\x87\n") => Self::Jpeg2000,
            () if begins(b"GIF8") => Self::Gif,
            () if begins(b"BM") => Self::Bmp,
            () if begins(b"%PDF-") => Self::Pdf,
            () if begins(b"\x1A\x45\xDF\xA3") => Self::Video,
            () if begins(b"RIFF") && at(8, b"AVI ") => Self::Video,
            // QuickTime from before brands.
            () if at(4, b"moov") || at(4, b"mdat") || at(4, b"wide") => Self::Video,
            () if is_svg(file) => Self::Svg,
            () => Self::Unknown,
        }
    }
}

impl fmt::Display for OtherMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heic => "a HEIC photo",
            Self::Heif => "a HEIF picture",
            Self::Avif => "an AVIF picture",
            Self::JpegXl => "a JPEG XL picture",
            Self::Jpeg2000 => "a JPEG 2000 picture",
            Self::Raw => "a camera's RAW file",
            Self::Tiff => "a TIFF picture",
            Self::Gif => "a GIF picture",
            Self::Bmp => "a BMP picture",
            Self::Svg => "an SVG drawing",
            Self::Video => "a video",
            Self::Pdf => "a PDF document",
            Self::AnimatedWebp => "a moving WebP picture",
            Self::DeepJpeg => "a JPEG with more than 8 bits a sample",
            Self::Unknown => "no picture that is known here",
        })
    }
}

/// Olympus (ORF), Panasonic (RW2), Fujifilm (RAF), Sigma (X3F).
const RAW: [&[u8]; 6] = [
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"IIU\0",
    b"FUJIFILMCCD-RAW",
    b"FOVb",
];

/// Files of the ISO base media format name what they are, and then all that they can be read as.
///
/// Sources: ISO/IEC 14496-12, 4.3; ISO/IEC 23008-12, annexes B and C; AV1 Image File Format, 6.
fn of_brands(file: &[u8]) -> OtherMedia {
    let length = file
        .first_chunk()
        .map_or(0, |n| u32::from_be_bytes(*n) as usize);
    let listed = file
        .get(8..length.clamp(8, 512).min(file.len()))
        .unwrap_or_default();
    // The second is a version, and no brand.
    let brands = || {
        listed
            .chunks_exact(4)
            .enumerate()
            .filter(|(at, _)| *at != 1)
    };
    let any = |wanted: &[&[u8]]| brands().any(|(_, brand)| wanted.contains(&brand));
    let major = listed.get(..4).unwrap_or_default();
    match () {
        () if major == b"crx " => OtherMedia::Raw,
        () if any(&[b"avif", b"avis"]) => OtherMedia::Avif,
        () if any(&[
            b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs",
        ]) =>
        {
            OtherMedia::Heic
        }
        () if any(&[b"mif1", b"mif2", b"msf1", b"miaf"]) => OtherMedia::Heif,
        () => OtherMedia::Video,
    }
}

/// Cameras build their RAW files upon TIFF: those state a DNG version or a maker, and have sub-directories.
///
/// Sources: TIFF 6.0, section 2; TIFF/EP (ISO 12234-2); DNG 1.7.
fn of_tiff(file: &[u8]) -> OtherMedia {
    const MAKE: u16 = 0x010F;
    const SUB_DIRECTORIES: u16 = 0x014A;
    const DNG_VERSION: u16 = 0xC612;
    let tags = tiff_tags(file).unwrap_or_default();
    let has = |tag| tags.contains(&tag);
    let is_raw =
        file.get(8..10) == Some(b"CR") || has(DNG_VERSION) || has(MAKE) && has(SUB_DIRECTORIES);
    if is_raw {
        OtherMedia::Raw
    } else {
        OtherMedia::Tiff
    }
}

/// The tags of the first directory.
fn tiff_tags(file: &[u8]) -> Option<Vec<u16>> {
    let is_big_endian = file.starts_with(b"MM");
    let short = |at: usize| {
        let bytes = *file.get(at..)?.first_chunk()?;
        Some(if is_big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let bytes = *file.get(4..)?.first_chunk()?;
    let directory = if is_big_endian {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    };
    let directory = directory as usize;
    let count = usize::from(short(directory)?);
    (0..count)
        .map(|entry| short(directory + 2 + entry * 12))
        .collect()
}

fn is_svg(file: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&file[..file.len().min(1024)]);
    let head = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    head.starts_with("<svg") || head.starts_with('<') && head.contains("<svg")
}
