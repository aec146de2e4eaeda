//! A drawn ticket → dots, black or none.
//!
//! Type and codes are cut at half grey and stay crisp. Pictures are diffused (Floyd and Steinberg,
//! "An adaptive algorithm for spatial greyscale", 1976; in turns, so that no worms lean one way),
//! after what a thermal head does to them is made good: its dots spread, so that middle tones come
//! out too dark, and eyes and mouths, which make a face, are the finest thing there is.

use bytes::Bytes;
use resvg::tiny_skia::Pixmap;

use super::slots::Area;
use super::{Paper, Print, TicketError};

/// How much of the pixels at either end of a picture's range may be lost to use all of paper.
const CLIPPED: f32 = 0.01;
/// Dots spread by about a third: middle tones are lightened before.
const SPREAD: f32 = 1.4;
/// The neighbourhood against which features stand out, in dots: an eye on an 80 mm ticket.
const RADIUS: usize = 9;
/// By how much.
const AMOUNT: f32 = 0.7;
/// Half grey.
const HALF: f32 = 127.5;

/// Makes a PNG of one bit a dot. `pictures` are where tones count.
///
/// # Errors
/// [`TicketError::Png`]; writing to memory it has no reason to.
pub(super) fn print(drawn: &Pixmap, pictures: &[Area]) -> Result<Print, TicketError> {
    let (width, height) = (drawn.width() as usize, drawn.height() as usize);
    let mut grey = Grey::of(drawn);
    for area in pictures {
        let picture = Frame::within(area, width, height);
        grey.tone(picture);
        grey.diffuse(picture);
    }
    let pitch = width.div_ceil(8);
    let mut rows = vec![0; pitch * height];
    for (at, value) in grey.values.iter().enumerate() {
        let (x, y) = (at % width, at / width);
        // A set bit is white.
        rows[y * pitch + x / 8] |= u8::from(*value > HALF) << (7 - x % 8);
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, drawn.width(), drawn.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rows)?;
    writer.finish()?;
    Ok(Print {
        paper: Paper::Receipt,
        bytes: Bytes::from(png),
        width: drawn.width(),
        height: drawn.height(),
    })
}

/// Whole dots of a picture.
#[derive(Clone, Copy)]
struct Frame {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Frame {
    fn within(area: &Area, width: usize, height: usize) -> Self {
        let bound = |value: f32, most: usize| (value.max(0.0) as usize).min(most);
        Self {
            left: bound(area.x, width),
            top: bound(area.y, height),
            right: bound(area.x + area.width, width),
            bottom: bound(area.y + area.height, height),
        }
    }
}

/// Luma, 0 to 255, row by row.
struct Grey {
    values: Vec<f32>,
    width: usize,
}

impl Grey {
    /// ITU-R BT.601, as JPEG has it. The page is opaque.
    fn of(drawn: &Pixmap) -> Self {
        let luma =
            |p: &[u8]| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]);
        Self {
            values: drawn.data().chunks_exact(4).map(luma).collect(),
            width: drawn.width() as usize,
        }
    }

    fn row(&mut self, frame: Frame, y: usize) -> &mut [f32] {
        &mut self.values[y * self.width + frame.left..y * self.width + frame.right]
    }

    /// Spreads the tones over all of paper, lightens the middle, and lets features stand out.
    fn tone(&mut self, frame: Frame) {
        let (darkest, lightest) = self.ends(frame);
        let range = (lightest - darkest).max(1.0);
        for y in frame.top..frame.bottom {
            for value in self.row(frame, y) {
                let share = ((*value - darkest) / range).clamp(0.0, 1.0);
                *value = share.powf(1.0 / SPREAD) * 255.0;
            }
        }
        let around = self.blurred(frame);
        let wide = frame.right - frame.left;
        for y in frame.top..frame.bottom {
            let around = &around[(y - frame.top) * wide..][..wide];
            for (value, around) in self.row(frame, y).iter_mut().zip(around) {
                *value = (*value + AMOUNT * (*value - around)).clamp(0.0, 255.0);
            }
        }
    }

    /// The tones below and above which [`CLIPPED`] of the pixels lie.
    fn ends(&mut self, frame: Frame) -> (f32, f32) {
        let mut counts = [0_usize; 256];
        for y in frame.top..frame.bottom {
            for value in self.row(frame, y) {
                counts[*value as usize & 0xff] += 1;
            }
        }
        let all: usize = counts.iter().sum();
        let few = (all as f32 * CLIPPED) as usize;
        let tones = || counts.iter().copied().enumerate();
        (beyond(tones(), few), beyond(tones().rev(), few))
    }

    /// Each pixel's mean over the square of [`RADIUS`] around it, in the frame's own rows.
    fn blurred(&mut self, frame: Frame) -> Vec<f32> {
        let (wide, high) = (frame.right - frame.left, frame.bottom - frame.top);
        let mut across = Vec::with_capacity(wide * high);
        for y in frame.top..frame.bottom {
            mean(self.row(frame, y).iter().copied(), &mut across);
        }
        let mut down = vec![0.0; wide * high];
        let mut column = Vec::with_capacity(high);
        for x in 0..wide {
            column.clear();
            mean(across.iter().skip(x).step_by(wide).copied(), &mut column);
            for (y, value) in column.iter().enumerate() {
                down[y * wide + x] = *value;
            }
        }
        down
    }

    fn diffuse(&mut self, frame: Frame) {
        let (width, wide) = (self.width, frame.right - frame.left);
        for y in frame.top..frame.bottom {
            let backwards = (y - frame.top) % 2 == 1;
            for step in 0..wide {
                let x = if backwards {
                    frame.right - 1 - step
                } else {
                    frame.left + step
                };
                let at = y * width + x;
                let dot = if self.values[at] > HALF { 255.0 } else { 0.0 };
                let error = self.values[at] - dot;
                self.values[at] = dot;
                let ahead: isize = if backwards { -1 } else { 1 };
                for (dx, dy, share) in [
                    (ahead, 0, 7.0),
                    (-ahead, 1, 3.0),
                    (0, 1, 5.0),
                    (ahead, 1, 1.0),
                ] {
                    let (Some(x), y) = (x.checked_add_signed(dx), y + dy) else {
                        continue;
                    };
                    if (frame.left..frame.right).contains(&x) && y < frame.bottom {
                        self.values[y * width + x] += error * share / 16.0;
                    }
                }
            }
        }
    }
}

/// The first tone at which more than `few` pixels are passed.
fn beyond(mut tones: impl Iterator<Item = (usize, usize)>, few: usize) -> f32 {
    let mut seen = 0;
    let passed = |(_, count): &(usize, usize)| {
        seen += count;
        seen > few
    };
    tones.find(passed).map_or(0.0, |(tone, _)| tone as f32)
}

/// Appends the mean of each value's neighbourhood, cut off at the ends.
fn mean(line: impl ExactSizeIterator<Item = f32>, into: &mut Vec<f32>) {
    let mut sums = Vec::with_capacity(line.len() + 1);
    sums.push(0.0_f64);
    for value in line {
        sums.push(sums[sums.len() - 1] + f64::from(value));
    }
    let all = sums.len() - 1;
    into.extend((0..all).map(|at| {
        let (from, to) = (at.saturating_sub(RADIUS), (at + RADIUS + 1).min(all));
        ((sums[to] - sums[from]) / (to - from) as f64) as f32
    }));
}
