//! The stretch of days a report is about: a week, a month, or from one day to another.
//!
//! Takes days of the site's clock, counted from 1970-01-01; gives their instants, their names and
//! the stretch before. Never reads a clock.

use std::ops::Range;

use chrono::{Datelike as _, NaiveDate};

use crate::diagnostic::Lang;
use crate::event::{Civil, NANOS, Zone};

/// Most days of a report: a quarter of a year.
pub const MOST_DAYS: i64 = 92;

/// How a stretch is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ISO week, Monday to Sunday: its year and number.
    Week(i32, u32),
    /// A month of a year.
    Month(i32, u32),
    /// Some days.
    Days,
}

/// Whole local days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How it is called.
    pub kind: Kind,
    /// First day, counted from 1970-01-01.
    pub first: i64,
    /// Day after the last.
    pub end: i64,
}

impl Period {
    /// An ISO week; `None` when the year has no such week or lies out of reach.
    pub fn week(year: i32, week: u32) -> Option<Period> {
        let monday = NaiveDate::from_isoywd_opt(year, week, chrono::Weekday::Mon)?;
        let first = day_number(monday);
        in_reach(first).then_some(Period {
            kind: Kind::Week(year, week),
            first,
            end: first + 7,
        })
    }

    /// The ISO week that holds a day.
    pub fn week_of(day: i64) -> Option<Period> {
        let week = date_of(day)?.iso_week();
        Period::week(week.year(), week.week())
    }

    /// A month.
    pub fn month(year: i32, month: u32) -> Option<Period> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let next = first.checked_add_months(chrono::Months::new(1))?;
        let first = day_number(first);
        in_reach(first).then_some(Period {
            kind: Kind::Month(year, month),
            first,
            end: day_number(next),
        })
    }

    /// From a day to another, both included; `None` when the second comes before the first, or the
    /// stretch is longer than [`MOST_DAYS`].
    pub fn days(first: i64, last: i64) -> Option<Period> {
        let reach = in_reach(first) && in_reach(last);
        (reach && first <= last && last - first < MOST_DAYS).then(|| Period {
            kind: Kind::Days,
            first,
            end: last + 1,
        })
    }

    /// Number of days.
    pub fn length(&self) -> i64 {
        self.end - self.first
    }

    /// Its days.
    pub fn range(&self) -> Range<i64> {
        self.first..self.end
    }

    /// The stretch of equal length before it.
    pub fn before(&self) -> Range<i64> {
        self.first - self.length()..self.first
    }

    /// From its first instant to the first after it, nanoseconds since 1970.
    pub fn instants(&self, zone: &Zone) -> Range<i64> {
        midnight(self.first, zone)..midnight(self.end, zone)
    }

    /// `2026-W47`, `2026-11`, or `2026-11-16_2026-11-20`: for file names, JSON and the run record.
    pub fn label(&self) -> String {
        match self.kind {
            Kind::Week(year, week) => format!("{year}-W{week:02}"),
            Kind::Month(year, month) => format!("{year}-{month:02}"),
            Kind::Days => format!("{}_{}", iso(self.first), iso(self.end - 1)),
        }
    }

    /// What a reader calls it: `2026年第47週（11月16日〜11月22日）`.
    pub fn title(&self, lang: Lang) -> String {
        let (first, last) = (self.first, self.end - 1);
        match (self.kind, lang) {
            (Kind::Week(year, week), Lang::Ja) => format!(
                "{year}年第{week}週（{}〜{}）",
                month_day(first, lang),
                month_day(last, lang)
            ),
            (Kind::Week(year, week), Lang::En) => {
                format!("week {week} of {year} ({} to {})", iso(first), iso(last))
            }
            (Kind::Month(year, month), Lang::Ja) => format!("{year}年{month}月"),
            (Kind::Month(year, month), Lang::En) => format!("month {year}-{month:02}"),
            (Kind::Days, Lang::Ja) => format!("{}〜{}", whole_day(first), whole_day(last)),
            (Kind::Days, Lang::En) => format!("{} to {}", iso(first), iso(last)),
        }
    }
}

/// `2026-11-16`; the number itself where no calendar reaches.
pub fn iso(day: i64) -> String {
    date_of(day).map_or_else(|| day.to_string(), |date| date.to_string())
}

