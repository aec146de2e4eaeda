//! A whole visit.

use serde_json::json;

use crate::house::{a_booth, a_face, sheets, text};

#[tokio::test]
async fn from_the_first_touch_to_a_printed_sheet() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    assert_eq!(visitor.snapshot().await["state"], "consent");

    visitor.agrees().await;
    assert_eq!(visitor.snapshot().await["state"], "capture");

    let capture = visitor.photographs(a_face()).await.granted(201)["capture"].clone();
    assert_eq!(capture["source"], "upload");
    assert!(capture["width"].as_u64().unwrap() <= 512, "{capture}");
    let seen = visitor.looks_at(&capture).await;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.body.len() as u64, capture["bytes"].as_u64().unwrap());
    assert_eq!(visitor.snapshot().await["state"], "painting");

    let asked = visitor.wants(&capture, json!({})).await.granted(202);
    assert_eq!(asked["paintings"].as_array().unwrap().len(), 4);
    let snapshot = visitor.waits().await;
    assert_eq!(snapshot["state"], "choose");
    for painting in snapshot["paintings"].as_array().unwrap() {
        assert_eq!(painting["state"], "done", "{painting}");
        assert_eq!(painting["by"], "embedded");
        let seen = visitor.looks_at(painting).await;
        assert_eq!(seen.header("content-type"), "image/jpeg");
        let picture = image::load_from_memory(&seen.body).unwrap();
        assert_eq!((picture.width(), picture.height()), (128, 128));
    }

    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Mae")
        .await;
    assert_eq!(ticket["claim"], visitor.claim);
    let pdf = visitor.looks_at(&ticket["formats"]["pdf"]).await;
    assert_eq!(pdf.header("content-type"), "application/pdf");
    assert_eq!(
        lopdf::Document::load_mem(&pdf.body)
            .unwrap()
            .get_pages()
            .len(),
        1
    );
    let print = visitor.looks_at(&ticket["formats"]["print"]).await;
    let print = image::load_from_memory(&print.body).unwrap();
    assert_eq!((print.width(), print.height()), (1200, 1800));

    let ordered = visitor.orders(&ticket, 2, "once").await.granted(202);
    visitor.waits_for_print(&ordered["print"]).await;
    let sheets = sheets(&booth.data(), text(&ordered["print"]["id"]));
    assert_eq!(sheets.len(), 2);
    for sheet in sheets {
        lopdf::Document::load(sheet).unwrap();
    }
    let snapshot = visitor.snapshot().await;
    assert_eq!(snapshot["state"], "ticket");
    assert_eq!(snapshot["prints"][0]["state"], "done");
}

#[tokio::test]
async fn the_phone_sees_the_same_visit_and_goes_through_it_alone() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let phone = visitor.phone().await;
    phone.sits(a_face()).await;
    let snapshot = phone.waits().await;
    let ticket = phone.takes_a_ticket(&snapshot["paintings"][3], "").await;
    assert_eq!(
        phone.looks_at(&ticket["formats"]["phone"]).await.status,
        200
    );

    let (on_phone, on_screen) = (phone.snapshot().await, visitor.snapshot().await);
    assert_eq!(on_phone["phones"], 1);
    for part in ["captures", "paintings", "tickets", "state", "seq"] {
        assert_eq!(on_phone[part], on_screen[part]);
    }
}
