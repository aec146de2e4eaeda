//! What a template may say: its variables, made from one visit's words.

use jiff::Zoned;
use minijinja::{Value, context};

use super::clean;
use super::fonts::Fonts;
use super::qr::Code;
use super::{By, DigitalSource, TicketError, Words};

/// The variables of a template. All text is cleaned; the template escapes it.
#[derive(Clone, Debug)]
pub(super) struct Variables {
    booth: String,
    event: String,
    /// BCP 47, as asked for.
    locale: String,
    /// Its language alone: `ko`, `en`.
    language: String,
    style: Style,
    /// The running number, at least four digits.
    number: String,
    claim: String,
    /// Empty if not given.
    name: String,
    /// Empty if not given.
    message: String,
    date: String,
    time: String,
    /// Date and time of making.
    made: String,
    /// Date and time of the link's end.
    expires: String,
    /// Whether the booth's own painter painted.
    embedded: bool,
    qr: Code,
}

#[derive(Clone, Debug)]
struct Style {
    id: String,
    name: String,
}

/// Variables, and what was lost on the way to them.
pub(super) struct Said {
    pub(super) variables: Variables,
    /// Characters no bundled font can draw.
    pub(super) left_out: String,
}

impl Said {
    /// Cleans `words` and sets dates in the manner of their locale.
    ///
    /// # Errors
    /// [`TicketError::Qr`] if the join URL is too long.
    pub(super) fn new(words: &Words, fonts: &Fonts) -> Result<Self, TicketError> {
        let mut left_out = String::new();
        let mut line = |raw: &str| {
            let line = clean::line(raw, fonts);
            for character in line.left_out.chars() {
                if !left_out.contains(character) {
                    left_out.push(character);
                }
            }
            line.text
        };
        let language = language(&words.locale);
        let variables = Variables {
            booth: line(&words.booth),
            event: line(&words.event),
            locale: line(&words.locale),
            language: language.to_owned(),
            style: Style {
                id: line(&words.style_id),
                name: line(&words.style_name),
            },
            number: format!("{:04}", words.number),
            claim: line(&words.claim),
            name: line(words.name.as_deref().unwrap_or_default()),
            message: line(words.message.as_deref().unwrap_or_default()),
            date: date(&words.made_at, language),
            time: time(&words.made_at),
            made: moment(&words.made_at, language),
            expires: moment(&words.expires_at, language),
            embedded: words.by == By::Embedded,
            qr: Code::new(&words.join_url)?,
        };
        Ok(Self {
            variables,
            left_out,
        })
    }
}

impl Variables {
    /// "In the manner of Vincent van Gogh".
    pub(super) fn title(&self) -> String {
        match self.language.as_str() {
            "ko" => format!("{}의 화풍으로", self.style.name),
            _ => format!("In the manner of {}", self.style.name),
        }
    }

    /// "Open Studio · No. 0042".
    pub(super) fn occasion(&self) -> String {
        format!("{} · No. {}", self.event, self.number)
    }

    /// The locale asked for, or English where none was.
    pub(super) fn locale_or_english(&self) -> String {
        if self.locale.is_empty() {
            "en".to_owned()
        } else {
            self.locale.clone()
        }
    }

    /// As a template takes them.
    pub(super) fn to_value(&self) -> Value {
        context! {
            booth => self.booth.as_str(),
            event => self.event.as_str(),
            locale => self.locale.as_str(),
            language => self.language.as_str(),
            style => context! { id => self.style.id.as_str(), name => self.style.name.as_str() },
            number => self.number.as_str(),
            claim => self.claim.as_str(),
            name => self.name.as_str(),
            message => self.message.as_str(),
            date => self.date.as_str(),
            time => self.time.as_str(),
            made => self.made.as_str(),
            expires => self.expires.as_str(),
            embedded => self.embedded,
            qr => context! { side => self.qr.side, path => self.qr.path.as_str() },
        }
    }
}

/// The primary language of a BCP 47 tag.
fn language(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or_default()
}

/// A date as a label in `language` says it; ISO 8601 where we do not know the manner.
fn date(at: &Zoned, language: &str) -> String {
    let format = match language {
        "ko" => "%Y년 %-m월 %-d일",
        "ja" | "zh" => "%Y年%-m月%-d日",
        "en" => "%-d %B %Y",
        _ => "%Y-%m-%d",
    };
    at.strftime(format).to_string()
}

fn time(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

fn moment(at: &Zoned, language: &str) -> String {
    let comma = if language == "en" { "," } else { "" };
    format!("{}{comma} {}", date(at, language), time(at))
}

/// Words that fill every slot, to try a template with: one with every optional word, one without.
pub(super) fn samples() -> Vec<Words> {
    let at = "2026-11-21T19:42:00+09:00[Asia/Seoul]"
        .parse::<Zoned>()
        .unwrap_or_default();
    let full = Words {
        booth: "Easel".to_owned(),
        event: "Open Studio".to_owned(),
        locale: "en".to_owned(),
        style_id: "van-gogh".to_owned(),
        style_name: "Vincent van Gogh".to_owned(),
        number: 42,
        claim: "4815".to_owned(),
        join_url: "http://192.168.0.20:8081/#0123456789abcdef".to_owned(),
        name: Some("Mina".to_owned()),
        message: Some("A fine evening".to_owned()),
        made_at: at.clone(),
        expires_at: at,
        by: By::Embedded,
        ai: DigitalSource::default(),
    };
    let bare = Words {
        locale: "ko".to_owned(),
        style_id: "unheard-of".to_owned(),
        name: None,
        message: None,
        by: By::Server,
        ..full.clone()
    };
    vec![full, bare]
}
