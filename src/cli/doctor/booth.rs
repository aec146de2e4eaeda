//! Asks the booth that runs: it looks from where its work is done.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};

use crate::app::Contact;
use crate::doctor::{ALTOGETHER, Report, Verdict};

/// A booth that does not say within this time that it lives does not.
const LIVES_WITHIN: Duration = Duration::from_secs(10);
/// It ends its looks itself; beyond that it hangs.
const DONE_WITHIN: Duration = ALTOGETHER.saturating_add(Duration::from_secs(10));

/// What the booth at `contact` says of itself; or why it says nothing, and what to do about it.
pub(super) async fn asked(contact: &Contact, address: &str) -> Result<Report, Verdict> {
    let hangs = |error: reqwest::Error| {
        if error.is_timeout() {
            Verdict::wrong(format!(
                "the booth at {address} runs and does not answer: it hangs; start it anew \
                 (systemctl restart easel)"
            ))
        } else {
            Verdict::wrong(format!("the booth at {address} does not answer: {error:#}"))
        }
    };
    let http = Client::builder().no_proxy().build();
    let http = http.map_err(Verdict::wrong)?;
    let lives = http.get(format!("{address}/healthz")).timeout(LIVES_WITHIN);
    lives.send().await.map_err(hangs)?;
    let look = http
        .post(format!("{address}/api/v1/doctor"))
        .bearer_auth(contact.proof.reveal())
        .timeout(DONE_WITHIN);
    let answer = look.send().await.map_err(hangs)?;
    if answer.status() != StatusCode::OK {
        return Err(refused(&answer));
    }
    let body = answer.bytes().await.map_err(hangs)?;
    serde_json::from_slice(&body)
        .map_err(|_| Verdict::wrong("the booth's answer does not read: is it of another version?"))
}

fn refused(answer: &Response) -> Verdict {
    match answer.status() {
        StatusCode::SERVICE_UNAVAILABLE => {
            Verdict::wrong("somebody else asks the booth just now: ask again in a moment")
        }
        StatusCode::UNAUTHORIZED => Verdict::wrong(
            "the booth was started anew meanwhile, or another one answers in its place: ask again",
        ),
        status => Verdict::wrong(format!(
            "the booth answers {status}: is it of another version?"
        )),
    }
}
