//! Painting + words → ticket.
//!
//! A ticket is an SVG template (`templates/tickets/<id>/ticket.svg`, see the README beside it)
//! filled with one visit's words, resolved once into a [`usvg::Tree`] and drawn: to the print
//! raster and its upper part, the phone's keepsake; to the visitor's PDF with selectable text; and,
//! imposed unchanged, to the print sheet. What a visitor typed can neither leave its slot nor become
//! markup. Everything in here blocks and computes; call it off the async threads.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

mod clean;
mod fit;
mod fonts;
mod jpeg;
mod layout;
mod line;
mod paper;
mod pdf;
mod plate;
mod press;
mod qr;
mod raster;
mod sheet;
mod slots;
mod template;
mod thermal;
mod typeset;
mod variables;
mod xmp;

use crate::settings::Faults;

pub use crate::imaging::mark::DigitalSource;
pub use clean::is_visible;
pub use paper::Paper;
pub use press::Press;
pub use qr::qr_svg;
pub use raster::Raster;

/// The ticket's width on paper, in pixels at [`DPI`]: 4 in.
pub const PRINT_WIDTH: u32 = 1200;
/// The ticket's height on paper, in pixels at [`DPI`]: 6 in.
pub const PRINT_HEIGHT: u32 = 1800;
/// Pixels an inch in the print raster.
pub const DPI: u16 = 300;

/// What may be asked for in [`Settings::formats`].
const FORMATS: [&str; 5] = ["phone", "pdf", "4x6", "2x6", "80mm"];

/// The `[ticket]` settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The template's id: a folder of `templates_dir`, or a built-in one. Default: `museum`.
    pub template: String,
    /// The operator's own templates. They win over built-in ones of the same id. Default: none.
    pub templates_dir: Option<PathBuf>,
    /// What a ticket is made as: `phone`, `pdf`, and one paper: `4x6`, `2x6` (two strips on a
    /// sheet of 4 × 6 in) or `80mm` (thermal). Default: `phone` and `4x6`.
    pub formats: Vec<String>,
    /// The template of a strip. Default: `strip`.
    pub strip_template: String,
    /// The template of a thermal ticket. Default: `receipt`.
    pub receipt_template: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            template: "museum".to_owned(),
            templates_dir: None,
            formats: vec!["phone".to_owned(), "4x6".to_owned()],
            strip_template: "strip".to_owned(),
            receipt_template: "receipt".to_owned(),
        }
    }
}

impl Settings {
    /// What tickets are printed on.
    #[must_use]
    pub fn paper(&self) -> Paper {
        let named = self.formats.iter().find_map(|format| Paper::of(format));
        named.unwrap_or_default()
    }

    /// The keys of the templates that these formats need, below the section, and their ids.
    pub fn templates(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let small = match self.paper() {
            Paper::Sheet => None,
            Paper::Strips => Some(("strip_template", &*self.strip_template)),
            Paper::Receipt => Some(("receipt_template", &*self.receipt_template)),
        };
        [("template", &*self.template)].into_iter().chain(small)
    }

    /// Looks itself over. Whether a template is sound is for [`Press::new`] to say.
    pub fn validate(&self, faults: &mut Faults) {
        for (key, id) in [
            ("template", &self.template),
            ("strip_template", &self.strip_template),
            ("receipt_template", &self.receipt_template),
        ] {
            let allowed = "must be a template's id: small letters, digits and hyphens, at most 64";
            faults.check(template::is_id(id), key, allowed);
        }
        let dir = self.templates_dir.as_deref();
        let is_folder = dir.is_none_or(Path::is_dir);
        for (key, id) in self.templates() {
            // What is no id is not looked for.
            let found = !is_folder || !faults.is_sound(key) || template::exists(id, dir);
            let allowed = format!(
                "must be built in ({}), or a folder of ticket.templates_dir with a ticket.svg",
                template::built_in_ids()
            );
            faults.check(found, key, allowed);
        }
        let allowed = "must be a folder that can be read";
        faults.check(is_folder, "templates_dir", allowed);
        self.validate_formats(faults);
    }

    fn validate_formats(&self, faults: &mut Faults) {
        let known = FORMATS.join(", ");
        for format in &self.formats {
            let part = format!("{format:?}");
            let fine = FORMATS.contains(&&**format);
            faults.check_part(fine, "formats", &part, format!("must be one of {known}"));
        }
        let allowed = format!("must name at least one of {known}");
        faults.check(!self.formats.is_empty(), "formats", allowed);
        let papers = self.formats.iter().filter(|f| Paper::of(f).is_some());
        let allowed = "must name one paper at most: a booth has one printer";
        faults.check(papers.count() <= 1, "formats", allowed);
    }
}

