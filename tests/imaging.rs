//! Pictures from outside, through the public door of `easel::imaging`.
use easel::imaging::{Limits, Settings, develop, encode_jpeg};
use image::RgbImage;
#[test]
fn smoke() {
    let picture = RgbImage::from_fn(900, 600, |x, y| {
        image::Rgb([(x / 4) as u8, (y / 3) as u8, 80])
    });
    let jpeg = encode_jpeg(&picture, 90).unwrap();
    let d = develop(&jpeg, &Limits::default(), &Settings::default()).unwrap();
    assert_eq!((d.input.width, d.input.height), (512, 341));
    assert_eq!((d.screen.width, d.screen.height), (900, 600));
    assert!(
        develop(
            &jpeg[..jpeg.len() - 1],
            &Limits::default(),
            &Settings::default()
        )
        .is_err()
    );
}
