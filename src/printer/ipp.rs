//! Any IPP Everywhere printer, or a queue of CUPS (RFC 8011, PWG 5100.14).

mod attributes;
mod job;
mod levels;
mod media;
mod reasons;
mod wire;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use ipp::attribute::IppAttribute;
use ipp::model::{Operation, PrinterState as State, StatusCode};
use ipp::value::IppValue;

use self::attributes::Attributes;
use self::media::Medium;
use self::wire::{Reply, Wire, named};
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
        let forms = [(&page.jpeg, "image/jpeg"), (&page.pdf, "application/pdf")];
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
        Ok(look(reply.printer()))
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
        if reply.status == StatusCode::ClientErrorAttributesOrValuesNotSupported
            && let Some(Medium::Borderless(_, name)) = &medium
        {
            // It does not take its own paper by its measures: by its name, then.
            let plain = Medium::Named(name.clone());
            reply = self.create(common(Some(&plain))?, &task.name).await?;
        }
        if !reply.is_fine() {
            return Err(reply.error());
        }
        let id = reply.jobs().find_map(|job| job.number("job-id"));
        id.map(i64::from).ok_or_else(|| {
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
        let sent = job::send(&self.wire, id, &task.name, &document, format).await;
        sent.map(|()| Delivered::Taken).map_err(Undelivered::Unsure)
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
        stops_for_good: printer.text("printer-error-policy").as_deref() == Some("stop-printer"),
        remark: match condition {
            _ if !two_steps => words::no_create_job(),
            // What it needs the booth says itself, in both languages: the printer's own words are
            // for what nobody here knows.
            _ if needs == [Need::Attention] => words::own(&message),
            _ => Says::default(),
        },
        levels: levels::read(printer),
        most_copies: printer
            .number("copies-supported")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1),
        condition,
        needs,
    }
}

fn unfit(error: &ipp::parser::IppParseError) -> PrinterError {
    PrinterError::Refused {
        reason: error.to_string(),
    }
}
