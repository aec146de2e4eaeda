//! A command that is sent again, by any client at any later time, is one command: every POST of the
//! OpenAPI document is sent twice under one `Idempotency-Key`, one after the other, both at once, and
//! again after the power has gone; what it did is counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use tempfile::TempDir;

use crate::house::{
    Answer, Daemon, PIN, Staff, Visitor, a_booth, a_photo, by_style, jobs, sheets, text, until,
};
use crate::stand_in::portrait;

/// Staff are shown something of these that is not kept: after a restart it cannot be shown again,
/// and is not made again either.
const SHOWN: [&str; 4] = [
    "/doctor",
    "/tests/shot",
    "/generators/{id}/test",
    "/rehearsal",
];
/// What may differ between two answers to one command: fresh tokens and links, and how far things
/// have come meanwhile.
const VOLATILE: [&str; 27] = [
    "token",
    "url",
    "state",
    "sheets_done",
    "share",
    "by",
    "attempts",
    "settled_at",
    "picture",
    "error",
    "lives_s",
    "expires_at",
    "line",
    "seq",
    "steps",
    "began_at",
    "ended_at",
    "printer",
    "qr_svg",
    "now",
    "on_screen",
    "phones",
    "bytes",
    "content_type",
    "height",
    "width",
    "thumb",
];

/// A booth with a camera that counts its shots, one style that is painted and one that fails.
struct World {
    dir: TempDir,
    daemon: Daemon,
    staff: Staff,
}

/// One POST with all it needs, and the visitor it is about.
struct Post {
    path: String,
    body: Body,
    token: Option<String>,
}

