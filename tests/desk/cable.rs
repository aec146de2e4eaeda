//! A cable to an IPP printer that breaks at a chosen moment of a chosen request.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

/// The moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// The printer hears nothing of the request.
    Before(u16),
    /// The printer hears its beginning only.
    Within(u16),
    /// The printer has done what it was asked, and its answer is lost.
    After(u16),
}

/// A cable. Whole, until it is told to break; the request at which it breaks gets no answer.
#[derive(Debug)]
pub(crate) struct Cable {
    port: u16,
    state: Arc<State>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct State {
    printer: u16,
    /// When, and how many such moments are let pass before.
    moment: Mutex<Option<(Break, u32)>>,
    broken: Notify,
}

impl Cable {
    /// A cable to the printer at that port.
    pub(crate) async fn to(printer: u16) -> Self {
        Self::with(printer, false).await
    }

    /// One that carries TLS only: who asks in the clear is answered that TLS is required.
    pub(crate) async fn for_tls_only(printer: u16) -> Self {
        Self::with(printer, true).await
    }

    async fn with(printer: u16, tls_only: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            printer,
            moment: Mutex::default(),
            broken: Notify::new(),
        });
        let carrying = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let state = Arc::clone(&carrying);
                tokio::spawn(async move {
                    let _ = match tls_only {
                        true => carry_tls(caller, state.printer).await,
                        false => carry(caller, &state).await,
                    };
                });
            }
        });
        Self {
            port,
            state,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub(crate) fn uri(&self) -> String {
        self.uri_of("ipp/print")
    }

    /// The same, of what has another path there.
    pub(crate) fn uri_of(&self, path: &str) -> String {
        format!("ipp://127.0.0.1:{}/{path}", self.port)
    }

    /// Breaks at that moment, once.
    pub(crate) fn breaks(&self, moment: Break) {
        self.breaks_after(0, moment);
    }

    /// Breaks at that moment, once, after so many of its kind.
    pub(crate) fn breaks_after(&self, pass: u32, moment: Break) {
        *self.state.moment.lock().unwrap() = Some((moment, pass));
    }

    /// Returns once it has broken. From then on it is whole again.
    pub(crate) async fn broken(&self) {
        self.state.broken.notified().await;
    }
}

/// The first byte of a TLS connection: the content type "handshake".
const HANDSHAKE: u8 = 0x16;

/// Carries TLS as it is, and refuses all else (RFC 2817, 4.2).
async fn carry_tls(mut caller: TcpStream, printer: u16) -> std::io::Result<()> {
    let mut first = [0];
    caller.peek(&mut first).await?;
    if first == [HANDSHAKE] {
        let mut printer = TcpStream::connect(("127.0.0.1", printer)).await?;
        return copy_bidirectional(&mut caller, &mut printer)
            .await
            .map(drop);
    }
    read_message(&mut caller).await?;
    let refusal = "HTTP/1.1 426 Upgrade Required\r\nupgrade: TLS/1.2\r\nconnection: upgrade\r\n\
                   content-length: 0\r\n\r\n";
    caller.write_all(refusal.as_bytes()).await
}

/// Carries one request and its answer.
async fn carry(mut caller: TcpStream, state: &State) -> std::io::Result<()> {
    let mut printer = TcpStream::connect(("127.0.0.1", state.printer)).await?;
    let request = tokio::select! {
        request = read_message(&mut caller) => request?,
        // It never speaks first: it has closed the line, or died.
        _ = printer.readable() => return Ok(()),
    };
    let moment = {
        let mut moment = state.moment.lock().unwrap();
        let operation = operation_of(&request);
        let is_meant = moment.is_some_and(|(m, _)| {
            let (Break::Before(op) | Break::Within(op) | Break::After(op)) = m;
            Some(op) == operation
        });
        match moment.as_mut() {
            Some((_, pass)) if is_meant && *pass > 0 => {
                *pass -= 1;
                None
            }
            Some(_) if is_meant => moment.take().map(|(moment, _)| moment),
            _ => None,
        }
    };
    if let Some(Break::Before(_)) = moment {
        drop(printer);
        return silence(caller, state).await;
    }
    if let Some(Break::Within(_)) = moment {
        printer.write_all(&request[..request.len() - 1]).await?;
        printer.shutdown().await?;
        drop(printer);
        return silence(caller, state).await;
    }
    printer.write_all(&request).await?;
    let answer = read_message(&mut printer).await?;
    if let Some(Break::After(_)) = moment {
        drop(printer);
        return silence(caller, state).await;
    }
    caller.write_all(&answer).await
}

/// Says that it is broken, and holds the line until the caller goes away.
async fn silence(mut caller: TcpStream, state: &State) -> std::io::Result<()> {
    state.broken.notify_one();
    let mut rest = [0; 64];
    while caller.read(&mut rest).await? > 0 {}
    Ok(())
}

/// One HTTP message with a length, or chunks that end in an empty one.
pub(super) async fn read_message(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(head) = find(&message, b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&message[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|length| length.trim().parse::<usize>().ok());
            let body = head + 4;
            let whole = match length {
                Some(length) => message.len() >= body + length,
                None if text.contains("chunked") => message.ends_with(b"\r\n0\r\n\r\n"),
                None => true,
            };
            // "100 Continue" is a head of its own before the answer.
            if whole && !text.starts_with("http/1.1 100") {
                return Ok(message);
            }
            if whole {
                message.drain(..body);
                continue;
            }
        }
        match from.read(&mut buffer).await? {
            0 => return Ok(message),
            n => message.extend_from_slice(&buffer[..n]),
        }
    }
}

/// Which operation an IPP request asks for: two bytes of version, two of operation.
pub(super) fn operation_of(request: &[u8]) -> Option<u16> {
    let body = find(request, b"\r\n\r\n")? + 4;
    Some(u16::from_be_bytes([
        *request.get(body + 2)?,
        *request.get(body + 3)?,
    ]))
}

pub(super) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
