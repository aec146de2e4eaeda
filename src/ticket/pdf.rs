//! The visitor's PDF: vectors, selectable text, embedded font subsets, the pictures' own JPEG data.

use bytes::Bytes;
use krilla::geom::Size;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use lopdf::{Dictionary, Object, Stream};

use super::xmp::About;
use super::{DPI, TicketError};
use crate::imaging::mark::CREATOR;

/// PDF points an inch.
const POINTS: f32 = 72.0;

/// Writes `tree`, measured in pixels of the print raster, on a page of its size on paper.
///
/// # Errors
/// [`TicketError::Pdf`] with the writer's own words.
pub(super) fn write(tree: &usvg::Tree, about: &About) -> Result<Bytes, TicketError> {
    let scale = POINTS / f32::from(DPI);
    let size = Size::from_wh(tree.size().width() * scale, tree.size().height() * scale)
        .ok_or_else(|| TicketError::Pdf("the page has no size".to_owned()))?;
    let mut document = Document::new_with(SerializeSettings {
        // Ours says more than krilla's can, and is attached below.
        xmp_metadata: false,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(about));
    let mut page = document.start_page_with(
        PageSettings::from_wh(size.width(), size.height())
            .ok_or_else(|| TicketError::Pdf("the page has no size".to_owned()))?,
    );
    let mut surface = page.surface();
    surface
        .draw_svg(tree, size, SvgSettings::default())
        .ok_or_else(|| TicketError::Pdf("the drawing cannot be placed".to_owned()))?;
    surface.finish();
    page.finish();
    let bytes = document
        .finish()
        .map_err(|error| TicketError::Pdf(format!("{error:?}")))?;
    let mut file = lopdf::Document::load_mem(&bytes).map_err(trouble)?;
    describe(&mut file, about)?;
    save(&mut file)
}

/// Sets a PDF's language and XMP metadata stream, and shows its title in the window bar.
///
/// # Errors
/// [`TicketError::Pdf`] if the file has no catalogue.
pub(super) fn describe(file: &mut lopdf::Document, about: &About) -> Result<(), TicketError> {
    let header = Dictionary::from_iter([("Type", name("Metadata")), ("Subtype", name("XML"))]);
    // Left uncompressed, so that tools that know no PDF find it too.
    let packet = Stream::new(header, about.packet().into_bytes()).with_compression(false);
    let packet = file.add_object(packet);
    let catalog = file.catalog_mut().map_err(trouble)?;
    catalog.set("Metadata", Object::Reference(packet));
    catalog.set("Lang", Object::string_literal(about.language.as_str()));
    let window = Dictionary::from_iter([("DisplayDocTitle", Object::Boolean(true))]);
    catalog.set("ViewerPreferences", window);
    Ok(())
}

/// Writes a PDF.
///
/// # Errors
/// [`TicketError::Pdf`].
pub(super) fn save(file: &mut lopdf::Document) -> Result<Bytes, TicketError> {
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).map_err(trouble)?;
    Ok(bytes.into())
}

fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().to_vec())
}

fn trouble(error: impl std::fmt::Display) -> TicketError {
    TicketError::Pdf(error.to_string())
}

fn metadata(about: &About) -> Metadata {
    Metadata::new()
        .title(about.title.clone())
        .description(about.description.clone())
        .language(about.language.clone())
        .creator(CREATOR.to_owned())
        .producer(CREATOR.to_owned())
        .creation_date(date(&about.made_at))
}

fn date(at: &jiff::Zoned) -> DateTime {
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    let offset = at.offset().seconds();
    let hours = i8::try_from(offset / 3600).unwrap_or_default();
    let minutes = u8::try_from(offset.unsigned_abs() / 60 % 60).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(hours)
        .utc_offset_minute(minutes)
}
