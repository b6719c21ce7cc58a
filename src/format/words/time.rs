//! Reading the times that tables print.
//!
//! Takes the text of a time cell, or of a date and a clock cell; gives an instant in the zone of
//! the source, or the reason why not. Reads Japanese eras, full-width digits, unpadded parts,
//! seven-digit era dates, hours beyond midnight and epochs. Never guesses: two-digit years and
//! month-first dates are read only when the config says so. Dates without a clock are midnight and
//! not trusted.

mod civil;
mod month;
mod plain;
mod written;

use chrono::NaiveDate;

use crate::event::{Civil, Instant, Reason, Zone};

pub use month::month_number;
use written::{Parts, Written};

/// Longest time read, in bytes.
const MAX_BYTES: usize = 96;

/// The order of the parts of a date that does not begin with a four-digit year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// Year, month, day, also as seven digits (5080406); English month names are not read.
    #[default]
    Ymd,
    /// Month, day, year, as in the United States.
    Mdy,
    /// Day, month, year.
    Dmy,
    /// Seven digits: one for the era (1 明治 to 5 令和), two each for year, month and day; a clock may
    /// follow without a gap, so that thirteen digits are no epoch.
    EraDigits,
}

/// What a two-digit year means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TwoDigitYear {
    /// Nothing: such a date is refused.
    #[default]
    Refused,
    /// 2000 and so many.
    Western,
    /// The year of 令和.
    Reiwa,
}

/// How a source writes its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeStyle {
    /// Zone of times that print none.
    pub zone: Zone,
    /// Order of date parts.
    pub order: DateOrder,
    /// Meaning of two-digit years.
    pub two_digit_year: TwoDigitYear,
    /// True when 24:15 is a quarter past midnight of the next day (up to 47:59).
    pub hours_over_24: bool,
}

impl TimeStyle {
    /// The default of tables: year first, four digits, hours beyond midnight read.
    pub fn new(zone: Zone) -> Self {
        TimeStyle {
            zone,
            order: DateOrder::Ymd,
            two_digit_year: TwoDigitYear::Refused,
            hours_over_24: true,
        }
    }

    #[inline]
    fn resolve(&self, civil: &Civil, offset: Option<i32>) -> Result<Instant, Reason> {
        if civil.hour >= 24 && !self.hours_over_24 && civil.hour < 48 {
            return Err(Reason::HourOver24);
        }
        match offset {
            Some(offset) => civil.with_offset(offset),
            None => self.zone.resolve(civil),
        }
    }

    fn assemble(&self, parts: &Parts) -> Result<Instant, Reason> {
        let (year, month, day) = parts.date.ok_or(Reason::NoDate)?;
        let clock = parts.clock.unwrap_or_default();
        let civil = Civil {
            year,
            month,
            day,
            hour: clock.hour,
            minute: clock.minute,
            second: clock.second,
            nanos: clock.nanos,
        };
        let mut instant = self.resolve(&civil, parts.offset)?;
        instant.trusted = parts.clock.is_some();
        Ok(instant)
    }
}

/// Reads a whole time from one cell.
///
/// # Errors
/// `NoTime` for an empty cell, `NoDate` for a clock alone, `BadTime`, `TimeOutOfRange`,
/// `HourOver24` and `NonexistentTime` as their texts say.
#[inline]
pub fn read_time(text: &str, style: &TimeStyle) -> Result<Instant, Reason> {
    match civil::whole(text.as_bytes()) {
        Some(civil) => style.resolve(&civil, None),
        None => read_written(text, style),
    }
}

/// The reading of every form, one character at a time.
fn read_written(text: &str, style: &TimeStyle) -> Result<Instant, Reason> {
    match written::read(bounded(text)?, style)? {
        Written::Epoch(nanos) => style.zone.at_nanos(nanos),
        Written::Parts(parts) => style.assemble(&parts),
    }
}

/// Reads a time from a date cell and a clock cell. An empty clock gives what the date cell tells
/// alone; a clock cell that holds a date too is read alone.
///
/// # Errors
/// As [`read_time`].
#[inline]
pub fn read_joined(date: &str, clock: &str, style: &TimeStyle) -> Result<Instant, Reason> {
    match civil::joined(date.as_bytes(), clock.as_bytes()) {
        Some(civil) => style.resolve(&civil, None),
        None => join_written(date, clock, style),
    }
}

