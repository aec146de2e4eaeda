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
fn the_environment_lies_over_the_file_and_the_file_over_the_defaults() {
    let file = "[booth]\nname = \"From file\"\nevent = \"From file\"";
    let env = [
        ("EASEL__BOOTH__EVENT", "From env"),
        ("PATH", "/bin"),
        ("EASEL_HOME", "ignored"),
    ];
    let (settings, origins) = from(file, &env).unwrap();
    assert_eq!(
        (settings.booth.name.as_str(), settings.booth.event.as_str()),
        ("From file", "From env")
    );
    assert_eq!(
        origins.of("booth.name").to_string(),
        "file easel.toml line 2"
    );
    assert_eq!(
        origins.of("booth.event"),
        Origin::Env("EASEL__BOOTH__EVENT".to_owned())
    );
    assert_eq!(origins.of("booth.locales"), Origin::Default);
}

#[test]
fn the_environment_speaks_every_type() {
    let settings = good(
        "",
        &[
            ("EASEL__BOOTH__LOCALES", "en, ko"),
            ("EASEL__BOOTH__NAME", "2026"),
            ("EASEL__LISTEN__KIOSK", "[::1]:0"),
            ("EASEL__LIMITS__PIXELS", "1000000"),
            ("EASEL__LIMITS__UPLOAD_BYTES", "2MB"),
            ("EASEL__CAMERA__SAMPLE_FALLBACK", "false"),
            ("EASEL__GENERATOR__0__SLOTS", "3"),
            ("EASEL__GENERATOR__1__ID", "shaky"),
            ("EASEL__GENERATOR__1__KIND", "faulty"),
            ("EASEL__STYLE__2__GENERATORS", "shaky,embedded"),
        ],
    );
    assert_eq!(settings.booth.locales, [Locale::En, Locale::Ko]);
    assert_eq!(settings.booth.name, "2026");
    assert_eq!(settings.listen.kiosk.port(), 0);
    assert_eq!(settings.limits.pixels, 1_000_000);
    assert_eq!(settings.limits.upload_bytes, ByteSize::mb(2));
    assert!(!settings.camera.sample_fallback);
    assert_eq!(settings.generator[0].slots, 3);
    assert_eq!(settings.generator[1].kind, Kind::Faulty);
    assert_eq!(
        settings.style[2].generators.as_deref(),
        Some(&["shaky".to_owned(), "embedded".to_owned()][..])
    );
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
fn variables_go_to_places_of_lists_in_the_order_of_their_numbers() {
    let file = "[[style]]\nid = \"picasso\"\n[[style]]\nid = \"renoir\"";
    let ids: Vec<String> = (2..12).map(|i| format!("EASEL__STYLE__{i}__ID")).collect();
    let names: Vec<String> = (2..12).map(|i| format!("ink-{i}")).collect();
    let painted = [
        ("EASEL__GENERATOR__0__KIND", "comfyui"),
        ("EASEL__GENERATOR__0__URL", "http://gpu:8188"),
        ("EASEL__GENERATOR__0__WORKFLOW", "flux2-klein"),
        ("EASEL__GENERATOR__0__HEADERS__X-GATE", "open"),
        ("EASEL__STYLE__1__NAME__KO", "먹"),
    ];
    let given = ids.iter().zip(&names);
    let given = given.map(|(id, name)| (id.as_str(), name.as_str()));
    let env: Vec<(&str, &str)> = given.chain(painted).collect();
    let (settings, origins) = anyway(file, &env);
    assert_eq!(settings.style.len(), 12);
    assert_eq!(settings.style[11].id, "ink-11");
    // What lies below them in the same table stays.
    assert_eq!(settings.style[1].id, "renoir");
    assert_eq!(settings.style[1].name.ko, "먹");
    assert_eq!(
        origins.of("style[1].name"),
        Origin::Env("EASEL__STYLE__1__NAME__KO".to_owned())
    );
    assert_eq!(settings.generator[0].slots, 2);
    assert_eq!(settings.generator[0].headers["x-gate"].reveal(), "open");
}

#[test]
fn a_variable_without_a_place_is_told_and_hides_nothing() {
    let file = "[booth]\nnmae = \"x\"\n[log]\nlevel = \"loud\"";
    let env = [
        ("EASEL__BOOTH", "1"),
        ("EASEL__BOOTH__NAME__KO", "x"),
        ("EASEL__BOOTH__LOCALES", "ko,xx"),
        ("EASEL__BOOTH__LOCALES__1", "ko"),
        ("EASEL__GENERATOR__2__ID", "gap"),
        ("EASEL__GENERATOR__99999999999__ID", "far"),
        ("EASEL__GENERATOR__ID", "x"),
        ("EASEL__LOG__0", "x"),
        ("EASEL__0__ID", "x"),
        ("EASEL__LOG____LEVEL", "x"),
        ("EASEL__NO__SUCH", "x"),
        ("EASEL__NO__OTHER", "x"),
    ];
    let found = faults(file, &env);
    let place = "is not a setting: no such section or list place";
    for (start, end) in [
        ("booth.nmae = \"x\" (file", "did you mean booth.name?"),
        ("log.level = \"loud\" (file", "easel::pool=debug\""),
        (
            "booth = \"1\" (env EASEL__BOOTH)",
            "must be a table of keys",
        ),
        ("booth.name.ko = \"x\"", place),
        ("booth.locales = \"ko,xx\"", "must be \"ko\" or \"en\""),
        (
            "booth.locales[1] = \"ko\"",
            "is set by EASEL__BOOTH__LOCALES already",
        ),
        ("generator[2].id = \"gap\"", place),
        ("generator[99999999999].id = \"far\"", place),
        ("generator.id = \"x\"", place),
        ("log[0] = \"x\"", place),
        ("[0].id = \"x\"", place),
        ("log..level = \"x\"", place),
        (
            "no.such = \"x\" (env EASEL__NO__SUCH): is not a setting",
            "pool",
        ),
        (
            "no.other = \"x\" (env EASEL__NO__OTHER): is not a setting",
            "pool",
        ),
    ] {
        let told = |fault: &&String| fault.starts_with(start) && fault.ends_with(end);
        assert_eq!(found.iter().filter(told).count(), 1, "{start}\n{found:#?}");
    }
    assert_eq!(found.len(), 14, "{found:#?}");
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
    assert!(found[1].starts_with("style[99999999999].id = \"x\" (file easel.toml line 2): is not"));
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn what_lies_in_a_misspelt_section_is_not_told() {
    let file = "wifi = [{ password = \"hunter2!\" }]\n[[generatr]]\nkey = \"hunter2!\"\n[wfi]\npassword = \"hunter2!\"";
    let found = faults(file, &[]);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(!found.concat().contains("hunter2"), "{found:#?}");
}

#[test]
fn parts_that_do_not_go_together_are_refused() {
    let cases = [
        (
            "booth.idle_warn = \"40s\"",
            "booth.idle_reset = \"40s\": must be longer than booth.idle_warn (40s)",
        ),
        (
            "listen.public = \"0.0.0.0:8080\"",
            "listen.public = \"0.0.0.0:8080\" (file easel.toml line 1): must have another port than listen.kiosk (127.0.0.1:8080)",
        ),
        (
            "[[style]]\nid = \"dali\"",
            "style[0].id = \"dali\" (file easel.toml line 2): must be served by at least one [[generator]]",
        ),
        (
            "[[style]]\nid = \"picasso\"\ngenerators = [\"gpu\"]",
            "style[0].generators = \"gpu\" (file easel.toml line 3): must be the id of a [[generator]]",
        ),
        (
            "[[style]]\nid = \"picasso\"\n[[style]]\nid = \"picasso\"",
            "style[1].id = \"picasso\" (file easel.toml line 4): must be used only once",
        ),
        (
            "[[generator]]\nid = \"a\"\nkind = \"embedded\"\nurl = \"http://h\"",
            "generator[0].url = \"http://h\" (file easel.toml line 4): is a key for kind [comfyui, sdwebui, runpod, openai] only",
        ),
        (
            "[[generator]]\nid = \"a\"\nkind = \"comfyui\"",
            "generator[0].url = (left out): must be given for kind comfyui",
        ),
        (
            "[[generator]]\nid = \"a\"\nkind = \"embedded\"\nstyles = [\"*\", \"goya\"]",
            "generator[0].styles = \"goya\" (file easel.toml line 4): must be \"*\" or the id of a [[style]]",
        ),
        (
            "style = []",
            "style = [] (file easel.toml line 1): must have at least one [[style]]",
        ),
        (
            "printer = { max_copies = 20 }",
            "printer.sheets_per_session = 12: must be from max_copies (20) to 200",
        ),
        (
            "retention.captures = \"9999h\"",
            "retention.captures = \"9999h\" (file easel.toml line 1): must be from 1s to 720h",
        ),
    ];
    for (file, fault) in cases {
        let found = faults(file, &[]);
        assert!(
            found[0].starts_with(fault.split(" (file").next().unwrap()),
            "{found:?}"
        );
        assert!(
            found
                .iter()
                .any(|f| f == fault || fault.starts_with("style = ")),
            "{fault}\n{found:?}"
        );
    }
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
fn shown_settings_are_the_settings_and_name_their_origins() {
    let file = "[[generator]]\nid = \"gpu\"\nkind = \"comfyui\"\nurl = \"http://me:hunter2@gpu:8188\"\n[[style]]\nid = \"van-gogh\"";
    let env = [("EASEL__BOOTH__DATA_DIR", "/var/lib/easel")];
    let (settings, origins) = anyway(file, &env);
    assert!(!format!("{settings:?}").contains("hunter2"));
    let loaded = Loaded {
        settings: settings.clone(),
        origins,
        file: None,
    };
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
        settings
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
    let (settings, origins) = from(file, &[]).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    let recipes = settings.generator[0].recipes(&settings.style).unwrap();
    assert_eq!(recipes[&"dali".into()].prompt, "Melting watches");
    let loaded = Loaded {
        settings,
        origins,
        file: None,
    };
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
    let (settings, origins) = from(file, &[]).unwrap();
    let loaded = Loaded {
        settings,
        origins,
        file: None,
    };
    let shown = loaded.to_toml();
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

#[test]
fn what_a_server_cannot_be_asked_for_is_found_at_once() {
    let style = "[[style]]\nid = \"dali\"\n[[generator]]\nid = \"g\"\nurl = \"http://h\"\n";
    for (keys, fault) in [
        ("kind = \"comfyui\"", "there is no \"dali\""),
        (
            "kind = \"comfyui\"\nworkflow = \"qwen-image-edit\"",
            "style \"dali\" needs a prompt",
        ),
        (
            "kind = \"runpod\"\nworkflow = \"no/such.json\"",
            "must be a file we can read",
        ),
        ("kind = \"sdwebui\"", "style \"dali\" needs a prompt"),
        (
            "kind = \"sdwebui\"\nslots = 2",
            "must be 1 for kind sdwebui",
        ),
        (
            "kind = \"openai\"",
            "model = (left out): must be given for kind openai",
        ),
        (
            "kind = \"comfyui\"\nworkflows = { goya = \"picasso\" }",
            "must be the id of a [[style]]",
        ),
        (
            "kind = \"comfyui\"\nkey_file = \"no/such/key\"",
            "must be a file we can read",
        ),
    ] {
        let found = faults(&format!("{style}{keys}"), &[]);
        assert!(
            found.iter().any(|f| f.contains(fault)),
            "{fault}\n{found:?}"
        );
    }
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

#[test]
fn the_sample_file_shows_every_key_with_its_default() {
    let sample = include_str!("../../../config/example.toml");
    assert_eq!(good(sample, &[]), Settings::default());
    let (_, origins) = from(sample, &[]).unwrap();
    for key in leaves(&as_tree(&Settings::default()), "") {
        let origin = origins.of(&key);
        assert_ne!(origin, Origin::Default, "the sample does not show {key}");
    }
}

/// The keys of all that is no table.
fn leaves(tree: &Table, prefix: &str) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(inner) => leaves(inner, &format!("{key}.")),
            _ => vec![key],
        }
    };
    tree.iter().flat_map(of).collect()
}

#[test]
fn the_demo_file_holds_together() {
    good(include_str!("../../../config/demo.toml"), &[]);
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

#[test]
fn a_printer_and_its_paper_go_together() {
    let escpos = "[printer]\ndriver = \"escpos\"\nescpos.uri = \"socket://10.0.0.9\"\n";
    let ipp = "[printer]\ndriver = \"ipp\"\nipp.uri = \"ipp://printer/ipp/print\"\n";
    let on = |printer: &str, paper: &str| {
        let formats = format!("[ticket]\nformats = [\"phone\", \"{paper}\"]");
        from(&format!("{printer}{formats}"), &[]).is_ok()
    };
    assert!(on(escpos, "80mm") && !on(escpos, "4x6") && !on(escpos, "2x6"));
    assert!(!on(ipp, "80mm") && on(ipp, "4x6") && on(ipp, "2x6"));
    // A folder takes all of them.
    assert!(on("", "80mm") && on("", "4x6"));
    let told = faults(escpos, &[]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("ticket.formats = "), "{told:?}");
}
