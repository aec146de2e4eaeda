//! Stored data is a stranger's too. Whatever stands in the record, a row costs what it is about, and
//! a file that does not hold together is refused at the start with what to do: no start leads to the
//! next one.

use std::fs;
use std::path::Path;
use std::process::Output;

use easel::printer::Driver;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Row as _};
use tempfile::TempDir;

use crate::desk::{LaxPrinter, Manner};
use crate::house::{Daemon, PIN, Staff, Visitor, a_booth, a_photo, text, until};

/// Not text, though it is stored as such.
const NO_TEXT: &str = "CAST(X'C328FF' AS TEXT)";
/// What a column may hold that is for something else.
const STRANGE: [&str; 7] = [
    NO_TEXT,
    "X'00FF'",
    "'what?'",
    "NULL",
    "-1",
    "9223372036854775807",
    "1e300",
];
/// How many of the trials a usual run makes: one in so many. `EASEL_TEST_DAMAGE=1` makes all.
const USUAL: usize = 21;

/// The data of a booth on whose screen a visit is, another waits for its sheet at a printer that
/// does not end, and which has rested.
struct Used {
    dir: TempDir,
    /// The visit with a ticket, and the one on the screen.
    visitors: [Visitor; 2],
    printer: LaxPrinter,
}

fn every() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no setting, but how long a trial by hand may take"
    )]
    let wanted = std::env::var("EASEL_TEST_DAMAGE").ok();
    wanted.map_or(USUAL, |n| n.parse().unwrap())
}

impl Used {
    async fn booth() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let printer = LaxPrinter::on().await;
        printer.behaves(Manner::NeverEnds);
        let uri = printer.uri();
        let booth = a_booth()
            .with(|settings| {
                settings.booth.data_dir = data.clone();
                settings.printer.driver = Driver::Ipp;
                settings.printer.ipp.uri = uri;
            })
            .leaving_work()
            .open()
            .await;
        let printed = booth.visitor().await;
        printed.sits(a_photo(1)).await;
        let painting = printed.waits().await["paintings"][0].clone();
        let ticket = printed.takes_a_ticket(&painting, "Anna").await;
        printed.orders(&ticket, 2, "k").await.granted(202);
        until("the printer at work", async || printer.jobs().0 > 0).await;
        let staff = Staff::enters(&booth.kiosk).await;
        let rest = json!({ "reason": "supplies", "note": "Paper" });
        let pause = staff.ask(reqwest::Method::PUT, "/pause").json(&rest);
        pause.answer().await.granted(200);
        let pause = staff.ask(reqwest::Method::DELETE, "/pause");
        pause.answer().await.granted(204);
        let on_screen = booth.visitor().await;
        drop(booth);
        let mut record = open(&data).await;
        // What only servers elsewhere leave, and a pause that would turn visitors away.
        for text in [
            "INSERT INTO pool_attempts (id, session, painting, server, begun_at)
             SELECT id, id, id, 'gone', opened_at FROM sessions LIMIT 1",
            "INSERT INTO pool_days SELECT '2026-01-01', 'gone', 'renoir', 3, 2, 1, 0, 9.5, 0.0, 0.1
             WHERE NOT EXISTS (SELECT 1 FROM pool_days)",
            "INSERT INTO pause SELECT 'supplies', '', 0, 1 WHERE NOT EXISTS (SELECT 1 FROM pause)",
        ] {
            sqlx::query(text).execute(&mut record).await.unwrap();
        }
        Self {
            dir,
            visitors: [printed, on_screen],
            printer,
        }
    }

    /// The same once more, in a folder of its own.
    fn again(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        let status = std::process::Command::new("cp")
            .args(["-a"])
            .arg(self.dir.path().join("data"))
            .arg(copy.path())
            .status();
        assert!(status.unwrap().success());
        copy
    }

    /// Starts the booth over `data`. Where it does not start it says what to do, and the next start
    /// would say the same; where it does, it serves.
    async fn starts_or_says_why(&self, data: &Path, what: &str) -> Result<Daemon, Output> {
        let uri = self.printer.uri();
        let settings = [
            ("GENERATOR__0__SIZE_PX", "128"),
            ("PRINTER__DRIVER", "ipp"),
            ("PRINTER__IPP__URI", &uri),
            ("STAFF__PIN", PIN),
        ];
        let tried = Daemon::tries(data, &settings).await;
        let daemon = tried.inspect_err(|ended| refuses_with_advice(ended, what))?;
        let health = daemon.kiosk.get("/healthz").answer().await;
        assert_eq!(health.status, 200, "{what}");
        self.is_asked_for_all(&daemon, what).await;
        Ok(daemon)
    }

    /// Every page and every visit is asked for. What of it answers is another question; a fault is
    /// told as one, and ends nothing.
    async fn is_asked_for_all(&self, daemon: &Daemon, what: &str) {
        for visitor in &self.visitors {
            let mut visitor = visitor.clone();
            visitor.comes_back_to(&daemon.kiosk, &daemon.public);
            let answer = visitor.get("").answer().await;
            if answer.status == 500 {
                answer.refused(500, "internal");
            }
            let _ = visitor.joins_by_phone(Some(&visitor.claim)).await;
        }
        for path in ["/readyz", "/api/v1/kiosk", "/metrics"] {
            let answer = daemon.kiosk.get(path).answer().await;
            assert!(answer.status != 404, "{what}: {path}");
        }
        let staff = Staff::enters(&daemon.kiosk).await;
        for path in ["/overview", "/figures", "/figures.csv"] {
            let answer = staff.ask(reqwest::Method::GET, path).answer().await;
            assert!(answer.status != 404, "{what}: {path}");
        }
    }
}

