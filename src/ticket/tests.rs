//! Words and fonts: what needs to look inside. Whole tickets are tried in `tests/ticket.rs`.

use super::clean;
use super::fit::{Anchor, Room, Slot};
use super::fonts::Fonts;
use super::template::Template;
use super::typeset::Manner;
use super::{Paper, Settings, qr_svg};
use crate::settings::Faults;

const SERIF: Manner<'_> = Manner {
    family: "Cormorant Garamond",
    weight: 600,
    italic: false,
    spacing: 0.0,
};

/// Sets `text` and resolves it, as a ticket would.
fn resolve(text: &str, width: f32, fonts: &std::sync::Arc<Fonts>) -> usvg::Tree {
    let slot = Slot {
        width,
        sizes: &[60.0, 40.0],
        manner: SERIF,
        prefix: "",
        suffix: "",
        room: None,
    };
    let line = slot
        .fit(text, fonts)
        .to_svg([100.0, 100.0], Anchor::Start, 0.0, fonts);
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="200">{line}</svg>"#
    );
    usvg::Tree::from_str(&svg, &fonts.options()).unwrap()
}

/// The glyphs of a tree: their ids and what they stand for.
fn glyphs(group: &usvg::Group) -> Vec<(u16, String)> {
    group
        .children()
        .iter()
        .flat_map(|node| match node {
            usvg::Node::Group(group) => glyphs(group),
            usvg::Node::Text(text) => text
                .layouted()
                .iter()
                .flat_map(|span| &span.positioned_glyphs)
                .map(|glyph| (glyph.id.0, glyph.text.clone()))
                .collect(),
            usvg::Node::Path(_) | usvg::Node::Image(_) => Vec::new(),
        })
        .collect()
}

#[test]
fn every_script_is_drawn_without_boxes() {
    let fonts = Fonts::load();
    for name in [
        "Mina Kim",
        "Łukasz Ñandú",
        "Nguyễn Thị Ánh",
        "김민아",
        "金敏娥",
        "さくら タロウ",
        "Ωμέγα",
        "Дмитрий",
        "محمد علي",
        "שרה",
        "נִקּוּד",
        "สมชาย",
        "हिन्दी",
        "বাংলা",
        "தமிழ்",
        "తెలుగు",
        "ಕನ್ನಡ",
        "മലയാളം",
        "ગુજરાતી",
        "ਪੰਜਾਬੀ",
        "ଓଡ଼ିଆ",
        "සිංහල",
        "ភាសាខ្មែរ",
        "ລາວ",
        "မြန်မာ",
        "Հայերեն",
        "ქართული",
        "አማርኛ",
        "ދިވެހި",
        "🎨",
        "👩‍👩‍👧",
        "❤️",
        "👍🏽",
        "🇰🇷",
        "1️⃣",
        "Mina 김 金 محمد 👩‍👩‍👧 हिन्दी (שרה) Ω",
    ] {
        let line = clean::line(name, &fonts);
        assert_eq!(line.left_out, "", "{name}");
        let tree = resolve(&line.text, 1000.0, &fonts);
        let drawn = glyphs(tree.root());
        assert!(!drawn.is_empty(), "{name}");
        let boxes: Vec<_> = drawn.iter().filter(|(id, _)| *id == 0).collect();
        assert!(boxes.is_empty(), "{name}: {boxes:?}");
    }
}

