//! When the house works: an instant in, a verdict with its reason out.
//!
//! Takes a calendar file (YAML, lines like the sign on the door), holiday lists and duty rosters;
//! gives verdicts, closed stretches and who is on duty. Never knows logs.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Complaints, Place};
use crate::yaml::Node;

/// The three verdicts (reference: calendar, part 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Inside a span.
    Open,
    /// Within the grace of a span.
    Grace,
    /// Neither.
    Closed,
}

impl Verdict {
    /// `open`, `grace` or `closed`.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Open => "open",
            Verdict::Grace => "grace",
            Verdict::Closed => "closed",
        }
    }
}

/// The fee tables' words for off hours; the highest that fits counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// 時間外.
    AfterHours,
    /// 休日.
    Holiday,
    /// 深夜.
    LateNight,
}

impl Band {
    /// `after_hours`, `holiday` or `late_night`.
    pub const fn name(self) -> &'static str {
        match self {
            Band::AfterHours => "after_hours",
            Band::Holiday => "holiday",
            Band::LateNight => "late_night",
        }
    }
}

/// The verdict on an instant, and all instants around it that get exactly the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Open, grace or closed.
    pub verdict: Verdict,
    /// The band, by the fee tables; `None` inside ordinary hours.
    pub band: Option<Band>,
    /// What decided, in the words of the calendar: `月 08:30-18:00`, `祝 休診（文化の日）`.
    pub reason: Arc<str>,
    /// The line that decided; `None` when no line was written for the day.
    pub at: Option<Place>,
    /// The closed stretch the instant lies in, from the end of one span or its grace to the
    /// beginning of the next: nanoseconds since 1970, bounded to 32 days each way.
    pub closed_span: Option<Range<i64>>,
    /// Instants that get this same answer, nanoseconds since 1970; holds the one asked for.
    pub valid: Range<i64>,
}

/// Whose calendar is asked for; empty text where the log does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assignee<'a> {
    /// Account, folded.
    pub user: &'a str,
    /// Terminal.
    pub terminal: &'a str,
    /// Department of the user.
    pub department: &'a str,
    /// Role of the user.
    pub role: &'a str,
    /// Site.
    pub site: &'a str,
}

/// One calendar of a [`Calendars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CalendarId(pub u16);

/// Whether a person is rostered at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// No roster covers that person and day.
    Unknown,
    /// A roster covers the day and the person is not on duty.
    Off,
    /// On duty; the roster's cell and what it says.
    On {
        /// The cell, as file:line:column (column of the table).
        at: Place,
        /// Its code or span, as written.
        code: Arc<str>,
    },
}

/// Reads files named in a calendar: holiday lists and rosters. Paths are as written there.
pub type Load<'l> = &'l dyn Fn(&str) -> io::Result<Vec<u8>>;

/// All calendars of a house, with assignments and rosters; immutable once read.
#[derive(Debug)]
pub struct Calendars {}

impl Calendars {
    /// Reads a calendar file's document. All complaints of the reference's part 4.3 are given;
    /// a value is given when none is an error.
    pub fn read(_node: &Node, _load: Load<'_>, _complaints: &mut Complaints) -> Option<Calendars> {
        None
    }

    /// As [`Calendars::read`].
    pub fn read_in(node: &Node, _: chrono_tz::Tz, load: Load<'_>, complaints: &mut Complaints) -> Option<Calendars> {
        Calendars::read(node, load, complaints)
    }

    /// What is assumed without a calendar: weekdays 08:30–18:00, Japanese holidays closed.
    pub fn assumed(_zone: chrono_tz::Tz) -> Calendars {
        Calendars {}
    }

    /// True when nobody wrote a calendar and [`Calendars::assumed`] is in force.
    pub fn is_assumed(&self) -> bool {
        true
    }

    /// The calendar of this name.
    pub fn named(&self, _name: &str) -> Option<CalendarId> {
        None
    }

    /// The calendar assigned; the flag is true when none was and the default took it.
    pub fn assigned(&self, _who: &Assignee<'_>) -> (CalendarId, bool) {
        (CalendarId(0), true)
    }

    /// The verdict of a calendar on an instant, nanoseconds since 1970.
    pub fn judge(&self, _id: CalendarId, nanos: i64) -> Judgement {
        Judgement {
            verdict: Verdict::Open,
            band: None,
            reason: Arc::from(""),
            at: None,
            closed_span: None,
            valid: nanos..nanos + 1,
        }
    }

    /// Whether the account (folded) is rostered at an instant, margins included.
    pub fn on_duty(&self, _account: &str, _nanos: i64) -> Duty {
        Duty::Unknown
    }

    /// True when a roster is configured at all.
    pub fn has_rosters(&self) -> bool {
        false
    }
}
