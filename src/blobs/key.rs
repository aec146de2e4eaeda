//! The name of a blob: which session, which picture, which variant, which format.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// How a blob's bytes are to be read. Ours by construction: visitors' bytes are re-encoded or
/// sniffed before they get a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JFIF.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// PDF.
    Pdf,
}

impl Format {
    const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::WebP, Self::Pdf];

    /// The ending of the blob's name, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Pdf => "pdf",
        }
    }

    /// The media type (RFC 6838) to serve it under.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }
}

/// `<session>/<picture>[-<variant>].<extension>`: needs no escapes in URLs and no care in paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobKey {
    session: Uuid,
    picture: Uuid,
    /// Lower-case ASCII letters and digits; empty for the picture itself.
    variant: String,
    format: Format,
}

/// What was read is not the name of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a blob")]
pub struct BadKey;

impl BlobKey {
    /// The key of a picture itself.
    #[must_use]
    pub fn new(session: Uuid, picture: Uuid, format: Format) -> Self {
        Self {
            session,
            picture,
            variant: String::new(),
            format,
        }
    }

    /// The key of a rendition of the picture, such as `thumb`.
    ///
    /// # Panics
    /// If `variant` is not made of lower-case ASCII letters and digits. Variants are words in our
    /// code, never input.
    #[must_use]
    pub fn variant(&self, variant: &str, format: Format) -> Self {
        assert!(
            is_variant(variant),
            "a variant is a plain word: {variant:?}"
        );
        Self {
            variant: variant.to_owned(),
            format,
            ..self.clone()
        }
    }

    /// Reads a key exactly as `Display` writes it: one blob has one name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (session, name) = text.split_once('/')?;
        let (stem, extension) = name.rsplit_once('.')?;
        let format = Format::ALL
            .into_iter()
            .find(|format| format.extension() == extension)?;
        let (picture, rest) = stem.split_at_checked(uuid::fmt::Hyphenated::LENGTH)?;
        let variant = match rest.strip_prefix('-') {
            Some(variant) if is_variant(variant) => variant,
            None if rest.is_empty() => "",
            _ => return None,
        };
        let key = Self {
            session: Uuid::try_parse(session).ok()?,
            picture: Uuid::try_parse(picture).ok()?,
            variant: variant.to_owned(),
            format,
        };
        // The uuid crate reads capitals and braces too.
        (key.to_string() == text).then_some(key)
    }

    /// The session it belongs to, and is erased with.
    #[must_use]
    pub fn session(&self) -> Uuid {
        self.session
    }

    /// The picture it is, or is a rendition of.
    #[must_use]
    pub fn picture(&self) -> Uuid {
        self.picture
    }

    /// How its bytes are to be read.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}",
            self.session.hyphenated(),
            self.picture.hyphenated()
        )?;
        if !self.variant.is_empty() {
            write!(f, "-{}", self.variant)?;
        }
        write!(f, ".{}", self.format.extension())
    }
}

impl FromStr for BlobKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        Self::parse(text).ok_or(BadKey)
    }
}

fn is_variant(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !text.is_empty() && text.len() <= 32 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "01980000-0000-7000-8000-00000000000a";
    const B: &str = "01980000-0000-7000-8000-00000000000b";

    #[test]
    fn keys_are_read_as_they_are_written() {
        let (a, b) = (Uuid::try_parse(A).unwrap(), Uuid::try_parse(B).unwrap());
        let photo = BlobKey::new(a, b, Format::Jpeg);
        let thumb = photo.variant("thumb", Format::Jpeg);
        let sheet = BlobKey::new(a, b, Format::Pdf);
        assert_eq!(photo.to_string(), format!("{A}/{B}.jpg"));
        assert_eq!(thumb.to_string(), format!("{A}/{B}-thumb.jpg"));
        assert_eq!(sheet.to_string(), format!("{A}/{B}.pdf"));
        assert_eq!(sheet.format().content_type(), "application/pdf");
        for key in [photo, thumb, sheet] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
    }

    #[test]
    fn nothing_else_is_a_key() {
        for text in [
            String::new(),
            A.to_owned(),
            format!("{A}/"),
            format!("{A}/{B}"),
            format!("{A}/{B}."),
            format!("{A}/{B}.exe"),
            format!("{A}/{B}.jpg.tmp"),
            format!("{A}/{B}.jpg#1"),
            format!("{A}/{B}-.jpg"),
            format!("{A}/{B}-Thumb.jpg"),
            format!("{A}/{B}-a-b.jpg"),
            format!("{A}/{B}thumb.jpg"),
            format!("{A}/../{B}.jpg"),
            format!("{A}//{B}.jpg"),
            format!("/{A}/{B}.jpg"),
            format!("{A}/{B}-..%2f.jpg"),
            format!("../{A}/{B}.jpg"),
            format!("{{{A}}}/{B}.jpg"),
            format!("{}/{B}.jpg", A.to_uppercase()),
            format!("{}/{B}.jpg", A.replace('-', "")),
            format!("{A}/{}é.jpg", &B[..35]),
        ] {
            assert_eq!(BlobKey::parse(&text), None, "{text}");
        }
    }

    #[test]
    #[should_panic(expected = "plain word")]
    fn a_variant_cannot_leave_its_folder() {
        let _ = BlobKey::new(Uuid::nil(), Uuid::nil(), Format::Jpeg).variant("../x", Format::Jpeg);
    }
}
