//! Variables: their order, their places, their types.

use super::*;

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
        ("booth.name.ko (env ", place),
        ("booth.locales = \"ko,xx\"", "must be \"ko\" or \"en\""),
        (
            "booth.locales[1] = \"ko\"",
            "is set by EASEL__BOOTH__LOCALES already",
        ),
        ("generator[2].id (env ", place),
        ("generator[99999999999].id (env ", place),
        ("generator.id (env ", place),
        ("log[0] (env ", place),
        ("[0].id (env ", place),
        ("log..level (env ", place),
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
