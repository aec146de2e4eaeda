//! How the parts are, and trying them one at a time.

use easel::printer::Driver;
use serde_json::Value;
use serde_json::json;

use crate::house::{Staff, a_booth, pictures_in, sheets, text, until};

#[tokio::test]
async fn one_look_tells_of_every_part() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    for part in ["camera", "printer", "disk", "clock"] {
        assert_eq!(seen[part]["mood"], "well", "{part}: {}", seen[part]);
    }
    assert_eq!(seen["generators"][0]["id"], "embedded-1");
    assert_eq!(seen["printer"]["driver"], "folder");
    assert_eq!(seen["line"]["waiting"], 0);
    assert_eq!(seen["visits"], json!([]));
    drop(booth);
    let none = a_booth().with(|s| s.printer.driver = Driver::None);
    let none = none.open().await;
    let staff = Staff::enters(&none.kiosk).await;
    assert_eq!(staff.looks().await["printer"], Value::Null);
    let test = staff.post("/tests/print").answer().await;
    test.refused(409, "no_printer");
}

#[tokio::test]
async fn a_test_shot_and_a_test_painting_show_what_came_out_and_keep_nothing() {
    let plan = a_booth().with(|s| s.camera.driver = easel::camera::Driver::Sample);
    let booth = plan.open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let shot = staff.post("/tests/shot").answer().await.granted(200);
    assert!(text(&shot["picture"]).starts_with("data:image/jpeg;base64,"));
    let wish = json!({ "style": "lichtenstein" });
    let ask = staff.post("/generators/embedded-1/test").json(&wish);
    let painted = ask.answer().await.granted(200);
    assert_eq!(
        (&painted["style"], &painted["width"]),
        (&json!("lichtenstein"), &json!(128))
    );
    assert!(pictures_in(&booth.data()).is_empty());
    assert_eq!(staff.looks().await["today"]["paintings"], json!([]));

    let unknown = staff.post("/generators/gpu-9/test").json(&json!({}));
    let problem = unknown.answer().await.refused(404, "not_found");
    assert_eq!(problem["detail"], "There is no such generator.");
    drop(booth);
    let browser = a_booth().open().await;
    let staff = Staff::enters(&browser.kiosk).await;
    staff
        .post("/tests/shot")
        .answer()
        .await
        .refused(409, "no_camera");
}

#[tokio::test]
async fn a_generator_is_taken_out_of_service_and_put_back() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let turn = async |how: &str, id: &str| {
        let path = format!("/generators/{id}/{how}");
        staff.post(&path).answer().await
    };
    let out = |seen: &Value| seen["generators"][0]["draining"] == true;
    assert!(!out(&staff.looks().await));
    turn("drain", "embedded-1").await.granted(204);
    let seen = staff.looks().await;
    assert!(out(&seen));
    assert_eq!(seen["generators"][0]["mood"], "watch");
    turn("resume", "embedded-1").await.granted(204);
    assert!(!out(&staff.looks().await));
    for how in ["drain", "resume"] {
        turn(how, "gpu-9").await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_test_page_is_one_sheet_of_nobodys() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let page = staff.post("/tests/print").answer().await.granted(202);
    until("the page", async || {
        sheets(&booth.data(), text(&page["order"])).len() == 1
    })
    .await;
    assert_eq!(staff.looks().await["today"]["sheets"], 0);
}
