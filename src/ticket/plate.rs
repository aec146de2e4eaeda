//! What does not change between visitors, drawn once and kept small.
//!
//! A drawn layer of 1200 × 1800 pixels is 8.6 MB, and a booth has one for every style and language.
//! Most of it is paper, so it is kept as runs of equal pixels: some hundred kB, unpacked at about
//! the speed of a copy.

use std::sync::{Arc, Mutex, PoisonError};

use resvg::tiny_skia::{Pixmap, PremultipliedColorU8};

/// Plates kept at most; the one unused for longest goes first.
const MOST_PLATES: usize = 24;

/// A drawn layer.
pub(super) struct Plate {
    width: u32,
    height: u32,
    runs: Vec<(u32, PremultipliedColorU8)>,
}

impl Plate {
    fn pack(drawn: &Pixmap) -> Self {
        let runs = drawn
            .pixels()
            .chunk_by(|a, b| a == b)
            .map(|run| {
                (
                    u32::try_from(run.len()).expect("a pixmap has fewer than 2³² pixels"),
                    run[0],
                )
            })
            .collect();
        Self {
            width: drawn.width(),
            height: drawn.height(),
            runs,
        }
    }

    fn unpack(&self) -> Pixmap {
        let mut pixmap =
            Pixmap::new(self.width, self.height).expect("the size is that of an existing pixmap");
        let mut rest = pixmap.pixels_mut();
        for &(length, color) in &self.runs {
            let (run, after) = rest.split_at_mut(length as usize);
            run.fill(color);
            rest = after;
        }
        pixmap
    }
}

/// The plates of one template, by the very SVG text they were drawn from: a plate can be missing,
/// never stale.
#[derive(Default)]
pub(super) struct Plates {
    /// Most recently used last.
    kept: Mutex<Vec<(String, Arc<Plate>)>>,
}

impl Plates {
    /// A pixmap with the layer that `svg` says, drawn by `draw` if it is not kept yet.
    pub(super) fn get<E>(
        &self,
        svg: &str,
        draw: impl FnOnce(&str) -> Result<Pixmap, E>,
    ) -> Result<Pixmap, E> {
        if let Some(plate) = self.find(svg) {
            return Ok(plate.unpack());
        }
        // Not under the lock: two threads may draw the same plate once each.
        let drawn = draw(svg)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_PLATES {
            kept.remove(0);
        }
        kept.push((svg.to_owned(), Arc::new(Plate::pack(&drawn))));
        Ok(drawn)
    }

    fn find(&self, svg: &str) -> Option<Arc<Plate>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(text, _)| text == svg)?;
        let found = kept.remove(at);
        let plate = Arc::clone(&found.1);
        kept.push(found);
        Some(plate)
    }
}
