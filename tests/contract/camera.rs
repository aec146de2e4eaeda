//! What callers rely on, whatever takes the photos.

use std::path::Path;
use std::sync::Arc;

use easel::camera::{
    Browser, Camera, CameraError, Condition, Driver, Sample, SampleSettings, Settings,
};
use easel::clock::{ManualClock, SystemClock};
use easel::imaging::Turn;
use easel::settings::Faults;
use futures::StreamExt;
use image::{RgbImage, imageops};

use crate::stand_in::{Desk, portrait};

/// What the suite cannot know of an adapter.
struct Expected {
    name: &'static str,
    /// Whether the daemon can take a photo with it.
    takes: bool,
    live: bool,
}

async fn keeps_the_contract(camera: Arc<dyn Camera>, expected: &Expected) {
    assert_eq!(camera.name(), expected.name);
    assert!(!camera.health().await.unwrap().is_empty());
    let state = camera.state();
    assert_eq!(state.condition, Condition::Ready, "{state:?}");
    assert!(!state.says.is_empty());

    match camera.still().await {
        Ok(photo) => {
            assert!(expected.takes);
            is_a_picture(&photo);
        }
        Err(CameraError::InBrowser) => assert!(!expected.takes),
        Err(e) => panic!("{e}"),
    }

    // Two touches at once: two photos, or a plain "busy", and never a hang.
    let (one, two) = tokio::join!(camera.still(), camera.still());
    for photo in [one, two] {
        match photo {
            Ok(photo) => is_a_picture(&photo),
            Err(CameraError::InBrowser) => assert!(!expected.takes),
            Err(e) => assert!(matches!(e, CameraError::Busy), "{e}"),
        }
    }

    let live = camera.live();
    assert_eq!(live.is_some(), expected.live);
    if let Some(mut live) = live {
        // The first frame comes without being waited for; a second viewer takes nothing away.
        let mut second = camera.live().unwrap();
        is_a_jpeg(&live.next().await.unwrap());
        is_a_jpeg(&second.next().await.unwrap());
        drop(live);
        // Looking does not keep from taking, and a photo does not end the view.
        is_a_picture(&camera.still().await.unwrap());
        is_a_jpeg(&second.next().await.unwrap());
    }

    // A caller that gives up midway leaves the camera usable.
    drop(futures::poll!(std::pin::pin!(camera.still())));
    assert!(camera.health().await.is_ok());
    assert_eq!(camera.still().await.is_ok(), expected.takes);
}

fn is_a_picture(bytes: &[u8]) {
    let (width, height) = image::load_from_memory(bytes)
        .unwrap()
        .into_rgb8()
        .dimensions();
    assert!(width >= 64 && height >= 64, "{width}×{height}");
}

fn is_a_jpeg(bytes: &[u8]) {
    assert_eq!(bytes[..3], [0xff, 0xd8, 0xff]);
    is_a_picture(bytes);
}

#[tokio::test]
async fn sample_from_inside_the_program() {
    let clock = Arc::new(SystemClock::new(None));
    let camera = Arc::new(Sample::new(&SampleSettings::default(), clock));
    let expected = Expected {
        name: "sample",
        takes: true,
        live: true,
    };
    keeps_the_contract(camera, &expected).await;
}

#[tokio::test]
async fn sample_from_a_folder() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/portraits");
    let clock = Arc::new(SystemClock::new(None));
    let camera = Sample::new(&SampleSettings { dir: Some(dir) }, clock);
    let expected = Expected {
        name: "sample",
        takes: true,
        live: true,
    };
    keeps_the_contract(Arc::new(camera), &expected).await;
}

#[tokio::test]
async fn browser() {
    let expected = Expected {
        name: "browser",
        takes: false,
        live: false,
    };
    let clock = Arc::new(SystemClock::new(None));
    keeps_the_contract(Arc::new(Browser::new(clock)), &expected).await;
}

#[tokio::test]
async fn gphoto2() {
    let desk = Desk::with_a_dslr("ride");
    let expected = Expected {
        name: "gphoto2",
        takes: true,
        live: true,
    };
    keeps_the_contract(opened(&desk, Driver::Gphoto2), &expected).await;
}

/// The true program and a true camera, or libgphoto2's virtual one: where a variable says that
/// there is one, because a test must not take photos with whatever lies around.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "real hardware is named from outside"
)]
async fn gphoto2_itself() {
    let Ok(live) = std::env::var("EASEL_TEST_GPHOTO2") else {
        return;
    };
    let settings = Settings {
        driver: Driver::Gphoto2,
        ..Settings::default()
    };
    let camera = easel::camera::open(&settings, Arc::new(SystemClock::new(None)));
    // Whether it can show what it sees, it says when it is first asked to.
    if let Some(mut view) = camera.live() {
        view.next().await;
    }
    let expected = Expected {
        name: "gphoto2",
        takes: true,
        live: live == "live",
    };
    keeps_the_contract(camera, &expected).await;
}

#[tokio::test]
async fn v4l2_with_a_webcam() {
    let desk = Desk::with_a_webcam("ride");
    let expected = Expected {
        name: "v4l2",
        takes: true,
        live: true,
    };
    keeps_the_contract(opened(&desk, Driver::V4l2), &expected).await;
}

