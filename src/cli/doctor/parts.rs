//! The camera, the generators and the printer, as far as they can be tried without the daemon.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use image::{Rgb, RgbImage};

use super::{Check, Verdict};
use crate::camera::{self, CameraError};
use crate::clock::SystemClock;
use crate::painter::{Manner, Study, Unwatched, paint};
use crate::printer;
use crate::settings::{GeneratorKind, GeneratorSettings};

/// Whether the camera could take a photo.
#[derive(Debug)]
pub struct CameraCheck(pub camera::Settings);

#[async_trait]
impl Check for CameraCheck {
    fn name(&self) -> String {
        format!("camera {}", self.0.driver.as_str())
    }

    async fn look(&self) -> Verdict {
        match camera::open(&self.0, Arc::new(SystemClock::new(None)))
            .health()
            .await
        {
            Ok(words) => Verdict::fine(words),
            Err(CameraError::InBrowser) => {
                Verdict::fine("the kiosk page has it; look at the page's live view")
            }
            Err(error) => Verdict::wrong(error),
        }
    }
}

/// Whether a generator paints: it is asked for one small picture a style.
#[derive(Debug)]
pub struct GeneratorCheck(pub GeneratorSettings);

#[async_trait]
impl Check for GeneratorCheck {
    fn name(&self) -> String {
        format!("generator {}", self.0.id)
    }

    async fn look(&self) -> Verdict {
        match self.0.kind {
            GeneratorKind::Embedded => {
                let served = |manner: &Manner| self.0.serves(manner.id());
                let manners: Vec<Manner> = Manner::ALL.into_iter().filter(served).collect();
                let painted = tokio::task::spawn_blocking(move || {
                    let study = Study::new(&RgbImage::from_pixel(64, 64, Rgb([180, 150, 130])), 64);
                    let done = |m: &Manner| paint(&study, *m, 1, &Unwatched).is_ok();
                    manners
                        .iter()
                        .filter(|m| done(m))
                        .map(|m| m.id())
                        .collect::<Vec<_>>()
                });
                match painted.await {
                    Ok(styles) => Verdict::fine(format!("painted {}", styles.join(", "))),
                    Err(_) => Verdict::wrong("the embedded painter broke; please report it"),
                }
            }
            GeneratorKind::Faulty => {
                Verdict::wrong("misbehaves on purpose: for rehearsals, not for visitors")
            }
            GeneratorKind::Comfyui => Verdict::wrong("ComfyUI servers are not supported yet"),
        }
    }
}

/// Whether sheets would land.
#[derive(Debug)]
pub struct PrinterCheck {
    /// What settings say.
    pub settings: printer::Settings,
    /// Where the booth keeps its things.
    pub data_dir: PathBuf,
}

#[async_trait]
impl Check for PrinterCheck {
    fn name(&self) -> String {
        "printer".to_owned()
    }

    async fn look(&self) -> Verdict {
        match self.settings.driver {
            printer::Driver::None => Verdict::fine("none: tickets live on phones"),
            printer::Driver::Ipp => Verdict::wrong("IPP printers are not supported yet"),
            printer::Driver::Folder => {
                let prints = || self.data_dir.join("prints");
                let dir = self.settings.folder.dir.clone().unwrap_or_else(prints);
                // The folder itself may not be made yet: then whatever is above it must allow it.
                let above = dir.ancestors().find(|dir| dir.is_dir());
                let probe = above.map(tempfile::tempfile_in);
                match probe {
                    Some(Ok(_)) => Verdict::fine(format!("sheets land in {}", dir.display())),
                    Some(Err(error)) => {
                        Verdict::wrong(format!("{} cannot be written: {error}", dir.display()))
                    }
                    None => Verdict::wrong(format!("{} cannot be made", dir.display())),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_booth_of_stand_ins_is_fine() {
        let dir = tempfile::tempdir().unwrap();
        let checks: [Box<dyn Check>; 3] = [
            Box::new(CameraCheck(camera::Settings::default())),
            Box::new(GeneratorCheck(GeneratorSettings::defaults().remove(0))),
            Box::new(PrinterCheck {
                settings: printer::Settings::default(),
                data_dir: dir.path().join("not/yet"),
            }),
        ];
        for check in checks {
            let verdict = check.look().await;
            assert!(verdict.ok, "{}: {}", check.name(), verdict.words);
        }
        assert!(!dir.path().join("not").exists(), "a look makes nothing");
    }

    #[tokio::test]
    async fn what_misbehaves_on_purpose_is_told() {
        let faulty = GeneratorSettings {
            kind: GeneratorKind::Faulty,
            ..GeneratorSettings::default()
        };
        assert!(!GeneratorCheck(faulty).look().await.ok);
    }
}
