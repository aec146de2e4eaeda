//! Any IPP Everywhere printer, or a queue of CUPS (RFC 8011, PWG 5100.14).

mod attributes;
mod contact;
mod follow;
mod identity;
mod job;
mod levels;
mod line;
mod media;
mod pages;
mod pin;
mod reasons;
mod state;
mod wire;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ipp::attribute::IppAttribute;
use ipp::model::{Operation, StatusCode};
use ipp::value::IppValue;

use self::attributes::Attributes;
use self::line::Line;
use self::media::Medium;
use self::pin::Pin;
use self::wire::{Reply, Wire, named, unfit};
use super::spooled::{Delivered, Device, Heard, Left, Look, Made, Memo, Undelivered, Woken};
use super::{Condition, Need, Page, PrinterError, Says, Trouble, settings, words};
use crate::clock::Clock;

pub(super) use self::pages::Pages;

/// What we ask a printer of itself; all it has would be five times as much.
const ASKED: [&str; 21] = [
    "printer-state",
    "printer-up-time",
    "printer-state-reasons",
    "printer-state-message",
    "printer-is-accepting-jobs",
    "printer-error-policy",
    "printer-make-and-model",
    "operations-supported",
    "document-format-supported",
    "print-scaling-supported",
    "media-supported",
    "media-ready",
    "media-col-supported",
    "media-col-ready",
    "media-bottom-margin-supported",
    "media-left-margin-supported",
    "media-right-margin-supported",
    "media-top-margin-supported",
    "printer-supply",
    "marker-types",
    "marker-levels",
];

/// A printer that speaks IPP.
#[derive(Debug)]
pub(super) struct Ipp {
    name: &'static str,
    wire: Wire,
    media: Option<String>,
    pages: Pages,
    clock: Arc<dyn Clock>,
    /// What it can do, as of the last look.
    known: Mutex<Option<Known>>,
    /// Held to a queue of CUPS while it has a job of ours.
    line: Line,
    /// How contact stood when a job was sent, by its number.
    sent: Mutex<BTreeMap<i64, contact::Sent>>,
}

/// What a printer said of itself.
#[derive(Debug, Clone)]
struct Known {
    reply: Arc<Reply>,
    /// When it had been started, at the latest, in milliseconds of the booth's time.
    started: Option<i64>,
}

/// What an IPP printer is made with.
#[derive(Debug)]
pub(super) struct Setup {
    /// Where its certificate is noted; nowhere: any is taken.
    pub(super) pin: Option<PathBuf>,
    /// Time.
    pub(super) clock: Arc<dyn Clock>,
}

impl Ipp {
    /// The printer at the settings' address.
    ///
    /// # Errors
    /// [`PrinterError::Disconnected`] if that is no address.
    pub(super) fn new(
        name: &'static str,
        settings: &settings::IppSettings,
        pages: Pages,
        setup: Setup,
    ) -> Result<Self, PrinterError> {
        let pin = Arc::new(Pin::of(&settings.uri, setup.pin));
        Ok(Self {
            name,
            wire: Wire::new(&settings.uri, pin)?,
            media: settings.media.clone(),
            pages,
            clock: setup.clock,
            known: Mutex::default(),
            line: Line::default(),
            sent: Mutex::default(),
        })
    }