#[tokio::test]
async fn v4l2_with_a_film() {
    let desk = Desk::with_a_webcam("ride");
    let mut settings = Settings {
        driver: Driver::V4l2,
        ..Settings::default()
    };
    settings.v4l2.device = Some(desk.at("film.mjpeg"));
    let camera = easel::camera::open(&settings, Arc::new(SystemClock::new(None)));
    let expected = Expected {
        name: "v4l2",
        takes: true,
        live: true,
    };
    keeps_the_contract(camera, &expected).await;
}

#[tokio::test]
async fn folder() {
    let desk = Desk::with_a_folder();
    let mut settings = desk.settings(Driver::Folder);
    let photo = portrait("ride");
    let arrives = format!(
        "cp {} {}/$$.part && mv {1}/$$.part {1}/$$.jpg",
        photo.display(),
        desk.at("").display()
    );
    settings.folder.trigger = ["sh", "-c", &arrives].map(str::to_owned).to_vec();
    let camera = easel::camera::open(&settings, Arc::new(SystemClock::new(None)));
    let expected = Expected {
        name: "folder",
        takes: true,
        live: false,
    };
    keeps_the_contract(camera, &expected).await;
}

/// The whole suite once more with a camera on its side, and up is where settings say it is.
async fn keeps_it_on_its_side(mut settings: Settings, expected: &Expected) {
    let open =
        |settings: &Settings| easel::camera::open(settings, Arc::new(SystemClock::new(None)));
    let plain = open(&settings);
    // One that is just being opened takes photos once it is.
    plain.health().await.unwrap();
    let upright = small(&plain.still().await.unwrap());
    drop(plain);
    for (turn, wanted) in [
        (Turn::Right, imageops::rotate90(&upright)),
        (Turn::Over, imageops::rotate180(&upright)),
        (Turn::Left, imageops::rotate270(&upright)),
    ] {
        settings.turn = turn;
        let camera = open(&settings);
        camera.health().await.unwrap();
        let photo = small(&camera.still().await.unwrap());
        assert!(differ(&photo, &wanted) < 8, "{turn:?}");
        assert!(differ(&photo, &upright) > 16, "{turn:?}");
        if let Some(mut live) = camera.live() {
            let frame = small(&live.next().await.unwrap());
            assert!(differ(&frame, &wanted) < 8, "{turn:?} live");
        }
    }
    keeps_the_contract(open(&settings), expected).await;
}

/// As large as it takes to tell which side is up.
fn small(jpeg: &[u8]) -> RgbImage {
    let picture = image::load_from_memory(jpeg).unwrap().into_rgb8();
    imageops::resize(&picture, 32, 32, imageops::FilterType::Triangle)
}

/// By how much samples differ on average, of 255.
fn differ(one: &RgbImage, two: &RgbImage) -> u32 {
    let samples = one.iter().zip(two.iter());
    samples.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() / (32 * 32 * 3)
}

#[tokio::test]
async fn sample_on_its_side() {
    // One photo only, that each shot is the same.
    let desk = Desk::with_a_folder();
    std::fs::copy(portrait("ride"), desk.at("ride.jpg")).unwrap();
    let mut settings = desk.settings(Driver::Sample);
    settings.sample.dir = Some(desk.at(""));
    let expected = Expected {
        name: "sample",
        takes: true,
        live: true,
    };
    keeps_it_on_its_side(settings, &expected).await;
}

#[tokio::test]
async fn gphoto2_on_its_side() {
    let desk = Desk::with_a_dslr("ride");
    let expected = Expected {
        name: "gphoto2",
        takes: true,
        live: true,
    };
    keeps_it_on_its_side(desk.settings(Driver::Gphoto2), &expected).await;
}

#[tokio::test]
async fn v4l2_on_its_side() {
    let desk = Desk::with_a_webcam("ride");
    let expected = Expected {
        name: "v4l2",
        takes: true,
        live: true,
    };
    keeps_it_on_its_side(desk.settings(Driver::V4l2), &expected).await;
}

fn opened(desk: &Desk, driver: Driver) -> Arc<dyn Camera> {
    easel::camera::open(&desk.settings(driver), Arc::new(SystemClock::new(None)))
}

#[tokio::test]
async fn the_settings_choose() {
    let clock = Arc::new(ManualClock::default());
    for (driver, name) in [
        (Driver::Browser, "browser"),
        (Driver::Sample, "sample"),
        (Driver::Folder, "folder"),
        (Driver::V4l2, "v4l2"),
        (Driver::Gphoto2, "gphoto2"),
    ] {
        let mut settings = Settings {
            driver,
            ..Settings::default()
        };
        settings.folder.dir = Some("/nowhere/at/all".into());
        let faults = Faults::keys(|faults| settings.validate(faults));
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(easel::camera::open(&settings, clock.clone()).name(), name);
    }
    let mut settings = Settings::default();
    let fallback = easel::camera::fallback(&settings, clock.clone()).unwrap();
    is_a_picture(&fallback.still().await.unwrap());
    settings.sample_fallback = false;
    assert!(easel::camera::fallback(&settings, clock).is_none());
}