fn refuses_with_advice(ended: &Output, what: &str) {
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{what}: {said}");
    assert!(said.contains("easel.db"), "{what}: {said}");
    assert!(said.contains("put a backup back"), "{what}: {said}");
}

async fn open(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(data.join("easel.db"))
        .foreign_keys(false)
        .pragma("ignore_check_constraints", "ON");
    // Everything in one file.
    let options = options.journal_mode(SqliteJournalMode::Delete);
    options.connect().await.unwrap()
}

/// Every column of every table, `(table, its columns of the key, column)`.
async fn columns(record: &mut SqliteConnection) -> Vec<(String, String, String)> {
    let rows = sqlx::query(
        "SELECT t.name AS \"table\", c.name AS \"column\",
             COALESCE((SELECT group_concat('\"' || k.name || '\"') FROM pragma_table_info(t.name) k
                       WHERE k.pk > 0), 'rowid') AS \"key\"
         FROM sqlite_schema t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid",
    )
    .fetch_all(record)
    .await
    .unwrap();
    let text = |row: &sqlx::sqlite::SqliteRow, name: &str| row.try_get(name).unwrap();
    rows.iter()
        .map(|row| (text(row, "table"), text(row, "key"), text(row, "column")))
        .collect()
}

/// A value that is none costs what its row is about: the next visitor goes home with a ticket, and
/// staff see the rest.
#[tokio::test]
async fn a_value_that_is_none_closes_no_booth() {
    let used = Used::booth().await;
    let columns = columns(&mut open(&used.dir.path().join("data")).await).await;
    let tables = columns.iter().map(|(table, ..)| table.as_str());
    let tables: std::collections::BTreeSet<&str> = tables.collect();
    assert!(tables.len() >= 11, "{tables:?}");
    let mut trials = 0;
    for (n, (table, key, column)) in columns.iter().enumerate() {
        for (kind, strange) in STRANGE.iter().enumerate() {
            // Each column and each kind have their turns, in each usual run.
            if !(n + kind).is_multiple_of(every()) {
                continue;
            }
            // In the first row or in the last one.
            let order = ["ASC", "DESC"][n % 2];
            let order = key.split(',').map(|key| format!("{key} {order}"));
            let order = order.collect::<Vec<_>>().join(", ");
            let text = format!(
                "UPDATE OR IGNORE \"{table}\" SET \"{column}\" = {strange}
                 WHERE ({key}) = (SELECT {key} FROM \"{table}\" ORDER BY {order} LIMIT 1)",
            );
            let copy = used.again();
            let data = copy.path().join("data");
            let mut record = open(&data).await;
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text.clone()));
            // Some columns may not be empty.
            let done = done.execute(&mut record).await;
            if !done.is_ok_and(|done| done.rows_affected() == 1) {
                continue;
            }
            drop(record);
            trials += 1;
            let Ok(mut daemon) = used.starts_or_says_why(&data, &text).await else {
                panic!("{text}: it did not start");
            };
            let visitor = daemon.visitor().await;
            visitor.sits(a_photo(2)).await;
            let painting = visitor.waits().await["paintings"][0].clone();
            visitor.takes_a_ticket(&painting, "Ida").await;
            assert!(daemon.is_told_to_stop().await.success(), "{text}");
        }
    }
    assert!(trials >= columns.len() / USUAL, "{trials} trials");
}

