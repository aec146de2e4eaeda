//! A booth with a camera of its own, seen through its doors.

use std::time::Duration;

use easel::camera::Driver;
use reqwest::Method;
use serde_json::json;

use crate::house::{TestBooth, Visitor, a_booth, text, until};
use crate::jump_clock::JumpClock;
use crate::stand_in::{Desk, LIMIT, portrait};

async fn booth_with(desk: &Desk, driver: Driver) -> TestBooth {
    let camera = desk.settings(driver);
    a_booth()
        .with(|settings| settings.camera = camera)
        .open()
        .await
}

async fn who_agreed(booth: &TestBooth) -> Visitor {
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    visitor
}

async fn condition(booth: &TestBooth) -> String {
    let state = booth.kiosk.get("/api/v1/camera").answer().await;
    text(&state.granted(200)["condition"]).to_owned()
}

#[tokio::test]
async fn the_daemons_camera_takes_the_photo_of_a_visit() {
    for driver in [Driver::Gphoto2, Driver::V4l2] {
        let desk = match driver {
            Driver::V4l2 => Desk::with_a_webcam("ride"),
            _ => Desk::with_a_dslr("ride"),
        };
        let booth = booth_with(&desk, driver).await;
        let visitor = who_agreed(&booth).await;
        let shutter = json!({ "source": "camera" });
        let taken = visitor.post("/captures").json(&shutter).answer().await;
        let capture = taken.granted(201)["capture"].clone();
        assert_eq!(capture["source"], "camera");
        assert_eq!(capture["width"], 512);
        let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
        let camera = &screen["booth"]["camera"];
        assert_eq!(camera["in_browser"], false);
        assert_eq!(camera["live"], true);
        assert!(!text(&camera["state"]["says"]).is_empty());
    }
}

#[tokio::test]
async fn a_camera_that_goes_and_comes_is_told_at_the_door() {
    let desk = Desk::with_a_dslr("ride");
    let booth = booth_with(&desk, Driver::Gphoto2).await;
    let visitor = who_agreed(&booth).await;
    let shutter = json!({ "source": "camera" });
    let press = || visitor.post("/captures").json(&shutter);
    until("the camera", async || condition(&booth).await == "ready").await;
    desk.is("no-focus");
    press().answer().await.refused(503, "no_picture");
    desk.is_not("no-focus");
    until("a new start", async || condition(&booth).await == "ready").await;
    desk.is("unplugged");
    press().answer().await.refused(503, "camera_failed");
    until("its absence", async || condition(&booth).await == "gone").await;
    let ready = booth.kiosk.get("/readyz").answer().await;
    assert_eq!(ready.status, 503, "{}", ready.text());
    assert!(ready.text().contains("plug it in"), "{}", ready.text());
    desk.is_not("unplugged");
    until("its return", async || condition(&booth).await == "ready").await;
    press().answer().await.granted(201);
}

#[tokio::test]
async fn the_live_view_is_one_jpeg_after_another() {
    let desk = Desk::with_a_dslr("ride");
    let booth = booth_with(&desk, Driver::Gphoto2).await;
    let mut view = booth.kiosk.get("/api/v1/camera/live").response().await;
    let kind = view.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(view.headers()["x-accel-buffering"], "no");
    assert_eq!(view.headers()["cache-control"], "no-store, no-transform");
    let (_, boundary) = kind.split_once("boundary=").unwrap();
    let boundary = format!("--{boundary}\r\n");
    let mut seen = Vec::new();
    // A frame is over, and is drawn, when the boundary after it has come.
    while seen
        .windows(boundary.len())
        .filter(|w| *w == boundary.as_bytes())
        .count()
        < 4
    {
        seen.extend_from_slice(&view.chunk().await.unwrap().unwrap());
    }
    let photo = std::fs::read(crate::stand_in::portrait("ride")).unwrap();
    let head = format!(
        "{boundary}Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
        photo.len()
    );
    let part = [head.as_bytes(), &photo, b"\r\n"].concat();
    assert_eq!(seen[..part.len()], part);
    assert_eq!(seen[part.len()..2 * part.len()], part);
    drop(view);
    // And the phones' listener has no such thing.
    for path in ["/api/v1/camera", "/api/v1/camera/live"] {
        booth
            .public
            .get(path)
            .answer()
            .await
            .refused(404, "not_found");
    }
}

/// A desk for that driver, and what makes a shot late.
struct Lazy {
    driver: Driver,
    clock: JumpClock,
    desk: Desk,
    beside: Desk,
}

impl Lazy {
    fn with(driver: Driver, sitter: &str) -> Self {
        let desk = match driver {
            Driver::Gphoto2 => Desk::with_a_dslr(sitter),
            Driver::V4l2 => Desk::with_a_webcam(sitter),
            _ => Desk::with_a_folder(),
        };
        let beside = Desk::with_a_folder();
        if driver == Driver::V4l2 {
            desk.is("frames");
        }
        let lazy = Self {
            driver,
            clock: JumpClock::new(),
            desk,
            beside,
        };
        lazy.sees(sitter);
        lazy
    }

