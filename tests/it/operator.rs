//! The operator's side: a booth that is set up wrongly says all that is wrong, and does not start;
//! one that is told to stop, stops.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;

use crate::desk::{Cups, IppPrinter};
use crate::house::{Daemon, SOURCE, a_photo, holds, text, until};

#[tokio::test]
async fn bad_settings_are_all_told_and_nothing_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("easel.toml");
    let faults = "
[booth]
nane = \"Easel\"
locales = [\"fr\"]
[limits]
min_side = 3
upload_bytes = \"lots\"
[printer]
driver = \"ipp\"
";
    fs::write(&file, faults).unwrap();
    let settings = [("BOOTH__IDLE_WARN", "0s"), ("NO__SUCH", "1")];
    let arguments = ["run", "--config", file.to_str().unwrap()];
    let ended = Daemon::asked(&data, &settings, &arguments).await;
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    for fault in [
        "booth.nane",
        "did you mean",
        "booth.locales",
        "limits.min_side = 3",
        "from 16 to 4096",
        "limits.upload_bytes",
        "printer.ipp.uri",
        "booth.idle_warn",
        "EASEL__NO__SUCH",
    ] {
        assert!(said.contains(fault), "nothing of {fault} in {said}");
    }
    assert!(!data.exists(), "nothing was opened");
    assert!(ended.stdout.is_empty());
}

#[tokio::test]
async fn wrong_arguments_are_told() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&["rum"][..], &["run", "--port", "80"], &[]] {
        let ended = Daemon::asked(dir.path(), &[], arguments).await;
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(!ended.stderr.is_empty());
    }
    let missing = dir.path().join("nowhere.toml");
    let arguments = ["run", "--config", missing.to_str().unwrap()];
    let ended = Daemon::asked(dir.path(), &[], &arguments).await;
    assert_eq!(ended.status.code(), Some(2));
}

#[tokio::test]
async fn wrong_arguments_of_the_easel_without_a_booth_are_told_with_what_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let photo = dir.path().join("photo.jpg");
    fs::write(&photo, a_photo(1)).unwrap();
    let photo = photo.to_str().unwrap();
    for (line, allowed) in [
        ("paint PHOTO --style vangogh", "van-gogh"),
        ("paint PHOTO --style renoir -o x.gif", ".jpg, .jpeg, .png"),
        ("ticket PHOTO --style renoir -o t.gif", ".png, .pdf"),
        (
            "ticket PHOTO --style renoir --template nope -o t.jpg",
            "museum",
        ),
        (
            "ticket PHOTO --style renoir --phone -o t.pdf",
            "--phone writes .jpg",
        ),
        (
            "ticket PHOTO --style renoir --locale xx -o t.jpg",
            "ko or en",
        ),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let words: Vec<&str> = words
            .iter()
            .map(|&w| if w == "PHOTO" { photo } else { w })
            .collect();
        let ended = Daemon::asked(dir.path(), &[], &words).await;
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(allowed), "{line}: {said}");
    }
    let gone = ["paint", "nowhere.jpg", "--style", "renoir"];
    let ended = Daemon::asked(dir.path(), &[], &gone).await;
    assert_eq!(
        ended.status.code(),
        Some(1),
        "the line is fine, the file is not there"
    );
}

#[tokio::test]
async fn every_command_has_a_manual_page_and_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    let ended = Daemon::asked(dir.path(), &[], &["man", folder]).await;
    assert_eq!(ended.status.code(), Some(0));
    let ended = Daemon::asked(dir.path(), &[], &["completions", "bash"]).await;
    let completions = String::from_utf8(ended.stdout).unwrap();
    for command in ["run", "paint", "ticket", "doctor", "settings", "staff"] {
        let page = dir.path().join(format!("easel-{command}.1"));
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains(".SH OPTIONS"), "{page}");
        let completed = format!("easel,{command})");
        assert!(completions.contains(&completed), "{completions}");
    }
    let page = fs::read_to_string(dir.path().join("easel-settings.1")).unwrap();
    assert!(page.contains("json"), "{page}");
    let gone = dir.path().join("gone");
    let ended = Daemon::asked(dir.path(), &[], &["man", gone.to_str().unwrap()]).await;
    assert_eq!(ended.status.code(), Some(1));
}

