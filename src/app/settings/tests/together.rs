//! What does not go together, and what of it is told.

use super::*;

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
fn a_fault_hides_only_what_follows_from_it() {
    let server = "[[generator]]\nid = \"g\"\nkind = \"comfyui\"\nurl = \"http://h\"\n";
    let embedded = "[[generator]]\nid = \"e\"\nkind = \"embedded\"\n";
    for (file, told) in [
        (
            format!(
                "[[style]]\nid = \"renoir\"\nattempts = 0\ngenerators = [\"nobody\"]\n{server}slots = 0\nstyles = [\"*\", \"goya\"]\n{embedded}"
            ),
            &[
                "style[0].attempts = 0",
                "style[0].generators = \"nobody\"",
                "generator[0].slots = 0",
                "generator[0].styles = \"goya\"",
            ][..],
        ),
        (
            format!(
                "[[style]]\nid = \"dali\"\n{}styles = [\"dali\"]",
                server.replace("comfyui", "comfy")
            ),
            &["generator[0].kind = \"comfy\""],
        ),
        (
            format!(
                "[[style]]\nid = \"Van Gogh\"\n[[style]]\nid = \"renoir\"\ngenerators = [\"x\"]\n{embedded}styles = [\"van-gogh\"]"
            ),
            &["style[0].id = \"Van Gogh\"", "style[1].generators = \"x\""],
        ),
        (
            format!(
                "[[style]]\nid = \"dali\"\ngenerators = [\"g\"]\n{}[[pool.server]]\nid = \"g\"\nper_day = -1.0",
                server.replace("\"g\"", "\"G\"")
            ),
            &[
                "generator[0].id = \"G\"",
                "pool.server[0].per_day = -1",
                "generator[0].workflow = ",
            ],
        ),
        (
            "[listen]\nkiosk = \"8080\"\npublic = \"0.0.0.0:8080\"".to_owned(),
            &["listen.kiosk = \"8080\""],
        ),
        (
            "[booth]\nidle_warn = \"9h\"\nidle_reset = \"5s\"".to_owned(),
            &["booth.idle_warn = \"9h\""],
        ),
        (
            "[printer]\nmax_copies = 21\nsheets_per_session = 20".to_owned(),
            &["printer.max_copies = 21"],
        ),
    ] {
        let found = faults(&file, &[]);
        let lines = found.iter().zip(told);
        assert!(
            lines.clone().all(|(fault, told)| fault.starts_with(told)),
            "{found:#?}"
        );
        assert_eq!(found.len(), told.len(), "{file}\n{found:#?}");
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
