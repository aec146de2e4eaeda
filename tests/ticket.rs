//! Whole tickets, from words and pictures to the bytes that leave the booth.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bytes::Bytes;
use easel::ticket::{
    By, DigitalSource, PRINT_HEIGHT, PRINT_WIDTH, Pictures, Press, Settings, TicketError, Words,
};
use image::RgbImage;
use jiff::{SignedDuration, Zoned};

const URL: &str = "http://192.168.0.20:8081/#0123456789abcdef";
const STYLES: [&str; 5] = ["picasso", "renoir", "van-gogh", "lichtenstein", "ukiyo-e"];
const LOCALES: [&str; 4] = ["ko", "en", "en-GB", "fr"];

static PRESS: LazyLock<Press> = LazyLock::new(|| Press::new(&Settings::default()).unwrap());

/// A picture with edges and slopes everywhere, so that a shift of one pixel shows.
fn picture(side: u32) -> Bytes {
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let wave = ((x * x + y * y) / 40 % 256) as u8;
        image::Rgb([wave, (x * 255 / side) as u8, (y * 255 / side) as u8])
    });
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode_image(&picture)
        .unwrap();
    bytes.into()
}

static PICTURES: LazyLock<Pictures> = LazyLock::new(|| Pictures {
    painting: picture(768),
    photo: picture(320),
});

fn words() -> Words {
    let made_at: Zoned = "2026-11-21T19:42:00+09:00[Asia/Seoul]".parse().unwrap();
    let expires_at = made_at.saturating_add(SignedDuration::from_hours(72));
    Words {
        booth: "Easel".to_owned(),
        event: "Open Studio".to_owned(),
        locale: "en".to_owned(),
        style_id: "van-gogh".to_owned(),
        style_name: "Vincent van Gogh".to_owned(),
        number: 42,
        claim: "4815".to_owned(),
        join_url: URL.to_owned(),
        name: Some("Mina".to_owned()),
        message: None,
        made_at,
        expires_at,
        by: By::Server,
        ai: DigitalSource::default(),
    }
}

/// What the QR codes in a JPEG say.
fn decode_qr(jpeg: &[u8]) -> Vec<String> {
    let grey = image::load_from_memory(jpeg).unwrap().into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        grey.get_pixel(x as u32, y as u32).0[0]
    });
    prepared
        .detect_grids()
        .iter()
        .filter_map(|grid| Some(grid.decode().ok()?.1))
        .collect()
}

#[test]
fn every_style_and_locale_gives_a_ticket_whose_qr_decodes() {
    for style in STYLES {
        for locale in LOCALES {
            let words = Words {
                style_id: style.to_owned(),
                locale: locale.to_owned(),
                ..words()
            };
            let ticket = PRESS.render(&words, &PICTURES).unwrap();
            assert_eq!(decode_qr(&ticket.print.bytes), [URL], "{style} {locale}");
            let print = image::load_from_memory(&ticket.print.bytes).unwrap();
            assert_eq!((print.width(), print.height()), (PRINT_WIDTH, PRINT_HEIGHT));
            assert_eq!(
                (ticket.print.width, ticket.print.height),
                (PRINT_WIDTH, PRINT_HEIGHT)
            );
            assert_eq!(ticket.left_out, "");
        }
    }
}

#[test]
fn qr_codes_of_all_lengths_decode_and_are_large_enough() {
    for length in [20, 45, 80, 140, 200] {
        let join_url = format!("http://{}", "k".repeat(length - 7));
        let words = Words {
            join_url: join_url.clone(),
            ..words()
        };
        let raster = PRESS.draw(&words, &PICTURES).unwrap();
        assert_eq!(
            decode_qr(&raster.print().unwrap().bytes),
            [join_url],
            "{length} bytes"
        );
        // The symbol's width: the stub's ink to the right of its coloured ground.
        let (width, height, pixels) = raster.pixels();
        let is_dark = |x: u32, y: u32| pixels[(y * width + x) as usize * 4] < 100;
        let columns: BTreeSet<u32> = (1380..height)
            .flat_map(|y| (760..width).map(move |x| (x, y)))
            .filter(|&(x, y)| is_dark(x, y))
            .map(|(x, _)| x)
            .collect();
        let across = columns.last().unwrap() - columns.first().unwrap() + 1;
        assert!(
            across >= 295,
            "{across} px are less than 2.5 cm for {length} bytes"
        );
        assert!(width - columns.last().unwrap() > 30 && columns.first().unwrap() - 752 > 30);
    }
    let words = Words {
        join_url: "k".repeat(201),
        ..words()
    };
    assert!(matches!(
        PRESS.render(&words, &PICTURES),
        Err(TicketError::Qr { length: 201, .. })
    ));
}

