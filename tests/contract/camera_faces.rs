//! A picture belongs to the press that asked for it: cameras whose pictures come late, twice, half,
//! or of hands on their own shutter; and two visitors, one after the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use easel::camera::{Camera, CameraError, Condition, Cue, Driver, Settings};
use tokio::task::JoinHandle;

use crate::jump_clock::JumpClock;
use crate::stand_in::{Desk, LIMIT, portrait};

/// The last resort: no test depends on it, it only ends one that would wait for ever.
const FOR_EVER: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);

fn open(settings: &Settings) -> Arc<dyn Camera> {
    open_by(&JumpClock::new(), settings)
}

fn open_by(clock: &JumpClock, settings: &Settings) -> Arc<dyn Camera> {
    easel::camera::open(settings, Arc::new(clock.clone()))
}

fn face(sitter: &str) -> Bytes {
    fs::read(portrait(sitter)).unwrap().into()
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let comes = async {
        while !is() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(FOR_EVER, comes)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

async fn is(camera: &Arc<dyn Camera>, condition: Condition) {
    until(&format!("{condition:?}"), || {
        camera.state().condition == condition
    })
    .await;
}

fn presses(camera: &Arc<dyn Camera>) -> JoinHandle<Result<Bytes, CameraError>> {
    let camera = Arc::clone(camera);
    tokio::spawn(async move { camera.still().await })
}

async fn photo(camera: &Arc<dyn Camera>) -> Bytes {
    tokio::time::timeout(FOR_EVER, camera.still())
        .await
        .expect("it never came")
        .unwrap()
}

/// Whose face it is, by what the stand-ins see; a picture is not worth printing.
#[track_caller]
fn is_of(sitter: &str, photo: &Bytes, what: &str) {
    assert!(*photo == face(sitter), "it is not {sitter}: {what}");
}

/// Presses, and once the shutter has closed lets the time pass in which the photo should have come.
async fn is_late(camera: &Arc<dyn Camera>, clock: &JumpClock, has_closed: impl Fn() -> bool) {
    let shot = presses(camera);
    until("the shutter to close", has_closed).await;
    clock.jump(LIMIT);
    let shot = shot.await.unwrap();
    assert!(
        matches!(shot, Err(CameraError::TimedOut { .. })),
        "{shot:?}"
    );
}

/// Lets the time pass in which a program that has not given its photo could still give it.
async fn is_given_up(clock: &JumpClock) {
    let waits = || clock.is_slept_on_for(LIMIT / 2);
    until("the wait for what is late", waits).await;
    clock.jump(LIMIT);
}

/// How many photos the camera still holds.
fn roll(desk: &Desk) -> usize {
    let roll = fs::read_dir(desk.at("roll")).into_iter().flatten();
    let photos = roll.filter(|file| {
        let path = file.as_ref().map(std::fs::DirEntry::path);
        path.is_ok_and(|path| path.extension().is_some_and(|kind| kind == "jpg"))
    });
    photos.count()
}

#[tokio::test]
async fn gphoto2_a_shot_that_is_late_is_thrown_away() {
    let desk = Desk::with_a_dslr("ride");
    let clock = JumpClock::new();
    let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
    is(&camera, Condition::Ready).await;
    desk.is("slow");
    is_late(&camera, &clock, || desk.at("waits").exists()).await;
    // The next visitor stands there, and presses before the first photo has come.
    desk.sees("epps");
    let second = presses(&camera);
    desk.is_not("slow");
    is_of("epps", &second.await.unwrap().unwrap(), "");
    is_of("epps", &photo(&camera).await, "and so is who comes after");
    until("an empty camera", || roll(&desk) == 0).await;
}

#[tokio::test]
async fn gphoto2_what_a_stuck_shot_left_in_the_camera_is_nobodys() {
    for hands_out in ["all", "one-a-shot", "twice"] {
        let desk = Desk::with_a_dslr("ride");
        desk.is(hands_out);
        let clock = JumpClock::new();
        let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
        is(&camera, Condition::Ready).await;
        desk.is("stuck");
        is_late(&camera, &clock, || desk.at("waits").exists()).await;
        desk.is_not("stuck");
        desk.sees("epps");
        // The next visitor presses before the camera has been opened anew.
        let second = presses(&camera);
        is_given_up(&clock).await;
        is_of("epps", &second.await.unwrap().unwrap(), hands_out);
        for _ in 0..2 {
            is_of("epps", &photo(&camera).await, hands_out);
        }
        desk.sees("ride");
        is_of("ride", &photo(&camera).await, hands_out);
        until("an empty camera", || roll(&desk) == 0).await;
    }
}

/// One that does not tell of its photos: they come with the next shot, the old one first.
#[tokio::test]
async fn gphoto2_of_two_photos_after_a_late_one_the_last_is_the_shot() {
    let desk = Desk::with_a_dslr("ride");
    desk.is("no-events");
    let clock = JumpClock::new();
    let camera = open_by(&clock, &desk.settings(Driver::Gphoto2));
    is(&camera, Condition::Ready).await;
    desk.is("stuck");
    is_late(&camera, &clock, || desk.at("waits").exists()).await;
    desk.is_not("stuck");
    desk.sees("epps");
    let second = presses(&camera);
    is_given_up(&clock).await;
    is_of("epps", &second.await.unwrap().unwrap(), "");
    until("an empty camera", || roll(&desk) == 0).await;
}

#[tokio::test]
async fn gphoto2_a_hand_on_the_shutter_takes_the_photo_in_the_countdown_and_else_nobodys() {
    let desk = Desk::with_a_dslr("epps");
    let camera = open(&desk.settings(Driver::Gphoto2));
    is(&camera, Condition::Ready).await;
    let shots = || {
        let asked = desk.asked().into_iter();
        asked.filter(|c| c == "capture-image-and-download").count()
    };
    // Between two visitors.
    desk.exposes("ride");
    until("it to be erased", || roll(&desk) == 0).await;
    is_of("epps", &photo(&camera).await, "");
    // A moment before the press.
    desk.exposes("ride");
    is_of("epps", &photo(&camera).await, "");
    assert_eq!(shots(), 2);
    // And in the countdown, which begins once what was there is gone.
    desk.exposes("lindgren");
    camera.hear(Cue::Countdown);
    until("it to be erased", || roll(&desk) == 0).await;
    // The camera is asked until it tells of no more, and the countdown has begun when it is asked
    // again after that.
    let so_far = desk.looks();
    until("the countdown's own look", || desk.looks() >= so_far + 2).await;
    desk.exposes("ride");
    until("it to be fetched", || roll(&desk) == 0).await;
    is_of("ride", &photo(&camera).await, "");
    assert_eq!(shots(), 2, "the camera need not take another one");
    // One that was broken off leaves nothing.
    camera.hear(Cue::Countdown);
    desk.exposes("ride");
    until("it to be fetched", || roll(&desk) == 0).await;
    camera.hear(Cue::CountdownOver);
    is_of("epps", &photo(&camera).await, "");
}

#[tokio::test]
async fn gphoto2_a_booth_that_starts_anew_finds_the_camera_empty() {
    let desk = Desk::with_a_dslr("epps");
    fs::create_dir(desk.at("card")).unwrap();
    fs::copy(portrait("ride"), desk.at("card/holiday.jpg")).unwrap();
    desk.exposes("ride");
    let camera = open(&desk.settings(Driver::Gphoto2));
    is_of("epps", &photo(&camera).await, "");
    until("an empty camera", || roll(&desk) == 0).await;
    assert!(desk.at("card/holiday.jpg").exists(), "the owner's own");
}

#[tokio::test]
async fn gphoto2_whoever_has_gone_leaves_no_photo_to_the_next() {
    let desk = Desk::with_a_dslr("ride");
    let camera = open(&desk.settings(Driver::Gphoto2));
    is(&camera, Condition::Ready).await;
    desk.is("slow");
    let first = presses(&camera);
    until("the shot", || roll(&desk) == 1).await;
    first.abort();
    desk.sees("epps");
    let second = presses(&camera);
    desk.is_not("slow");
    is_of("epps", &second.await.unwrap().unwrap(), "");
    until("an empty camera", || roll(&desk) == 0).await;
}

#[tokio::test]
async fn gphoto2_half_a_photo_is_none() {
    let desk = Desk::with_a_dslr("ride");
    let camera = open(&desk.settings(Driver::Gphoto2));
    is(&camera, Condition::Ready).await;
    desk.is("halves");
    let error = camera.still().await.unwrap_err();
    assert!(error.to_string().contains("not whole"), "{error}");
    desk.is_not("halves");
    desk.sees("epps");
    is_of("epps", &photo(&camera).await, "");
}

#[tokio::test]
async fn v4l2_what_the_camera_saw_while_it_stood_still_is_of_before() {
    let desk = Desk::with_a_webcam("epps");
    desk.is("frames");
    let clock = JumpClock::new();
    let camera = open_by(&clock, &desk.settings(Driver::V4l2));
    let stands_still = async || {
        desk.is("stalls");
        until("it to stand still", || desk.at("stalled").exists()).await;
    };
    // Longer than between two frames, and not so long that the camera is given up.
    let a_moment = Duration::from_secs(1);
    is_of("epps", &photo(&camera).await, "");
    for _ in 0..3 {
        // The frames of the visitor before are in its buffers when the next one presses.
        stands_still().await;
        fs::copy(portrait("ride"), desk.at("buffered.part")).unwrap();
        fs::rename(desk.at("buffered.part"), desk.at("buffered")).unwrap();
        let second = presses(&camera);
        is(&camera, Condition::Busy).await;
        clock.jump(a_moment);
        desk.is_not("stalls");
        is_of("epps", &second.await.unwrap().unwrap(), "");
        assert!(!desk.at("buffered").exists());
    }
    // Whoever gives up leaves nothing behind.
    stands_still().await;
    let first = presses(&camera);
    is(&camera, Condition::Busy).await;
    clock.jump(a_moment);
    first.abort();
    desk.plays("ride");
    desk.is_not("stalls");
    is_of("ride", &photo(&camera).await, "");
}

/// A folder, and a trigger beside it that the booth runs; see [`tethered`].
const TRIGGER: &str = r#"
n=$(($(cat "$0.n" 2>/dev/null || echo 0) + 1)); echo $n >"$0.n"
[ -e "$0.hangs" ] && exec sleep 1000000
[ -e "$0.late" ] || { cp "$0.photo" "$1/$n.part" && mv "$1/$n.part" "$1/$n.${2:-jpg}"; }
"#;

struct Tether {
    folder: Desk,
    beside: Desk,
    settings: Settings,
}

/// A program that drops what its camera sees into a folder when the booth asks for it.
fn tethered(sitter: &str) -> Tether {
    let (folder, beside) = (Desk::with_a_folder(), Desk::with_a_folder());
    let trigger = beside.at("trigger");
    fs::write(&trigger, TRIGGER).unwrap();
    fs::copy(portrait(sitter), beside.at("trigger.photo")).unwrap();
    let mut settings = folder.settings(Driver::Folder);
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    settings.folder.trigger = vec!["sh".to_owned(), path(&trigger), path(&folder.at(""))];
    Tether {
        folder,
        beside,
        settings,
    }
}

impl Tether {
    fn sees(&self, sitter: &str) {
        fs::copy(portrait(sitter), self.beside.at("trigger.photo")).unwrap();
    }

    /// A file comes by itself.
    fn drops(&self, sitter: &str, name: &str) {
        fs::copy(portrait(sitter), self.folder.at("by-itself.part")).unwrap();
        fs::rename(self.folder.at("by-itself.part"), self.folder.at(name)).unwrap();
    }

    async fn is_empty(&self) {
        let files = || fs::read_dir(self.folder.at("")).unwrap().count();
        until("an empty folder", || files() == 0).await;
    }
}

#[tokio::test]
async fn folder_a_photo_that_is_late_is_thrown_away() {
    comes_late_by("trigger.late").await;
}

#[tokio::test]
async fn folder_a_photo_of_a_trigger_that_does_not_end_is_thrown_away() {
    comes_late_by("trigger.hangs").await;
}

async fn comes_late_by(mishap: &str) {
    let tether = tethered("ride");
    let clock = JumpClock::new();
    let camera = open_by(&clock, &tether.settings);
    is(&camera, Condition::Ready).await;
    tether.beside.is(mishap);
    let triggered = || tether.beside.at("trigger.n").exists();
    is_late(&camera, &clock, triggered).await;
    is(&camera, Condition::Recovering).await;
    // The next visitor presses, and then the first one's photo comes, and comes again.
    tether.beside.is_not(mishap);
    tether.sees("epps");
    let second = presses(&camera);
    tether.drops("ride", "late.jpg");
    tether.is_empty().await;
    tether.drops("ride", "late-again.jpg");
    tether.is_empty().await;
    // Nothing can come of the first press any more, and the second one's is taken.
    clock.jump(LIMIT);
    is_of("epps", &second.await.unwrap().unwrap(), "");
    tether.is_empty().await;
    is_of("epps", &photo(&camera).await, "");
}

#[tokio::test]
async fn folder_a_photo_between_two_visitors_is_nobodys() {
    let tether = tethered("epps");
    let camera = open(&tether.settings);
    is(&camera, Condition::Ready).await;
    tether.drops("ride", "by-hand.jpg");
    tether.is_empty().await;
    // It is half there when the next visitor presses.
    let whole = fs::read(portrait("ride")).unwrap();
    let file = tether.folder.at("half.jpg");
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    // What came after it has been taken away: it has been seen.
    tether.drops("lindgren", "after.jpg");
    let after = tether.folder.at("after.jpg");
    until("a look at it", || !after.exists()).await;
    let second = presses(&camera);
    fs::write(&file, &whole).unwrap();
    is_of("epps", &second.await.unwrap().unwrap(), "");
    tether.is_empty().await;
}

#[tokio::test]
async fn folder_a_hand_pressed_shutter_in_the_countdown_is_the_shot() {
    let tether = tethered("epps");
    let camera = open(&tether.settings);
    is(&camera, Condition::Ready).await;
    camera.hear(Cue::Countdown);
    tether.drops("ride", "by-hand.jpg");
    tether.is_empty().await;
    is_of("ride", &photo(&camera).await, "");
    assert!(!tether.beside.at("trigger.n").exists(), "no other is taken");
    is_of("epps", &photo(&camera).await, "");
}

#[tokio::test]
async fn folder_what_lay_there_before_is_the_owners() {
    let tether = tethered("epps");
    tether.drops("ride", "holiday.jpg");
    let camera = open(&tether.settings);
    is_of("epps", &photo(&camera).await, "");
    assert!(tether.folder.at("holiday.jpg").exists());
}

#[tokio::test]
async fn folder_photos_in_sub_folders_and_of_other_kinds_are_taken_if_they_can_be() {
    let tether = tethered("epps");
    let camera = open(&tether.settings);
    is(&camera, Condition::Ready).await;
    let inside = tether.folder.at("2026-11-30");
    fs::create_dir(&inside).unwrap();
    camera.hear(Cue::Countdown);
    fs::copy(portrait("ride"), inside.join("a.JPG")).unwrap();
    until("it to be taken", || !inside.join("a.JPG").exists()).await;
    is_of("ride", &photo(&camera).await, "");

    let png = include_bytes!("../pictures/interlaced-alpha.png");
    camera.hear(Cue::Countdown);
    fs::write(inside.join("b.png"), png).unwrap();
    until("it to be taken", || !inside.join("b.png").exists()).await;
    assert!(photo(&camera).await == png[..]);
}

#[tokio::test]
async fn folder_a_raw_file_is_told_and_the_next_photo_shows_that_it_is_mended() {
    let tether = tethered("epps");
    let mut raw = tether.settings.clone();
    raw.folder.trigger.push("CR3".to_owned());
    let camera = open(&raw);
    is(&camera, Condition::Ready).await;
    let error = camera.still().await.unwrap_err();
    assert!(
        error.to_string().contains("saves no JPEG but CR3"),
        "{error}"
    );
    let state = camera.state();
    assert_eq!(state.condition, Condition::Gone, "{state:?}");
    let code = serde_json::to_value(state.trouble).unwrap();
    assert_eq!(code, "no_jpeg");
    assert!(camera.health().await.is_err());
    tether.is_empty().await;
    drop(camera);

    let camera = open(&tether.settings);
    is_of("epps", &photo(&camera).await, "");
    assert_eq!(camera.state().condition, Condition::Ready);
}

#[tokio::test]
async fn folder_files_that_the_booth_may_not_read_are_told_until_they_are_mended() {
    if rustix::process::geteuid().is_root() {
        // Root may read whatever there is; the rule itself has a unit test.
        return;
    }
    let tether = tethered("epps");
    tether.drops("ride", "of-another.jpg");
    let file = tether.folder.at("of-another.jpg");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let camera = open(&tether.settings);
    is(&camera, Condition::Gone).await;
    assert!(camera.state().says.contains("may not read"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    is(&camera, Condition::Ready).await;
}
