//! `easel ticket`: one ticket from one painting, without a daemon. It previews templates.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use jiff::{SignedDuration, Zoned, tz::TimeZone};

use super::arguments::{BadArgument, ending, file_ending_in, locale};
use super::picture;
use crate::clock::{Clock as _, SystemClock};
use crate::generator::KNOWN_STYLES;
use crate::imaging;
use crate::ticket::{By, DigitalSource, Pictures, Press, Settings, TicketError, Words};

/// JPEG quality of the pictures that are put on it.
const QUALITY: u8 = 95;

/// Render one ticket.
#[derive(Args, Debug)]
pub struct TicketArgs {
    /// The painting: JPEG, PNG or WebP, square or its middle is shown.
    pub painting: PathBuf,
    /// The painting's style: picasso, renoir, van-gogh, lichtenstein, or your own.
    #[arg(long, value_name = "ID")]
    pub style: String,
    /// The template to use; left out: the built-in one for the paper.
    #[arg(long, value_name = "ID")]
    pub template: Option<String>,
    /// A folder with templates of your own: DIR/<ID>/ticket.svg.
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// The visitor's name.
    #[arg(long, value_name = "S")]
    pub name: Option<String>,
    /// The visitor's own line.
    #[arg(long, value_name = "S")]
    pub message: Option<String>,
    /// The small original photo; the painting itself if not given.
    #[arg(long, value_name = "PHOTO")]
    pub photo: Option<PathBuf>,
    /// The ticket's language.
    #[arg(long, value_name = "TAG", default_value = "en", value_parser = locale)]
    pub locale: String,
    /// The booth's name.
    #[arg(long, value_name = "S", default_value = "Easel")]
    pub booth: String,
    /// The event's name.
    #[arg(long, value_name = "S", default_value = "Open Studio")]
    pub event: String,
    /// Only the keepsake half, as phones get it (.jpg).
    #[arg(long, conflicts_with_all = ["sheet", "paper"])]
    pub phone: bool,
    /// What goes to a printer with other paper: 2x6 (two strips, .jpg or --sheet .pdf) or 80mm
    /// (thermal, .png). `--template` then names its template.
    #[arg(long, value_name = "PAPER", value_parser = ["2x6", "80mm"])]
    pub paper: Option<String>,
    /// The print sheet instead of the visitor's PDF (.pdf).
    #[arg(long)]
    pub sheet: bool,
    /// Where to write it; the ending chooses the format: .jpg, .png or .pdf.
    #[arg(short, long, value_name = "OUT", value_parser = file_ending_in(&["jpg", "jpeg", "png", "pdf"]))]
    pub out: PathBuf,
}

/// What to write.
#[derive(Clone, Copy)]
enum Form {
    Print,
    Phone,
    Png,
    Pdf,
    Sheet,
    Strips,
    Receipt,
}

/// Renders the ticket that `args` describe and writes it; notes on it go to standard error.
///
/// # Errors
/// In the operator's words: an ending that is no format, a picture that cannot be read, a template
/// that is wrong.
pub(super) fn run(args: &TicketArgs) -> anyhow::Result<()> {
    let form = form(args)?;
    let press = Press::new(&settings(args)).map_err(|error| match error {
        TicketError::NoTemplate { .. } => BadArgument(error.to_string()).into(),
        error => anyhow::Error::from(error),
    })?;
    let painting = read(&args.painting)?;
    let photo = args
        .photo
        .as_deref()
        .map_or_else(|| Ok(painting.clone()), read)?;
    let (words, pictures) = (words(args), Pictures { painting, photo });
    let bytes: Bytes = match form {
        Form::Png => press.draw(&words, &pictures)?.png()?.into(),
        Form::Print => press.draw(&words, &pictures)?.print()?.bytes,
        Form::Phone => press.draw(&words, &pictures)?.phone()?.bytes,
        Form::Pdf => press.pdf(&words, &pictures)?,
        Form::Sheet => press
            .sheet(&words, &pictures)?
            .context("thermal paper has no sheet")?,
        Form::Strips | Form::Receipt => press.print(&words, &pictures)?.bytes,
    };
    let left_out = press.left_out(&words)?;
    if !left_out.is_empty() {
        writeln!(
            io::stderr(),
            "easel: no bundled font can draw {left_out:?}: left out"
        )?;
    }
    std::fs::write(&args.out, bytes).with_context(|| format!("cannot write {}", args.out.display()))
}

fn settings(args: &TicketArgs) -> Settings {
    let mut settings = Settings {
        templates_dir: args.templates.clone(),
        ..Settings::default()
    };
    let template = match args.paper.as_deref() {
        Some("2x6") => &mut settings.strip_template,
        Some(_) => &mut settings.receipt_template,
        None => &mut settings.template,
    };
    if let Some(id) = &args.template {
        template.clone_from(id);
    }
    settings.formats = args.paper.iter().cloned().collect();
    settings
}

fn form(args: &TicketArgs) -> Result<Form, BadArgument> {
    let ending = ending(&args.out);
    let wrong = |words: &str| BadArgument(format!("{words}, not {}", args.out.display()));
    if let Some(paper) = &args.paper {
        return match (paper.as_str(), ending.as_deref(), args.sheet) {
            ("2x6", Some("jpg" | "jpeg"), false) => Ok(Form::Strips),
            ("2x6", Some("pdf"), true) => Ok(Form::Sheet),
            ("80mm", Some("png"), false) => Ok(Form::Receipt),
            _ => Err(wrong(
                "2x6 writes .jpg, or .pdf with --sheet; 80mm writes .png",
            )),
        };
    }
    Ok(match (ending.as_deref(), args.phone, args.sheet) {
        (Some("jpg" | "jpeg"), false, false) => Form::Print,
        (Some("jpg" | "jpeg"), true, false) => Form::Phone,
        (Some("png"), false, false) => Form::Png,
        (Some("pdf"), false, false) => Form::Pdf,
        (Some("pdf"), false, true) => Form::Sheet,
        _ => return Err(wrong("--phone writes .jpg and --sheet writes .pdf")),
    })
}

/// A picture as tickets take it: a JPEG, upright, sRGB.
fn read(path: &Path) -> anyhow::Result<Bytes> {
    Ok(imaging::encode_jpeg(&picture::read(path)?, QUALITY)?)
}

/// The operator's words, and samples where the booth would fill in.
fn words(args: &TicketArgs) -> Words {
    let made_at = Zoned::new(SystemClock::new(None).wall(), TimeZone::system());
    let expires_at = made_at.saturating_add(SignedDuration::from_hours(72));
    Words {
        booth: args.booth.clone(),
        event: args.event.clone(),
        locale: args.locale.clone(),
        style_id: args.style.clone(),
        style_name: style_name(&args.style, &args.locale),
        number: 1,
        claim: "0000".to_owned(),
        join_url: "http://192.168.0.20:8081/#0000000000000000".to_owned(),
        name: args.name.clone(),
        message: args.message.clone(),
        made_at,
        expires_at,
        by: By::default(),
        ai: DigitalSource::default(),
    }
}

/// The painter's name, as the default settings have it; an unknown style's id, made readable.
fn style_name(style: &str, locale: &str) -> String {
    let known = KNOWN_STYLES.iter().find(|(id, ..)| *id == style);
    match known {
        Some((_, korean, _)) if locale.starts_with("ko") => (*korean).to_owned(),
        Some((_, _, english)) => (*english).to_owned(),
        None => style.replace('-', " "),
    }
}
