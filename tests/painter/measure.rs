//! What the objective checks measure, from pixels alone.

use image::RgbImage;
use image::imageops::{FilterType, resize};

/// A picture in Oklab (Ottosson 2020).
pub(crate) struct Lab {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<[f32; 3]>,
}

impl Lab {
    pub(crate) fn of(picture: &RgbImage) -> Self {
        let pixels = picture.pixels().map(|p| oklab(p.0)).collect();
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            pixels,
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> [f32; 3] {
        self.pixels[y * self.width + x]
    }

    /// One channel.
    pub(crate) fn channel(&self, c: usize) -> Channel {
        let values = self.pixels.iter().map(|p| p[c]).collect();
        Channel {
            width: self.width,
            height: self.height,
            values,
        }
    }
}

/// One number a pixel.
pub(crate) struct Channel {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) values: Vec<f32>,
}

impl Channel {
    pub(crate) fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// Gaussian blur, the border continued.
    pub(crate) fn blurred(&self, sigma: f32) -> Self {
        let radius = (3.0 * sigma).ceil() as isize;
        let kernel: Vec<f32> = (-radius..=radius)
            .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
            .collect();
        let total: f32 = kernel.iter().sum();
        let pass = |from: &Self, dx: isize, dy: isize| {
            let (w, h) = (from.width as isize, from.height as isize);
            let values = (0..w * h)
                .map(|i| {
                    let sum: f32 = kernel
                        .iter()
                        .zip(-radius..)
                        .map(|(k, d)| {
                            let (x, y) = (
                                (i % w + d * dx).clamp(0, w - 1),
                                (i / w + d * dy).clamp(0, h - 1),
                            );
                            k * from.values[(y * w + x) as usize]
                        })
                        .sum();
                    sum / total
                })
                .collect();
            Self {
                width: from.width,
                height: from.height,
                values,
            }
        };
        pass(&pass(self, 1, 0), 0, 1)
    }
}

