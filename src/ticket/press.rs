//! The press: one template, ready to make tickets.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use resvg::tiny_skia::{Color, Pixmap};

use super::fonts::Fonts;
use super::plate::Plates;
use super::raster::Inset;
use super::slots::{PictureSlot, Which};
use super::template::{self, Template};
use super::variables::Said;
use super::xmp::About;
use super::{
    PRINT_HEIGHT, PRINT_WIDTH, Pictures, Raster, Rendered, Settings, TicketError, Words, pdf,
    raster, sheet, slots,
};

/// Makes tickets from one template. Share it: all methods take `&self`, block, and may run at once.
pub struct Press {
    template: Template,
    fonts: Arc<Fonts>,
    plates: Plates,
}

/// A ticket in words: filled template, and what was lost on the way.
struct Filled {
    svg: String,
    about: About,
    left_out: String,
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Press").finish_non_exhaustive()
    }
}

impl Press {
    /// Loads the fonts and the template that `settings` name; an operator's template is checked.
    ///
    /// # Errors
    /// [`TicketError::NoTemplate`] and [`TicketError::Template`].
    pub fn new(settings: &Settings) -> Result<Self, TicketError> {
        let fonts = Fonts::load();
        let template = Template::load(
            &settings.template,
            settings.templates_dir.as_deref(),
            &fonts,
        )?;
        Ok(Self {
            template,
            fonts,
            plates: Plates::default(),
        })
    }

    /// Makes one ticket in every form, on two threads.
    ///
    /// # Errors
    /// Any [`TicketError`]; [`TicketError::Template`] only if the template fails on words that its
    /// samples did not have.
    pub fn render(&self, words: &Words, pictures: &Pictures) -> Result<Rendered, TicketError> {
        let filled = self.fill(words)?;
        let (papers, pdf) = rayon::join(
            || {
                let raster = self.compose(&filled, pictures)?;
                let print = raster.print()?;
                let sheet = sheet::impose(&print, &filled.about)?;
                Ok::<_, TicketError>((raster.phone()?, print, sheet))
            },
            || self.write_pdf(&filled, pictures),
        );
        let (phone, print, sheet) = papers?;
        Ok(Rendered {
            phone,
            print,
            pdf: pdf?,
            sheet,
            left_out: filled.left_out,
        })
    }

    /// Draws one ticket and writes nothing.
    ///
    /// # Errors
    /// As for [`Press::render`].
    pub fn draw(&self, words: &Words, pictures: &Pictures) -> Result<Raster, TicketError> {
        self.compose(&self.fill(words)?, pictures)
    }

    /// Writes the visitor's PDF alone.
    ///
    /// # Errors
    /// As for [`Press::render`].
    pub fn pdf(&self, words: &Words, pictures: &Pictures) -> Result<Bytes, TicketError> {
        self.write_pdf(&self.fill(words)?, pictures)
    }

    /// Writes the print sheet alone.
    ///
    /// # Errors
    /// As for [`Press::render`].
    pub fn sheet(&self, words: &Words, pictures: &Pictures) -> Result<Bytes, TicketError> {
        let filled = self.fill(words)?;
        sheet::impose(&self.compose(&filled, pictures)?.print()?, &filled.about)
    }

    /// The characters of `words` that no bundled font can draw: what a preview warns of.
    ///
    /// # Errors
    /// [`TicketError::Qr`].
    pub fn left_out(&self, words: &Words) -> Result<String, TicketError> {
        Ok(Said::new(words, &self.fonts)?.left_out)
    }

    /// The filled template, as SVG text whose pictures are `asset:painting` and `asset:photo`.
    ///
    /// # Errors
    /// [`TicketError::Template`] and [`TicketError::Qr`].
    pub fn svg(&self, words: &Words) -> Result<String, TicketError> {
        Ok(self.fill(words)?.svg)
    }

    fn fill(&self, words: &Words) -> Result<Filled, TicketError> {
        let Said {
            variables,
            left_out,
        } = Said::new(words, &self.fonts)?;
        let svg = self.template.fill(&variables)?;
        Ok(Filled {
            svg,
            about: About::new(words, &variables),
            left_out,
        })
    }

    /// Fixed layer, pictures, and over them what this visit says.
    fn compose(&self, filled: &Filled, pictures: &Pictures) -> Result<Raster, TicketError> {
        let wrong = |problem: String| self.template.wrong(problem);
        let document = template::parse(&filled.svg).map_err(wrong)?;
        let keepsake = slots::keepsake(&document)
            .ok_or_else(|| wrong("has no <rect id=\"keepsake\">".to_owned()))?;
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
            Inset::new(bytes, slot)
        };
        let (insets, prepared) = rayon::join(
            || placed.iter().map(inset).collect::<Result<Vec<_>, _>>(),
            || {
                let ground = match &fixed {
                    Some(range) => {
                        let fixed = without(&filled.svg, &slots::others(&document, range));
                        self.plates.get(&fixed, |svg| self.draw_fixed(svg))?
                    }
                    None => blank(),
                };
                Ok::<_, TicketError>((ground, self.resolve(&visit, pictures)?))
            },
        );
        let (mut pixmap, tree) = prepared?;
        for inset in insets? {
            inset.place(&mut pixmap);
        }
        raster::draw(&tree, &mut pixmap);
        Ok(Raster::new(pixmap, keepsake, filled.about.packet()))
    }

    fn draw_fixed(&self, svg: &str) -> Result<Pixmap, TicketError> {
        let tree = usvg::Tree::from_str(svg, &self.fonts.options())
            .map_err(|error| self.template.wrong(error.to_string()))?;
        let mut pixmap = blank();
        raster::draw(&tree, &mut pixmap);
        Ok(pixmap)
    }

    fn write_pdf(&self, filled: &Filled, pictures: &Pictures) -> Result<Bytes, TicketError> {
        pdf::write(&self.resolve(&filled.svg, pictures)?, &filled.about)
    }

    fn resolve(&self, svg: &str, pictures: &Pictures) -> Result<usvg::Tree, TicketError> {
        usvg::Tree::from_str(svg, &slots::options(&self.fonts, pictures))
            .map_err(|error| self.template.wrong(error.to_string()))
    }
}

/// White paper. Opaque, so that premultiplied and straight colours are the same from here on.
fn blank() -> Pixmap {
    let mut pixmap = Pixmap::new(PRINT_WIDTH, PRINT_HEIGHT).expect("a ticket has a size");
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
