//! The operator's settings: what is told of them, as text and as JSON, and what is warned of.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// Runs `easel` with this settings file and nothing in its environment but `env`.
fn easel(dir: &Path, file: &[u8], env: &[(&str, &[u8])], arguments: &[&str]) -> Output {
    let path = dir.join("easel.toml");
    fs::write(&path, file).unwrap();
    let env = env
        .iter()
        .map(|(name, text)| (name, OsStr::from_bytes(text)));
    Command::new(env!("CARGO_BIN_EXE_easel"))
        .env_clear()
        .env("EASEL__BOOTH__DATA_DIR", dir.join("data"))
        .envs(env)
        .args(arguments)
        .arg("--config")
        .arg(path)
        .output()
        .unwrap()
}

#[track_caller]
fn text(said: Vec<u8>) -> String {
    String::from_utf8(said).unwrap()
}

/// A server that is away: no painter of this machine is asked for anything.
const AWAY: &str = "[[generator]]\nid = \"gpu\"\nkind = \"comfyui\"\nurl = \"http://me:hunter2@127.0.0.1:1\"\n\
     key = \"hunter2\"\nheaders = { X-Gate = \"hunter2\" }\n";

#[test]
fn settings_are_told_as_json_each_with_its_origin_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("{AWAY}[wifi]\npassword = \"hunter2!\"\n[booth]\nname = \"Atelier\"\n");
    let env = [("EASEL__BOOTH__LOCALES", &b"en"[..])];
    let told = easel(dir.path(), file.as_bytes(), &env, &["settings", "--json"]);
    assert_eq!(told.status.code(), Some(0));
    let told = text(told.stdout);
    assert!(!told.contains("hunter2"), "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let line = |n| format!("file {} line {n}", dir.path().join("easel.toml").display());
    for (at, value, origin) in [
        ("/booth/name", json!("Atelier"), line(10)),
        ("/booth/idle_warn", json!("20s"), "default".to_owned()),
        (
            "/booth/locales",
            json!(["en"]),
            "env EASEL__BOOTH__LOCALES".to_owned(),
        ),
        ("/wifi/password", json!("••••"), line(8)),
        (
            "/camera/v4l2/program",
            json!("ffmpeg"),
            "default".to_owned(),
        ),
        ("/generator/0/key", json!("••••"), line(5)),
        ("/generator/0/slots", json!(1), "default".to_owned()),
        ("/style/2/id", json!("van-gogh"), "default".to_owned()),
    ] {
        let leaf = json!({ "value": value, "origin": origin });
        assert_eq!(told.pointer(at), Some(&leaf), "{at}");
    }
    // What is told as lines and what is told as JSON is the same.
    let lines = text(easel(dir.path(), file.as_bytes(), &env, &["settings"]).stdout);
    let lines = lines.lines().filter(|line| line.contains(" = "));
    assert_eq!(lines.count(), leaves(&told));
}

fn leaves(told: &Value) -> usize {
    match told {
        Value::Object(fields) if fields.contains_key("origin") => 1,
        Value::Object(fields) => fields.values().map(leaves).sum(),
        Value::Array(all) => all.iter().map(leaves).sum(),
        _ => 0,
    }
}

#[test]
fn the_doctor_speaks_json_too() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("data")).unwrap();
    let told = easel(dir.path(), AWAY.as_bytes(), &[], &["doctor", "--json"]);
    assert_eq!(told.status.code(), Some(1));
    let told: Value = serde_json::from_str(&text(told.stdout)).unwrap();
    assert_eq!(told["ready"], false);
    let checks = told["checks"].as_array().unwrap();
    let of = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    assert_eq!(of("settings")["ok"], true);
    assert_eq!(of("generator gpu")["ok"], false);
    let words = of("generator gpu")["words"].as_str().unwrap();
    assert!(words.contains("is it switched on"), "{words}");

    let wrong = b"[limits]\nmin_side = 3\n[log]\nlevel = \"loud\"";
    let told = easel(dir.path(), wrong, &[], &["doctor", "--json"]);
    assert_eq!(told.status.code(), Some(2));
    let told: Value = serde_json::from_str(&text(told.stdout)).unwrap();
    assert_eq!(told["ready"], false);
    let checks = told["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 2);
    let words = checks[0]["words"].as_str().unwrap();
    assert!(words.contains("limits.min_side = 3"), "{words}");
}

