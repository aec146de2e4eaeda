//! Why a picture is not taken, named by what the caller can do about it.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use super::encode::EncodeError;
use super::media::OtherMedia;

/// Why a picture was not taken. The texts may be shown to a visitor; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not a JPEG, PNG or still WebP by its magic number, or a kind of them that is not taken.
    #[error("this is {media}; only JPEG, PNG and still WebP pictures are taken")]
    UnsupportedMedia {
        /// What it is.
        media: OtherMedia,
    },
    /// More than [`super::Limits`] allow; nothing was decoded.
    #[error("the picture has {found} {measure}, at most {limit} are taken")]
    TooLarge {
        /// What there is too much of.
        measure: Measure,
        /// How much of it the file has.
        found: u64,
        /// How much is taken.
        limit: u64,
    },
    /// A side is shorter than [`super::Limits::min_side`]; nothing was decoded.
    #[error("the picture is {width} × {height} pixels, both sides need at least {min_side}")]
    TooSmall {
        /// Width in pixels, as stored.
        width: u32,
        /// Height in pixels, as stored.
        height: u32,
        /// The shortest side taken, in pixels.
        min_side: u32,
    },
    /// Damaged or cut short: the visitor can only send another.
    #[error("the picture is damaged or incomplete")]
    BadImage {
        /// What the decoder stumbled over.
        #[source]
        fault: Fault,
    },
    /// As many pictures are being worked on, and as many wait, as is allowed.
    #[error("too many pictures are being worked on, try again in {} s", retry_after.as_secs())]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
}

impl Refusal {
    /// The stable word for this refusal, as problem details carry it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedMedia { .. } => "unsupported_media",
            Self::TooLarge { .. } => "too_large",
            Self::TooSmall { .. } => "too_small",
            Self::BadImage { .. } => "bad_image",
            Self::Busy { .. } => "busy",
        }
    }
}

impl<F: Into<Fault>> From<F> for Refusal {
    fn from(fault: F) -> Self {
        Self::BadImage {
            fault: fault.into(),
        }
    }
}

/// What [`Refusal::TooLarge`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Length of the file.
    Bytes,
    /// Width × height, as the header claims.
    Pixels,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Pixels => "pixels",
        })
    }
}

impl Fault {
    /// Whether its decoder says this.
    pub(super) fn says(&self, words: &str) -> bool {
        self.source()
            .is_some_and(|source| source.to_string().contains(words))
    }
}

/// What was wrong inside a bad picture; for the log.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// libjpeg-turbo refused it, or warned about it and blocks of it are lost: grey or smeared.
    #[error("the JPEG could not be decoded")]
    Jpeg(#[from] turbojpeg::Error),
    /// The PNG decoder refused it.
    #[error("the PNG could not be decoded")]
    Png(#[from] png::DecodingError),
    /// The WebP decoder refused it.
    #[error("the WebP could not be decoded")]
    WebP(#[from] image::ImageError),
    /// The file ends before the length it states.
    #[error("the file ends early")]
    Truncated,
    /// The decoder panicked on it: its bug, survived.
    #[error("the decoder panicked")]
    Panicked,
    /// It decoded, but no JPEG could be made of it.
    #[error("the rendition could not be encoded")]
    Encode(#[from] EncodeError),
}
