//! Spans of time and sizes in bytes, as people write them: `20s`, `72h`, `30MB`.
//!
//! Own small parsers: `jiff` refuses `7d` for a plain duration and `humantime` prints the `72h` an
//! operator wrote back as `3days`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A span of time, written as whole numbers with units: `250ms`, `20s`, `1m 30s`, `72h`, `7d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

/// A size in bytes, written `30MB` (powers of 1000), `16KiB` (powers of 1024), or a plain number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// Why a text is no span or size. The text itself is the caller's to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a list of whole numbers with known units.
    #[error("expected a span such as \"250ms\", \"20s\", \"1m 30s\", \"72h\" or \"7d\"")]
    Span,
    /// Not one number with a known unit.
    #[error("expected a size such as \"512kB\", \"30MB\" or \"16MiB\"")]
    Size,
}

const SPAN_UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

const SIZE_UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

impl Span {
    /// A span of whole milliseconds.
    #[must_use]
    pub const fn millis(n: u64) -> Self {
        Self(Duration::from_millis(n))
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn secs(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }

    /// A span of whole hours.
    #[must_use]
    pub const fn hours(n: u64) -> Self {
        Self::secs(n * 3_600)
    }
}

impl ByteSize {
    /// A size of whole megabytes (10⁶ bytes).
    #[must_use]
    pub const fn mb(n: u64) -> Self {
        Self(n * 1_000_000)
    }

    /// The size in memory's own type; on a machine too small to hold it, as much as there can be.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(UnitError::Span);
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (number, unit, after) = take_amount(rest).ok_or(UnitError::Span)?;
            let ms = scale(number, unit, &SPAN_UNITS).ok_or(UnitError::Span)?;
            total = total.checked_add(ms).ok_or(UnitError::Span)?;
            rest = after;
        }
        Ok(Self::millis(total))
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit, rest) = take_amount(text.trim()).ok_or(UnitError::Size)?;
        let unit = if unit.is_empty() { "B" } else { unit };
        match scale(number, unit, &SIZE_UNITS) {
            Some(bytes) if rest.is_empty() => Ok(Self(bytes)),
            _ => Err(UnitError::Size),
        }
    }
}

/// Splits `"30 MB and more"` into `(30, "MB", "and more")`.
fn take_amount(text: &str) -> Option<(u64, &str, &str)> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..digits].parse().ok()?;
    let rest = text[digits..].trim_start();
    let letters = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    Some((number, &rest[..letters], rest[letters..].trim_start()))
}

fn scale(number: u64, unit: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*factor)
}

impl fmt::Display for Span {
    /// In the largest unit up to hours that needs no fraction, so that `72h` stays `72h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        let fits = |(_, factor): &&(&str, u64)| ms != 0 && ms.is_multiple_of(u128::from(*factor));
        let (unit, factor) = SPAN_UNITS[..4]
            .iter()
            .rev()
            .find(fits)
            .unwrap_or(&SPAN_UNITS[1]);
        write!(f, "{}{unit}", ms / u128::from(*factor))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, factor): &&(&str, u64)| self.0 != 0 && self.0.is_multiple_of(*factor);
        let by_size = [
            SIZE_UNITS[4],
            SIZE_UNITS[7],
            SIZE_UNITS[3],
            SIZE_UNITS[6],
            SIZE_UNITS[1],
            SIZE_UNITS[5],
        ];
        let (unit, factor) = by_size.iter().find(fits).unwrap_or(&SIZE_UNITS[0]);
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A bare number has no unit, and guessing one is how a minute becomes a millisecond.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Other(de::IgnoredAny),
        }
        match Written::deserialize(deserializer)? {
            Written::Text(text) => text.parse().map_err(de::Error::custom),
            Written::Other(_) => Err(de::Error::custom(UnitError::Span)),
        }
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Bytes(u64),
            Text(String),
            Other(de::IgnoredAny),
        }
        match Written::deserialize(deserializer)? {
            Written::Bytes(n) => Ok(Self(n)),
            Written::Text(text) => text.parse().map_err(de::Error::custom),
            Written::Other(_) => Err(de::Error::custom(UnitError::Size)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_print_as_people_write_them() {
        for (text, ms, printed) in [
            ("20s", 20_000, "20s"),
            ("72h", 259_200_000, "72h"),
            ("7d", 604_800_000, "168h"),
            ("90s", 90_000, "90s"),
            ("60s", 60_000, "1m"),
            ("1m 30s", 90_000, "90s"),
            ("1m30s", 90_000, "90s"),
            ("250ms", 250, "250ms"),
            ("0s", 0, "0s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span, Span::millis(ms), "{text}");
            assert_eq!(span.to_string(), printed);
            assert_eq!(
                printed.parse(),
                Ok(span),
                "printing must not change the value"
            );
        }
    }

    #[test]
    fn spans_without_a_unit_or_with_nonsense_are_refused() {
        for text in [
            "",
            " ",
            "20",
            "s",
            "-3s",
            "1.5h",
            "3 weeks",
            "9999999999999999999s",
            "20s,",
            "2１s",
        ] {
            assert_eq!(text.parse::<Span>(), Err(UnitError::Span), "{text:?}");
        }
        assert!(toml::Value::Integer(20).try_into::<Span>().is_err());
    }

    #[test]
    fn sizes_read_and_print_as_people_write_them() {
        for (text, bytes, printed) in [
            ("30MB", 30_000_000, "30MB"),
            ("16 KiB", 16_384, "16KiB"),
            ("512kB", 512_000, "512kB"),
            ("1GiB", 1 << 30, "1GiB"),
            ("1234", 1_234, "1234B"),
            ("0", 0, "0B"),
        ] {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!(size, ByteSize(bytes), "{text}");
            assert_eq!(size.to_string(), printed);
            assert_eq!(printed.parse(), Ok(size));
        }
        for text in [
            "",
            "MB",
            "30 megs",
            "30mb",
            "-1MB",
            "99999999999GB",
            "1MB 2kB",
        ] {
            assert_eq!(text.parse::<ByteSize>(), Err(UnitError::Size), "{text:?}");
        }
        assert_eq!(toml::Value::Integer(5).try_into(), Ok(ByteSize(5)));
        assert!(toml::Value::Integer(-5).try_into::<ByteSize>().is_err());
    }
}
