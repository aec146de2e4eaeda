//! `[wifi]`: the network on which phones reach the booth.

use serde::{Deserialize, Serialize};

use crate::settings::Faults;

/// `[wifi]`. Phones on another network cannot reach a booth without a public address: the QR
/// screen offers this one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wifi {
    /// The network's name, at most 32 bytes (IEEE 802.11); empty: none is offered.
    pub ssid: String,
    /// Its WPA passphrase, 8 to 63 characters; empty: an open network. Visitors get to know it.
    pub password: String,
}

impl Wifi {
    /// What its QR code says, or `None` if no network is offered: the form that phones' cameras
    /// know, `WIFI:T:WPA;S:name;P:password;;`, where `\\ ; , : "` are escaped.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        if self.ssid.is_empty() {
            return None;
        }
        let ssid = escaped(&self.ssid);
        Some(if self.password.is_empty() {
            format!("WIFI:T:nopass;S:{ssid};;")
        } else {
            format!("WIFI:T:WPA;S:{ssid};P:{};;", escaped(&self.password))
        })
    }

    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        let plain = |text: &str| !text.chars().any(char::is_control);
        faults.check(
            self.ssid.len() <= 32 && plain(&self.ssid),
            "ssid",
            "must have at most 32 bytes, all printable",
        );
        let length = self.password.chars().count();
        faults.check(
            (self.password.is_empty() || (8..=63).contains(&length)) && plain(&self.password),
            "password",
            "must be empty (an open network) or have 8 to 63 printable characters",
        );
    }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if matches!(c, '\\' | ';' | ',' | ':' | '"') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ssid: &str, password: &str) -> Option<String> {
        let wifi = Wifi {
            ssid: ssid.to_owned(),
            password: password.to_owned(),
        };
        wifi.code()
    }

    #[test]
    fn names_and_passwords_are_escaped_as_phones_expect() {
        assert_eq!(code("", "unused"), None);
        assert_eq!(code("Easel", "").unwrap(), "WIFI:T:nopass;S:Easel;;");
        assert_eq!(
            code(r#"a;b"c"#, r"p:\,q;long").unwrap(),
            r#"WIFI:T:WPA;S:a\;b\"c;P:p\:\\\,q\;long;;"#
        );
    }
}
