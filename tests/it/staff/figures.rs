//! The day in numbers.

use reqwest::Method;
use serde_json::json;

use super::a_ticket;
use crate::house::{Staff, a_booth, files_holding, until};

#[tokio::test]
async fn figures_count_what_happened_and_outlive_erasure_and_restart() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let (visitor, ticket) = a_ticket(&booth, "Countess Zero").await;
    let print = visitor.orders(&ticket, 3, "a").await.granted(202)["print"].clone();
    visitor.waits_for_print(&print).await;
    visitor.phone().await;
    booth.visitor().await;
    let before = staff.looks().await["today"].clone();
    for (what, n) in [
        ("visits", 2),
        ("photographed", 1),
        ("tickets", 1),
        ("sheets", 3),
        ("phones", 1),
        ("erased", 0),
    ] {
        assert_eq!(before[what], n, "{what} in {before}");
    }
    assert_eq!(before["paintings"].as_array().unwrap().len(), 4);
    assert_eq!(
        before["painted_by"],
        json!([{ "which": "embedded-1", "n": 4 }])
    );
    assert_eq!(before["waits"]["n"], 4);
    assert!(before["waits"]["longest_ms"].as_u64() >= before["waits"]["mean_ms"].as_u64());

    visitor.erases().await;
    let after = staff.looks().await["today"].clone();
    assert_eq!(after["erased"], 1);
    let mut same = after.clone();
    same["erased"] = json!(0);
    assert_eq!(same, before, "an erasure takes nothing from the day");

    let booth = booth.close().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    assert_eq!(staff.looks().await["today"], after);
    until("the erasure", async || {
        files_holding(&booth.data(), b"Countess Zero").is_empty()
    })
    .await;
}

#[tokio::test]
async fn the_table_is_one_that_spreadsheet_programs_read() {
    let booth = a_booth().open().await;
    a_ticket(&booth, "=HYPERLINK(\"http://x\")").await;
    let staff = Staff::enters(&booth.kiosk).await;
    let answer = staff.ask(Method::GET, "/figures.csv").answer().await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    let text = answer.text();
    let table = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let lines: Vec<Vec<&str>> = table.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(lines.len(), 2);
    let cell = |head: &str| {
        let at = lines[0].iter().position(|h| *h == head).unwrap();
        lines[1][at]
    };
    assert_eq!(
        (cell("visits"), cell("tickets"), cell("sheets")),
        ("1", "1", "0")
    );
    assert_eq!(cell("style: van-gogh"), "1");
    assert!(!text.contains("HYPERLINK"), "nothing of a visitor is in it");
}
