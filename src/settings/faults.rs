//! What is wrong with settings that could be read: each room looks its own section over.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::path::{is_within, join};

/// One thing wrong with a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key, below the section that was looked over.
    pub key: String,
    /// The part of the value that is wrong, where it is not the whole.
    pub part: Option<String>,
    /// What is allowed instead.
    pub allowed: String,
}

/// All that is wrong with settings. A key has one fault: what follows from it is not worth a second.
#[derive(Debug, Default)]
pub struct Faults {
    section: String,
    found: Vec<Fault>,
    /// Keys whose values could not even be read.
    unread: Vec<String>,
}

impl Faults {
    /// None yet, of settings of which what stood at the keys `unread` was left out.
    pub(super) fn beside(unread: Vec<String>) -> Self {
        Self {
            unread,
            ..Self::default()
        }
    }

    /// What `look` finds, in its order.
    pub fn of(look: impl FnOnce(&mut Self)) -> Vec<Fault> {
        let mut faults = Self::default();
        look(&mut faults);
        faults.found
    }

    /// The keys of what `look` finds, in its order.
    pub fn keys(look: impl FnOnce(&mut Self)) -> Vec<String> {
        Self::of(look).into_iter().map(|fault| fault.key).collect()
    }

    pub(super) fn into_found(self) -> Vec<Fault> {
        self.found
    }

    /// Looks over what lies in `section`: keys are below that.
    pub fn within(&mut self, section: &str, look: impl FnOnce(&mut Self)) {
        let inner = join(&self.section, section);
        let outer = std::mem::replace(&mut self.section, inner);
        look(self);
        self.section = outer;
    }

    /// Whether the value of `key` is what was given: nothing was wrong with it or around it.
    #[must_use]
    pub fn is_sound(&self, key: &str) -> bool {
        let key = join(&self.section, key);
        !self
            .wrong_keys()
            .any(|wrong| is_within(wrong, &key) || is_within(&key, wrong))
    }

    /// Whether all these keys below `place` are.
    #[must_use]
    pub fn are_sound(&self, place: &str, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.is_sound(&join(place, key)))
    }

    /// Whether these keys of each table of a list are, which has so many.
    #[must_use]
    pub fn are_sound_in_each(&self, list: &str, tables: usize, keys: &[&str]) -> bool {
        (0..tables).all(|i| self.are_sound(&format!("{list}[{i}]"), keys))
    }

    /// A fault unless `ok`; `allowed` says what would do.
    pub fn check(&mut self, ok: bool, key: &str, allowed: impl Display) {
        self.judge(ok, key, None, &allowed);
    }

    /// The same where only `part` of the value is wrong: one of a list, say.
    pub fn check_part(&mut self, ok: bool, key: &str, part: &str, allowed: impl Display) {
        self.judge(ok, key, Some(part), &allowed);
    }

    /// A fault unless `value` is in `range`.
    pub fn range<T>(&mut self, key: &str, value: T, range: RangeInclusive<T>)
    where
        T: PartialOrd + Display + Copy,
    {
        let (low, high) = (range.start(), range.end());
        let allowed = format!("must be from {low} to {high}");
        self.check(range.contains(&value), key, allowed);
    }

    /// A fault unless `text` has so many characters, none of them a control character.
    pub fn text(&mut self, key: &str, text: &str, length: RangeInclusive<usize>) {
        let (low, high) = (length.start(), length.end());
        let allowed = format!("must have {low} to {high} characters, all printable");
        let ok = length.contains(&text.chars().count()) && !text.chars().any(char::is_control);
        self.check(ok, key, allowed);
    }

    /// A fault unless `id` may stand in an address, a file name and a log line.
    pub fn id(&mut self, key: &str, id: &str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ok = (1..=32).contains(&id.len()) && id.chars().all(plain) && !id.starts_with('-');
        let allowed = "must be 1 to 32 of a–z, 0–9 and '-', not beginning with '-'";
        self.check(ok, key, allowed);
    }

    fn wrong_keys(&self) -> impl Iterator<Item = &String> {
        let found = self.found.iter().map(|fault| &fault.key);
        found.chain(&self.unread)
    }

    fn judge(&mut self, ok: bool, key: &str, part: Option<&str>, allowed: &dyn Display) {
        if ok {
            return;
        }
        let key = join(&self.section, key);
        let is_known = self.wrong_keys().any(|wrong| is_within(wrong, &key));
        if !is_known {
            self.found.push(Fault {
                key,
                part: part.map(str::to_owned),
                allowed: allowed.to_string(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_fault_and_what_follows_from_it_is_known() {
        let mut faults = Faults::beside(vec!["style[0]".to_owned()]);
        faults.within("booth", |booth| {
            booth.range("idle", 9, 1..=5);
            booth.check(false, "idle", "must be shorter");
            booth.text("name", "\n", 0..=5);
            assert!(!booth.is_sound("idle") && booth.is_sound("event"));
        });
        faults.check(false, "style", "must have one");
        assert!(!faults.is_sound("style[0].id") && faults.is_sound("style[1].id"));
        assert!(!faults.is_sound("style") && !faults.is_sound("booth"));
        let found = faults.into_found();
        let keys: Vec<_> = found.iter().map(|fault| &*fault.key).collect();
        assert_eq!(keys, ["booth.idle", "booth.name"]);
        assert_eq!(found[0].allowed, "must be from 1 to 5");
    }
}
