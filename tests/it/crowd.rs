//! Many visits at once.

use std::collections::HashSet;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::house::{TestBooth, Visitor, a_booth, a_photo, files_holding, log_of, sheets, text};

#[tokio::test]
async fn two_visits_do_not_mix() {
    visits_at_once(2).await;
}

#[tokio::test]
async fn twenty_visits_do_not_mix() {
    visits_at_once(20).await;
}

async fn visits_at_once(n: u8) {
    let booth = a_booth().open().await;
    let visits = join_all((0..n).map(|i| whole_visit(&booth, i))).await;
    let mut pictures = HashSet::new();
    for (visitor, name) in &visits {
        let mut theirs = Vec::new();
        let snapshot = visitor.snapshot().await;
        collect_links(&snapshot, &mut theirs);
        assert!(!theirs.is_empty());
        for link in theirs {
            let folder = format!("/media/{}/", visitor.id);
            assert!(link.starts_with(&folder), "{link} in {}", visitor.id);
            assert!(pictures.insert(link.clone()), "{link} is in two visits");
        }
        assert_eq!(snapshot["tickets"][0]["name"], *name);
        hears_only_its_own(visitor, &snapshot).await;
    }
    // What was typed in one visit stands in no other's log.
    for (visitor, _) in &visits {
        let log = Value::from(log_of(&booth.data(), &visitor.id).await).to_string();
        for (other, name) in &visits {
            assert_eq!(log.contains(name), other.id == visitor.id);
        }
    }
    assert!(!files_holding(&booth.data(), visits[0].1.as_bytes()).is_empty());
}

/// A visit of its own tint and name, until its sheet is printed.
async fn whole_visit(booth: &TestBooth, i: u8) -> (Visitor, String) {
    let visitor = booth.visitor().await;
    let name = format!("Visitor-{i:02}");
    let tint = i * 12;
    let capture = visitor.sits(a_photo(tint)).await;
    let seen = visitor.looks_at(&capture).await;
    let seen = image::load_from_memory(&seen.body).unwrap().to_rgb8();
    let blue = seen.pixels().map(|p| u64::from(p.0[2])).sum::<u64>() / seen.pixels().len() as u64;
    assert!(blue.abs_diff(tint.into()) < 5, "{blue} is not {tint}");

    let snapshot = visitor.waits().await;
    assert_eq!(snapshot["state"], "choose", "{snapshot}");
    let painting = &snapshot["paintings"][usize::from(i) % 4];
    let ticket = visitor.takes_a_ticket(painting, &name).await;
    let ordered = visitor.orders(&ticket, 1, "same key").await.granted(202);
    visitor.waits_for_print(&ordered["print"]).await;
    let sheets = sheets(&booth.data(), text(&ordered["print"]["id"]));
    assert_eq!(sheets.len(), 1);
    assert!(sheets[0].to_string_lossy().contains(&visitor.id));
    (visitor, name)
}

/// Its events are numbered without a gap and speak of its own things only.
async fn hears_only_its_own(visitor: &Visitor, snapshot: &Value) {
    let last = snapshot["seq"].as_u64().unwrap();
    let mut ear = visitor.listens(None).await;
    let events = ear.until(|heard| heard.id == Some(last)).await;
    let numbers: Vec<u64> = events.iter().filter_map(|heard| heard.id).collect();
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
    let own: HashSet<&str> = ["captures", "paintings", "tickets", "prints"]
        .iter()
        .flat_map(|part| snapshot[part].as_array().unwrap())
        .map(|thing| text(&thing["id"]))
        .collect();
    for heard in &events {
        for part in ["painting", "print", "capture", "ticket"] {
            let said = &heard.data()[part];
            let id = said.as_str().or_else(|| said["id"].as_str());
            // `consent.given` says `painting: true`.
            if let Some(id) = id {
                assert!(own.contains(id), "{} speaks of {id}", heard.news);
            }
        }
    }
}

fn collect_links(value: &Value, links: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(url) = fields.get("url") {
                links.push(text(url).to_owned());
            }
            fields.values().for_each(|v| collect_links(v, links));
        }
        Value::Array(values) => values.iter().for_each(|v| collect_links(v, links)),
        _ => {}
    }
}

#[tokio::test]
async fn the_line_is_told_as_it_is() {
    let booth = a_booth()
        .with(|settings| settings.generator[0].slots = 1)
        .open()
        .await;
    let first = booth.visitor().await;
    first.sits(a_photo(1)).await;
    let second = booth.visitor().await;
    second.sits(a_photo(2)).await;
    let line = &second.snapshot().await["line"];
    assert!(line["ahead"].as_u64().unwrap() <= 4, "{line}");
    let eta = [0, 1].map(|i| line["eta_s"][i].as_u64().unwrap());
    assert!(eta[0] <= eta[1], "{line}");

    second.waits().await;
    let line = second.snapshot().await["line"].clone();
    assert_eq!(line, json!({ "ahead": 0, "eta_s": [0, 0] }));
    // First come, first served: whoever came first has nothing left to wait for.
    let settled = first.waits().await;
    assert_eq!(settled["state"], "choose");
}
