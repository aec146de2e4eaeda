//! What is shown of settings, and what is not.

use super::*;

#[test]
fn what_lies_in_a_misspelt_section_is_not_told() {
    let file = "wifi = [{ password = \"hunter2!\" }]\n[[generatr]]\nkey = \"hunter2!\"\n[wfi]\npassword = \"hunter2!\"";
    let found = faults(file, &[]);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(!found.concat().contains("hunter2"), "{found:#?}");
}

#[test]
fn shown_settings_are_the_settings_and_name_their_origins() {
    let file = "[[generator]]\nid = \"gpu\"\nkind = \"comfyui\"\nurl = \"http://me:hunter2@gpu:8188\"\n[[style]]\nid = \"van-gogh\"";
    let env = [("EASEL__BOOTH__DATA_DIR", "/var/lib/easel")];
    let loaded = loaded(anyway(file, &env));
    assert!(!format!("{:?}", loaded.settings).contains("hunter2"));
    let shown = loaded.to_toml();
    let line = |start: &str| {
        shown
            .lines()
            .find(|l| l.starts_with(start))
            .unwrap_or_else(|| panic!("{start}\n{shown}"))
    };
    assert!(line("data_dir").ends_with("# env EASEL__BOOTH__DATA_DIR"));
    assert!(line("url").ends_with("# file easel.toml line 4"));
    assert!(line("idle_warn").ends_with("# default"));
    assert!(!shown.contains("hunter2"));
    assert_eq!(
        anyway(&shown.replace("••••", "me:hunter2"), &[]).0,
        loaded.settings
    );
    let mut moved = loaded;
    moved.settings.booth.data_dir = "elsewhere".into();
    moved.given("booth.data_dir", "--data");
    let moved = moved.to_toml();
    assert!(moved.contains("data_dir = \"elsewhere\"") && moved.contains("# argument --data"));
}

#[test]
fn secrets_are_known_by_their_place() {
    for secret in [
        "generator[0].key",
        "generator[3].query",
        "generator[0].headers",
        "generator[0].headers.X-A",
        "wifi.password",
        "staff.pin",
    ] {
        assert!(Settings::is_secret(secret), "{secret}");
    }
    for open in [
        "generator[0].key_file",
        "generator[0].url",
        "printer.key",
        "key",
        "",
    ] {
        assert!(!Settings::is_secret(open), "{open}");
    }
}

#[test]
fn servers_are_set_up_whole_and_their_secrets_are_never_shown() {
    let file = r#"
[[style]]
id = "dali"
prompt = "Melting watches"
[[generator]]
id = "gpu"
kind = "comfyui"
url = "http://gpu:8188"
workflow = "flux2-klein"
headers = { X-Gate = "hunter2" }
query = "hunter2"
[[generator]]
id = "cloud"
kind = "openai"
url = "https://api.example/v1"
key = "hunter2"
model = "painter-1"
cost = 0.04
options = { quality = "high" }
"#;
    let loaded = loaded(from(file, &[]).unwrap());
    let settings = &loaded.settings;
    assert!(!format!("{settings:?}").contains("hunter2"));
    let recipes = settings.generator[0].recipes(&settings.style).unwrap();
    assert_eq!(recipes[&"dali".into()].prompt, "Melting watches");
    let shown = loaded.to_toml();
    assert!(
        shown.contains("cost = 0.04") && !shown.contains("hunter2"),
        "{shown}"
    );
    let shown = shown.replace("••••", "hunter2");
    assert_eq!(anyway(&shown, &[]).0, loaded.settings);

    let found = faults(
        &file.replace("key = \"hunter2\"", "key = [\"hunter2\"]"),
        &[],
    );
    assert!(
        found[0].contains("text in quotes") && !found[0].contains("hunter2"),
        "{found:?}"
    );
}

#[test]
fn what_an_address_or_a_command_gives_away_is_never_shown() {
    let file = r#"
[[generator]]
id = "gpu"
kind = "comfyui"
url = "http://gpu:8188"
workflow = "flux2-klein"
[[pool.server]]
id = "gpu"
start = "https://u:hunter2@gpu.example/start?token=hunter2"
stop = ["off", "--token=hunter2", "-H", "X-Gate: hunter2"]
"#;
    let shown = loaded(from(file, &[]).unwrap()).to_toml();
    for line in [
        "start = \"https://••••@gpu.example/start?••••\"",
        "stop = [\"off\", \"--token=••••\", \"-H\", \"X-Gate: ••••\"]",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    for (right, wrong) in [
        ("http://gpu:8188", "http://gpu:8188?token=hunter2"),
        ("url =", "tokn = \"hunter2\"\nkee = \"hunter2\"\nurl ="),
        ("https://u:", "ftp://u:"),
    ] {
        let found = faults(&file.replace(right, wrong), &[]);
        assert!(!found.is_empty());
        assert!(!found.concat().contains("hunter2"), "{found:?}");
    }
}
