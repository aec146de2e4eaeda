//! A disk without a byte left: what can be done then is told apart from what cannot, and a visitor's
//! face can always be erased.
//!
//! The test runs itself again in a mount namespace of its own, where it may mount a disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::desk::is_unshared;
use crate::house::{a_booth, a_photo, text, until};

/// A disk of so many bytes: the booth's low-water mark is at 200 MB.
fn mount(dir: &Path, mb: u32) {
    fs::create_dir_all(dir).unwrap();
    let size = format!("size={mb}m");
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", &size, "tmpfs"]);
    let done = command.arg(dir).output().unwrap();
    assert!(done.status.success(), "mount: {done:?}");
}

/// Fills the disk to the last byte.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 1 << 12, 1] {
        let bytes = vec![7; size];
        while file.write_all(&bytes).is_ok() {}
    }
}

#[tokio::test]
async fn a_disk_without_a_byte_left_still_erases() {
    if !is_unshared(
        "--mount",
        "full_disk::a_disk_without_a_byte_left_still_erases",
    )
    .await
    {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    mount(&data, 260);
    let booth = a_booth()
        .with(|settings| settings.booth.data_dir = data.clone())
        .leaving_work()
        .open()
        .await;
    let [gone, stays] = [booth.visitor().await, booth.visitor().await];
    gone.sits(a_photo(1)).await;
    stays.sits(a_photo(2)).await;
    gone.waits().await;
    let painted = stays.waits().await;
    let third = booth.visitor().await;
    let reserve = data.join("reserve");
    until("room that is kept", async || reserve.exists()).await;
    let rest = data.join("rest");
    fill(&rest);

    // Nobody is told that all is well, and nobody is told a lie.
    let opens = async || {
        booth
            .kiosk
            .post("/api/v1/sessions")
            .json(&json!({}))
            .answer()
            .await
    };
    let refused = opens().await;
    refused.refused(503, "busy");
    assert!(refused.retry_after() > 0);
    let agrees = json!({ "painting": true });
    let agreed = third.post("/consent").json(&agrees).answer().await;
    let problem = agreed.refused(507, "disk_full");
    assert!(text(&problem["detail"]).contains("full"), "{problem}");
    let wish = json!({ "painting": painted["paintings"][0]["id"] });
    let ticket = stays.post("/tickets").json(&wish).answer().await;
    ticket.refused(507, "disk_full");
    let ready = booth.kiosk.get("/readyz").answer().await;
    assert_eq!(ready.status, 503);
    let ready: Value = serde_json::from_slice(&ready.body).unwrap();
    let parts = ready["parts"].as_array().unwrap();
    let disk = parts.iter().find(|part| part["name"] == "disk").unwrap();
    assert_eq!(disk["ready"], false, "{ready}");

    gone.erases().await;
    let theirs = data.join("pictures").join(&gone.id);
    until("the erasure", async || !theirs.exists()).await;
    gone.get("").answer().await.refused(410, "erased");
    assert!(!reserve.exists(), "it was there for this");
    // Who stays has lost nothing.
    let painting = &painted["paintings"][0];
    assert_eq!(stays.looks_at(painting).await.status, 200);

    // Room is made, and it goes on without a restart.
    fs::remove_file(rest).unwrap();
    opens().await.granted(201);
    third.agrees().await;
    let ticket = stays.post("/tickets").json(&wish).answer().await;
    ticket.granted(201);
}
