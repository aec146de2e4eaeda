//! What befalls cameras: unplugged, hanging, out of focus, in other hands; and files that arrive
//! in pieces.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use easel::camera::{Camera, CameraError, Condition, Driver, Settings, Trouble};
use easel::clock::{Clock, ManualClock, SystemClock};
use futures::StreamExt;

use crate::jump_clock::JumpClock;
use crate::stand_in::{Desk, portrait};

/// The last resort: no test depends on it, it only ends one that would wait for ever.
const FOR_EVER: Duration = Duration::from_secs(120);

fn open(settings: &Settings) -> Arc<dyn Camera> {
    easel::camera::open(settings, Arc::new(SystemClock::new(None)))
}

fn open_by(clock: &(impl Clock + Clone + 'static), settings: &Settings) -> Arc<dyn Camera> {
    easel::camera::open(settings, Arc::new(clock.clone()))
}

/// Awaits `what`, while time passes so much quicker than it does outside that waits are short, and
/// so much slower than programs answer that none is given up that does not hang.
async fn as_time_flies<T>(clock: &ManualClock, what: impl Future<Output = T>) -> T {
    let passing = async {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            clock.advance(Duration::from_millis(250));
        }
    };
    tokio::select! {
        biased;
        done = tokio::time::timeout(FOR_EVER, what) => done.expect("it never came"),
        () = passing => unreachable!("time does not end"),
    }
}