/// The local day of an instant, counted from 1970-01-01.
pub fn day_of(nanos: i64, zone: &Zone) -> i64 {
    let seconds = nanos.div_euclid(NANOS) + i64::from(zone.offset_at(nanos));
    seconds.div_euclid(86_400)
}

/// The first instant of a local day. Where the clock skips midnight, the first that exists.
pub fn midnight(day: i64, zone: &Zone) -> i64 {
    hour_begins(day, 0, zone)
}

/// The instant at which an hour of a local day begins, or the next one that exists.
pub(super) fn hour_begins(day: i64, hour: u32, zone: &Zone) -> i64 {
    let date = date_of(day).unwrap_or_default();
    let at = |hour| {
        let civil = Civil {
            year: date.year(),
            month: date.month(),
            day: date.day(),
            hour,
            minute: 0,
            second: 0,
            nanos: 0,
        };
        zone.resolve(&civil).ok().map(|instant| instant.nanos)
    };
    // Clocks skip an hour at most; two in a row would be a day of 22 hours.
    at(hour).or_else(|| at(hour + 1)).unwrap_or_default()
}

/// The date of a day counted from 1970-01-01.
pub(super) fn date_of(day: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(day).ok()?)
}

/// 0 for Monday to 6 for Sunday.
pub(super) fn weekday(day: i64) -> usize {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

/// `11月16日` or `Nov 16`.
pub(super) fn month_day(day: i64, lang: Lang) -> String {
    let date = date_of(day).unwrap_or_default();
    match lang {
        Lang::Ja => format!("{}月{}日", date.month(), date.day()),
        Lang::En => date.format("%b %-d").to_string(),
    }
}

fn whole_day(day: i64) -> String {
    let date = date_of(day).unwrap_or_default();
    format!("{}年{}", date.year(), month_day(day, Lang::Ja))
}

fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

/// Days whose instants, and those of the stretches before them, can be told.
fn in_reach(day: i64) -> bool {
    // 1971-01-01 to 2199-01-01.
    (365..83_641).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_belong_to_the_year_of_their_thursday() {
        let week = Period::week(2026, 47).expect("a week");
        assert_eq!(
            (iso(week.first), iso(week.end - 1)),
            ("2026-11-16".into(), "2026-11-22".into())
        );
        assert_eq!(week.label(), "2026-W47");
        assert_eq!(week.title(Lang::Ja), "2026年第47週（11月16日〜11月22日）");
        assert_eq!(Period::week_of(week.first + 6), Some(week));
        // 2021-01-01 was a Friday of the 53rd week of 2020.
        let first = day_number(NaiveDate::from_ymd_opt(2021, 1, 1).expect("a day"));
        assert_eq!(Period::week_of(first).expect("a week").label(), "2020-W53");
        assert_eq!(Period::week(2021, 53), None);
        assert_eq!(Period::week(1969, 1), None);
        assert_eq!(Period::week(i32::MAX, 1), None);
    }

    #[test]
    fn months_and_stretches_are_whole_days() {
        let month = Period::month(2026, 2).expect("a month");
        assert_eq!((month.length(), month.label()), (28, "2026-02".into()));
        assert_eq!(Period::month(2026, 13), None);
        let days = Period::days(20_000, 20_000 + MOST_DAYS - 1).expect("a stretch");
        assert_eq!(days.length(), MOST_DAYS);
        assert_eq!(Period::days(20_000, 20_000 + MOST_DAYS), None);
        assert_eq!(Period::days(20_001, 20_000), None);
        assert_eq!(Period::days(i64::MIN, i64::MAX), None);
    }

    #[test]
    fn days_begin_where_the_clock_has_them() {
        let tokyo = Zone::tokyo();
        let week = Period::week(2026, 47).expect("a week");
        let instants = week.instants(&tokyo);
        assert_eq!(instants.end - instants.start, 7 * 86_400 * NANOS);
        assert_eq!(day_of(instants.start, &tokyo), week.first);
        assert_eq!(day_of(instants.start - 1, &tokyo), week.first - 1);
        // In Chile the clock goes forward at midnight: 2025-09-07 begins at one o'clock.
        let santiago = Zone::named("America/Santiago").expect("known");
        let day = day_number(NaiveDate::from_ymd_opt(2025, 9, 7).expect("a day"));
        assert_eq!(day_of(midnight(day, &santiago), &santiago), day);
        assert_eq!(day_of(midnight(day, &santiago) - 1, &santiago), day - 1);
    }
}
