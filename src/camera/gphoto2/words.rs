//! What the gphoto2 program says, and what it means.
//!
//! Source: gphoto2 2.5.28 (`gphoto2/shell.c`, `main.c`, `actions.c`) and libgphoto2 2.5.30
//! (`gphoto2-result.h`, `gphoto2-port-result.h`) in the C locale, and their talk with libgphoto2's
//! virtual camera as recorded for the tests.

use std::path::Path;

use crate::camera::{Trouble, photos};

/// A camera that `--auto-detect` has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) model: String,
    /// `usb:001,004`
    pub(super) port: String,
}

/// What a command came to nothing by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// libgphoto2's number, where it was said.
    code: Option<i32>,
    /// The last line for people; may be empty.
    pub(super) text: String,
    all: String,
}

const NOT_SUPPORTED: i32 = -6;
const IO: i32 = -7;
const TIMEOUT: i32 = -10;
const USB_FIND: i32 = -52;
const USB_CLAIM: i32 = -53;
const IO_LOCK: i32 = -60;
const MODEL_NOT_FOUND: i32 = -105;
const CAMERA_BUSY: i32 = -110;
const NO_SPACE: i32 = -115;

const OTHER_PROGRAMS: &str =
    "often gvfs-gphoto2-volume-monitor: remove gvfs-backends; or this booth, running already";

/// The cameras of `--auto-detect`, a table of models and ports under a line of dashes. Disks that
/// look like cameras are none.
pub(super) fn found(table: &str) -> Vec<Found> {
    let rows = table.lines().skip_while(|line| !line.starts_with("---"));
    rows.filter_map(|row| {
        let (model, port) = row.trim_end().rsplit_once(' ')?;
        port.starts_with("usb:").then(|| Found {
            model: model.trim().to_owned(),
            port: port.to_owned(),
        })
    })
    .collect()
}

/// Whether the shell waits for the next command: its prompt names the folders here and on the
/// camera, `gphoto2: {/tmp/x} /> `, and no line follows.
pub(super) fn is_prompt(out: &str) -> bool {
    let last = out.rsplit('\n').next().unwrap_or_default();
    last.starts_with("gphoto2: {") && last.ends_with("> ")
}

/// The files it has said it saves, in their order, each by a whole line `Saving file as
/// IMG_0001.JPG`.
pub(super) fn saved(out: &str) -> impl Iterator<Item = &str> {
    let whole = out.rfind('\n').map_or("", |end| &out[..=end]);
    whole
        .lines()
        .filter_map(|line| line.strip_prefix("Saving file as "))
}

/// Whether a file is called like a JPEG.
pub(super) fn is_jpeg(name: &str) -> bool {
    photos::is_jpeg(Path::new(name))
}