enum Body {
    Nothing,
    Json(Value),
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let camera = dir.path().join("camera");
        fs::create_dir(&camera).unwrap();
        let press = format!(
            "echo >> {}; cp {} {}/$$.part && mv {2}/$$.part {2}/$$.jpg",
            dir.path().join("shots").display(),
            portrait("ride").display(),
            camera.display()
        );
        let style = |id: &str, by: &str| {
            format!("[[style]]\nid = \"{id}\"\ngenerators = [\"{by}\"]\nattempts = 1\n")
        };
        let painter = |id: &str, style: &str, kind: &str| {
            format!(
                "[[generator]]\nid = \"{id}\"\nstyles = [\"{style}\"]\nsize_px = 128\nkind = {kind}\n"
            )
        };
        let settings = [
            format!("[staff]\npin = \"{PIN}\"\n[pool]\nstand_in = false\n"),
            format!(
                "[camera]\ndriver = \"folder\"\n[camera.folder]\ndir = {camera:?}\ntrigger = [\"sh\", \"-c\", {press:?}]\n",
            ),
            "[printer]\nroll_sheets = 100\n".to_owned(),
            style("picasso", "paints"),
            style("renoir", "spare"),
            style("lichtenstein", "fails"),
            painter("paints", "picasso", "\"embedded\""),
            painter("spare", "renoir", "\"embedded\""),
            painter("fails", "lichtenstein", "\"faulty\"\nfault = \"fail\""),
        ];
        fs::write(dir.path().join("easel.toml"), settings.concat()).unwrap();
        let daemon = start(dir.path()).await;
        let staff = Staff::enters(&daemon.kiosk).await;
        Self { dir, daemon, staff }
    }

    async fn loses_power(self) -> Self {
        self.daemon.loses_power().await;
        let daemon = start(self.dir.path()).await;
        let staff = Staff::enters(&daemon.kiosk).await;
        Self {
            dir: self.dir,
            daemon,
            staff,
        }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Every POST that the booth says it has.
    async fn posts(&self) -> Vec<String> {
        let document = self.daemon.kiosk.get("/api/openapi.json").answer().await;
        let document = document.granted(200);
        let paths = document["paths"].as_object().unwrap();
        let posts = paths.iter().filter(|(_, item)| item.get("post").is_some());
        for (path, item) in posts.clone() {
            let parameters = item["post"]["parameters"].as_array().unwrap().iter();
            let key = parameters.filter(|p| p["name"] == "Idempotency-Key");
            assert_eq!(key.count(), 1, "{path}");
        }
        posts.map(|(path, _)| path.clone()).collect()
    }

    /// A visit that is ready for the POST of that path, and the POST.
    async fn prepared(&self, path: &str) -> Post {
        if let Some(below) = path.strip_prefix("/api/v1/staff") {
            return self.prepared_staff(path, below).await;
        }
        let (mut token, body);
        let mut filled = path.to_owned();
        match path.strip_prefix("/api/v1").unwrap() {
            "/sessions" => {
                (token, body) = (None, Body::Json(json!({ "locale": "ko" })));
            }
            "/doctor" => {
                let lock = fs::read(self.data().join("lock")).unwrap();
                let lock: Value = serde_json::from_slice(&lock).unwrap();
                (token, body) = (Some(text(&lock["proof"]).to_owned()), Body::Nothing);
            }
            "/join" => {
                let visitor = self.daemon.visitor().await;
                (token, body) = (None, Body::Json(json!({ "code": visitor.code })));
            }
            below => {
                let below = below
                    .strip_prefix("/sessions/{id}")
                    .unwrap_or_else(|| unknown(path));
                let visitor = self.visitor_for(below).await;
                filled = filled.replace("{id}", &visitor.id);
                token = Some(visitor.token.clone());
                body = match below {
                    "/handover" => {
                        token = None;
                        Body::Nothing
                    }
                    "/end" | "/code" => Body::Nothing,
                    "/consent" => Body::Json(json!({ "painting": true, "wall": true })),
                    "/locale" => Body::Json(json!({ "locale": "ko" })),
                    "/captures" => Body::Json(json!({ "source": "camera" })),
                    "/paintings" => {
                        let capture = &visitor.snapshot().await["captures"][0];
                        Body::Json(json!({
                            "capture": capture["id"], "styles": ["picasso"], "seed": 5
                        }))
                    }
                    "/paintings/{painting}/retry" => {
                        let snapshot = visitor.snapshot().await;
                        let failed = &by_style(&snapshot, "lichtenstein")["id"];
                        filled = filled.replace("{painting}", text(failed));
                        Body::Nothing
                    }
                    "/tickets" => {
                        let painting = &visitor.snapshot().await["paintings"][0];
                        Body::Json(json!({ "painting": painting["id"], "name": "Ada" }))
                    }
                    "/prints" => {
                        let ticket = &visitor.snapshot().await["tickets"][0];
                        Body::Json(json!({ "ticket": ticket["id"], "copies": 2 }))
                    }
                    _ => unknown(path),
                };
            }
        }
        Post {
            path: filled,
            body,
            token,
        }
    }

    async fn prepared_staff(&self, path: &str, below: &str) -> Post {
        let mut filled = path.to_owned();
        let mut token = Some(self.staff.token.clone());
        let body = match below {
            "/enter" => {
                token = None;
                Body::Json(json!({ "pin": PIN }))
            }
            "/lock" => {
                token = Some(Staff::enters(&self.daemon.kiosk).await.token);
                Body::Nothing
            }
            "/renew" | "/tests/shot" | "/tests/print" => Body::Nothing,
            "/rehearsal" => Body::Json(json!({ "print": false })),
            "/generators/{id}/test" => {
                filled = filled.replace("{id}", "paints");
                Body::Json(json!({ "style": "picasso" }))
            }
            "/generators/{id}/drain" | "/generators/{id}/resume" => {
                filled = filled.replace("{id}", "spare");
                Body::Nothing
            }
            "/printer/roll" => Body::Json(json!({ "sheets": 60 })),
            // A folder's orders are never doubtful: this is refused, and refused again.
            "/printer/orders/{order}/settle" => {
                filled = filled.replace("{order}", "01a1fea1-79b9-7542-9f5c-a0edd219f37b");
                Body::Json(json!({ "verdict": "came_out" }))
            }
            "/visits/{id}/prints" => {
                let visitor = self.visitor_for("/prints").await;
                filled = filled.replace("{id}", &visitor.id);
                let ticket = &visitor.snapshot().await["tickets"][0];
                Body::Json(json!({ "ticket": ticket["id"], "copies": 1 }))
            }
            "/visits/{id}/paintings/{painting}/retry" => {
                let visitor = self.visitor_for("/paintings/{painting}/retry").await;
                let snapshot = visitor.snapshot().await;
                let failed = text(&by_style(&snapshot, "lichtenstein")["id"]).to_owned();
                filled = filled
                    .replace("{id}", &visitor.id)
                    .replace("{painting}", &failed);
                Body::Nothing
            }
            _ => unknown(path),
        };
        Post {
            path: filled,
            body,
            token,
        }
    }

    /// A visitor who has come as far as is needed for what lies below the session.
    async fn visitor_for(&self, below: &str) -> Visitor {
        let visitor = self.daemon.visitor().await;
        if matches!(
            below,
            "/consent" | "/locale" | "/end" | "/handover" | "/code"
        ) {
            return visitor;
        }
        visitor.agrees().await;
        if below == "/captures" {
            return visitor;
        }
        let capture = visitor.photographs(a_photo(1)).await.granted(201)["capture"].clone();
        let style = match below {
            "/paintings" => return visitor,
            "/paintings/{painting}/retry" => "lichtenstein",
            _ => "picasso",
        };
        let wish = json!({ "styles": [style] });
        visitor.wants(&capture, wish).await.granted(202);
        let snapshot = visitor.waits().await;
        if below == "/prints" {
            visitor
                .takes_a_ticket(&snapshot["paintings"][0], "Ada")
                .await;
        }
        visitor
    }

    async fn send(&self, post: &Post, key: &str) -> Answer {
        let door = match post.path.ends_with("/join") {
            true => &self.daemon.public,
            false => &self.daemon.kiosk,
        };
        let mut ask = door.post(&post.path).header("idempotency-key", key);
        if let Some(token) = &post.token {
            ask = ask.bearing(token);
        }
        let ask = match &post.body {
            Body::Nothing => ask,
            Body::Json(body) => ask.json(body),
        };
        ask.answer().await
    }

    /// What has happened in this booth so far, once nothing is being done any more: events by name,
    /// visits, shots, sheets, and the numbers it counts by.
    async fn effects(&self) -> BTreeMap<String, i64> {
        let data = self.data();
        until("the end of all work", async || {
            // What fails on purpose is asked again at once, not after the rest that it has earned.
            let again = self.staff.post("/generators/fails/resume").answer().await;
            again.granted(204);
            let over = |seen: &Value| {
                let rehearsal = &seen["rehearsal"];
                rehearsal.is_null() || !rehearsal["ended_at"].is_null()
            };
            jobs(&data).await.is_empty() && over(&self.staff.looks().await)
        })
        .await;
        let options = SqliteConnectOptions::new()
            .filename(data.join("easel.db"))
            .read_only(true);
        let mut record = options.connect().await.unwrap();
        let counted = sqlx::query(
            "SELECT json_extract(body, '$.type') AS what, COUNT(*) AS n FROM events GROUP BY 1
             UNION ALL SELECT 'visits', COUNT(*) FROM sessions
             UNION ALL SELECT name, value FROM notes WHERE name NOT LIKE 'heartbeat%'",
        )
        .fetch_all(&mut record)
        .await
        .unwrap();
        let mut all: BTreeMap<String, i64> = counted
            .iter()
            .map(|row| (row.try_get("what").unwrap(), row.try_get("n").unwrap()))
            .collect();
        let shots = fs::read_to_string(self.dir.path().join("shots")).unwrap_or_default();
        all.insert("shots".to_owned(), shots.lines().count() as i64);
        all.insert("sheets".to_owned(), sheets(&data, "").len() as i64);
        all
    }
}

