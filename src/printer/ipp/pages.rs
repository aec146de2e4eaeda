//! The forms in which printers are given pages.

use bytes::Bytes;

use super::attributes::Attributes;
use crate::printer::{Page, PrinterError};

/// What `lp` calls "raw": a queue without a driver hands it on as it is.
const RAW: [&str; 2] = ["application/octet-stream", "application/vnd.cups-raw"];

/// The forms in which photo printers are given pages.
const FORMS: [&str; 2] = ["image/jpeg", "application/pdf"];

/// What kind of pages a queue is for.
#[derive(Debug, Clone, Copy)]
pub(in crate::printer) enum Pages {
    /// Photo paper, 4 × 6 in; cut in two lengthwise if `halved`.
    Photo {
        /// Two strips of 2 × 6 in.
        halved: bool,
    },
    /// Bytes that the printer itself understands, made from [`Page::bits`].
    Raw(fn(&Page) -> Result<Bytes, PrinterError>),
}

impl Pages {
    /// Whether the printer takes them in some form.
    pub(super) fn fit(self, printer: Attributes<'_>) -> bool {
        let taken = printer.texts("document-format-supported");
        let takes = |form: &&str| taken.iter().any(|known| known == form);
        matches!(self, Self::Raw(_)) || FORMS.iter().any(takes)
    }

    /// Whether the page has a form for them.
    pub(super) fn are_on(self, page: &Page) -> bool {
        match self {
            Self::Photo { .. } => {
                page.jpeg.starts_with(b"\xff\xd8\xff") || page.pdf.starts_with(b"%PDF-")
            }
            Self::Raw(_) => page.bits.starts_with(b"\x89PNG"),
        }
    }

    /// The form of the page that the printer takes, and its media type.
    pub(super) fn document(
        self,
        printer: Attributes<'_>,
        page: &Page,
    ) -> Result<(Bytes, &'static str), PrinterError> {
        let taken = printer.texts("document-format-supported");
        let takes = |format: &str| taken.iter().any(|known| known == format);
        if let Self::Raw(encode) = self {
            let format = RAW.iter().rev().find(|format| takes(format));
            return Ok((encode(page)?, format.unwrap_or(&RAW[0])));
        }
        // A JPEG of the paper's own pixels needs no interpreter, and all colour printers take it.
        let forms = [(&page.jpeg, FORMS[0]), (&page.pdf, FORMS[1])];
        let fits = |(bytes, format): &&(&Bytes, &str)| !bytes.is_empty() && takes(format);
        let form = forms
            .iter()
            .find(fits)
            .ok_or_else(|| PrinterError::Refused {
                reason: "the printer takes neither JPEG nor PDF".to_owned(),
            })?;
        Ok((form.0.clone(), form.1))
    }
}
