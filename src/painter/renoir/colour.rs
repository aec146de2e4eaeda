//! His colours: no black, violet shadows, rosy flesh.

use super::super::grid::{Grid, Lab, mix, smoothstep};
use super::super::oklab::chroma;
use super::super::study::Study;

/// Mean colour of the skin in the target.
pub(super) fn flesh_tone(study: &Study, target: &Grid<Lab>) -> Lab {
    let (mut sum, mut total) = ([0.0_f64; 3], 1e-6_f64);
    for (c, skin) in target.data.iter().zip(study.skin.shares()).step_by(3) {
        if skin > 0.6 {
            total += 1.0;
            for (s, v) in sum.iter_mut().zip(c) {
                *s += f64::from(*v);
            }
        }
    }
    if total < 10.0 {
        [0.7, 0.05, 0.05]
    } else {
        sum.map(|s| (s / total) as f32)
    }
}

/// No colour too loud, violet shadows, rosy flesh, white teeth.
pub(super) fn pearly(c: Lab, skin: f32, place: f32, flesh: Lab) -> Lab {
    let limit = mix(0.125, 0.10, skin);
    let strength = chroma(c);
    let squeezed =
        1.08 / (1.0 + (strength / limit).powi(2)).sqrt() * (1.0 + (0.05 / limit).powi(2)).sqrt();
    let [mut l, mut a, mut b] = [c[0], c[1] * squeezed, c[2] * squeezed];
    let k = ((l - 0.64) / 0.30).clamp(-1.0, 1.0);
    let reach = 1.0 - 0.6 * skin;
    let shadow = (-k).max(0.0);
    l += 0.03 * shadow * reach * (1.0 - 0.5 * skin);
    a += 0.010 * shadow * reach;
    b += (-0.060 * shadow + 0.022 * k.max(0.0)) * reach;
    let middle = skin * (1.0 - k.abs());
    a += 0.020 * middle + 0.006;
    b += -0.017 * middle - 0.010;
    // Lips and cheeks a little redder than they are.
    let redder = (c[1] - flesh[1] - 0.006).clamp(0.0, 0.05) * skin.max(0.8 * place);
    a += 0.8 * redder;
    // Teeth and the whites of eyes stay white.
    let neutral = place
        * smoothstep(0.75, 0.45, strength / chroma(flesh).max(0.02))
        * smoothstep(-0.08, 0.02, c[0] - flesh[0]);
    b -= 0.03 * neutral;
    l += 0.03 * neutral;
    [l, a, b]
}

/// Black and white becomes violet to cream.
pub(super) fn tinted([l, _, _]: Lab, skin: f32) -> Lab {
    let w = smoothstep(0.3, 0.9, l);
    let flesh = skin * (1.0 - 0.5 * w);
    [
        l + 0.03,
        0.010 + 0.022 * w + 0.022 * flesh,
        -0.062 + 0.105 * w + 0.030 * flesh,
    ]
}
