//! Which of a printer's papers a ticket is printed on: by size, margins and what is loaded.
//!
//! Papers have self-describing names (PWG 5101.1): `na_index-4x6_4x6in`,
//! `custom_104.99x162.56mm_104.99x162.56mm`. A dye-sublimation driver names the size with its
//! bleed, so that the paper to choose may be some millimetres larger than the sheet, never smaller.
//! `custom_min_…` and `custom_max_…` are bounds, and no papers.

use std::collections::BTreeMap;

use ipp::value::{IppName, IppValue};

use super::attributes::{Attributes, Collection, number};

/// Hundredths of a millimetre.
type Size = (i32, i32);

/// What a ticket may be printed on, best first, each with the widest bleed of a known driver (DNP's
/// 10.2 mm along the roll). A ticket is 4 × 6 in; on the others its edges are cut a little, or it
/// stands between white ones, as the printer fills a page.
const PAPERS: [(Size, i32); 5] = [
    // 4 × 6 in.
    ((10160, 15240), 1200),
    // A postcard.
    ((10000, 14800), SAME),
    // A6.
    ((10500, 14800), SAME),
    // L, 3½ × 5 in.
    ((8900, 12700), SAME),
    // A card.
    ((5400, 8600), SAME),
];
/// Rounding: 4 in are called 101.6, 102 or 101 mm.
const SAME: i32 = 100;
/// A gutenprint driver's word for a 4 × 6 in sheet that is cut into two strips of 2 × 6 in.
const HALVED: &str = "w288h432-div2";

/// What is asked of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Medium {
    /// `media`, a keyword.
    Named(String),
    /// `media-col`: a paper to be printed to its edges; and its keyword, if it has one.
    Borderless(BTreeMap<IppName, IppValue>, Option<String>),
}

/// How well a paper fits, the less the better: which of [`PAPERS`] it is, and by how much larger.
type Fit = (usize, i32);

/// The paper for a ticket. `wish` is the operator's own word and goes unchecked, since drivers know
/// names they do not list; `halved` asks for a cut between two strips.
pub(super) fn choose(printer: Attributes<'_>, wish: Option<&str>, halved: bool) -> Option<Medium> {
    if let Some(wish) = wish {
        return Some(wished(printer, wish));
    }
    if halved && can_halve(printer) {
        return Some(Medium::Named(HALVED.to_owned()));
    }
    let known = printer.texts("media-supported");
    let (named, loaded) = (best(&known), loaded(printer));
    // A queue of CUPS calls its default loaded, whatever is.
    let is_queue = printer.text("printer-error-policy").is_some();
    let fit = match (loaded, named) {
        (Some(loaded), Some((fit, _))) if is_queue => loaded.min(fit),
        (Some(loaded), _) => loaded,
        (None, Some((fit, _))) => fit,
        (None, None) => return None,
    };
    let name = known
        .iter()
        .filter_map(|name| Some((fits(self_described(name)?)?, name)))
        .filter(|(its, _)| its.0 == fit.0)
        .min_by_key(|(its, name)| (*its, name.starts_with("custom_")))
        .map(|(_, name)| name.clone());
    let ready = ready(printer)
        .filter(|col| {
            size_of(col)
                .and_then(fits)
                .is_some_and(|its| its.0 == fit.0)
        })
        .find(|col| is_borderless(col));
    match (ready, name) {
        (Some(col), name) => Some(Medium::Borderless(wanted(col, printer), name)),
        (None, Some(name)) => Some(wished(printer, &name)),
        (None, None) => {
            let col = ready_of(printer, fit)?;
            Some(Medium::Borderless(wanted(col, printer), None))
        }
    }
}

