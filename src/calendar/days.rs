//! Which line decides a day.
//!
//! Takes the lines of a calendar and its holidays; gives, for any date, the one line that decides
//! it and the spans that start on it. The most specific line wins, never the order of lines:
//! exact date, dated range, yearly day, yearly range, holiday, nth weekday, weekday, closed.
//! Never knows clocks: a pure function of a date.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday};

use super::clock;
use super::grammar::MonthDay;
use super::lines::{LAST, What, When};
use super::lists::{Holidays, Name};
use super::spans::Span;
use crate::diagnostic::Place;

/// A line of the calendar as it was understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) when: When,
    pub(super) what: What,
    /// The line as written, spaces aside.
    pub(super) text: Arc<str>,
    /// True when it holds Japanese.
    pub(super) japanese: bool,
    /// `None` for lines nobody wrote.
    pub(super) place: Option<Place>,
}

impl Line {
    fn spans(&self) -> &[Span] {
        match &self.what {
            What::Spans(spans) => spans,
            What::AsWeekday => &[],
        }
    }
}

/// The lines in force from a day on, until the next such list.
#[derive(Clone, Debug)]
pub(super) struct Era {
    /// First day, counted from 1970.
    pub(super) from: i32,
    pub(super) lines: Vec<Line>,
}

/// The rules of a calendar that make a table of any day.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// In order of their days; the first begins before all days.
    pub(super) eras: Vec<Era>,
    pub(super) holidays: Holidays,
    /// Where the holidays were named.
    pub(super) holidays_at: Option<Place>,
    /// Whether the file is written in Japanese.
    pub(super) japanese: bool,
    /// The reason given when no line speaks of a day.
    pub(super) no_line: Arc<str>,
    /// The reason given on a holiday without a line.
    pub(super) unlisted_holiday: Arc<str>,
}

/// What decided a day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decided<'c> {
    Line(&'c Line),
    /// A holiday without a line of its own: closed, because a list is named.
    Holiday,
    Nothing,
}

impl<'c> Decided<'c> {
    /// The spans that start on the day.
    pub(super) fn spans(self) -> &'c [Span] {
        match self {
            Decided::Line(line) => line.spans(),
            Decided::Holiday | Decided::Nothing => &[],
        }
    }

    /// True when two days are decided by one line whose reason names no holiday.
    pub(super) fn says_the_same(self, other: Decided<'_>) -> bool {
        match (self, other) {
            (Decided::Line(a), Decided::Line(b)) => std::ptr::eq(a, b) && !self.by_holiday(),
            _ => false,
        }
    }

    /// True when a holiday's line, or the holiday itself, decided.
    pub(super) fn by_holiday(self) -> bool {
        match self {
            Decided::Line(line) => line.when == When::Holiday,
            Decided::Holiday => true,
            Decided::Nothing => false,
        }
    }
}

impl Rules {
    /// What decides a day.
    pub(super) fn decide(&self, day: i32) -> Decided<'_> {
        let Some(era) = self.eras.iter().rfind(|era| era.from <= day) else {
            return Decided::Nothing;
        };
        let date = clock::date_of(day);
        let dated = best(&era.lines, date, |rank| rank > Rank::Holiday);
        let special = dated.map(Decided::Line).or_else(|| {
            self.holidays.name(date)?;
            let line = best(&era.lines, date, |rank| rank == Rank::Holiday);
            Some(line.map_or(Decided::Holiday, Decided::Line))
        });
        match special {
            Some(Decided::Line(line)) if line.what == What::AsWeekday => {}
            Some(decided) => return decided,
            None => {}
        }
        best(&era.lines, date, |rank| rank < Rank::Holiday).map_or(Decided::Nothing, Decided::Line)
    }

    /// The holiday a day is.
    pub(super) fn holiday(&self, day: i32) -> Option<Name> {
        self.holidays.name(clock::date_of(day))
    }

    /// Whether the fee tables call a day a holiday: Sundays, public holidays and the turn of the
    /// year.
    pub(super) fn is_fee_holiday(&self, day: i32) -> bool {
        let date = clock::date_of(day);
        date.weekday() == Weekday::Sun
            || matches!((date.month(), date.day()), (12, 29..) | (1, ..=3))
            || self.holidays.is_public(date)
    }
}