    async fn booth(&self) -> TestBooth {
        let mut camera = self.desk.settings(self.driver);
        let (photo, folder) = (self.beside.at("photo"), self.desk.at(""));
        let (photo, folder) = (photo.display(), folder.display());
        let takes = format!(
            "touch {photo}.asked; [ -e {photo}.late ] || {{ cp {photo} {folder}/$$.part; mv {folder}/$$.part {folder}/$$.jpg; }}"
        );
        camera.folder.trigger = ["sh", "-c", &takes].map(str::to_owned).to_vec();
        a_booth()
            .with(|settings| settings.camera = camera)
            .by_the(&self.clock)
            .open()
            .await
    }

    fn sees(&self, sitter: &str) {
        match self.driver {
            Driver::Gphoto2 => self.desk.sees(sitter),
            Driver::V4l2 => self.desk.plays(sitter),
            _ => drop(std::fs::copy(portrait(sitter), self.beside.at("photo")).unwrap()),
        }
    }

    /// The next shot is late.
    async fn dawdles(&self) {
        match self.driver {
            Driver::Gphoto2 => self.desk.is("slow"),
            Driver::V4l2 => {
                self.desk.is("stalls");
                let stands_still = async || self.desk.at("stalled").exists();
                until("it to stand still", stands_still).await;
            }
            _ => self.beside.is("photo.late"),
        }
    }

    /// Once the shutter has closed, its visitor is told that there is no photo; before a webcam, which
    /// is given up by a limit of its own, the visitor leaves.
    async fn runs_out(&self, booth: &TestBooth, visitor: &Visitor) {
        let has_closed = async || match self.driver {
            Driver::Gphoto2 => self.desk.at("waits").exists(),
            Driver::V4l2 => self.desk.at("stalled").exists() && condition(booth).await == "busy",
            _ => self.beside.at("photo.asked").exists(),
        };
        until("the shutter to close", has_closed).await;
        if self.driver == Driver::V4l2 {
            visitor.erases().await;
        } else {
            self.clock.jump(LIMIT);
        }
    }

    /// Now it comes: what was seen then, and what is seen now is for the next shot.
    async fn comes_late(&self, then: &str) {
        match self.driver {
            Driver::Gphoto2 => self.desk.is_not("slow"),
            Driver::V4l2 => {
                std::fs::copy(portrait(then), self.desk.at("then")).unwrap();
                std::fs::rename(self.desk.at("then"), self.desk.at("buffered")).unwrap();
                // Longer than between two frames, and not so long that the camera is given up.
                self.clock.jump(Duration::from_secs(1));
                self.desk.is_not("stalls");
            }
            _ => {
                self.beside.is_not("photo.late");
                std::fs::copy(portrait(then), self.desk.at("late.part")).unwrap();
                let late = self.desk.at("late.jpg");
                std::fs::rename(self.desk.at("late.part"), &late).unwrap();
                until("it to be thrown away", async || !late.exists()).await;
                // A folder cannot tell that nothing else comes of that shot; time can.
                self.clock.jump(LIMIT);
            }
        }
    }
}

/// By how much the picture of a capture differs from a portrait, of 255 on average.
async fn differs(visitor: &Visitor, capture: &serde_json::Value, sitter: &str) -> u32 {
    let seen = visitor.looks_at(capture).await;
    let small = |bytes: &[u8]| {
        let picture = image::load_from_memory(bytes).unwrap().into_rgb8();
        image::imageops::resize(&picture, 32, 32, image::imageops::FilterType::Triangle)
    };
    let (seen, true_one) = (
        small(&seen.body),
        small(&std::fs::read(portrait(sitter)).unwrap()),
    );
    let samples = seen.iter().zip(true_one.iter());
    samples.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() / (32 * 32 * 3)
}

#[tokio::test]
async fn of_two_visitors_each_gets_their_own_face_though_the_first_shot_was_late() {
    let shutter = json!({ "source": "camera" });
    for driver in [Driver::Gphoto2, Driver::V4l2, Driver::Folder] {
        let lazy = Lazy::with(driver, "ride");
        let booth = lazy.booth().await;
        until("the camera", async || condition(&booth).await == "ready").await;
        let first = who_agreed(&booth).await;
        lazy.dawdles().await;
        let pressed = first.clone();
        let shot = shutter.clone();
        let pressed =
            tokio::spawn(async move { pressed.post("/captures").json(&shot).answer().await });
        lazy.runs_out(&booth, &first).await;
        let refused = pressed.await.unwrap();
        assert!(!refused.status.is_success(), "{driver:?}");
        let second = who_agreed(&booth).await;
        lazy.sees("epps");
        let pressed = second.clone();
        let shot = shutter.clone();
        let pressed =
            tokio::spawn(async move { pressed.post("/captures").json(&shot).answer().await });
        lazy.comes_late("ride").await;
        let capture = pressed.await.unwrap().granted(201)["capture"].clone();
        let (own, anothers) = (
            differs(&second, &capture, "epps").await,
            differs(&second, &capture, "ride").await,
        );
        assert!(own < 8 && anothers > 16, "{driver:?}: {own}, {anothers}");
        if driver != Driver::V4l2 {
            let visit = first.snapshot().await;
            assert_eq!(visit["captures"], json!([]), "{driver:?}");
        }
    }
}

