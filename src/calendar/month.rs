//! A month as people check it against the paper on the wall: one row a day.
//!
//! Takes a calendar and a month; gives for each day its holiday, its spans and the line that
//! decided. Never prints.

use std::sync::Arc;

use chrono::NaiveDate;

use super::clock::day_number;
use super::lists::Name;
use super::{CalendarId, Calendars};
use crate::diagnostic::{Place, Text};

/// A day of a calendar's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthDay {
    /// The date.
    pub date: NaiveDate,
    /// The holiday it is, in both languages; a list has only its own.
    pub holiday: Option<Text>,
    /// The spans that start on it, as `08:30-12:00, 14:30-18:00`; empty when closed.
    pub spans: String,
    /// What decided, as in a judgement.
    pub reason: Arc<str>,
    /// Where that is written.
    pub at: Option<Place>,
}

impl Calendars {
    /// The days of a month, in order; nothing when the month does not exist.
    pub fn month(&self, id: CalendarId, year: i32, month: u32) -> Vec<MonthDay> {
        let calendar = self.calendar(id);
        let dates = (1..=31).filter_map(|day| NaiveDate::from_ymd_opt(year, month, day));
        dates
            .map(|date| {
                let day = day_number(date);
                let decided = calendar.rules.decide(day);
                let spans: Vec<String> = decided.spans().iter().map(|s| s.written()).collect();
                let both = |name: Name| match name {
                    Name::Law(holiday) => Text::new(holiday.en, holiday.ja),
                    Name::Listed(name) => Text::new(&*name, &*name),
                };
                MonthDay {
                    date,
                    holiday: calendar.rules.holiday(day).map(both),
                    spans: spans.join(", "),
                    reason: calendar.reason(decided, day),
                    at: calendar.place(decided),
                }
            })
            .collect()
    }
}
