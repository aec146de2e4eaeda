//! What callers rely on, whatever the paper is.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use easel::clock::{Clock, ManualClock, SystemClock};
use easel::printer::{
    Condition, Driver, Folder, JobStatus, Means, Order, Page, Printer, PrinterError, Settings,
    Verdict,
};
use easel::secret::Entropy;
use easel::store::Store;
use uuid::Uuid;

use crate::desk::{IppPrinter, Receipts, until};

/// An adapter with its paper at hand.
#[async_trait::async_trait]
trait Bench {
    /// Starts the adapter, again if it ran before.
    async fn start(&self) -> Arc<dyn Printer>;
    /// The sheets that have come out.
    fn sheets(&self) -> usize;
    /// Whether these bytes are still anywhere the adapter keeps things.
    async fn keeps(&self, bytes: &[u8]) -> bool;
}

async fn keeps_the_contract(bench: &dyn Bench, name: &str) {
    let ids = Ids::new();
    let printer = bench.start().await;
    assert_eq!(printer.name(), name);
    assert!(!printer.health().await.unwrap().is_empty());

    // An order comes out whole, once.
    let session = ids.id();
    let order = Order {
        id: ids.id(),
        session,
        ticket: 1,
        sheets: 2,
        page: page("one"),
    };
    assert_eq!(printer.status(order.id).await.unwrap(), JobStatus::Unknown);
    printer.submit(&order).await.unwrap();
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 2 }
    );
    assert_eq!(bench.sheets(), 2);

    // Asked again, also by two at once and after a restart, nothing more comes out.
    let (one, two) = tokio::join!(printer.submit(&order), printer.submit(&order));
    one.and(two).unwrap();
    drop(printer);
    let printer = bench.start().await;
    // How it is becomes known without asking for it.
    let mut state = printer.watch();
    let ready = state.wait_for(|state| state.condition == Condition::Ready);
    let ready = tokio::time::timeout(Duration::from_secs(60), ready).await;
    assert!(!ready.unwrap().unwrap().staff.ko.is_empty());
    assert_eq!(printer.state().driver, name);
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 2 }
    );
    printer.submit(&order).await.unwrap();
    assert_eq!(
        settled(&*printer, &order).await,
        JobStatus::Done { sheets: 2 }
    );
    assert_eq!(bench.sheets(), 2);

    // Two at once for an order not seen before: once.
    let reprint = Order {
        id: ids.id(),
        sheets: 1,
        ..order.clone()
    };
    let (one, two) = tokio::join!(printer.submit(&reprint), printer.submit(&reprint));
    one.and(two).unwrap();
    assert_eq!(
        settled(&*printer, &reprint).await,
        JobStatus::Done { sheets: 1 }
    );
    assert_eq!(bench.sheets(), 3);

    // What can never be printed is refused for good, and leaves nothing.
    let rubbish = Page {
        pdf: Bytes::from("no page"),
        jpeg: Bytes::from("no photo"),
        bits: Bytes::from("no dots"),
    };
    for (sheets, page) in [(0, page("none")), (1, Page::default()), (1, rubbish)] {
        let rubbish = Order {
            id: ids.id(),
            sheets,
            page,
            ..order.clone()
        };
        let refusal = printer.submit(&rubbish).await.unwrap_err();
        assert!(matches!(refusal, PrinterError::Refused { .. }), "{refusal}");
        assert_eq!(
            printer.status(rubbish.id).await.unwrap(),
            JobStatus::Unknown
        );
    }
    assert_eq!(bench.sheets(), 3);

    // A test page is one sheet, and is no visitor's.
    let test = ids.id();
    printer.test_page(test).await.unwrap();
    until("the test page", async || {
        printer.status(test).await.unwrap() == JobStatus::Done { sheets: 1 }
    })
    .await;
    assert_eq!(bench.sheets(), 4);
    // There is nothing to settle where nothing is in doubt.
    let settled_twice = printer.settle(test, Verdict::PrintAgain, None).await;
    assert!(matches!(settled_twice, Err(PrinterError::Refused { .. })));

    // Forgetting one session erases all of it and nothing of another.
    let other = Order {
        id: ids.id(),
        session: ids.id(),
        sheets: 1,
        page: page("two"),
        ..order.clone()
    };
    printer.submit(&other).await.unwrap();
    assert_eq!(
        settled(&*printer, &other).await,
        JobStatus::Done { sheets: 1 }
    );
    let name = session.to_string();
    assert!(bench.keeps(name.as_bytes()).await);
    printer.forget(session).await.unwrap();
    printer.forget(session).await.unwrap();
    printer.forget(ids.id()).await.unwrap();
    assert!(!bench.keeps(b"(one)").await);
    assert!(!bench.keeps(name.as_bytes()).await);
    assert_eq!(printer.status(order.id).await.unwrap(), JobStatus::Unknown);
    assert_eq!(
        printer.status(reprint.id).await.unwrap(),
        JobStatus::Unknown
    );
    assert_eq!(
        printer.status(other.id).await.unwrap(),
        JobStatus::Done { sheets: 1 }
    );
}

