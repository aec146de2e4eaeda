//! Tickets for other paper than a whole sheet: two strips, and a thermal roll.

use bytes::Bytes;
use easel::ticket::{By, DigitalSource, Paper, Pictures, Press, Print, Settings, Words};
use image::{DynamicImage, GrayImage};
use jiff::Zoned;

const URL: &str = "http://192.168.0.20:8081/#0123456789abcdef";
/// A face, as people bring one.
const FACE: &[u8] = include_bytes!("../golden/painter/inputs/jemison.jpg");

fn press(paper: &str) -> Press {
    let settings = Settings {
        formats: vec!["phone".to_owned(), paper.to_owned()],
        ..Settings::default()
    };
    Press::new(&settings).unwrap()
}

fn pictures() -> Pictures {
    Pictures {
        painting: Bytes::from_static(FACE),
        photo: Bytes::from_static(FACE),
    }
}

fn words(style: &str, locale: &str, name: Option<&str>) -> Words {
    let at: Zoned = "2026-11-21T19:42:00+09:00[Asia/Seoul]".parse().unwrap();
    Words {
        booth: "Easel".to_owned(),
        event: "Open Studio".to_owned(),
        locale: locale.to_owned(),
        style_id: style.to_owned(),
        style_name: "Vincent van Gogh".to_owned(),
        number: 42,
        claim: "4815".to_owned(),
        join_url: URL.to_owned(),
        name: name.map(str::to_owned),
        message: name.map(|_| "A fine evening".to_owned()),
        made_at: at.clone(),
        expires_at: at,
        by: By::Embedded,
        ai: DigitalSource::default(),
    }
}

fn load(print: &Print) -> DynamicImage {
    image::load_from_memory(&print.bytes).unwrap()
}

/// What the QR codes in a picture say.
fn decode_qr(grey: &GrayImage) -> Vec<String> {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let pixel = |x: usize, y: usize| grey.get_pixel(x as u32, y as u32).0[0];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    let grids = prepared.detect_grids();
    grids
        .iter()
        .filter_map(|grid| Some(grid.decode().ok()?.1))
        .collect()
}

#[test]
fn two_strips_are_the_same_and_can_be_cut_apart_at_the_middle() {
    let press = press("2x6");
    let long = "가나다라마바사아자차카타파하가나다라마바사";
    for (style, locale, name) in [
        ("picasso", "ko", None),
        ("renoir", "en", Some("Mina")),
        ("van-gogh", "en", Some(long)),
        ("x", "fr", None),
    ] {
        let rendered = press
            .render(&words(style, locale, name), &pictures())
            .unwrap();
        assert_eq!(rendered.print.paper, Paper::Strips);
        assert!(rendered.sheet.unwrap().starts_with(b"%PDF-"));
        let sheet = load(&rendered.print).into_luma8();
        assert_eq!(sheet.dimensions(), (1200, 1800));
        assert_eq!(decode_qr(&sheet), [URL, URL], "one on each strip");
        // The cutter may be off by a millimetre: there is nothing but ground.
        for y in 0..1800 {
            let ground = sheet.get_pixel(588, y).0[0];
            let near_cut = (588..612).map(|x| sheet.get_pixel(x, y).0[0]);
            let dashes = (1320..1340).contains(&y);
            let plain = near_cut.clone().all(|p| p.abs_diff(ground) < 24);
            assert!(plain || dashes, "{style} {locale} at {y}");
        }
        let apart = (0..1800).flat_map(|y| (0..592).map(move |x| (x, y)));
        let differ = |&(x, y): &(u32, u32)| {
            let (one, two) = (sheet.get_pixel(x, y), sheet.get_pixel(x + 600, y));
            one.0[0].abs_diff(two.0[0]) > 24
        };
        assert_eq!(apart.filter(differ).count(), 0);
    }
}

#[test]
fn a_thermal_ticket_is_dots_whose_qr_decodes() {
    let press = press("80mm");
    let mut heights = Vec::new();
    for (style, locale) in [("picasso", "ko"), ("renoir", "en")] {
        for name in [None, Some("Mina")] {
            let rendered = press
                .render(&words(style, locale, name), &pictures())
                .unwrap();
            assert_eq!(rendered.print.paper, Paper::Receipt);
            assert!(rendered.sheet.is_none());
            let decoder = png::Decoder::new(std::io::Cursor::new(&rendered.print.bytes));
            let reader = decoder.read_info().unwrap();
            let info = reader.info();
            assert_eq!((info.width, info.bit_depth), (576, png::BitDepth::One));
            assert_eq!(decode_qr(&load(&rendered.print).into_luma8()), [URL]);
            heights.push(info.height);
        }
    }
    assert!(
        heights[0] < heights[1],
        "it is as long as its words: {heights:?}"
    );
}

#[test]
fn dots_keep_the_tones_of_a_face() {
    let print = press("80mm")
        .print(&words("renoir", "en", None), &pictures())
        .unwrap();
    let ticket = load(&print).into_luma8();
    // Where the built-in template has the painting.
    let (left, top, side) = (16, 164, 544);
    let face = image::load_from_memory(FACE).unwrap();
    let face = face
        .resize_to_fill(side, side, image::imageops::FilterType::Lanczos3)
        .into_luma8();
    let block = 8;
    let mean = |picture: &GrayImage, x0: u32, y0: u32| {
        let pixels = (y0..y0 + block).flat_map(|y| (x0..x0 + block).map(move |x| (x, y)));
        let sum: f64 = pixels
            .map(|(x, y)| f64::from(picture.get_pixel(x, y).0[0]))
            .sum();
        sum / f64::from(block * block)
    };
    let (mut dots, mut tones) = (Vec::new(), Vec::new());
    for y in (0..side).step_by(block as usize) {
        for x in (0..side).step_by(block as usize) {
            dots.push(mean(&ticket, left + x, top + y));
            tones.push(mean(&face, x, y));
        }
    }
    let likeness = correlation(&dots, &tones);
    assert!(likeness > 0.9, "the dots follow the face by {likeness:.3}");
    // Neither a black blot nor a white one: middle tones are there.
    let middle = dots
        .iter()
        .filter(|mean| (40.0..215.0).contains(*mean))
        .count();
    assert!(middle * 2 > dots.len(), "{middle} of {}", dots.len());
}

/// Pearson's.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let pairs = || a.iter().zip(b).map(|(a, b)| (a - mean_a, b - mean_b));
    let both: f64 = pairs().map(|(a, b)| a * b).sum();
    let alone = |of: fn((f64, f64)) -> f64| pairs().map(|p| of(p).powi(2)).sum::<f64>().sqrt();
    both / (alone(|(a, _)| a) * alone(|(_, b)| b))
}
