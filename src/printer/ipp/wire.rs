//! IPP over HTTP (RFC 8010): one request, one bounded answer, in bounded time.
//!
//! A printer that speaks an older version, wants TLS, or has moved says so in its answer, without
//! having done anything: it is asked again in its way, and from then on at once.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ipp::attribute::{IppAttribute, IppAttributeGroup, IppAttributes};
use ipp::model::{DelimiterTag, IppVersion, Operation, StatusCode};
use ipp::parser::{IppParseError, IppParser};
use ipp::request::IppRequestResponse;
use ipp::value::IppValue;
use reqwest::{Client, StatusCode as Http, Url, header, redirect};

use super::attributes::Attributes;
use super::pin::Pin;
use crate::printer::{PrinterError, Trouble};

/// A printer that is there answers a connection at once; one that is not should not hold us up.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest answer to a question.
const ANSWER: Duration = Duration::from_secs(10);
/// The longest a document may take: a printer without memory reads as fast as it prints.
const DOCUMENT: Duration = Duration::from_secs(120);
/// All attributes of a chatty printer are some 40 kB.
const MOST_BYTES: usize = 1024 * 1024;
/// Who the booth says it is.
const USER: &str = "easel";
/// So often may one request be sent on: to another version, to TLS, to another address.
const DETOURS: u32 = 4;

/// A printer's address, and how to talk to it.
#[derive(Debug)]
pub(super) struct Wire {
    http: Client,
    route: Mutex<Route>,
    pin: Arc<Pin>,
    /// As the printer knows itself: `ipp://…`.
    uri: String,
    /// How often it could not be reached.
    misses: AtomicU64,
}

/// How the printer wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    url: Url,
    version: IppVersion,
}

/// What a printer answered.
#[derive(Debug)]
pub(super) struct Reply {
    /// How it went.
    pub(super) status: StatusCode,
    attributes: IppAttributes,
}

impl Reply {
    /// Whether it did what it was asked.
    pub(super) fn is_fine(&self) -> bool {
        (self.status as u16) < 0x0100
    }

    /// The attributes that it did not look at, or put others in the place of, while it did the rest
    /// (RFC 8011, 4.1.7).
    pub(super) fn ignored(&self) -> Vec<&str> {
        let unsupported = DelimiterTag::UnsupportedAttributes;
        let groups = self.attributes.groups_of(unsupported);
        let attributes = groups.flat_map(IppAttributeGroup::attributes);
        attributes.map(|a| a.name().as_str()).collect()
    }

    /// Whether somebody else might do it.
    pub(super) fn is_forbidden(&self) -> bool {
        matches!(
            self.status,
            StatusCode::ClientErrorForbidden
                | StatusCode::ClientErrorNotAuthenticated
                | StatusCode::ClientErrorNotAuthorized
        )
    }

    /// The first group about the printer itself.
    pub(super) fn printer(&self) -> Attributes<'_> {
        Attributes(self.attributes.first_of(DelimiterTag::PrinterAttributes))
    }

    /// A group for each job.
    pub(super) fn jobs(&self) -> impl Iterator<Item = Attributes<'_>> {
        let groups = self.attributes.groups_of(DelimiterTag::JobAttributes);
        groups.map(|group| Attributes(Some(group)))
    }

    /// Why not, in the printer's own words where it has some.
    pub(super) fn says(&self) -> String {
        let operation = Attributes(self.attributes.first_of(DelimiterTag::OperationAttributes));
        let mut said = operation
            .text("status-message")
            .unwrap_or_else(|| self.status.to_string());
        let names = self.ignored();
        if !names.is_empty() {
            said = format!("{said} ({})", names.join(", "));
        }
        said
    }

    /// This answer as the error it is, for callers that expected none.
    pub(super) fn error(&self) -> PrinterError {
        use StatusCode as S;
        let reason = self.says();
        match self.status {
            S::ClientErrorAttributesOrValuesNotSupported
            | S::ClientErrorConflictingAttributes
            | S::ClientErrorDocumentFormatNotSupported
            | S::ClientErrorDocumentFormatError
            | S::ClientErrorRequestEntityTooLong
            | S::ClientErrorBadRequest => PrinterError::Refused { reason },
            S::ClientErrorNotFound | S::ClientErrorGone => Trouble::NoSuchPrinter.with(reason),
            S::ClientErrorForbidden
            | S::ClientErrorNotAuthenticated
            | S::ClientErrorNotAuthorized => Trouble::Forbidden.with(reason),
            S::ServerErrorBusy
            | S::ServerErrorTemporaryError
            | S::ServerErrorServiceUnavailable
            | S::ServerErrorNotAcceptingJobs
            | S::ServerErrorInternalError
            | S::ServerErrorDeviceError
            | S::ClientErrorTimeout => PrinterError::Busy,
            _ => PrinterError::Disconnected(io::Error::other(format!("it answered: {reason}"))),
        }
    }
}