async fn until(camera: &dyn Camera, condition: Condition) {
    while camera.state().condition != condition {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn said(result: Result<impl Sized, CameraError>) -> String {
    match result {
        Ok(_) => panic!("it should not have worked"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn unplugged_a_hundred_times_it_comes_back_a_hundred_times() {
    let desk = Desk::with_a_dslr("epps");
    let camera = open(&desk.settings(Driver::Gphoto2));
    for _ in 0..100 {
        assert!(camera.still().await.is_ok());
        desk.is("unplugged");
        camera.still().await.unwrap_err();
        desk.is_not("unplugged");
    }
    assert!(camera.still().await.is_ok());
    assert!(camera.health().await.unwrap().contains("Nikon DSC D750"));
    // No program is left over from any of them, and none stays when the camera is let go.
    assert_eq!(desk.programs(), 1);
    drop(camera);
    while desk.programs() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn unplugged_while_nobody_uses_it_it_is_missed_and_found_again() {
    let desk = Desk::with_a_dslr("epps");
    let clock = ManualClock::default();
    let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
    camera.health().await.unwrap();
    assert_eq!(camera.state().battery_percent, Some(50));
    desk.is("unplugged");
    as_time_flies(&clock, until(&*camera, Condition::Gone)).await;
    let state = camera.state();
    assert!(state.says.contains("plug it in"), "{state:?}");
    assert_eq!(state.battery_percent, None);
    let message = said(camera.still().await);
    assert!(message.contains("plug it in"), "{message}");
    desk.is_not("unplugged");
    as_time_flies(&clock, until(&*camera, Condition::Ready)).await;
    assert!(camera.state().since > state.since);
}

#[tokio::test]
async fn one_that_never_answers_is_given_up_and_opened_anew() {
    for hangs in [
        "--auto-detect",
        "--shell",
        "get-config batterylevel",
        "capture-image-and-download",
    ] {
        let desk = Desk::with_a_dslr("epps");
        desk.is_with("hangs", hangs);
        let clock = ManualClock::default();
        let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
        let error = as_time_flies(&clock, camera.still()).await.unwrap_err();
        let is_late = matches!(
            &error,
            CameraError::TimedOut { .. }
                | CameraError::Unusable(Trouble::Silent { .. } | Trouble::Asleep { .. })
        );
        assert!(is_late, "{hangs}: {error}");
        desk.is_not("hangs");
        let photo = as_time_flies(&clock, camera.still()).await;
        assert!(photo.is_ok(), "{hangs}: {photo:?}");
    }
}

#[tokio::test]
async fn a_camera_that_finds_no_focus_says_so_and_takes_the_next_photo() {
    let desk = Desk::with_a_dslr("epps");
    let camera = open(&desk.settings(Driver::Gphoto2));
    desk.is("no-focus");
    let error = camera.still().await.unwrap_err();
    assert!(matches!(error, CameraError::NoPicture { .. }), "{error:?}");
    assert!(error.to_string().contains("nothing to focus on"), "{error}");
    desk.is_not("no-focus");
    assert!(camera.still().await.is_ok());
}

#[tokio::test]
async fn of_a_raw_file_and_a_jpeg_the_jpeg_is_the_photo() {
    let desk = Desk::with_a_dslr("epps");
    let camera = open(&desk.settings(Driver::Gphoto2));
    desk.is("raw");
    let photo = camera.still().await.unwrap();
    assert_eq!(photo, fs::read(portrait("epps")).unwrap());
    desk.is("only-raw");
    let message = said(camera.still().await);
    assert!(message.contains("set its quality to JPEG"), "{message}");
}

fn trouble(camera: &dyn Camera) -> (Condition, String) {
    let state = camera.state();
    let code = serde_json::to_value(state.trouble).unwrap();
    (
        state.condition,
        code.as_str().unwrap_or_default().to_owned(),
    )
}

async fn until_in(camera: &dyn Camera, condition: Condition, code: &str) {
    while trouble(camera) != (condition, code.to_owned()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_camera_that_is_set_to_raw_says_so_before_anybody_is_photographed() {
    let desk = Desk::with_a_dslr("epps");
    desk.is_with("quality", "NEF (Raw)");
    let clock = ManualClock::default();
    let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
    let message = said(camera.health().await);
    assert!(message.contains("saves no JPEG but NEF (Raw)"), "{message}");
    assert_eq!(trouble(&*camera), (Condition::Gone, "no_jpeg".to_owned()));
    desk.is_with("quality", "JPEG Fine");
    as_time_flies(&clock, until_in(&*camera, Condition::Ready, "")).await;
    let shots = desk.asked();
    let shots = shots.iter().filter(|c| *c == "capture-image-and-download");
    assert_eq!(shots.count(), 0, "it tells by itself");
}

#[tokio::test]
async fn a_camera_is_as_well_as_its_last_photo() {
    for (mishap, code) in [("only-raw", "no_jpeg"), ("full", "card_full")] {
        let desk = Desk::with_a_dslr("epps");
        desk.is(mishap);
        let clock = ManualClock::default();
        let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
        let error = as_time_flies(&clock, camera.still()).await;
        assert!(matches!(error, Err(CameraError::NoPicture { .. })));
        as_time_flies(&clock, until_in(&*camera, Condition::Gone, code)).await;
        assert!(camera.health().await.is_err());
        desk.is_not(mishap);
        as_time_flies(&clock, until_in(&*camera, Condition::Ready, "")).await;
        assert!(camera.health().await.is_ok());
    }
}

#[tokio::test]
async fn a_battery_that_is_almost_empty_is_not_well() {
    let desk = Desk::with_a_dslr("epps");
    desk.is_with("battery", "3%");
    let clock = ManualClock::default();
    let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
    assert!(said(camera.health().await).contains("battery of Nikon DSC D750 is at 3 %"));
    assert_eq!(trouble(&*camera), (Condition::Ready, "battery".to_owned()));
    assert_eq!(camera.state().battery_percent, Some(3));
    desk.is_with("battery", "0%");
    as_time_flies(&clock, until_in(&*camera, Condition::Gone, "battery")).await;
    desk.is_with("battery", "80%");
    as_time_flies(&clock, until_in(&*camera, Condition::Ready, "")).await;
    assert_eq!(camera.state().battery_percent, Some(80));
}

#[tokio::test]
async fn a_webcam_behind_a_cap_and_one_whose_frames_are_damaged_say_so_until_they_are_mended() {
    let black = image::RgbImage::new(640, 480);
    let mut cap = std::io::Cursor::new(Vec::new());
    black.write_to(&mut cap, image::ImageFormat::Jpeg).unwrap();
    let damaged = fs::read(portrait("epps")).unwrap()[..20_000].to_vec();
    for (film, code) in [(cap.into_inner(), "dark"), (damaged, "bad_picture")] {
        let desk = Desk::with_a_webcam("epps");
        desk.is("frames");
        fs::write(desk.at("film.mjpeg"), film).unwrap();
        let camera = open(&desk.settings(Driver::V4l2));
        let told = until_in(&*camera, Condition::Gone, code);
        tokio::time::timeout(FOR_EVER, told).await.expect(code);
        assert!(camera.health().await.is_err());
        desk.plays("epps");
        let mended = until_in(&*camera, Condition::Ready, "");
        tokio::time::timeout(FOR_EVER, mended).await.expect(code);
    }
}

#[tokio::test]
async fn the_photo_is_there_before_the_program_has_done_with_it() {
    let desk = Desk::with_a_dslr("epps");
    let camera = open(&desk.settings(Driver::Gphoto2));
    desk.is("drains");
    assert!(camera.still().await.is_ok());
    assert_eq!(camera.state().condition, Condition::Busy);
    desk.is_not("drains");
    until(&*camera, Condition::Ready).await;
}

#[tokio::test]
async fn a_camera_without_a_live_view_says_so_once_and_takes_photos() {
    let desk = Desk::with_a_dslr("epps");
    desk.is("no-live");
    let camera = open(&desk.settings(Driver::Gphoto2));
    let mut view = camera.live().unwrap();
    assert_eq!(view.next().await, None);
    assert!(camera.live().is_none());
    assert!(camera.still().await.is_ok());
    let previews = desk.asked().into_iter().filter(|c| c == "capture-preview");
    assert_eq!(previews.count(), 1);
}

#[tokio::test]
async fn the_mirror_comes_down_when_nobody_looks() {
    let desk = Desk::with_a_dslr("epps");
    let clock = ManualClock::default();
    let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
    let mut view = camera.live().unwrap();
    as_time_flies(&clock, view.next()).await.unwrap();
    let lowered = || desk.asked().iter().any(|c| c == "set-config viewfinder=0");
    assert!(!lowered());
    drop(view);
    let comes_down = async {
        while !lowered() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    as_time_flies(&clock, comes_down).await;
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_operators_words() {
    let desk = Desk::with_a_dslr("epps");
    desk.is("held");
    let message = said(open(&desk.settings(Driver::Gphoto2)).health().await);
    assert!(
        message.contains("another program has Nikon DSC D750"),
        "{message}"
    );
    assert!(message.contains("gvfs"), "{message}");

    desk.is_not("held");
    desk.is("unplugged");
    let message = said(open(&desk.settings(Driver::Gphoto2)).health().await);
    assert!(message.contains("no camera is found on USB"), "{message}");

    desk.is_not("unplugged");
    let mut settings = desk.settings(Driver::Gphoto2);
    for (name, value) in [("iso", "400"), ("whitebalance", "Daylight")] {
        settings.gphoto2.config.insert(name.into(), value.into());
    }
    let message = open(&settings).health().await.unwrap();
    assert_eq!(
        message,
        "Nikon DSC D750, but it refuses to set whitebalance, battery 50 %"
    );

    settings.gphoto2.program = "/nowhere/gphoto2".to_owned();
    let message = said(open(&settings).health().await);
    assert!(message.contains("apt install gphoto2"), "{message}");
    settings.driver = Driver::V4l2;
    settings.v4l2.program = "/nowhere/ffmpeg".to_owned();
    settings.v4l2.device = Some("/dev/null".into());
    let message = said(open(&settings).health().await);
    assert!(message.contains("apt install ffmpeg"), "{message}");
}

#[tokio::test]
async fn a_power_switch_brings_back_what_does_not_come_by_itself() {
    let desk = Desk::with_a_dslr("epps");
    desk.is("unplugged");
    let clock = ManualClock::default();
    let mut settings = desk.settings(Driver::Gphoto2);
    let unplugged = desk.at("unplugged");
    settings.power_cycle = vec!["rm".to_owned(), unplugged.to_str().unwrap().to_owned()];
    let camera = open_by(&clock, &settings);
    as_time_flies(&clock, until(&*camera, Condition::Ready)).await;
    let looks = desk.asked().into_iter().filter(|c| c == "--auto-detect");
    assert_eq!(looks.count(), 4, "three failures, then the switch");
}

#[tokio::test]
async fn a_webcam_that_is_unplugged_comes_back() {
    let desk = Desk::with_a_webcam("epps");
    let camera = open(&desk.settings(Driver::V4l2));
    for _ in 0..5 {
        assert!(camera.still().await.is_ok());
        desk.is_with(
            "says",
            "[v4l2 @ 0x5] Cannot open video device /dev/null: No such device\n",
        );
        let plays = fs::read_to_string(desk.at("plays")).unwrap();
        let plays = rustix::process::Pid::from_raw(plays.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(plays, rustix::process::Signal::KILL).unwrap();
        until(&*camera, Condition::Gone).await;
        assert!(said(camera.still().await).contains("no camera is found at /dev/null"));
        desk.is_not("says");
    }
    assert!(camera.still().await.is_ok());
}

#[tokio::test]
async fn a_webcam_that_gives_no_frame_is_given_up_and_opened_anew() {
    let desk = Desk::with_a_webcam("epps");
    desk.is("hangs");
    let clock = ManualClock::default();
    let camera = open_by(&clock, &desk.settings(Driver::V4l2));
    // The list of formats must come before its time; only then may time pass quickly.
    while !desk.asked().iter().any(|call| call.contains("pipe:1")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let message = said(as_time_flies(&clock, camera.health()).await);
    assert!(message.contains("did not answer within 8 s"), "{message}");
    desk.is_not("hangs");
    // Frames come in real time, at which nobody hurries them: only the pause is waited for.
    while camera.state().condition != Condition::Ready {
        clock.advance(Duration::from_millis(50));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_webcam_that_nobody_looks_through_is_off() {
    let desk = Desk::with_a_webcam("epps");
    let clock = JumpClock::new();
    let camera = open_by(&clock, &desk.settings(Driver::V4l2));
    camera.health().await.unwrap();
    let starts = || {
        desk.asked()
            .iter()
            .filter(|call| call.contains("pipe:1"))
            .count()
    };
    let plays = || {
        let number = fs::read_to_string(desk.at("plays")).unwrap();
        fs::exists(format!("/proc/{}/fd/1", number.trim())).unwrap()
    };
    assert!(plays());
    // A frame is due 4 s after the last one. Time leaps only when one has just come, and by so
    // little that the next one has all but as long.
    while plays() {
        if clock.is_slept_on_for(Duration::from_millis(3_700)) {
            clock.jump(Duration::from_millis(500));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(camera.state().condition, Condition::Ready);
    assert_eq!(starts(), 1);
    let mut view = camera.live().unwrap();
    view.next().await.unwrap();
    assert_eq!(starts(), 2);
}

/// A folder in which somebody is awaited; `still` is polled as far as it goes.
struct Awaited {
    desk: Desk,
    clock: ManualClock,
    camera: Arc<dyn Camera>,
}

impl Awaited {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let desk = Desk::with_a_folder();
        let clock = ManualClock::default();
        let mut settings = desk.settings(Driver::Folder);
        change(&mut settings);
        let camera = open_by(&clock, &settings);
        Self {
            desk,
            clock,
            camera,
        }
    }

    /// Begins to wait, and has looked at what is there already.
    fn still(&self) -> tokio::task::JoinHandle<Result<bytes::Bytes, CameraError>> {
        let camera = Arc::clone(&self.camera);
        tokio::spawn(async move { camera.still().await })
    }

    /// Lets so many looks be taken.
    async fn looks(&self, n: usize) {
        for _ in 0..n {
            // The look and the limit of the whole wait.
            self.clock.until_asleep(2).await;
            self.clock.advance(Duration::from_millis(150));
        }
        self.clock.until_asleep(2).await;
    }
}

#[tokio::test]
async fn a_half_written_photo_is_waited_for() {
    let folder = Awaited::new(|_| {});
    let photo = fs::read(portrait("epps")).unwrap();
    let still = folder.still();
    folder.looks(1).await;
    let file = folder.desk.at("a.jpg");
    for part in [1, 1000, photo.len() / 2, photo.len() - 1] {
        fs::write(&file, &photo[..part]).unwrap();
        // However long the program that writes it stops in between.
        folder.looks(5).await;
        assert!(!still.is_finished(), "{part} bytes");
    }
    // Space set aside and not yet written.
    let mut ahead = photo.clone();
    ahead[photo.len() / 3..].fill(0);
    fs::write(&file, &ahead).unwrap();
    folder.looks(5).await;
    assert!(!still.is_finished());
    fs::write(&file, &photo).unwrap();
    let taken = as_time_flies(&folder.clock, still).await.unwrap().unwrap();
    assert_eq!(taken, photo);
    assert!(!file.exists(), "it is the booth's now");
}

#[tokio::test]
async fn photos_of_before_are_somebody_elses() {
    let folder = Awaited::new(|settings| settings.folder.keep = true);
    fs::copy(portrait("ride"), folder.desk.at("a.jpg")).unwrap();
    fs::write(folder.desk.at("notes.txt"), "not a photo").unwrap();
    let still = folder.still();
    folder.looks(5).await;
    assert!(!still.is_finished());
    assert_eq!(folder.camera.state().condition, Condition::Busy);
    fs::copy(portrait("epps"), folder.desk.at("b.part")).unwrap();
    folder.looks(2).await;
    fs::rename(folder.desk.at("b.part"), folder.desk.at("b.JPG")).unwrap();
    let taken = as_time_flies(&folder.clock, still).await.unwrap().unwrap();
    assert_eq!(taken, fs::read(portrait("epps")).unwrap());
    assert!(folder.desk.at("b.JPG").exists(), "settings keep it");
}

#[tokio::test]
async fn a_photo_that_does_not_arrive_is_not_waited_for_without_end() {
    let folder = Awaited::new(|_| {});
    let error = as_time_flies(&folder.clock, folder.camera.still()).await;
    assert!(
        matches!(error, Err(CameraError::TimedOut { .. })),
        "{error:?}"
    );

    let fails = ["sh", "-c", "echo no film >&2; exit 1"].map(str::to_owned);
    let folder = Awaited::new(|settings| settings.folder.trigger = fails.to_vec());
    let error = as_time_flies(&folder.clock, folder.camera.still()).await;
    assert!(said(error).contains("no film"));

    let gone = Awaited::new(|settings| settings.folder.dir = Some("/nowhere/at/all".into()));
    let message = said(gone.camera.health().await);
    assert!(message.contains("/nowhere/at/all"), "{message}");
    assert_eq!(gone.camera.state().condition, Condition::Gone);
    let error = as_time_flies(&gone.clock, gone.camera.still()).await;
    assert!(
        matches!(error, Err(CameraError::Unusable(Trouble::Unusable { .. }))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_folder_that_photos_cannot_be_removed_from_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Awaited::new(|_| {});
    fs::set_permissions(folder.desk.at(""), fs::Permissions::from_mode(0o555)).unwrap();
    if rustix::process::geteuid().is_root() {
        // Root may remove them.
        return assert!(folder.camera.health().await.is_ok());
    }
    let message = said(folder.camera.health().await);
    assert!(message.contains("cannot be removed"), "{message}");
    let error = folder.camera.still().await;
    assert!(matches!(error, Err(CameraError::Unusable(_))), "{error:?}");
    let kept = Awaited::new(|settings| settings.folder.keep = true);
    fs::set_permissions(kept.desk.at(""), fs::Permissions::from_mode(0o555)).unwrap();
    assert!(kept.camera.health().await.is_ok());
}
