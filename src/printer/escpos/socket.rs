//! A receipt printer at the end of a socket (port 9100, "JetDirect").
//!
//! It knows no jobs. So a sheet counts once the printer has answered a question that stands behind
//! it in line; a connection that breaks before that leaves a doubt, and staff are asked. One that has
//! never answered anything prints all the same: its sheet counts once it has taken all of it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::{Either, select};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex as Line;

use super::encode;
use super::seen::Seen;
use super::status::{self, Answers, Sorter};
use crate::clock::Clock;
use crate::printer::spooled::{
    Delivered, Device, Heard, Left, Look, Made, Memo, Progress, Undelivered, Woken,
};
use crate::printer::{Cause, Need, Page, PrinterError};

const CONNECT: Duration = Duration::from_secs(3);
/// How long it may take to answer a `DLE EOT`.
const ANSWER: Duration = Duration::from_secs(3);
/// How often it is asked while a ticket is under way.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// The longest a ticket may wait for new paper with its connection open, each time it waits.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// The longest a printer may be silent in the middle of a ticket: then it says not even what for.
const SILENCE: Duration = Duration::from_secs(180);
/// So many times in a row a printer that never answered may leave the first question unanswered,
/// before it is taken for one that answers none.
const UNANSWERED: u32 = 2;
/// How long one that answers none is listened to, in case it does.
const IN_CASE: Duration = Duration::from_millis(300);
/// A printer that is well and does not answer in turn for so long never does: not all can.
const MUTE: Duration = Duration::from_secs(5);

/// A connection, and what was heard on it.
struct Call {
    line: TcpStream,
    sorter: Sorter,
    /// An answer in turn came.
    in_turn: bool,
}

/// A receipt printer.
#[derive(Debug)]
pub(in crate::printer) struct Socket {
    uri: String,
    /// `host:port`.
    host: String,
    clock: Arc<dyn Clock>,
    /// Such printers listen to one caller at a time.
    line: Line<()>,
    /// How it was when it was last asked.
    seen: Seen,
    /// Whether it answers at all.
    voice: Mutex<Voice>,
}

/// Whether a printer answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    /// So many have gone unanswered, and none was answered.
    Unheard(u32),
    /// It has answered one: its silence means that something is wrong.
    Heard,
}

impl Socket {
    /// The printer at `socket://host:port`; 9100 is the port if none is named.
    ///
    /// # Errors
    /// [`PrinterError::Disconnected`] if it is no such address.
    pub(in crate::printer) fn new(uri: &str, clock: Arc<dyn Clock>) -> Result<Self, PrinterError> {
        let wrong = || {
            let said = format!("{uri} is no address of a receipt printer");
            PrinterError::Disconnected(io::Error::other(said))
        };
        let address = uri.strip_prefix("socket://").ok_or_else(wrong)?;
        let address = address.trim_end_matches('/');
        if address.is_empty() || address.contains('/') {
            return Err(wrong());
        }
        let has_port = address
            .rsplit_once(':')
            .is_some_and(|(host, port)| port.parse::<u16>().is_ok() && !host.ends_with(':'));
        let port = if has_port { "" } else { ":9100" };
        Ok(Self {
            uri: uri.to_owned(),
            host: format!("{address}{port}"),
            clock,
            line: Line::default(),
            seen: Seen::default(),
            voice: Mutex::new(Voice::Unheard(0)),
        })
    }

    /// It has answered a question, or not.
    fn is_heard(&self, answered: bool) {
        let mut voice = self.voice.lock().unwrap_or_else(PoisonError::into_inner);
        *voice = match *voice {
            _ if answered => Voice::Heard,
            Voice::Unheard(n) => Voice::Unheard(n + 1),
            Voice::Heard => Voice::Heard,
        };
    }

    /// It answers nothing, and never has.
    fn is_mute(&self) -> bool {
        let voice = self.voice.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(*voice, Voice::Unheard(n) if n >= UNANSWERED)
    }