/// Oklab of an sRGB pixel.
pub(crate) fn oklab(rgb: [u8; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(|c| {
        let c = f32::from(c) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// A picture with the exposure that the painters start from: its lights brought to 0.85 of full, a
/// dark picture's middle tones lifted.
pub(crate) fn exposed(picture: &RgbImage) -> Lab {
    let lab = Lab::of(picture);
    // A grey has the luminance L³; a colour nearly so.
    let light = |p: &[f32; 3]| p[0].powi(3);
    let mut lights: Vec<f32> = lab.pixels.iter().map(light).collect();
    let top = lights.len() * 995 / 1000;
    let gain = (0.85 / *lights.select_nth_unstable_by(top, f32::total_cmp).1).clamp(1.0, 8.0);
    let log_mean = lights
        .iter()
        .map(|y| (gain * y).max(1e-4).ln())
        .sum::<f32>()
        / lights.len() as f32;
    let gamma = if log_mean < 0.10_f32.ln() {
        (0.16_f32.ln() / log_mean).clamp(0.6, 1.0)
    } else {
        1.0
    };
    let lifted = |p: [f32; 3]| {
        let y = (gain * light(&p)).max(1e-5);
        // Oklab's values go with the cube root of light.
        let k = (gain * (y.powf(gamma) / y).min(3.0)).cbrt();
        p.map(|v| v * k)
    };
    Lab {
        pixels: lab.pixels.iter().map(|p| lifted(*p)).collect(),
        ..lab
    }
}

/// Colour difference in Oklab.
pub(crate) fn difference(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>().sqrt()
}

/// A face as a person marked it: coordinates with the eye distance as their unit.
#[derive(Clone, Copy)]
pub(crate) struct Marked {
    centre: (f32, f32),
    unit: f32,
    across: (f32, f32),
}

impl Marked {
    /// From the eyes at 768 px, for a picture of another size.
    pub(crate) fn new([left, right]: [(f32, f32); 2], size: f32) -> Self {
        let k = size / 768.0;
        let (dx, dy) = ((right.0 - left.0) * k, (right.1 - left.1) * k);
        let unit = dx.hypot(dy);
        Self {
            centre: (0.5 * k * (left.0 + right.0), 0.5 * k * (left.1 + right.1)),
            unit,
            across: (dx / unit, dy / unit),
        }
    }

    /// The pixel in the middle of the face: on the nose.
    pub(crate) fn middle(&self) -> (f32, f32) {
        let down = 0.5 * self.unit;
        (
            self.centre.0 - down * self.across.1,
            self.centre.1 + down * self.across.0,
        )
    }

    /// Across and down the face.
    pub(crate) fn own(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (
            (x - self.centre.0) / self.unit,
            (y - self.centre.1) / self.unit,
        );
        (
            dx * self.across.0 + dy * self.across.1,
            dy * self.across.0 - dx * self.across.1,
        )
    }

    /// Inside the face's features: brows to lower lip.
    pub(crate) fn in_face(&self, x: f32, y: f32) -> bool {
        let (u, v) = self.own(x, y);
        (u / 1.0).hypot((v - 0.5) / 1.2) < 1.0
    }

    /// Inside head or shoulders, as far as that can be said from the eyes alone: jaws are narrower
    /// than skulls.
    pub(crate) fn in_subject(&self, x: f32, y: f32) -> bool {
        let (u, v) = self.own(x, y);
        let half = 1.2 - 0.25 * v.clamp(0.0, 1.0);
        (u / half).hypot((v - 0.4) / 1.6) < 1.0 || (v > 2.2 && u.abs() < 1.2)
    }

    /// Well outside of any head, above the shoulders.
    pub(crate) fn in_background(&self, x: f32, y: f32) -> bool {
        let (u, v) = self.own(x, y);
        v < 0.4 && (u / 2.4).hypot((v - 0.2) / 2.6) > 1.0
    }
}

/// Pearson correlation of the lightness of two pictures (blurred, at 48 × 48) where `inside` says.
pub(crate) fn correlation(a: &RgbImage, b: &RgbImage, inside: impl Fn(f32, f32) -> bool) -> f32 {
    let size = a.width() as f32;
    let small = |p: &RgbImage| {
        let soft = Lab::of(p).channel(0).blurred(6.0 * size / 768.0);
        let step = soft.width as f32 / 48.0;
        (0..48 * 48)
            .map(|i| {
                (
                    (i % 48) as f32 * step + 0.5 * step,
                    (i / 48) as f32 * step + 0.5 * step,
                )
            })
            .filter(|(x, y)| inside(*x, *y))
            .map(|(x, y)| soft.at(x as usize, y as usize))
            .collect::<Vec<f32>>()
    };
    let (p, q) = (small(a), small(b));
    let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len() as f32;
    let (mp, mq) = (mean(&p), mean(&q));
    let (mut pq, mut pp, mut qq) = (0.0, 1e-9_f32, 1e-9_f32);
    for (x, y) in p.iter().zip(&q) {
        pq += (x - mp) * (y - mq);
        pp += (x - mp).powi(2);
        qq += (y - mq).powi(2);
    }
    pq / (pp * qq).sqrt()
}

/// Mean coherence of the orientation where `inside` says (gradient σ 1, neighbourhood σ 6 at 768 px).
pub(crate) fn coherence(lab: &Lab, inside: impl Fn(f32, f32) -> bool) -> f32 {
    let light = lab.channel(0).blurred(1.0);
    let (w, h) = (light.width, light.height);
    let gradient = |x: usize, y: usize| {
        let at = |dx: isize, dy: isize| {
            let x = (x as isize + dx).clamp(0, w as isize - 1) as usize;
            let y = (y as isize + dy).clamp(0, h as isize - 1) as usize;
            light.at(x, y)
        };
        (at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1))
    };
    let tensor = |f: fn(f32, f32) -> f32| {
        let values = (0..w * h)
            .map(|i| {
                let (gx, gy) = gradient(i % w, i / w);
                f(gx, gy)
            })
            .collect();
        Channel {
            width: w,
            height: h,
            values,
        }
        .blurred(6.0 * lab.width as f32 / 768.0)
    };
    let (e, f, g) = (
        tensor(|x, _| x * x),
        tensor(|x, y| x * y),
        tensor(|_, y| y * y),
    );
    let (mut sum, mut count) = (0.0, 0.0_f32);
    for i in (0..w * h).step_by(7) {
        if inside((i % w) as f32, (i / w) as f32) {
            let (e, f, g) = (e.values[i], f.values[i], g.values[i]);
            sum += ((e - g).powi(2) + 4.0 * f * f).sqrt() / (e + g + 1e-9);
            count += 1.0;
        }
    }
    sum / count.max(1.0)
}

/// Mean |L − blurred L|: how much texture there is (σ 2 at 768 px).
pub(crate) fn texture(lab: &Lab) -> f32 {
    let light = lab.channel(0);
    let soft = light.blurred(2.0 * lab.width as f32 / 768.0);
    let sum: f32 = light
        .values
        .iter()
        .zip(&soft.values)
        .map(|(l, s)| (l - s).abs())
        .sum();
    sum / light.values.len() as f32
}

/// Power of the a channel at a frequency (cycles a pixel) and angle, in a window (left, top, side).
pub(crate) fn power(
    lab: &Lab,
    (left, top, side): (usize, usize, usize),
    frequency: f32,
    angle: f32,
) -> f32 {
    let (s, c) = angle.sin_cos();
    let at = |x: usize, y: usize| {
        lab.at((left + x).min(lab.width - 1), (top + y).min(lab.height - 1))[1]
    };
    let mut mean = 0.0;
    for y in 0..side {
        for x in 0..side {
            mean += at(x, y);
        }
    }
    mean /= (side * side) as f32;
    let (mut re, mut im) = (0.0, 0.0);
    for y in 0..side {
        for x in 0..side {
            // A Hann window, or the window's own edges would dominate.
            let hann =
                |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / side as f32).cos();
            let value = (at(x, y) - mean) * hann(x) * hann(y);
            let phase = std::f32::consts::TAU * frequency * (x as f32 * c + y as f32 * s);
            re += value * phase.cos();
            im += value * phase.sin();
        }
    }
    re * re + im * im
}

/// Mean of a figure over the pixels where `inside` says.
pub(crate) fn mean(
    lab: &Lab,
    inside: impl Fn(f32, f32) -> bool,
    figure: impl Fn([f32; 3]) -> f32,
) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0_f64);
    for y in 0..lab.height {
        for x in 0..lab.width {
            if inside(x as f32, y as f32) {
                sum += f64::from(figure(lab.at(x, y)));
                count += 1.0;
            }
        }
    }
    (sum / count.max(1.0)) as f32
}