#[test]
fn text_that_is_not_utf_8_is_refused_in_a_word_and_not_taken_for_something_else() {
    let dir = tempfile::tempdir().unwrap();
    // "아틀리에" in CP949, "Café" in Latin-1, and all of a file in UTF-16.
    let korean = b"[booth]\n# \nname = \"\xbe\xc6\xc6\xb2\xb8\xae\xbf\xa1\"\n";
    let latin = b"[booth]\r\nidle_warn = \"1s\"\r\nname = \"Caf\xe9\"\r\n";
    let wide: Vec<u8> = "\u{feff}[booth]\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (file, line) in [(&korean[..], 3), (latin, 3), (&wide, 1)] {
        for command in ["settings", "run", "doctor"] {
            let refused = easel(dir.path(), file, &[], &[command]);
            assert_eq!(refused.status.code(), Some(2), "{command}");
            let said = text([refused.stdout, refused.stderr].concat());
            let words = format!("line {line}): holds letters that are not UTF-8; save it as UTF-8");
            assert!(said.contains(&words), "{said}");
            let lines = said.lines().filter(|line| line.contains("easel.toml"));
            assert_eq!(lines.count(), 1, "{said}");
        }
    }
    // With a mark of its own it is UTF-8 all the same.
    let marked = "\u{feff}[booth]\nname = \"아틀리에\"\n";
    let told = easel(dir.path(), marked.as_bytes(), &[], &["settings"]);
    assert!(text(told.stdout).contains("name = \"아틀리에\""));

    let env = [("EASEL__BOOTH__NAME", &b"\xbe\xc6"[..])];
    let refused = easel(dir.path(), b"", &env, &["settings"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(refused.stderr);
    assert!(
        said.contains("booth.name") && said.contains("not UTF-8"),
        "{said}"
    );
}

#[test]
fn a_variable_with_one_underscore_that_looks_like_a_setting_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("data")).unwrap();
    let env = [
        ("EASEL_BOOTH__NAME", &b"hunter2"[..]),
        ("EASEL_PRINTER_ROLL_SHEETS", b"hunter2"),
        ("EASEL_GENERATOR_0_SIZE_PX", b"hunter2"),
        // These are not ours, or no settings.
        ("EASEL_SERVER", b"gpu"),
        ("EASEL_EVENT", b"start"),
        ("EASEL_BIN", b"x"),
        ("EASEL_BOOTH", b"x"),
        ("EASEL_TEST_BOOTH_NAME", b"x"),
        ("BOOTH_NAME", b"x"),
    ];
    let warnings = [
        "EASEL_BOOTH__NAME is not read; as a setting it is EASEL__BOOTH__NAME",
        "EASEL_GENERATOR_0_SIZE_PX is not read; as a setting it is EASEL__GENERATOR__0__SIZE_PX",
        "EASEL_PRINTER_ROLL_SHEETS is not read; as a setting it is EASEL__PRINTER__ROLL_SHEETS",
    ];
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let file = format!("{AWAY}[listen]\nkiosk = \"{taken}\"\n");
    for (command, code) in [("settings", 0), ("doctor", 1), ("run", 1)] {
        let told = easel(dir.path(), file.as_bytes(), &env, &[command]);
        assert_eq!(told.status.code(), Some(code), "{command}");
        let said = text([told.stdout, told.stderr].concat());
        for warning in warnings {
            assert!(said.contains(warning), "{command}: {said}");
        }
        assert_eq!(said.matches("is not read").count(), 3, "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let near = [("EASEL__BOOTH_NAME", &b"x"[..])];
    let refused = easel(dir.path(), b"", &near, &["settings"]);
    let said = text(refused.stderr);
    assert!(said.contains("did you mean EASEL__BOOTH__NAME?"), "{said}");
}