    /// How it is, if it can say so.
    async fn greet(&self, call: &mut Call) -> Result<Look, PrinterError> {
        if !self.is_mute() {
            let asked = self.ask(call, ANSWER).await;
            match asked {
                Ok(_) => self.is_heard(true),
                Err(PrinterError::TimedOut { .. }) => self.is_heard(false),
                Err(_) => {}
            }
            if !self.is_mute() {
                return asked;
            }
        }
        let question = std::pin::pin!(call.ask(status::PRINTER));
        match select(question, self.clock.sleep(IN_CASE)).await {
            Either::Left((Ok(_), _)) => self.is_heard(true),
            Either::Left((Err(e), _)) => return Err(PrinterError::Disconnected(e)),
            Either::Right(_) => {}
        }
        Ok(status::mute())
    }

    /// Gives a printer that answers nothing its ticket.
    async fn print_unheard(
        &self,
        call: &mut Call,
        commands: &[Vec<u8>],
    ) -> Result<(), PrinterError> {
        for command in commands {
            self.within(SILENCE, call.line.write_all(command)).await?;
        }
        self.within(SILENCE, call.line.shutdown()).await
    }

    async fn call(&self) -> Result<Call, PrinterError> {
        let called = self.within(CONNECT, TcpStream::connect(&self.host)).await;
        let line = called.map_err(|e| match e {
            PrinterError::TimedOut { .. } => {
                PrinterError::Disconnected(io::ErrorKind::TimedOut.into())
            }
            e => e,
        })?;
        Ok(Call {
            line,
            sorter: Sorter::default(),
            in_turn: false,
        })
    }

    async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = io::Result<T>> + Send,
    ) -> Result<T, PrinterError> {
        match select(std::pin::pin!(work), self.clock.sleep(limit)).await {
            Either::Left((done, _)) => done.map_err(PrinterError::Disconnected),
            Either::Right(_) => Err(PrinterError::TimedOut { after: limit }),
        }
    }

    /// Asks how it is. A printer that is at a ticket may leave each question unanswered for
    /// `patience`: it stands in line behind what there is no room for.
    async fn ask(&self, call: &mut Call, patience: Duration) -> Result<Look, PrinterError> {
        let mut answers = Answers {
            printer: self.question(call, status::PRINTER, patience).await?,
            paper: self.question(call, status::PAPER, patience).await?,
            offline: None,
        };
        if answers.look().held {
            // Simple printers know no such question; then the paper alone must say why.
            let why = self.question(call, status::OFFLINE, ANSWER).await;
            answers.offline = why.ok();
        }
        let look = answers.look();
        self.seen.remember(look.clone());
        Ok(look)
    }

    async fn question(
        &self,
        call: &mut Call,
        question: [u8; 3],
        patience: Duration,
    ) -> Result<u8, PrinterError> {
        call.listen().map_err(PrinterError::Disconnected)?;
        let answer = std::pin::pin!(call.ask(question));
        let answered = match select(answer, self.clock.sleep(ANSWER)).await {
            Either::Left((answered, _)) => answered,
            Either::Right(_) if patience <= ANSWER => {
                return Err(PrinterError::TimedOut { after: ANSWER });
            }
            Either::Right(((), answer)) => {
                self.seen.remember(status::silent());
                return self.within(patience.min(SILENCE), answer).await;
            }
        };
        answered.map_err(PrinterError::Disconnected)
    }

    /// Writes the ticket piece by piece, waiting for paper in between; then waits until all of it
    /// is out.
    async fn print(&self, call: &mut Call, commands: &[Vec<u8>]) -> Result<(), PrinterError> {
        for command in commands {
            self.within(PATIENCE, call.line.write_all(command)).await?;
            let mut waited = Duration::ZERO;
            while self.ask(call, PATIENCE).await?.held {
                self.wait(&mut waited).await?;
            }
        }
        call.in_turn = false;
        self.within(PATIENCE, call.line.write_all(&status::IN_TURN))
            .await?;
        let (mut waited, mut well) = (Duration::ZERO, Duration::ZERO);
        while well < MUTE {
            if self.ask(call, PATIENCE).await?.held {
                // It does not answer in turn while it stands still.
                call.in_turn = false;
                well = Duration::ZERO;
            } else if call.in_turn {
                break;
            }
            self.wait(&mut waited).await?;
            well += ASK_EVERY;
        }
        Ok(())
    }

    async fn wait(&self, waited: &mut Duration) -> Result<(), PrinterError> {
        if *waited > PATIENCE {
            return Err(PrinterError::TimedOut { after: PATIENCE });
        }
        self.clock.sleep(ASK_EVERY).await;
        *waited += ASK_EVERY;
        Ok(())
    }
}

