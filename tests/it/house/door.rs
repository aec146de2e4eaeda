//! One listener, asked over HTTP.

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// A listener of a booth.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    http: reqwest::Client,
    base: String,
}

impl Door {
    /// The listener at `base`, such as `http://127.0.0.1:8080`.
    pub(crate) fn at(base: impl Into<String>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            http,
            base: base.into(),
        }
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    /// Begins a request to `path`, which is taken as it is.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask {
        Ask(self.http.request(method, format!("{}{path}", self.base)))
    }

    pub(crate) fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask {
        self.ask(Method::POST, path)
    }
}

/// A request in the making.
#[derive(Debug)]
#[must_use]
pub(crate) struct Ask(RequestBuilder);

impl Ask {
    pub(crate) fn bearing(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub(crate) fn bytes(self, kind: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("content-type", kind).body(body))
    }

    /// The answer, whole.
    pub(crate) async fn answer(self) -> Answer {
        self.try_answer().await.unwrap()
    }

    /// The answer, or what broke the connection.
    pub(crate) async fn try_answer(self) -> reqwest::Result<Answer> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// The answer as it comes.
    pub(crate) async fn response(self) -> reqwest::Response {
        self.0.send().await.unwrap()
    }
}

/// What a listener answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// It was granted with that status; its JSON, `null` if it has none.
    #[track_caller]
    pub(crate) fn granted(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        if self.body.is_empty() {
            return Value::Null;
        }
        self.json()
    }

    /// It was refused with that status and code, as problem details.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for word in ["type", "title", "detail"] {
            let said = problem[word].as_str().unwrap_or_default();
            assert!(!said.is_empty(), "no {word} in {problem}");
        }
        problem
    }

    /// A header; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let name: HeaderName = name.parse().unwrap();
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// How long it says to wait, in seconds: at least one.
    #[track_caller]
    pub(crate) fn retry_after(&self) -> u64 {
        let seconds = self.header("retry-after").parse().unwrap();
        assert!(seconds > 0, "come back at once?");
        seconds
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}
