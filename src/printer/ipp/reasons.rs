//! `printer-state-reasons` in a booth's words.
//!
//! A reason is a keyword with a severity behind it: `-error`, `-warning`, `-report` or nothing
//! (RFC 8011, 5.4.12). Printers choose the severity by their own state, not by ours: an idle
//! printer without paper says `media-empty-report`. So the keyword is what counts.

use crate::printer::Need;

const SEVERITIES: [&str; 3] = ["-error", "-warning", "-report"];

/// Keywords that stop sheets from coming out. Those of RFC 8011 and of PWG 5100.9 that a photo
/// printer may say; what only warns (`media-low`, `toner-low`) is not here.
const KEYWORDS: [(&str, Need); 21] = [
    ("media-jam", Need::JamCleared),
    ("cover-open", Need::CoverClosed),
    ("door-open", Need::CoverClosed),
    ("interlock-open", Need::CoverClosed),
    ("input-tray-missing", Need::Paper),
    ("output-tray-missing", Need::CoverClosed),
    ("output-area-full", Need::JamCleared),
    ("media-empty", Need::Paper),
    ("media-needed", Need::Paper),
    ("marker-supply-empty", Need::Ribbon),
    ("marker-supply-missing", Need::Ribbon),
    ("toner-empty", Need::Ribbon),
    ("developer-empty", Need::Ribbon),
    ("marker-waste-full", Need::Attention),
    ("opc-life-over", Need::Attention),
    ("fuser-over-temp", Need::Attention),
    // What CUPS says of a printer whose cable is out or whose power is off.
    ("offline", Need::Attention),
    ("timed-out", Need::Attention),
    ("paused", Need::QueueStarted),
    ("shutdown", Need::Attention),
    ("stopped-partly", Need::Attention),
];

/// The keyword of a reason, without its severity.
pub(super) fn keyword(reason: &str) -> &str {
    SEVERITIES
        .iter()
        .find_map(|severity| reason.strip_suffix(severity))
        .unwrap_or(reason)
}

/// Whether one of these reasons says that it stops the printer: by its severity, of which none at
/// all is the worst.
pub(super) fn is_grave(reasons: &[String]) -> bool {
    let stops = |reason: &String| {
        let mild = reason.ends_with("-warning") || reason.ends_with("-report");
        !mild && KEYWORDS.iter().any(|(known, _)| *known == keyword(reason))
    };
    reasons.iter().any(stops)
}

/// What these reasons ask for, most pressing first, each once.
pub(super) fn needs(reasons: &[String]) -> Vec<Need> {
    let known = |reason: &String| {
        let word = keyword(reason);
        KEYWORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, need)| *need)
    };
    let mut needs: Vec<Need> = reasons.iter().filter_map(known).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reasons: &[&str]) -> Vec<Need> {
        needs(&reasons.iter().map(|&r| r.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_keyword_counts_whatever_its_severity() {
        for severity in ["", "-error", "-warning", "-report"] {
            assert_eq!(of(&[&format!("media-empty{severity}")]), [Need::Paper]);
            assert_eq!(of(&[&format!("media-jam{severity}")]), [Need::JamCleared]);
            let ribbon = format!("marker-supply-empty{severity}");
            assert_eq!(of(&[&ribbon]), [Need::Ribbon]);
            assert_eq!(of(&[&format!("cover-open{severity}")]), [Need::CoverClosed]);
        }
    }

    #[test]
    fn only_an_error_says_that_it_stops_the_printer() {
        let grave = |reason: &str| is_grave(&[reason.to_owned()]);
        assert!(grave("media-empty-error") && grave("media-jam"));
        assert!(!grave("media-empty-warning") && !grave("media-empty-report"));
        assert!(!grave("none") && !grave("something-else-error"));
    }

    #[test]
    fn warnings_of_what_is_to_come_and_strange_words_ask_for_nothing() {
        assert!(of(&["none", "media-low-warning", "marker-supply-low-report"]).is_empty());
        assert!(of(&["cups-waiting-for-job-completed", "media-emptying", ""]).is_empty());
    }

    #[test]
    fn the_most_pressing_comes_first_and_once() {
        let needs = of(&["media-needed-error", "media-empty-error", "media-jam-error"]);
        assert_eq!(needs, [Need::JamCleared, Need::Paper]);
    }
}
