//! How a printer is, in words for the desk and in words for visitors.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::words;

/// A sentence in the booth's two languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Says {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

/// How a printer is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrinterCondition)]
pub enum Condition {
    /// It would print now.
    Ready,
    /// It prints.
    Printing,
    /// It waits for somebody: [`PrinterState::needs`] says for what.
    Needs,
    /// It does not answer.
    Gone,
}

/// What a printer waits for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrinterNeed)]
pub enum Need {
    /// A stuck sheet is to be taken out.
    JamCleared,
    /// A cover or door is to be closed.
    CoverClosed,
    /// Paper, or a new roll.
    Paper,
    /// A ribbon, ink or toner.
    Ribbon,
    /// A print queue is to be started again; the booth does so itself where it may.
    QueueStarted,
    /// Room on the disk that sheets are written to.
    DiskSpace,
    /// The right to write to the folder or device that it is.
    Permission,
    /// Something else: its own display says what.
    Attention,
}

/// What is wrong with a printer that is there and cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// What answers knows no printer or queue of that name.
    NoSuchPrinter,
    /// It does not let the booth print.
    Forbidden,
    /// What answers is no IPP printer.
    NotAPrinter,
    /// It has another certificate than before.
    OtherCertificate,
    /// It wants TLS of a kind that the booth cannot make.
    NoSecureConnection,
    /// The folder or device may not be written to.
    NotWritable,
}

impl Trouble {
    /// For operators, in English.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoSuchPrinter => "there is no such printer or queue at this address",
            Self::Forbidden => "the printer does not let the booth print",
            Self::NotAPrinter => "what answers at this address is no IPP printer",
            Self::OtherCertificate => "the printer has another certificate than before",
            Self::NoSecureConnection => "no secure connection to the printer can be made",
            Self::NotWritable => "it may not be written to",
        }
    }

    /// As an error; `said` is how it was seen.
    pub(super) fn with(self, said: String) -> super::PrinterError {
        super::PrinterError::Unusable {
            trouble: self,
            source: std::io::Error::other(said),
        }
    }
}

/// How close a roll is to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollWarning {
    /// At most [`Roll::LOW`] sheets are left: lay the next roll beside it.
    Low,
    /// At most [`Roll::LAST`] sheets are left: change it in the next pause.
    Last,
}

/// The roll (or stack) of paper, as the booth counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Roll {
    /// Sheets left.
    pub left: u32,
    /// Sheets it had when it was new.
    pub size: u32,
    /// Whether it nears its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<RollWarning>,
}

impl Roll {
    /// From here on staff are warned.
    pub const LOW: u32 = 50;
    /// From here on it is urgent.
    pub const LAST: u32 = 10;

    /// So many of so many.
    #[must_use]
    pub fn new(left: u32, size: u32) -> Self {
        let warning = if left <= Self::LAST {
            Some(RollWarning::Last)
        } else if left <= Self::LOW {
            Some(RollWarning::Low)
        } else {
            None
        };
        Self {
            left,
            size,
            warning,
        }
    }
}

/// An order of which nobody but a human can tell whether it came out. It waits until
/// [`super::Printer::settle`] is called; the orders after it go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Doubt {
    /// The order.
    pub order: Uuid,
    /// Whose; nil for a test page.
    pub session: Uuid,
    /// The number on the ticket; 0 for a test page.
    pub ticket: u32,
    /// Sheets ordered.
    pub sheets: u32,
    /// Sheets of it that certainly came out.
    pub sheets_done: u32,
    /// Sheets of it that are out by the printer's own count; left out if it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<u32>,
    /// Why nobody can tell.
    pub code: Cause,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What happened, and what to look for.
    pub says: Says,
}

/// Why an order is in doubt, or was not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrintCause)]
pub enum Cause {
    /// The printer no longer knows of its job.
    Forgotten,
    /// Its job went to the printer that was here before.
    OtherPrinter,
    /// Its job ended while it was printed.
    BrokeOff,
    /// The connection ended while it was printed.
    CutOff,
    /// The print queue began its job a second time.
    BegunTwice,
    /// Its job was at the printer for far longer than any takes, and was cancelled.
    NoEnd,
    /// Its jobs ended before they began, again and again.
    EndedEarly,
    /// Somebody cancelled it at the printer.
    Cancelled,
    /// Nobody waits for it any more.
    GivenUp,
}

