//! A connection by hand, for what a client library would not do.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Visitor, in_time};

/// An upload that stands still between its header and its body.
#[derive(Debug)]
pub(crate) struct HalfUpload {
    stream: TcpStream,
    body: Vec<u8>,
}

impl HalfUpload {
    /// Sends the header and waits until the booth asks for the body: from then on the upload is in
    /// its hands.
    pub(crate) async fn begins(visitor: &Visitor, body: Vec<u8>) -> Self {
        let host = visitor.door.authority();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let (id, token, length) = (&visitor.id, &visitor.token, body.len());
        let head = format!(
            "POST /api/v1/sessions/{id}/captures HTTP/1.1\r\nhost: {host}\r\n\
             authorization: Bearer {token}\r\ncontent-type: image/jpeg\r\n\
             content-length: {length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut asked = [0; 25];
        let asking = stream.read_exact(&mut asked);
        in_time("100 Continue", asking).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { stream, body }
    }

    /// Sends the body; returns the answer's status line, header and body as they came.
    pub(crate) async fn ends(mut self) -> String {
        self.stream.write_all(&self.body).await.unwrap();
        let mut answer = Vec::new();
        let reading = self.stream.read_to_end(&mut answer);
        in_time("the answer", reading).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}
