//! The bundled fonts, and which of them draws what.
//!
//! System fonts are never asked: a ticket looks the same on every machine. Origin, version and
//! licence of each file are in `assets/fonts/SOURCES.md`.

use std::sync::Arc;

use ttf_parser::PlatformId;
use usvg::fontdb::{self, Database, ID};

macro_rules! font_files {
    ($($file:literal),* $(,)?) => {
        /// In order of preference where several can draw a character.
        const FILES: &[&[u8]] = &[$(include_bytes!(concat!("../../assets/fonts/", $file))),*];
    };
}

font_files![
    "Pretendard-Regular.otf",
    "Pretendard-SemiBold.otf",
    "CormorantGaramond-SemiBold.ttf",
    "CormorantGaramond-MediumItalic.ttf",
    "NotoSansCJKkr-Regular-subset.otf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansBengali-Regular.ttf",
    "NotoSansGujarati-Regular.ttf",
    "NotoSansGurmukhi-Regular.ttf",
    "NotoSansKannada-Regular.ttf",
    "NotoSansMalayalam-Regular.ttf",
    "NotoSansOriya-Regular.ttf",
    "NotoSansTamil-Regular.ttf",
    "NotoSansTelugu-Regular.ttf",
    "NotoSansSinhala-Regular.ttf",
    "NotoSansKhmer-Regular.ttf",
    "NotoSansLao-Regular.ttf",
    "NotoSansMyanmar-Regular.ttf",
    "NotoSansArmenian-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "NotoSansEthiopic-Regular.ttf",
    "NotoSansThaana-Regular.ttf",
    "NotoEmoji-Regular.ttf",
];

/// The family for text that names none, or one we do not have.
pub(super) const DEFAULT_FAMILY: &str = "Pretendard";

/// The bundled fonts, indexed by the characters they draw.
pub(super) struct Fonts {
    database: Arc<Database>,
    faces: Vec<Face>,
}

struct Face {
    id: ID,
    family: String,
    weight: u16,
    /// Characters with a glyph: inclusive, ascending, apart from each other.
    drawn: Vec<(u32, u32)>,
}

impl Fonts {
    /// Reads the bundled fonts. Costs a few milliseconds and no copy of their bytes.
    pub(super) fn load() -> Arc<Self> {
        let mut database = Database::new();
        for file in FILES {
            database.load_font_source(fontdb::Source::Binary(Arc::new(*file)));
        }
        database.set_serif_family("Cormorant Garamond");
        database.set_sans_serif_family(DEFAULT_FAMILY);
        let faces = database
            .faces()
            .map(|face| Face {
                id: face.id,
                family: face
                    .families
                    .first()
                    .map_or_else(String::new, |(name, _)| name.clone()),
                weight: face.weight.0,
                drawn: database
                    .with_face_data(face.id, drawn_ranges)
                    .unwrap_or_default(),
            })
            .collect();
        Arc::new(Self {
            database: Arc::new(database),
            faces,
        })
    }

    /// Whether any bundled font has a glyph for `character`.
    pub(super) fn can_draw(&self, character: char) -> bool {
        self.faces.iter().any(|face| face.draws(character))
    }

    /// Whether a family of this name is bundled.
    pub(super) fn has_family(&self, name: &str) -> bool {
        self.faces.iter().any(|face| face.family == name)
    }

    /// The names of all bundled families, each once.
    pub(super) fn families(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.faces.iter().map(|face| face.family.as_str()).collect();
        names.dedup();
        names
    }

    /// Options that draw text with these fonts and load no picture at all.
    ///
    /// usvg's own defaults would read any local file that an `<image>` names.
    pub(super) fn options(self: &Arc<Self>) -> usvg::Options<'static> {
        usvg::Options {
            font_family: DEFAULT_FAMILY.to_owned(),
            fontdb: Arc::clone(&self.database),
            font_resolver: self.resolver(),
            image_href_resolver: usvg::ImageHrefResolver {
                resolve_data: Box::new(|_, _, _| None),
                resolve_string: Box::new(|_, _| None),
            },
            ..usvg::Options::default()
        }
    }

    fn resolver(self: &Arc<Self>) -> usvg::FontResolver<'static> {
        let select = usvg::FontResolver::default_font_selector();
        let fonts = Arc::clone(self);
        usvg::FontResolver {
            // Text in an unknown family would vanish without a word.
            select_font: Box::new(move |font, database| {
                select(font, database).or_else(|| {
                    database.query(&fontdb::Query {
                        families: &[fontdb::Family::Name(DEFAULT_FAMILY)],
                        weight: fontdb::Weight(font.weight()),
                        ..fontdb::Query::default()
                    })
                })
            }),
            select_fallback: Box::new(move |character, used, _| fonts.fallback(character, used)),
        }
    }

    /// The face that draws `character` beside the first of `used`: nearest in weight, then first
    /// in our order.
    fn fallback(&self, character: char, used: &[ID]) -> Option<ID> {
        let base = self
            .faces
            .iter()
            .find(|face| Some(&face.id) == used.first());
        let weight = base.map_or(400, |face| face.weight);
        self.faces
            .iter()
            .filter(|face| !used.contains(&face.id) && face.draws(character))
            .min_by_key(|face| face.weight.abs_diff(weight))
            .map(|face| face.id)
    }
}

impl Face {
    fn draws(&self, character: char) -> bool {
        let code = u32::from(character);
        let after = self.drawn.partition_point(|&(first, _)| first <= code);
        after > 0 && code <= self.drawn[after - 1].1
    }
}

/// The characters of a face's Unicode character maps, as ranges.
fn drawn_ranges(data: &[u8], index: u32) -> Vec<(u32, u32)> {
    let Some(cmap) = ttf_parser::Face::parse(data, index)
        .ok()
        .and_then(|face| face.tables().cmap)
    else {
        return Vec::new();
    };
    let mut codes = Vec::new();
    for subtable in cmap.subtables {
        if subtable.is_unicode() && subtable.platform_id != PlatformId::Macintosh {
            subtable.codepoints(|code| {
                if subtable.glyph_index(code).is_some_and(|glyph| glyph.0 != 0) {
                    codes.push(code);
                }
            });
        }
    }
    codes.sort_unstable();
    codes.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for code in codes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    ranges
}
