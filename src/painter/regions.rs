//! Connected regions of equal labels.

use super::grid::Grid;

/// Gives every region smaller than `smallest(label)` pixels the label most common around it.
pub(super) fn drop_islands<T>(labels: &mut Grid<T>, smallest: impl Fn(T) -> usize)
where
    T: Copy + Default + PartialEq + Send + Sync,
{
    let (w, h) = (labels.width, labels.height);
    let mut seen = vec![false; w * h];
    // Four bytes an entry: a region may be the whole picture.
    let mut part: Vec<u32> = Vec::new();
    for start in 0..w * h {
        if seen[start] {
            continue;
        }
        let label = labels.data[start];
        part.clear();
        part.push(start as u32);
        seen[start] = true;
        let mut around: Vec<(T, usize)> = Vec::new();
        let mut next = 0;
        while next < part.len() {
            let i = part[next] as usize;
            next += 1;
            let (x, y) = (i % w, i / w);
            let neighbours = [
                (x > 0).then(|| i - 1),
                (x + 1 < w).then_some(i + 1),
                (y > 0).then(|| i - w),
                (y + 1 < h).then_some(i + w),
            ];
            for j in neighbours.into_iter().flatten() {
                let other = labels.data[j];
                if other == label {
                    if !seen[j] {
                        seen[j] = true;
                        part.push(j as u32);
                    }
                } else if let Some(entry) = around.iter_mut().find(|(l, _)| *l == other) {
                    entry.1 += 1;
                } else {
                    around.push((other, 1));
                }
            }
        }
        if part.len() < smallest(label)
            && let Some((winner, _)) = around.iter().max_by_key(|(_, n)| *n)
        {
            for i in &part {
                labels.data[*i as usize] = *winner;
            }
        }
    }
}
