//! Values that are nobody's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::mask::DOTS;

/// A key or a password. Printing it shows dots; [`Self::reveal`] does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DOTS)
    }
}

/// Whether the key at this path holds one: `generator[0].key`, `generator[1].headers.X-Token`.
pub(super) fn is_secret(path: &str) -> bool {
    let mut names = path.rsplit('.');
    let name = names.next().unwrap_or_default();
    let within = names.next().unwrap_or_default();
    let of_a_server = matches!(name, "key" | "query" | "headers") || within == "headers";
    (path.starts_with("generator") && of_a_server) || matches!(path, "wifi.password" | "staff.pin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_place() {
        for secret in [
            "generator[0].key",
            "generator[3].query",
            "generator[0].headers",
            "generator[0].headers.X-A",
            "wifi.password",
            "staff.pin",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for open in [
            "generator[0].key_file",
            "generator[0].url",
            "printer.key",
            "key",
            "",
        ] {
            assert!(!is_secret(open), "{open}");
        }
        assert_eq!(format!("{:?}", Secret::from("hunter2")), DOTS);
    }
}
