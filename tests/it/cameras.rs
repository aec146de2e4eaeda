//! A booth with a camera of its own, seen through its doors.

use easel::camera::Driver;
use serde_json::json;

use crate::house::{TestBooth, Visitor, a_booth, text, until};
use crate::stand_in::Desk;

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