async fn start(dir: &Path) -> Daemon {
    let file = dir.join("easel.toml");
    let arguments = ["run", "--config", file.to_str().unwrap()];
    Daemon::starts_with(&dir.join("data"), &[], &arguments).await
}

fn unknown<T>(path: &str) -> T {
    panic!("POST {path} is not in this table: say how it is sent, and it is tried")
}

/// It was; only what is in no doubt, as at a folder, is not settled.
fn granted(path: &str, answer: &Answer) {
    let granted = answer.status.is_success() || path.ends_with("/settle");
    assert!(granted, "{path}: {}", answer.text());
}

/// What came of it: `after` less `before`.
fn difference(
    before: &BTreeMap<String, i64>,
    after: &BTreeMap<String, i64>,
) -> BTreeMap<String, i64> {
    let grown = after.iter().map(|(what, n)| {
        let was = before.get(what).copied().unwrap_or_default();
        (what.clone(), n - was)
    });
    grown.filter(|(_, n)| *n != 0).collect()
}

/// An answer without what may differ.
fn gist(answer: &Answer) -> (u16, Value) {
    let mut body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    strip(&mut body);
    (answer.status.as_u16(), body)
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !VOLATILE.contains(&name.as_str()));
            fields.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}

#[tokio::test]
async fn every_post_sent_again_is_one_command() {
    let world = World::new().await;
    for path in world.posts().await {
        let post = world.prepared(&path).await;
        let before = world.effects().await;
        // What has no room shares its keys with others of its kind.
        let key = format!("{path} first");
        let first = world.send(&post, &key).await;
        granted(&path, &first);
        let once = world.effects().await;
        let again = world.send(&post, &key).await;
        // Staff who ask for it much later are told that it was not kept.
        match again.status.as_u16() {
            410 if SHOWN.iter().any(|shown| path.ends_with(shown)) => {
                again.refused(410, "answer_gone");
            }
            _ => assert_eq!(gist(&again), gist(&first), "{path}"),
        }
        assert_eq!(
            again.header("easel-seq"),
            first.header("easel-seq"),
            "{path}"
        );
        assert_eq!(world.effects().await, once, "{path}");
        let of_a_visit = path.contains("/sessions") || path.contains("/visits/");
        assert_eq!(
            first.headers.contains_key("easel-seq"),
            of_a_visit || path.ends_with("/join"),
            "{path}"
        );

        // Both at once do what one did.
        let post = world.prepared(&path).await;
        let start = world.effects().await;
        let key = format!("{path} second");
        let (one, two) = tokio::join!(world.send(&post, &key), world.send(&post, &key));
        assert_eq!(gist(&one), gist(&two), "{path}");
        assert_eq!(one.status, first.status, "{path}: {}", one.text());
        let both = world.effects().await;
        let counter = |what: &BTreeMap<String, i64>| {
            let mut what = what.clone();
            // A new roll is one, however full the old one was.
            what.retain(|name, _| !path.ends_with("/roll") || !name.starts_with("roll."));
            what
        };
        let (alone, together) = (difference(&before, &once), difference(&start, &both));
        assert_eq!(counter(&together), counter(&alone), "{path}");
    }
}