impl Wire {
    /// Talks to `uri`: `ipp://`, `ipps://`, `http://` or `https://`. `pin` is whom it trusts.
    ///
    /// # Errors
    /// [`PrinterError::Disconnected`] if it is no such address, or there is no TLS to be had.
    pub(super) fn new(uri: &str, pin: Arc<Pin>) -> Result<Self, PrinterError> {
        let wrong = |e: String| PrinterError::Disconnected(io::Error::other(e));
        let (scheme, rest) = uri.split_once("://").unwrap_or_default();
        let (http, port) = match scheme {
            "ipp" => ("http", Some(631)),
            "ipps" => ("https", Some(631)),
            "http" | "https" => (scheme, None),
            _ => return Err(wrong(format!("{uri} is no address of a printer"))),
        };
        let mut url: Url = format!("{http}://{rest}")
            .parse()
            .map_err(|e| wrong(format!("{uri}: {e}")))?;
        if let (None, Some(port)) = (url.port(), port) {
            // `http://host:80` parses to no port at all; nobody prints to an `ipp://host:80`.
            url.set_port(Some(port))
                .map_err(|()| wrong(format!("{uri} names no host")))?;
        }
        let client = Client::builder()
            .tls_backend_preconfigured(pin.tls()?)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .http1_only()
            // A printer that closes a connection at the wrong moment must not fail an order.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|e| wrong(e.to_string()))?;
        let secure = matches!(scheme, "ipps" | "https");
        let uri = format!("{}://{rest}", if secure { "ipps" } else { "ipp" });
        Ok(Self {
            http: client,
            route: Mutex::new(Route {
                url,
                version: IppVersion::v2_0(),
            }),
            pin,
            uri,
            misses: AtomicU64::default(),
        })
    }

    /// How often it could not be reached: the same number twice, and it was there all the while,
    /// as far as anybody asked.
    pub(super) fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    fn route(&self) -> Route {
        let route = self.route.lock().unwrap_or_else(PoisonError::into_inner);
        route.clone()
    }

    /// Where it listens.
    pub(super) fn host(&self) -> Option<(String, u16)> {
        let url = self.route().url;
        Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
    }

    /// The printer's address, as it names itself.
    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// Asks `operation`; `target` and `wishes` follow the printer's address.
    ///
    /// # Errors
    /// [`PrinterError`] if there is no answer to read. A refusal is an answer.
    pub(super) async fn ask(
        &self,
        operation: Operation,
        target: Vec<IppAttribute>,
        wishes: Vec<IppAttribute>,
    ) -> Result<Reply, PrinterError> {
        self.say(operation, &target, &wishes, &Bytes::new(), ANSWER)
            .await
    }

    /// The same, with a document after it.
    ///
    /// # Errors
    /// As [`Self::ask`]; then it is not known how much of the document arrived.
    pub(super) async fn send(
        &self,
        operation: Operation,
        target: Vec<IppAttribute>,
        document: &Bytes,
    ) -> Result<Reply, PrinterError> {
        self.say(operation, &target, &[], document, DOCUMENT).await
    }

    /// Asks in the printer's way, as soon as it is known.
    async fn say(
        &self,
        operation: Operation,
        target: &[IppAttribute],
        wishes: &[IppAttribute],
        document: &Bytes,
        limit: Duration,
    ) -> Result<Reply, PrinterError> {
        let mut route = self.route();
        for _ in 0..DETOURS {
            let head = self.request(route.version, operation, target, wishes)?;
            let mut body = BytesMut::with_capacity(head.len() + document.len());
            body.extend_from_slice(&head);
            body.extend_from_slice(document);
            let said = self.post(&route, body.freeze(), limit).await?;
            let detour = match said {
                Said::Answer(reply) if is_too_new(&reply, route.version) => Route {
                    version: IppVersion::v1_1(),
                    ..route
                },
                Said::Answer(reply) => {
                    *self.route.lock().unwrap_or_else(PoisonError::into_inner) = route;
                    self.pin.is_right();
                    return Ok(reply);
                }
                Said::Elsewhere(url) => Route { url, ..route },
            };
            tracing::info!(url = %detour.url, "the printer wants to be asked otherwise");
            route = detour;
        }
        Err(Trouble::NotAPrinter.with("it sends the booth from one address to the next".to_owned()))
    }

