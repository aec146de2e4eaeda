//! Settings of generators that are servers: where they are, and what they are shown.

use std::fmt;

use axum::http::Uri;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::GeneratorSettings;
use crate::generator::Kind;
use crate::generator::wire::Address;
use crate::secret::mask;
use crate::settings::Faults;

/// The address of a server. Printing it hides who asks, and what; [`Self::as_str`] does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerUrl(String);

impl ServerUrl {
    /// The address as given, password and all.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_web(&self) -> bool {
        let uri = self.0.parse::<Uri>();
        let web = uri.is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|h| !h.is_empty())
                && uri.query().is_none()
        });
        web && Url::parse(&self.0).is_ok()
    }
}

impl From<&str> for ServerUrl {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask::url(&self.0))
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a server's settings: the key, and what would do.
type Fault = (&'static str, String);

impl GeneratorSettings {
    /// Where the server is and what it is shown.
    ///
    /// # Errors
    /// In words, with the key: what settings say cannot be used, or the key's file cannot be read.
    pub fn address(&self) -> Result<Address, String> {
        let words = |(key, wrong)| format!("{key} {wrong}");
        self.try_address().map_err(words)
    }

    fn try_address(&self) -> Result<Address, Fault> {
        let url = self.url.as_ref();
        let url = url.ok_or_else(|| ("url", format!("must be given for kind {}", self.kind)))?;
        let parsed = Url::parse(url.as_str()).ok().filter(|_| url.is_web());
        let mut base = parsed.ok_or_else(|| {
            let wrong = "must be http(s)://host[:port][/path], without '?'";
            ("url", wrong.to_owned())
        })?;
        let mut headers = HeaderMap::new();
        if let Some(basic) = basic_auth(&base) {
            headers.insert(AUTHORIZATION, basic);
        }
        // What is in front of the host is told by the header; a socket would not tell it at all.
        let bare = base.set_username("").is_ok() && base.set_password(None).is_ok();
        debug_assert!(bare, "a web address may go without a user");
        if let Some((key, bearer)) = self.bearer()? {
            let value = header(&format!("Bearer {bearer}"));
            headers.insert(AUTHORIZATION, value.ok_or_else(|| unprintable(key))?);
        }
        for (name, value) in &self.headers {
            let name = name.parse::<HeaderName>().map_err(|_| {
                let wrong = format!("must be names of headers, and \"{name}\" is none");
                ("headers", wrong)
            })?;
            let value = header(value.reveal());
            headers.insert(name, value.ok_or_else(|| unprintable("headers"))?);
        }
        Ok(Address {
            base,
            headers,
            query: self.query.as_ref().map(|q| q.reveal().to_owned()),
            picture_hosts: self.picture_hosts.clone(),
        })
    }

    /// The key, and the setting it came from.
    fn bearer(&self) -> Result<Option<(&'static str, String)>, Fault> {
        match (&self.key, &self.key_file) {
            (Some(_), Some(_)) => {
                let wrong = "must be left out where key is given";
                Err(("key_file", wrong.to_owned()))
            }
            (Some(key), None) => Ok(Some(("key", key.reveal().to_owned()))),
            (None, Some(file)) => match std::fs::read_to_string(file) {
                Ok(key) => Ok(Some(("key_file", key.trim().to_owned()))),
                Err(e) => Err(("key_file", format!("must be a file we can read: {e}"))),
            },
            (None, None) => Ok(None),
        }
    }

    /// Finds what keeps a server from being asked, if it is one.
    pub(super) fn validate_server(&self, faults: &mut Faults) {
        if !self.kind.traits().remote {
            return;
        }
        if let Err((key, wrong)) = self.try_address() {
            faults.check(false, key, wrong);
        }
        let needs_model = self.kind == Kind::Openai && self.model.is_none();
        faults.check(!needs_model, "model", "must be given for kind openai");
        let one_at_a_time = self.kind != Kind::Sdwebui || self.slots == 1;
        let allowed = "must be 1 for kind sdwebui, which paints one at a time";
        faults.check(one_at_a_time, "slots", allowed);
    }
}

fn unprintable(key: &'static str) -> Fault {
    (key, "must be printable characters of ASCII".to_owned())
}

fn header(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    // Debug prints and HTTP/2's tables leave it out.
    value.set_sensitive(true);
    Some(value)
}

/// What `http://user:password@host` says of itself (RFC 7617).
fn basic_auth(url: &Url) -> Option<HeaderValue> {
    use base64::Engine as _;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_decoded(text);
    let pair = format!(
        "{}:{}",
        plain(url.username()),
        plain(url.password().unwrap_or_default())
    );
    header(&format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    ))
}

/// `p%40ss` → `p@ss`: in a URL a password is escaped, in a header it is not.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.get(..2)).flatten();
        let value = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match value {
            Some(value) => {
                bytes.push(value);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn at(url: &str) -> GeneratorSettings {
        GeneratorSettings {
            kind: Kind::Comfyui,
            url: Some(url.into()),
            ..GeneratorSettings::default()
        }
    }

    #[test]
    fn a_password_goes_from_the_address_into_a_header() {
        let address = at("http://me:p%40ss@h:1/x").address().unwrap();
        assert_eq!(address.base.as_str(), "http://h:1/x");
        // printf 'me:p@ss' | base64
        assert_eq!(address.headers[AUTHORIZATION], "Basic bWU6cEBzcw==");
        assert!(!format!("{address:?}").contains("bWU6cEBzcw"));
        assert!(at("http://h").address().unwrap().headers.is_empty());
    }

    #[test]
    fn keys_and_headers_are_sent() {
        let mut settings = at("https://h");
        settings.key = Some("k1".into());
        settings
            .headers
            .insert("X-Gate".to_owned(), Secret::from("open"));
        let address = settings.address().unwrap();
        assert_eq!(address.headers[AUTHORIZATION], "Bearer k1");
        assert_eq!(address.headers["x-gate"], "open");
        settings
            .headers
            .insert("no header".to_owned(), Secret::from("x"));
        assert!(
            settings
                .address()
                .unwrap_err()
                .contains("\"no header\" is none")
        );
    }

    #[test]
    fn a_key_may_lie_in_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from-file\n").unwrap();
        let mut settings = at("https://h");
        settings.key_file = Some(file.path().to_owned());
        assert_eq!(
            settings.address().unwrap().headers[AUTHORIZATION],
            "Bearer from-file"
        );
        settings.key = Some("both".into());
        assert!(settings.address().unwrap_err().starts_with("key_file"));
        settings.key = None;
        settings.key_file = Some("no/such/file".into());
        assert!(
            settings
                .address()
                .unwrap_err()
                .contains("must be a file we can read")
        );
    }

    #[test]
    fn strange_addresses_are_refused() {
        for url in ["h:8188", "ftp://h", "http://", "http://h/?token=x", ""] {
            assert!(at(url).address().is_err(), "{url}");
        }
    }
}
