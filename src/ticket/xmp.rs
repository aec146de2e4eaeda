//! The XMP packet: what machines read about a ticket.

use super::fit::escape;
use super::variables::Variables;
use super::{By, DigitalSource, Words};
use crate::imaging::mark::CREATOR;

/// What is said about a ticket in its files, without the visitor's name: files travel further than
/// paper.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// "In the manner of Vincent van Gogh".
    pub(super) title: String,
    /// BCP 47.
    pub(super) language: String,
    /// "AI-generated image · Open Studio · No. 0042".
    pub(super) description: String,
    pub(super) made_at: jiff::Zoned,
    source: DigitalSource,
}

impl About {
    pub(super) fn new(words: &Words, variables: &Variables) -> Self {
        let painter = match words.by {
            By::Server => "",
            By::Embedded => ", painted by the booth",
        };
        Self {
            title: variables.title(),
            language: variables.locale_or_english(),
            description: format!("AI-generated image{painter} · {}", variables.occasion()),
            made_at: words.made_at.clone(),
            source: words.ai,
        }
    }

    /// The packet, UTF-8, for JPEG, PNG and PDF alike.
    ///
    /// Source: XMP Specification Part 1; IPTC Photo Metadata Standard, "Digital Source Type".
    pub(super) fn packet(&self) -> String {
        let Self {
            title,
            language,
            description,
            ..
        } = self;
        format!(
            r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>
<xmp:CreateDate>{created}</xmp:CreateDate>
<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"#,
            bom = '\u{feff}',
            title = escape(title),
            description = escape(description),
            language = escape(language),
            created = self.made_at.strftime("%Y-%m-%dT%H:%M:%S%:z"),
            source = self.source.uri(),
        )
    }
}