/// What `systemctl status` shows, and what the unit of the screen reads.
#[tokio::test]
async fn systemd_is_told_which_key_is_wrong_and_where_the_kiosks_page_is() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("notify");
    let heard = UnixDatagram::bind(&socket).unwrap();
    heard.set_nonblocking(true).unwrap();
    let file = dir.path().join("easel.toml");
    fs::write(&file, "[booth]\nnane = \"Easel\"\n").unwrap();
    let run = ["run", "--config", file.to_str().unwrap()];
    let bare = [
        ("NOTIFY_SOCKET", socket.as_path()),
        ("RUNTIME_DIRECTORY", dir.path()),
    ];
    let data = dir.path().join("data");
    let ended = Daemon::asked_under(&data, &bare, &run).await;
    assert_eq!(
        ended.status.code(),
        Some(2),
        "the unit is not started again"
    );
    let mut said = [0; 1024];
    let length = heard.recv(&mut said).unwrap();
    let said = String::from_utf8_lossy(&said[..length]);
    for word in [
        "STATUS=not started",
        "booth.nane",
        "easel.toml line 2",
        "`easel settings`",
    ] {
        assert!(said.contains(word), "nothing of {word} in {said}");
    }
    assert!(heard.recv(&mut [0; 64]).is_err(), "it was never ready");
    assert!(!dir.path().join("kiosk.env").exists());

    // A piece put at the end of a file that has its section already.
    let twice = "[booth]\nname = \"Easel\"\n[wifi]\n[booth]\nevent = \"Gala\"\n";
    fs::write(&file, twice).unwrap();
    let ended = Daemon::asked_under(&data, &[], &run).await;
    let said = String::from_utf8_lossy(&ended.stderr);
    for word in ["booth (file", "line 4", "is there already"] {
        assert!(said.contains(word), "nothing of {word} in {said}");
    }

    fs::write(&file, "").unwrap();
    let mut daemon = Daemon::starts_under(&data, &bare, &run).await;
    until("READY=1", async || {
        let mut said = [0; 1024];
        heard
            .recv(&mut said)
            .is_ok_and(|n| said[..n].starts_with(b"READY=1"))
    })
    .await;
    let told = fs::read_to_string(dir.path().join("kiosk.env")).unwrap();
    let kiosk = daemon.kiosk.authority();
    assert_eq!(told, format!("EASEL_KIOSK=http://{kiosk}\n"));
    let mode = fs::metadata(dir.path().join("kiosk.env"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o644);

    // What it keeps wants a person: that is told, too.
    daemon.is_told_to_stop().await;
    let everybody = fs::Permissions::from_mode(0o644);
    fs::set_permissions(data.join("key"), everybody).unwrap();
    let ended = Daemon::asked_under(&data, &bare, &run).await;
    assert_eq!(ended.status.code(), Some(3));
    let mut said = String::new();
    let mut message = [0; 1024];
    while let Ok(n) = heard.recv(&mut message) {
        said = String::from_utf8_lossy(&message[..n]).into_owned();
    }
    assert!(said.starts_with("STATUS=not started: "), "{said}");
    assert!(said.contains("chmod 600"), "{said}");
}

#[tokio::test]
async fn a_painting_on_its_own_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let photo = dir.path().join("photo.jpg");
    fs::write(&photo, a_photo(1)).unwrap();
    for name in ["out.jpg", "out.png"] {
        let out = dir.path().join(name);
        let [photo, file] = [&photo, &out].map(|path| path.to_str().unwrap());
        let line = [
            "paint", photo, "--style", "renoir", "--size", "64", "-o", file,
        ];
        let ended = Daemon::asked(dir.path(), &[], &line).await;
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert!(holds(&fs::read(&out).unwrap(), SOURCE), "{name}");
        image::open(&out).unwrap();
    }
}

