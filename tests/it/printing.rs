//! Whole visits with a real IPP printer: it runs out, the booth dies, and visitors are told.

use std::path::Path;
use std::time::Duration;

use easel::clock::ManualClock;
use easel::printer::Driver;
use serde_json::{Value, json};

use crate::desk::{Break, Cable, IppPrinter, LaxPrinter, Manner};
use crate::house::{Daemon, PIN, Staff, Visitor, a_booth, a_photo, log_of, text, until};

const SMALL: (&str, &str) = ("GENERATOR__0__SIZE_PX", "128");
const SEND_DOCUMENT: u16 = 0x06;
const CREATE_JOB: u16 = 0x05;

async fn booth(data: &Path, uri: &str) -> Daemon {
    let printer = [
        ("PRINTER__DRIVER", "ipp"),
        ("PRINTER__IPP__URI", uri),
        SMALL,
    ];
    Daemon::starts(data, &printer).await
}

async fn a_ticket(daemon: &Daemon) -> (Visitor, Value) {
    let visitor = daemon.visitor().await;
    the_ticket_of(visitor).await
}

async fn the_ticket_of(visitor: Visitor) -> (Visitor, Value) {
    visitor.agrees().await;
    let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
    let one = json!({ "styles": ["lichtenstein"] });
    visitor.wants(&capture, one).await.granted(202);
    let snapshot = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Ada")
        .await;
    (visitor, ticket)
}

fn of(print: &Value, tray: &[String]) -> usize {
    tray.iter()
        .filter(|name| name.contains(text(&print["id"])))
        .count()
}

#[tokio::test]
async fn visitors_are_told_that_the_paper_is_out_and_get_their_tickets_in_turn() {
    let data = tempfile::tempdir().unwrap();
    let desk = IppPrinter::with_paper(0).await;
    let daemon = booth(data.path(), &desk.uri()).await;
    let (first, ticket) = a_ticket(&daemon).await;
    let mut ear = first.listens(None).await;
    let one = first.orders(&ticket, 2, "one").await.granted(202)["print"].clone();
    let told = ear
        .until(|heard| heard.name() == "printer.state" && heard.data()["keeps_waiting"] == true)
        .await
        .pop()
        .unwrap();
    assert_eq!(told.data()["state"], "needs");
    let says = text(&told.data()["says"]["en"]);
    assert!(
        says.contains("needs paper") && says.contains("will come"),
        "{says}"
    );
    // A reload says the same, on the screen and on a phone.
    let screen = daemon
        .kiosk
        .get("/api/v1/kiosk")
        .answer()
        .await
        .granted(200);
    assert_eq!(screen["booth"]["printer"]["says"]["en"], says);
    let snapshot = first.snapshot().await;
    assert_eq!(snapshot["printer"]["says"]["en"], says);
    assert_eq!(snapshot["prints"][0]["state"], "queued");

    let (second, ticket) = a_ticket(&daemon).await;
    let two = second.orders(&ticket, 1, "two").await.granted(202)["print"].clone();
    assert_eq!(desk.tray().len(), 0);
    desk.lay_in(9);
    second.waits_for_print(&two).await;
    first.waits_for_print(&one).await;
    let tray = desk.tray();
    assert_eq!((of(&one, &tray), of(&two, &tray)), (2, 1));
    assert!(
        tray[2].contains(text(&two["id"])),
        "in the order of visitors: {tray:?}"
    );
    // To the edges of the photo paper, and as a picture.
    for wish in desk.wishes() {
        assert!(wish.contains("x-dimension=10160"), "{wish}");
        assert!(wish.contains("media-top-margin=0"), "{wish}");
        assert!(wish.contains("image/jpeg"), "{wish}");
    }
}

