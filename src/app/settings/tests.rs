mod environment;
mod example;
mod secrets;
mod together;

use std::path::Path;

use proptest::prelude::*;
use toml::{Table, Value};

use super::*;
use crate::app::Locale;
use crate::generator::Kind;
use crate::settings::{Complaints, Loaded, Origin, Origins, assemble, load};
use crate::units::ByteSize;

fn as_tree(settings: &Settings) -> Table {
    Table::try_from(settings).unwrap()
}

fn from(text: &str, env: &[(&str, &str)]) -> Result<(Settings, Origins), Complaints> {
    let mut complaints = Complaints::default();
    let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let read = assemble(text, Path::new("easel.toml"), env, &mut complaints);
    if complaints.is_empty() {
        Ok(read)
    } else {
        Err(complaints)
    }
}

/// The settings as read, whatever is wrong with them.
fn anyway(text: &str, env: &[(&str, &str)]) -> (Settings, Origins) {
    let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    assemble(
        text,
        Path::new("easel.toml"),
        env,
        &mut Complaints::default(),
    )
}

/// What was loaded so, without a file.
fn loaded((settings, origins): (Settings, Origins)) -> Loaded<Settings> {
    Loaded {
        settings,
        origins,
        file: None,
        warnings: Vec::new(),
    }
}

fn good(text: &str, env: &[(&str, &str)]) -> Settings {
    from(text, env)
        .unwrap_or_else(|complaints| panic!("{complaints}"))
        .0
}

