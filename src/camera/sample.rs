//! Photos from a folder, or from inside the program, in turn: a camera for demos and tests.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream;
use rust_embed::RustEmbed;

use super::{Camera, CameraError, CameraState, Condition, Cue, LiveView, SampleSettings, photos};
use crate::clock::Clock;

/// Two frames a second: the picture stands still anyway.
const FRAME: Duration = Duration::from_millis(500);

#[derive(RustEmbed)]
#[folder = "assets/portraits"]
struct Portraits;

/// Gives one photo after another, and begins again after the last.
///
/// The live view shows the photo that the next [`Camera::still`] takes. Files may be added to the
/// folder and removed at any time.
#[derive(Debug)]
pub struct Sample {
    roll: Arc<Roll>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Roll {
    dir: Option<PathBuf>,
    taken: AtomicUsize,
}

impl Sample {
    /// Begins with the first photo by name.
    #[must_use]
    pub fn new(settings: &SampleSettings, clock: Arc<dyn Clock>) -> Self {
        let roll = Roll {
            dir: settings.dir.clone(),
            taken: AtomicUsize::new(0),
        };
        Self {
            roll: Arc::new(roll),
            clock,
        }
    }
}

#[async_trait]
impl Camera for Sample {
    fn name(&self) -> &'static str {
        "sample"
    }

    async fn still(&self) -> Result<Bytes, CameraError> {
        let turn = self.roll.taken.fetch_add(1, Ordering::Relaxed);
        self.roll.photo(turn).await
    }

    fn live(&self) -> Option<LiveView> {
        let (roll, clock) = (Arc::clone(&self.roll), Arc::clone(&self.clock));
        // Made when asked for, at most one each FRAME: there is no queue to fall behind in.
        let frames = stream::unfold(Duration::ZERO, move |not_before| {
            let (roll, clock) = (Arc::clone(&roll), Arc::clone(&clock));
            async move {
                clock
                    .sleep(not_before.saturating_sub(clock.monotonic()))
                    .await;
                let not_before = clock.monotonic() + FRAME;
                let frame = roll.photo(roll.taken.load(Ordering::Relaxed)).await;
                frame.ok().map(|frame| (frame, not_before))
            }
        });
        Some(LiveView::new(frames))
    }

    /// Looks into the folder: it is small, and on this machine.
    fn state(&self) -> CameraState {
        match self.roll.says() {
            Ok(says) => CameraState::always(Condition::Ready, says),
            Err(error) => CameraState::always(Condition::Gone, error.to_string()),
        }
    }

    async fn health(&self) -> Result<String, CameraError> {
        let roll = Arc::clone(&self.roll);
        blocking(move || roll.says()).await
    }

    /// Its photos are nobody's here, and none is late.
    fn hear(&self, _cue: Cue) {}
}

impl Roll {
    async fn photo(self: &Arc<Self>, turn: usize) -> Result<Bytes, CameraError> {
        let roll = Arc::clone(self);
        blocking(move || {
            let names = roll.names()?;
            roll.read(&names[turn % names.len()])
        })
        .await
    }

    fn says(&self) -> Result<String, CameraError> {
        let photos = self.names()?.len();
        Ok(format!("{photos} sample photos, no real camera"))
    }

    /// All photos, sorted by name; never none.
    fn names(&self) -> Result<Vec<String>, CameraError> {
        let all = match &self.dir {
            Some(dir) => list(dir).map_err(gone)?,
            None => Portraits::iter().map(Cow::into_owned).collect(),
        };
        let is_jpeg = |name: &String| photos::is_jpeg(Path::new(name));
        let mut names: Vec<String> = all.into_iter().filter(is_jpeg).collect();
        names.sort_unstable();
        if names.is_empty() {
            let reason = "no JPEG file in the folder of sample photos".to_owned();
            return Err(CameraError::NoPicture { reason });
        }
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Bytes, CameraError> {
        let missing = || CameraError::NoPicture {
            reason: format!("the sample photo {name} is gone, empty or too large"),
        };
        let Some(dir) = &self.dir else {
            let portrait = Portraits::get(name).ok_or_else(missing)?;
            return Ok(match portrait.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            });
        };
        let bytes = photos::read(&dir.join(name)).ok().flatten();
        bytes
            .filter(|bytes| !bytes.is_empty())
            .map(Bytes::from)
            .ok_or_else(missing)
    }
}