    fn request(
        &self,
        version: IppVersion,
        operation: Operation,
        target: &[IppAttribute],
        wishes: &[IppAttribute],
    ) -> Result<Bytes, PrinterError> {
        let unfit = |e: IppParseError| unfit(&e);
        let mut request = IppRequestResponse::new(version, operation, None).map_err(unfit)?;
        let group = DelimiterTag::OperationAttributes;
        let uri = IppValue::new_uri(self.uri.as_str()).map_err(unfit)?;
        let user = IppValue::new_name_without_language(USER).map_err(unfit)?;
        // RFC 8011, 4.1.5: the target comes third and, for a job, fourth.
        let attributes = request.attributes_mut();
        attributes.add(group, named("printer-uri", uri)?);
        let (ids, rest): (Vec<_>, Vec<_>) = target
            .iter()
            .cloned()
            .partition(|a| a.name().as_str() == "job-id");
        for attribute in ids {
            attributes.add(group, attribute);
        }
        attributes.add(group, named("requesting-user-name", user)?);
        for attribute in rest {
            attributes.add(group, attribute);
        }
        for wish in wishes {
            attributes.add(DelimiterTag::JobAttributes, wish.clone());
        }
        Ok(request.to_bytes())
    }

    async fn post(
        &self,
        route: &Route,
        body: Bytes,
        limit: Duration,
    ) -> Result<Said, PrinterError> {
        let asked = self
            .http
            .post(route.url.clone())
            .header(header::CONTENT_TYPE, "application/ipp")
            .timeout(limit)
            .body(body);
        let mut answer = match asked.send().await {
            Ok(answer) => answer,
            Err(e) => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                return Err(unheard(e, limit));
            }
        };
        let status = answer.status();
        if let Some(url) = elsewhere(&route.url, status, answer.headers()) {
            return Ok(Said::Elsewhere(url));
        }
        if !status.is_success() {
            return Err(refusal(status));
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| unheard(e, limit))? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                let said = "it answered more than a megabyte".to_owned();
                return Err(Trouble::NotAPrinter.with(said));
            }
            bytes.extend_from_slice(&chunk);
        }
        read(bytes.freeze()).map(Said::Answer)
    }
}

fn unheard(error: reqwest::Error, limit: Duration) -> PrinterError {
    if error.is_timeout() && !error.is_connect() {
        return PrinterError::TimedOut { after: limit };
    }
    let error = error.without_url();
    if let Some(trouble) = Pin::trouble(&error) {
        return PrinterError::Unusable {
            trouble,
            source: io::Error::other(error),
        };
    }
    PrinterError::Disconnected(io::Error::other(error))
}

/// What came back.
enum Said {
    Answer(Reply),
    /// Nothing was done: it is to be asked there.
    Elsewhere(Url),
}

/// Whether it knows older versions only (RFC 8011, 4.1.8).
fn is_too_new(reply: &Reply, asked: IppVersion) -> bool {
    reply.status == StatusCode::ServerErrorVersionNotSupported && asked != IppVersion::v1_1()
}

/// Where the printer wants to be asked instead: by TLS (RFC 2817, 4.2), or at another address.
fn elsewhere(url: &Url, status: Http, headers: &header::HeaderMap) -> Option<Url> {
    if status == Http::UPGRADE_REQUIRED {
        let port = url.port_or_known_default()?;
        let mut secure = url.clone();
        secure.set_scheme("https").ok()?;
        secure.set_port(Some(port)).ok()?;
        return (secure != *url).then_some(secure);
    }
    let moved = [
        Http::MOVED_PERMANENTLY,
        Http::FOUND,
        Http::TEMPORARY_REDIRECT,
        Http::PERMANENT_REDIRECT,
    ];
    if !moved.contains(&status) {
        return None;
    }
    let to = headers.get(header::LOCATION)?.to_str().ok()?;
    let to = match to.split_once("://") {
        Some(("ipp", rest)) => format!("http://{rest}"),
        Some(("ipps", rest)) => format!("https://{rest}"),
        _ => to.to_owned(),
    };
    let to = url.join(&to).ok()?;
    // Pictures of visitors go to the printer of the settings, and to no other machine.
    (to.host() == url.host() && to.scheme().starts_with("http")).then_some(to)
}

