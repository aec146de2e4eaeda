//! Colour: sRGB bytes, linear light, Oklab (Björn Ottosson, 2020).

use std::sync::LazyLock;

use super::grid::Lab;

static FROM_SRGB: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let c = i as f32 / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    })
});

/// sRGB byte for linear light in steps of 1/4095; coarsest in the darks, where a step is 0.8 of a byte.
static TO_SRGB: LazyLock<[u8; 4096]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let c = i as f32 / 4095.0;
        let s = if c <= 0.003_130_8 {
            c * 12.92
        } else {
            1.055 * c.powf(1.0 / 2.4) - 0.055
        };
        (s * 255.0).round() as u8
    })
});

/// Linear light 0–1 of an sRGB byte triple.
#[inline]
pub(super) fn linear(rgb: [u8; 3]) -> [f32; 3] {
    rgb.map(|c| FROM_SRGB[usize::from(c)])
}

/// sRGB bytes of linear light, clipped to 0–1.
#[inline]
pub(super) fn encode(rgb: [f32; 3]) -> [u8; 3] {
    rgb.map(|c| TO_SRGB[(c * 4095.0 + 0.5).clamp(0.0, 4095.0) as usize])
}

/// Oklab of linear light.
#[inline]
pub(super) fn from_linear([r, g, b]: [f32; 3]) -> Lab {
    let l = cube_root(0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b);
    let m = cube_root(0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b);
    let s = cube_root(0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b);
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// Linear light of Oklab; may leave 0–1 for colours outside sRGB.
#[inline]
pub(super) fn to_linear([l, a, b]: Lab) -> [f32; 3] {
    let cube = |x: f32| x * x * x;
    let x = cube(l + 0.396_337_78 * a + 0.215_803_76 * b);
    let y = cube(l - 0.105_561_346 * a - 0.063_854_17 * b);
    let z = cube(l - 0.089_484_18 * a - 1.291_485_5 * b);
    [
        4.076_741_7 * x - 3.307_711_6 * y + 0.230_969_94 * z,
        -1.268_438 * x + 2.609_757_4 * y - 0.341_319_38 * z,
        -0.004_196_086_3 * x - 0.703_418_6 * y + 1.707_614_7 * z,
    ]
}

/// Oklab of a colour written `0xRRGGBB`.
pub(super) fn hex(rgb: u32) -> Lab {
    from_linear(linear([(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8]))
}

/// Chroma: distance from grey.
#[inline]
pub(super) fn chroma([_, a, b]: Lab) -> f32 {
    (a * a + b * b).sqrt()
}

/// Hue angle in degrees, 0–360.
#[inline]
pub(super) fn hue([_, a, b]: Lab) -> f32 {
    b.atan2(a).to_degrees().rem_euclid(360.0)
}

/// Euclidean colour difference in Oklab.
#[inline]
pub(super) fn difference(x: Lab, y: Lab) -> f32 {
    let d = [x[0] - y[0], x[1] - y[1], x[2] - y[2]];
    (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt()
}

/// Cube root by a guess from the exponent and two Newton steps; 1e-5 relative is plenty for 8 bits.
#[inline]
fn cube_root(x: f32) -> f32 {
    let x = x.max(1e-9);
    let mut y = f32::from_bits(x.to_bits() / 3 + 0x2a51_19f2);
    for _ in 0..2 {
        y = (2.0 * y + x / (y * y)) * (1.0 / 3.0);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grey_and_many_colours_survive_the_way_there_and_back() {
        for r in (0..=255_u8).step_by(15) {
            for g in (0..=255_u8).step_by(17) {
                for b in [0, 40, 128, 200, 255] {
                    let back = encode(to_linear(from_linear(linear([r, g, b]))));
                    for (from, to) in [r, g, b].into_iter().zip(back) {
                        assert!(from.abs_diff(to) <= 1, "{:?} became {back:?}", [r, g, b]);
                    }
                }
            }
        }
    }

    #[test]
    fn colours_are_where_the_definition_puts_them() {
        // From Ottosson's text: the sRGB primaries.
        let red = hex(0xff0000);
        assert!(
            (red[0] - 0.628).abs() < 2e-3
                && (red[1] - 0.225).abs() < 2e-3
                && (red[2] - 0.126).abs() < 2e-3
        );
        assert!((hue(hex(0x0000ff)) - 264.0).abs() < 1.0);
        assert!(chroma(hex(0x808080)) < 1e-3);
    }
}