/// Waits until an order is settled, handing it over as often as the booth does. A real printer
/// takes its time; a hang fails the test.
async fn settled(printer: &dyn Printer, order: &Order) -> JobStatus {
    let settled = async {
        loop {
            printer.submit(order).await.unwrap();
            match printer.status(order.id).await.unwrap() {
                JobStatus::Unknown | JobStatus::Queued | JobStatus::Printing { .. } => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                settled => return settled,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), settled)
        .await
        .unwrap()
}

/// A page that says `words`, in every form.
fn page(words: &str) -> Page {
    Page {
        pdf: pdf(words),
        jpeg: Bytes::new(),
        bits: bits(words),
    }
}

/// A PNG of one bit a dot, as wide as the head of a receipt printer.
fn bits(words: &str) -> Bytes {
    let rows: Vec<u8> = words.bytes().cycle().take(72 * 40).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 576, 40);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder
        .add_text_chunk("Title".into(), words.into())
        .unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&rows).unwrap();
    writer.finish().unwrap();
    png.into()
}

/// A whole PDF of one page of 4 × 6 in that says `words`.
fn pdf(words: &str) -> Bytes {
    let text = format!("BT /F1 24 Tf 72 216 Td ({words}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R \
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
    ];
    let (mut pdf, mut table) = ("%PDF-1.4\n".to_owned(), String::new());
    for (n, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf += &format!("{n} 0 obj\n{object}\nendobj\n");
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf += &format!("xref\n0 {size}\n0000000000 65535 f \n{table}");
    pdf += &format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    pdf.into()
}

struct Ids(Entropy, ManualClock);

impl Ids {
    fn new() -> Self {
        Self(Entropy::seeded(1), ManualClock::default())
    }

    fn id(&self) -> Uuid {
        self.0.uuid_v7(self.1.now())
    }
}

struct FolderBench(tempfile::TempDir);

impl FolderBench {
    /// Every file below the folder: its path and its bytes.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        fn walk(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    files.push((path.display().to_string(), Vec::new()));
                    walk(&path, files);
                } else {
                    files.push((path.display().to_string(), fs::read(&path).unwrap()));
                }
            }
        }
        let mut files = Vec::new();
        walk(self.0.path(), &mut files);
        files
    }
}

#[async_trait::async_trait]
impl Bench for FolderBench {
    async fn start(&self) -> Arc<dyn Printer> {
        Arc::new(Folder::open(&self.0.path().join("prints")).unwrap())
    }

    fn sheets(&self) -> usize {
        let is_sheet = |(path, bytes): &&(String, Vec<u8>)| {
            path.ends_with(".pdf") && bytes.starts_with(b"%PDF-") && bytes.ends_with(b"%%EOF\n")
        };
        self.files().iter().filter(is_sheet).count()
    }

    async fn keeps(&self, bytes: &[u8]) -> bool {
        let holds = |place: &[u8]| place.windows(bytes.len()).any(|window| window == bytes);
        self.files()
            .iter()
            .any(|(path, content)| holds(path.as_bytes()) || holds(content))
    }
}

