//! The bundled fonts, and which of them draws what.
//!
//! System fonts are never asked: a ticket looks the same on every machine. Origin, version and
//! licence of each file are in `assets/fonts/SOURCES.md`.

use std::sync::Arc;

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

/// One bundled font.
pub(super) struct Face {
    id: ID,
    pub(super) family: String,
    /// 100 to 900.
    pub(super) weight: u16,
    pub(super) italic: bool,
    /// For measuring; usvg shapes with the same library.
    pub(super) shaper: rustybuzz::Face<'static>,
    /// Characters with a glyph: inclusive, ascending, apart from each other.
    drawn: Vec<(u32, u32)>,
}

impl Fonts {
    /// Reads the bundled fonts. Costs a few milliseconds and no copy of their bytes.
    pub(super) fn load() -> Arc<Self> {
        let mut database = Database::new();
        let mut faces = Vec::with_capacity(FILES.len());
        for &file in FILES {
            let ids = database.load_font_source(fontdb::Source::Binary(Arc::new(file)));
            let shaper = rustybuzz::Face::from_slice(file, 0);
            let (Some(&id), Some(shaper)) = (ids.first(), shaper) else {
                continue;
            };
            let Some(info) = database.face(id) else {
                continue;
            };
            faces.push(Face {
                id,
                family: info
                    .families
                    .first()
                    .map_or_else(String::new, |(name, _)| name.clone()),
                weight: info.weight.0,
                italic: info.style == fontdb::Style::Italic,
                drawn: drawn_ranges(&shaper),
                shaper,
            });
        }
        database.set_serif_family("Cormorant Garamond");
        database.set_sans_serif_family(DEFAULT_FAMILY);
        Arc::new(Self {
            database: Arc::new(database),
            faces,
        })
    }

    /// The face at `index`, as [`Fonts::best`] and [`Fonts::for_cluster`] give it.
    pub(super) fn face(&self, index: usize) -> &Face {
        &self.faces[index]
    }

    /// The face that a family, weight and slope ask for; the default family's if there is no such.
    pub(super) fn best(&self, family: &str, weight: u16, italic: bool) -> usize {
        let distance = |face: &Face| {
            let strange = if face.family == family {
                0
            } else if face.family == DEFAULT_FAMILY {
                1
            } else {
                2
            };
            (strange, face.italic != italic, face.weight.abs_diff(weight))
        };
        (0..self.faces.len())
            .min_by_key(|&index| distance(&self.faces[index]))
            .unwrap_or_default()
    }

    /// The face that draws a whole grapheme cluster beside text in `base`: `base` itself, or the
    /// nearest in weight, or else one that draws the cluster's first character.
    pub(super) fn for_cluster(&self, cluster: &str, base: usize) -> usize {
        let weight = self.faces[base].weight;
        let nearest = |draws: &dyn Fn(&Face) -> bool| {
            let able = (0..self.faces.len()).filter(|&index| draws(&self.faces[index]));
            able.min_by_key(|&index| (index != base, self.faces[index].weight.abs_diff(weight)))
        };
        nearest(&|face| cluster.chars().all(|character| face.draws(character)))
            .or_else(|| nearest(&|face| cluster.chars().next().is_some_and(|c| face.draws(c))))
            .unwrap_or(base)
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
    /// Whether this font has a glyph for `character`.
    pub(super) fn draws(&self, character: char) -> bool {
        let code = u32::from(character);
        let after = self.drawn.partition_point(|&(first, _)| first <= code);
        after > 0 && code <= self.drawn[after - 1].1
    }
}

/// The characters of a face's Unicode character maps, as ranges.
fn drawn_ranges(face: &rustybuzz::ttf_parser::Face<'_>) -> Vec<(u32, u32)> {
    let mut codes = Vec::new();
    for subtable in face
        .tables()
        .cmap
        .into_iter()
        .flat_map(|cmap| cmap.subtables)
    {
        if subtable.is_unicode() {
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