/// One bit of the file turns over, wherever.
#[tokio::test]
async fn a_bit_that_turns_over_starts_no_loop() {
    let used = Used::booth().await;
    let data = used.dir.path().join("data");
    drop(open(&data).await);
    let whole = fs::read(data.join("easel.db")).unwrap();
    let trials = 210 / every();
    let (mut started, mut at) = (0, 12_345_u64);
    for n in 0..trials {
        let copy = used.again();
        let mut bytes = whole.clone();
        // A linear congruential generator (Knuth's MMIX): the same bits in each run.
        at = at
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // One in eight in the first page, where the file says what it is.
        let within = if n % 8 == 0 { 4096 } else { bytes.len() as u64 };
        let byte = usize::try_from((at >> 20) % within).unwrap();
        bytes[byte] ^= 1 << (at >> 60 & 7);
        let data = copy.path().join("data");
        fs::write(data.join("easel.db"), bytes).unwrap();
        let what = format!("bit {} of byte {byte}", at >> 60 & 7);
        if let Ok(mut daemon) = used.starts_or_says_why(&data, &what).await {
            assert!(daemon.is_told_to_stop().await.success(), "{what}");
            started += 1;
        }
    }
    assert!(started > 0, "none of {trials} is harmless?");
}

/// A page is damaged while the booth runs: it says so, and what does not touch the page goes on.
#[tokio::test]
async fn a_record_that_is_damaged_under_way_is_told() {
    let clock = easel::clock::ManualClock::default();
    let booth = a_booth().by_the(&clock).leaving_work().open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    visitor.waits().await;
    let ready = async || booth.kiosk.get("/readyz").answer().await;
    assert_eq!(ready().await.status, 200);
    let path = booth.data().join("easel.db");
    // What is in the log goes into the file first, which then is damaged from its second page on.
    let mut record = open_beside(&booth.data()).await;
    let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
    checkpoint.execute(&mut record).await.unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in 1..pages {
        std::os::unix::fs::FileExt::write_all_at(&file, &[0x5a; 64], page * 4096).unwrap();
    }
    until("a word about it", async || {
        clock.advance(std::time::Duration::from_secs(20));
        ready().await.status == 503
    })
    .await;
    let said: Value = serde_json::from_slice(&ready().await.body).unwrap();
    let parts = said["parts"].as_array().unwrap();
    let record = parts.iter().find(|part| part["name"] == "record").unwrap();
    assert!(
        text(&record["says"]).contains("put a backup back"),
        "{said}"
    );
    assert_eq!(booth.kiosk.get("/healthz").answer().await.status, 200);
}

async fn open_beside(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("easel.db"));
    options.connect().await.unwrap()
}

#[tokio::test]
async fn a_picture_that_was_cut_is_not_served() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let painting = visitor.waits().await["paintings"][0].clone();
    assert_eq!(visitor.looks_at(&painting).await.status, 200);
    let link = text(&painting["url"]);
    let key = link.split_once("/media/").unwrap().1;
    let key = key.split_once('?').unwrap().0;
    let file = booth.data().join("pictures").join(key);
    let whole = fs::read(&file).unwrap();
    for cut in [&whole[..whole.len() / 2], &[]] {
        fs::write(&file, cut).unwrap();
        visitor.looks_at(&painting).await.refused(410, "gone");
        // Nor is it put on a ticket.
        let wish = json!({ "painting": painting["id"] });
        let ticket = visitor.post("/tickets").json(&wish).answer().await;
        ticket.refused(410, "gone");
    }
    fs::write(&file, whole).unwrap();
    assert_eq!(visitor.looks_at(&painting).await.status, 200);
}

#[tokio::test]
async fn a_spoiled_pin_keeps_staff_out_and_lets_visitors_in() {
    let dir = tempfile::tempdir().unwrap();
    let small = [("GENERATOR__0__SIZE_PX", "128")];
    let mut daemon = Daemon::starts(dir.path(), &small).await;
    daemon.is_told_to_stop().await;
    fs::write(dir.path().join("staff.pin"), "pbkdf2-sha256$").unwrap();
    let mut daemon = Daemon::starts(dir.path(), &small).await;
    daemon.visitor().await.agrees().await;
    let knock = Staff::knocks(&daemon.kiosk, "271828").await;
    let problem = knock.refused(500, "pin_unreadable");
    assert!(text(&problem["detail"]).contains("easel staff pin"));
    let made = Daemon::asked(dir.path(), &small, &["staff", "pin"]).await;
    let made = String::from_utf8(made.stdout).unwrap();
    let pin: String = made.chars().filter(char::is_ascii_digit).take(6).collect();
    Staff::enters_with(&daemon.kiosk, &pin).await.looks().await;
    assert!(daemon.is_told_to_stop().await.success());
}
