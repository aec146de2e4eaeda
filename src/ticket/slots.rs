//! The parts of a filled template that the press treats apart.
//!
//! | element | meaning |
//! |---|---|
//! | `<rect id="keepsake">` | what the phone's picture shows; needed |
//! | `<g id="stub">` | everything that is a key: QR, claim code; must lie outside the keepsake; needed |
//! | `<g id="fixed">` | first of all that is drawn, the same for many visits; drawn once and kept |
//! | `<image href="asset:painting">` | the painting; needed |
//! | `<image href="asset:photo">` | the photo |

use std::ops::Range;
use std::sync::Arc;

use usvg::ImageKind;
use usvg::roxmltree::{Document, Node};

use super::Pictures;
use super::fonts::Fonts;

const PAINTING: &str = "asset:painting";
const PHOTO: &str = "asset:photo";

/// A rectangle in the template's units, which are pixels of the print raster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Which picture goes where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PictureSlot {
    pub(super) which: Which,
    pub(super) area: Area,
    /// The element's place in the SVG text.
    pub(super) range: Range<usize>,
}

/// The pictures a template may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Painting,
    Photo,
}

impl Which {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Painting => "painting",
            Self::Photo => "photo",
        }
    }

    fn of(node: Node<'_, '_>) -> Option<Self> {
        match href(node)? {
            PAINTING => Some(Self::Painting),
            PHOTO => Some(Self::Photo),
            _ => None,
        }
    }
}

/// The keepsake's rectangle.
pub(super) fn keepsake(document: &Document<'_>) -> Option<Area> {
    let node = document
        .descendants()
        .find(|node| node.attribute("id") == Some("keepsake"))?;
    node.has_tag_name("rect").then(|| area(node)).flatten()
}

/// The template's size in whole units, from a `viewBox` that begins at 0, 0.
pub(super) fn canvas(document: &Document<'_>) -> Option<(u32, u32)> {
    let size = document
        .root_element()
        .attribute("viewBox")?
        .strip_prefix("0 0 ")?;
    let (width, height) = size.split_once(' ')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// The fixed layer: the first drawn child of the root, if it is `<g id="fixed">`.
pub(super) fn fixed<'a, 'b>(document: &'a Document<'b>) -> Option<Node<'a, 'b>> {
    let first = drawn_children(document).next()?;
    (first.attribute("id") == Some("fixed")).then_some(first)
}

/// Where the root's other drawn children are: what the fixed layer at `fixed` does not say.
pub(super) fn others(document: &Document<'_>, fixed: &Range<usize>) -> Vec<Range<usize>> {
    drawn_children(document)
        .map(|node| node.range())
        .filter(|range| range != fixed)
        .collect()
}

/// The pictures that come right after the fixed layer, upright and unclipped.
///
/// They can be copied onto it pixel by pixel, which is far quicker than drawing them as part of the
/// tree; where a template does more with a picture, the tree draws it.
pub(super) fn plain_pictures(document: &Document<'_>) -> Vec<PictureSlot> {
    drawn_children(document)
        .skip_while(|node| node.attribute("id") == Some("fixed"))
        .map_while(|node| {
            Some(PictureSlot {
                which: Which::of(node)?,
                area: area(node).filter(|_| is_plain(node))?,
                range: node.range(),
            })
        })
        .collect()
}

/// Options that resolve the two pictures' names to `pictures` and read nothing else.
pub(super) fn options(fonts: &Arc<Fonts>, pictures: &Pictures) -> usvg::Options<'static> {
    let painting = Arc::new(pictures.painting.to_vec());
    let photo = Arc::new(pictures.photo.to_vec());
    let mut options = fonts.options();
    options.image_href_resolver.resolve_string = Box::new(move |href, _| match href {
        PAINTING => Some(ImageKind::JPEG(Arc::clone(&painting))),
        PHOTO => Some(ImageKind::JPEG(Arc::clone(&photo))),
        _ => None,
    });
    options
}

/// Options for trying a template without pictures: empty drawings of a fair size take their place.
pub(super) fn stand_in_options(fonts: &Arc<Fonts>) -> usvg::Options<'static> {
    let mut options = fonts.options();
    options.image_href_resolver.resolve_string = Box::new(|href, _| {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="768" height="768"/>"#;
        let known = matches!(href, PAINTING | PHOTO);
        let tree = known.then(|| usvg::Tree::from_str(svg, &usvg::Options::default()).ok())??;
        Some(ImageKind::SVG(tree))
    });
    options
}

/// What is wrong with the slots of a filled template, in words for its author.
pub(super) fn check(document: &Document<'_>, tree: &usvg::Tree) -> Result<(), String> {
    let Some(keepsake) = keepsake(document) else {
        return Err(
            "has no <rect id=\"keepsake\" x= y= width= height=>: the part shown on the phone"
                .to_owned(),
        );
    };
    let Some(stub) = tree.node_by_id("stub") else {
        return Err("has no <g id=\"stub\">: the part with the QR and the code".to_owned());
    };
    let stub = stub.abs_bounding_box();
    let apart = stub.top() >= keepsake.y + keepsake.height
        || stub.bottom() <= keepsake.y
        || stub.left() >= keepsake.x + keepsake.width
        || stub.right() <= keepsake.x;
    if !apart {
        return Err(format!(
            "draws its stub ({}, {} to {}, {}) over the keepsake, which must carry no key",
            stub.left(),
            stub.top(),
            stub.right(),
            stub.bottom()
        ));
    }
    let images = || {
        document
            .descendants()
            .filter(|node| node.has_tag_name("image"))
    };
    if let Some(strange) = images().find(|node| Which::of(*node).is_none()) {
        return Err(format!(
            "shows the image {:?}; only {PAINTING} and {PHOTO} are known",
            href(strange).unwrap_or_default()
        ));
    }
    if !images().any(|node| Which::of(node) == Some(Which::Painting)) {
        return Err(format!(
            "does not show the painting: <image href=\"{PAINTING}\"/>"
        ));
    }
    Ok(())
}

/// The root's children that draw something.
fn drawn_children<'a, 'b>(document: &'a Document<'b>) -> impl Iterator<Item = Node<'a, 'b>> {
    document.root_element().children().filter(|node| {
        node.is_element()
            && !matches!(
                node.tag_name().name(),
                "defs" | "title" | "desc" | "metadata" | "style"
            )
            && node.attribute("id") != Some("keepsake")
    })
}

/// Whether a picture only covers its rectangle, cropped to it, on whole pixels.
fn is_plain(image: Node<'_, '_>) -> bool {
    let known = [
        "id",
        "href",
        "x",
        "y",
        "width",
        "height",
        "preserveAspectRatio",
    ];
    image
        .attributes()
        .all(|attribute| known.contains(&attribute.name()))
        && image.attribute("preserveAspectRatio") == Some("xMidYMid slice")
        && area(image).is_some_and(|area| {
            [area.x, area.y, area.width, area.height]
                .iter()
                .all(|value| *value >= 0.0 && value.fract() == 0.0)
        })
}

fn href<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.attribute("href")
        .or_else(|| node.attribute(("http://www.w3.org/1999/xlink", "href")))
}

fn area(node: Node<'_, '_>) -> Option<Area> {
    let number = |name| node.attribute(name).unwrap_or("0").parse::<f32>().ok();
    Some(Area {
        x: number("x")?,
        y: number("y")?,
        width: number("width").filter(|width| *width > 0.0)?,
        height: number("height").filter(|height| *height > 0.0)?,
    })
}