#[tokio::test]
async fn a_ticket_is_made_of_whatever_the_booth_would_take() {
    let dir = tempfile::tempdir().unwrap();
    let [painting, ticket] = ["cmyk.jpg", "ticket.png"].map(|name| dir.path().join(name));
    let ochre = turbojpeg::Image {
        // As Adobe's programs write it: 255 is no ink at all.
        pixels: &[255, 127, 0, 255].repeat(64 * 64)[..],
        width: 64,
        pitch: 64 * 4,
        height: 64,
        format: turbojpeg::PixelFormat::CMYK,
    };
    let file = turbojpeg::compress(ochre, 95, turbojpeg::Subsamp::None).unwrap();
    fs::write(&painting, file).unwrap();
    let [painting, out] = [&painting, &ticket].map(|path| path.to_str().unwrap());
    let line = ["ticket", painting, "--style", "renoir", "-o", out];
    let ended = Daemon::asked(dir.path(), &[], &line).await;
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let drawn = image::open(ticket).unwrap().into_rgb8();
    let [r, g, b] = drawn.get_pixel(600, 500).0;
    assert!(r > 200 && (90..170).contains(&g) && b < 60, "{r} {g} {b}");
}

#[tokio::test]
async fn arguments_go_over_the_file_and_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let (there, here) = (dir.path().join("there"), dir.path().join("here"));
    let arguments = ["run", "--data", here.to_str().unwrap()];
    let daemon = Daemon::starts_with(&there, &[], &arguments).await;
    daemon.visitor().await;
    assert!(here.join("easel.db").exists());
    assert!(!there.exists());
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let settings = [("LISTEN__KIOSK", address.as_str())];
    let ended = Daemon::asked(dir.path(), &settings, &["run"]).await;
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        said.contains("listen.kiosk") && said.contains(&address),
        "{said}"
    );
}

#[tokio::test]
async fn told_to_stop_it_puts_its_work_down_and_takes_it_up_again() {
    let dir = tempfile::tempdir().unwrap();
    let hanging = [
        ("GENERATOR__0__SIZE_PX", "128"),
        ("GENERATOR__0__KIND", "faulty"),
        ("GENERATOR__0__FAULT", "hang"),
    ];
    let mut daemon = Daemon::starts(dir.path(), &hanging).await;
    let mut visitor = daemon.visitor().await;
    visitor.sits(a_photo(1)).await;
    let mut ear = visitor.listens(None).await;
    ear.hears("painting.started").await;
    let ended = daemon.is_told_to_stop().await;
    assert_eq!(ended.code(), Some(0));

    let daemon = Daemon::starts(dir.path(), &hanging[..1]).await;
    visitor.comes_back_to(&daemon.kiosk, &daemon.public);
    let snapshot = visitor.waits().await;
    assert_eq!(text(&snapshot["state"]), "choose");
}

/// What `easel doctor` says of each part in a booth whose server is away. (A painter that paints would
/// take its time on a machine with much to do, and that is not what is asked here.)
async fn examined(settings: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let away = [
        ("GENERATOR__0__KIND", "comfyui"),
        ("GENERATOR__0__URL", "http://127.0.0.1:1"),
    ];
    let settings = [&away, settings].concat();
    let ended = Daemon::asked(dir.path(), &settings, &["doctor"]).await;
    let said = String::from_utf8(ended.stdout).unwrap();
    let erred = String::from_utf8_lossy(&ended.stderr);
    assert!(!erred.contains("panicked"), "{said}{erred}");
    assert_eq!(ended.status.code(), Some(1), "{said}");
    said
}

/// Its line about one part.
#[track_caller]
fn line<'a>(said: &'a str, part: &str) -> &'a str {
    let line = said.lines().find(|line| line.starts_with(part));
    line.unwrap_or_else(|| panic!("nothing of {part} in {said}"))
}

