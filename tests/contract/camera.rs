//! What callers rely on, whatever takes the photos.

use std::path::Path;
use std::sync::Arc;

use easel::camera::{Browser, Camera, CameraError, Driver, Sample, SampleSettings, Settings};
use easel::clock::{ManualClock, SystemClock};
use futures::StreamExt;

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
    keeps_the_contract(Arc::new(Browser), &expected).await;
}

#[tokio::test]
async fn the_settings_choose() {
    let clock = Arc::new(ManualClock::default());
    for (driver, name) in [(Driver::Browser, "browser"), (Driver::Sample, "sample")] {
        let settings = Settings {
            driver,
            ..Settings::default()
        };
        assert_eq!(settings.validate(), []);
        assert_eq!(easel::camera::open(&settings, clock.clone()).name(), name);
    }
    let mut settings = Settings::default();
    let fallback = easel::camera::fallback(&settings, clock.clone()).unwrap();
    is_a_picture(&fallback.still().await.unwrap());
    settings.sample_fallback = false;
    assert!(easel::camera::fallback(&settings, clock).is_none());
}
