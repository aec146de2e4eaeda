//! A booth over the data folder of an earlier version (`tests/fixtures`): every visit goes on where
//! it was, and a row that does not read costs its own visit only.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use easel::clock::ManualClock;
use easel::generator::faulty::Fault;
use easel::printer::Driver;
use easel::session::Stage;
use easel::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use tempfile::TempDir;
use uuid::Uuid;

use crate::desk::LaxPrinter;
use crate::house::{
    Plan, Staff, TestBooth, Visitor, a_booth, embedded, faulty, jobs, log_of, sheets, text, until,
};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/0.1");
/// The visits whose logs read, except the erased one.
const SOUND: [&str; 6] = [
    "consent", "capture", "painting", "choose", "ticket", "ended",
];
/// Shorter than anything that the booth does by the clock; a thousand of them reach no deadline.
const TICK: Duration = Duration::from_millis(50);

/// The fixture in a folder of the test's own, and what was known of it when it was made.
struct Kept {
    dir: TempDir,
    about: Value,
    /// A minute after its last word.
    clock: ManualClock,
}

impl Kept {
    fn unpacked() -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(&Path::new(FIXTURE).join("data"), dir.path());
        let about = fs::read(Path::new(FIXTURE).join("about.json")).unwrap();
        let about: Value = serde_json::from_slice(&about).unwrap();
        let last = Timestamp::from_millisecond(about["at_ms"].as_i64().unwrap()).unwrap();
        Self {
            dir,
            about,
            clock: ManualClock::new(last + SignedDuration::from_mins(1)),
        }
    }

    fn data(&self) -> &Path {
        self.dir.path()
    }

    fn booth(&self) -> Plan {
        let data = self.data().to_owned();
        a_booth()
            .with(|settings| settings.booth.data_dir = data)
            .by_the(&self.clock)
    }

    /// The visitor of that name, at the doors of a booth.
    fn visitor(&self, name: &str, booth: &TestBooth) -> Visitor {
        Visitor::known(&self.about["visits"][name], &booth.kiosk, &booth.public)
    }

    fn id(&self, name: &str) -> Uuid {
        text(&self.about["visits"][name]["id"]).parse().unwrap()
    }

    /// Lets time pass until `so` holds.
    async fn until<F: AsyncFnMut() -> bool>(&self, what: &str, mut so: F) {
        until(what, async || {
            self.clock.advance(TICK);
            so().await
        })
        .await;
    }

    /// Spoils what is written of that visit's first event.
    async fn spoil(&self, name: &str) {
        let path = self.data().join("easel.db");
        let options = SqliteConnectOptions::new().filename(path);
        let mut record = options.connect().await.unwrap();
        let text = "UPDATE events SET body = substr(body, 1, 20) WHERE session = $1 AND seq = 1";
        let done = sqlx::query(text)
            .bind(self.id(name).to_string())
            .execute(&mut record)
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), &place).unwrap();
            // A repository keeps no permissions, and the key wants to be its owner's only.
            fs::set_permissions(&place, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

fn states(snapshot: &Value) -> Vec<(&str, &str)> {
    let paintings = snapshot["paintings"].as_array().unwrap().iter();
    paintings
        .map(|p| (text(&p["style"]), text(&p["state"])))
        .collect()
}

#[tokio::test]
async fn the_record_reads_as_it_was_written() {
    let kept = Kept::unpacked();
    let store = Store::open(&kept.data().join("easel.db")).await.unwrap();
    for name in SOUND {
        let state = store.load(kept.id(name)).await.unwrap().unwrap();
        let known = &kept.about["visits"][name];
        assert_eq!(json!(state.stage()), known["state"], "{name}");
        assert_eq!(state.seq, known["seq"].as_u64().unwrap(), "{name}");
        // The fixture's visits are called after the stages they are in.
        let stage: Stage = serde_json::from_value(json!(name)).unwrap();
        assert_eq!(state.stage(), stage);
    }
    assert!(store.load(kept.id("erased")).await.unwrap().is_none());
    let erased = store.row(kept.id("erased")).await.unwrap().unwrap();
    assert!(erased.over().is_some());
    let spoiled = store.load(kept.id("spoiled")).await;
    assert!(matches!(spoiled, Err(StoreError::Damaged { .. })));
    store.close().await;
    let open = jobs(kept.data()).await;
    let of = |queue: &str| open.iter().filter(|job| job.starts_with(queue)).count();
    assert_eq!((of("paint:van-gogh"), of("print"), open.len()), (2, 1, 3));
}

#[tokio::test]
async fn every_visit_goes_on_where_it_was() {
    let kept = Kept::unpacked();
    // Nothing is painted or printed meanwhile.
    let booth = kept
        .booth()
        .painted_by([
            faulty(Fault::Hang, &["van-gogh"]),
            embedded(&["picasso", "renoir", "lichtenstein"]),
        ])
        .with(|settings| settings.printer.driver = Driver::None)
        .leaving_work()
        .open()
        .await;
    for name in SOUND {
        let known = &kept.about["visits"][name];
        let snapshot = kept.visitor(name, &booth).snapshot().await;
        assert_eq!(snapshot["state"], known["state"], "{name}");
        let seq = snapshot["seq"].as_u64().unwrap();
        let before = known["seq"].as_u64().unwrap();
        match name {
            "painting" => assert!(seq >= before, "{name}"),
            _ => assert_eq!(seq, before, "{name}"),
        }
        for picture in ["captures", "paintings"].map(|kind| snapshot[kind].as_array().unwrap()) {
            for picture in picture.iter().filter(|p| p.get("url").is_some()) {
                let seen = kept.visitor(name, &booth).looks_at(picture).await;
                assert_eq!(seen.status, 200, "{name}: {picture}");
            }
        }
    }
    let choose = kept.visitor("choose", &booth).snapshot().await;
    let settled = [
        ("picasso", "cancelled"),
        ("picasso", "done"),
        ("renoir", "done"),
        ("lichtenstein", "failed"),
    ];
    assert_eq!(states(&choose), settled);
    let ticket = kept.visitor("ticket", &booth).snapshot().await;
    assert_eq!(ticket["tickets"][0]["name"], "Ada");
    assert_eq!(ticket["prints"][0]["state"], "done");
    assert_eq!(ticket["phones"], 1);
    let erased = kept.visitor("erased", &booth).get("").answer().await;
    erased.refused(410, "erased");

    // The screen shows who was there, who can go on.
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    let consent = kept.visitor("consent", &booth);
    assert_eq!(screen["session"]["id"], consent.id);
    consent.agrees().await;
    assert_eq!(consent.snapshot().await["state"], "capture");
    let late = kept.visitor("ended", &booth).joins_by_phone(None).await;
    late.refused(410, "ended");
}

#[tokio::test]
async fn open_paintings_are_painted_once() {
    let kept = Kept::unpacked();
    let booth = kept
        .booth()
        .with(|settings| settings.printer.driver = Driver::None)
        .leaving_work()
        .open()
        .await;
    let painting = kept.visitor("painting", &booth);
    kept.until("the last painting", async || {
        painting.snapshot().await["state"] == "choose"
    })
    .await;
    let snapshot = painting.snapshot().await;
    assert_eq!(
        states(&snapshot),
        [("renoir", "done"), ("van-gogh", "done")]
    );
    let log = log_of(kept.data(), &painting.id).await;
    let done = log.iter().filter(|e| e["type"] == "painting.done");
    assert_eq!(done.count(), 2);
    let open = jobs(kept.data()).await;
    assert!(!open.iter().any(|job| job.starts_with("paint")), "{open:?}");
}

#[tokio::test]
async fn the_spooled_order_is_printed_once_by_whichever_printer_is_there() {
    let kept = Kept::unpacked();
    let desk = LaxPrinter::on().await;
    let booth = kept
        .booth()
        .with(|settings| {
            settings.printer.driver = Driver::Ipp;
            settings.printer.ipp.uri = desk.uri();
        })
        .leaving_work()
        .open()
        .await;
    let visitor = kept.visitor("ticket", &booth);
    let printed = async || visitor.snapshot().await["prints"][1]["state"] == "done";
    kept.until("the sheets", printed).await;
    assert_eq!(desk.tray().len(), 2, "{:?}", desk.tray());
    drop(booth.close().open().await);
    assert_eq!(desk.tray().len(), 2);

    let kept = Kept::unpacked();
    let booth = kept.booth().leaving_work().open().await;
    let visitor = kept.visitor("ticket", &booth);
    let printed = async || visitor.snapshot().await["prints"][1]["state"] == "done";
    kept.until("the sheets", printed).await;
    assert_eq!(sheets(kept.data(), "").len(), 2);
    let log = log_of(kept.data(), &visitor.id).await;
    let done = log.iter().filter(|e| e["type"] == "print.done");
    assert_eq!(done.count(), 2, "one before, one now");
}

#[tokio::test]
async fn each_visit_can_be_erased_and_leaves_nothing() {
    let kept = Kept::unpacked();
    let booth = kept
        .booth()
        .with(|settings| settings.printer.driver = Driver::None)
        .leaving_work()
        .open()
        .await;
    for name in SOUND.into_iter().chain(["spoiled"]) {
        let visitor = kept.visitor(name, &booth);
        visitor.erases().await;
        let folder = kept.data().join("pictures").join(&visitor.id);
        kept.until(name, async || !folder.exists()).await;
        visitor.get("").answer().await.refused(410, "erased");
        visitor.joins_by_phone(None).await.refused(410, "erased");
        assert_eq!(rows_of(kept.data(), &visitor.id).await, 0, "{name}");
    }
}

/// What the record still has of a visit besides the row that says it is erased.
async fn rows_of(data: &Path, session: &str) -> i64 {
    let options = SqliteConnectOptions::new()
        .filename(data.join("easel.db"))
        .read_only(true);
    let mut record = options.connect().await.unwrap();
    let text = "SELECT (SELECT COUNT(*) FROM events WHERE session = $1)
        + (SELECT COUNT(*) FROM jobs WHERE session = $1 AND queue <> 'erase')
        + (SELECT COUNT(*) FROM pool_attempts WHERE session = $1) AS n";
    let row = sqlx::query(text).bind(session).fetch_one(&mut record).await;
    row.unwrap().try_get("n").unwrap()
}

#[tokio::test]
async fn a_row_that_does_not_read_costs_its_own_visit_only() {
    let kept = Kept::unpacked();
    // The visit on the screen, the one with a sheet to come, and one that staff look at besides the
    // fixture's own, which has a painting to come.
    for name in ["consent", "ticket", "choose"] {
        kept.spoil(name).await;
    }
    let booth = kept.booth().leaving_work().open().await;
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    assert_eq!(screen.get("session"), None, "it goes back to the start");
    let painting = kept.visitor("painting", &booth);
    kept.until("a painting that stood behind it in the line", async || {
        painting.snapshot().await["state"] == "choose"
    })
    .await;

    let visitor = booth.visitor().await;
    visitor.sits(crate::house::a_photo(1)).await;
    kept.until("the next visitor's paintings", async || {
        visitor.snapshot().await["state"] == "choose"
    })
    .await;
    let snapshot = visitor.snapshot().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], "Bo")
        .await;
    visitor.orders(&ticket, 1, "one").await.granted(202);
    kept.until("the next visitor's sheet", async || {
        visitor.snapshot().await["prints"][0]["state"] == "done"
    })
    .await;

    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    let visits = seen["visits"].as_array().unwrap();
    assert!(visits.iter().any(|visit| visit["id"] == visitor.id));
    assert!(visits.iter().any(|visit| visit["id"] == painting.id));
    let erase = format!("/visits/{}", kept.id("choose"));
    let erased = staff.ask(Method::DELETE, &erase).answer().await;
    erased.granted(204);
    let open = jobs(kept.data()).await;
    assert!(open.is_empty(), "{open:?}");
}
