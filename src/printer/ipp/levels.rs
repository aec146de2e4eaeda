//! How much paper a printer says it has left.

use super::attributes::Attributes;
use crate::printer::spooled::Levels;

/// Reads `printer-supply` (PWG 5100.13: `…;unit=sheets;maxcapacity=700;level=212;…`) and, failing
/// that, the `marker-…` attributes of CUPS, where a dye-sublimation ribbon is given in per cent.
pub(super) fn read(printer: Attributes<'_>) -> Levels {
    let sheets = printer.texts("printer-supply").iter().find_map(|supply| {
        let field = |name: &str| field(supply, name);
        let sheets = field("unit") == Some("sheets");
        let consumed = field("class").is_none_or(|class| class == "supplyThatIsConsumed");
        let number = |name| field(name)?.parse::<u32>().ok();
        (sheets && consumed).then(|| Some((number("level")?, number("maxcapacity")?)))?
    });
    if let Some((left, size)) = sheets {
        return Levels::Sheets { left, size };
    }
    let ribbon = printer
        .texts("marker-types")
        .iter()
        .zip(printer.numbers("marker-levels"))
        .filter(|(kind, _)| kind.starts_with("ribbon"))
        .filter_map(|(_, level)| u8::try_from(level).ok().filter(|percent| *percent <= 100))
        .min();
    ribbon.map_or(Levels::Unknown, Levels::Percent)
}

/// The value of `name` in `a=1;b=2;`.
fn field<'a>(supply: &'a str, name: &str) -> Option<&'a str> {
    supply
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key.trim() == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use ipp::attribute::{IppAttribute, IppAttributeGroup};
    use ipp::model::DelimiterTag;
    use ipp::value::IppValue;

    use super::*;

    fn group(attributes: &[(&str, Vec<IppValue>)]) -> IppAttributeGroup {
        let mut group = IppAttributeGroup::new(DelimiterTag::PrinterAttributes);
        for (name, values) in attributes {
            let values = IppValue::Array(values.clone());
            let attribute = IppAttribute::with_name(*name, values).unwrap();
            group.attributes_mut().push(attribute);
        }
        group
    }

    fn bytes(text: &'static str) -> IppValue {
        IppValue::OctetString(text.into())
    }

    fn word(text: &str) -> IppValue {
        IppValue::new_keyword(text).unwrap()
    }

    #[test]
    fn a_supply_in_sheets_is_taken_at_its_word() {
        let group = group(&[(
            "printer-supply",
            vec![
                bytes("index=1;class=receptacleThatIsFilled;unit=sheets;maxcapacity=9;level=1;"),
                bytes("index=2;class=supplyThatIsConsumed;unit=percent;maxcapacity=100;level=75;"),
                bytes(
                    "index=3;class=supplyThatIsConsumed;type=other;unit=sheets;maxcapacity=700;level=212;",
                ),
            ],
        )]);
        let levels = read(Attributes(Some(&group)));
        assert_eq!(
            levels,
            Levels::Sheets {
                left: 212,
                size: 700
            }
        );
    }

    #[test]
    fn a_ribbon_is_given_in_per_cent_and_ink_is_no_paper() {
        let two = group(&[
            (
                "marker-types",
                vec![word("ink-cartridge"), word("ribbon-wax")],
            ),
            ("marker-levels", vec![5.into_value(), 66.into_value()]),
        ]);
        assert_eq!(read(Attributes(Some(&two))), Levels::Percent(66));
        let ink = group(&[
            ("marker-types", vec![word("toner")]),
            ("marker-levels", vec![5.into_value()]),
        ]);
        assert_eq!(read(Attributes(Some(&ink))), Levels::Unknown);
        let unknown = group(&[
            ("marker-types", vec![word("ribbon-wax")]),
            ("marker-levels", vec![(-1).into_value()]),
        ]);
        assert_eq!(read(Attributes(Some(&unknown))), Levels::Unknown);
        assert_eq!(read(Attributes(None)), Levels::Unknown);
    }

    trait IntoValue {
        fn into_value(self) -> IppValue;
    }

    impl IntoValue for i32 {
        fn into_value(self) -> IppValue {
            IppValue::Integer(self)
        }
    }
}
