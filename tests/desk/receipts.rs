//! A receipt printer: it keeps what it prints, and answers how it is.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// Ends a ticket: partial cut.
const CUT: &[u8] = b"\x1dVB\x00";

/// A receipt printer at a socket.
#[derive(Debug)]
pub(crate) struct Receipts {
    port: u16,
    state: Arc<Mutex<State>>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    paper: Paper,
    /// Knows `GS r`, as not all do.
    answers_in_turn: bool,
    /// It goes off in the middle of the next ticket.
    dies: bool,
    /// It goes off after so many tickets more, once the last of them is cut off.
    dies_after: Option<usize>,
    /// It goes off in the middle of the ticket after so many.
    dies_within: Option<usize>,
    /// It answers nothing at all.
    mute: bool,
    /// Its paper ends after so many bytes more.
    lasts: Option<usize>,
    /// How many bytes it takes in while it has no paper; endless by itself.
    room: Option<usize>,
    printed: Vec<u8>,
}

/// What its paper sensor says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Paper {
    #[default]
    There,
    NearEnd,
    End,
}

impl Receipts {
    /// Switches one on.
    pub(crate) async fn on(answers_in_turn: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            answers_in_turn,
            ..State::default()
        }));
        let printing = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                // It listens to one caller at a time.
                let _ = talk(line, &printing).await;
            }
        });
        Self {
            port,
            state,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// One that answers no question.
    pub(crate) async fn mute() -> Self {
        let this = Self::on(false).await;
        this.state.lock().unwrap().mute = true;
        this
    }

    /// It breaks the connection after the first bytes of the ticket after so many.
    pub(crate) fn dies_within_ticket(&self, after: usize) {
        self.state.lock().unwrap().dies_within = Some(after);
    }

    /// It breaks the connection once so many tickets are cut off, and says nothing of the last.
    pub(crate) fn dies_after(&self, tickets: usize) {
        self.state.lock().unwrap().dies_after = Some(tickets);
    }

    pub(crate) fn uri(&self) -> String {
        format!("socket://127.0.0.1:{}", self.port)
    }

    pub(crate) fn runs_out(&self) {
        self.state.lock().unwrap().paper = Paper::End;
    }

    pub(crate) fn runs_low(&self) {
        self.state.lock().unwrap().paper = Paper::NearEnd;
    }

    /// Its paper ends after so many bytes of the next ticket, and then it has room for so many more.
    pub(crate) fn ends_within_a_ticket(&self, after: usize, room: usize) {
        let mut state = self.state.lock().unwrap();
        (state.lasts, state.room) = (Some(after), Some(room));
    }

    pub(crate) fn is_refilled(&self) {
        self.state.lock().unwrap().paper = Paper::There;
    }

    /// Breaks the connection after the first bytes of the next ticket.
    pub(crate) fn dies_within_a_ticket(&self) {
        self.state.lock().unwrap().dies = true;
    }

    /// The tickets that were cut off, each with all its bytes.
    pub(crate) fn tickets(&self) -> Vec<Vec<u8>> {
        let printed = self.state.lock().unwrap().printed.clone();
        let mut tickets = Vec::new();
        let mut rest = printed.as_slice();
        while let Some(at) = rest.windows(CUT.len()).position(|window| window == CUT) {
            let (ticket, after) = rest.split_at(at + CUT.len());
            tickets.push(ticket.to_vec());
            rest = after;
        }
        tickets
    }
}

/// How many tickets were cut off.
fn cuts(printed: &[u8]) -> usize {
    let windows = printed.windows(CUT.len());
    windows.filter(|window| *window == CUT).count()
}

async fn talk(mut line: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    let mut waiting = Vec::new();
    loop {
        let is_full = {
            let state = state.lock().unwrap();
            let full = state.room.is_some_and(|room| waiting.len() >= room);
            full && state.paper == Paper::End
        };
        tokio::select! {
            read = line.read(&mut buffer), if !is_full => match read? {
                0 => return Ok(()),
                n => waiting.extend_from_slice(&buffer[..n]),
            },
            // Somebody may have put in new paper.
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
        let mut answers = Vec::new();
        let dies = {
            let mut state = state.lock().unwrap();
            waiting = take(&waiting, &mut state, &mut answers);
            if state.mute {
                answers.clear();
            }
            let cut = state.dies_after.is_some_and(|n| cuts(&state.printed) >= n);
            let short = state.dies_within.is_some_and(|n| {
                cuts(&state.printed) >= n
                    && !state.printed.ends_with(CUT)
                    && !state.printed.is_empty()
            });
            if cut || short {
                (state.dies_after, state.dies_within) = (None, None);
            }
            cut || short || (!state.printed.is_empty() && std::mem::take(&mut state.dies))
        };
        if dies {
            return Ok(());
        }
        line.write_all(&answers).await?;
    }
}

/// Answers questions at once, wherever they stand, and prints the rest as far as the paper goes.
/// What is cut in two waits for its end.
fn take(bytes: &[u8], state: &mut State, answers: &mut Vec<u8>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes
        .windows(3)
        .position(|three| three[..2] == [0x10, 0x04])
    {
        answers.extend(state.answer(bytes[at + 2]));
        bytes.drain(at..at + 3);
    }
    let mut at = 0;
    while at < bytes.len() && state.paper != Paper::End {
        let rest = &bytes[at..];
        let length = match rest {
            [0x1d, b'r', 1, ..] => {
                answers.extend(state.answers_in_turn.then_some(0));
                at += 3;
                continue;
            }
            [0x10 | 0x1d] | [0x1d, b'r'] | [0x10, 0x04] => break,
            // A picture is taken as a whole.
            [0x1d, b'v', b'0', _, xl, xh, yl, yh, ..] => {
                let wide = usize::from(u16::from_le_bytes([*xl, *xh]));
                let high = usize::from(u16::from_le_bytes([*yl, *yh]));
                8 + wide * high
            }
            [0x1d, b'v', ..] if rest.len() < 8 => break,
            _ => 1,
        };
        if rest.len() < length {
            break;
        }
        state.printed.extend_from_slice(&rest[..length]);
        at += length;
        if let Some(lasts) = &mut state.lasts {
            *lasts = lasts.saturating_sub(length);
            if *lasts == 0 {
                (state.lasts, state.paper) = (None, Paper::End);
            }
        }
    }
    bytes.split_off(at)
}

impl State {
    /// The answer to `DLE EOT n`.
    fn answer(&self, n: u8) -> Option<u8> {
        let (printer, paper) = match self.paper {
            Paper::There => (0x12, 0x12),
            Paper::NearEnd => (0x12, 0x1e),
            Paper::End => (0x1a, 0x7e),
        };
        match n {
            1 => Some(printer),
            4 => Some(paper),
            _ => None,
        }
    }
}
