//! The press: one template, ready to make tickets.

use std::sync::Arc;

use bytes::Bytes;

use super::fonts::Fonts;
use super::layout::Layout;
use super::template::Template;
use super::variables::Said;
use super::xmp::About;
use super::{Jpeg, Paper, Pictures, Print, Raster, Rendered, Settings, TicketError, Words, sheet};

/// Makes tickets from one template, and prints them from the one of the booth's paper. Share it:
/// all methods take `&self`, block, and may run at once.
pub struct Press {
    whole: Layout,
    /// Where paper shows something else than the whole ticket.
    small: Option<Layout>,
    fonts: Arc<Fonts>,
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Press").finish_non_exhaustive()
    }
}

impl Press {
    /// Loads the fonts and the templates that `settings` name; an operator's template is checked.
    ///
    /// # Errors
    /// [`TicketError::NoTemplate`] and [`TicketError::Template`].
    pub fn new(settings: &Settings) -> Result<Self, TicketError> {
        let fonts = Fonts::load();
        let load = |id: &str, paper| {
            let dir = settings.templates_dir.as_deref();
            Template::load(id, dir, paper, &fonts).map(Layout::new)
        };
        let small = match settings.paper() {
            Paper::Sheet => None,
            Paper::Strips => Some(load(&settings.strip_template, Paper::Strips)?),
            Paper::Receipt => Some(load(&settings.receipt_template, Paper::Receipt)?),
        };
        Ok(Self {
            whole: load(&settings.template, Paper::Sheet)?,
            small,
            fonts,
        })
    }

    /// Makes one ticket in every form, on two threads.
    ///
    /// # Errors
    /// Any [`TicketError`]; [`TicketError::Template`] only if the template fails on words that its
    /// samples did not have.
    pub fn render(&self, words: &Words, pictures: &Pictures) -> Result<Rendered, TicketError> {
        let filled = self.whole.fill(words, &self.fonts)?;
        let (papers, pdf) = rayon::join(
            || {
                let raster = self
                    .whole
                    .compose(&filled, pictures, &self.fonts)?
                    .raster(&filled);
                let print = match &self.small {
                    Some(small) => small.print(words, pictures, &self.fonts)?,
                    None => Print::from(raster.print()?),
                };
                let sheet = sheet_of(&print, &filled.about)?;
                Ok::<_, TicketError>((raster.phone()?, print, sheet))
            },
            || self.whole.write_pdf(&filled, pictures, &self.fonts),
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
        let filled = self.whole.fill(words, &self.fonts)?;
        Ok(self
            .whole
            .compose(&filled, pictures, &self.fonts)?
            .raster(&filled))
    }

    /// Draws what goes to the printer: the sheet, the two strips on it, or the thermal ticket.
    ///
    /// # Errors
    /// As for [`Press::render`].
    pub fn print(&self, words: &Words, pictures: &Pictures) -> Result<Print, TicketError> {
        match &self.small {
            Some(small) => small.print(words, pictures, &self.fonts),
            None => Ok(Print::from(self.draw(words, pictures)?.print()?)),
        }
    }

    /// Writes the visitor's PDF alone.
    ///
    /// # Errors
    /// As for [`Press::render`].
    pub fn pdf(&self, words: &Words, pictures: &Pictures) -> Result<Bytes, TicketError> {
        let filled = self.whole.fill(words, &self.fonts)?;
        self.whole.write_pdf(&filled, pictures, &self.fonts)
    }

    /// Writes the print sheet alone; `None` for thermal paper.
    ///
    /// # Errors
    /// As for [`Press::render`].
    pub fn sheet(&self, words: &Words, pictures: &Pictures) -> Result<Option<Bytes>, TicketError> {
        let filled = self.whole.fill(words, &self.fonts)?;
        sheet_of(&self.print(words, pictures)?, &filled.about)
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
        Ok(self.whole.fill(words, &self.fonts)?.svg)
    }
}

/// A print on a PDF page of its sheet.
fn sheet_of(print: &Print, about: &About) -> Result<Option<Bytes>, TicketError> {
    if print.paper == Paper::Receipt {
        return Ok(None);
    }
    let jpeg = Jpeg {
        bytes: print.bytes.clone(),
        width: print.width,
        height: print.height,
    };
    sheet::impose(&jpeg, about).map(Some)
}