    async fn ask_printer(&self) -> Result<Known, PrinterError> {
        let wanted = ASKED.map(|name| IppValue::new_keyword(name).expect("a short keyword"));
        let wanted = named("requested-attributes", IppValue::Array(wanted.to_vec()))?;
        let operation = Operation::GetPrinterAttributes;
        let mut reply = self.wire.ask(operation, vec![wanted], Vec::new()).await?;
        if matches!(reply.error(), PrinterError::Refused { .. }) && !reply.is_fine() {
            // It may be that it does not like to be asked for some attributes only.
            reply = self.wire.ask(operation, Vec::new(), Vec::new()).await?;
        }
        if !reply.is_fine() {
            return Err(match reply.error() {
                PrinterError::Refused { reason } => Trouble::NotAPrinter.with(reason),
                e => e,
            });
        }
        let up = reply.printer().number("printer-up-time").map(i64::from);
        let known = Known {
            started: up.map(|up| follow::latest(self.now(), up)),
            reply: Arc::new(reply),
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    async fn known(&self) -> Result<Known, PrinterError> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match known {
            Some(known) => Ok(known),
            None => self.ask_printer().await,
        }
    }

    fn medium(&self, printer: Attributes<'_>) -> Result<Option<Medium>, PrinterError> {
        let Pages::Photo { halved } = self.pages else {
            return Ok(None);
        };
        let medium = media::choose(printer, self.media.as_deref(), halved);
        medium.map(Some).ok_or_else(|| PrinterError::Refused {
            reason: "the printer has no paper for a ticket; printer.ipp.media may name one"
                .to_owned(),
        })
    }

    /// What a printer lacks that is well but cannot print the booth's pages.
    fn lacks(&self, printer: Attributes<'_>) -> Option<(Vec<Need>, Says)> {
        if self.medium(printer).is_err() {
            return Some((vec![Need::Paper], words::no_such_paper()));
        }
        let fit = self.pages.fit(printer);
        (!fit).then(|| (vec![Need::Attention], words::no_such_document()))
    }

    /// Whether two strips would come out of it in one piece.
    fn is_uncut(&self, printer: Attributes<'_>) -> bool {
        matches!(self.pages, Pages::Photo { halved: true })
            && self.media.is_none()
            && !media::can_halve(printer)
    }

    /// Cancels a job that has no document yet and is not as it was wanted.
    async fn take_back(&self, reply: &Reply, name: &str) -> Result<(), PrinterError> {
        if let Some(id) = made(reply) {
            let made = Made { id, started: None };
            self.erase(&Memo::empty(made, name, self.now())).await?;
        }
        Ok(())
    }

    async fn make(
        &self,
        name: &str,
        medium: Option<&Medium>,
        printer: Attributes<'_>,
    ) -> Result<Reply, PrinterError> {
        self.create(job::wishes(medium, printer)?, name).await
    }

    async fn create(&self, wishes: Vec<IppAttribute>, name: &str) -> Result<Reply, PrinterError> {
        let value = IppValue::new_name_without_language(name).map_err(|e| unfit(&e))?;
        let target = vec![named("job-name", value)?];
        self.wire.ask(Operation::CreateJob, target, wishes).await
    }
}

#[async_trait]
impl Device for Ipp {
    fn name(&self) -> &'static str {
        self.name
    }

    fn address(&self) -> &str {
        self.wire.uri()
    }

    async fn look(&self) -> Result<Look, PrinterError> {
        let known = self.ask_printer().await?;
        let printer = known.reply.printer();
        let mut look = state::look(printer);
        if let Some(lack) = self.lacks(printer)
            && look.needs.is_empty()
        {
            (look.condition, look.held) = (Condition::Needs, true);
            (look.needs, look.remark) = lack;
        } else if self.is_uncut(printer) && look.remark == Says::default() {
            look.remark = words::uncut();
        }
        Ok(look)
    }

    fn takes(&self, page: &Page) -> Result<(), String> {
        let fits = self.pages.are_on(page);
        fits.then_some(())
            .ok_or_else(|| "the page has no form that this printer takes".to_owned())
    }