impl Call {
    async fn ask(&mut self, question: [u8; 3]) -> io::Result<u8> {
        self.line.write_all(&question).await?;
        loop {
            let byte = self.line.read_u8().await?;
            if let Some(answer) = self.hear(byte) {
                return Ok(answer);
            }
        }
    }

    /// Hears what is there already, so that no late answer is taken for the next one's.
    fn listen(&mut self) -> io::Result<()> {
        let mut bytes = [0; 64];
        loop {
            match self.line.try_read(&mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    for &byte in &bytes[..n] {
                        self.hear(byte);
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    fn hear(&mut self, byte: u8) -> Option<u8> {
        match self.sorter.hear(byte) {
            status::Heard::AtOnce(answer) => return Some(answer),
            status::Heard::InTurn => self.in_turn = true,
            status::Heard::Noise => {}
        }
        None
    }
}

#[async_trait]
impl Device for Socket {
    fn name(&self) -> &'static str {
        "escpos"
    }

    fn address(&self) -> &str {
        &self.uri
    }

    async fn look(&self) -> Result<Look, PrinterError> {
        if let Ok(_alone) = self.line.try_lock() {
            let mut call = self.call().await?;
            return self.greet(&mut call).await;
        }
        // A ticket is under way, and asks for itself.
        self.seen.while_printing().ok_or(PrinterError::Busy)
    }

    fn takes(&self, page: &Page) -> Result<(), String> {
        encode::check(page).map_err(|e| e.to_string())
    }

    async fn prepare(&self, _name: &str, _page: &Page) -> Result<Made, PrinterError> {
        Ok(Made {
            id: 0,
            started: None,
        })
    }

    async fn deliver(&self, _job: &Memo, page: &Page) -> Result<Delivered, Undelivered> {
        let commands = encode::commands(page).map_err(Undelivered::Nothing)?;
        let _alone = self.line.lock().await;
        let mut call = self.call().await.map_err(Undelivered::Nothing)?;
        let look = self.greet(&mut call).await;
        let look = look.map_err(Undelivered::Nothing)?;
        if self.is_mute() {
            self.seen.remember(status::mute());
            let printed = self.print_unheard(&mut call, &commands).await;
            return printed
                .map(|()| Delivered::Printed)
                .map_err(Undelivered::Unsure);
        }
        if look.held {
            let paper = look.needs.contains(&Need::Paper);
            let why = if paper {
                PrinterError::OutOfPaper
            } else {
                PrinterError::Busy
            };
            return Err(Undelivered::Nothing(why));
        }
        let printed = self.print(&mut call, &commands).await;
        printed
            .map(|()| Delivered::Printed)
            .map_err(Undelivered::Unsure)
    }

    async fn progress(&self, job: &Memo) -> Result<Heard, PrinterError> {
        let broken = Progress::Broken {
            cause: Cause::CutOff,
            reason: String::new(),
        };
        Ok(Heard::only(broken, Some(job)))
    }

    /// What it was sent, it prints.
    async fn erase(&self, _job: &Memo) -> Result<Left, PrinterError> {
        Ok(Left::Perhaps)
    }

    async fn wake(&self) -> Result<Woken, PrinterError> {
        Ok(Woken::Told)
    }
}