fn list(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(dir)? {
        // What has no readable name is not a photo that someone put there to be shown.
        names.extend(file?.file_name().into_string());
    }
    Ok(names)
}

fn gone(e: io::Error) -> CameraError {
    CameraError::Disconnected(Some(e))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CameraError> + Send + 'static,
) -> Result<T, CameraError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|e| Err(gone(io::Error::other(e))))
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt};

    use super::*;
    use crate::clock::ManualClock;

    fn in_folder(dir: &Path) -> (ManualClock, Sample) {
        let clock = ManualClock::default();
        let settings = SampleSettings {
            dir: Some(dir.to_owned()),
        };
        (clock.clone(), Sample::new(&settings, Arc::new(clock)))
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[tokio::test]
    async fn the_portraits_inside_come_in_turn() {
        let clock = Arc::new(ManualClock::default());
        let camera = Sample::new(&SampleSettings::default(), clock);
        let mut seen = Vec::new();
        for _ in 0..6 {
            let photo = camera.still().await.unwrap();
            assert!(!seen.contains(&photo), "six different ones");
            seen.push(photo);
        }
        assert_eq!(camera.still().await.unwrap(), seen[0]);
        assert_eq!(
            camera.health().await.unwrap(),
            "6 sample photos, no real camera"
        );
    }

    #[tokio::test]
    async fn a_folder_is_shown_in_the_order_of_names_jpegs_only() {
        let folder = folder(&[
            ("b.JPG", "b"),
            ("a.jpeg", "a"),
            ("c.txt", "c"),
            ("d.png", "d"),
        ]);
        let (_, camera) = in_folder(folder.path());
        for expected in ["a", "b", "a"] {
            assert_eq!(camera.still().await.unwrap(), expected);
        }
        fs::write(folder.path().join("0.jpg"), "0").unwrap();
        assert_eq!(camera.still().await.unwrap(), "0", "seen at once: 3 mod 3");
    }

    #[tokio::test]
    async fn an_empty_folder_and_a_missing_one_are_said() {
        let folder = folder(&[("empty.jpg", "")]);
        let (_, camera) = in_folder(folder.path());
        assert!(matches!(
            camera.still().await,
            Err(CameraError::NoPicture { .. })
        ));
        fs::remove_file(folder.path().join("empty.jpg")).unwrap();
        assert!(matches!(
            camera.still().await,
            Err(CameraError::NoPicture { .. })
        ));
        assert!(matches!(
            camera.health().await,
            Err(CameraError::NoPicture { .. })
        ));
        drop(folder);
        assert!(matches!(
            camera.still().await,
            Err(CameraError::Disconnected(Some(_)))
        ));
        assert_eq!(camera.live().unwrap().next().await, None);
        assert_eq!(camera.state().condition, Condition::Gone);
    }

    #[tokio::test]
    async fn the_live_view_shows_what_will_be_taken_and_queues_nothing() {
        let folder = folder(&[("a.jpg", "a"), ("b.jpg", "b")]);
        let (clock, camera) = in_folder(folder.path());
        let mut live = camera.live().unwrap();
        assert_eq!(live.next().await.unwrap(), "a");
        assert!(live.next().now_or_never().is_none(), "not before its time");
        clock.advance(FRAME);
        assert_eq!(live.next().await.unwrap(), "a");

        assert_eq!(camera.still().await.unwrap(), "a");
        // Twenty frames were missed; the next one is of now, and after it the pace is as before.
        clock.advance(20 * FRAME);
        assert_eq!(live.next().await.unwrap(), "b");
        assert!(live.next().now_or_never().is_none());
    }
}
