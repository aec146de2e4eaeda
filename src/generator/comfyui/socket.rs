//! The socket on which ComfyUI tells how far a prompt is.
//!
//! It is a convenience: what counts is asked for over HTTP. A socket that breaks is not reopened,
//! because a second one with the same id was seen to stay silent (ComfyUI#16010), and messages go
//! to the id that the prompt was posted with.

use std::collections::HashMap;

use bytes::Bytes;
use futures::StreamExt;
use reqwest::header::HOST;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::generator::wire::{Wire, plain};

/// Longest message, in bytes: a preview of a large painting as PNG.
const MESSAGE_BYTES: usize = 16 << 20;
/// Binary messages: what the first four bytes say (big endian).
const PREVIEW: u32 = 1;
const PREVIEW_WITH_METADATA: u32 = 4;

/// An open socket.
#[derive(Debug)]
pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What comes over a socket.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// Something is being done for us.
    Sign,
    /// Nodes and how far each is, 0 to 1: all that were begun.
    Nodes(HashMap<String, f32>),
    /// How far one node is, 0 to 1.
    Node(String, f32),
    /// What the painting looks like so far: an encoded picture.
    Preview(Bytes),
    /// It ended, one way or the other.
    Ended,
    /// Nothing that concerns the prompt.
    Other,
}

impl Socket {
    /// Opens one under `client`, an id of ours that was never used.
    ///
    /// # Errors
    /// In words.
    pub(super) async fn open(wire: &Wire, client: &str) -> Result<Self, String> {
        let mut url = wire.url(&format!("/ws?clientId={client}"));
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme)
            .map_err(|()| "no address for a socket".to_owned())?;
        let request = url.as_str().into_client_request();
        let mut request: Request<()> = request.map_err(|e| e.to_string())?;
        // No Origin among them: servers on loopback refuse one that is not theirs.
        for (name, value) in &wire.address.headers {
            if name != HOST {
                request.headers_mut().insert(name, value.clone());
            }
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES))
            .max_frame_size(Some(MESSAGE_BYTES))
            .read_buffer_size(16 << 10)
            .write_buffer_size(4 << 10);
        let opening = connect_async_with_config(request, Some(config), true);
        match tokio::time::timeout(wire.patience.control, opening).await {
            Ok(Ok((stream, _))) => Ok(Self(stream)),
            Ok(Err(e)) => Err(plain(&e.to_string())),
            Err(_) => Err("no answer".to_owned()),
        }
    }

    /// The next word about `prompt`; `None` once the socket is closed or broken.
    /// Cancel safe: no word is lost.
    pub(super) async fn next(&mut self, prompt: &str) -> Option<Word> {
        match self.0.next().await?.ok()? {
            Message::Text(text) => {
                Some(serde_json::from_str(&text).map_or(Word::Other, |m| word(&m, prompt)))
            }
            Message::Binary(bytes) => Some(picture(&bytes, prompt)),
            Message::Close(_) => None,
            _ => Some(Word::Other),
        }
    }
}

fn word(message: &Value, prompt: &str) -> Word {
    let kind = message
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(data) = message.get("data") else {
        return Word::Other;
    };
    if data.get("prompt_id").and_then(Value::as_str) != Some(prompt) {
        return Word::Other;
    }
    let node = data.get("node");
    match kind {
        "progress_state" => {
            let nodes = data.get("nodes").and_then(Value::as_object);
            let far = |(id, n): (&String, &Value)| {
                let finished = n.get("state").and_then(Value::as_str) == Some("finished");
                (id.clone(), if finished { 1.0 } else { share(n) })
            };
            Word::Nodes(nodes.into_iter().flatten().map(far).collect())
        }
        "progress" => match node.and_then(Value::as_str) {
            Some(node) => Word::Node(node.to_owned(), share(data)),
            None => Word::Sign,
        },
        "executing" if node.is_none_or(Value::is_null) => Word::Ended,
        "executing" => Word::Node(
            node.and_then(Value::as_str).unwrap_or_default().to_owned(),
            0.0,
        ),
        // History may still be empty at `execution_success`: wait for `executing` null.
        "execution_error" | "execution_interrupted" => Word::Ended,
        _ => Word::Sign,
    }
}