/// What is said on one ticket. Text may be anything at all: it is cleaned, fitted and escaped here.
#[derive(Clone, Debug)]
pub struct Words {
    /// The booth's name.
    pub booth: String,
    /// The event's name.
    pub event: String,
    /// BCP 47; templates know `ko` and `en` and fall back to English.
    pub locale: String,
    /// The style's id, which chooses the accent: `picasso`, `renoir`, `van-gogh`, `lichtenstein`, …
    pub style_id: String,
    /// The painter's name in `locale`; the label reads "in the manner of …".
    pub style_name: String,
    /// The running number.
    pub number: u32,
    /// The four digits that let a second phone in.
    pub claim: String,
    /// What the QR says. Up to 45 characters keep it well readable; 200 at most.
    pub join_url: String,
    /// The visitor's name, if given.
    pub name: Option<String>,
    /// The visitor's own line, if given.
    pub message: Option<String>,
    /// When the painting was made, in the booth's time zone.
    pub made_at: jiff::Zoned,
    /// When the link ends, in the booth's time zone.
    pub expires_at: jiff::Zoned,
    /// Who painted.
    pub by: By,
    /// How the picture came to be, for machines.
    pub ai: DigitalSource,
}

/// Who painted, as far as the label cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// An image-model server.
    #[default]
    Server,
    /// The booth's own painter: the label says so.
    Embedded,
}

/// The two pictures on a ticket, as JPEG, upright, sRGB.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// The painting; square, or its middle is shown.
    pub painting: Bytes,
    /// The photo it was painted from, small; its middle is shown.
    pub photo: Bytes,
}

/// A JPEG and its size.
#[derive(Clone, Debug)]
pub struct Jpeg {
    /// JPEG, sRGB, 300 dpi, with the AI mark as XMP.
    pub bytes: Bytes,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// A picture for the printer.
#[derive(Clone, Debug)]
pub struct Print {
    /// What it is printed on: [`Paper::Receipt`] is a PNG, the others are JPEGs.
    pub paper: Paper,
    /// The file.
    pub bytes: Bytes,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl From<Jpeg> for Print {
    /// A whole sheet.
    fn from(jpeg: Jpeg) -> Self {
        Self {
            paper: Paper::Sheet,
            bytes: jpeg.bytes,
            width: jpeg.width,
            height: jpeg.height,
        }
    }
}

/// One ticket in every form.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The keepsake half for the phone: it carries no key, so it may be shown to anybody.
    pub phone: Jpeg,
    /// What is printed, as a picture: a sheet of [`PRINT_WIDTH`] × [`PRINT_HEIGHT`] pixels with the
    /// whole ticket or two strips, or a thermal ticket as a PNG of one bit a dot.
    pub print: Print,
    /// The whole ticket as a vector PDF of 4 × 6 in with selectable text.
    pub pdf: Bytes,
    /// The print sheet: a PDF page of exactly 4 × 6 in with `print` on it, unchanged. Thermal
    /// paper has none.
    pub sheet: Option<Bytes>,
    /// The characters no bundled font can draw and that were left out; mostly empty.
    pub left_out: String,
}

/// Why there is no ticket.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// There is no such template; settings must change.
    #[error("there is no ticket template {id:?}: {place}")]
    NoTemplate {
        /// The id asked for.
        id: String,
        /// Where it was looked for.
        place: String,
    },
    /// The template is wrong; its author must mend it.
    #[error("ticket template {id:?}: {problem}")]
    Template {
        /// The template's id.
        id: String,
        /// What is wrong, and where, for the template's author.
        problem: String,
    },
    /// A picture cannot be read; paint or photograph again.
    #[error("the {which} cannot be read as a JPEG")]
    Picture {
        /// `painting` or `photo`.
        which: &'static str,
        /// What the decoder or resampler said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The join URL does not fit a QR code.
    #[error("{length} bytes are too many for the QR code")]
    Qr {
        /// The URL's length.
        length: usize,
        /// What the encoder said.
        #[source]
        source: qrcode::types::QrError,
    },
    /// The drawn ticket could not be written as JPEG.
    #[error("the ticket cannot be written as a JPEG")]
    Encode(#[from] turbojpeg::Error),
    /// The drawn ticket could not be written as PNG.
    #[error("the ticket cannot be written as a PNG")]
    Png(#[from] png::EncodingError),
    /// The drawn ticket could not be written as PDF.
    #[error("the ticket cannot be written as a PDF: {0}")]
    Pdf(String),
}

#[cfg(test)]
mod tests;
