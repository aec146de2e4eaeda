//! `easel paint`: one photo, one manner, no daemon.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use image::RgbImage;
use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::{ending, file_ending_in, manner};
use super::picture;
use crate::imaging;
use crate::imaging::mark::{self, DigitalSource, PNG_KEYWORD, mark_jpeg};
use crate::painter::{Manner, Study, Watcher, paint};

/// Steps of the progress bar.
const STEPS: u64 = 1000;
/// JPEG quality of the painting.
const QUALITY: u8 = 95;

/// `easel paint`.
#[derive(Debug, Args)]
pub struct PaintArgs {
    /// The photo: JPEG, PNG or WebP
    pub photo: PathBuf,
    /// The style: picasso, renoir, van-gogh or lichtenstein
    #[arg(long, value_name = "ID", value_parser = manner())]
    pub style: Manner,
    /// The painting, JPEG or PNG by its ending [default: <photo>-<style>.jpg in this folder]
    #[arg(short, long, value_name = "OUT", value_parser = file_ending_in(&["jpg", "jpeg", "png"]))]
    pub out: Option<PathBuf>,
    /// The painting's shorter side in pixels
    #[arg(long, value_name = "PX", default_value_t = 768, value_parser = clap::value_parser!(u32).range(64..=2048))]
    pub size: u32,
    /// The same seed paints the same painting again
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// Paints, with a progress bar on a terminal.
pub(super) fn run(args: &PaintArgs) -> anyhow::Result<ExitCode> {
    let manner = args.style;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| default_out(&args.photo, manner));
    let photo = picture::read(&args.photo)?;
    let bar = Bar::new();
    let study = Study::new(&photo, args.size);
    let painting = paint(&study, manner, args.seed, &bar).context("nobody cancels this")?;
    bar.0.finish_and_clear();
    let file = encode(&painting, &out)?;
    std::fs::write(&out, file).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn default_out(photo: &Path, manner: Manner) -> PathBuf {
    let stem = photo
        .file_stem()
        .map_or("photo".into(), |stem| stem.to_string_lossy());
    PathBuf::from(format!("{stem}-{}.jpg", manner.id()))
}

/// The painting as the ending of `out` wants it.
fn encode(painting: &RgbImage, out: &Path) -> anyhow::Result<Vec<u8>> {
    let xmp = mark::packet(DigitalSource::AlgorithmicallyEnhanced);
    if ending(out).as_deref() != Some("png") {
        let jpeg = imaging::encode_jpeg(painting, QUALITY)?;
        return Ok(mark_jpeg(&jpeg, &xmp));
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, painting.width(), painting.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_itxt_chunk(PNG_KEYWORD.to_owned(), xmp)?;
    encoder
        .write_header()?
        .write_image_data(painting.as_raw())?;
    Ok(file)
}

struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("painting {wide_bar} {percent:>3} %")
            .expect("the template is well-formed");
        Self(ProgressBar::new(STEPS).with_style(style))
    }
}

impl Watcher for Bar {
    fn progress(&self, share: f32, _stage: Option<&RgbImage>) {
        self.0
            .set_position((f64::from(share) * STEPS as f64) as u64);
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}
