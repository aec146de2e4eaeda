//! Any IPP Everywhere printer, or a queue of CUPS (RFC 8011, PWG 5100.14).

mod attributes;
mod job;
mod levels;
mod media;
mod reasons;
mod wire;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use ipp::attribute::IppAttribute;
use ipp::model::{Operation, PrinterState as State, StatusCode};
use ipp::value::IppValue;

use self::attributes::Attributes;
use self::media::Medium;
use self::wire::{Reply, Wire, named, unfit};
use super::spooled::{Delivered, Device, Left, Look, Progress, Task, Undelivered, Woken};
use super::{Condition, Need, Page, PrinterError, Says, settings, words};

/// What we ask a printer of itself; all it has would be five times as much.
const ASKED: [&str; 16] = [
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "printer-is-accepting-jobs",
    "printer-error-policy",
    "printer-make-and-model",
    "operations-supported",
    "document-format-supported",
    "copies-supported",
    "print-scaling-supported",
    "media-supported",
    "media-col-supported",
    "media-col-ready",
    "printer-supply",
    "marker-types",
    "marker-levels",
];

/// What `lp` calls "raw": a queue without a driver hands it on as it is.
const RAW: [&str; 2] = ["application/octet-stream", "application/vnd.cups-raw"];

/// The forms in which photo printers are given pages.
const FORMS: [&str; 2] = ["image/jpeg", "application/pdf"];

/// What kind of pages a queue is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pages {
    /// Photo paper, 4 × 6 in; cut in two lengthwise if `halved`.
    Photo {
        /// Two strips of 2 × 6 in.
        halved: bool,
    },
    /// Bytes that the printer itself understands, made from [`Page::bits`].
    Raw(fn(&Page) -> Result<Bytes, PrinterError>),
}

