//! `[staff]`: who runs the booth, and from where.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret::mask::DOTS;
use crate::settings::Faults;

/// How many digits a PIN may have.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

/// `[staff]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the staff page is on the public listener too, for a phone or a laptop of the
    /// staff's. The PIN then travels as the listener does: put TLS before it.
    pub public: bool,
    /// The PIN, if it is chosen here; empty: the first start makes one and says it once.
    pub pin: GivenPin,
}

/// A PIN as settings give it. Shown nowhere, as anything but dots.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GivenPin(String);

impl GivenPin {
    /// A PIN of these digits.
    #[must_use]
    pub fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }

    /// The digits, or `None` if none are given.
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }

    fn shown(&self) -> &'static str {
        if self.0.is_empty() { "" } else { DOTS }
    }
}

impl std::fmt::Debug for GivenPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GivenPin({})", self.shown())
    }
}

impl Serialize for GivenPin {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.shown())
    }
}

impl<'de> Deserialize<'de> for GivenPin {
    /// Takes a number for its digits as well: a complaint about its type would print it.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(i64),
        }
        Ok(match Written::deserialize(from)? {
            Written::Text(text) => Self(text),
            Written::Number(number) => Self(number.to_string()),
        })
    }
}

impl Settings {
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        let Some(pin) = self.pin.reveal() else {
            return;
        };
        let (least, most) = (DIGITS.start(), DIGITS.end());
        let allowed = format!("must have {least} to {most} digits, in quotes");
        let digits = DIGITS.contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit());
        faults.check(digits, "pin", allowed);
        faults.check(
            !is_guessable(pin),
            "pin",
            "is the first that anyone would try: not one digit repeated, and none that count up or down",
        );
    }
}

/// Whether each digit follows from the one before by the same step of -1, 0 or 1: `000000`,
/// `123456`, `987654`.
pub(super) fn is_guessable(pin: &str) -> bool {
    let mut steps = pin
        .as_bytes()
        .windows(2)
        .map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
    let Some(first) = steps.next() else {
        return true;
    };
    first.abs() <= 1 && steps.all(|step| step == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    fn faults(settings: &Settings) -> Vec<String> {
        Faults::keys(|faults| settings.validate(faults))
    }

    #[test]
    fn an_empty_table_keeps_staff_at_the_booth_and_makes_a_pin() {
        let settings = read("");
        assert_eq!(settings, Settings::default());
        assert!(!settings.public);
        assert_eq!(settings.pin.reveal(), None);
        assert!(faults(&settings).is_empty());
    }

    #[test]
    fn a_pin_is_digits_that_nobody_tries_first() {
        for good in ["271828", "000001", "112233445566"] {
            let settings = read(&format!("pin = \"{good}\""));
            assert!(faults(&settings).is_empty(), "{good}");
        }
        for bad in [
            "1",
            "12345",
            "123456",
            "000000",
            "987654",
            "27182a",
            "２７１８２８",
            "2718281828459",
        ] {
            let settings = read(&format!("pin = \"{bad}\""));
            assert_eq!(faults(&settings), ["pin"], "{bad}");
        }
    }

    #[test]
    fn a_pin_is_never_shown() {
        let settings = read("pin = 271828");
        assert_eq!(settings.pin.reveal(), Some("271828"));
        let shown = format!("{settings:?} {}", toml::to_string(&settings).unwrap());
        assert!(!shown.contains("271828") && shown.contains(DOTS), "{shown}");
    }

    #[test]
    fn unknown_keys_are_errors() {
        assert!(toml::from_str::<Settings>("pins = \"271828\"").is_err());
    }
}
