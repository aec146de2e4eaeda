//! Reading attributes: printers differ in what they leave out and in how they type a word.

use std::collections::BTreeMap;

use ipp::attribute::IppAttributeGroup;
use ipp::value::{IppName, IppValue};

/// One group of attributes, or none.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a>(pub(super) Option<&'a IppAttributeGroup>);

impl<'a> Attributes<'a> {
    fn get(self, name: &str) -> Option<&'a IppValue> {
        self.0?.get(name).map(ipp::attribute::IppAttribute::value)
    }

    /// All values of an attribute, none if it is not there.
    pub(super) fn all(self, name: &str) -> impl Iterator<Item = &'a IppValue> {
        let values: &'a [IppValue] = match self.get(name) {
            Some(IppValue::Array(values)) => values,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values.iter()
    }

    /// An integer or enum; of a range, its end.
    pub(super) fn number(self, name: &str) -> Option<i32> {
        self.all(name).find_map(number)
    }

    /// All integers and enums.
    pub(super) fn numbers(self, name: &str) -> Vec<i32> {
        self.all(name).filter_map(number).collect()
    }

    /// A word or sentence.
    pub(super) fn text(self, name: &str) -> Option<String> {
        self.all(name)
            .find_map(text)
            .filter(|text| !text.is_empty())
    }

    /// All words of a list.
    pub(super) fn texts(self, name: &str) -> Vec<String> {
        self.all(name).filter_map(text).collect()
    }

    /// A yes or no.
    pub(super) fn is(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            IppValue::Boolean(yes) => Some(*yes),
            _ => None,
        }
    }

    /// All collections of a list.
    pub(super) fn collections(self, name: &str) -> impl Iterator<Item = &'a Collection> {
        self.all(name).filter_map(|value| match value {
            IppValue::Collection(members) => Some(members),
            _ => None,
        })
    }
}

/// A collection's members.
pub(super) type Collection = BTreeMap<IppName, IppValue>;

/// An integer or enum; of a range, its end.
pub(super) fn number(value: &IppValue) -> Option<i32> {
    match value {
        IppValue::Integer(n) | IppValue::Enum(n) => Some(*n),
        IppValue::RangeOfInteger { max, .. } => Some(*max),
        _ => None,
    }
}

/// Whatever kind of text it is. `printer-supply` is an octet string of ASCII (PWG 5100.13).
pub(super) fn text(value: &IppValue) -> Option<String> {
    Some(match value {
        IppValue::Keyword(word) => word.to_string(),
        IppValue::MimeMediaType(word) => word.to_string(),
        IppValue::NameWithoutLanguage(name) | IppValue::NameWithLanguage { name, .. } => {
            name.to_string()
        }
        IppValue::TextWithoutLanguage(text) | IppValue::TextWithLanguage { text, .. } => {
            text.to_string()
        }
        IppValue::Uri(uri) => uri.to_string(),
        IppValue::OctetString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => return None,
    })
}