/// A printer that speaks IPP.
#[derive(Debug)]
pub(super) struct Ipp {
    name: &'static str,
    wire: Wire,
    media: Option<String>,
    pages: Pages,
    /// What it can do, as of the last look.
    known: Mutex<Option<Arc<Reply>>>,
    /// It was seen to print one copy whatever it is told.
    copies_ignored: AtomicBool,
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
    ) -> Result<Self, PrinterError> {
        Ok(Self {
            name,
            wire: Wire::new(&settings.uri)?,
            media: settings.media.clone(),
            pages,
            known: Mutex::default(),
            copies_ignored: AtomicBool::default(),
        })
    }

    async fn ask_printer(&self) -> Result<Arc<Reply>, PrinterError> {
        let asked = ASKED.map(|name| IppValue::new_keyword(name).expect("a short keyword"));
        let asked = named("requested-attributes", IppValue::Array(asked.to_vec()))?;
        let operation = Operation::GetPrinterAttributes;
        let reply = self.wire.ask(operation, vec![asked], Vec::new()).await?;
        if !reply.is_fine() {
            return Err(reply.error());
        }
        let reply = Arc::new(reply);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(Arc::clone(&reply));
        Ok(reply)
    }

    async fn known(&self) -> Result<Arc<Reply>, PrinterError> {
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
            reason: "the printer has no paper of 4 × 6 in; printer.ipp.media may name one"
                .to_owned(),
        })
    }

    /// What a printer lacks that is well but cannot print the booth's pages.
    fn lacks(&self, printer: Attributes<'_>) -> Option<(Vec<Need>, Says)> {
        if self.medium(printer).is_err() {
            return Some((vec![Need::Paper], words::no_such_paper()));
        }
        let taken = printer.texts("document-format-supported");
        let takes = |form: &&str| taken.iter().any(|known| known == form);
        let photo = matches!(self.pages, Pages::Photo { .. });
        let none = photo && !FORMS.iter().any(takes);
        none.then(|| (vec![Need::Attention], words::no_such_document()))
    }

    /// Whether two strips would come out of it in one piece.
    fn is_uncut(&self, printer: Attributes<'_>) -> bool {
        matches!(self.pages, Pages::Photo { halved: true })
            && self.media.is_none()
            && !media::can_halve(printer)
    }

    /// Cancels a job that has no document yet and is not as it was wanted.
    async fn take_back(&self, reply: &Reply, task: &Task) -> Result<(), PrinterError> {
        if let Some(id) = made(reply) {
            self.erase(id, &task.name).await?;
        }
        Ok(())
    }

    async fn create(&self, wishes: Vec<IppAttribute>, name: &str) -> Result<Reply, PrinterError> {
        let value = IppValue::new_name_without_language(name).map_err(|e| unfit(&e))?;
        let target = vec![named("job-name", value)?];
        self.wire.ask(Operation::CreateJob, target, wishes).await
    }

    /// The form of the page that the printer takes, and its media type.
    fn document(
        &self,
        printer: Attributes<'_>,
        page: &Page,
    ) -> Result<(Bytes, &'static str), PrinterError> {
        let taken = printer.texts("document-format-supported");
        let takes = |format: &str| taken.iter().any(|known| known == format);
        if let Pages::Raw(encode) = self.pages {
            let format = RAW.iter().rev().find(|format| takes(format));
            return Ok((encode(page)?, format.unwrap_or(&RAW[0])));
        }
        // A JPEG of the paper's own pixels needs no interpreter, and all colour printers take it.
        let forms = [(&page.jpeg, FORMS[0]), (&page.pdf, FORMS[1])];
        let fits = |(bytes, format): &&(&Bytes, &str)| !bytes.is_empty() && takes(format);
        let form = forms
            .iter()
            .find(fits)
            .ok_or_else(|| PrinterError::Refused {
                reason: "the printer takes neither JPEG nor PDF".to_owned(),
            })?;
        Ok((form.0.clone(), form.1))
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
        let reply = self.ask_printer().await?;
        let printer = reply.printer();
        let mut look = look(printer);
        if self.copies_ignored.load(Ordering::Relaxed) {
            look.most_copies = 1;
        }
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
        let fits = match self.pages {
            Pages::Photo { .. } => {
                page.jpeg.starts_with(b"\xff\xd8\xff") || page.pdf.starts_with(b"%PDF-")
            }
            Pages::Raw(_) => page.bits.starts_with(b"\x89PNG"),
        };
        fits.then_some(())
            .ok_or_else(|| "the page has no form that this printer takes".to_owned())
    }

    async fn prepare(&self, task: &Task, _page: &Page) -> Result<i64, PrinterError> {
        if let Some(job) = job::find(&self.wire, &task.name).await? {
            return Ok(job);
        }
        let known = self.known().await?;
        let printer = known.printer();
        let common = |medium| job::wishes(task.copies, medium, printer);
        let medium = self.medium(printer)?;
        let mut reply = self.create(common(medium.as_ref())?, &task.name).await?;
        let no = StatusCode::ClientErrorAttributesOrValuesNotSupported;
        if let Some(Medium::Borderless(_, name)) = &medium
            && (reply.status == no || (reply.is_fine() && reply.ignored().contains(&"media-col")))
        {
            // It does not take its own paper by its measures: by its name, then.
            self.take_back(&reply, task).await?;
            let plain = Medium::Named(name.clone());
            reply = self.create(common(Some(&plain))?, &task.name).await?;
        }
        if !reply.is_fine() {
            return Err(reply.error());
        }
        if task.copies > 1 && reply.ignored().contains(&"copies") {
            self.copies_ignored.store(true, Ordering::Relaxed);
            self.take_back(&reply, task).await?;
            return Err(PrinterError::Busy);
        }
        made(&reply).ok_or_else(|| {
            PrinterError::Disconnected(io::Error::other("it made a job without a number"))
        })
    }

    async fn deliver(&self, id: i64, task: &Task, page: &Page) -> Result<Delivered, Undelivered> {
        let send = async {
            let known = self.known().await?;
            let (document, format) = self.document(known.printer(), page)?;
            Ok((document, format))
        };
        let (document, format) = send.await.map_err(Undelivered::Nothing)?;
        match job::send(&self.wire, id, &task.name, &document, format).await {
            Ok(()) => Ok(Delivered::Taken),
            // It said no, and would keep the job open for it meanwhile.
            Err(e @ PrinterError::Refused { .. }) => match self.erase(id, &task.name).await {
                Ok(Left::Nothing) => Err(Undelivered::Nothing(e)),
                Ok(Left::Stopping | Left::Perhaps | Left::All) => {
                    Err(Undelivered::Unsure(PrinterError::Busy))
                }
                Err(e) => Err(Undelivered::Unsure(e)),
            },
            Err(e) => Err(Undelivered::Unsure(e)),
        }
    }

    async fn progress(&self, id: i64, name: &str) -> Result<Progress, PrinterError> {
        job::progress(&self.wire, id, name).await
    }

    async fn erase(&self, id: i64, name: &str) -> Result<Left, PrinterError> {
        job::erase(&self.wire, id, name).await
    }

    async fn wake(&self) -> Result<Woken, PrinterError> {
        let operation = Operation::ResumePrinter;
        let woken = self.wire.ask(operation, Vec::new(), Vec::new()).await;
        match woken {
            Ok(reply) if reply.is_fine() => Ok(Woken::Told),
            // CUPS lets administrators only, unless its policy says otherwise.
            Ok(reply) if reply.is_forbidden() => Ok(Woken::Forbidden),
            Err(PrinterError::Disconnected(e)) if e.kind() == io::ErrorKind::PermissionDenied => {
                Ok(Woken::Forbidden)
            }
            Ok(reply) => Err(reply.error()),
            Err(e) => Err(e),
        }
    }
}

