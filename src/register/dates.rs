//! Dates as people write them in tables.
//!
//! Takes text: `2026-11-01`, `2026/11/1`, `2026年11月1日`, `20261101`, `令和8年11月1日`, `R8.11.1`,
//! with or without a weekday in brackets and a time of day; gives a civil date. Two-digit years
//! without an era and orders other than year, month, day are never guessed at.

use crate::event::{Civil, Zone};
use crate::text::{ERAS, Era, fold_width};

/// A date and perhaps a time, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The date, and the time or 00:00:00.
    pub(super) civil: Civil,
    /// True when a time of day was written.
    pub(super) timed: bool,
}

/// The date in a text; `None` when it is none, or a day that does not exist.
pub(super) fn read(text: &str) -> Option<Written> {
    let folded = fold_width(text);
    let mut at = Reader {
        rest: folded.trim(),
    };
    let (year, month, day) = at.date()?;
    at.weekday();
    let time = at.time();
    let (hour, minute, second) = time.unwrap_or_default();
    let civil = Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanos: 0,
    };
    (at.rest.trim().is_empty() && civil.seconds().is_ok()).then_some(Written {
        civil,
        timed: time.is_some(),
    })
}

/// The first instant of a day or the instant of a time, nanoseconds since 1970. Where the clock
/// skips the hour, the first instant after the gap.
pub(super) fn begin(zone: Zone, civil: &Civil) -> Option<i64> {
    (0..=3).find_map(|hours| {
        let hour = civil.hour + hours;
        let instant = zone.resolve(&Civil { hour, ..*civil }).ok()?;
        Some(instant.nanos)
    })
}

/// The first instant after a day.
pub(super) fn end_of_day(zone: Zone, civil: &Civil) -> Option<i64> {
    let midnight = Civil {
        hour: 24,
        minute: 0,
        second: 0,
        ..*civil
    };
    begin(zone, &midnight)
}

