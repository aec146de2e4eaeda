//! A receipt printer: it keeps what it prints, and answers how it is.

use std::sync::{Arc, Mutex};

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

    pub(crate) fn uri(&self) -> String {
        format!("socket://127.0.0.1:{}", self.port)
    }

    pub(crate) fn runs_out(&self) {
        self.state.lock().unwrap().paper = Paper::End;
    }

    pub(crate) fn runs_low(&self) {
        self.state.lock().unwrap().paper = Paper::NearEnd;
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

async fn talk(mut line: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    let mut waiting = Vec::new();
    loop {
        let n = line.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        waiting.extend_from_slice(&buffer[..n]);
        let mut answers = Vec::new();
        let dies = {
            let mut state = state.lock().unwrap();
            waiting = take(&waiting, &mut state, &mut answers);
            !state.printed.is_empty() && std::mem::take(&mut state.dies)
        };
        if dies {
            return Ok(());
        }
        line.write_all(&answers).await?;
    }
}

/// Answers questions and keeps the rest. A question cut in two waits for its end.
fn take(bytes: &[u8], state: &mut State, answers: &mut Vec<u8>) -> Vec<u8> {
    let (printer, paper) = match state.paper {
        Paper::There => (0x12, 0x12),
        Paper::NearEnd => (0x12, 0x1e),
        Paper::End => (0x1a, 0x7e),
    };
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match rest {
            [0x10, 0x04, 1, ..] => answers.push(printer),
            [0x10, 0x04, 4, ..] => answers.push(paper),
            [0x10, 0x04, _, ..] => {}
            [0x1d, b'r', 1, ..] if state.answers_in_turn && state.paper != Paper::End => {
                answers.push(0);
            }
            [0x1d, b'r', 1, ..] => {}
            [0x10, 0x04] | [0x10 | 0x1d] | [0x1d, b'r'] => return rest.to_vec(),
            [0x1d, b'v', b'0', _, xl, xh, yl, yh, ..] => {
                // A picture is not looked at for questions.
                let wide = usize::from(u16::from_le_bytes([*xl, *xh]));
                let high = usize::from(u16::from_le_bytes([*yl, *yh]));
                let end = 8 + wide * high;
                if rest.len() < end {
                    return rest.to_vec();
                }
                state.printed.extend_from_slice(&rest[..end]);
                at += end;
                continue;
            }
            [0x1d, b'v', ..] if rest.len() < 8 => return rest.to_vec(),
            [byte, ..] => {
                state.printed.push(*byte);
                at += 1;
                continue;
            }
            [] => break,
        }
        at += 3;
    }
    Vec::new()
}