/// Reads the end of what began at `start`, on the date of that cell: a clock that lies before the
/// beginning is that of the next day.
///
/// # Errors
/// As [`read_joined`] has them.
pub fn read_end(
    date: &str,
    clock: &str,
    start: &Instant,
    style: &TimeStyle,
) -> Result<Instant, Reason> {
    let end = read_joined(date, clock, style)?;
    let is_clock = matches!(read_time(clock, style), Err(Reason::NoDate));
    if end.nanos >= start.nanos || !is_clock {
        return Ok(end);
    }
    let tomorrow = match written::read(bounded(date)?, style)? {
        Written::Parts(Parts {
            date: Some((year, month, day)),
            ..
        }) => NaiveDate::from_ymd_opt(year, month, day).and_then(|date| date.succ_opt()),
        _ => None,
    };
    let tomorrow = tomorrow.ok_or(Reason::NoDate)?;
    read_joined(&tomorrow.to_string(), clock, style)
}

fn join_written(date: &str, clock: &str, style: &TimeStyle) -> Result<Instant, Reason> {
    let (date, clock) = (super::trim(date), super::trim(clock));
    if super::is_absent(clock) {
        return read_time(date, style);
    }
    let Written::Parts(mut parts) = written::read(bounded(clock)?, style)? else {
        return read_time(clock, style);
    };
    if parts.date.is_none() {
        let Written::Parts(day) = written::read(bounded(date)?, style)? else {
            return Err(Reason::BadTime);
        };
        parts.date = Some(day.date.ok_or(Reason::NoDate)?);
    }
    style.assemble(&parts)
}

