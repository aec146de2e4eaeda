//! The embedded painters as a generator: no GPU, no network, always there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;
use image::RgbImage;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::picture::{PREVIEW_PX, PREVIEW_QUALITY};
use super::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, ProgressSender, Traits,
};
use crate::imaging::mark::DigitalSource;
use crate::imaging::{self, Limits};
use crate::painter::{self, Manner, Study};
use crate::session::StyleId;

/// How many analysed photos are kept: the styles of one photo share its analysis, and a few
/// visitors may be served in turns. One takes some ten megabytes.
const STUDIES_KEPT: usize = 4;

/// Always there, on this machine, and without a model.
pub(super) const TRAITS: Traits = Traits {
    name: "embedded",
    remote: false,
    offsite: false,
    billed: false,
    stands_in: true,
    source: DigitalSource::AlgorithmicallyEnhanced,
    keys: &[],
};

/// Paints on this machine's own cores.
#[derive(Debug)]
pub struct Embedded {
    card: Card,
    studies: Arc<Studies>,
}

impl Embedded {
    /// Paints squares of the card's size.
    pub fn new(card: Card) -> Self {
        let kind = Kind::Embedded;
        Self {
            card: Card { kind, ..card },
            studies: Arc::default(),
        }
    }
}

#[async_trait]
impl Generator for Embedded {
    fn card(&self) -> &Card {
        &self.card
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.card.styles.has(style) && style.as_str().parse::<Manner>().is_ok()
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        let manner: Manner = brief
            .style
            .as_str()
            .parse()
            .map_err(|_| GeneratorError::Unfit(format!("no embedded style {}", brief.style)))?;
        // A child of the caller's token that is also cancelled when this future is dropped.
        let cancel = cancel.child_token();
        let _stop_when_dropped = cancel.clone().drop_guard();
        let easel = Easel {
            progress: progress.clone(),
            cancel: cancel.clone(),
        };
        let (studies, size_px) = (Arc::clone(&self.studies), self.card.size_px);
        let (capture, screen, seed) = (brief.capture, brief.screen.clone(), brief.seed);
        let painting = tokio::task::spawn_blocking(move || {
            if painter::Watcher::is_cancelled(&easel) {
                return Err(GeneratorError::Cancelled);
            }
            let _at_work = studies.begin();
            let study = studies.of(capture, || study(&screen, size_px))?;
            painter::paint(&study, manner, u64::from(seed), &easel)
                .map(Painted::Pixels)
                .map_err(|_| GeneratorError::Cancelled)
        });
        tokio::select! {
            // The photo's analysis is not broken off: another style may be waiting for it.
            () = cancel.cancelled() => Err(GeneratorError::Cancelled),
            painted = painting => painted.unwrap_or_else(|e| {
                Err(GeneratorError::Failed(format!("the painter stumbled: {e}")))
            }),
        }
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        Ok(Health {
            words: format!("paints in this program, {0} × {0} px", self.card.size_px),
            styles: Manner::ALL
                .iter()
                .map(|manner| StyleId::from(manner.id()))
                .filter(|style| self.card.styles.has(style))
                .collect(),
            ..Health::default()
        })
    }
}

fn study(screen: &[u8], size_px: u32) -> Result<Study, GeneratorError> {
    let photo = imaging::decode(
        screen,
        &Limits {
            min_side: 1,
            ..Limits::default()
        },
    )
    .map_err(|e| GeneratorError::Refused(format!("the photo does not decode: {e}")))?;
    Ok(Study::new(&imaging::crop_square(&photo), size_px))
}

/// Watches a painting on its easel: passes the news on, and says when to stop.
struct Easel {
    progress: ProgressSender,
    cancel: CancellationToken,
}

impl painter::Watcher for Easel {
    fn progress(&self, share: f32, stage: Option<&RgbImage>) {
        let preview = stage.and_then(|picture| {
            imaging::encode_jpeg(&imaging::fit(picture, PREVIEW_PX), PREVIEW_QUALITY).ok()
        });
        if self.cancel.is_cancelled() {
            return;
        }
        self.progress.send_modify(|news| {
            news.share = share;
            if preview.is_some() {
                news.preview = preview;
            }
        });
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

type Slot = Arc<OnceLock<Option<Arc<Study>>>>;

/// The last few analysed photos; while nothing is painted, the last one. Two styles of one photo
/// that begin together wait for one study.
#[derive(Debug, Default)]
struct Studies(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    at_work: usize,
    kept: VecDeque<(Uuid, Slot)>,
}

/// A painting at work.
struct AtWork(Arc<Studies>);

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut shelf = self.0.shelf();
        shelf.at_work -= 1;
        if shelf.at_work == 0 {
            let old = shelf.kept.len().saturating_sub(1);
            shelf.kept.drain(..old);
        }
    }
}

impl Studies {
    fn begin(self: &Arc<Self>) -> AtWork {
        self.shelf().at_work += 1;
        AtWork(Arc::clone(self))
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(
        &self,
        capture: Uuid,
        make: impl FnOnce() -> Result<Study, GeneratorError>,
    ) -> Result<Arc<Study>, GeneratorError> {
        let slot = self.slot(capture);
        let mut trouble = None;
        let study = slot.get_or_init(|| match make() {
            Ok(study) => Some(Arc::new(study)),
            Err(e) => {
                trouble = Some(e);
                None
            }
        });
        study.clone().ok_or_else(|| {
            trouble.unwrap_or_else(|| GeneratorError::Refused("the photo does not decode".into()))
        })
    }

    fn slot(&self, capture: Uuid) -> Slot {
        let kept = &mut self.shelf().kept;
        if let Some((_, slot)) = kept.iter().find(|(id, _)| *id == capture) {
            return Arc::clone(slot);
        }
        if kept.len() == STUDIES_KEPT {
            kept.pop_front();
        }
        let slot = Slot::default();
        kept.push_back((capture, Arc::clone(&slot)));
        slot
    }
}
