//! Shapes with straight edges: traced from a field, simplified, filled with soft edges.

use super::grid::Grid;
use super::{Cancelled, Watcher, check};

/// A closed line through its points.
pub(super) type Polygon = Vec<[f32; 2]>;

/// The outlines of the places where `field` exceeds `level`, closed along the picture's border.
///
/// Marching squares on every `step`-th pixel.
pub(super) fn outlines(
    field: &Grid<f32>,
    level: f32,
    step: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<Polygon>, Cancelled> {
    let step = step.max(1);
    let (w, h) = (
        field.width.div_ceil(step) + 3,
        field.height.div_ceil(step) + 3,
    );
    // One ring of "below" around the picture closes every outline.
    let value = |x: usize, y: usize| {
        if x == 0 || y == 0 || x == w - 1 || y == h - 1 {
            -1e3_f32
        } else {
            field.clamped(((x - 1) * step) as isize, ((y - 1) * step) as isize) - level
        }
    };
    let values = Grid::from_fn(w, h, value);
    // An edge is named by its upper or left corner: 2i for the one to the right, 2i+1 for the one below.
    const NONE: u32 = u32::MAX;
    let mut next = vec![NONE; 2 * w * h];
    for y in 0..h - 1 {
        if y % 64 == 0 {
            check(watcher)?;
        }
        for x in 0..w - 1 {
            let i = y * w + x;
            let inside = |j: usize| values.data[j] > 0.0;
            let case = u8::from(inside(i))
                | u8::from(inside(i + 1)) << 1
                | u8::from(inside(i + w + 1)) << 2
                | u8::from(inside(i + w)) << 3;
            let (top, right, bottom, left) = (2 * i, 2 * (i + 1) + 1, 2 * (i + w), 2 * i + 1);
            let pairs: &[(usize, usize)] = match case {
                1 => &[(left, top)],
                2 => &[(top, right)],
                3 => &[(left, right)],
                4 => &[(right, bottom)],
                5 => &[(left, top), (right, bottom)],
                6 => &[(top, bottom)],
                7 => &[(left, bottom)],
                8 => &[(bottom, left)],
                9 => &[(bottom, top)],
                10 => &[(top, right), (bottom, left)],
                11 => &[(bottom, right)],
                12 => &[(right, left)],
                13 => &[(right, top)],
                14 => &[(top, left)],
                _ => &[],
            };
            for (from, to) in pairs {
                next[*from] = *to as u32;
            }
        }
    }
    let point = |edge: usize| {
        let (i, down) = (edge / 2, edge % 2 == 1);
        let (x, y) = (i % w, i / w);
        let (a, b) = (
            values.data[i],
            values.data[if down { i + w } else { i + 1 }],
        );
        // Past the border: far enough out to cover the whole of the outermost pixels.
        let t = if a.min(b) < -500.0 {
            if a > b { 1.0 } else { 0.0 }
        } else {
            (a / (a - b)).clamp(0.0, 1.0)
        };
        let (dx, dy) = if down { (0.0, t) } else { (t, 0.0) };
        [
            ((x as f32 - 1.0) + dx) * step as f32,
            ((y as f32 - 1.0) + dy) * step as f32,
        ]
    };
    let mut polygons = Vec::new();
    check(watcher)?;
    for start in 0..next.len() {
        let mut edge = start;
        let mut polygon = Polygon::new();
        while next[edge] != NONE {
            polygon.push(point(edge));
            let to = next[edge] as usize;
            next[edge] = NONE;
            edge = to;
        }
        if polygon.len() > 3 {
            polygons.push(polygon);
        }
    }
    Ok(polygons)
}

/// The same shape with as few points as keep within `tolerance` pixels (Douglas and Peucker, 1973).
pub(super) fn simplified(polygon: &[[f32; 2]], tolerance: f32) -> Polygon {
    if polygon.len() < 4 {
        return polygon.to_vec();
    }
    let first = polygon[0];
    let far = (0..polygon.len())
        .max_by(|a, b| squared(polygon[*a], first).total_cmp(&squared(polygon[*b], first)))
        .unwrap_or(0);
    let mut keep = vec![false; polygon.len() + 1];
    let closed: Vec<[f32; 2]> = polygon.iter().copied().chain([first]).collect();
    keep[0] = true;
    keep[far] = true;
    let mut open = vec![(0, far), (far, closed.len() - 1)];
    while let Some((from, to)) = open.pop() {
        let mut worst = (tolerance, None);
        for (i, p) in closed.iter().enumerate().take(to).skip(from + 1) {
            let d = from_segment(*p, closed[from], closed[to]);
            if d > worst.0 {
                worst = (d, Some(i));
            }
        }
        if let Some(i) = worst.1 {
            keep[i] = true;
            open.push((from, i));
            open.push((i, to));
        }
    }
    polygon
        .iter()
        .zip(&keep)
        .filter(|(_, k)| **k)
        .map(|(p, _)| *p)
        .collect()
}

/// Area enclosed, pixels².
pub(super) fn area(polygon: &[[f32; 2]]) -> f32 {
    let n = polygon.len();
    let twice: f32 = (0..n)
        .map(|i| {
            let ([ax, ay], [bx, by]) = (polygon[i], polygon[(i + 1) % n]);
            ax * by - bx * ay
        })
        .sum();
    0.5 * twice.abs()
}

/// Distance of a point from a line between two points.
#[inline]
pub(super) fn from_segment(p: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let (px, py) = (p[0] - a[0], p[1] - a[1]);
    let t = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
    (px - t * dx).hypot(py - t * dy)
}

fn squared(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// Scan lines a pixel row, for soft horizontal edges.
const SUB: usize = 4;

/// Coverage 0–1 of each pixel by the polygons, even-odd.
pub(super) fn filled(width: usize, height: usize, polygons: &[Polygon]) -> Grid<f32> {
    let mut cover = Grid::filled(width, height, 0.0);
    let mut crossings: Vec<Vec<f32>> = vec![Vec::new(); height * SUB];
    for polygon in polygons {
        for i in 0..polygon.len() {
            let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
            let (top, bottom) = if a[1] < b[1] { (a, b) } else { (b, a) };
            // Pixel y covers y − 0.5 to y + 0.5: the picture's coordinates are pixel centres.
            let row = |y: f32| (y + 0.5) * SUB as f32 - 0.5;
            let first = row(top[1]).ceil().max(0.0) as usize;
            let last = row(bottom[1]).ceil().clamp(0.0, (height * SUB) as f32) as usize;
            let slope = (bottom[0] - top[0]) / (bottom[1] - top[1]).max(1e-6);
            for (sub, list) in crossings.iter_mut().enumerate().take(last).skip(first) {
                let y = (sub as f32 + 0.5) / SUB as f32 - 0.5;
                list.push(top[0] + (y - top[1]) * slope);
            }
        }
    }
    for list in &mut crossings {
        list.sort_by(f32::total_cmp);
    }
    cover.fill_rows(|y, row| {
        for list in &crossings[y * SUB..(y + 1) * SUB] {
            for span in list.as_chunks::<2>().0 {
                add_span(row, span[0] + 0.5, span[1] + 0.5);
            }
        }
    });
    cover
}

/// Adds a quarter row's coverage between two places (pixel `i` spans `i`..`i+1` here).
fn add_span(row: &mut [f32], from: f32, to: f32) {
    let (from, to) = (
        from.clamp(0.0, row.len() as f32),
        to.clamp(0.0, row.len() as f32),
    );
    if to <= from {
        return;
    }
    const SHARE: f32 = 1.0 / SUB as f32;
    let (first, last) = (from as usize, (to as usize).min(row.len() - 1));
    if first >= row.len() {
        return;
    }
    if first == last {
        row[first] += SHARE * (to - from);
        return;
    }
    row[first] += SHARE * (first as f32 + 1.0 - from);
    for value in &mut row[first + 1..last] {
        *value += SHARE;
    }
    row[last] += SHARE * (to - last as f32);
}

#[cfg(test)]
mod tests {
    use super::super::Unwatched;
    use super::*;

    #[test]
    fn a_disc_keeps_its_area_when_traced_simplified_and_filled() {
        let disc = Grid::from_fn(100, 80, |x, y| {
            30.0 - (x as f32 - 40.0).hypot(y as f32 - 41.0)
        });
        let outline = outlines(&disc, 0.0, 2, &Unwatched).expect("nobody cancels");
        assert_eq!(outline.len(), 1);
        let few = simplified(&outline[0], 0.7);
        assert!(
            few.len() < outline[0].len() / 2,
            "{} of {} points",
            few.len(),
            outline[0].len()
        );
        let expected = std::f32::consts::PI * 900.0;
        assert!((area(&few) / expected - 1.0).abs() < 0.04);
        let cover: f32 = filled(100, 80, &[few]).data.iter().sum();
        assert!((cover / expected - 1.0).abs() < 0.04);
    }

    #[test]
    fn a_full_field_is_filled_to_the_border() {
        let polygons =
            outlines(&Grid::filled(9, 7, 1.0), 0.5, 1, &Unwatched).expect("nobody cancels");
        assert!(
            filled(9, 7, &polygons)
                .data
                .iter()
                .all(|c| (c - 1.0).abs() < 1e-3)
        );
    }

    #[test]
    fn a_hole_stays_open() {
        let ring = Grid::from_fn(60, 60, |x, y| {
            let d = (x as f32 - 30.0).hypot(y as f32 - 30.0);
            if (10.0..25.0).contains(&d) { 1.0 } else { 0.0 }
        });
        let polygons = outlines(&ring, 0.5, 1, &Unwatched).expect("nobody cancels");
        let cover = filled(60, 60, &polygons);
        assert!(cover.at(30, 30) < 0.01 && cover.at(30, 12) > 0.99);
    }
}
