//! One line of text → pieces of one font and one direction each, in the order they stand on paper.
//!
//! usvg can look for other fonts itself, but then sets a whole line in the first that has all of
//! it, and gives up where two fonts make different numbers of glyphs. So every piece it gets from
//! us needs no other font, and starts where we say.

use std::ops::Range;

use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{GlyphBuffer, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};
use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::Fonts;

/// How text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// Font family.
    pub(super) family: &'a str,
    /// 100 to 900.
    pub(super) weight: u16,
    pub(super) italic: bool,
    /// Extra space after each letter, in the template's units.
    pub(super) spacing: f32,
}

/// A stretch of one font and one direction.
#[derive(Debug)]
pub(super) struct Piece {
    /// In logical order, as usvg takes it.
    pub(super) text: String,
    /// See [`Fonts::face`].
    pub(super) face: usize,
    /// The sum of its advances, in em, without spacing.
    advance: f32,
    letters: u16,
    reach: Reach,
}

/// How far ink goes from the baseline, in em.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reach {
    pub(super) up: f32,
    pub(super) down: f32,
}

/// A line, set.
#[derive(Debug)]
pub(super) struct Line {
    /// From left to right.
    pub(super) pieces: Vec<Piece>,
    spacing: f32,
}

/// Keeps neutral characters at the ends of a right-to-left piece where they belong.
const RIGHT_TO_LEFT_MARK: char = '\u{200f}';

impl Line {
    /// Sets `text` as one left-to-right line, in which right-to-left words keep their direction.
    pub(super) fn set(text: &str, manner: &Manner<'_>, fonts: &Fonts) -> Self {
        let base = fonts.best(manner.family, manner.weight, manner.italic);
        let bidi = BidiInfo::new(text, Some(Level::ltr()));
        let mut pieces = Vec::new();
        for paragraph in &bidi.paragraphs {
            let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                let backwards = levels[run.start].is_rtl();
                let stretches = stretches(text, run, base, fonts);
                let set = stretches
                    .into_iter()
                    .map(|(text, face)| Piece::new(text, face, backwards, fonts));
                if backwards {
                    pieces.extend(set.rev());
                } else {
                    pieces.extend(set);
                }
            }
        }
        Self {
            pieces,
            spacing: manner.spacing,
        }
    }

    /// The line's width at `size`, in the template's units.
    pub(super) fn width(&self, size: f32) -> f32 {
        self.pieces
            .iter()
            .map(|piece| self.advance(piece, size))
            .sum()
    }

    /// How far the line's ink goes from its baseline: a good deal further in Burmese than in Latin.
    pub(super) fn reach(&self) -> Reach {
        let all = self.pieces.iter().map(|piece| piece.reach);
        all.fold(Reach::default(), |most, piece| Reach {
            up: most.up.max(piece.up),
            down: most.down.max(piece.down),
        })
    }

    /// How far `piece` moves the next one to the right, at `size`.
    pub(super) fn advance(&self, piece: &Piece, size: f32) -> f32 {
        piece.advance * size + self.spacing * f32::from(piece.letters)
    }
}

impl Piece {
    fn new(text: String, face: usize, backwards: bool, fonts: &Fonts) -> Self {
        let letters = u16::try_from(text.graphemes(true).count()).unwrap_or(u16::MAX);
        let shaper = &fonts.face(face).shaper;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(if backwards {
            rustybuzz::Direction::RightToLeft
        } else {
            rustybuzz::Direction::LeftToRight
        });
        let shaped = rustybuzz::shape(shaper, &[], buffer);
        let units: i32 = shaped
            .glyph_positions()
            .iter()
            .map(|glyph| glyph.x_advance)
            .sum();
        let em = shaper.units_per_em() as f32;
        let advance = units as f32 / em;
        let reach = reach(&shaped, shaper, em);
        let text = if backwards {
            format!("{RIGHT_TO_LEFT_MARK}{text}{RIGHT_TO_LEFT_MARK}")
        } else {
            text
        };
        Self {
            text,
            face,
            advance,
            letters,
            reach,
        }
    }
}

fn reach(shaped: &GlyphBuffer, shaper: &rustybuzz::Face<'_>, em: f32) -> Reach {
    let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
    let boxes = glyphs.filter_map(|(glyph, position)| {
        let id = GlyphId(u16::try_from(glyph.glyph_id).ok()?);
        Some((shaper.glyph_bounding_box(id)?, position.y_offset))
    });
    boxes.fold(Reach::default(), |most, (ink, offset)| {
        let at = |y: i16| (i32::from(y) + offset) as f32 / em;
        Reach {
            up: most.up.max(at(ink.y_max)),
            down: most.down.max(-at(ink.y_min)),
        }
    })
}

/// Splits one run, in logical order, wherever the font changes.
fn stretches(text: &str, run: Range<usize>, base: usize, fonts: &Fonts) -> Vec<(String, usize)> {
    let mut stretches: Vec<(String, usize)> = Vec::new();
    for cluster in text[run].graphemes(true) {
        let face = fonts.for_cluster(cluster, base);
        // Marks and joiners that this font lacks would come out as boxes.
        let drawn = cluster
            .chars()
            .filter(|character| fonts.face(face).draws(*character));
        match stretches.last_mut() {
            Some((text, current)) if *current == face => text.extend(drawn),
            _ => stretches.push((drawn.collect(), face)),
        }
    }
    stretches
}
