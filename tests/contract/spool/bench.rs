//! A printer on a test's desk, and orders for it.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use easel::clock::{Clock, ManualClock};
use easel::printer::{
    Driver, JobStatus, Means, Order, Page, Printer, PrinterError, PrinterState, Settings,
};
use easel::secret::Entropy;
use easel::store::Store;
use tempfile::TempDir;
use uuid::Uuid;

use crate::desk::until;
use crate::jump_clock::JumpClock;

/// The booth's side of the desk.
pub(super) struct Booth {
    pub(super) dir: TempDir,
    pub(super) settings: Settings,
    halved: bool,
    clock: JumpClock,
    ids: Entropy,
}

impl Booth {
    pub(super) fn by_ipp(uri: String) -> Self {
        let mut settings = Settings {
            driver: Driver::Ipp,
            ..Settings::default()
        };
        settings.ipp.uri = uri;
        Self::with(settings)
    }

    pub(super) fn by_escpos(uri: String) -> Self {
        let mut settings = Settings {
            driver: Driver::Escpos,
            ..Settings::default()
        };
        settings.escpos.uri = uri;
        Self::with(settings)
    }

    pub(super) fn with(settings: Settings) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            settings,
            halved: false,
            clock: JumpClock::new(),
            ids: Entropy::system(),
        }
    }

    /// Its sheets are two strips.
    pub(super) fn halved(mut self) -> Self {
        self.halved = true;
        self
    }

    /// Lets time pass for the booth that it does not have to wait for.
    pub(super) fn waits(&self, d: Duration) {
        self.clock.jump(d);
    }

    /// Opens the printer; whatever an earlier one was doing has died with it.
    pub(super) async fn printer(&self) -> Arc<dyn Printer> {
        let store = Store::open(&self.dir.path().join("easel.db"))
            .await
            .unwrap();
        let means = Means {
            data_dir: self.dir.path().to_owned(),
            store,
            clock: Arc::new(self.clock.clone()),
            halved: self.halved,
        };
        easel::printer::open(&self.settings, means)
            .unwrap()
            .unwrap()
    }

    /// An order of so many sheets of the next ticket.
    pub(super) fn order(&self, sheets: u32) -> Order {
        let id = || self.ids.uuid_v7(ManualClock::default().now());
        Order {
            id: id(),
            session: id(),
            ticket: 42,
            sheets,
            page: Page {
                pdf: Bytes::new(),
                jpeg: jpeg(),
                bits: bits(),
            },
        }
    }
}

/// Does what the booth does until the order is settled: hands it over, asks, tries again.
pub(super) async fn settled(printer: &dyn Printer, order: &Order) -> JobStatus {
    settled_with(printer, order, || {}).await
}

/// The same, with a second of the booth's time between one try and the next.
pub(super) async fn settled_at_last(
    booth: &Booth,
    printer: &dyn Printer,
    order: &Order,
) -> JobStatus {
    settled_within(booth, printer, order).await.0
}

/// The same, and how many such seconds that took.
pub(super) async fn settled_within(
    booth: &Booth,
    printer: &dyn Printer,
    order: &Order,
) -> (JobStatus, u32) {
    let seconds = Cell::new(0);
    let status = settled_with(printer, order, || {
        seconds.set(seconds.get() + 1);
        booth.waits(Duration::from_secs(1));
    });
    (status.await, seconds.get())
}

async fn settled_with(printer: &dyn Printer, order: &Order, between: impl Fn()) -> JobStatus {
    let mut last = JobStatus::Unknown;
    until("the order's end", async || {
        between();
        last = turn(printer, order).await;
        matches!(
            last,
            JobStatus::Done { .. } | JobStatus::Doubtful { .. } | JobStatus::Failed { .. }
        )
    })
    .await;
    last
}

/// One turn of that.
pub(super) async fn turn(printer: &dyn Printer, order: &Order) -> JobStatus {
    match printer.submit(order).await {
        Err(e @ PrinterError::Refused { .. }) => panic!("{e}"),
        Err(_) => JobStatus::Unknown,
        Ok(()) => printer.status(order.id).await.unwrap_or(JobStatus::Unknown),
    }
}

/// Works on the order until the printer's state is as wanted.
pub(super) async fn worked_until(
    printer: &dyn Printer,
    order: &Order,
    what: &str,
    so: impl Fn(&PrinterState) -> bool,
) {
    until(what, async || {
        turn(printer, order).await;
        so(&printer.state())
    })
    .await;
}

/// The sheets of that order among job names.
pub(super) fn of(order: Uuid, tray: &[String]) -> usize {
    let id = order.to_string();
    tray.iter().filter(|name| name.contains(&id)).count()
}

/// A ticket's raster: 4 × 6 in at 300 dpi, its halves in two greys.
pub(super) fn jpeg() -> Bytes {
    let (width, height) = (1200, 1800);
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            if at % width < width / 2 {
                [90; 3]
            } else {
                [200; 3]
            }
        })
        .collect();
    let image = turbojpeg::Image {
        pixels: pixels.as_slice(),
        width,
        pitch: width * 3,
        height,
        format: turbojpeg::PixelFormat::RGB,
    };
    let mut jpeg = turbojpeg::compress(image, 80, turbojpeg::Subsamp::None)
        .unwrap()
        .to_vec();
    jpeg[13..18].copy_from_slice(&[1, 1, 44, 1, 44]);
    jpeg.into()
}

fn bits() -> Bytes {
    bits_of(300)
}

/// A receipt's raster, so many rows long.
pub(super) fn bits_of(rows: u32) -> Bytes {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 576, rows);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().unwrap();
    let data = vec![0xa5; 72 * rows as usize];
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    png.into()
}
