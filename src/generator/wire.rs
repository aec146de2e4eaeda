//! HTTP to a server that may be broken, slow, or not what it claims to be.
//!
//! Every call has an end in time and in bytes. Nothing is asked of a host that settings do not
//! name: redirects are not followed, and what the operator gave for one server (keys, query) is
//! sent to that server alone.

mod error;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde_json::Value;

use super::GeneratorError;

pub(super) use error::WireError;

/// A control answer may be so long, in bytes: `/queue` and `/object_info` carry whole graphs.
const ANSWER_BYTES: usize = 8 << 20;
/// Of a refusal we read no more than this, in bytes.
const REFUSAL_BYTES: usize = 64 << 10;
/// A painting may be so large, encoded, in bytes: a PNG of 16 megapixels.
const PICTURE_BYTES: usize = 64 << 20;

/// Where a server is, and what it wants to be shown.
#[derive(Debug, Clone)]
pub struct Address {
    /// Its base; paths are put behind it.
    pub base: Url,
    /// Sent with every call to it, the upgrade of a WebSocket included.
    pub headers: HeaderMap,
    /// Put behind every address of it: `token=…`.
    pub query: Option<String>,
    /// Other hosts its pictures may be fetched from. They are shown neither headers nor query.
    pub picture_hosts: Vec<String>,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A call that only asks or tells: connection, answer and all.
    pub control: Duration,
    /// A photo on its way up or a painting on its way down.
    pub transfer: Duration,
    /// Between two looks at work that is under way.
    pub poll: Duration,
    /// A running painting without any sign of life: the server is stuck.
    pub stall: Duration,
    /// The same for the first painting of a style, when a model has to be loaded.
    pub first: Duration,
    /// A service that answers only when it is done.
    pub answer: Duration,
    /// In the queue of a service that starts workers as it likes.
    pub queue: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            control: Duration::from_secs(3),
            transfer: Duration::from_secs(30),
            poll: Duration::from_secs(2),
            stall: Duration::from_secs(90),
            // Models of 20 GB from a slow disk were seen to take 300 to 400 s (ComfyUI#10093).
            first: Duration::from_secs(420),
            answer: Duration::from_secs(180),
            queue: Duration::from_secs(45),
        }
    }
}

/// One server, as this house talks to it.
#[derive(Debug)]
pub(super) struct Wire {
    http: Client,
    pub(super) address: Address,
    pub(super) patience: Patience,
}

impl Wire {
    pub(super) fn new(address: Address, patience: Patience) -> Self {
        let http = bare_client()
            .connect_timeout(patience.control)
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("easel/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the client has only constant options");
        Self {
            http,
            address,
            patience,
        }
    }

    /// The address of `path` (may hold a query) at this server.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.address.base.clone();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        let ours = self.address.query.as_deref().unwrap_or_default();
        let query: Vec<&str> = [query, ours]
            .into_iter()
            .filter(|q| !q.is_empty())
            .collect();
        url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
        url
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.to(Method::GET, path)
    }

    /// Like [`Self::get`], with more to the query; names and values are escaped.
    pub(super) fn get_with(&self, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(query);
        let headers = self.address.headers.clone();
        self.http.get(url).headers(headers)
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.to(Method::POST, path)
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        let headers = self.address.headers.clone();
        self.http.request(method, self.url(path)).headers(headers)
    }

    /// A short question with a short answer in JSON, asked once more if its connection breaks:
    /// servers close idle ones as they like.
    pub(super) async fn ask(&self, request: RequestBuilder) -> Result<Value, WireError> {
        let again = request.try_clone();
        match (self.json(request, self.patience.control).await, again) {
            (Err(WireError::Broken(_)), Some(again)) => {
                self.json(again, self.patience.control).await
            }
            (answer, _) => answer,
        }
    }

    /// An answer in JSON, whole within `time`.
    pub(super) async fn json(
        &self,
        request: RequestBuilder,
        time: Duration,
    ) -> Result<Value, WireError> {
        let body = self.body(request, time, ANSWER_BYTES).await?;
        serde_json::from_slice(&body).map_err(|_| WireError::NotJson(start_of(&body)))
    }

    /// An answer in JSON that may carry pictures, whole within `time`.
    pub(super) async fn large_json(
        &self,
        request: RequestBuilder,
        time: Duration,
    ) -> Result<Value, WireError> {
        // In base64 three bytes are four characters.
        let body = self.body(request, time, PICTURE_BYTES / 3 * 4).await?;
        serde_json::from_slice(&body).map_err(|_| WireError::NotJson(start_of(&body)))
    }

    /// Tells something; the answer's body means nothing.
    pub(super) async fn tell(&self, request: RequestBuilder) -> Result<(), WireError> {
        let time = self.patience.control;
        self.body(request, time, ANSWER_BYTES).await.map(drop)
    }

    /// A picture, unchecked.
    pub(super) async fn picture(&self, request: RequestBuilder) -> Result<Bytes, WireError> {
        self.body(request, self.patience.transfer, PICTURE_BYTES)
            .await
    }

    /// A picture at an address that the server named: only from hosts that settings name, and
    /// without showing them what is for the server. It is paid for: if it cannot be fetched now, it
    /// may be later.
    pub(super) async fn picture_at(&self, url: &str) -> Result<Bytes, GeneratorError> {
        let parsed = Url::parse(url)
            .ok()
            .filter(|u| matches!(u.scheme(), "http" | "https"));
        let host = parsed.as_ref().and_then(Url::host_str).unwrap_or_default();
        let named = |ours: &String| ours.eq_ignore_ascii_case(host);
        let Some(url) = parsed
            .as_ref()
            .filter(|_| self.address.picture_hosts.iter().any(named))
        else {
            return Err(GeneratorError::Unfit(format!(
                "its picture lies at \"{host}\", which is none of its picture_hosts"
            )));
        };
        let picture = self.picture(self.http.get(url.clone())).await;
        picture.map_err(|e| match e.is_of_the_line() {
            true => GeneratorError::MaybeStillComing(e.to_string()),
            false => e.about_a_picture(),
        })
    }

    async fn body(
        &self,
        request: RequestBuilder,
        time: Duration,
        limit: usize,
    ) -> Result<Bytes, WireError> {
        let failed = |e: reqwest::Error| {
            let words = root(&e);
            if e.is_connect() {
                WireError::Unreachable(words)
            } else if e.is_timeout() {
                WireError::TimedOut(time)
            } else {
                WireError::Broken(words)
            }
        };
        // The whole exchange ends in time, the last byte of the answer included.
        let response = request.timeout(time).send().await.map_err(failed)?;
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(reqwest::header::LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
            return Err(WireError::SentOn(plain(to)));
        }
        if status.is_success() {
            return read(response, limit).await?.map_err(failed);
        }
        let retry_after = retry_after(&response);
        let text = match read(response, REFUSAL_BYTES).await {
            Ok(Ok(body)) => String::from_utf8_lossy(&body).into_owned(),
            _ => String::new(),
        };
        Err(WireError::Said {
            status,
            text,
            retry_after,
        })
    }
}

