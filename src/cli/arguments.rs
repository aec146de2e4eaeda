//! What the operator types, read while the line is read, so that what is wrong ends with code 2.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};

use crate::painter::Manner;

/// Arguments that are fine one by one and do not go together, or with what is there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadArgument(pub(super) String);

/// A manner that is painted here.
pub(super) fn manner() -> impl TypedValueParser<Value = Manner> {
    let known = PossibleValuesParser::new(Manner::ALL.map(Manner::id));
    known.try_map(|id| id.parse::<Manner>())
}

/// A file with one of these endings, in small letters, however they are typed.
pub(super) fn file_ending_in(
    endings: &'static [&'static str],
) -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(move |path| {
        let fits = ending(&path).is_some_and(|ending| endings.contains(&&*ending));
        let allowed = || format!("must end in .{}", endings.join(", ."));
        fits.then_some(path).ok_or_else(|| BadArgument(allowed()))
    })
}

/// The language of a ticket, with or without a region: `ko`, `en-GB`.
pub(super) fn locale(text: &str) -> Result<String, BadArgument> {
    let language = text.split(['-', '_']).next().unwrap_or_default();
    if matches!(language, "ko" | "en") {
        Ok(text.to_owned())
    } else {
        Err(BadArgument("must be ko or en".to_owned()))
    }
}

/// What follows the last dot of a file's name, in small letters.
pub(super) fn ending(path: &std::path::Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}
