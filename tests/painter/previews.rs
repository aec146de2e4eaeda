//! What a waiting visitor sees of a painting in the making.

use std::sync::Arc;

use easel::generator::embedded::Embedded;
use easel::generator::{Brief, Card, Generator, Kind, Progress};
use easel::painter::Manner;
use image::imageops::{FilterType, replace, resize};
use image::{ImageFormat, RgbImage};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::gallery::{folder, output};

/// Longer side of a preview, pixels.
const SIDE: u32 = 256;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stages_reach_the_waiting_visitor_as_small_jpegs() {
    let screen = std::fs::read(folder().join("inputs/epps.jpg")).expect("the sample is there");
    let painter = Arc::new(Embedded::new(Card {
        size_px: 384,
        ..Card::new("here", Kind::Embedded)
    }));
    let mut strip = RgbImage::new(6 * SIDE, Manner::ALL.len() as u32 * SIDE);
    for (row, manner) in (0_i64..).zip(Manner::ALL) {
        let brief = Brief {
            attempt: Uuid::nil(),
            capture: Uuid::nil(),
            style: manner.id().into(),
            seed: 1,
            input: screen.clone().into(),
            screen: screen.clone().into(),
            smaller: false,
        };
        let (news, mut seen) = watch::channel(Progress::default());
        let painter = Arc::clone(&painter);
        let painting = tokio::spawn(async move {
            let never = CancellationToken::new();
            painter.paint(&brief, &news, &never).await
        });
        let mut stages = Vec::new();
        let mut share = 0.0;
        // Ends when the painting is done and its sender dropped.
        while seen.changed().await.is_ok() {
            let news = seen.borrow_and_update().clone();
            assert!(news.share >= share, "{} goes back", manner.id());
            share = news.share;
            stages.extend(news.preview);
        }
        stages.dedup();
        painting
            .await
            .expect("no painter panics")
            .expect("the painters can paint");
        assert!(stages.len() >= 2, "{} shows {}", manner.id(), stages.len());
        for (column, stage) in (0_i64..6).zip(&stages) {
            let picture = image::load_from_memory_with_format(stage, ImageFormat::Jpeg)
                .expect("a preview is a JPEG")
                .to_rgb8();
            assert_eq!(picture.width().max(picture.height()), SIDE);
            assert!(stage.len() < 60_000, "{} bytes", stage.len());
            let cell = resize(&picture, SIDE, SIDE, FilterType::Triangle);
            let side = i64::from(SIDE);
            replace(&mut strip, &cell, column * side, row * side);
        }
    }
    strip
        .save(output("painter-stages.png"))
        .expect("stages can be left to look at");
}