    async fn prepare(&self, name: &str, _page: &Page) -> Result<Made, PrinterError> {
        let known = self.known().await?;
        let started = known.started;
        if let Some(id) = job::find(&self.wire, name).await? {
            return Ok(Made { id, started });
        }
        let printer = known.reply.printer();
        let medium = self.medium(printer)?;
        // What it does not take of its own paper by its measures it may take by its name, and what
        // it takes in no way it may have by itself.
        let mut tries = vec![medium.clone()];
        if let Some(Medium::Borderless(_, Some(paper))) = &medium {
            tries.push(Some(Medium::Named(paper.clone())));
        }
        let mut reply = self.make(name, medium.as_ref(), printer).await?;
        for medium in tries.iter().skip(1) {
            if !is_unfit(&reply) {
                break;
            }
            self.take_back(&reply, name).await?;
            reply = self.make(name, medium.as_ref(), printer).await?;
        }
        if reply.status == StatusCode::ClientErrorBadRequest {
            reply = self.create(Vec::new(), name).await?;
        }
        if !reply.is_fine() {
            return Err(match reply.error() {
                // It says that of what is asked of it, and has made no job.
                e @ PrinterError::Unusable { .. } => {
                    PrinterError::Disconnected(io::Error::other(e))
                }
                e => e,
            });
        }
        let id = made(&reply).ok_or_else(|| {
            PrinterError::Disconnected(io::Error::other("it made a job without a number"))
        })?;
        Ok(Made { id, started })
    }

    async fn deliver(&self, job: &Memo, page: &Page) -> Result<Delivered, Undelivered> {
        let send = async {
            let known = self.known().await?;
            let (document, format) = self.pages.document(known.reply.printer(), page)?;
            Ok((document, format))
        };
        let (document, format) = send.await.map_err(Undelivered::Nothing)?;
        self.is_sent(job.id).await.map_err(Undelivered::Nothing)?;
        match job::send(&self.wire, job, &document, format).await {
            Ok(()) => Ok(Delivered::Taken),
            // It said no, and would keep the job open for it meanwhile.
            Err(e @ PrinterError::Refused { .. }) => match self.erase(job).await {
                Ok(Left::Nothing) => Err(Undelivered::Nothing(e)),
                Ok(Left::Stopping | Left::Perhaps | Left::All) => {
                    Err(Undelivered::Unsure(PrinterError::Busy))
                }
                Err(e) => Err(Undelivered::Unsure(e)),
            },
            Err(e) => Err(Undelivered::Unsure(e)),
        }
    }

    async fn progress(&self, job: &Memo) -> Result<Heard, PrinterError> {
        self.follow(job).await
    }

    async fn erase(&self, job: &Memo) -> Result<Left, PrinterError> {
        let Some(before) = self.find(job).await? else {
            return Ok(Left::Perhaps);
        };
        job::cancel(&self.wire, job).await?;
        let after = self.find(job).await?;
        let left = job::left(&before, after.map(|seen| seen.progress).as_ref());
        Ok(match left {
            Left::Nothing if self.may_have_forgotten(job, &before).await? => Left::Perhaps,
            left => left,
        })
    }

    async fn wake(&self) -> Result<Woken, PrinterError> {
        let operation = Operation::ResumePrinter;
        let woken = self.wire.ask(operation, Vec::new(), Vec::new()).await;
        match woken {
            Ok(reply) if reply.is_fine() => Ok(Woken::Told),
            // CUPS lets administrators only, unless its policy says otherwise.
            Ok(reply) if reply.is_forbidden() => Ok(Woken::Forbidden),
            Err(PrinterError::Unusable {
                trouble: Trouble::Forbidden,
                ..
            }) => Ok(Woken::Forbidden),
            Ok(reply) => Err(reply.error()),
            Err(e) => Err(e),
        }
    }
}

/// Whether the paper is what it did not like.
fn is_unfit(reply: &Reply) -> bool {
    let no = [
        StatusCode::ClientErrorAttributesOrValuesNotSupported,
        StatusCode::ClientErrorConflictingAttributes,
        StatusCode::ClientErrorBadRequest,
    ];
    no.contains(&reply.status) || (reply.is_fine() && reply.ignored().contains(&"media-col"))
}

/// The number of the job that this answer is about.
fn made(reply: &Reply) -> Option<i64> {
    let id = reply.jobs().find_map(|job| job.number("job-id"));
    id.map(i64::from)
}
