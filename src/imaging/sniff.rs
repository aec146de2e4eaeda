//! What a file is, by its first bytes and nothing else.

use serde::{Deserialize, Serialize};

/// The picture formats taken from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceFormat {
    /// JPEG, baseline or progressive, 8 bits a sample.
    Jpeg,
    /// PNG, any depth, not animated.
    Png,
    /// WebP, lossy or lossless, not animated.
    WebP,
}

impl SourceFormat {
    /// The media type registered for this format.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// Tells the format by its magic number; twelve bytes are enough. `None`: not a format taken here.
pub fn sniff(head: &[u8]) -> Option<SourceFormat> {
    if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(SourceFormat::Jpeg)
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(SourceFormat::Png)
    } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        Some(SourceFormat::WebP)
    } else {
        None
    }
}
