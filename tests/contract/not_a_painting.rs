//! What every adapter makes of a server's picture: one that cannot be a painting of the photo is
//! refused and worth another try elsewhere; its form is no reason to refuse it.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use easel::generator::{Brief, Generator, GeneratorError, Remedy};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::json;
use uuid::Uuid;

use crate::generator::{brief, paint};
use crate::simulated::openai::SimulatedOpenAi;
use crate::simulated::picture::{png, sketch};
use crate::simulated::runpod::{Fate, SimulatedRunpod};
use crate::simulated::sdwebui::{Order, SimulatedSdWebui};
use crate::simulated::{Fault, SimulatedComfyUi};

/// Has a server of each kind answer with these pictures, one after the other, for these briefs;
/// what each adapter makes of them.
async fn each(
    briefs: &[Brief],
    pictures: &[Vec<u8>],
) -> Vec<Vec<Result<RgbImage, GeneratorError>>> {
    let encoded = || pictures.iter().map(|picture| STANDARD.encode(picture));
    let comfy = SimulatedComfyUi::start().await;
    comfy.orders(pictures.iter().cloned().map(Fault::Answers));
    let webui = SimulatedSdWebui::start().await;
    webui.orders(pictures.iter().cloned().map(Order::Answers));
    let endpoint = SimulatedRunpod::start().await;
    endpoint.fates(encoded().map(|data| {
        let images = json!([{"filename": "a.png", "type": "base64", "data": data}]);
        Fate::Ends("COMPLETED", json!({"output": {"images": images}}))
    }));
    let service = SimulatedOpenAi::start().await;
    service.says(encoded().map(|data| (200, json!({"data": [{"b64_json": data}]}))));
    let adapters: [Box<dyn Generator>; 4] = [
        Box::new(crate::comfyui::client(&comfy.url())),
        Box::new(crate::sdwebui::plain(&webui.host.url())),
        Box::new(crate::runpod::client(&endpoint.url())),
        Box::new(crate::openai::client(&service.url())),
    ];
    let mut all = Vec::new();
    for adapter in &adapters {
        let mut one = Vec::new();
        for brief in briefs {
            one.push(paint(&**adapter, brief).await);
        }
        all.push(one);
    }
    all
}

fn noise() -> RgbImage {
    let mut seed = 7_u32;
    RgbImage::from_fn(96, 96, |_, _| {
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        Rgb([next(), next(), next()])
    })
}

#[tokio::test]
async fn what_cannot_be_a_painting_is_refused_by_every_adapter() {
    let ours = brief("renoir", 1);
    let photo = image::load_from_memory(&ours.screen).unwrap().to_rgb8();
    let plain = |of: [u8; 3]| png(&RgbImage::from_pixel(96, 96, Rgb(of)));
    for (what, picture) in [
        ("black", plain([0; 3])),
        ("blank", plain([250, 250, 252])),
        ("noise", png(&noise())),
        ("the photo", png(&photo)),
    ] {
        let made = each(std::slice::from_ref(&ours), &[picture]).await;
        for (adapter, made) in made.iter().flatten().enumerate() {
            let e = made.as_ref().err();
            let e = e.unwrap_or_else(|| panic!("{what} passed for a painting at {adapter}"));
            assert!(matches!(e, GeneratorError::NoPainting(_)), "{what}: {e}");
            assert_eq!(e.remedy(), Remedy::Again, "{what}");
        }
    }
}

#[tokio::test]
async fn a_painting_that_comes_again_for_another_photo_is_refused() {
    let first = brief("renoir", 1);
    let other = easel::imaging::encode_jpeg(&noise_of_a_face(), 90).unwrap();
    let second = Brief {
        capture: Uuid::from_u128(99),
        input: other.clone(),
        screen: other,
        ..brief("renoir", 1)
    };
    let same = png(&sketch(96, 96));
    for made in each(&[first, second], &[same.clone(), same]).await {
        assert!(made[0].is_ok(), "{:?}", made[0].as_ref().err());
        let e = made[1].as_ref().unwrap_err();
        assert!(matches!(e, GeneratorError::NoPainting(_)), "{e}");
    }
}

/// A photo that is nobody else's.
fn noise_of_a_face() -> RgbImage {
    RgbImage::from_fn(96, 96, |x, y| {
        let face = x.abs_diff(48).pow(2) + y.abs_diff(40).pow(2) < 600;
        Rgb(if face { [230, 190, 160] } else { [20, 40, 60] })
    })
}

#[tokio::test]
async fn frames_alpha_sixteen_bits_and_webp_are_no_reason_to_refuse() {
    let picture = DynamicImage::ImageRgb8(sketch(96, 96));
    let mut framed = sketch(96, 96);
    for (x, y, pixel) in framed.enumerate_pixels_mut() {
        if x < 12 || y < 12 || x >= 84 || y >= 84 {
            *pixel = Rgb([0, 0, 0]);
        }
    }
    let encode = |picture: &DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    for (what, file) in [
        ("a frame", png(&framed)),
        (
            "alpha",
            encode(&picture.to_rgba8().into(), ImageFormat::Png),
        ),
        (
            "16 bits",
            encode(&picture.to_rgb16().into(), ImageFormat::Png),
        ),
        (
            "16 bits and alpha",
            encode(&picture.to_rgba16().into(), ImageFormat::Png),
        ),
        ("WebP", encode(&picture, ImageFormat::WebP)),
        ("grey", encode(&picture.to_luma8().into(), ImageFormat::Png)),
    ] {
        for (adapter, made) in each(&[brief("renoir", 1)], &[file])
            .await
            .iter()
            .flatten()
            .enumerate()
        {
            assert!(
                made.is_ok(),
                "{what} at {adapter}: {:?}",
                made.as_ref().err()
            );
        }
    }
}