#[tokio::test]
async fn the_doctor_says_of_every_part_what_to_do_about_it() {
    let said = examined(&[]).await;
    let server = "Connection refused: is it switched on, and is its url in the settings right?";
    assert!(line(&said, "generator").contains(server), "{said}");
    for part in [
        "settings",
        "data disk",
        "kiosk port",
        "public port",
        "camera",
        "printer",
    ] {
        assert!(line(&said, part).contains("  ok  "), "{part}: {said}");
    }
    assert!(said.ends_with("\n1 to mend\n"), "{said}");

    for (camera, printer) in [
        (
            (
                &[
                    ("CAMERA__DRIVER", "gphoto2"),
                    ("CAMERA__GPHOTO2__PROGRAM", "gphoto-none"),
                ][..],
                "gphoto2: the program gphoto-none is not installed: apt install gphoto2",
            ),
            (
                &[
                    ("PRINTER__DRIVER", "ipp"),
                    ("PRINTER__IPP__URI", "ipp://127.0.0.1:1/ipp/print"),
                ][..],
                "ipp: the printer cannot be reached: check its power, its cable, and the address",
            ),
        ),
        (
            (
                &[
                    ("CAMERA__DRIVER", "v4l2"),
                    ("CAMERA__V4L2__PROGRAM", "ffmpeg-none"),
                    ("CAMERA__V4L2__DEVICE", "/dev/null"),
                ],
                "v4l2: the program ffmpeg-none is not installed: apt install ffmpeg",
            ),
            (
                &[
                    ("PRINTER__DRIVER", "escpos"),
                    ("TICKET__FORMATS", "80mm"),
                    ("PRINTER__ESCPOS__URI", "socket://127.0.0.1:1"),
                ][..],
                "escpos: the printer cannot be reached",
            ),
        ),
        (
            (
                &[
                    ("CAMERA__DRIVER", "folder"),
                    ("CAMERA__FOLDER__DIR", "/nowhere/at/all"),
                ],
                "folder: the folder /nowhere/at/all cannot be used: No such file or directory",
            ),
            (
                &[
                    ("PRINTER__DRIVER", "ipp"),
                    ("PRINTER__IPP__URI", "ipp://127.0.0.1:1/ipp/print"),
                ],
                "ipp: the printer cannot be reached",
            ),
        ),
    ] {
        let said = examined(&[camera.0, printer.0].concat()).await;
        for (part, words) in [("camera", camera.1), ("printer", printer.1)] {
            let line = line(&said, part);
            assert!(line.contains("WRONG") && line.contains(words), "{said}");
        }
    }
}

#[tokio::test]
async fn the_doctor_says_how_a_printer_is() {
    let desk = IppPrinter::with_paper(9).await;
    let uri = desk.uri();
    let said = examined(&[("PRINTER__DRIVER", "ipp"), ("PRINTER__IPP__URI", &uri)]).await;
    let ready = format!("ok     ipp: Ready. {uri}");
    assert!(line(&said, "printer").contains(&ready), "{said}");
}

#[tokio::test]
async fn the_doctor_warns_of_a_queue_that_one_fault_would_stop() {
    let cups = Cups::on().await;
    let uri = cups.add_dnp("rx1").await;
    let printer = [
        ("PRINTER__DRIVER", "ipp"),
        ("PRINTER__IPP__URI", uri.as_str()),
    ];
    let said = examined(&printer).await;
    assert!(!said.contains("printer-error-policy"), "{said}");
    cups.set("rx1", "printer-error-policy=stop-printer").await;
    let said = examined(&printer).await;
    let warning = "lpadmin -p rx1 -o printer-error-policy=retry-current-job";
    let says = line(&said, "printer");
    assert!(says.contains("  ok  ") && says.contains(warning), "{said}");
    cups.stops("rx1", "Paused").await;
    let said = examined(&printer).await;
    let stopped = "WRONG  ipp: The print queue is stopped";
    assert!(line(&said, "printer").contains(stopped), "{said}");
}