/// A paper by its name: to its edges, if its size is known and the printer can.
fn wished(printer: Attributes<'_>, name: &str) -> Medium {
    let named = || Medium::Named(name.to_owned());
    let Some(size) = self_described(name) else {
        return named();
    };
    let ready = ready(printer).find(|col| {
        let same = size_of(col).is_some_and(|its| is_same(its, size));
        same && is_borderless(col)
    });
    let col = match ready {
        Some(col) => wanted(col, printer),
        None if can_be_borderless(printer) => to_the_edges(size),
        None => return named(),
    };
    Medium::Borderless(col, Some(name.to_owned()))
}

/// Whether its driver can be told to cut a sheet into two strips.
pub(super) fn can_halve(printer: Attributes<'_>) -> bool {
    let model = printer.text("printer-make-and-model");
    model.is_some_and(|model| model.contains("Gutenprint"))
}

/// The best of what is in the printer now.
fn loaded(printer: Attributes<'_>) -> Option<Fit> {
    let names = printer.texts("media-ready");
    let named = names.iter().filter_map(|name| fits(self_described(name)?));
    let sized = ready(printer).filter_map(|col| fits(size_of(col)?));
    named.chain(sized).min()
}

fn ready(printer: Attributes<'_>) -> impl Iterator<Item = &Collection> {
    printer.collections("media-col-ready")
}

fn ready_of(printer: Attributes<'_>, fit: Fit) -> Option<&Collection> {
    ready(printer).find(|col| {
        size_of(col)
            .and_then(fits)
            .is_some_and(|its| its.0 == fit.0)
    })
}

/// The best of these names, a standard one before a custom one.
fn best(names: &[String]) -> Option<(Fit, &str)> {
    names
        .iter()
        .filter_map(|name| Some((fits(self_described(name)?)?, name.as_str())))
        .min_by_key(|(fit, name)| (*fit, name.starts_with("custom_")))
}

/// Which of the papers a size is; `None` if no ticket fits or the rest is no bleed.
fn fits((width, height): Size) -> Option<Fit> {
    let mut papers = PAPERS.iter().enumerate();
    papers.find_map(|(rank, ((wide, high), bleed))| {
        let (wide, high) = (width - wide, height - high);
        let bleeds = |more: i32| (-SAME..=*bleed).contains(&more);
        (bleeds(wide) && bleeds(high)).then(|| (rank, wide.max(0) + high.max(0)))
    })
}

fn is_same(one: Size, other: Size) -> bool {
    (one.0 - other.0).abs() <= SAME && (one.1 - other.1).abs() <= SAME
}