#[test]
fn the_keepsake_carries_no_key() {
    let one = PRESS.render(&words(), &PICTURES).unwrap();
    let other = Words {
        claim: "9999".to_owned(),
        join_url: "http://example.org/#zzzzzzzzzzzzzzzz".to_owned(),
        expires_at: words().made_at,
        ..words()
    };
    let other = PRESS.render(&other, &PICTURES).unwrap();
    assert!(
        one.phone.bytes == other.phone.bytes,
        "the phone's picture knows the key"
    );
    assert!(one.print.bytes != other.print.bytes);
    assert_eq!(decode_qr(&one.phone.bytes), [""; 0]);
    assert!(one.phone.height < one.print.height);
}

#[test]
fn no_name_leaves_its_slot() {
    let plain = drawn(&words());
    let zalgo = format!("Z{}", "\u{0300}\u{0335}\u{0489}".repeat(3000));
    for name in [
        "김민아",
        "金敏娥",
        "محمد علي بن صالح",
        "👩‍👩‍👧❤️🎨",
        "<script>alert(1)</script>",
        "]]><!--",
        "{{ claim }}{% raw %}",
        "&amp;&#x0;\"'",
        "a\nb\rc\u{2028}d",
        "\u{202e}evil\u{2066}",
        "ก็็็็็็็็็็",
        "ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ",
        "မြန်မာ ကျွန်ုပ် ဣန္ဒြေ",
        &zalgo,
        &"W".repeat(10_000),
        &"가".repeat(10_000),
        &"👩‍👩‍👧".repeat(2500),
        &"محمد ".repeat(2500),
        "   ",
        "",
    ] {
        let words = Words {
            name: Some(name.to_owned()),
            ..words()
        };
        let other = drawn(&words);
        let strays = outside(&plain, &other, [96, 1108, 936, 1216]);
        assert_eq!(
            strays, 0,
            "{strays} pixels changed outside the slot of {name:.20?}"
        );
        let svg = PRESS.svg(&words).unwrap();
        assert!(!svg.contains("<script"), "{name:.20?}");
        usvg::roxmltree::Document::parse(&svg).unwrap();
    }
}

#[test]
fn no_message_leaves_its_slot() {
    let with = |message: &str| {
        drawn(&Words {
            message: Some(message.to_owned()),
            ..words()
        })
    };
    let plain = with("x");
    for message in [
        &"long ".repeat(2000),
        &format!("e{}", "\u{0301}".repeat(99)),
        "<b>",
        "مرحبا",
    ] {
        let strays = outside(&plain, &with(message), [96, 1234, 936, 1276]);
        assert_eq!(strays, 0, "{message:.20?}");
    }
}

fn drawn(words: &Words) -> Vec<u8> {
    PRESS.draw(words, &PICTURES).unwrap().pixels().2.to_vec()
}

/// How many pixels outside of `[left, top, right, bottom]` differ.
fn outside(one: &[u8], other: &[u8], [left, top, right, bottom]: [u32; 4]) -> usize {
    let pixels = one.chunks_exact(4).zip(other.chunks_exact(4));
    (0u32..)
        .zip(pixels)
        .filter(|(at, (one, other))| {
            let (x, y) = (at % PRINT_WIDTH, at / PRINT_WIDTH);
            one != other && !((left..right).contains(&x) && (top..bottom).contains(&y))
        })
        .count()
}

#[test]
fn what_cannot_be_drawn_is_left_out_without_a_trace() {
    let words = |name: &str| Words {
        name: Some(name.to_owned()),
        ..words()
    };
    let strange = words("Mi𓀀na");
    assert_eq!(PRESS.left_out(&strange).unwrap(), "𓀀");
    assert_eq!(PRESS.render(&strange, &PICTURES).unwrap().left_out, "𓀀");
    assert!(drawn(&strange) == drawn(&words("Mina")));
}

#[test]
fn a_kept_layer_changes_nothing() {
    let fresh = || Press::new(&Settings::default()).unwrap();
    let lichtenstein = Words {
        style_id: "lichtenstein".to_owned(),
        ..words()
    };
    let press = fresh();
    for words in [&words(), &lichtenstein, &words()] {
        let kept = press.draw(words, &PICTURES).unwrap();
        let first = fresh().draw(words, &PICTURES).unwrap();
        assert!(kept.pixels() == first.pixels(), "{}", words.style_id);
    }
}