/// How specific a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Weekday,
    Nth,
    Holiday,
    YearlyRange,
    YearlyDay,
    Range,
    Date,
}

impl When {
    pub(super) fn rank(&self) -> Rank {
        match self {
            When::Weekdays(_) => Rank::Weekday,
            When::Nth(..) => Rank::Nth,
            When::Holiday => Rank::Holiday,
            When::YearlyRange(..) => Rank::YearlyRange,
            When::Yearly(_) => Rank::YearlyDay,
            When::Range(..) => Rank::Range,
            When::Date(_) => Rank::Date,
        }
    }

    /// Whether the line speaks of a date; of holidays the caller must know.
    fn matches(&self, date: NaiveDate) -> bool {
        let weekday = 1 << date.weekday().num_days_from_monday();
        match *self {
            When::Weekdays(days) => days & weekday != 0,
            When::Nth(ordinals, days) => days & weekday != 0 && ordinals & ordinals_of(date) != 0,
            When::Holiday => true,
            When::YearlyRange(from, to) => in_yearly(from, to, MonthDay::of(date)),
            When::Yearly(day) => day == MonthDay::of(date),
            When::Range(from, to) => (from..=to).contains(&date),
            When::Date(day) => day == date,
        }
    }

    /// Whether another line of the same rank speaks of some day that this one speaks of.
    pub(super) fn overlaps(&self, other: &When) -> bool {
        match (*self, *other) {
            (When::Weekdays(a), When::Weekdays(b)) => a & b != 0,
            (When::Nth(m, a), When::Nth(n, b)) => {
                a & b != 0 && in_one_month(m) & in_one_month(n) != 0
            }
            (When::Holiday, When::Holiday) => true,
            (When::YearlyRange(a, b), When::YearlyRange(c, d)) => {
                in_yearly(a, b, c) || in_yearly(c, d, a)
            }
            (When::Yearly(a), When::Yearly(b)) => a == b,
            (When::Range(a, b), When::Range(c, d)) => a <= d && c <= b,
            (When::Date(a), When::Date(b)) => a == b,
            _ => false,
        }
    }

    /// The first day the line can ever speak of; `None` when it has always spoken.
    pub(super) fn first_day(&self) -> Option<NaiveDate> {
        match *self {
            When::Range(from, _) => Some(from),
            When::Date(day) => Some(day),
            _ => None,
        }
    }

    /// The last day the line can ever speak of; `None` when it goes on for ever.
    pub(super) fn last_day(&self) -> Option<NaiveDate> {
        match *self {
            When::Range(_, to) => Some(to),
            When::Date(day) => Some(day),
            _ => None,
        }
    }
}

/// Which ordinal of its weekday a date is: the second is day 8 to 14, whatever the week.
fn ordinals_of(date: NaiveDate) -> u8 {
    let is_last = date
        .checked_add_days(chrono::Days::new(7))
        .is_none_or(|later| later.month() != date.month());
    1 << ((date.day() - 1) / 7) | if is_last { LAST } else { 0 }
}

/// The last of a month is its fourth or its fifth.
fn in_one_month(ordinals: u8) -> u8 {
    match ordinals & LAST {
        0 => ordinals,
        _ => ordinals | 1 << 3 | 1 << 4,
    }
}

/// Both ends are inside; a range whose end lies before its start wraps over New Year.
fn in_yearly(from: MonthDay, to: MonthDay, day: MonthDay) -> bool {
    match from <= to {
        true => from <= day && day <= to,
        false => from <= day || day <= to,
    }
}

/// The most specific line of these ranks; of equal ones the later.
fn best(lines: &[Line], date: NaiveDate, wanted: impl Fn(Rank) -> bool) -> Option<&Line> {
    lines
        .iter()
        .filter(|line| wanted(line.when.rank()) && line.when.matches(date))
        .max_by_key(|line| line.when.rank())
}