/// The number of the job that this answer is about.
fn made(reply: &Reply) -> Option<i64> {
    let id = reply.jobs().find_map(|job| job.number("job-id"));
    id.map(i64::from)
}

/// How a printer is, from what it says of itself.
fn look(printer: Attributes<'_>) -> Look {
    let state = printer.number("printer-state");
    let stopped = state == Some(State::Stopped as i32);
    let reasons = printer.texts("printer-state-reasons");
    let message = printer.text("printer-state-message").unwrap_or_default();
    let mut needs = reasons::needs(&reasons);
    let paused = reasons
        .iter()
        .any(|reason| reasons::keyword(reason) == "paused");
    let policy = printer.text("printer-error-policy");
    let accepts = printer.is("printer-is-accepting-jobs").unwrap_or(true);
    let operations = printer.numbers("operations-supported");
    let knows = |operation: Operation| operations.contains(&(operation as i32));
    // Without the two steps there is a moment in which nobody can tell whether a sheet will come.
    let two_steps = knows(Operation::CreateJob) && knows(Operation::SendDocument);
    if (stopped || !accepts || !two_steps) && needs.is_empty() {
        needs.push(Need::Attention);
    }
    let condition = match state {
        _ if !needs.is_empty() => Condition::Needs,
        Some(state) if state == State::Processing as i32 => Condition::Printing,
        _ => Condition::Ready,
    };
    Look {
        // Reasons alone do not hold an order back: a queue of CUPS keeps those of its last job until
        // the next one. A printer without paper takes the job and waits.
        held: stopped || !accepts || !two_steps,
        // Whoever stopped it, fault or person: visitors wait, and a booth that is to rest is paused
        // at its own staff page.
        stalled: stopped && paused && knows(Operation::ResumePrinter),
        stops_for_good: policy.as_deref() == Some("stop-printer"),
        remark: match condition {
            _ if !two_steps => words::no_create_job(),
            // What it needs the booth says itself, in both languages: the printer's own words are
            // for what nobody here knows.
            _ if needs == [Need::Attention] => words::own(&message),
            _ => Says::default(),
        },
        levels: levels::read(printer),
        // CUPS, which alone has such a policy, begins a job that broke off with its first copy again.
        most_copies: printer
            .number("copies-supported")
            .filter(|_| policy.is_none())
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1),
        condition,
        needs,
    }
}