#[test]
fn jpegs_say_300_dpi_and_that_ai_made_them() {
    for ai in [
        DigitalSource::TrainedAlgorithmicMedia,
        DigitalSource::AlgorithmicallyEnhanced,
    ] {
        let ticket = PRESS.render(&Words { ai, ..words() }, &PICTURES).unwrap();
        for jpeg in [&ticket.phone.bytes, &ticket.print.bytes] {
            assert_eq!(jpeg[..2], [0xff, 0xd8]);
            assert_eq!(jpeg[13..18], [1, 1, 44, 1, 44]);
            assert_eq!(jpeg[20..22], [0xff, 0xe1]);
            let length = usize::from(u16::from_be_bytes([jpeg[22], jpeg[23]]));
            let packet = jpeg[24..22 + length]
                .strip_prefix(b"http://ns.adobe.com/xap/1.0/\0")
                .unwrap();
            assert_mark(packet, ai);
        }
        let png = PRESS.draw(&words(), &PICTURES).unwrap().png().unwrap();
        assert_eq!(image::load_from_memory(&png).unwrap().width(), PRINT_WIDTH);
    }
}

/// Reads an XMP packet as XML and compares its Digital Source Type.
fn assert_mark(packet: &[u8], ai: DigitalSource) {
    let text = std::str::from_utf8(packet).unwrap();
    let document = usvg::roxmltree::Document::parse(text).unwrap();
    let namespace = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    let mark = document
        .descendants()
        .find(|node| node.has_tag_name((namespace, "DigitalSourceType")));
    assert_eq!(mark.unwrap().text(), Some(ai.uri()));
    assert!(
        !text.contains("Mina"),
        "the visitor's name is in the metadata"
    );
}

#[test]
fn pdfs_have_exact_pages_a_title_a_language_and_the_mark() {
    for locale in ["en", "ko"] {
        let words = Words {
            locale: locale.to_owned(),
            ..words()
        };
        let ticket = PRESS.render(&words, &PICTURES).unwrap();
        for bytes in [&ticket.pdf, ticket.sheet.as_ref().unwrap()] {
            let file = lopdf::Document::load_mem(bytes).unwrap();
            let pages = file.get_pages();
            assert_eq!(pages.len(), 1);
            let page = file.get_dictionary(pages[&1]).unwrap();
            let media_box = page.get(b"MediaBox").unwrap().as_array().unwrap();
            let sides: Vec<f32> = media_box
                .iter()
                .map(|side| side.as_float().unwrap())
                .collect();
            assert_eq!(sides, [0.0, 0.0, 288.0, 432.0]);
            let catalog = file.catalog().unwrap();
            assert_eq!(
                catalog.get(b"Lang").unwrap().as_str().unwrap(),
                locale.as_bytes()
            );
            let packet = catalog.get(b"Metadata").unwrap().as_reference().unwrap();
            let packet = file.get_object(packet).unwrap().as_stream().unwrap();
            assert_mark(&packet.content, DigitalSource::default());
            let info = file.trailer.get(b"Info").unwrap().as_reference().unwrap();
            let title = file.get_dictionary(info).unwrap().get(b"Title").unwrap();
            let title = lopdf::decode_text_string(title).unwrap();
            assert!(title.contains("Vincent van Gogh"), "{title}");
        }
    }
}

#[test]
fn the_print_sheet_holds_the_raster_byte_for_byte() {
    let ticket = PRESS.render(&words(), &PICTURES).unwrap();
    let file = lopdf::Document::load_mem(ticket.sheet.as_ref().unwrap()).unwrap();
    let pictures: Vec<&lopdf::Stream> = file
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .filter(|stream| {
            stream
                .dict
                .get(b"Subtype")
                .is_ok_and(|kind| kind.as_name().ok() == Some(b"Image"))
        })
        .collect();
    assert_eq!(pictures.len(), 1);
    assert!(pictures[0].content == ticket.print.bytes);
    assert!(
        PRESS.sheet(&words(), &PICTURES).unwrap() == ticket.sheet,
        "a sheet repeats"
    );
}

#[test]
fn text_in_the_pdf_can_be_selected() {
    for (locale, name, said) in [
        ("en", "Mina", "PortraitofMina"),
        ("ko", "김민아", "김민아의초상"),
        ("en", "金敏娥", "Portraitof金敏娥"),
    ] {
        let words = Words {
            locale: locale.to_owned(),
            name: Some(name.to_owned()),
            ..words()
        };
        let pdf = PRESS.pdf(&words, &PICTURES).unwrap();
        let text = lopdf::Document::load_mem(&pdf)
            .unwrap()
            .extract_text(&[1])
            .unwrap();
        let text: String = text.split_whitespace().collect();
        for wanted in [said, "4815", "AI-generatedimage", "AI생성이미지"] {
            assert!(text.contains(wanted), "{wanted} is not in {text}");
        }
    }
}

#[test]
fn the_pdf_keeps_the_pictures_as_they_came() {
    let pdf = PRESS.pdf(&words(), &PICTURES).unwrap();
    let file = lopdf::Document::load_mem(&pdf).unwrap();
    let streams = file
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok());
    let kept = streams
        .filter(|stream| stream.content == PICTURES.painting)
        .count();
    assert_eq!(kept, 1);
}

