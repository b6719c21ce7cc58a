//! What kind of event is counted: outcome, verdict, band and explanation in one byte.
//!
//! The numbers stand in the store (`count_kinds` of `schema-2.sql`) and never change.

use crate::calendar::{Band, Verdict};
use crate::event::Outcome;

/// Outcome, verdict, band and explanation of an event. Of an event whose clock is not to be
/// trusted the verdict is unknown, and nothing else is told by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u8);

/// What explains an event at a closed hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explained {
    /// The roster says that the account's owner is on duty.
    Roster,
    /// A declaration was filed.
    Declaration,
}

const UNKNOWN: u8 = 3 << 2;

impl Kind {
    /// What the calendar says of an instant: verdict and band.
    pub const fn of(verdict: Verdict, band: Option<Band>) -> Kind {
        let verdict = match verdict {
            Verdict::Open => 0,
            Verdict::Grace => 1,
            Verdict::Closed => 2,
        };
        let band = match band {
            None => 0,
            Some(Band::AfterHours) => 1,
            Some(Band::Holiday) => 2,
            Some(Band::LateNight) => 3,
        };
        Kind(verdict << 2 | band << 4)
    }

    /// What is said of an event whose clock is not to be trusted.
    pub const fn untrusted() -> Kind {
        Kind(UNKNOWN)
    }

    /// The same with an outcome.
    #[must_use]
    pub const fn with_outcome(self, outcome: Outcome) -> Kind {
        let outcome = match outcome {
            Outcome::Success => 0,
            Outcome::Failure => 1,
            Outcome::Unknown => 2,
        };
        Kind(self.0 & !3 | outcome)
    }

    /// The same with an explanation.
    #[must_use]
    pub const fn explained_by(self, explained: Explained) -> Kind {
        let explained = match explained {
            Explained::Roster => 1,
            Explained::Declaration => 2,
        };
        Kind(self.0 & 0x3f | explained << 6)
    }

    /// The same without an explanation.
    #[must_use]
    pub const fn unexplained(self) -> Kind {
        Kind(self.0 & 0x3f)
    }

    /// What explains the event.
    pub const fn explanation(self) -> Option<Explained> {
        match self.0 >> 6 {
            1 => Some(Explained::Roster),
            2 => Some(Explained::Declaration),
            _ => None,
        }
    }

    /// 0 after hours, 1 holiday, 2 late night; of what has no band 0.
    pub const fn band(self) -> usize {
        match self.0 >> 4 & 3 {
            2 => 1,
            3 => 2,
            _ => 0,
        }
    }

    /// Verdict and band alone; the outcome becomes that of number 0.
    #[must_use]
    pub const fn hours_only(self) -> Kind {
        Kind(self.0 & 0x3c)
    }

    /// True for the verdict `closed`.
    pub const fn is_closed(self) -> bool {
        self.0 & UNKNOWN == 2 << 2
    }

    /// True when the clock is not to be trusted.
    pub const fn is_untrusted(self) -> bool {
        self.0 & UNKNOWN == UNKNOWN
    }

    /// How the event ended.
    pub const fn outcome(self) -> Outcome {
        match self.0 & 3 {
            0 => Outcome::Success,
            1 => Outcome::Failure,
            _ => Outcome::Unknown,
        }
    }

    /// The number in the store.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The kind of this number; `None` where none has it.
    pub const fn from_number(number: u8) -> Option<Kind> {
        match number < 192 && number & 3 < 3 {
            true => Some(Kind(number)),
            false => None,
        }
    }
}