#[tokio::test]
async fn whoever_leaves_the_screen_in_a_shot_gives_it_up() {
    let lazy = Lazy::with(Driver::Gphoto2, "ride");
    let booth = lazy.booth().await;
    until("the camera", async || condition(&booth).await == "ready").await;
    let first = who_agreed(&booth).await;
    lazy.dawdles().await;
    let pressed = first.clone();
    let pressed = tokio::spawn(async move {
        let shutter = json!({ "source": "camera" });
        pressed.post("/captures").json(&shutter).answer().await
    });
    until("the shot", async || condition(&booth).await == "busy").await;
    let second = who_agreed(&booth).await;
    pressed.await.unwrap().refused(409, "wrong_state");
    lazy.sees("epps");
    lazy.comes_late("ride").await;
    let shutter = json!({ "source": "camera" });
    let taken = second.post("/captures").json(&shutter).answer().await;
    let capture = taken.granted(201)["capture"].clone();
    assert!(differs(&second, &capture, "epps").await < 8);
    assert_eq!(first.snapshot().await["captures"], json!([]));
}

#[tokio::test]
async fn a_countdown_is_of_one_visitor_and_of_nobody_else() {
    let desk = Desk::with_a_dslr("epps");
    let booth = booth_with(&desk, Driver::Gphoto2).await;
    until("the camera", async || condition(&booth).await == "ready").await;
    let count = |visitor: &Visitor| {
        let whom = json!({ "session": visitor.id });
        booth
            .kiosk
            .ask(Method::PUT, "/api/v1/camera/countdown")
            .json(&whom)
    };
    let roll = || {
        std::fs::read_dir(desk.at("roll"))
            .into_iter()
            .flatten()
            .count()
    };
    let shutter = json!({ "source": "camera" });

    let first = booth.visitor().await;
    let answer = count(&first).answer().await;
    answer.refused(409, "consent_required");
    first.agrees().await;
    count(&first).answer().await.granted(204);
    desk.exposes("ride");
    until("it to be fetched", async || roll() == 0).await;
    // The next visitor presses without a countdown of their own.
    let second = who_agreed(&booth).await;
    let taken = second.post("/captures").json(&shutter).answer().await;
    let capture = taken.granted(201)["capture"].clone();
    assert!(differs(&second, &capture, "epps").await < 8);

    count(&second).answer().await.granted(204);
    // A look that was due all the same, the one that empties the camera, and the countdown's own:
    // once that is asked for, what a hand exposes is the shot.
    let so_far = desk.looks();
    until("the countdown's own look", async || {
        desk.looks() >= so_far + 3
    })
    .await;
    desk.exposes("ride");
    until("it to be fetched", async || roll() == 0).await;
    let taken = second.post("/captures").json(&shutter).answer().await;
    let capture = taken.granted(201)["capture"].clone();
    assert!(differs(&second, &capture, "ride").await < 8);
    // And the phones' listener has no such thing.
    let whom = json!({ "session": second.id });
    let phone = booth
        .public
        .ask(Method::PUT, "/api/v1/camera/countdown")
        .json(&whom);
    phone.answer().await.refused(404, "not_found");
}

#[tokio::test]
async fn a_black_photo_is_none_and_the_page_tells_of_its_own_camera() {
    let desk = Desk::with_a_dslr("epps");
    let mut black = std::io::Cursor::new(Vec::new());
    let cap = image::RgbImage::new(640, 480);
    cap.write_to(&mut black, image::ImageFormat::Jpeg).unwrap();
    std::fs::write(desk.at("photo.jpg"), black.into_inner()).unwrap();
    let booth = booth_with(&desk, Driver::Gphoto2).await;
    let visitor = who_agreed(&booth).await;
    let shutter = json!({ "source": "camera" });
    let shot = visitor.post("/captures").json(&shutter).answer().await;
    shot.refused(503, "camera_failed");
    let state = booth
        .kiosk
        .get("/api/v1/camera")
        .answer()
        .await
        .granted(200);
    assert_eq!(
        (text(&state["condition"]), text(&state["trouble"])),
        ("gone", "dark")
    );

    let booth = a_booth().open().await;
    let seen = |what| {
        booth
            .kiosk
            .ask(Method::PUT, "/api/v1/camera/seen")
            .json(&what)
    };
    seen(json!({ "trouble": "frozen" }))
        .answer()
        .await
        .granted(204);
    let state = booth
        .kiosk
        .get("/api/v1/camera")
        .answer()
        .await
        .granted(200);
    assert_eq!(
        (text(&state["condition"]), text(&state["trouble"])),
        ("gone", "frozen")
    );
    seen(json!({})).answer().await.granted(204);
    assert_eq!(condition(&booth).await, "ready");
}
