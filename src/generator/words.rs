//! What image models are told, for the styles we know.
//!
//! The shape is what edit models follow best: name the manner, describe its marks, say what stays.

/// What no painting should have.
pub const NEGATIVE: &str =
    "photograph, text, signature, watermark, frame, extra people, extra fingers, deformed face";

/// The words for a style we know.
#[must_use]
pub fn prompt(style: &str) -> Option<&'static str> {
    Some(match style {
        "picasso" => {
            "Turn this photo into a cubist portrait in the manner of Pablo Picasso's 1930s: clothes and \
             background broken into flat angular planes of ochre, teal, crimson and cream with bold dark \
             contours, the face gently faceted with one cheek seen in profile, while keeping the same facial \
             features, expression, hairstyle, pose and composition, so that the person is recognised at once."
        }
        "renoir" => {
            "Turn this photo into an impressionist oil portrait in the manner of Pierre-Auguste Renoir: soft \
             feathery brush strokes, pearly luminous skin, warm rose and blue shadows, a dappled garden light \
             behind, while keeping the same facial features, expression, hairstyle, pose and composition."
        }
        "van-gogh" => {
            "Turn this photo into a post-impressionist oil portrait in the manner of Vincent van Gogh: thick \
             impasto, short directional strokes that follow the form, vivid complementary colours, a swirling \
             blue background, while keeping the same facial features, expression, hairstyle, pose and \
             composition."
        }
        "lichtenstein" => {
            "Turn this photo into a pop art comic panel in the manner of Roy Lichtenstein: bold black outlines, \
             flat red, yellow and blue, Ben-Day dots on the skin and the background, no lettering, while keeping \
             the same facial features, expression, hairstyle, pose and composition."
        }
        _ => return None,
    })
}