/// The instant a time ends: a time without a time of day is the whole day, one to the minute is
/// that minute's beginning.
pub(super) fn end(zone: Zone, written: &Written) -> Option<i64> {
    if written.timed {
        return begin(zone, &written.civil);
    }
    end_of_day(zone, &written.civil)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn date(&mut self) -> Option<(i32, u32, u32)> {
        if let Some(era) = self.era() {
            let written = match self.strip("元") {
                true => 1,
                false => self.number(2)? as i32,
            };
            let year = era.year(written)?;
            let (month, day) = self.month_and_day()?;
            return (year <= era.last).then_some((year, month, day));
        }
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 8 {
            let all = self.number(8)?;
            return Some(((all / 10_000) as i32, all / 100 % 100, all % 100));
        }
        if digits != 4 {
            return None;
        }
        let year = self.number(4)? as i32;
        let (month, day) = self.month_and_day()?;
        Some((year, month, day))
    }

    fn era(&mut self) -> Option<&'static Era> {
        for era in &ERAS {
            let letter = char::from(era.letter);
            let [first, second] = era.signs;
            let name = self.rest.strip_prefix(first);
            if let Some(rest) = name.and_then(|rest| rest.strip_prefix(second)) {
                self.rest = rest;
            } else if !self.strip_char(letter) && !self.strip_char(letter.to_ascii_lowercase()) {
                continue;
            }
            self.strip(".");
            return Some(era);
        }
        None
    }

    fn month_and_day(&mut self) -> Option<(u32, u32)> {
        if self.strip("年") {
            let month = self.number(2)?;
            if !self.strip("月") {
                return None;
            }
            let day = self.number(2)?;
            return self.strip("日").then_some((month, day));
        }
        let separator = self.rest.chars().next().filter(|c| "-/.".contains(*c))?;
        self.strip_char(separator);
        let month = self.number(2)?;
        if !self.strip_char(separator) {
            return None;
        }
        Some((month, self.number(2)?))
    }

    /// Skips a weekday in brackets; a date is not judged by it.
    fn weekday(&mut self) {
        let inner = self.rest.trim_start().strip_prefix('(');
        if let Some((day, rest)) = inner.and_then(|r| r.split_once(')')) {
            let mut letters = day.strip_suffix("曜日").unwrap_or(day).chars();
            let known = letters
                .next()
                .is_some_and(|c| "月火水木金土日祝".contains(c));
            if known && letters.next().is_none_or(|c| c == '・' || c == '祝') {
                self.rest = rest;
            }
        }
    }

    fn time(&mut self) -> Option<(u32, u32, u32)> {
        let saved = self.rest;
        let time = self.clock();
        if time.is_none() {
            self.rest = saved;
        }
        time
    }

    fn clock(&mut self) -> Option<(u32, u32, u32)> {
        let trimmed = self.rest.trim_start();
        self.rest = trimmed.strip_prefix('T').unwrap_or(trimmed);
        let hour = self.number(2)?;
        if self.strip("時") {
            if self.rest.trim().is_empty() {
                return Some((hour, 0, 0));
            }
            let minute = self.number(2)?;
            return self.strip("分").then_some((hour, minute, 0));
        }
        if !self.strip(":") {
            return None;
        }
        let minute = self.number(2)?;
        let second = match self.strip(":") {
            true => self.number(2)?,
            false => 0,
        };
        Some((hour, minute, second))
    }

    /// A number of at most so many digits.
    fn number(&mut self, most: usize) -> Option<u32> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > most {
            return None;
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    fn strip(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn strip_char(&mut self, prefix: char) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::event::NANOS;

    use super::*;

    fn show(text: &str) -> Option<String> {
        let w = read(text)?;
        let c = w.civil;
        let date = format!("{}-{:02}-{:02}", c.year, c.month, c.day);
        Some(match w.timed {
            true => format!("{date} {:02}:{:02}:{:02}", c.hour, c.minute, c.second),
            false => date,
        })
    }

    #[test]
    fn dates_are_read_in_every_common_spelling() {
        for text in [
            "2026-11-01",
            "2026/11/1",
            "2026.11.1",
            "2026年11月1日",
            "2026年11月1日(日)",
            "20261101",
            "令和8年11月1日",
            "R8.11.1",
            "r08/11/01",
            "R.8.11.1",
            " 2026/11/01 ",
        ] {
            assert_eq!(show(text).as_deref(), Some("2026-11-01"), "{text}");
        }
        assert_eq!(show("令和元年5月1日").as_deref(), Some("2019-05-01"));
        assert_eq!(show("H31/04/30").as_deref(), Some("2019-04-30"));
        assert_eq!(show("昭和64年1月7日").as_deref(), Some("1989-01-07"));
    }

    #[test]
    fn full_width_dates_are_read() {
        assert_eq!(show("２０２６／１１／１").as_deref(), Some("2026-11-01"));
        assert_eq!(show("㋿8年11月1日").as_deref(), Some("2026-11-01"));
    }

    #[test]
    fn times_are_read_when_they_are_there() {
        let want = Some("2026-11-16 22:00:00");
        for text in [
            "2026-11-16 22:00",
            "2026/11/16 22:00:00",
            "2026-11-16T22:00",
            "2026年11月16日 22時",
            "2026年11月16日(月) 22時0分",
            "R8.11.16 22:00",
        ] {
            assert_eq!(show(text).as_deref(), want, "{text}");
        }
        assert_eq!(
            show("2026/11/16 24:30").as_deref(),
            Some("2026-11-16 24:30:00")
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "-",
            "26/11/01",
            "11/1/2026",
            "2026-02-29",
            "2026-13-01",
            "2026/11",
            "2026-11-01x",
            "2026-11/01",
            "令和0年1月1日",
            "H40.1.1",
            "R8",
            "8.11.1",
            "2026-11-01 25",
            "2026-11-01 48:00",
            "2026-11-01 22時5",
        ] {
            assert_eq!(show(text), None, "{text}");
        }
    }

    #[test]
    fn days_end_when_the_next_one_begins() {
        let day = read("2026-11-01").unwrap().civil;
        let tokyo = Zone::tokyo();
        assert_eq!(begin(tokyo, &day), Some(1_793_458_800 * NANOS));
        assert_eq!(end_of_day(tokyo, &day), Some(1_793_545_200 * NANOS));
        // In Beirut the clock goes from 0:00 to 1:00 on the last Sunday of March.
        let beirut = Zone::named("Asia/Beirut").unwrap();
        let day = read("2026-03-29").unwrap().civil;
        let length = end_of_day(beirut, &day).unwrap() - begin(beirut, &day).unwrap();
        assert_eq!(length, 23 * 3_600 * NANOS);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*", dated in "[0-9RHS令和年月日/. :時分-]{0,20}") {
            read(&text);
            read(&dated);
        }

        #[test]
        fn every_day_is_read_back(year in 1900..2200i32, month in 1..=12u32, day in 1..=31u32) {
            let text = format!("{year}/{month}/{day}");
            let exists = chrono::NaiveDate::from_ymd_opt(year, month, day).is_some();
            prop_assert_eq!(read(&text).is_some(), exists);
        }
    }
}
