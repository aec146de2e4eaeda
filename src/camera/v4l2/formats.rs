//! What a device offers, and which of it is best.
//!
//! Source: ffmpeg's `-list_formats all` (libavdevice/v4l2.c), which writes a line for each format:
//! `[video4linux2,v4l2 @ 0x55] Compressed:       mjpeg :          Motion-JPEG : 640x480 1920x1080`.

use std::path::Path;

use super::settings::{FrameSize, V4l2Format, V4l2Settings};
use crate::camera::Trouble;
use crate::camera::leash::last_line;

/// More than this no painter uses and no USB carries well.
const LARGEST: FrameSize = FrameSize {
    width: 3840,
    height: 2160,
};
/// Raw pixels beyond this come at a few frames a second over USB 2.
const LARGEST_RAW: FrameSize = FrameSize {
    width: 1280,
    height: 720,
};

/// How a device is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    /// JPEGs that need no encoding.
    pub(super) is_mjpeg: bool,
    /// `None` where the device names no sizes: whatever it gives.
    pub(super) size: Option<FrameSize>,
}

/// The best mode of those in `listed` that the settings allow.
pub(super) fn best(listed: &str, settings: &V4l2Settings) -> Option<Mode> {
    let of = |name: &str, is_mjpeg: bool, largest: FrameSize| {
        let sizes = sizes_of(listed, name)?;
        let size = match settings.size {
            Some(wanted) => sizes.is_empty().then_some(wanted).or_else(|| {
                let mut known = sizes.iter().copied();
                known.find(|size| *size == wanted)
            })?,
            None => match largest_within(&sizes, largest) {
                Some(size) => size,
                None => {
                    return Some(Mode {
                        is_mjpeg,
                        size: None,
                    });
                }
            },
        };
        Some(Mode {
            is_mjpeg,
            size: Some(size),
        })
    };
    let mjpeg = || of("mjpeg", true, LARGEST);
    let raw = || of("yuyv422", false, LARGEST_RAW);
    match settings.format {
        V4l2Format::Auto => mjpeg().or_else(raw),
        V4l2Format::Mjpeg => mjpeg(),
        V4l2Format::Yuyv => raw(),
    }
}

/// The sizes of one format, if the device has it. A range of sizes counts as none: whatever it
/// gives, or what the settings say.
fn sizes_of(listed: &str, name: &str) -> Option<Vec<FrameSize>> {
    let mut of_format = listed.lines().filter_map(|line| {
        let (_, entry) = line.split_once("] ")?;
        let mut parts = entry.splitn(4, ':').map(str::trim);
        let (_kind, format, _words, sizes) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (format == name).then_some(sizes)
    });
    let first = of_format.next()?;
    let all = std::iter::once(first).chain(of_format);
    Some(
        all.flat_map(str::split_whitespace)
            .filter_map(|size| size.parse().ok())
            .collect(),
    )
}

fn largest_within(sizes: &[FrameSize], most: FrameSize) -> Option<FrameSize> {
    let fits = |size: &&FrameSize| size.area() <= most.area();
    let smallest = || sizes.iter().min_by_key(|size| size.area());
    let largest = sizes.iter().filter(fits).max_by_key(|size| size.area());
    largest.or_else(smallest).copied()
}

/// Why a device cannot be used, from what ffmpeg has written.
pub(super) fn trouble(device: &Path, said: &str) -> Trouble {
    let what = device.display().to_string();
    let says = |words: &str| said.contains(words);
    if says("No such file or directory") || says("No such device") {
        let place = format!(" at {what}");
        Trouble::NotFound { place }
    } else if says("Permission denied") {
        let group = "video";
        Trouble::Forbidden { what, group }
    } else if says("Device or resource busy") {
        let hint = "a browser or a video call; or this booth, running already";
        Trouble::Held { what, hint }
    } else {
        let reason = match last_line(said) {
            "" => "ffmpeg ended without a word".to_owned(),
            line => line.to_owned(),
        };
        Trouble::Unusable { what, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBCAM: &str = "\
[video4linux2,v4l2 @ 0x55] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720 1920x1080
[video4linux2,v4l2 @ 0x55] Compressed:       mjpeg :          Motion-JPEG : 640x480 3840x2160 1920x1080 7680x4320
[video4linux2,v4l2 @ 0x55] Compressed: Unsupported :                H.264 : 1920x1080
/dev/video0: Immediate exit requested
";

    fn mode(is_mjpeg: bool, size: &str) -> Option<Mode> {
        let size = Some(size.parse().unwrap());
        Some(Mode { is_mjpeg, size })
    }

    #[test]
    fn the_largest_jpegs_that_flow_are_best() {
        let mut settings = V4l2Settings::default();
        assert_eq!(best(WEBCAM, &settings), mode(true, "3840x2160"));
        settings.format = V4l2Format::Yuyv;
        assert_eq!(best(WEBCAM, &settings), mode(false, "1280x720"));
        settings.size = Some("1920x1080".parse().unwrap());
        assert_eq!(best(WEBCAM, &settings), mode(false, "1920x1080"));
        settings.size = Some("1919x1080".parse().unwrap());
        assert_eq!(best(WEBCAM, &settings), None);
    }

    #[test]
    fn a_device_with_a_range_of_sizes_chooses_itself() {
        let card = "[video4linux2,v4l2 @ 0x55] Raw       :     yuyv422 :           YUYV 4:2:2 : {32-2592, 2}x{32-1944, 2}\n";
        let mut settings = V4l2Settings::default();
        let any = Mode {
            is_mjpeg: false,
            size: None,
        };
        assert_eq!(best(card, &settings), Some(any));
        settings.size = Some("1280x720".parse().unwrap());
        assert_eq!(best(card, &settings), mode(false, "1280x720"));
        assert_eq!(best("nothing here\n", &settings), None);
    }

    #[test]
    fn each_refusal_has_its_remedy() {
        for (said, expected) in [
            (
                "[v4l2 @ 0x5] Cannot open video device /dev/video0: No such file or directory",
                "no camera is found at /dev/video0",
            ),
            (
                "[v4l2 @ 0x5] Cannot open video device /dev/video0: Permission denied",
                "to the group video",
            ),
            (
                "[v4l2 @ 0x5] ioctl(VIDIOC_STREAMON): Device or resource busy",
                "another program has /dev/video0",
            ),
            (
                "x: Invalid data found when processing input\n",
                "cannot be used: x: Invalid data",
            ),
        ] {
            let trouble = trouble(Path::new("/dev/video0"), said).to_string();
            assert!(trouble.contains(expected), "{trouble}");
        }
    }
}