#[tokio::test]
async fn killed_between_the_job_and_its_answer_one_sheet_is_one_sheet() {
    let data = tempfile::tempdir().unwrap();
    let desk = IppPrinter::with_paper(9).await;
    let cable = Cable::to(desk.port()).await;
    let mut daemon = booth(data.path(), &cable.uri()).await;
    let (mut visitor, ticket) = a_ticket(&daemon).await;
    let mut orders = Vec::new();
    for moment in [
        Break::After(CREATE_JOB),
        Break::Within(SEND_DOCUMENT),
        Break::After(SEND_DOCUMENT),
    ] {
        cable.breaks(moment);
        let key = format!("{moment:?}");
        orders.push(visitor.orders(&ticket, 1, &key).await.granted(202)["print"].clone());
        cable.broken().await;
        daemon.loses_power().await;
        daemon = booth(data.path(), &cable.uri()).await;
        visitor.comes_back_to(&daemon.kiosk, &daemon.public);
    }
    for order in &orders {
        visitor.waits_for_print(order).await;
        assert_eq!(of(order, &desk.tray()), 1);
    }
    assert_eq!(desk.tray().len(), 3);
    let log = log_of(data.path(), &visitor.id).await;
    assert_eq!(
        log.iter()
            .filter(|event| event["type"] == "print.done")
            .count(),
        3
    );
}

#[tokio::test]
async fn a_sheet_in_doubt_is_told_to_its_visitor_alone() {
    let data = tempfile::tempdir().unwrap();
    let mut desk = IppPrinter::with_paper(0).await;
    let daemon = booth(data.path(), &desk.uri()).await;
    let (visitor, ticket) = a_ticket(&daemon).await;
    let other = daemon.visitor().await;
    let mut ear = visitor.listens(None).await;
    visitor.orders(&ticket, 1, "one").await.granted(202);
    ear.until(|heard| heard.name() == "printer.state" && heard.data()["state"] == "needs")
        .await;
    desk.switch_off();
    ear.until(|heard| heard.name() == "printer.state" && heard.data()["state"] == "gone")
        .await;
    desk.switch_on().await;
    let told = ear.hears("print.waiting").await;
    let says = text(&told.data()["waits"]["en"]);
    assert!(says.contains("ask at the desk"), "{says}");
    let snapshot = visitor.snapshot().await;
    assert_eq!(snapshot["prints"][0]["state"], "queued");
    assert_eq!(snapshot["prints"][0]["waits"]["en"], says);
    assert!(!other.snapshot().await.to_string().contains("at the desk"));
    assert_eq!(desk.tray().len(), 0);
}

