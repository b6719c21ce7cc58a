//! When the house works: an instant in, a verdict with its reason out.
//!
//! Takes a calendar file (YAML, lines like the sign on the door), holiday lists and duty rosters;
//! gives verdicts, closed stretches and who is on duty. Never knows logs.

mod assign;
mod clock;
mod days;
mod file;
mod grammar;
mod heirs;
mod holidays;
mod house;
mod judge;
mod lines;
mod lists;
mod month;
mod nodes;
mod roster;
mod sheet;
mod slips;
mod spans;
mod table;
#[cfg(test)]
mod tests;

use std::io;
use std::ops::Range;
use std::sync::Arc;

use chrono_tz::Tz;

use assign::Assignments;
use judge::Calendar;
use roster::Rosters;

use crate::diagnostic::{Complaints, Place, Problem};
use crate::text::fold_key;
use crate::yaml::Node;

pub use holidays::{Holiday, LAST_ANNOUNCED_YEAR, holiday};
pub use month::MonthDay;

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
    /// The line that decided, or the list of holidays; `None` when nothing was written for the
    /// day.
    pub at: Option<Place>,
    /// The closed stretch the instant lies in, from the end of one span or its grace to the
    /// beginning of the next: nanoseconds since 1970. Every instant of a stretch gets the same
    /// one; a stretch longer than 32 days is cut where months begin on that wall.
    pub closed_span: Option<Range<i64>>,
    /// Instants that get this same answer, nanoseconds since 1970; holds the one asked for. Ends
    /// at midnight and at clock changes at the latest.
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
pub struct Calendars {
    calendars: Vec<Calendar>,
    assignments: Assignments,
    default: CalendarId,
    rosters: Rosters,
    assumed: bool,
}

impl Calendars {
    /// Reads a calendar file's document, or the same inline in a config; its zone is Asia/Tokyo
    /// where it names none. All complaints are given; a value is given when none is an error.
    pub fn read(node: &Node, load: Load<'_>, complaints: &mut Complaints) -> Option<Calendars> {
        Calendars::read_in(chrono_tz::Asia::Tokyo, node, load, complaints)
    }

    /// The same, with the zone of calendars that name none.
    pub fn read_in(
        zone: Tz,
        node: &Node,
        load: Load<'_>,
        complaints: &mut Complaints,
    ) -> Option<Calendars> {
        house::read(node, zone, load, complaints)
    }

    /// What is assumed without a calendar: weekdays 08:30–18:00, Japanese holidays closed.
    pub fn assumed(zone: Tz) -> Calendars {
        Calendars {
            calendars: vec![house::assumed(zone)],
            assignments: Assignments::default(),
            default: CalendarId(0),
            rosters: Rosters::default(),
            assumed: true,
        }
    }

    /// True when nobody wrote a calendar and [`Calendars::assumed`] is in force.
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// All calendars, in the order written.
    pub fn ids(&self) -> impl Iterator<Item = CalendarId> + '_ {
        (0..self.calendars.len()).map(house::id_of)
    }

    /// The calendar of this name.
    pub fn named(&self, name: &str) -> Option<CalendarId> {
        let found = self.calendars.iter().position(|c| *c.key == *name);
        found.map(house::id_of)
    }

    /// The key a calendar is defined under.
    pub fn key(&self, id: CalendarId) -> &str {
        &self.calendar(id).key
    }

    /// The name people read; the key where none was written.
    pub fn name(&self, id: CalendarId) -> &str {
        &self.calendar(id).name
    }

    /// The zone whose wall a calendar reads.
    pub fn zone(&self, id: CalendarId) -> Tz {
        self.calendar(id).clock.tz()
    }

    /// Which of user, terminal, department, role and site (in this order) decide which calendar
    /// is assigned; the others need not be told.
    pub fn assigned_by(&self) -> [bool; 5] {
        std::array::from_fn(|subject| self.assignments.names_subject(subject))
    }

    /// The class of a name among those of its subject (numbered as in
    /// [`Calendars::assigned_by`]): who agrees in all classes is assigned the same calendar.
    pub fn class(&self, subject: usize, name: &str) -> u32 {
        self.assignments.class(subject, &fold_key(name))
    }

    /// The calendar assigned; the flag is true when none was and the default took it.
    pub fn assigned(&self, who: &Assignee<'_>) -> (CalendarId, bool) {
        match self.assignments.find(who) {
            Some(id) => (id, false),
            None => (self.default, true),
        }
    }

    /// The verdict of a calendar on an instant, nanoseconds since 1970. Costs some microseconds;
    /// callers keep the answer while [`Judgement::valid`] holds.
    pub fn judge(&self, id: CalendarId, nanos: i64) -> Judgement {
        self.calendar(id).judge(nanos)
    }

    /// Whether the account (folded) is rostered at an instant, margins included.
    pub fn on_duty(&self, account: &str, nanos: i64) -> Duty {
        self.rosters
            .on_duty(account, nanos.div_euclid(1_000_000_000))
    }

    /// True when a roster is configured at all.
    pub fn has_rosters(&self) -> bool {
        !self.rosters.is_none()
    }

    /// Whether the holidays of a year are announced; else the report says once that they are
    /// computed, not announced.
    pub fn is_announced(&self, id: CalendarId, year: i32) -> bool {
        self.calendar(id).rules.holidays.is_announced(year)
    }

    /// Dated lines older than the first instant of any log, as warnings: they match nothing.
    pub fn outdated(&self, first: i64) -> Vec<Problem> {
        house::outdated(&self.calendars, first.div_euclid(1_000_000_000))
    }

    /// A calendar by its id; an id of another house counts as the default.
    fn calendar(&self, id: CalendarId) -> &Calendar {
        let found = self.calendars.get(usize::from(id.0));
        found.unwrap_or(&self.calendars[usize::from(self.default.0)])
    }
}
