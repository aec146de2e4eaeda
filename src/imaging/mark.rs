//! What machines read about a picture: how it came to be, in an XMP packet.

use serde::{Deserialize, Serialize};

/// The program, as files name it.
pub const CREATOR: &str = concat!("Easel ", env!("CARGO_PKG_VERSION"));
/// The keyword under which PNG holds XMP. Source: XMP Specification Part 3, 1.1.5.
pub const PNG_KEYWORD: &str = "XML:com.adobe.xmp";
/// Starts an APP1 segment that holds XMP. Source: XMP Specification Part 3, 1.1.3.
const NAMESPACE: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// Where the JFIF header ends: SOI, then an APP0 segment of 16 bytes after its marker.
const JFIF_END: usize = 20;

/// How the picture came to be: terms of the IPTC NewsCodes scheme "Digital Source Type".
///
/// Source: <http://cv.iptc.org/newscodes/digitalsourcetype/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DigitalSource {
    /// Made by a model trained on sampled content: what an image-model server paints.
    #[default]
    TrainedAlgorithmicMedia,
    /// Put together from several elements, one at least made by a trained model.
    CompositeWithTrainedAlgorithmicMedia,
    /// A photo changed by an algorithm without a trained generative model: what the embedded
    /// painter does. The visible line still says "AI-generated image": people are told the more
    /// cautious thing, machines the exact one.
    AlgorithmicallyEnhanced,
}

impl DigitalSource {
    /// The term's URI, as metadata carries it.
    pub fn uri(self) -> &'static str {
        match self {
            Self::TrainedAlgorithmicMedia => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
            }
            Self::CompositeWithTrainedAlgorithmicMedia => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
            }
            Self::AlgorithmicallyEnhanced => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
            }
        }
    }
}

/// The packet of a painting, UTF-8: no more than that no hand painted it, and what did.
///
/// Source: XMP Specification Part 1; IPTC Photo Metadata Standard, "Digital Source Type".
#[must_use]
pub fn packet(source: DigitalSource) -> String {
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">AI-generated image</rdf:li></rdf:Alt></dc:description>
<xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>
<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"#,
        bom = '\u{feff}',
        source = source.uri(),
    )
}

/// Puts `xmp` right after the JFIF header of a JPEG that this house has written.
///
/// # Panics
/// If the packet has more than the 64 kB that a segment holds; ours have some kB.
#[must_use]
pub fn mark_jpeg(jpeg: &[u8], xmp: &str) -> Vec<u8> {
    let length = 2 + NAMESPACE.len() + xmp.len();
    let length = u16::try_from(length).expect("our packets are some kB; a segment holds 64");
    let mut marked = Vec::with_capacity(jpeg.len() + usize::from(length) + 2);
    marked.extend_from_slice(&jpeg[..JFIF_END]);
    marked.extend_from_slice(&[0xff, 0xe1]);
    marked.extend_from_slice(&length.to_be_bytes());
    marked.extend_from_slice(NAMESPACE);
    marked.extend_from_slice(xmp.as_bytes());
    marked.extend_from_slice(&jpeg[JFIF_END..]);
    marked
}
