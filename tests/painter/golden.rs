//! Golden pictures: every sample in every manner, small, against what was looked at and accepted.
//!
//! Renew with `EASEL_RENEW_GOLDEN=1 cargo test --test painter golden`, then look at the pictures.

use easel::painter::Manner;
use image::RgbImage;
use image::imageops::{FilterType, replace, resize};

use crate::gallery::{folder, gallery, output};

/// Side of one painting in the golden sheets, pixels.
const CELL: u32 = 128;
/// Paintings a row.
const ACROSS: u32 = 3;
/// Mean difference that float arithmetic of another machine may make, levels of 255.
const MEAN_TOLERANCE: f64 = 2.0;
/// The same for the worst 16 × 16 pixels: one changed eye must not hide in a large mean.
const BLOCK_TOLERANCE: f64 = 16.0;

#[test]
fn paintings_look_as_accepted() {
    leave_contact_sheet();
    let failures: Vec<String> = Manner::ALL.into_iter().filter_map(compare).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `None` if the manner's sheet is as accepted, else what differs.
fn compare(manner: Manner) -> Option<String> {
    let actual = sheet(manner);
    let path = folder().join(format!("{}.png", manner.id()));
    if renewing() {
        actual.save(&path).expect("golden pictures can be written");
        return None;
    }
    let expected = image::open(&path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .to_rgb8();
    assert_eq!(expected.dimensions(), actual.dimensions());
    let (mean, block) = (
        mean_difference(&expected, &actual, None),
        worst_block(&expected, &actual),
    );
    if mean <= MEAN_TOLERANCE && block <= BLOCK_TOLERANCE {
        return None;
    }
    let report = output(&format!("painter-difference-{}.png", manner.id()));
    difference_sheet(&expected, &actual)
        .save(&report)
        .expect("difference sheets can be written");
    let id = manner.id();
    let report = report.display();
    Some(format!(
        "{id} differs by {mean:.2} on average, {block:.1} at worst; see {report}"
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch for the person at the keyboard, not a setting"
)]
fn renewing() -> bool {
    std::env::var_os("EASEL_RENEW_GOLDEN").is_some()
}

fn sheet(manner: Manner) -> RgbImage {
    let rows = (gallery().len() as u32).div_ceil(ACROSS);
    let mut sheet = RgbImage::new(ACROSS * CELL, rows * CELL);
    for (i, exhibit) in gallery().iter().enumerate() {
        let small = resize(exhibit.painting(manner), CELL, CELL, FilterType::Triangle);
        let (x, y) = (i as u32 % ACROSS * CELL, i as u32 / ACROSS * CELL);
        replace(&mut sheet, &small, i64::from(x), i64::from(y));
    }
    sheet
}

/// Mean difference of a channel, over all or over one block (left, top, side).
fn mean_difference(a: &RgbImage, b: &RgbImage, block: Option<(u32, u32, u32)>) -> f64 {
    let (left, top, right, bottom) = match block {
        Some((x, y, side)) => (x, y, (x + side).min(a.width()), (y + side).min(a.height())),
        None => (0, 0, a.width(), a.height()),
    };
    let mut sum = 0_u64;
    for y in top..bottom {
        for x in left..right {
            let pairs = a.get_pixel(x, y).0.into_iter().zip(b.get_pixel(x, y).0);
            sum += pairs.map(|(p, q)| u64::from(p.abs_diff(q))).sum::<u64>();
        }
    }
    sum as f64 / f64::from((right - left) * (bottom - top) * 3)
}

fn worst_block(a: &RgbImage, b: &RgbImage) -> f64 {
    let mut worst = 0.0_f64;
    for y in (0..a.height()).step_by(16) {
        for x in (0..a.width()).step_by(16) {
            worst = worst.max(mean_difference(a, b, Some((x, y, 16))));
        }
    }
    worst
}

/// Expected, four times the difference, actual.
fn difference_sheet(expected: &RgbImage, actual: &RgbImage) -> RgbImage {
    let (w, h) = expected.dimensions();
    let difference = RgbImage::from_fn(w, h, |x, y| {
        let (e, a) = (expected.get_pixel(x, y).0, actual.get_pixel(x, y).0);
        image::Rgb([0, 1, 2].map(|c| e[c].abs_diff(a[c]).saturating_mul(4)))
    });
    let mut sheet = RgbImage::new(3 * w, h);
    for (i, part) in [expected, &difference, actual].into_iter().enumerate() {
        replace(&mut sheet, part, i64::from(w) * i as i64, 0);
    }
    sheet
}

/// Inputs × manners, for looking at.
fn leave_contact_sheet() {
    const SIDE: u32 = 256;
    let mut sheet = RgbImage::new(5 * SIDE, gallery().len() as u32 * SIDE);
    for (row, exhibit) in gallery().iter().enumerate() {
        for (column, picture) in [&exhibit.photo]
            .into_iter()
            .chain(&exhibit.paintings)
            .enumerate()
        {
            let small = resize(picture, SIDE, SIDE, FilterType::Triangle);
            replace(
                &mut sheet,
                &small,
                i64::from(SIDE) * column as i64,
                i64::from(SIDE) * row as i64,
            );
        }
    }
    sheet
        .save(output("painter-contact-sheet.png"))
        .expect("contact sheets can be written");
}