impl Cause {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Forgotten, "forgotten"),
        (Self::OtherPrinter, "other_printer"),
        (Self::BrokeOff, "broke_off"),
        (Self::CutOff, "cut_off"),
        (Self::BegunTwice, "begun_twice"),
        (Self::NoEnd, "no_end"),
        (Self::EndedEarly, "ended_early"),
        (Self::Cancelled, "cancelled"),
        (Self::GivenUp, "given_up"),
    ];

    /// The stable code, as in JSON and in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(cause, _)| *cause == self);
        known.map_or("", |(_, word)| word)
    }

    /// The cause of that code, if it is one.
    pub(super) fn of(word: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| *known == word);
        known.map(|(cause, _)| *cause)
    }
}

/// An order of which some sheets are out, and not all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartlyDone {
    /// The order.
    pub order: Uuid,
    /// Whose; nil for a test page.
    pub session: Uuid,
    /// Sheets ordered.
    pub sheets: u32,
    /// Sheets that are out.
    pub sheets_done: u32,
}

/// What staff found in the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is there: with a number so many sheets of the order; without one what the printer itself
    /// counted, or else the sheet in doubt. What is missing then is printed.
    CameOut,
    /// The sheets that did not come out are to be printed again: with a number all but so many.
    PrintAgain,
    /// Nothing came out, and nothing is wanted: of an erased visit only.
    NeverCame,
}

/// A job of an erased visit that the printer had begun: its sheet may come out all the same, and
/// is nobody's. Staff are told until they have looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stray {
    /// The order.
    pub order: Uuid,
    /// The number on the ticket.
    pub ticket: u32,
    /// Sheets ordered.
    pub sheets: u32,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Where its sheet is.
    pub whereabouts: Whereabouts,
    /// What happened, and what to look for.
    pub says: Says,
}

/// Where a sheet is that nobody wants any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// Still in the printer, which prints it when it goes on.
    Inside,
    /// Out, or never begun: nobody can tell.
    Unknown,
    /// Out.
    Out,
}

/// How a printer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrinterState {
    /// The driver's word: `folder`, `ipp`, `escpos`.
    pub driver: String,
    /// In a word.
    pub condition: Condition,
    /// What it waits for, most pressing first; empty unless `condition` is `needs`.
    pub needs: Vec<Need>,
    /// Whether orders wait for that: a printer may print on with an empty second tray.
    pub stops: bool,
    /// What staff should know and do.
    pub staff: Says,
    /// What a visitor who waits for a sheet should know.
    pub visitors: Says,
    /// The paper left, where it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll: Option<Roll>,
    /// Orders that staff must look at, oldest first.
    pub doubtful: Vec<Doubt>,
    /// Sheets of erased visits that may come out, oldest first.
    pub strays: Vec<Stray>,
    /// Orders of which some sheets are out, and not all.
    pub partly_done: Vec<PartlyDone>,
}

impl PrinterState {
    /// A state with its words. `remark` is the printer's own sentence, for staff.
    #[must_use]
    pub fn new(driver: &str, condition: Condition, needs: Vec<Need>, remark: &Says) -> Self {
        Self {
            driver: driver.to_owned(),
            staff: words::staff(driver, condition, &needs, remark),
            visitors: words::visitors(condition, &needs),
            stops: matches!(condition, Condition::Needs | Condition::Gone),
            condition,
            needs,
            roll: None,
            doubtful: Vec::new(),
            strays: Vec::new(),
            partly_done: Vec::new(),
        }
    }

    /// The same of a printer that is there and cannot be used, or is gone: `error` says why.
    #[must_use]
    pub fn away(driver: &str, error: &super::PrinterError) -> Self {
        let mut state = Self::new(driver, Condition::Gone, Vec::new(), &Says::default());
        if let super::PrinterError::Unusable { trouble, .. } = error {
            state.staff = words::unusable(*trouble);
        }
        state
    }

    /// What it needs stops no order: visitors need not know.
    #[must_use]
    pub(super) fn going_on(mut self) -> Self {
        self.stops = false;
        self.visitors = words::visitors(Condition::Printing, &[]);
        self
    }

    /// What the visitor is told whose own sheet is among [`Self::doubtful`].
    #[must_use]
    pub fn in_doubt() -> Says {
        words::in_doubt()
    }

    /// Whether a visitor who orders now has to wait for more than the printer's own time.
    #[must_use]
    pub fn keeps_waiting(&self) -> bool {
        self.stops
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roll_warns_at_fifty_and_at_ten() {
        let warning = |left| Roll::new(left, 700).warning;
        assert_eq!(warning(51), None);
        assert_eq!(warning(50), Some(RollWarning::Low));
        assert_eq!(warning(11), Some(RollWarning::Low));
        assert_eq!(warning(10), Some(RollWarning::Last));
        assert_eq!(warning(0), Some(RollWarning::Last));
    }
}