#[tokio::test]
async fn every_post_sent_again_after_the_power_went_is_one_command() {
    let mut world = World::new().await;
    let mut sent = Vec::new();
    for path in world.posts().await {
        let post = world.prepared(&path).await;
        // A part that is busy refuses, and what is refused is not noted.
        world.effects().await;
        let answer = world.send(&post, &path).await;
        granted(&path, &answer);
        sent.push((path, post, answer));
    }
    let before = world.effects().await;
    world = world.loses_power().await;
    for (path, post, first) in &sent {
        // Its proof is of one run, and the next has another.
        let again = match path.ends_with("/doctor") {
            true => world.send(&world.prepared(path).await, path).await,
            false => world.send(post, path).await,
        };
        if SHOWN.iter().any(|shown| path.ends_with(shown)) {
            again.refused(410, "answer_gone");
        } else {
            assert_eq!(gist(&again), gist(first), "{path}");
        }
    }
    let after = world.effects().await;
    // A roll that was laid in is not laid in again: sheets printed since stay counted.
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let consent = async |said: Value, key: &str| {
        let ask = visitor.post("/consent").header("idempotency-key", key);
        ask.json(&said).answer().await
    };
    // What is refused has not happened, and may come again.
    consent(json!({}), "a")
        .await
        .refused(409, "consent_required");
    consent(json!({ "painting": true }), "a").await.granted(204);
    // The same in other words is the same.
    consent(json!({ "painting": true }), "a").await.granted(204);
    let other = json!({ "painting": true, "wall": true });
    consent(other.clone(), "a").await.refused(422, "key_reused");
    let elsewhere = visitor.post("/end").header("idempotency-key", "a");
    elsewhere.answer().await.refused(422, "key_reused");
    consent(other, "b").await.granted(204);
    // An old wish that comes late changes nothing.
    let seq = consent(json!({ "painting": true }), "a").await;
    assert_eq!(seq.header("easel-seq"), "2");
    assert_eq!(visitor.snapshot().await["seq"], 3);
    assert_eq!(visitor.snapshot().await["consent"]["wall"], true);
    // In another room it is another key, and a key is bounded.
    let next = booth.visitor().await;
    let said = next.post("/consent").header("idempotency-key", "a");
    let said = said.json(&json!({ "painting": true })).answer().await;
    said.granted(204);
    let long = "k".repeat(129);
    consent(json!({ "painting": true }), &long)
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn the_same_picture_is_one_photo_and_another_is_refused() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    visitor.agrees().await;
    let send = async |photo: Vec<u8>| {
        let ask = visitor.post("/captures").header("idempotency-key", "press");
        ask.bytes("image/jpeg", photo).answer().await
    };
    let first = send(a_photo(1)).await.granted(201);
    let retake = visitor.photographs(a_photo(2)).await.granted(201);
    let late = send(a_photo(1)).await.granted(201);
    assert_eq!(late["capture"]["id"], first["capture"]["id"]);
    send(a_photo(3)).await.refused(422, "key_reused");
    let snapshot = visitor.snapshot().await;
    assert_eq!(snapshot["captures"].as_array().unwrap().len(), 2);
    assert_eq!(snapshot["captures"][1]["id"], retake["capture"]["id"]);
    // Also of a visit that is over.
    visitor.post("/end").answer().await.granted(204);
    let after = send(a_photo(1)).await.granted(201);
    assert_eq!(after["capture"]["id"], first["capture"]["id"]);
}

