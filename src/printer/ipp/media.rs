//! Which of a printer's papers is the one a sheet is made for.
//!
//! Papers have self-describing names (PWG 5101.1): `na_index-4x6_4x6in`,
//! `custom_104.99x162.56mm_104.99x162.56mm`. A dye-sublimation driver names the size with its
//! bleed, so that the paper to choose may be some millimetres larger than the sheet, never smaller.

use std::collections::BTreeMap;

use ipp::value::{IppName, IppValue};

use super::attributes::{Attributes, Collection, number};

/// Hundredths of a millimetre.
type Size = (i32, i32);

/// 4 × 6 in.
const SHEET: Size = (10160, 15240);
/// Rounding: 4 in are called 101.6, 102 or 101 mm.
const SAME: i32 = 100;
/// The widest bleed of a known driver is 10.2 mm (DNP, along the roll).
const BLEED: i32 = 1200;
/// A gutenprint driver's word for a 4 × 6 in sheet that is cut into two strips of 2 × 6 in.
const HALVED: &str = "w288h432-div2";

/// What is asked of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Medium {
    /// `media`, a keyword.
    Named(String),
    /// `media-col`: a paper that is in the printer, to be printed to its edges; and its keyword.
    Borderless(BTreeMap<IppName, IppValue>, String),
}

/// The paper for a sheet of 4 × 6 in. `wish` is the operator's own word and goes unchecked, since
/// drivers know names they do not list; `halved` asks for a cut between two strips.
pub(super) fn choose(printer: Attributes<'_>, wish: Option<&str>, halved: bool) -> Option<Medium> {
    if let Some(wish) = wish {
        return Some(Medium::Named(wish.to_owned()));
    }
    if halved && can_halve(printer) {
        return Some(Medium::Named(HALVED.to_owned()));
    }
    let known = printer.texts("media-supported");
    let name = named(&known)?;
    let ready = printer
        .collections("media-col-ready")
        .find(|col| size_of(col).is_some_and(|size| over(size).is_some()) && is_borderless(col));
    Some(match ready {
        Some(col) => Medium::Borderless(wanted(col, printer), name.to_owned()),
        None => Medium::Named(name.to_owned()),
    })
}

/// Whether its driver can be told to cut a sheet into two strips.
pub(super) fn can_halve(printer: Attributes<'_>) -> bool {
    let model = printer.text("printer-make-and-model");
    model.is_some_and(|model| model.contains("Gutenprint"))
}

fn named(names: &[String]) -> Option<&str> {
    let fitting = names.iter().filter_map(|name| {
        let over = over(self_described(name)?)?;
        // Of two names for the same size, a standard one before a custom one.
        Some(((over, name.starts_with("custom_")), name.as_str()))
    });
    fitting.min().map(|(_, name)| name)
}

/// How much larger than a sheet, as an area; `None` if no sheet fits or the rest is no bleed.
fn over((width, height): Size) -> Option<i32> {
    let (wide, high) = (width - SHEET.0, height - SHEET.1);
    let bleeds = |more: i32| (-SAME..=BLEED).contains(&more);
    (bleeds(wide) && bleeds(high)).then(|| wide.max(0) + high.max(0))
}

/// The size at the end of a self-describing name.
fn self_described(name: &str) -> Option<Size> {
    let (_, size) = name.rsplit_once('_')?;
    let (numbers, scale) = match (size.strip_suffix("in"), size.strip_suffix("mm")) {
        (Some(numbers), _) => (numbers, 2540.0),
        (_, Some(numbers)) => (numbers, 100.0),
        _ => return None,
    };
    let (width, height) = numbers.split_once('x')?;
    let scaled = |n: &str| Some((n.parse::<f64>().ok()? * scale).round() as i32);
    Some((scaled(width)?, scaled(height)?))
}

fn member<'a>(col: &'a Collection, name: &str) -> Option<&'a IppValue> {
    col.iter()
        .find(|(key, _)| key.as_str() == name)
        .map(|(_, value)| value)
}

fn size_of(col: &Collection) -> Option<Size> {
    let Some(IppValue::Collection(size)) = member(col, "media-size") else {
        return None;
    };
    let side = |name| member(size, name).and_then(number);
    Some((side("x-dimension")?, side("y-dimension")?))
}

const MARGINS: [&str; 4] = [
    "media-bottom-margin",
    "media-left-margin",
    "media-right-margin",
    "media-top-margin",
];

fn is_borderless(col: &Collection) -> bool {
    MARGINS
        .iter()
        .all(|name| member(col, name).and_then(number) == Some(0))
}

/// The members of `col` that the printer takes in a job.
fn wanted(col: &Collection, printer: Attributes<'_>) -> BTreeMap<IppName, IppValue> {
    let taken = printer.texts("media-col-supported");
    let said = |name: &str| taken.iter().any(|known| known == name) && name != "media-size-name";
    let members = col.iter().filter(|(name, _)| said(name.as_str()));
    members
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(names: &[&str]) -> Option<String> {
        let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        named(&names).map(str::to_owned)
    }

    #[test]
    fn the_papers_own_name_is_found_among_others() {
        let names = [
            "na_letter_8.5x11in",
            "oe_photo-l_3.5x5in",
            "na_index-4x6_4x6in",
            "iso_a6_105x148mm",
            "na_5x7_5x7in",
        ];
        assert_eq!(best(&names).unwrap(), "na_index-4x6_4x6in");
        let twice = ["custom_4x6_101.6x152.4mm", "na_index-4x6_4x6in"];
        assert_eq!(best(&twice).unwrap(), "na_index-4x6_4x6in");
    }

    #[test]
    fn a_dye_sublimation_drivers_bleed_is_no_other_paper() {
        // What gutenprint 5.3.4 lists for a DNP DS-RX1.
        let names = [
            "custom_92.12x162.56mm_92.12x162.56mm",
            "custom_104.99x162.56mm_104.99x162.56mm",
            "custom_130.39x162.56mm_130.39x162.56mm",
            "custom_162.56x181.02mm_162.56x181.02mm",
        ];
        assert_eq!(best(&names).unwrap(), names[1]);
    }

    #[test]
    fn no_smaller_and_no_much_larger_paper_will_do() {
        assert_eq!(best(&["jpn_hagaki_100x148mm", "iso_a6_105x148mm"]), None);
        assert_eq!(best(&["na_5x7_5x7in", "iso_a4_210x297mm"]), None);
        assert_eq!(
            best(&["custom_min_1x1in", "auto", "w288h432", "x_4in"]),
            None
        );
    }
}
