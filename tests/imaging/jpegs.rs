//! JPEGs as cameras write them and our encoder does not: with restarts, in a scan for each component.
//! And their parts, to put damage between.

use image::{Rgb, RgbImage};
use turbojpeg::Colorspace;

use crate::files;

/// Soft shapes and fine noise: every block has something of its own.
pub(crate) fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |at: u32, length: f32| 60.0 * (at as f32 / length).sin();
        let noise =
            (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D);
        let level = 128.0 + wave(x, 23.0) + wave(y, 17.0) * 0.7 + (noise >> 27) as f32;
        Rgb([level + 20.0, level, level - 25.0].map(|level| level as u8))
    })
}

/// One small file of each kind that takes another way through the decoder.
pub(crate) fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let picture = scene(208, 144);
    let inks = |x: usize, y: usize| [(x * 2) as u8, (y * 3) as u8, (x ^ y) as u8, 20];
    vec![
        ("baseline", files::jpeg(&picture)),
        ("restarts", with_restarts(&picture)),
        ("progressive", files::progressive_jpeg(&picture)),
        ("a scan each", scan_each(&picture)),
        ("grey", grey(&picture, 0)),
        ("inks", files::cmyk_jpeg((200, 140), inks, Colorspace::YCCK)),
    ]
}

/// Rows of MCUs, a restart between them. Each is what a picture of that row alone has for its data.
pub(crate) fn with_restarts(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let rows: Vec<_> = (0..height.div_ceil(16))
        .map(|row| {
            let top = row * 16;
            let strip = image::imageops::crop_imm(picture, 0, top, width, 16.min(height - top));
            files::jpeg(&strip.to_image())
        })
        .collect();
    let mut file = rows[0][..data_start(&rows[0])].to_vec();
    set_height(&mut file, height);
    let per_row = (width.div_ceil(16) as u16).to_be_bytes();
    let before_scan = file
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    file.splice(
        before_scan..before_scan,
        [0xFF, 0xDD, 0, 4, per_row[0], per_row[1]],
    );
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            file.extend([0xFF, 0xD0 + (number as u8 - 1) % 8]);
        }
        file.extend_from_slice(&row[data_start(row)..row.len() - 2]);
    }
    file.extend([0xFF, 0xD9]);
    file
}

/// Three scans of one component: each is what a grey picture has.
pub(crate) fn scan_each(picture: &RgbImage) -> Vec<u8> {
    let planes: Vec<_> = (0..3).map(|channel| grey(picture, channel)).collect();
    let start = data_start(&planes[0]);
    let scan = planes[0][..start]
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let mut file = planes[0][..scan].to_vec();
    let frame = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    let of_one = 4 + 6 + 3;
    let components = [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
    file.splice(frame + 9..frame + of_one, components);
    file[frame + 3] = 17;
    for (number, plane) in (1..).zip(&planes) {
        file.extend([0xFF, 0xDA, 0, 8, 1, number, 0, 0, 63, 0]);
        file.extend_from_slice(&plane[data_start(plane)..plane.len() - 2]);
    }
    file.extend([0xFF, 0xD9]);
    file
}

fn grey(picture: &RgbImage, channel: usize) -> Vec<u8> {
    let levels: Vec<u8> = picture.pixels().map(|pixel| pixel.0[channel]).collect();
    let (width, height) = picture.dimensions();
    files::grey_picture((width as usize, height as usize), &levels)
}

fn set_height(file: &mut [u8], height: u32) {
    let frame = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&(height as u16).to_be_bytes());
}

/// Where each marker begins, restarts and the end with them; the start of the file is left out.
pub(crate) fn markers(file: &[u8]) -> Vec<(usize, u8)> {
    let (mut found, mut at) = (Vec::new(), 2);
    while at < file.len() {
        let marker = file[at + 1];
        found.push((at, marker));
        if marker == 0xD9 {
            break;
        }
        if !matches!(marker, 0xD0..=0xD7) {
            at += usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        }
        at += 2;
        while matches!(marker, 0xDA | 0xD0..=0xD7) && (file[at] != 0xFF || file[at + 1] == 0) {
            at += 1;
        }
    }
    found
}

/// Where the data of the first scan begins.
pub(crate) fn data_start(file: &[u8]) -> usize {
    let (scan, _) = markers(file)
        .into_iter()
        .find(|(_, marker)| *marker == 0xDA)
        .unwrap();
    scan + 2 + usize::from(u16::from_be_bytes([file[scan + 2], file[scan + 3]]))
}

/// The parts of a file between its markers, each with the marker that it begins with.
pub(crate) fn parts(file: &[u8]) -> Vec<(u8, &[u8])> {
    let markers = markers(file);
    let ends = markers
        .iter()
        .skip(1)
        .map(|(at, _)| *at)
        .chain([file.len()]);
    markers
        .iter()
        .zip(ends)
        .map(|((at, marker), end)| (*marker, &file[*at..end]))
        .collect()
}
