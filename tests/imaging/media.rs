//! Files that are not taken are named, so that people can be told what to do instead.

use easel::imaging::{Limits, OtherMedia, Refusal, decode};

use crate::files;
use crate::quadrants::upright;

fn media(file: &[u8]) -> OtherMedia {
    match decode(file, &Limits::default()) {
        Err(Refusal::UnsupportedMedia { media }) => media,
        other => panic!("{:?}", other.map(|_| ())),
    }
}

/// The head of a file of the ISO base media format: its brand, and those that it can be read as.
fn brands(major: &[u8; 4], others: &[&[u8; 4]]) -> Vec<u8> {
    let length = (16 + 4 * others.len() as u32).to_be_bytes();
    let mut file = [&length[..], b"ftyp", major, &[0, 0, 0, 0]].concat();
    others.iter().for_each(|brand| file.extend(**brand));
    file.extend(b"\0\0\0\x10meta\0\0\0\0\0\0\0\0");
    file
}

/// The head of a TIFF with these tags in its first directory.
fn tiff(is_big_endian: bool, tags: &[u16]) -> Vec<u8> {
    let short = |n: u16| {
        if is_big_endian {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let mut file = if is_big_endian {
        b"MM\0*\0\0\0\x08".to_vec()
    } else {
        b"II*\0\x08\0\0\0".to_vec()
    };
    file.extend(short(tags.len() as u16));
    for &tag in tags {
        file.extend(short(tag));
        file.extend([0; 10]);
    }
    file
}

#[test]
fn each_kind_is_told_by_its_magic_number() {
    use OtherMedia::*;
    let cases: Vec<(OtherMedia, Vec<u8>)> = vec![
        (Heic, brands(b"heic", &[b"mif1", b"heic"])),
        (Heic, brands(b"heix", &[b"mif1", b"heix"])),
        (Heic, brands(b"heim", &[])),
        (Heic, brands(b"heis", &[])),
        (Heic, brands(b"hevc", &[b"msf1", b"hevc"])),
        (Heic, brands(b"hevx", &[])),
        (Heic, brands(b"mif1", &[b"mif1", b"miaf", b"heic"])),
        (Heif, brands(b"mif1", &[b"mif1", b"miaf", b"unci"])),
        (Heif, brands(b"msf1", &[])),
        (Avif, brands(b"avif", &[b"mif1", b"miaf"])),
        (Avif, brands(b"avis", &[b"msf1"])),
        (Avif, brands(b"mif1", &[b"avif"])),
        (Raw, brands(b"crx ", &[b"isom"])),
        (Video, brands(b"isom", &[b"iso2", b"avc1", b"mp41"])),
        (Video, brands(b"mp42", &[])),
        (Video, brands(b"qt  ", &[])),
        (Video, brands(b"3gp5", &[])),
        (Video, b"\0\0\0\x08wide\0\0\0\0mdat".to_vec()),
        (Video, b"\x1A\x45\xDF\xA3\x01\0\0\0\0\0\0\x1Fwebm".to_vec()),
        (Video, b"RIFF\x10\0\0\0AVI LIST".to_vec()),
        (Raw, [&b"II*\0\x10\0\0\0CR\x02\0"[..], &[0; 20]].concat()),
        (Raw, tiff(false, &[0x0100, 0xC612])),
        (Raw, tiff(true, &[0x010F, 0x014A])),
        (Raw, b"FUJIFILMCCD-RAW 0201".to_vec()),
        (Raw, b"IIRO\x08\0\0\0\0\0\0\0".to_vec()),
        (Raw, b"IIU\0\x18\0\0\0\0\0\0\0".to_vec()),
        (Tiff, tiff(false, &[0x0100, 0x010F])),
        (Tiff, tiff(true, &[0x0100])),
        (Tiff, b"II*\0\xFF\xFF\xFF\xFF\0\0\0\0".to_vec()),
        (
            JpegXl,
            b"\xFF\x0A\xFA\x7F\x01\x90\x08\x06\x01\0\0\0".to_vec(),
        ),
        (JpegXl, b"\0\0\0\x0CJXL \r\n\x87\n\0\0\0\0".to_vec()),
        (Jpeg2000, b"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\0".to_vec()),
        (Jpeg2000, b"\xFF\x4F\xFF\x51\0\x2F\0\0".to_vec()),
        (Gif, b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        (Bmp, b"BM\x1E\0\0\0\0\0\0\0\x1A\0\0\0".to_vec()),
        (Pdf, b"%PDF-1.7".to_vec()),
        (Svg, b"\xEF\xBB\xBF<?xml version='1.0'?>\n<svg/>".to_vec()),
        (Svg, b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
        (
            AnimatedWebp,
            include_bytes!("../pictures/animated.webp").to_vec(),
        ),
        (Unknown, b"".to_vec()),
        (Unknown, b"\xFF\xD8".to_vec()),
        (Unknown, b"{\"source\":\"camera\"}".to_vec()),
        (Unknown, b"\0\0\0\0\0\0\0\0".to_vec()),
    ];
    for (kind, file) in &cases {
        assert_eq!(media(file), *kind, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn a_jpeg_too_deep_for_us_is_named_too() {
    let mut file = files::jpeg(&upright());
    let frame = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    file[frame + 4] = 12;
    assert_eq!(media(&file), OtherMedia::DeepJpeg);
}

#[test]
fn a_cut_head_is_no_panic() {
    let heads = [
        brands(b"mif1", &[b"heic", b"avif"]),
        tiff(true, &[1, 2, 3]),
        tiff(false, &[9; 300]),
    ];
    for head in heads {
        for length in 0..head.len() {
            media(&head[..length]);
        }
    }
}

#[test]
fn the_refusal_says_what_it_is_and_what_is_taken() {
    let refusal = decode(&brands(b"heic", &[]), &Limits::default()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "this is a HEIC photo; only JPEG, PNG and still WebP pictures are taken"
    );
    assert_eq!(OtherMedia::Heic.word(), "heic");
}