#[test]
fn a_title_keeps_its_serif_beside_other_scripts() {
    let fonts = Fonts::load();
    let slot = Slot {
        width: 900.0,
        sizes: &[60.0],
        manner: SERIF,
        prefix: "Portrait of ",
        suffix: "",
        room: None,
    };
    let svg = slot
        .fit("김민아", &fonts)
        .to_svg([0.0, 0.0], Anchor::Start, 0.0, &fonts);
    assert!(
        svg.contains(r#"font-family="Cormorant Garamond" font-weight="600""#),
        "{svg}"
    );
    assert!(
        svg.contains(r#"font-family="Pretendard" font-weight="600""#),
        "{svg}"
    );
}

#[test]
fn right_to_left_words_stand_in_their_own_order() {
    let fonts = Fonts::load();
    let slot = Slot {
        width: 900.0,
        sizes: &[60.0],
        manner: SERIF,
        prefix: "of ",
        suffix: "",
        room: None,
    };
    let svg = slot
        .fit("אב 김 גד", &fonts)
        .to_svg([0.0, 0.0], Anchor::Start, 0.0, &fonts);
    let at = |text: &str| {
        svg.find(text)
            .unwrap_or_else(|| panic!("{text} is not in {svg}"))
    };
    // The paragraph runs left to right, as the label does; only the words themselves are turned.
    assert!(at("אב") < at("김") && at("김") < at("גד"));
    let svg = slot
        .fit("אב גד", &fonts)
        .to_svg([0.0, 0.0], Anchor::Start, 0.0, &fonts);
    assert!(svg.find("גד") < svg.find("אב"), "{svg}");
}

#[test]
fn high_scripts_stay_in_their_room_and_others_stay_as_they_are() {
    let fonts = Fonts::load();
    let slot = Slot {
        width: 1000.0,
        sizes: &[62.0, 54.0, 46.0, 40.0],
        manner: SERIF,
        prefix: "Portrait of ",
        suffix: "",
        room: Some(Room {
            above: 64.0,
            below: 18.0,
        }),
    };
    for (name, as_ever) in [
        ("Mina Kim", true),
        ("Łukasz Ñandú Ąğ", true),
        ("김민아 흗췡", true),
        ("金敏娥", true),
        ("မြန်မာ ကြွေ ဩဇာ", false),
        ("ကျွန်ုပ် ဣန္ဒြေ", false),
        ("ស្ត្រី ភាសាខ្មែរ", false),
        ("हिन्दी र्द्ध्र्य", false),
        ("ผู้ใหญ่ ปู่", false),
        ("നിന്ദ്ര്യൂ", false),
        ("محمد علي بن صالح", false),
    ] {
        let line = slot.fit(&clean::line(name, &fonts).text, &fonts);
        let line = line.to_svg([100.0, 100.0], Anchor::Start, 0.0, &fonts);
        let kept = line.contains("font-size=\"62\"") && line.contains("y=\"100.00\"");
        assert!(kept || !as_ever, "{name}: {line}");
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="200">{line}</svg>"#
        );
        let tree = usvg::Tree::from_str(&svg, &fonts.options()).unwrap();
        let ink = tree.root().abs_stroke_bounding_box();
        let (above, below) = (100.0 - ink.top(), ink.bottom() - 100.0);
        assert!(above <= 64.5 && below <= 18.5, "{name}: {above} {below}");
    }
}

#[test]
fn text_never_leaves_its_slot() {
    let fonts = Fonts::load();
    for text in [
        "W".repeat(10_000),
        "가".repeat(300),
        "👩‍👩‍👧".repeat(200),
        "ﷺ".repeat(90),
        "f i".repeat(50),
    ] {
        for width in [60.0, 300.0, 790.0] {
            let tree = resolve(&clean::line(&text, &fonts).text, width, &fonts);
            let ink = tree.root().abs_stroke_bounding_box();
            let (left, right) = (ink.left() - 100.0, ink.right() - 100.0);
            assert!(
                left > -4.0 && right <= width + 1.0,
                "{left}..{right} in {width}: {:?}",
                &text[..12]
            );
        }
    }
}

#[test]
fn a_name_that_fits_is_whole_and_one_that_does_not_says_so() {
    let fonts = Fonts::load();
    let text = |name: &str| -> String {
        glyphs(resolve(name, 500.0, &fonts).root())
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    };
    assert_eq!(text("Mina Kim"), "Mina Kim");
    let long = text(&"Mina ".repeat(40));
    assert!(
        long.starts_with("Mina Mina") && long.ends_with('…') && !long.ends_with(" …"),
        "{long}"
    );
}

#[test]
fn what_a_visitor_types_becomes_one_plain_line() {
    let fonts = Fonts::load();
    let clean = |raw: &str| clean::line(raw, &fonts).text;
    assert_eq!(clean("  Mina\n\tKim \u{0}\u{7}"), "Mina Kim");
    assert_eq!(clean("a\u{202e}b\u{2066}c\u{feff}"), "abc");
    // Decomposed Hangul, as some keyboards send it, has glyphs only once composed.
    assert_eq!(clean("\u{1100}\u{1161}\u{11a8}"), "각");
    let zalgo = clean(&format!(
        "Z{}",
        "\u{0335}\u{0327}\u{0301}\u{0302}".repeat(500)
    ));
    assert!(zalgo.chars().count() <= 5, "{zalgo:?}");
    assert_eq!(clean(&"x".repeat(10_000)).chars().count(), 401);
    assert_eq!(clean("\n\u{200b} \u{2028}"), "");
}

#[test]
fn what_no_font_draws_is_left_out_and_told() {
    let fonts = Fonts::load();
    let line = clean::line("Mi𓀀na 𓀀\u{e000}𒀀", &fonts);
    assert_eq!((line.text.as_str(), line.left_out.as_str()), ("Mina", "𓀀𒀀"));
}

#[test]
fn built_in_templates_pass_the_check_of_an_operators_own() {
    let fonts = Fonts::load();
    for (id, paper) in [
        ("museum", Paper::Sheet),
        ("strip", Paper::Strips),
        ("receipt", Paper::Receipt),
    ] {
        let template = Template::load(id, None, paper, &fonts).unwrap();
        template.check().unwrap();
    }
}

#[test]
fn a_template_for_other_paper_is_refused() {
    let fonts = Fonts::load();
    for (id, paper) in [
        ("museum", Paper::Strips),
        ("strip", Paper::Receipt),
        ("receipt", Paper::Sheet),
    ] {
        let refused = Template::load(id, None, paper, &fonts).err().unwrap();
        assert!(
            refused.to_string().contains("it needs viewBox"),
            "{refused}"
        );
    }
}

#[test]
fn settings_say_what_is_wrong_and_what_is_allowed() {
    let keys = |settings: &Settings| Faults::keys(|faults| settings.validate(faults));
    assert!(keys(&Settings::default()).is_empty());
    let settings = Settings {
        template: "../x".to_owned(),
        templates_dir: Some("no/such/folder".into()),
        formats: vec!["phone".to_owned(), "a4".to_owned()],
        receipt_template: "Receipt".to_owned(),
        ..Settings::default()
    };
    assert_eq!(
        keys(&settings),
        ["template", "receipt_template", "templates_dir", "formats"]
    );
    for formats in [&["4x6", "80mm"][..], &[]] {
        let settings = Settings {
            formats: formats.iter().map(|&f| f.to_owned()).collect(),
            ..Settings::default()
        };
        assert_eq!(keys(&settings), ["formats"]);
    }
}

#[test]
fn a_qr_for_the_screen_has_a_quiet_zone_of_four() {
    let svg = qr_svg("http://192.168.0.20:8081/#0123456789abcdef").unwrap();
    // 42 bytes at level M are version 3: 29 modules and 2 × 4 quiet ones.
    assert!(svg.contains(r#"viewBox="0 0 37 37""#), "{svg}");
    assert!(svg.contains(r#"d="M4 4h7v1h-7z"#), "{svg}");
    assert!(qr_svg(&"x".repeat(201)).is_err());
}