#[tokio::test]
async fn staff_see_which_sheets_wait_and_which_are_nobodys_any_more() {
    let data = tempfile::tempdir().unwrap();
    let desk = IppPrinter::with_paper(0).await;
    let printer = [
        ("PRINTER__DRIVER", "ipp"),
        ("PRINTER__IPP__URI", &desk.uri()),
        ("STAFF__PIN", PIN),
        SMALL,
    ];
    let daemon = Daemon::starts(data.path(), &printer).await;
    let staff = Staff::enters(&daemon.kiosk).await;
    let (first, ticket) = a_ticket(&daemon).await;
    let (second, other) = a_ticket(&daemon).await;
    first.orders(&ticket, 2, "one").await.granted(202);
    let two = second.orders(&other, 1, "two").await.granted(202)["print"].clone();
    let seen = staff
        .looks_until("the need", |seen| seen["printer"]["condition"] == "needs")
        .await;
    let waiting = |seen: &Value| {
        let sheets = seen["line"]["sheets"].as_array().unwrap();
        let row = |s: &Value| (s["ticket"].as_u64().unwrap(), s["copies"].as_u64().unwrap());
        sheets.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(waiting(&seen), [(1, 2), (2, 1)], "{}", seen["line"]);

    // The first visitor wants to be forgotten while their sheet is in the engine.
    first.erases().await;
    let is_told = |seen: &Value| seen["printer"]["strays"][0]["whereabouts"] == "inside";
    let seen = staff.looks_until("the stray", is_told).await;
    assert_eq!(waiting(&seen), [(2, 1)]);
    assert_eq!(seen["printer"]["strays"][0]["ticket"], 1);
    desk.lay_in(9);
    second.waits_for_print(&two).await;
    let is_asked = |seen: &Value| seen["printer"]["strays"][0]["whereabouts"] == "unknown";
    let seen = staff.looks_until("the sheet", is_asked).await;
    let order = text(&seen["printer"]["strays"][0]["order"]);
    let settle = staff.post(&format!("/printer/orders/{order}/settle"));
    let found = json!({ "verdict": "came_out" });
    settle.json(&found).answer().await.granted(204);
    assert_eq!(staff.looks().await["printer"]["strays"], json!([]));
}

#[tokio::test]
async fn a_visitor_reads_how_many_are_out_and_staff_say_how_many_there_are() {
    let data = tempfile::tempdir().unwrap();
    let mut desk = IppPrinter::with_paper(1).await;
    let printer = [
        ("PRINTER__DRIVER", "ipp"),
        ("PRINTER__IPP__URI", &desk.uri()),
        ("STAFF__PIN", PIN),
        SMALL,
    ];
    let daemon = Daemon::starts(data.path(), &printer).await;
    let staff = Staff::enters(&daemon.kiosk).await;
    let (visitor, ticket) = a_ticket(&daemon).await;
    let mut ear = visitor.listens(None).await;
    let print = visitor.orders(&ticket, 3, "one").await.granted(202)["print"].clone();
    assert_eq!(print["sheets_done"], 0);
    let told = ear.hears("print.progress").await;
    assert_eq!(told.data()["print"], print["id"]);
    assert_eq!(
        (&told.data()["sheets_done"], &told.data()["copies"]),
        (&json!(1), &json!(3))
    );
    let ordered = visitor.snapshot().await["prints"][0].clone();
    assert_eq!(
        (&ordered["sheets_done"], &ordered["copies"]),
        (&json!(1), &json!(3))
    );

    // Off and on after one of three.
    staff
        .looks_until("the need", |seen| seen["printer"]["condition"] == "needs")
        .await;
    desk.switch_off();
    desk.lay_in(9);
    desk.switch_on().await;
    let is_asked = |seen: &Value| seen["printer"]["doubtful"][0]["code"] == "forgotten";
    let seen = staff.looks_until("the doubt", is_asked).await;
    let doubt = &seen["printer"]["doubtful"][0];
    assert_eq!(
        (&doubt["sheets_done"], &doubt["sheets"]),
        (&json!(1), &json!(3))
    );
    let path = format!("/printer/orders/{}/settle", text(&print["id"]));
    let too_many = json!({ "verdict": "came_out", "sheets_done": 4 });
    let refused = staff.post(&path).json(&too_many).answer().await;
    refused.refused(409, "printer_refused");
    let found = json!({ "verdict": "came_out", "sheets_done": 1 });
    staff.post(&path).json(&found).answer().await.granted(204);
    visitor.waits_for_print(&print).await;
    assert_eq!(of(&print, &desk.tray()), 3);
    assert_eq!(visitor.snapshot().await["prints"][0]["sheets_done"], 3);
}

#[tokio::test]
async fn a_ticket_whose_turn_comes_hours_late_is_not_printed() {
    let desk = LaxPrinter::on().await;
    let clock = ManualClock::default();
    let booth = a_booth()
        .with(|settings| {
            settings.printer.driver = Driver::Ipp;
            settings.printer.ipp.uri = desk.uri();
        })
        .by_the(&clock)
        .leaving_work()
        .open()
        .await;
    let (mut visitor, ticket) = the_ticket_of(booth.visitor().await).await;
    desk.behaves(Manner::Busy);
    visitor.orders(&ticket, 1, "one").await.granted(202);
    until("a first try", async || {
        clock.advance(Duration::from_millis(500));
        desk.refused() > 0
    })
    .await;
    // The power goes; when it is back the printer is well again, an hour too late.
    let plan = booth.close();
    clock.advance(Duration::from_secs(3600));
    desk.behaves(Manner::Well);
    let booth = plan.open().await;
    visitor.comes_back_to(&booth.kiosk, &booth.public);
    let mut state = Value::Null;
    until("the end", async || {
        clock.advance(Duration::from_millis(500));
        state = visitor.snapshot().await["prints"][0]["state"].clone();
        state != "queued" && state != "printing"
    })
    .await;
    assert_eq!(state, "failed");
    assert!(desk.tray().is_empty(), "{:?}", desk.tray());
}
