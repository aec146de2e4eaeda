//! What is shown of a text that may hold a secret.

use toml::Value;

/// What stands for a secret.
pub(crate) const DOTS: &str = "••••";

/// Words that a name has which stands before a secret.
const TELLING: [&str; 9] = [
    "auth",
    "bearer",
    "cred",
    "key",
    "pass",
    "pwd",
    "secret",
    "signature",
    "token",
];

/// `http://user:secret@host/start?token=abc` → `http://••••@host/start?••••`.
pub(crate) fn url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (who, rest) = match rest[..authority].rfind('@') {
        Some(at) => (DOTS, &rest[at..]),
        None => ("", rest),
    };
    let (place, asked) = match rest.find(['?', '#']) {
        Some(at) if at + 1 < rest.len() => (&rest[..=at], DOTS),
        _ => (rest, ""),
    };
    format!("{scheme}://{who}{place}{asked}")
}

/// The words of a list, which may be a program's: its options' values, headers and addresses may
/// hold secrets, and so may what follows an option whose name tells of one.
pub(crate) fn words(list: &[Value]) -> Vec<Value> {
    let mut after_option = false;
    let mask = |value: &Value| {
        let Some(word) = value.as_str() else {
            return value.clone();
        };
        let shown = if after_option && !word.starts_with('-') {
            DOTS.to_owned()
        } else {
            self::word(word)
        };
        after_option = word.starts_with('-') && !word.contains('=') && is_telling(word);
        Value::String(shown)
    };
    list.iter().map(mask).collect()
}

fn word(word: &str) -> String {
    if let Some((name, _)) = word.split_once('=').filter(|(name, _)| is_name(name)) {
        return format!("{name}={DOTS}");
    }
    if let Some((name, value)) = word.split_once(':').filter(|(name, _)| is_name(name))
        && (value.starts_with(' ') || is_telling(name))
    {
        return format!("{name}: {DOTS}");
    }
    let shown = url(word);
    // Of a whole script nothing is told that may hold a secret.
    let is_script = word.contains(char::is_whitespace);
    if is_script && (is_telling(word) || shown != word || word.contains('=')) {
        return DOTS.to_owned();
    }
    shown
}

/// Whether a key or an option of that name may well hold a secret.
pub(crate) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(&*name, "-u" | "--user") || TELLING.iter().any(|word| name.contains(word))
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_who_asks_and_what() {
        for (text, shown) in [
            ("http://u:p@h/x@y", "http://••••@h/x@y"),
            ("http://u:p@ss@h", "http://••••@h"),
            ("http://h/a@b", "http://h/a@b"),
            ("http://h:1?token=abc", "http://h:1?••••"),
            ("http://h/start?a=b#c", "http://h/start?••••"),
            ("http://u@h/#token=c", "http://••••@h/#••••"),
            ("http://h/?", "http://h/?"),
            ("no url: a@b?c", "no url: a@b?c"),
            ("", ""),
        ] {
            assert_eq!(url(text), shown);
        }
    }

    #[test]
    fn a_command_is_shown_without_what_its_words_may_give_away() {
        for (command, shown) in [
            (
                &["x", "--token=abc", "on"][..],
                &["x", "--token=••••", "on"][..],
            ),
            (&["env", "A_KEY=abc", "x"], &["env", "A_KEY=••••", "x"]),
            (
                &["curl", "-H", "X-Gate: abc"],
                &["curl", "-H", "X-Gate: ••••"],
            ),
            (
                &["curl", "-u", "me:abc", "http://h"],
                &["curl", "-u", "••••", "http://h"],
            ),
            (
                &["x", "--api-key", "abc", "on"],
                &["x", "--api-key", "••••", "on"],
            ),
            (
                &["x", "https://h/start?abc"],
                &["x", "https://h/start?••••"],
            ),
            (&["sh", "-c", "curl https://h/?abc"], &["sh", "-c", "••••"]),
            (&["sh", "-c", "T=abc x"], &["sh", "-c", "T=••••"]),
            (
                &["uhubctl", "-l", "1-1", "-a", "cycle"],
                &["uhubctl", "-l", "1-1", "-a", "cycle"],
            ),
            (
                &["ssh", "host:22", "power on"],
                &["ssh", "host:22", "power on"],
            ),
        ] {
            let list: Vec<Value> = command.iter().map(|&w| w.into()).collect();
            assert_eq!(
                words(&list),
                shown.iter().map(|&w| Value::from(w)).collect::<Vec<_>>()
            );
        }
    }
}