/// The value in the answer to `get-config`.
pub(super) fn current(out: &str) -> Option<&str> {
    let value = out
        .lines()
        .find_map(|line| line.strip_prefix("Current: "))?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

/// Whether a camera that is set to this format saves no JPEG: `RAW`, `cRAW`, `NEF (Raw)`, `HEIF`,
/// `RAW + HEIF`; but not `RAW + Large Fine JPEG`, `NEF+Fine`, `RAW+JPEG`, `FINE+RAW`.
pub(super) fn is_no_jpeg(format: &str) -> bool {
    let format = format.to_ascii_uppercase();
    let has = |word: &&str| format.contains(*word);
    let other = ["RAW", "NEF", "HEIF", "HEIC", "TIF"].iter().any(has);
    let jpeg = ["JPEG", "JPG", "FINE", "NORMAL", "BASIC", "STANDARD", "STD"];
    other && !jpeg.iter().any(has)
}

/// Whether the camera has told that somebody changed a setting on it: `UNKNOWN PTP Property d017
/// changed`.
pub(super) fn has_changed_a_setting(out: &str) -> bool {
    out.lines()
        .any(|line| line.starts_with("UNKNOWN PTP Property") && line.contains("changed"))
}

/// Whether the camera has taken no photo. The shell then still waits some seconds for one.
pub(super) fn has_failed_to_capture(err: &str) -> bool {
    err.contains("ERROR: Could not capture")
}

/// The fault in what a command said on standard output and standard error, if there is one.
pub(super) fn fault(out: &str, err: &str) -> Option<Fault> {
    let code = out
        .rsplit_once("*** Error (")
        .or_else(|| err.rsplit_once("*** Error ("))
        .and_then(|(_, rest)| rest.split(':').next()?.parse().ok());
    let is_fault = code.is_some() || err.contains("*** Error ***") || err.contains("ERROR: ");
    is_fault.then(|| Fault {
        code,
        text: for_people(err),
        all: err.to_owned(),
    })
}

/// The charge in percent, from the answer to `get-config batterylevel`. Some cameras say `Low`.
pub(super) fn battery(out: &str) -> Option<u8> {
    let percent = current(out)?.strip_suffix('%')?.trim().parse().ok()?;
    (percent <= 100).then_some(percent)
}

impl Fault {
    /// The camera cannot do such a thing.
    pub(super) fn is_unsupported(&self) -> bool {
        self.code == Some(NOT_SUPPORTED)
    }

    /// The camera has no such setting.
    pub(super) fn is_unknown_setting(&self) -> bool {
        self.all.contains("not found in configuration tree")
    }

    /// The program has no such command.
    pub(super) fn is_no_command(&self) -> bool {
        self.all.contains("Invalid command")
    }

    /// The camera found nothing to focus on, and took no photo.
    pub(super) fn is_no_focus(&self) -> bool {
        self.all.to_ascii_lowercase().contains("focus")
    }

    /// There is no room for a photo on its card.
    pub(super) fn is_card_full(&self) -> bool {
        let all = self.all.to_ascii_lowercase();
        self.code == Some(NO_SPACE) || all.contains("no space") || all.contains("ran full")
    }

    /// It can in a moment.
    pub(super) fn is_busy(&self) -> bool {
        self.code == Some(CAMERA_BUSY) || self.all.contains("I/O in progress")
    }

    /// The cable brought nothing: the camera is unplugged, off, or asleep.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self.code, Some(IO | TIMEOUT | USB_FIND)) || self.all.contains("io-library")
    }

    /// Why there is no photo, for the operator.
    pub(super) fn no_picture(&self) -> String {
        if self.is_no_focus() {
            return "the camera found nothing to focus on: more light, or its lens on manual focus"
                .to_owned();
        }
        if self.is_card_full() {
            return "the camera's card is full".to_owned();
        }
        if self.text.is_empty() {
            return "the camera took none, and did not say why".to_owned();
        }
        format!("the camera says: {}", self.text)
    }

    /// Why `what` cannot be opened.
    pub(super) fn trouble(&self, what: &str) -> Trouble {
        let what = what.to_owned();
        let says = |words: &str| self.all.contains(words);
        // A claim that fails mentions access rights as well: asked first.
        if matches!(self.code, Some(USB_CLAIM | IO_LOCK)) || says("Could not claim") {
            let hint = OTHER_PROGRAMS;
            return Trouble::Held { what, hint };
        }
        if says("Permission denied") || says("Access denied") || says("nsufficient permission") {
            let group = "plugdev";
            return Trouble::Forbidden { what, group };
        }
        if matches!(self.code, Some(USB_FIND | MODEL_NOT_FOUND))
            || says("Could not detect any camera")
        {
            let place = String::new();
            return Trouble::NotFound { place };
        }
        Trouble::Asleep { what }
    }
}

