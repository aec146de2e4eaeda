//! The function `line` of templates.

use minijinja::value::Kwargs;
use minijinja::{Error, ErrorKind, Value};

use super::fit::{Anchor, Room, Slot};
use super::fonts::{DEFAULT_FAMILY, Fonts};
use super::typeset::Manner;

/// `line(text, x=, y=, width=, sizes=[…], …)` in templates: one line of text in a slot, as a
/// `<text>` element. The README beside the templates lists what it takes.
pub(super) fn set(text: &str, kwargs: &Kwargs, fonts: &Fonts) -> Result<Value, Error> {
    let refused = |detail| Error::new(ErrorKind::InvalidOperation, detail);
    let sizes: Vec<f32> = kwargs.get("sizes")?;
    if sizes.is_empty() || sizes.iter().any(|size| !(1.0..=1000.0).contains(size)) {
        return Err(refused(
            "line: sizes are numbers from 1 to 1000, largest first",
        ));
    }
    let anchor = match kwargs.get::<Option<&str>>("anchor")? {
        None | Some("start") => Anchor::Start,
        Some("middle") => Anchor::Middle,
        Some("end") => Anchor::End,
        Some(_) => return Err(refused("line: anchor is start, middle or end")),
    };
    let family = kwargs
        .get::<Option<&str>>("family")?
        .unwrap_or(DEFAULT_FAMILY);
    if !fonts.has_family(family) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            unbundled(family, fonts),
        ));
    }
    let manner = Manner {
        family,
        weight: kwargs.get::<Option<u16>>("weight")?.unwrap_or(400),
        italic: kwargs.get::<Option<bool>>("italic")?.unwrap_or_default(),
        spacing: kwargs.get::<Option<f32>>("spacing")?.unwrap_or_default(),
    };
    let reach = |name| kwargs.get::<Option<f32>>(name);
    let room = match (reach("above")?, reach("below")?) {
        (Some(above), Some(below)) if above > 0.0 && below >= 0.0 => Some(Room { above, below }),
        (None, None) => None,
        _ => {
            return Err(refused(
                "line: above and below go together, and are not negative",
            ));
        }
    };
    let slot = Slot {
        width: kwargs.get("width")?,
        sizes: &sizes,
        manner,
        prefix: kwargs.get::<Option<&str>>("prefix")?.unwrap_or_default(),
        suffix: kwargs.get::<Option<&str>>("suffix")?.unwrap_or_default(),
        room,
    };
    let at = [kwargs.get("x")?, kwargs.get("y")?];
    kwargs.assert_all_used()?;
    let svg = slot
        .fit(text, fonts)
        .to_svg(at, anchor, manner.spacing, fonts);
    // Escaped piece by piece where it was written.
    Ok(Value::from_safe_string(svg))
}

/// The complaint about a font that is not bundled.
pub(super) fn unbundled(family: &str, fonts: &Fonts) -> String {
    format!(
        "names the font {family:?}, which is not bundled; bundled are {}",
        fonts.families().join(", ")
    )
}
