//! Hooks: how a server that costs money while it runs is switched on and off.

use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::generator::wire::bare_client;

/// How long a hook itself may take; what it starts may take longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// How much of what a program says is kept for the report.
const WORDS_KEPT: usize = 200;

/// A program to run, or an address to post to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "must be an address in quotes, or a program and its arguments as a list in [ ]"
)]
pub enum Hook {
    /// Posted to, with `{"server": id, "event": "start"}`; any answer of 200 to 299 is a yes.
    Post(String),
    /// Run without a shell, with `EASEL_SERVER` and `EASEL_EVENT`; exit code 0 is a yes.
    Command(Vec<String>),
}

/// What a hook is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Switch it on.
    Start,
    /// Switch it off.
    Stop,
    /// Start it anew: it is stuck.
    Restart,
}

/// Why a hook did not do it.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The program could not be run.
    #[error("{program} could not be run")]
    NoProgram {
        /// Its name.
        program: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It said no.
    #[error("the {0} hook said no: {1}")]
    No(&'static str, String),
    /// The address could not be posted to.
    #[error("the {ask} hook could not be posted")]
    Post {
        /// What for.
        ask: &'static str,
        /// What went wrong; without the address, which may hold a key.
        #[source]
        source: reqwest::Error,
    },
    /// It took too long.
    #[error("the {0} hook took longer than {PATIENCE:?}")]
    TimedOut(&'static str),
}

impl Ask {
    fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}

impl Hook {
    /// Whether it could work.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Post(url) => url
                .parse::<reqwest::Url>()
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()),
            Self::Command(words) => words.first().is_some_and(|program| !program.is_empty()),
        }
    }

    /// Does it. Dropping the future ends the program.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn run(&self, server: &str, ask: Ask) -> Result<(), HookError> {
        let work = async {
            match self {
                Self::Post(url) => post(url, server, ask).await,
                Self::Command(words) => command(words, server, ask).await,
            }
        };
        let done = tokio::time::timeout(PATIENCE, work).await;
        done.unwrap_or(Err(HookError::TimedOut(ask.as_str())))
    }
}

async fn post(url: &str, server: &str, ask: Ask) -> Result<(), HookError> {
    let failed = |source: reqwest::Error| HookError::Post {
        ask: ask.as_str(),
        source: source.without_url(),
    };
    let client = bare_client().timeout(PATIENCE).build().map_err(failed)?;
    let body = serde_json::json!({ "server": server, "event": ask.as_str() });
    let answer = client.post(url).json(&body).send().await.map_err(failed)?;
    if answer.status().is_success() {
        return Ok(());
    }
    // Where it is sent on to is not said: it may hold the key.
    if answer.status().is_redirection() {
        let words = format!("{}: it sends us on, which is not followed", answer.status());
        return Err(HookError::No(ask.as_str(), words));
    }
    Err(HookError::No(ask.as_str(), answer.status().to_string()))
}

async fn command(words: &[String], server: &str, ask: Ask) -> Result<(), HookError> {
    let (program, arguments) = words.split_first().expect("settings were checked");
    let ran = tokio::process::Command::new(program)
        .args(arguments)
        .env("EASEL_SERVER", server)
        .env("EASEL_EVENT", ask.as_str())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let output = ran.map_err(|source| HookError::NoProgram {
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.trim().chars().take(WORDS_KEPT).collect();
    Err(HookError::No(
        ask.as_str(),
        format!("{}: {said}", output.status),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Hook {
        Hook::Command(["sh", "-c", script].map(str::to_owned).to_vec())
    }

    #[tokio::test]
    async fn a_program_is_told_what_it_is_wanted_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("said");
        let script = format!("echo $EASEL_EVENT $EASEL_SERVER > '{}'", file.display());
        shell(&script).run("gpu-1", Ask::Start).await.unwrap();
        assert_eq!(std::fs::read_to_string(file).unwrap(), "start gpu-1\n");
    }

    #[tokio::test]
    async fn what_a_program_says_when_it_fails_is_passed_on() {
        let failed = shell("echo no credit >&2; exit 3")
            .run("gpu-1", Ask::Stop)
            .await;
        let words = failed.unwrap_err().to_string();
        assert!(
            words.contains("stop") && words.contains("no credit"),
            "{words}"
        );
        let nothing = Hook::Command(vec!["/nowhere/at/all".to_owned()]);
        let missing = nothing.run("gpu-1", Ask::Start).await.unwrap_err();
        assert!(matches!(missing, HookError::NoProgram { .. }), "{missing}");
    }

    #[test]
    fn an_address_or_a_program() {
        assert!(Hook::Post("https://example.org/start?key=1".to_owned()).is_sound());
        assert!(!Hook::Post("wake-gpu".to_owned()).is_sound());
        assert!(!Hook::Command(Vec::new()).is_sound());
    }
}
