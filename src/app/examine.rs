//! What `easel doctor` checks: one list, over the parts of a booth that runs or over parts of its own.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{KEY_FILE, Locale, RECORD_FILE, Settings, build};
use crate::camera::{self, Camera};
use crate::clock::{Clock, SystemClock};
use crate::doctor::{
    AddressCheck, Asked, CameraCheck, Check, ClockCheck, DiskCheck, GeneratorCheck, KeyCheck,
    PhotoCheck, PinCheck, PortCheck, PrinterCheck, RecordCheck, Seats, TicketCheck,
};
use crate::generator::Generator;
use crate::printer::{self, Printer};
use crate::secret::sha256;
use crate::serve::Reach;
use crate::ticket::{Paper, Press};

/// The parts that are looked at.
pub(crate) struct Bench {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) camera: Arc<dyn Camera>,
    /// Who is at the booth; `None` where none runs.
    pub(super) seats: Option<Seats>,
    /// Those of the settings, in their order.
    pub(super) generators: Vec<Arc<dyn Generator>>,
    /// The printer as the booth has opened it.
    pub(super) printer: Option<Arc<dyn Printer>>,
    pub(super) press: Option<Arc<Press>>,
    pub(super) reach: Reach,
    pub(super) kiosk: PortCheck,
    pub(super) public: PortCheck,
    /// Where phones are let in.
    pub(super) listener: std::net::SocketAddr,
}

impl Bench {
    /// Parts of one's own, where no booth runs. A camera that is looked for needs a runtime as soon
    /// as it is made.
    ///
    /// # Errors
    /// As for [`build::generators`].
    pub(crate) fn alone(settings: &Settings) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(None));
        let listen = &settings.listen;
        Ok(Self {
            camera: camera::open(&settings.camera, Arc::clone(&clock)),
            seats: None,
            generators: build::generators(settings, &clock)?,
            printer: None,
            press: None,
            reach: Reach::kept(listen, listen.public, &settings.booth.data_dir),
            kiosk: PortCheck::free("kiosk", listen.kiosk),
            public: PortCheck::free("public", listen.public),
            listener: listen.public,
            clock,
        })
    }

    /// Everything that is checked, in the order in which it is told.
    pub(crate) fn checks(self, settings: &Settings) -> Vec<Box<dyn Check>> {
        let data = &settings.booth.data_dir;
        let printer = self.printer_check(settings);
        let ticket = self.ticket_check(settings);
        let mut checks: Vec<Box<dyn Check>> = vec![
            Box::new(DiskCheck::new("data disk", data.clone())),
            Box::new(DiskCheck::new("pictures", data.join("pictures"))),
            Box::new(RecordCheck(data.join(RECORD_FILE))),
            Box::new(KeyCheck(data.join(KEY_FILE))),
            Box::new(PinCheck::new(data.clone(), &settings.staff)),
            Box::new(ClockCheck(Arc::clone(&self.clock))),
            Box::new(self.kiosk),
            Box::new(self.public),
            Box::new(AddressCheck::new(self.reach, self.listener)),
        ];
        checks.push(Box::new(CameraCheck {
            camera: Arc::clone(&self.camera),
            seats: self.seats.clone(),
        }));
        if let Some(dir) = watched(&settings.camera) {
            checks.push(Box::new(DiskCheck::small("camera folder", dir)));
        }
        checks.push(Box::new(PhotoCheck {
            camera: self.camera,
            seats: self.seats,
            by_hand: is_by_hand(&settings.camera),
            limits: build::picture_limits(settings),
            imaging: settings.imaging.clone(),
            clock: Arc::clone(&self.clock),
        }));
        for (generator, g) in self.generators.into_iter().zip(&settings.generator) {
            let styles = settings.style.iter().map(|style| style.id.as_str().into());
            checks.push(Box::new(GeneratorCheck {
                generator,
                styles: styles.collect(),
                paints: !g.kind.traits().remote,
                clock: Arc::clone(&self.clock),
            }));
        }
        checks.push(Box::new(ticket));
        checks.push(Box::new(printer));
        checks
    }

    fn printer_check(&self, settings: &Settings) -> PrinterCheck {
        let chosen = &settings.printer;
        let dir = || {
            let given = chosen.folder.dir.clone();
            given.unwrap_or_else(|| settings.booth.data_dir.join("prints"))
        };
        let is_folder = chosen.driver == printer::Driver::Folder;
        let asked = match &self.printer {
            // One that is shared is asked aside, and says more of its queue.
            Some(printer) if chosen.driver != printer::Driver::Ipp => {
                Asked::Open(Arc::clone(printer))
            }
            _ => Asked::Aside {
                settings: chosen.clone(),
                halved: settings.ticket.paper() == Paper::Strips,
                clock: Arc::clone(&self.clock),
            },
        };
        PrinterCheck {
            driver: chosen.driver.as_str(),
            folder: is_folder.then(|| DiskCheck::new("printer", dir())),
            asked,
        }
    }

    fn ticket_check(&self, settings: &Settings) -> TicketCheck {
        let locale = settings.booth.locales.first().copied();
        let locale = locale.unwrap_or(Locale::En);
        let style = settings.style.first();
        let style = style.map(|style| {
            let name = match locale {
                Locale::Ko => &style.name.ko,
                Locale::En => &style.name.en,
            };
            (style.id.clone(), name.clone())
        });
        TicketCheck {
            settings: settings.ticket.clone(),
            press: self.press.clone(),
            booth: settings.booth.name.clone(),
            event: settings.booth.event.clone(),
            style: style.unwrap_or_default(),
            locale: locale.as_str().to_owned(),
            clock: Arc::clone(&self.clock),
        }
    }
}

/// Names settings without telling them: others have another name.
pub(crate) fn name_of(settings: &Settings) -> String {
    let text = serde_json::to_vec(settings).expect("settings are plain data");
    URL_SAFE_NO_PAD.encode(sha256(&text))
}

/// The folder from which photos are taken, and removed.
fn watched(camera: &camera::Settings) -> Option<PathBuf> {
    let dir = camera.folder.dir.clone().filter(|dir| dir.is_dir());
    dir.filter(|_| camera.driver == camera::Driver::Folder && !camera.folder.keep)
}

fn is_by_hand(camera: &camera::Settings) -> bool {
    camera.driver == camera::Driver::Folder && camera.folder.trigger.is_empty()
}