fn share(of: &Value) -> f32 {
    let number = |key: &str| of.get(key).and_then(Value::as_f64).unwrap_or_default();
    let (value, max) = (number("value"), number("max"));
    if max > 0.0 {
        (value / max).clamp(0.0, 1.0) as f32
    } else {
        0.0
    }
}

fn picture(bytes: &Bytes, prompt: &str) -> Word {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    match number(0) {
        // Four more bytes say JPEG or PNG; the decoder looks for itself.
        Some(PREVIEW) if bytes.len() > 8 => Word::Preview(bytes.slice(8..)),
        Some(PREVIEW_WITH_METADATA) => {
            let end = number(4).and_then(|n| 8_usize.checked_add(usize::try_from(n).ok()?));
            let Some(metadata) = end.and_then(|end| bytes.get(8..end)) else {
                return Word::Other;
            };
            let metadata: Value = serde_json::from_slice(metadata).unwrap_or_default();
            if metadata.get("prompt_id").and_then(Value::as_str) != Some(prompt) {
                return Word::Other;
            }
            Word::Preview(bytes.slice(end.unwrap_or(bytes.len())..))
        }
        _ => Word::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_about_other_prompts_mean_nothing() {
        let message = |kind: &str, data: Value| json!({"type": kind, "data": data});
        for (message, means) in [
            (message("status", json!({"status": {}})), Word::Other),
            (
                message("executing", json!({"node": null, "prompt_id": "other"})),
                Word::Other,
            ),
            (
                message("executing", json!({"node": null, "prompt_id": "p"})),
                Word::Ended,
            ),
            (
                message("executing", json!({"node": "3", "prompt_id": "p"})),
                Word::Node("3".into(), 0.0),
            ),
            (
                message(
                    "progress",
                    json!({"node": "3", "value": 1, "max": 4, "prompt_id": "p"}),
                ),
                Word::Node("3".into(), 0.25),
            ),
            (
                message("execution_success", json!({"prompt_id": "p"})),
                Word::Sign,
            ),
            (
                message("something_new", json!({"prompt_id": "p"})),
                Word::Sign,
            ),
            (json!([1]), Word::Other),
        ] {
            assert_eq!(word(&message, "p"), means, "{message}");
        }
        let state = json!({"type": "progress_state", "data": {"prompt_id": "p", "nodes": {
            "1": {"value": 1.0, "max": 1.0, "state": "finished"}, "2": {"value": 3, "max": 4, "state": "running"}, "3": {"value": 0, "max": 0}}}});
        let Word::Nodes(nodes) = word(&state, "p") else {
            panic!()
        };
        assert_eq!((nodes["1"], nodes["2"], nodes["3"]), (1.0, 0.75, 0.0));
    }

    #[test]
    fn previews_come_in_two_wrappings() {
        let plain = [&[0, 0, 0, 1, 0, 0, 0, 2][..], b"\x89PNG"].concat();
        assert_eq!(
            picture(&plain.into(), "p"),
            Word::Preview(Bytes::from_static(b"\x89PNG"))
        );
        let wrapped = |metadata: &str| {
            let length = u32::try_from(metadata.len()).unwrap().to_be_bytes();
            Bytes::from([&[0, 0, 0, 4][..], &length, metadata.as_bytes(), b"\xff\xd8"].concat())
        };
        let ours = wrapped(r#"{"prompt_id":"p"}"#);
        assert_eq!(
            picture(&ours, "p"),
            Word::Preview(Bytes::from_static(b"\xff\xd8"))
        );
        assert_eq!(picture(&ours, "q"), Word::Other);
        for broken in [
            &b""[..],
            b"\0\0\0\x04",
            b"\0\0\0\x04\xff\xff\xff\xff{}",
            b"\0\0\0\x01\0\0\0\x02",
            b"\0\0\0\x09abcdefgh",
        ] {
            assert_eq!(picture(&Bytes::copy_from_slice(broken), "p"), Word::Other);
        }
    }
}
