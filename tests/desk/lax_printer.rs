//! A small IPP printer with the manners that `ippeveprinter` does not have: it takes what it was not
//! asked for, gives jobs up before it begins them, and lets them stand.

use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use easel::clock::{Clock, SystemClock};
use ipp::attribute::{IppAttribute, IppAttributes};
use ipp::model::{DelimiterTag, IppVersion, JobState, Operation, StatusCode};
use ipp::parser::IppParser;
use ipp::request::IppRequestResponse;
use ipp::value::{IppName, IppValue};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::cable::{find, operation_of, read_message};

/// How it behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It prints.
    #[default]
    Well,
    /// It aborts each job before it begins it.
    Aborts,
    /// It holds each job, as somebody might at its panel.
    Holds,
    /// It prints something else, and makes no job.
    Busy,
    /// It knows other paper only.
    OtherPaper,
    /// It refuses each document, and keeps the job open.
    RefusesDocuments,
    /// It takes jobs with this attribute as if it were not there, and says so.
    Ignores(&'static str),
    /// It prints, and no longer knows of a job that is finished; asked about one it says this.
    Forgets(StatusCode),
    /// It answers no question about single jobs.
    TellsListsOnly,
    /// It is at each job for ever.
    NeverEnds,
    /// It says for some questions more that it waits for a document that it has.
    IsLate,
    /// It cuts names short.
    CutsNames,
    /// It prints, and complains of something else.
    Complains(&'static str),
    /// It knows IPP/1.1 only.
    IsOld,
    /// It has moved, and says where to.
    HasMoved,
    /// It has no printer at this address.
    IsElsewhere,
    /// It lets nobody print.
    ForbidsAll,
    /// It is something else.
    IsNoPrinter,
}

/// A printer of one job at a time, with endless paper.
#[derive(Debug)]
pub(crate) struct LaxPrinter {
    port: u16,
    state: Arc<Mutex<State>>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct State {
    manner: Manner,
    jobs: Vec<Job>,
    refused: usize,
    tray: Vec<String>,
    clock: SystemClock,
    /// When it was switched on, and for how long it had been on then.
    on_since: Duration,
    on_before: Duration,
}

#[derive(Debug)]
struct Job {
    name: String,
    state: JobState,
    empty: bool,
    wishes: IppAttributes,
    /// So many times it is still to be said that its document is not there.
    late: u32,
    /// Its sheet was begun.
    begun: bool,
}

impl LaxPrinter {
    /// One that has been on for an hour.
    pub(crate) async fn on() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            manner: Manner::default(),
            jobs: Vec::new(),
            refused: 0,
            tray: Vec::new(),
            clock: SystemClock::new(None),
            on_since: Duration::ZERO,
            on_before: Duration::from_secs(3600),
        }));
        let printing = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let _ = answer(line, &printing).await;
            }
        });
        Self {
            port,
            state,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub(crate) fn uri(&self) -> String {
        format!("ipp://127.0.0.1:{}/ipp/print", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        self.state.lock().unwrap().manner = manner;
    }

    /// Switches it off and on again: it knows no jobs.
    pub(crate) fn is_switched_off_and_on(&self) {
        let mut state = self.state.lock().unwrap();
        state.jobs.clear();
        (state.on_since, state.on_before) = (state.clock.monotonic(), Duration::ZERO);
    }

    /// The sheets that came out: their job's name, and what it heard of the paper.
    pub(crate) fn tray(&self) -> Vec<String> {
        self.state.lock().unwrap().tray.clone()
    }

    /// How many jobs it had no time for.
    pub(crate) fn refused(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    /// How many jobs it was given, and how many of them are not ended.
    pub(crate) fn jobs(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        let open = state.jobs.iter().filter(|job| is_open(job));
        (state.jobs.len(), open.count())
    }
}

fn is_open(job: &Job) -> bool {
    (job.state as i32) < JobState::Canceled as i32
}

async fn answer(mut line: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let request = read_message(&mut line).await?;
    let Some(head) = find(&request, b"\r\n\r\n") else {
        return Ok(());
    };
    let operation = operation_of(&request).unwrap_or_default();
    let refusal = state.lock().unwrap().refusal(&request[..head]);
    if let Some(refusal) = refusal {
        return line.write_all(refusal.as_bytes()).await;
    }
    let body = Cursor::new(request[head + 4..].to_vec());
    let (header, asked, _) = IppParser::new(body).parse_parts().unwrap();
    let old = state.lock().unwrap().manner == Manner::IsOld;
    let reply = if old && header.version != IppVersion::v1_1() {
        said(StatusCode::ServerErrorVersionNotSupported).to_bytes()
    } else {
        state.lock().unwrap().reply(operation, asked).to_bytes()
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/ipp\r\ncontent-length: {}\r\n\r\n",
        reply.len()
    );
    line.write_all(head.as_bytes()).await?;
    line.write_all(&reply).await
}

impl State {
    /// What it says instead of an answer, by the head of a request.
    fn refusal(&self, head: &[u8]) -> Option<String> {
        let moved = find(head, b"POST /moved").is_none_or(|at| at != 0);
        let status = match self.manner {
            Manner::HasMoved if moved => "308 Permanent Redirect\r\nlocation: /moved",
            Manner::IsElsewhere => "404 Not Found",
            Manner::ForbidsAll => "403 Forbidden",
            Manner::IsNoPrinter => "405 Method Not Allowed",
            _ => return None,
        };
        Some(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
    }

    /// For how long it is on, in whole seconds.
    fn up(&self) -> IppValue {
        let up = self.on_before + self.clock.monotonic() - self.on_since;
        IppValue::Integer(i32::try_from(up.as_secs()).unwrap())
    }

    fn reply(&mut self, operation: u16, asked: IppAttributes) -> IppRequestResponse {
        let is = |wanted: Operation| operation == wanted as u16;
        let (id, name) = (number(&asked, "job-id"), text(&asked, "job-name"));
        let at = id.and_then(|id| usize::try_from(id - 1).ok());
        let mut reply = said(StatusCode::SuccessfulOk);
        if is(Operation::GetPrinterAttributes) {
            let (paper, size) = match self.manner {
                Manner::OtherPaper => ("iso_a4_210x297mm", (21000, 29700)),
                _ => ("na_index-4x6_4x6in", (10160, 15240)),
            };
            let reason = match self.manner {
                Manner::Complains(reason) => reason,
                _ => "none",
            };
            describe(&mut reply, paper, size, reason);
            let up = IppAttribute::with_name("printer-up-time", self.up()).unwrap();
            reply
                .attributes_mut()
                .add(DelimiterTag::PrinterAttributes, up);
        } else if is(Operation::CreateJob) {
            if self.manner == Manner::Busy || self.jobs.iter().any(is_open) {
                self.refused += 1;
                return said(StatusCode::ServerErrorBusy);
            }
            if let Some(ignored) = self.ignored(&asked) {
                reply = said(StatusCode::SuccessfulOkIgnoredOrSubstitutedAttributes);
                let unsupported = DelimiterTag::UnsupportedAttributes;
                reply.attributes_mut().add(unsupported, ignored);
            }
            self.jobs.push(Job {
                name: name.unwrap_or_default(),
                state: JobState::PendingHeld,
                empty: true,
                wishes: asked,
                late: 0,
                begun: false,
            });
            self.tell(self.jobs.len() - 1, &mut reply);
        } else if is(Operation::GetJobs) {
            if text(&asked, "which-jobs").as_deref() == Some("completed") {
                return reply;
            }
            for at in (0..self.jobs.len()).filter(|&at| is_open(&self.jobs[at])) {
                self.tell(at, &mut reply);
            }
        } else if let Some(at) = at.filter(|&at| at < self.jobs.len()) {
            let asks = is(Operation::GetJobAttributes);
            match self.manner {
                Manner::Forgets(status) if asks && !is_open(&self.jobs[at]) => return said(status),
                Manner::TellsListsOnly if asks => {
                    return said(StatusCode::ServerErrorOperationNotSupported);
                }
                _ => {}
            }
            if is(Operation::SendDocument) {
                return said(self.print(at));
            }
            if is(Operation::CancelJob) && is_open(&self.jobs[at]) {
                self.jobs[at].state = JobState::Canceled;
            }
            self.tell(at, &mut reply);
            self.jobs[at].late = self.jobs[at].late.saturating_sub(1);
        } else {
            return said(StatusCode::ClientErrorNotFound);
        }
        reply
    }

    /// What it does not look at in a job.
    fn ignored(&self, asked: &IppAttributes) -> Option<IppAttribute> {
        let Manner::Ignores(name) = self.manner else {
            return None;
        };
        let job = asked.first_of(DelimiterTag::JobAttributes)?;
        job.get(name).cloned()
    }

    fn print(&mut self, at: usize) -> StatusCode {
        let ignored = self.ignored(&self.jobs[at].wishes);
        let ignores = |name: &str| ignored.as_ref().is_some_and(|a| a.name().as_str() == name);
        let job = &mut self.jobs[at];
        let copies = number(&job.wishes, "copies").filter(|_| !ignores("copies"));
        let wishes = job.wishes.first_of(DelimiterTag::JobAttributes);
        let papers = ["media-col", "media"].into_iter();
        let paper = papers
            .filter(|name| !ignores(name))
            .find(|name| wishes.is_some_and(|wishes| wishes.get(name).is_some()));
        let sheet = format!("{} on {}", job.name, paper.unwrap_or("A4"));
        match self.manner {
            Manner::RefusesDocuments => {
                return StatusCode::ClientErrorDocumentFormatNotSupported;
            }
            Manner::Aborts => job.state = JobState::Aborted,
            Manner::Holds => job.state = JobState::ProcessingStopped,
            Manner::NeverEnds => (job.state, job.begun) = (JobState::Processing, true),
            _ if !job.empty => return StatusCode::ClientErrorNotPossible,
            _ => {
                if self.manner == Manner::IsLate {
                    job.late = 6;
                }
                (job.state, job.begun) = (JobState::Completed, true);
                for _ in 0..copies.unwrap_or(1) {
                    self.tray.push(sheet.clone());
                }
            }
        }
        job.empty = false;
        StatusCode::SuccessfulOk
    }

    fn tell(&self, at: usize, reply: &mut IppRequestResponse) {
        let job = &self.jobs[at];
        let is_late = job.late > 0;
        let begun = job.begun && !is_late;
        let reason = if job.empty || is_late {
            "job-incoming"
        } else {
            "none"
        };
        let state = if is_late {
            JobState::PendingHeld
        } else {
            job.state
        };
        let name = match self.manner {
            Manner::CutsNames => job.name.get(..24).unwrap_or_default(),
            _ => job.name.as_str(),
        };
        let mut group = ipp::attribute::IppAttributeGroup::new(DelimiterTag::JobAttributes);
        for (name, value) in [
            ("job-id", IppValue::Integer(i32::try_from(at).unwrap() + 1)),
            (
                "job-name",
                IppValue::new_name_without_language(name).unwrap(),
            ),
            ("job-printer-up-time", self.up()),
            ("job-state", IppValue::Enum(state as i32)),
            ("job-state-reasons", word(reason)),
            (
                "time-at-processing",
                if begun {
                    IppValue::Integer(1)
                } else {
                    IppValue::NoValue
                },
            ),
        ] {
            let attribute = IppAttribute::with_name(name, value).unwrap();
            group.attributes_mut().push(attribute);
        }
        reply.attributes_mut().groups_mut().push(group);
    }
}

/// What it says of itself: 4 × 6 in by default, to the edges, and many copies.
fn describe(reply: &mut IppRequestResponse, paper: &str, size: (i32, i32), reason: &str) {
    let size = collection([
        ("x-dimension", IppValue::Integer(size.0)),
        ("y-dimension", IppValue::Integer(size.1)),
    ]);
    let margins = ["bottom", "left", "right", "top"];
    let names = margins.map(|side| format!("media-{side}-margin"));
    let none = names
        .iter()
        .map(|name| (name.as_str(), IppValue::Integer(0)));
    let ready = collection(none.chain([("media-size", size)]));
    let mut taken: Vec<IppValue> = names.iter().map(|name| word(name)).collect();
    taken.push(word("media-size"));
    let operations = [5, 6, 8, 9, 10, 11].map(IppValue::Enum).to_vec();
    for (name, value) in [
        ("printer-state", IppValue::Enum(3)),
        ("printer-state-reasons", word(reason)),
        ("printer-is-accepting-jobs", IppValue::Boolean(true)),
        ("operations-supported", IppValue::Array(operations)),
        (
            "document-format-supported",
            IppValue::new_mime_media_type("image/jpeg").unwrap(),
        ),
        (
            "copies-supported",
            IppValue::RangeOfInteger { min: 1, max: 99 },
        ),
        ("media-supported", word(paper)),
        ("media-col-supported", IppValue::Array(taken)),
        ("media-col-ready", ready),
    ] {
        let attribute = IppAttribute::with_name(name, value).unwrap();
        let group = DelimiterTag::PrinterAttributes;
        reply.attributes_mut().add(group, attribute);
    }
}

fn said(status: StatusCode) -> IppRequestResponse {
    IppRequestResponse::new_response(IppVersion::v2_0(), status, 1).unwrap()
}

fn collection<'a>(members: impl IntoIterator<Item = (&'a str, IppValue)>) -> IppValue {
    let name = |name: &str| IppName::new(name).unwrap();
    let members = members.into_iter().map(|(n, value)| (name(n), value));
    IppValue::Collection(members.collect())
}

fn word(word: &str) -> IppValue {
    IppValue::new_keyword(word).unwrap()
}

fn number(asked: &IppAttributes, name: &str) -> Option<i32> {
    let mut groups = asked.groups().iter();
    match groups.find_map(|group| group.get(name))?.value() {
        IppValue::Integer(n) => Some(*n),
        _ => None,
    }
}

fn text(asked: &IppAttributes, name: &str) -> Option<String> {
    let mut groups = asked.groups().iter();
    match groups.find_map(|group| group.get(name))?.value() {
        IppValue::NameWithoutLanguage(text) => Some(text.to_string()),
        IppValue::Keyword(text) => Some(text.to_string()),
        _ => None,
    }
}