/// An answer of HTTP that is none of IPP.
fn refusal(status: Http) -> PrinterError {
    let said = format!("it answered HTTP {status}");
    match status.as_u16() {
        401 | 403 => Trouble::Forbidden.with(said),
        404 | 410 => Trouble::NoSuchPrinter.with(said),
        500..=599 => PrinterError::Disconnected(io::Error::other(said)),
        _ => Trouble::NotAPrinter.with(said),
    }
}

/// An attribute of that name.
///
/// # Errors
/// [`PrinterError::Refused`] for a name longer than IPP allows.
pub(super) fn named(name: &str, value: IppValue) -> Result<IppAttribute, PrinterError> {
    IppAttribute::with_name(name, value).map_err(|e| unfit(&e))
}

/// What IPP has no room for.
pub(super) fn unfit(error: &IppParseError) -> PrinterError {
    PrinterError::Refused {
        reason: error.to_string(),
    }
}

/// Reads an answer. The parser takes lengths inside values on trust and may panic on a damaged
/// one; that is the printer's fault and must not be ours.
fn read(bytes: Bytes) -> Result<Reply, PrinterError> {
    let parse = || IppParser::new(io::Cursor::new(bytes)).parse_parts();
    let unreadable = |e: String| Trouble::NotAPrinter.with(format!("its answer is no IPP: {e}"));
    let parsed = catch_unwind(AssertUnwindSafe(parse))
        .map_err(|_| unreadable("a value is longer than it may be".to_owned()))?;
    let (header, attributes, _) = parsed.map_err(|e| unreadable(e.to_string()))?;
    Ok(Reply {
        status: header.status_code(),
        attributes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_answer_is_said_and_harms_nobody() {
        // A text-with-language whose inner length points beyond the value.
        let mut damaged = vec![2, 0, 0, 0, 0, 0, 0, 1, 0x04, 0x35, 0, 1, b'x', 0, 4];
        damaged.extend([0xff, 0xff, b'e', b'n', 0x03]);
        for bytes in [damaged, vec![], vec![2, 0, 0, 0], vec![0xff; 64]] {
            let error = read(bytes.into()).unwrap_err();
            let trouble = matches!(
                error,
                PrinterError::Unusable {
                    trouble: Trouble::NotAPrinter,
                    ..
                }
            );
            assert!(trouble, "{error}");
        }
    }

    #[test]
    fn addresses_get_the_port_of_their_scheme() {
        let at = |uri| {
            let wire = Wire::new(uri, Arc::new(Pin::of(uri, None)));
            wire.map(|wire| (wire.route().url.to_string(), wire.uri))
        };
        let (url, uri) = at("ipp://printer.local/ipp/print").unwrap();
        assert_eq!(url, "http://printer.local:631/ipp/print");
        assert_eq!(uri, "ipp://printer.local/ipp/print");
        let (url, _) = at("ipps://[::1]:8631/ipp").unwrap();
        assert_eq!(url, "https://[::1]:8631/ipp");
        let (url, uri) = at("http://127.0.0.1:8633/printers/rx1").unwrap();
        assert_eq!(url, "http://127.0.0.1:8633/printers/rx1");
        assert_eq!(uri, "ipp://127.0.0.1:8633/printers/rx1");
        for wrong in ["printer", "ftp://printer/", "ipp://", "ipp://a b/"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_printer_may_send_us_on_but_to_no_other_machine() {
        let url: Url = "http://printer:631/ipp/print".parse().unwrap();
        let to = |status, location: &str| {
            let mut headers = header::HeaderMap::new();
            headers.insert(header::LOCATION, location.parse().unwrap());
            elsewhere(&url, status, &headers).map(|url| url.to_string())
        };
        let tls = Some("https://printer:631/ipp/print".to_owned());
        assert_eq!(to(Http::UPGRADE_REQUIRED, "x"), tls);
        assert_eq!(to(Http::FOUND, "ipps://printer:631/ipp/print"), tls);
        let path = Some("http://printer:631/ipp".to_owned());
        assert_eq!(to(Http::PERMANENT_REDIRECT, "/ipp"), path);
        assert_eq!(to(Http::FOUND, "http://elsewhere/ipp"), None);
        assert_eq!(to(Http::FOUND, "file:///etc/passwd"), None);
        assert_eq!(to(Http::OK, "/ipp"), None);
    }
}
