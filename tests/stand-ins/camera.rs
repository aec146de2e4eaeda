//! Cameras for tests: programs of our own that say what the true ones say.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use easel::camera::{Driver, Settings};
use tempfile::TempDir;

/// Every limit of a camera on the desk, unless a test sets another: long enough for its program on a
/// busy machine. A test that wants one to be over lets a clock pass it.
pub(crate) const LIMIT: Duration = Duration::from_secs(110);

/// A desk with a camera on it that can be unplugged.
#[derive(Debug)]
pub(crate) struct Desk(TempDir);

impl Desk {
    /// A DSLR for the gphoto2 program, which sees this portrait.
    pub(crate) fn with_a_dslr(sitter: &str) -> Self {
        let desk = Self::new("gphoto2");
        desk.sees(sitter);
        desk
    }

    /// A webcam for the ffmpeg program, which sees this portrait.
    pub(crate) fn with_a_webcam(sitter: &str) -> Self {
        let desk = Self::new("ffmpeg");
        desk.plays(sitter);
        desk
    }

    /// A folder for photos.
    pub(crate) fn with_a_folder() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn new(program: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        symlink(
            repository().join("tests/stand-ins").join(program),
            desk.at(program),
        )
        .unwrap();
        desk
    }

    /// Settings for what is on the desk.
    pub(crate) fn settings(&self, driver: Driver) -> Settings {
        let mut settings = Settings {
            driver,
            ..Settings::default()
        };
        settings.gphoto2.answer_within = LIMIT;
        settings.gphoto2.still_within = LIMIT;
        settings.folder.arrives_within = LIMIT;
        let program = |name: &str| self.at(name).to_str().unwrap().to_owned();
        match driver {
            Driver::Gphoto2 => settings.gphoto2.program = program("gphoto2"),
            Driver::V4l2 => {
                settings.v4l2.program = program("ffmpeg");
                settings.v4l2.device = Some("/dev/null".into());
            }
            Driver::Folder => settings.folder.dir = Some(self.0.path().to_owned()),
            Driver::Browser | Driver::Sample => {}
        }
        settings
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// From now on it is so: see the stand-in.
    pub(crate) fn is(&self, how: &str) {
        self.is_with(how, "");
    }

    pub(crate) fn is_with(&self, how: &str, what: &str) {
        // In one step: the stand-in may look at any time.
        let half = self.at("half");
        fs::write(&half, what).unwrap();
        fs::rename(half, self.at(how)).unwrap();
    }

    /// From now on it is not.
    pub(crate) fn is_not(&self, how: &str) {
        fs::remove_file(self.at(how)).unwrap();
    }

    /// The commands given so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.at("asked")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    /// How often so far the DSLR has been asked what it has exposed by itself.
    pub(crate) fn looks(&self) -> usize {
        let asked = self.asked().into_iter();
        asked.filter(|c| c.starts_with("wait-event")).count()
    }

    /// How many of its programs run now.
    pub(crate) fn programs(&self) -> usize {
        let here = self.0.path().to_str().unwrap();
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        // One that has ended meanwhile says nothing.
        let lines = processes.filter_map(|p| fs::read(p.path().join("cmdline")).ok());
        let ours = |line: &Vec<u8>| String::from_utf8_lossy(line).contains(here);
        lines.filter(ours).count()
    }

    /// From now on another visitor stands before the DSLR.
    pub(crate) fn sees(&self, sitter: &str) {
        self.puts(sitter, "photo.jpg");
    }

    /// From now on another visitor stands before the webcam.
    pub(crate) fn plays(&self, sitter: &str) {
        // A baseline JPEG is a film of one frame.
        self.puts(sitter, "film.mjpeg");
    }

    /// A hand presses the DSLR's own shutter before that visitor.
    pub(crate) fn exposes(&self, sitter: &str) {
        fs::create_dir_all(self.at("roll")).unwrap();
        self.puts(sitter, "roll/by-hand.jpg");
    }

    /// In one step: the stand-in may look at any time.
    fn puts(&self, sitter: &str, name: &str) {
        fs::copy(portrait(sitter), self.at("half")).unwrap();
        fs::rename(self.at("half"), self.at(name)).unwrap();
    }
}

/// Where a portrait lies, by its sitter's name.
pub(crate) fn portrait(sitter: &str) -> PathBuf {
    repository().join(format!("assets/portraits/{sitter}.jpg"))
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
