//! Opening hours: `"10:00-18:00"`, `"09:30-12:00, 13:00-02:00"`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// When a server may be used, by the clock on the wall. A span whose end is not after its begin
/// goes on past midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours(Vec<(Time, Time)>);

/// Why a text is no opening hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be hours such as \"10:00-18:00\" or \"09:00-12:00, 13:00-02:00\"")]
pub struct NoHours;

impl Hours {
    /// Whether it is open at that time of day.
    #[must_use]
    pub fn contain(&self, at: Time) -> bool {
        self.0.iter().any(|&(begin, end)| match begin < end {
            true => begin <= at && at < end,
            false => begin <= at || at < end,
        })
    }
}

impl FromStr for Hours {
    type Err = NoHours;

    fn from_str(text: &str) -> Result<Self, NoHours> {
        let time = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let hour: i8 = hour.parse().ok()?;
            Time::new(hour, minute.parse().ok()?, 0, 0).ok()
        };
        let span = |text: &str| {
            let (begin, end) = text.split_once(['-', '–'])?;
            Some((time(begin)?, time(end)?))
        };
        let spans: Option<Vec<_>> = text.split(',').map(span).collect();
        spans.map(Self).ok_or(NoHours)
    }
}

impl TryFrom<String> for Hours {
    type Error = NoHours;

    fn try_from(text: String) -> Result<Self, NoHours> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (begin, end)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let (begin, end) = (begin.strftime("%H:%M"), end.strftime("%H:%M"));
            write!(f, "{comma}{begin}-{end}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(hours: &str, hour: i8, minute: i8) -> bool {
        let hours: Hours = hours.parse().unwrap();
        hours.contain(Time::new(hour, minute, 0, 0).unwrap())
    }

    #[test]
    fn the_day_and_the_night() {
        assert!(open("10:00-18:00", 10, 0));
        assert!(open("10:00-18:00", 17, 59));
        assert!(!open("10:00-18:00", 18, 0));
        assert!(open("20:00-02:00", 23, 0));
        assert!(open("20:00-02:00", 1, 59));
        assert!(!open("20:00-02:00", 2, 0));
        assert!(open("09:00-12:00, 13:00-17:00", 13, 30));
        assert!(!open("09:00-12:00, 13:00-17:00", 12, 30));
        assert!(open("00:00-00:00", 12, 0), "all day");
    }

    #[test]
    fn what_is_read_is_written_so() {
        let text = "09:00-12:00, 13:00-02:00";
        assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
        for wrong in [
            "",
            "10-18",
            "25:00-26:00",
            "10:00",
            "10:00-18:61",
            "a:b-c:d",
        ] {
            assert_eq!(wrong.parse::<Hours>(), Err(NoHours), "{wrong}");
        }
    }
}