/// The last line that is more than a frame around one.
fn for_people(err: &str) -> String {
    let mut lines = err.lines().map(str::trim);
    let line = lines.rfind(|line| {
        let is_frame = line.starts_with("***") || line.starts_with("ERROR: Could not capture");
        !line.is_empty() && !is_frame
    });
    line.unwrap_or_default().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Model                          Port                                            
----------------------------------------------------------
Mass Storage Camera            disk:/media/card                                
Nikon DSC D750                 usb:001,001                                     
";

    #[test]
    fn cameras_are_found_and_disks_are_none() {
        let nikon = Found {
            model: "Nikon DSC D750".to_owned(),
            port: "usb:001,001".to_owned(),
        };
        assert_eq!(found(TABLE), [nikon]);
        assert_eq!(found(""), []);
    }

    #[test]
    fn a_prompt_is_the_last_thing_said() {
        assert!(is_prompt("gphoto2: {/tmp/x} /> "));
        assert!(is_prompt("Deleting\ngphoto2: {/tmp/x} /store/DCIM> "));
        assert!(!is_prompt("gphoto2: {/tmp/x} /> get-config\n"));
        assert!(!is_prompt("gphoto2: {/tmp"));
        assert!(!is_prompt(""));
    }

    #[test]
    fn files_whose_line_has_ended_are_saved() {
        let all = |out: &str| saved(out).map(str::to_owned).collect::<Vec<_>>();
        assert!(all("Saving file as a.JPG").is_empty());
        let both = "New file is in location /x/a.NEF on the camera\nSaving file as a.NEF\n";
        assert_eq!(all(both), ["a.NEF"]);
        let then = format!("{both}Saving file as a.JPG\nDeleting");
        assert_eq!(all(&then), ["a.NEF", "a.JPG"]);
        assert!(is_jpeg("a.JPG") && !is_jpeg("a.NEF"));
    }

    #[test]
    fn formats_without_a_jpeg_are_known() {
        for format in [
            "RAW",
            "cRAW",
            "NEF (Raw)",
            "HEIF",
            "RAW + HEIF",
            "TIFF (RGB)",
            "sRAW1",
        ] {
            assert!(is_no_jpeg(format), "{format}");
        }
        for format in [
            "Large Fine JPEG",
            "RAW + Large Fine JPEG",
            "NEF+Fine",
            "JPEG Basic",
            "RAW+JPEG",
            "FINE+RAW",
            "Extra Fine",
            "Unknown value 0042",
        ] {
            assert!(!is_no_jpeg(format), "{format}");
        }
        assert!(has_changed_a_setting("UNKNOWN PTP Property d017 changed\n"));
    }

    #[test]
    fn charge_is_a_number_or_unknown() {
        let says =
            |level: &str| format!("Label: Battery Level\nReadonly: 1\nCurrent: {level}\nEND\n");
        assert_eq!(battery(&says("50%")), Some(50));
        assert_eq!(battery(&says("Low")), None);
        assert_eq!(battery(&says("250%")), None);
    }

    #[test]
    fn each_fault_has_its_remedy() {
        let io = |text: &str| {
            format!("\n*** Error ***              \nAn error occurred in the io-library ({text}")
        };
        for (out, err, expected) in [
            (
                "*** Error (-53: 'Could not claim the USB device') ***\n",
                io(
                    "'Could not claim the USB device'): Could not claim interface 0 (Device or resource busy). Make sure no other program (gvfs-gphoto2-volume-monitor) or kernel module (such as sdc2xx, stv680, spca50x) is using the device and you have read/write access to the device.\n",
                ),
                "another program has D750: stop it",
            ),
            (
                "*** Error (-7: 'I/O problem') ***\n",
                io("'Unspecified error'): Could not open USB device (Permission denied).\n"),
                "add the booth's user to the group plugdev",
            ),
            (
                "*** Error (-105: 'Unknown model') ***\n",
                "\n*** Error ***\nCould not detect any camera\n".to_owned(),
                "no camera is found: plug it in",
            ),
            (
                "*** Error (-10: 'Timeout reading from or writing to the port') ***\n",
                String::new(),
                "D750 is connected and does not answer",
            ),
        ] {
            let trouble = fault(out, &err).unwrap().trouble("D750").to_string();
            assert!(trouble.contains(expected), "{trouble}");
        }
        assert_eq!(
            fault(
                "Current: 50%\nEND\n",
                "001,001: No such file or directory\n"
            ),
            None
        );
    }

    #[test]
    fn what_kept_a_photo_from_being_taken_is_said() {
        let says = |err: &str| fault("", err).unwrap().no_picture();
        let focus = says(
            "\n*** Error ***\nCanon EOS Capture failed: Perhaps no focus?\nERROR: Could not capture image.\nERROR: Could not capture.\n",
        );
        assert!(focus.contains("nothing to focus on"), "{focus}");
        let other = says(
            "\n*** Error ***              \nThe mirror is stuck.\nERROR: Could not capture image.\n",
        );
        assert_eq!(other, "the camera says: The mirror is stuck");
        let full =
            says("\n*** Error ***              \nCamera memorycard ran full during capture.\n");
        assert_eq!(full, "the camera's card is full");
        assert!(has_failed_to_capture("ERROR: Could not capture image.\n"));
    }
}
