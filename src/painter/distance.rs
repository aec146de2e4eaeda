//! Exact Euclidean distance to the nearest marked pixel (Felzenszwalb and Huttenlocher, 2012).

use super::grid::Grid;

/// Distance in pixels of every element to the nearest one that is `true`; huge when none is.
pub(super) fn to_marked(marked: &Grid<bool>) -> Grid<f32> {
    const NONE: f32 = 1e12;
    let columns = transposed(&marked.map(|m| if m { 0.0 } else { NONE }));
    let squared = lower_envelopes(&transposed(&lower_envelopes(&columns)));
    squared.map(|d| d.sqrt().min(1e6))
}

/// Distance to the border between marked and unmarked, positive inside the marked part.
pub(super) fn signed(marked: &Grid<bool>) -> Grid<f32> {
    let outside = to_marked(marked);
    let inside = to_marked(&marked.map(|m| !m));
    inside.zip(&outside, |i, o| if i > 0.0 { i - 0.5 } else { 0.5 - o })
}

fn transposed(grid: &Grid<f32>) -> Grid<f32> {
    Grid::from_fn(grid.height, grid.width, |x, y| grid.at(y, x))
}

/// Row by row: `min over i of (x − i)² + f(i)`.
fn lower_envelopes(grid: &Grid<f32>) -> Grid<f32> {
    let mut out = grid.clone();
    out.fill_rows(|y, row| envelope(grid.row(y), row));
    out
}

fn envelope(f: &[f32], out: &mut [f32]) {
    let n = f.len();
    let (mut at, mut from) = (vec![0_usize; n], vec![0.0_f64; n + 1]);
    let value = |i: usize| f64::from(f[i]) + (i * i) as f64;
    let mut k = 0;
    from[0] = f64::NEG_INFINITY;
    from[1] = f64::INFINITY;
    for q in 1..n {
        let mut meet = (value(q) - value(at[k])) / (2 * (q - at[k])) as f64;
        while meet <= from[k] {
            k -= 1;
            meet = (value(q) - value(at[k])) / (2 * (q - at[k])) as f64;
        }
        k += 1;
        at[k] = q;
        from[k] = meet;
        from[k + 1] = f64::INFINITY;
    }
    k = 0;
    for (q, out) in out.iter_mut().enumerate() {
        while from[k + 1] < q as f64 {
            k += 1;
        }
        let d = q as f64 - at[k] as f64;
        *out = (d * d + f64::from(f[at[k]])) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_a_search() {
        let marks = [(3_usize, 4_usize), (17, 1), (9, 12)];
        let marked = Grid::from_fn(20, 15, |x, y| marks.contains(&(x, y)));
        let found = to_marked(&marked);
        for y in 0..15 {
            for x in 0..20 {
                let nearest = marks
                    .iter()
                    .map(|(mx, my)| (*mx as f32 - x as f32).hypot(*my as f32 - y as f32))
                    .fold(f32::MAX, f32::min);
                assert!((found.at(x, y) - nearest).abs() < 1e-3, "at {x}, {y}");
            }
        }
    }

    #[test]
    fn without_a_mark_everything_is_far() {
        assert!(
            to_marked(&Grid::filled(5, 1, false))
                .data
                .iter()
                .all(|d| *d > 1e5)
        );
    }
}