fn bounded(text: &str) -> Result<&str, Reason> {
    let text = super::fold::without_guard(super::trim(text));
    if super::is_absent(text) {
        return Err(Reason::NoTime);
    }
    if text.len() > MAX_BYTES {
        return Err(Reason::BadTime);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::event::NANOS;

    use super::*;

    fn style() -> TimeStyle {
        TimeStyle::new(Zone::tokyo())
    }

    fn read(text: &str) -> Result<String, Reason> {
        read_time(text, &style()).map(|t| t.rfc3339())
    }

    #[test]
    fn one_moment_in_many_spellings() {
        let spellings = [
            "2026/04/06 08:31:05",
            "2026-04-06 08:31:05",
            "2026/4/6 8:31:05",
            "2026-04-06T08:31:05",
            "2026-04-06T08:31:05+09:00",
            "2026-04-05T23:31:05Z",
            "2026-04-06T08:31:05+0900",
            "2026-04-05T23:31:05+00",
            "20260406083105",
            "20260406 083105",
            "20260406T083105",
            "R08/04/06 08:31:05",
            "R8.4.6 8:31:05",
            "r08-04-06 8:31:05",
            "令和8年4月6日8時31分5秒",
            "令和 8年 4月 6日　8時31分05秒",
            "令8.4.6 8:31:05",
            "㋿8年4月6日 8:31:05",
            "２０２６／０４／０６　０８：３１：０５",
            "2026年4月6日 午前8時31分05秒",
            "2026/04/06(月) 08:31:05",
            "2026/04/06（月） 08:31:05",
            "2026年4月6日 月曜日 8:31:05",
            "2026/04/06 8:31:05 AM",
            "2026.04.06 08:31:05",
            "1775431865",
            "2026/04/06 08:31:05 JST",
            "\u{feff}2026/04/06 08:31:05",
            "2026-04-06 08:31:05 +09:00",
            "Ｒ０８．０４．０６　０８：３１：０５",
            "5080406 08:31:05",
            "5080406 083105",
            "５０８０４０６　８：３１：０５",
            "=\"2026/04/06 08:31:05\"",
            "'2026/04/06 08:31:05",
        ];
        for text in spellings {
            let nanos = read_time(text, &style()).map(|t| t.nanos);
            assert_eq!(nanos, Ok(1_775_431_865 * NANOS), "{text}");
        }
    }

    #[test]
    fn fractions_of_up_to_nine_digits() {
        for (text, expected) in [
            ("2026-04-06 08:31:05,123", "2026-04-06T08:31:05.123+09:00"),
            ("2026/04/06 08:31:05.1", "2026-04-06T08:31:05.100+09:00"),
            (
                "2026-04-06T08:31:05.1234567+09:00",
                "2026-04-06T08:31:05.123456700+09:00",
            ),
            (
                "2026-04-06T08:31:05.123456789Z",
                "2026-04-06T08:31:05.123456789Z",
            ),
            ("1775431865123", "2026-04-06T08:31:05.123+09:00"),
            ("1775431865123456789", "2026-04-06T08:31:05.123456789+09:00"),
            ("1775431865.5", "2026-04-06T08:31:05.500+09:00"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(read("2026-04-06 08:31:05.1234567890"), Err(Reason::BadTime));
    }

    #[test]
    fn eras_and_hours_beyond_midnight() {
        for (text, expected) in [
            ("令和元年5月1日 0:00:01", "2019-05-01T00:00:01+09:00"),
            ("H31/04/30 23:59:59", "2019-04-30T23:59:59+09:00"),
            ("平成３１年４月３０日 23:59:59", "2019-04-30T23:59:59+09:00"),
            ("㍻31.4.30 23:59", "2019-04-30T23:59:00+09:00"),
            ("S64/01/07 12:00", "1989-01-07T12:00:00+09:00"),
            ("大正15年12月25日 1:25", "1926-12-25T01:25:00+09:00"),
            ("2026/04/06 24:15", "2026-04-07T00:15:00+09:00"),
            ("2026/04/06 47:59:59", "2026-04-07T23:59:59+09:00"),
            ("R08/04/06 24:15:30", "2026-04-07T00:15:30+09:00"),
            ("2026/04/06 12:05 AM", "2026-04-06T00:05:00+09:00"),
            ("2026/04/06 午後0時5分", "2026-04-06T12:05:00+09:00"),
            ("2026/12/31 24:00:00", "2027-01-01T00:00:00+09:00"),
            ("2024/02/29 08:31", "2024-02-29T08:31:00+09:00"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        let strict = TimeStyle {
            hours_over_24: false,
            ..style()
        };
        for text in ["2026/04/06 24:15", "2026/04/06 24:15:00"] {
            assert_eq!(read_time(text, &strict), Err(Reason::HourOver24));
        }
    }

    #[test]
    fn what_is_not_a_time_is_told() {
        for (text, reason) in [
            ("", Reason::NoTime),
            ("－", Reason::NoTime),
            ("08:31:05", Reason::NoDate),
            ("26/04/06 08:31", Reason::BadTime),
            ("08/04/06 08:31:05", Reason::BadTime),
            ("4/6/2026 8:31:05", Reason::BadTime),
            ("6080406", Reason::BadTime),
            ("5081306 08:31", Reason::BadTime),
            ("508040", Reason::NoDate),
            ("Apr 6 2026 08:31:05", Reason::BadTime),
            ("2026/04/06 48:00", Reason::BadTime),
            ("2026/02/29 08:31:00", Reason::BadTime),
            ("2026/13/01 00:00:00", Reason::BadTime),
            ("1850/01/01 00:00:00", Reason::TimeOutOfRange),
            ("9999999999", Reason::TimeOutOfRange),
            ("日時", Reason::BadTime),
            ("R0/1/1 0:00", Reason::BadTime),
            ("2026/04/06 08:31:05 xx", Reason::BadTime),
            ("2026/04/06 8", Reason::BadTime),
            ("46118.5", Reason::BadTime),
        ] {
            assert_eq!(read(text), Err(reason), "{text}");
        }
        let day = read_time("2026/04/06", &style()).expect("a date");
        assert!(!day.trusted && day.rfc3339() == "2026-04-06T00:00:00+09:00");
        assert!(
            read_time("2026/04/06 00:00", &style())
                .expect("a time")
                .trusted
        );
    }

    #[test]
    fn what_the_config_says_is_read() {
        let with = |order, two_digit_year, text| {
            let style = TimeStyle {
                order,
                two_digit_year,
                ..style()
            };
            read_time(text, &style).map(|t| t.rfc3339())
        };
        let expected = Ok("2026-04-06T08:31:05+09:00".to_owned());
        let refused = TwoDigitYear::Refused;
        assert_eq!(
            with(DateOrder::Mdy, refused, "4/6/2026 8:31:05 AM"),
            expected
        );
        assert_eq!(
            with(DateOrder::Mdy, refused, "Apr  6, 2026 08:31:05"),
            expected
        );
        assert_eq!(
            with(DateOrder::Dmy, refused, "06/04/2026 08:31:05"),
            expected
        );
        assert_eq!(
            with(DateOrder::Dmy, refused, "6-Apr-2026 08:31:05"),
            expected
        );
        assert_eq!(
            with(DateOrder::EraDigits, refused, "5080406 083105"),
            expected
        );
        assert_eq!(
            with(DateOrder::EraDigits, refused, "5080406083105"),
            expected
        );
        assert_eq!(
            with(DateOrder::Ymd, TwoDigitYear::Western, "26/04/06 08:31:05"),
            expected
        );
        assert_eq!(
            with(DateOrder::Ymd, TwoDigitYear::Reiwa, "08/04/06 08:31:05"),
            expected
        );
        assert_eq!(
            with(DateOrder::Mdy, TwoDigitYear::Western, "04/06/26 08:31:05"),
            expected
        );
        assert_eq!(
            with(DateOrder::Mdy, refused, "04/06/26 08:31:05"),
            Err(Reason::BadTime)
        );
        assert_eq!(
            with(DateOrder::Mdy, refused, "2026/04/06 08:31:05"),
            expected
        );
    }

    #[test]
    fn dates_and_clocks_in_two_cells() {
        let join = |date, clock| read_joined(date, clock, &style()).map(|t| t.rfc3339());
        let expected = Ok("2026-04-06T08:31:05+09:00".to_owned());
        for (date, clock) in [
            ("2026/04/06", "08:31:05"),
            ("R08/04/06", "8:31:05"),
            ("20260406", "083105"),
            ("5080406", "083105"),
            ("5080406", "8:31:05"),
            ("=\"2026/04/06\"", "'8:31:05"),
            ("2026/04/06 0:00:00", "8:31:05"),
            ("令和8年4月6日", "８：３１：０５"),
            ("2026/04/06", "午前8時31分5秒"),
            ("x", "2026/04/06 08:31:05"),
            ("2026-04-06", " 08:31:05 "),
        ] {
            assert_eq!(join(date, clock), expected, "{date} {clock}");
        }
        assert_eq!(join("2026/4/5", "32:31:05"), expected);
        assert_eq!(join("", "08:31:05"), Err(Reason::NoTime));
        assert_eq!(join("08:31:05", "08:31:05"), Err(Reason::NoDate));
        assert!(
            !read_joined("2026/04/06", "", &style())
                .expect("a date")
                .trusted
        );
    }

    proptest! {
        #[test]
        fn the_shortcuts_equal_the_reading_of_every_form(
            (y, m, d) in (1850i32..2250, 0u32..14, 0u32..33),
            (h, mi, s) in (0u32..50, 0u32..62, 0u32..62),
            sep in "[/-]", fraction in "([.,][0-9]{0,10})?", t in "[ T]",
        ) {
            let date = format!("{y:04}{sep}{m:02}{sep}{d:02}");
            let clock = format!("{h:02}:{mi:02}:{s:02}{fraction}");
            let text = format!("{date}{t}{clock}");
            prop_assert_eq!(read_time(&text, &style()), read_written(&text, &style()));
            prop_assert_eq!(read_joined(&date, &clock, &style()), join_written(&date, &clock, &style()));
        }

        #[test]
        fn any_text_is_read_or_told(text in "[0-9RH令和元年月日時分/:. T()+Z-]{0,24}|.{0,30}") {
            for order in [DateOrder::Ymd, DateOrder::Mdy, DateOrder::Dmy, DateOrder::EraDigits] {
                let style = TimeStyle { order, ..style() };
                let fast = read_time(&text, &style);
                prop_assert_eq!(fast, read_written(&text, &style));
                let _ = read_joined(&text, &text, &style);
            }
        }
    }
}