/// The size at the end of a self-describing name.
fn self_described(name: &str) -> Option<Size> {
    if name.starts_with("custom_min_") || name.starts_with("custom_max_") {
        return None;
    }
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

/// Whether the printer knows paper without margins at all.
/// A queue of CUPS does what its driver's own words for papers say.
fn can_be_borderless(printer: Attributes<'_>) -> bool {
    if printer.text("printer-error-policy").is_some() {
        return false;
    }
    let taken = printer.texts("media-col-supported");
    MARGINS.iter().all(|name| {
        let widths = printer.numbers(&format!("{name}-supported"));
        widths.contains(&0) && taken.iter().any(|known| known == name)
    })
}

/// A paper of that size without margins.
fn to_the_edges((width, height): Size) -> BTreeMap<IppName, IppValue> {
    let named = |name: &str| IppName::new(name).expect("a short name");
    let size = [("x-dimension", width), ("y-dimension", height)];
    let size = size.map(|(name, side)| (named(name), IppValue::Integer(side)));
    let margins = MARGINS.map(|name| (named(name), IppValue::Integer(0)));
    let size = (named("media-size"), IppValue::Collection(size.into()));
    margins.into_iter().chain([size]).collect()
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
    use ipp::attribute::{IppAttribute, IppAttributeGroup};
    use ipp::model::DelimiterTag;

    use super::*;

    fn best(names: &[&str]) -> Option<String> {
        let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        super::best(&names).map(|(_, name)| name.to_owned())
    }

    /// A printer with these papers, of which the first `loaded` is in it, and these margins.
    fn printer(names: &[&str], loaded: Option<&str>, margins: &[i32]) -> IppAttributeGroup {
        let word = |name: &&str| IppValue::new_keyword(*name).unwrap();
        let widths = || IppValue::Array(margins.iter().map(|&n| IppValue::Integer(n)).collect());
        let taken = MARGINS.iter().chain(&["media-size"]).map(word).collect();
        let mut all = vec![
            (
                "media-supported".to_owned(),
                IppValue::Array(names.iter().map(word).collect()),
            ),
            ("media-col-supported".to_owned(), IppValue::Array(taken)),
        ];
        all.extend(loaded.map(|name| ("media-ready".to_owned(), word(&name))));
        all.extend(MARGINS.map(|name| (format!("{name}-supported"), widths())));
        let mut group = IppAttributeGroup::new(DelimiterTag::PrinterAttributes);
        for (name, value) in all {
            let attribute = IppAttribute::with_name(name.as_str(), value).unwrap();
            group.attributes_mut().push(attribute);
        }
        group
    }

    /// The size that is asked for, and whether to its edges.
    fn asked(medium: Option<Medium>) -> (Option<Size>, bool) {
        match medium {
            Some(Medium::Named(name)) => (self_described(&name), false),
            Some(Medium::Borderless(col, _)) => (size_of(&col), is_borderless(&col)),
            None => (None, false),
        }
    }

    /// What a SELPHY CP1500 lists, with its bounds.
    const SELPHY: [&str; 6] = [
        "custom_min_54x86mm",
        "custom_max_102x153mm",
        "jpn_hagaki_100x148mm",
        "oe_photo-l_89x127mm",
        "custom_54x86mm_54x86mm",
        "na_index-4x6_4x6in",
    ];

    #[test]
    fn a_bound_is_no_paper_and_the_ticket_goes_to_its_edges() {
        let with = |loaded, wish| {
            let group = printer(&SELPHY, loaded, &[0, 300]);
            asked(choose(Attributes(Some(&group)), wish, false))
        };
        let index = (Some((10160, 15240)), true);
        let postcard = (Some((10000, 14800)), true);
        assert_eq!(with(None, None), index);
        assert_eq!(with(Some("na_index-4x6_4x6in"), None), index);
        assert_eq!(with(Some("jpn_hagaki_100x148mm"), None), postcard);
        assert_eq!(
            with(Some("oe_photo-l_89x127mm"), None),
            (Some((8900, 12700)), true)
        );
        assert_eq!(
            with(Some("custom_54x86mm_54x86mm"), None),
            (Some((5400, 8600)), true)
        );
        // What is no ticket's paper says nothing of what to ask for.
        assert_eq!(with(Some("iso_a4_210x297mm"), None), index);
        assert_eq!(with(None, Some("jpn_hagaki_100x148mm")), postcard);
        let group = printer(&SELPHY, None, &[300]);
        let plain = choose(
            Attributes(Some(&group)),
            Some("jpn_hagaki_100x148mm"),
            false,
        );
        assert_eq!(asked(plain), (Some((10000, 14800)), false));
        let own = choose(Attributes(Some(&group)), Some("w288h432"), false);
        assert_eq!(own, Some(Medium::Named("w288h432".to_owned())));
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
    fn other_papers_stand_behind_it_and_no_much_larger_one_will_do() {
        let names = [
            "iso_a6_105x148mm",
            "jpn_hagaki_100x148mm",
            "oe_photo-l_3.5x5in",
        ];
        assert_eq!(best(&names).unwrap(), "jpn_hagaki_100x148mm");
        assert_eq!(best(&names[..1]).unwrap(), names[0]);
        assert_eq!(best(&names[2..]).unwrap(), names[2]);
        assert_eq!(best(&["na_5x7_5x7in", "iso_a4_210x297mm"]), None);
        assert_eq!(
            best(&["custom_max_102x153mm", "auto", "w288h432", "x_4in"]),
            None
        );
    }
}