/// A client that asks only who it is told to ask: it follows no redirect, tells nobody where it
/// comes from, and goes through no proxy, for the environment is for settings to read.
pub(crate) fn bare_client() -> reqwest::ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
}

/// Reads a body up to `limit`; a longer one is not read to its end.
async fn read(
    mut response: Response,
    limit: usize,
) -> Result<Result<Bytes, reqwest::Error>, WireError> {
    let long = WireError::TooLong { limit };
    if response.content_length().is_some_and(|n| n > limit as u64) {
        return Err(long);
    }
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(long),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Ok(body.freeze())),
            Err(e) => return Ok(Err(e)),
        }
    }
}

/// `Retry-After` in seconds (RFC 9110); the form with a date is passed over.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    // A server that wants us back tomorrow is of no use today; the number only has to be sane.
    let seconds: u64 = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3_600)))
}

/// What lies at the bottom of a chain of errors: "connection refused" rather than "error sending
/// request".
fn root(e: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = e;
    while let Some(deeper) = source.source() {
        source = deeper;
    }
    plain(&source.to_string())
}

/// The beginning of what a server said, fit for a log.
pub(super) fn plain(text: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let short: String = text.trim().chars().map(printable).take(200).collect();
    short.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn start_of(body: &[u8]) -> String {
    plain(&String::from_utf8_lossy(&body[..body.len().min(400)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(base: &str, query: Option<&str>) -> Wire {
        let address = Address {
            base: base.parse().unwrap(),
            headers: HeaderMap::new(),
            query: query.map(str::to_owned),
            picture_hosts: vec!["pictures.example".to_owned()],
        };
        Wire::new(address, Patience::default())
    }

    #[test]
    fn paths_and_queries_are_put_behind_the_base() {
        for (base, query, path, url) in [
            ("http://h:1", None, "/queue", "http://h:1/queue"),
            ("http://h:1/", None, "/view?a=b", "http://h:1/view?a=b"),
            (
                "http://h/p/",
                Some("token=x"),
                "/ws",
                "http://h/p/ws?token=x",
            ),
            ("http://h", Some("t=1"), "/v?a=b", "http://h/v?a=b&t=1"),
        ] {
            assert_eq!(wire(base, query).url(path).as_str(), url);
        }
    }

    #[tokio::test]
    async fn pictures_come_from_named_hosts_only() {
        let wire = wire("http://h", None);
        for strange in [
            "http://elsewhere.example/a.png",
            "file:///etc/passwd",
            "no url",
        ] {
            let e = wire.picture_at(strange).await.unwrap_err();
            assert!(matches!(e, GeneratorError::Unfit(_)), "{e}");
        }
    }

    #[test]
    fn what_servers_say_is_made_plain() {
        assert_eq!(plain(" a\n\tb\u{1b}[31m  c "), "a b [31m c");
        assert_eq!(plain(&"x".repeat(1_000)).len(), 200);
    }
}
