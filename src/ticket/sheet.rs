//! The print sheet: a PDF page of exactly the paper's size with the print raster on it, unchanged.

use std::collections::BTreeMap;

use bytes::Bytes;
use lopdf::{Object, StringFormat};
use printpdf::{
    DictItem, ExternalStream, ExternalXObject, Mm, Op, PdfDocument, PdfPage, PdfSaveOptions, Pt,
    Rect, XObject, XObjectId, XObjectTransform,
};

use super::xmp::About;
use super::{DPI, Jpeg, TicketError, pdf};
use crate::imaging::mark::CREATOR;

/// The paper's width in PDF points: 4 in.
const WIDTH: f32 = 288.0;
/// The paper's height in PDF points: 6 in.
const HEIGHT: f32 = 432.0;

/// Lays `print` on a page of 4 × 6 in.
///
/// The JPEG goes in byte for byte: printpdf's own way with pictures decodes and shrinks them.
///
/// # Errors
/// [`TicketError::Pdf`].
pub(super) fn impose(print: &Jpeg, about: &About) -> Result<Bytes, TicketError> {
    let mut document = PdfDocument::new(&about.title);
    let info = &mut document.metadata.info;
    info.creator = CREATOR.to_owned();
    info.producer = CREATOR.to_owned();
    info.subject.clone_from(&about.description);
    let seconds = about.made_at.timestamp().as_second();
    if let Ok(at) = printpdf::OffsetDateTime::from_unix_timestamp(seconds) {
        info.creation_date = at;
        info.modification_date = at;
        info.metadata_date = at;
    }
    // printpdf's own names are drawn at random; the same ticket should give the same sheet.
    let name = XObjectId("Ticket".to_owned());
    document
        .resources
        .xobjects
        .map
        .insert(name.clone(), XObject::External(picture(print)));
    let place = Op::UseXobject {
        id: name,
        transform: XObjectTransform {
            // An image XObject is one unit square: so many points make it fill the page.
            scale_x: Some(WIDTH),
            scale_y: Some(HEIGHT),
            dpi: Some(f32::from(DPI)),
            no_auto_scale: true,
            ..XObjectTransform::default()
        },
    };
    let mut page = PdfPage::new(Mm::from(Pt(WIDTH)), Mm::from(Pt(HEIGHT)), vec![place]);
    // Millimetres on the way would leave 287.99998 points.
    let exact = Rect::from_wh(Pt(WIDTH), Pt(HEIGHT));
    (page.media_box, page.trim_box, page.crop_box) = (exact.clone(), exact.clone(), exact);
    document.with_pages(vec![page]);

    let options = PdfSaveOptions {
        optimize: false,
        image_optimization: None,
        ..PdfSaveOptions::default()
    };
    let mut file = printpdf::to_lopdf_doc(&document, &options, &mut Vec::new());
    // The lowest version that knows metadata streams and languages.
    file.version = "1.4".to_owned();
    disclaim(&mut file);
    pdf::describe(&mut file, about)?;
    // printpdf draws its file identifiers at random; the content says as much and repeats.
    let id = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &print.bytes);
    let id = Object::String(id.as_ref()[..16].to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    pdf::save(&mut file)
}

/// Takes back what printpdf says about a document unasked: that it conforms to PDF/X, and that it has
/// an author and keywords, though empty ones.
fn disclaim(file: &mut lopdf::Document) {
    let info = file.trailer.get(b"Info").and_then(Object::as_reference);
    if let Ok(info) = info.and_then(|id| file.get_dictionary_mut(id)) {
        for key in [
            b"GTS_PDFXVersion".as_slice(),
            b"Identifier",
            b"Trapped",
            b"Author",
            b"Keywords",
        ] {
            info.remove(key);
        }
    }
}

fn picture(print: &Jpeg) -> ExternalXObject {
    let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
    let dict = BTreeMap::from([
        ("Type".to_owned(), name("XObject")),
        ("Subtype".to_owned(), name("Image")),
        ("Width".to_owned(), DictItem::Int(print.width.into())),
        ("Height".to_owned(), DictItem::Int(print.height.into())),
        ("ColorSpace".to_owned(), name("DeviceRGB")),
        ("BitsPerComponent".to_owned(), DictItem::Int(8)),
        ("Filter".to_owned(), name("DCTDecode")),
    ]);
    ExternalXObject {
        stream: ExternalStream {
            dict,
            content: print.bytes.to_vec(),
            compress: false,
        },
        width: None,
        height: None,
        dpi: None,
    }
}