#[test]
fn a_damaged_painting_is_told_apart_from_a_damaged_photo() {
    let cut = |bytes: &Bytes| bytes.slice(..bytes.len() / 2);
    let painting = Pictures {
        painting: cut(&PICTURES.painting),
        ..PICTURES.clone()
    };
    let photo = Pictures {
        photo: Bytes::from_static(b"GIF89a"),
        ..PICTURES.clone()
    };
    for (pictures, expected) in [(painting, "painting"), (photo, "photo")] {
        match PRESS.render(&words(), &pictures) {
            Err(TicketError::Picture { which, .. }) => assert_eq!(which, expected),
            other => panic!("{expected}: {:?}", other.map(|ticket| ticket.left_out)),
        }
    }
}

mod own_templates {
    use super::*;

    const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 1800" width="1200" height="1800">"#;
    const KEEPSAKE: &str = r#"<rect id="keepsake" width="1200" height="1400" fill="none"/>"#;
    const PAINTING: &str = r#"<image href="asset:painting" width="1200" height="1200" preserveAspectRatio="xMidYMid slice"/>"#;
    const STUB: &str =
        r#"<g id="stub"><path transform="translate(700 1410) scale(9)" d="{{ qr.path }}"/></g>"#;

    /// Loads a template with these parts.
    fn load(parts: &[&str]) -> Result<Press, TicketError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("own")).unwrap();
        let source = format!("{HEAD}{}</svg>", parts.concat());
        std::fs::write(dir.path().join("own/ticket.svg"), source).unwrap();
        Press::new(&Settings {
            template: "own".to_owned(),
            templates_dir: Some(dir.path().to_owned()),
            ..Settings::default()
        })
    }

    #[test]
    fn a_small_one_works() {
        let words = words();
        let press = load(&[
            KEEPSAKE,
            PAINTING,
            STUB,
            r#"<text x="9" y="1300">{{ name }}</text>"#,
        ])
        .unwrap();
        let ticket = press.render(&words, &PICTURES).unwrap();
        assert_eq!(decode_qr(&ticket.print.bytes), [URL]);
        assert_eq!((ticket.phone.width, ticket.phone.height), (1200, 1400));
    }

    #[test]
    fn a_picture_that_is_more_than_placed_is_drawn_all_the_same() {
        let turned = r#"<g transform="rotate(3)"><image href="asset:painting" x="100" y="100" width="900" height="900"/></g>"#;
        let press = load(&[KEEPSAKE, turned, STUB]).unwrap();
        let raster = press.draw(&words(), &PICTURES).unwrap();
        let (width, _, pixels) = raster.pixels();
        let middle = &pixels[(550 * width + 550) as usize * 4..][..3];
        assert_ne!(middle, [255, 255, 255]);
    }

    #[test]
    fn wrong_ones_are_refused_with_a_reason() {
        let text = |text: &'static str| [KEEPSAKE, PAINTING, STUB, text];
        for (parts, reason) in [
            (text("{{ visitor }}"), "visitor"),
            (
                text(r#"<text font-family="Comic Sans MS">a</text>"#),
                "\"Comic Sans MS\", which is not bundled",
            ),
            (
                text(r#"{{ line(name, x=0, y=0, width=9, sizes=[9], family="Arial") }}"#),
                "\"Arial\", which is not bundled",
            ),
            (text(r#"<text font-size="0">gone</text>"#), "<text>"),
            (
                text(r#"<image href="/etc/hostname" width="9" height="9"/>"#),
                "/etc/hostname",
            ),
            (text("<g>"), "not well-formed"),
            (text("{% if %}"), "syntax error"),
            (
                text("{{ line(name, x=0, y=0, width=9, sizes=[]) }}"),
                "sizes",
            ),
            ([PAINTING, STUB, "", ""], "keepsake"),
            ([KEEPSAKE, STUB, "", ""], "does not show the painting"),
            ([KEEPSAKE, PAINTING, "", ""], "stub"),
            (
                [
                    KEEPSAKE,
                    PAINTING,
                    r#"<g id="stub"><path d="{{ qr.path }}"/></g>"#,
                    "",
                ],
                "must carry no key",
            ),
        ] {
            match load(&parts) {
                Err(TicketError::Template { id, problem }) => {
                    assert_eq!(id, "own");
                    assert!(problem.contains(reason), "{reason}: {problem}");
                    assert!(!problem.contains("Mina"), "words in an error: {problem}");
                }
                other => panic!("{reason}: {:?}", other.err()),
            }
        }
    }

    #[test]
    fn a_missing_one_says_where_it_was_looked_for() {
        let missing = |id: &str| {
            let settings = Settings {
                template: id.to_owned(),
                ..Settings::default()
            };
            Press::new(&settings).err().map(|error| error.to_string())
        };
        assert!(missing("nowhere").unwrap().contains("museum"));
        assert!(missing("../../etc").is_some());
    }
}
