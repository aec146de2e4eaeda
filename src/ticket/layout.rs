//! One template, ready to be filled and drawn.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use resvg::tiny_skia::{Color, Pixmap};

use super::fonts::Fonts;
use super::plate::Plates;
use super::raster::Inset;
use super::slots::{Area, PictureSlot, Which};
use super::template::{self, Template};
use super::variables::Said;
use super::xmp::About;
use super::{Paper, Pictures, Print, Raster, TicketError, Words, pdf, raster, slots, thermal};

/// A template with what is kept of it between visits.
pub(super) struct Layout {
    template: Template,
    plates: Plates,
}

/// A ticket in words: filled template, and what was lost on the way.
pub(super) struct Filled {
    pub(super) svg: String,
    pub(super) about: About,
    pub(super) left_out: String,
}

/// A drawn ticket, and where on it things are.
pub(super) struct Composed {
    pixmap: Pixmap,
    keepsake: Area,
    pictures: Vec<Area>,
}

impl Composed {
    pub(super) fn raster(self, filled: &Filled) -> Raster {
        Raster::new(self.pixmap, self.keepsake, filled.about.packet())
    }
}

impl Layout {
    pub(super) fn new(template: Template) -> Self {
        let plates = Plates::default();
        Self { template, plates }
    }

    pub(super) fn fill(&self, words: &Words, fonts: &Fonts) -> Result<Filled, TicketError> {
        let Said {
            variables,
            left_out,
        } = Said::new(words, fonts)?;
        let svg = self.template.fill(&variables)?;
        Ok(Filled {
            svg,
            about: About::new(words, &variables),
            left_out,
        })
    }

    /// What goes to the printer, where this template is the paper's own.
    pub(super) fn print(
        &self,
        words: &Words,
        pictures: &Pictures,
        fonts: &Arc<Fonts>,
    ) -> Result<Print, TicketError> {
        let filled = self.fill(words, fonts)?;
        let composed = self.compose(&filled, pictures, fonts)?;
        match self.template.paper() {
            Paper::Sheet => Ok(Print::from(composed.raster(&filled).print()?)),
            Paper::Receipt => thermal::print(&composed.pixmap, &composed.pictures),
            Paper::Strips => {
                let pair = Composed {
                    pixmap: raster::twice(&composed.pixmap),
                    ..composed
                };
                let sheet = pair.raster(&filled).print()?;
                Ok(Print {
                    paper: Paper::Strips,
                    ..Print::from(sheet)
                })
            }
        }
    }

    /// Fixed layer, pictures, and over them what this visit says.
    pub(super) fn compose(
        &self,
        filled: &Filled,
        pictures: &Pictures,
        fonts: &Arc<Fonts>,
    ) -> Result<Composed, TicketError> {
        let wrong = |problem: String| self.template.wrong(problem);
        let document = template::parse(&filled.svg).map_err(wrong)?;
        let keepsake = slots::keepsake(&document)
            .ok_or_else(|| wrong("has no <rect id=\"keepsake\">".to_owned()))?;
        let size = slots::canvas(&document).ok_or_else(|| wrong("has no viewBox".to_owned()))?;
        let placed = slots::plain_pictures(&document);
        let fixed = slots::fixed(&document).map(|node| node.range());

        let mut done: Vec<Range<usize>> = placed.iter().map(|slot| slot.range.clone()).collect();
        done.extend(fixed.clone());
        done.sort_unstable_by_key(|range| range.start);
        let visit = without(&filled.svg, &done);

        let inset = |slot: &PictureSlot| {
            let bytes = match slot.which {
                Which::Painting => &pictures.painting,
                Which::Photo => &pictures.photo,
            };
            Inset::new(bytes, slot, size)
        };
        let (insets, prepared) = rayon::join(
            || placed.iter().map(inset).collect::<Result<Vec<_>, _>>(),
            || {
                let ground = match &fixed {
                    Some(range) => {
                        let fixed = without(&filled.svg, &slots::others(&document, range));
                        self.plates
                            .get(&fixed, |svg| self.draw_fixed(svg, size, fonts))?
                    }
                    None => blank(size),
                };
                Ok::<_, TicketError>((ground, self.resolve(&visit, pictures, fonts)?))
            },
        );
        let (mut pixmap, tree) = prepared?;
        for inset in insets? {
            inset.place(&mut pixmap);
        }
        raster::draw(&tree, &mut pixmap);
        Ok(Composed {
            pixmap,
            keepsake,
            pictures: placed.iter().map(|slot| slot.area).collect(),
        })
    }

    fn draw_fixed(
        &self,
        svg: &str,
        size: (u32, u32),
        fonts: &Arc<Fonts>,
    ) -> Result<Pixmap, TicketError> {
        let tree = usvg::Tree::from_str(svg, &fonts.options())
            .map_err(|error| self.template.wrong(error.to_string()))?;
        let mut pixmap = blank(size);
        raster::draw(&tree, &mut pixmap);
        Ok(pixmap)
    }

    pub(super) fn write_pdf(
        &self,
        filled: &Filled,
        pictures: &Pictures,
        fonts: &Arc<Fonts>,
    ) -> Result<Bytes, TicketError> {
        pdf::write(&self.resolve(&filled.svg, pictures, fonts)?, &filled.about)
    }

    fn resolve(
        &self,
        svg: &str,
        pictures: &Pictures,
        fonts: &Arc<Fonts>,
    ) -> Result<usvg::Tree, TicketError> {
        usvg::Tree::from_str(svg, &slots::options(fonts, pictures))
            .map_err(|error| self.template.wrong(error.to_string()))
    }
}

/// White paper. Opaque, so that premultiplied and straight colours are the same from here on.
fn blank((width, height): (u32, u32)) -> Pixmap {
    let mut pixmap = Pixmap::new(width, height).expect("a checked template has a size");
    pixmap.fill(Color::WHITE);
    pixmap
}

/// `text` without the bytes of `ranges`, which are ascending and apart.
fn without(text: &str, ranges: &[Range<usize>]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        kept.push_str(&text[from..range.start]);
        from = range.end;
    }
    kept.push_str(&text[from..]);
    kept
}