#[tokio::test]
async fn without_a_key_nothing_is_painted_or_numbered_twice() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let capture = visitor.sits(a_photo(1)).await;
    let painted = visitor.waits().await;
    let ids = |answer: &Value| -> Vec<Value> {
        let paintings = answer["paintings"].as_array().unwrap().iter();
        paintings.map(|p| p["id"].clone()).collect()
    };
    let late = visitor.wants(&capture, json!({})).await.granted(202);
    assert_eq!(ids(&late), ids(&painted));
    assert_eq!(visitor.snapshot().await["seq"], painted["seq"]);

    let painting = &painted["paintings"][0];
    let taps = (0..4).map(|_| visitor.takes_a_ticket(painting, "Ada"));
    let tickets = futures::future::join_all(taps).await;
    assert!(
        tickets
            .iter()
            .all(|t| t["id"] == tickets[0]["id"] && t["number"] == 1)
    );
    let other = visitor.takes_a_ticket(painting, "Bo").await;
    assert_eq!(other["number"], 2, "no number is lost");
}

#[tokio::test]
async fn a_phone_that_asks_again_sits_where_it_sat_and_nobody_elses_key_opens() {
    let booth = a_booth().open().await;
    let visitor = booth.visitor().await;
    let join = async |claim: Option<&str>, key: &str| {
        let mut knock = json!({ "code": visitor.code });
        if let Some(claim) = claim {
            knock["claim"] = claim.into();
        }
        let ask = booth
            .public
            .post("/api/v1/join")
            .header("idempotency-key", key);
        ask.json(&knock).answer().await
    };
    let first = join(None, "mine").await.granted(200);
    let again = join(None, "mine").await.granted(200);
    assert_ne!(again["token"], first["token"], "no token is kept");
    assert_eq!(visitor.snapshot().await["phones"], 1);
    join(None, "theirs").await.refused(403, "claim_required");
    let claim = visitor.claim.clone();
    join(Some(&claim), "theirs").await.granted(200);
    join(Some("xxxx"), "theirs")
        .await
        .refused(403, "claim_wrong");
    // The visit ends; who was in may still hear the answer they missed.
    visitor.post("/end").answer().await.granted(204);
    join(None, "mine").await.granted(200);
    join(None, "new").await.refused(410, "ended");
}

#[tokio::test]
async fn keys_go_with_the_visit() {
    let booth = a_booth().open().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let ask = booth.kiosk.post("/api/v1/sessions");
    let opened = ask.header("idempotency-key", "touch").answer().await;
    let opened = opened.granted(201);
    let id = text(&opened["session"]["id"]);
    let path = format!("/api/v1/sessions/{id}/consent");
    let ask = booth.kiosk.post(&path).bearing(text(&opened["token"]));
    let ask = ask.header("idempotency-key", "agree");
    ask.json(&json!({ "painting": true }))
        .answer()
        .await
        .granted(204);
    let noted = async || {
        let options = SqliteConnectOptions::new().filename(booth.data().join("easel.db"));
        let mut record = options.read_only(true).connect().await.unwrap();
        let text = "SELECT COUNT(*) FROM requests";
        let n: i64 = sqlx::query_scalar(text)
            .fetch_one(&mut record)
            .await
            .unwrap();
        n
    };
    assert_eq!(noted().await, 2);
    let erase = format!("/visits/{id}");
    staff
        .ask(Method::DELETE, &erase)
        .answer()
        .await
        .granted(204);
    assert_eq!(noted().await, 0);
    let next = booth
        .kiosk
        .post("/api/v1/sessions")
        .header("idempotency-key", "touch");
    let next = next.answer().await.granted(201);
    assert_ne!(next["session"]["id"], opened["session"]["id"]);
}