#[tokio::test]
async fn folder() {
    let bench = FolderBench(tempfile::tempdir().unwrap());
    keeps_the_contract(&bench, "folder").await;
}

#[tokio::test]
async fn a_folder_that_went_away_is_said_and_comes_back() {
    let bench = FolderBench(tempfile::tempdir().unwrap());
    let printer = bench.start().await;
    let ids = Ids::new();
    let order = Order {
        id: ids.id(),
        session: ids.id(),
        ticket: 1,
        sheets: 1,
        page: page("x"),
    };
    let prints = bench.0.path().join("prints");
    fs::remove_dir_all(&prints).unwrap();
    assert!(matches!(
        printer.health().await,
        Err(PrinterError::Disconnected(_))
    ));
    assert!(matches!(
        printer.submit(&order).await,
        Err(PrinterError::Disconnected(_))
    ));
    fs::create_dir(&prints).unwrap();
    printer.submit(&order).await.unwrap();
    assert_eq!(bench.sheets(), 1);
}

/// A printer with a journal: its record lies in a folder of its own.
struct Record {
    dir: tempfile::TempDir,
    settings: Settings,
}

impl Record {
    fn of(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, settings }
    }

    async fn store(&self) -> Store {
        Store::open(&self.dir.path().join("easel.db"))
            .await
            .unwrap()
    }

    async fn open(&self) -> Arc<dyn Printer> {
        let means = Means {
            data_dir: self.dir.path().to_owned(),
            store: self.store().await,
            clock: Arc::new(SystemClock::new(None)),
            halved: false,
        };
        easel::printer::open(&self.settings, means)
            .unwrap()
            .unwrap()
    }

    async fn keeps(&self, bytes: &[u8]) -> bool {
        // As the booth does after an erasure.
        assert!(self.store().await.checkpoint().await.unwrap());
        fs::read_dir(self.dir.path()).unwrap().any(|file| {
            let content = fs::read(file.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

struct IppBench(IppPrinter, Record);

#[async_trait::async_trait]
impl Bench for IppBench {
    async fn start(&self) -> Arc<dyn Printer> {
        self.1.open().await
    }

    fn sheets(&self) -> usize {
        self.0.tray().len()
    }

    async fn keeps(&self, bytes: &[u8]) -> bool {
        self.1.keeps(bytes).await
    }
}

#[tokio::test]
async fn ipp() {
    let desk = IppPrinter::with_paper(20).await;
    let mut settings = Settings {
        driver: Driver::Ipp,
        ..Settings::default()
    };
    settings.ipp.uri = desk.uri();
    keeps_the_contract(&IppBench(desk, Record::of(settings)), "ipp").await;
}

struct ReceiptBench(Receipts, Record);

#[async_trait::async_trait]
impl Bench for ReceiptBench {
    async fn start(&self) -> Arc<dyn Printer> {
        self.1.open().await
    }

    fn sheets(&self) -> usize {
        self.0.tickets().len()
    }

    async fn keeps(&self, bytes: &[u8]) -> bool {
        self.1.keeps(bytes).await
    }
}

#[tokio::test]
async fn escpos() {
    let desk = Receipts::on(true).await;
    let mut settings = Settings {
        driver: Driver::Escpos,
        ..Settings::default()
    };
    settings.escpos.uri = desk.uri();
    keeps_the_contract(&ReceiptBench(desk, Record::of(settings)), "escpos").await;
}

#[tokio::test]
async fn the_settings_choose() {
    let mut record = Record::of(Settings::default());
    assert_eq!(record.open().await.name(), "folder");
    assert!(record.dir.path().join("prints").is_dir());

    record.settings.folder.dir = Some(record.dir.path().join("elsewhere"));
    record.open().await;
    assert!(record.dir.path().join("elsewhere").is_dir());

    let means = Means {
        data_dir: record.dir.path().to_owned(),
        store: record.store().await,
        clock: Arc::new(SystemClock::new(None)),
        halved: false,
    };
    record.settings.driver = Driver::None;
    assert!(
        easel::printer::open(&record.settings, means)
            .unwrap()
            .is_none()
    );
}
