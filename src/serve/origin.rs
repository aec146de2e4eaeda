//! Who may talk to us in a browser's name: `Host`, `Origin`, and the headers that tell browsers
//! what our pages may do.
//!
//! The kiosk listener asks for no token, so a page from elsewhere must not reach it: not by another
//! origin's request, and not by a name that was made to point at this machine (DNS rebinding).

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::{Authority, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// The names under which a listener may be addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPolicy {
    /// Loopback names, with the listener's own port.
    Kiosk {
        /// The port it listens on.
        port: u16,
    },
    /// IP addresses, names without a dot or in `.local`, and the host of `public_url`; any port,
    /// since a front door may stand before it. A page elsewhere can make none of these point here.
    Public {
        /// What QR codes say, if it is set.
        public_url: Option<Uri>,
    },
}

/// Puts the checks before every route of `router`, and the headers on every answer.
///
/// A foreign `Host` is answered 421 `bad_host`, a foreign `Origin` 403 `bad_origin`. Handlers may
/// set headers of their own instead of ours. Apply it last, so that it is outermost.
pub fn guard(router: Router, policy: HostPolicy) -> Router {
    router.layer(from_fn_with_state(Arc::new(policy), check))
}

async fn check(State(policy): State<Arc<HostPolicy>>, request: Request, next: Next) -> Response {
    let refusal = match authority(&request) {
        Some(host) if policy.is_addressed(&host) => {
            (!policy.is_home(request.headers(), &host)).then_some(BAD_ORIGIN)
        }
        _ => Some(BAD_HOST),
    };
    let mut response = match refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    for (name, value) in policy.headers() {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// What the request says it is addressed to: the target's own authority (RFC 9112 §3.2.2), or else
/// its one `Host` header.
fn authority(request: &Request) -> Option<Authority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    host.to_str()
        .ok()?
        .parse()
        .ok()
        .filter(|a: &Authority| !a.as_str().contains('@'))
}

impl HostPolicy {
    fn is_addressed(&self, host: &Authority) -> bool {
        let name = bare(host);
        let localhost = name == "localhost";
        match self {
            Self::Kiosk { port } => {
                let loopback = localhost || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
                loopback && host.port_u16().unwrap_or(80) == *port
            }
            Self::Public { public_url } => {
                let ours = public_url
                    .as_ref()
                    .and_then(Uri::authority)
                    .is_some_and(|url| bare(url) == name);
                let here = name.parse::<IpAddr>().is_ok() || name.ends_with(".local");
                ours || here || is_bare_word(&name)
            }
        }
    }

    /// Whether the page that asks, if a browser names one, is ours.
    fn is_home(&self, headers: &HeaderMap, host: &Authority) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return true;
        };
        let origin: Option<Uri> = origin.to_str().ok().and_then(|text| text.parse().ok());
        let Some((scheme, from)) = origin
            .as_ref()
            .and_then(|uri| Some((uri.scheme_str()?, uri.authority()?)))
        else {
            return false;
        };
        let same =
            |ours: &Authority| bare(from) == bare(ours) && port(from, scheme) == port(ours, scheme);
        let ours = same(host) || self.is_front_door(scheme, from, headers, same);
        origins.next().is_none() && ours
    }

    /// Whether the page may be ours by the name of a front door that rewrites `Host`, as nginx's
    /// bare `proxy_pass` does: the one in `public_url`, one that the browser itself vouches for, or
    /// one that stands on this network without a name. Nothing hangs on this check alone: there are
    /// no cookies, and whatever the public listener grants it grants to a token.
    fn is_front_door(
        &self,
        scheme: &str,
        from: &Authority,
        headers: &HeaderMap,
        same: impl Fn(&Authority) -> bool,
    ) -> bool {
        let Self::Public { public_url } = self else {
            return false;
        };
        let named = public_url
            .as_ref()
            .filter(|url| url.scheme_str() == Some(scheme))
            .and_then(Uri::authority);
        // Set by browsers on pages of https and of this machine, and by no script (Fetch Metadata).
        let vouched = headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
        named.is_some_and(same) || vouched || is_local(&bare(from))
    }

    fn headers(&self) -> [(HeaderName, HeaderValue); 5] {
        const CONTENT: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
            connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        let permissions = match self {
            Self::Kiosk { .. } => "camera=(self), microphone=(), geolocation=()",
            Self::Public { .. } => "camera=(), microphone=(), geolocation=()",
        };
        [
            (
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ),
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            ),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(CONTENT),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(permissions),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ]
    }
}

/// The host without brackets and closing dot, in lower case.
fn bare(authority: &Authority) -> String {
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// A name without a dot: `localhost`, or what a proxy's settings call the booth (nginx sends the
/// name of an `upstream`, a container's is its service). No domain of the public DNS is one.
fn is_bare_word(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', ':'])
}

/// An address that only this network has: no page from elsewhere stands there.
fn is_local(name: &str) -> bool {
    match name.parse() {
        Ok(IpAddr::V4(v4)) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_unique_local() || v6.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".local"),
    }
}

fn port(authority: &Authority, scheme: &str) -> u16 {
    authority
        .port_u16()
        .unwrap_or(if scheme == "https" { 443 } else { 80 })
}

/// A refusal as problem details (RFC 9457).
#[derive(Debug, Clone, Copy)]
struct Refused {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: &'static str,
}

const BAD_HOST: Refused = Refused {
    status: StatusCode::MISDIRECTED_REQUEST,
    code: "bad_host",
    title: "Wrong address",
    detail: "The booth does not answer under this name.",
};

const BAD_ORIGIN: Refused = Refused {
    status: StatusCode::FORBIDDEN,
    code: "bad_origin",
    title: "Foreign page",
    detail: "Only the booth's own pages may ask this.",
};

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = serde_json::json!({
            "type": format!("urn:easel:problem:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, body.to_string()).into_response()
    }
}