/// Share of the photo's strongest edges (its steepest twentieth of pixels where `inside` says) that
/// have black ink within 5 pixels at 768.
pub(crate) fn covered_edges(
    photo: &RgbImage,
    print: &Lab,
    inside: impl Fn(f32, f32) -> bool,
) -> f32 {
    let scale = print.width as f32 / 768.0;
    let light = Lab::of(photo).channel(0).blurred(2.0 * scale);
    let mut edges = Vec::new();
    for y in 1..light.height - 1 {
        for x in 1..light.width - 1 {
            if inside(x as f32, y as f32) {
                let dx = light.at(x + 1, y) - light.at(x - 1, y);
                let dy = light.at(x, y + 1) - light.at(x, y - 1);
                edges.push((dx.hypot(dy), x, y));
            }
        }
    }
    edges.sort_by(|a, b| b.0.total_cmp(&a.0));
    edges.truncate(edges.len() / 20);
    let reach = (5.0 * scale).round() as usize;
    let inked = |x: usize, y: usize| {
        (y.saturating_sub(reach)..=(y + reach).min(print.height - 1)).any(|v| {
            (x.saturating_sub(reach)..=(x + reach).min(print.width - 1))
                .any(|u| print.at(u, v)[0] < 0.25)
        })
    };
    let covered = edges.iter().filter(|(_, x, y)| inked(*x, *y)).count();
    covered as f32 / edges.len().max(1) as f32
}

/// Mean colour difference of two pictures at quarter size.
pub(crate) fn apart(a: &RgbImage, b: &RgbImage) -> f32 {
    let small = |p: &RgbImage| Lab::of(&resize(p, 96, 96, FilterType::Triangle));
    let (p, q) = (small(a), small(b));
    p.pixels
        .iter()
        .zip(&q.pixels)
        .map(|(x, y)| difference(*x, *y))
        .sum::<f32>()
        / p.pixels.len() as f32
}