fn faults(text: &str, env: &[(&str, &str)]) -> Vec<String> {
    let complaints = from(text, env).expect_err("these settings are wrong");
    complaints.iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_hold_together() {
    assert_eq!(good("", &[]), Settings::default());
    let ids: Vec<_> = Settings::default()
        .style
        .into_iter()
        .map(|s| s.id)
        .collect();
    assert_eq!(ids, ["picasso", "renoir", "van-gogh", "lichtenstein"]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let file = r#"
colour = "red"
camera = "browser"
[booth]
nmae = "Easel"
locales = ["ko", "xx", "en", "yy"]
idle_warn = 20
idle_reset = "0s"
[listen]
kiosk = "0.0.0.0:8080"
public_url = "booth.example"
[limits]
public_url = ""
min_side = 3
pixels = "lots"
[log]
level = "loud"
[[generator]]
id = "gpu"
kind = "comfy"
[[style]]
name = { en = "Nobody" }
attempts = 0
"#;
    let env = [
        ("EASEL__PRINTER__MAX_COPIES", "many"),
        ("EASEL__X", "1"),
        ("EASEL__BOOTH", "1"),
    ];
    assert_eq!(
        faults(file, &env),
        [
            "colour = \"red\" (file easel.toml line 2): is not a setting; known here: booth, listen, wifi, camera, ticket, printer, imaging, limits, retention, staff, log, style, generator, pool",
            "camera = \"browser\" (file easel.toml line 3): must be a table of keys",
            "booth.nmae = \"Easel\" (file easel.toml line 5): is not a setting; known here: name, event, locales, data_dir, idle_warn, idle_reset, activity — did you mean booth.name?",
            "booth.locales[1] = \"xx\" (file easel.toml line 6): must be \"ko\" or \"en\"",
            "booth.locales[3] = \"yy\" (file easel.toml line 6): must be \"ko\" or \"en\"",
            "booth.idle_warn = 20 (file easel.toml line 7): must be a span such as \"250ms\", \"20s\", \"1m 30s\", \"72h\" or \"7d\"",
            "booth.idle_reset = \"0s\" (file easel.toml line 8): must be from 2s to 30m",
            "listen.kiosk = \"0.0.0.0:8080\" (file easel.toml line 10): must be a loopback address such as \"127.0.0.1:8080\": it opens sessions without a token",
            "listen.public_url = \"booth.example\" (file easel.toml line 11): must be empty or http(s)://host[:port], at most 200 characters: pages stand at the top of their host",
            "limits.public_url = \"\" (file easel.toml line 13): is not a setting; known here: upload_bytes, pixels, memory, min_side, open_sessions, join_tries_per_minute, connections, connections_per_address — did you mean listen.public_url?",
            "limits.min_side = 3 (file easel.toml line 14): must be from 16 to 4096",
            "limits.pixels = \"lots\" (file easel.toml line 15): must be a whole number, 0 or more",
            "log.level = \"loud\" (file easel.toml line 17): must be error, warn, info, debug, trace, or directives such as \"info,easel::pool=debug\"",
            "generator[0].kind = \"comfy\" (file easel.toml line 20): must be \"embedded\", \"comfyui\", \"sdwebui\", \"runpod\", \"openai\", \"faulty\"",
            "style[0].attempts = 0 (file easel.toml line 23): must be from 1 to 10",
            "booth = \"1\" (env EASEL__BOOTH): must be a table of keys",
            "printer.max_copies = \"many\" (env EASEL__PRINTER__MAX_COPIES): must be a whole number from 0 to 4294967295",
            "x = \"1\" (env EASEL__X): is not a setting; known here: booth, listen, wifi, camera, ticket, printer, imaging, limits, retention, staff, log, style, generator, pool",
            "style[0].id = (left out): must be given",
        ]
    );
}

#[test]
fn numbers_and_words_are_taken_for_nothing_else() {
    let file = "[booth]\nname = 2026\nevent = 2026-12-24\n[camera]\nsample_fallback = 1\n\
                [limits]\nmin_side = 64.5\n[printer]\nmax_copies = true\n[log]\nlevel = false\n\
                [imaging]\ninput_px = \"512\"";
    let text = "must be text in quotes";
    assert_eq!(
        faults(file, &[]),
        [
            format!("booth.name = 2026 (file easel.toml line 2): {text}"),
            "booth.event (file easel.toml line 3): must be in quotes: no setting is a date".to_owned(),
            "camera.sample_fallback = 1 (file easel.toml line 5): must be true or false".to_owned(),
            "limits.min_side = 64.5 (file easel.toml line 7): must be a whole number from 0 to 4294967295".to_owned(),
            "printer.max_copies = true (file easel.toml line 9): must be a whole number from 0 to 4294967295".to_owned(),
            format!("log.level = false (file easel.toml line 11): {text}"),
            "imaging.input_px = \"512\" (file easel.toml line 13): must be a whole number from 0 to 4294967295".to_owned(),
        ]
    );
}

#[test]
fn a_quoted_key_at_the_root_is_no_path() {
    let found = faults(
        "\"booth.name\" = \"x\"\n\"style[99999999999].id\" = \"x\"",
        &[],
    );
    assert!(found[0].starts_with("booth.name = \"x\" (file easel.toml line 1): is not a setting"));
    assert!(
        found[1].starts_with("style[99999999999].id = \"••••\" (file easel.toml line 2): is not")
    );
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn a_broken_file_is_named_with_its_line_and_the_environment_is_still_read() {
    let found = faults(
        "[booth]\nname = \nevent = 3",
        &[("EASEL__LIMITS__MIN_SIDE", "0")],
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("settings (file easel.toml line 2): must be TOML: "),
        "{found:?}"
    );
    assert_eq!(
        found[1],
        "limits.min_side = 0 (env EASEL__LIMITS__MIN_SIDE): must be from 16 to 4096"
    );
}

#[test]
fn a_named_file_must_exist() {
    let missing = tempfile::tempdir().unwrap().path().join("easel.toml");
    let complaints = load::<Settings>(Some(&missing), std::iter::empty()).unwrap_err();
    assert_eq!(complaints.len(), 1);
    assert!(
        complaints
            .to_string()
            .contains("must be a file that can be read"),
        "{complaints}"
    );
}

#[test]
fn what_is_no_address_and_what_is_no_file_is_told_with_what_is_allowed() {
    for value in ["\"8081\"", "8081"] {
        let found = faults(&format!("[listen]\npublic = {value}"), &[]);
        let said = format!(
            "listen.public = {value} (file easel.toml line 2): must be an address and a port"
        );
        assert!(found[0].starts_with(&said), "{found:?}");
    }
    let missing =
        load::<Settings>(Some(Path::new("nowhere.toml")), std::iter::empty()).unwrap_err();
    let said = missing.to_string();
    assert!(
        said.contains("settings file nowhere.toml: must be a file that can be read"),
        "{said}"
    );
    assert!(!said.contains("line"), "{said}");
}

#[test]
fn names_left_out_are_filled_in() {
    let file = "[[style]]\nid = \"renoir\"\n[[style]]\nid = \"ink\"\nname.en = \"Ink\"\n[[generator]]\nid=\"g\"\nkind=\"comfyui\"\nurl=\"http://g\"";
    let styles = anyway(file, &[]).0.style;
    assert_eq!(styles[0].name.ko, "피에르오귀스트 르누아르");
    assert_eq!(
        (styles[1].name.ko.as_str(), styles[1].name.en.as_str()),
        ("Ink", "Ink")
    );
}

proptest! {
    #[test]
    fn no_text_is_a_reason_to_panic(text in "\\PC{0,200}") {
        let _ = from(&text, &[]);
    }

    #[test]
    fn no_toml_is_a_reason_to_panic(
        section in "booth|listen|camera|style|generator|limits|zzz|camera.folder",
        doubled in any::<bool>(),
        key in "name|id|kind|locales|idle_warn|styles|driver|public|pixels|upload_bytes|folder|\"\"|a.b.c",
        value in "-?[0-9]{1,20}|true|\"[a-z0-9:*]{0,9}\"|\\[\\]|\\[1, \"x\", \\[\\]\\]|\\{a=1\\}|\\[\\{a=1\\}, 2\\]|1979-05-27|nan|1e300",
        name in "EASEL__[A-Z0-9_]{0,20}|EASEL__STYLE__[0-9]{1,20}__ID|EASEL__GENERATOR__0",
        env in "\\PC{0,20}",
    ) {
        let header = if doubled { format!("[[{section}]]") } else { format!("[{section}]") };
        let _ = from(&format!("{header}\n{key} = {value}"), &[(&name, &env)]);
    }
}
