//! How often a source should be heard of (`expect` of the config).
//!
//! Takes its words; gives what they mean, and the days on which they ask for a record. Never knows
//! what a source gave.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::calendar::holiday;
use crate::event::NANOS;
use crate::text::length_of_time;

/// How often a source should be heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Every day (`nightly`).
    Daily,
    /// From Monday to Friday, but for public holidays (`weekdays`).
    Weekdays,
    /// At least once in so many nanoseconds (`hourly`, or a length of time).
    Within(i64),
}

impl Expectation {
    /// The shortest length of time that can be asked for, nanoseconds.
    pub const SHORTEST: i64 = 60 * NANOS;

    /// The meaning of a word; `None` for words that have none, and for lengths shorter than a
    /// minute.
    pub fn from_word(word: &str) -> Option<Expectation> {
        let length = match word.trim() {
            "nightly" => return Some(Expectation::Daily),
            "weekdays" => return Some(Expectation::Weekdays),
            "hourly" => 3_600,
            word => length_of_time(word)?,
        };
        let nanos = length.checked_mul(NANOS)?;
        (nanos >= Expectation::SHORTEST).then_some(Expectation::Within(nanos))
    }

    /// True when a record is asked for on a local day, counted since 1970.
    pub fn asks_on(self, day: i64) -> bool {
        let date = i32::try_from(day).ok();
        let Some(date) = date.and_then(NaiveDate::from_epoch_days) else {
            return false;
        };
        let is_weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        self != Expectation::Weekdays || (!is_weekend && holiday(date).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lengths_are_read() {
        let minutes = |n: i64| Some(Expectation::Within(n * 60 * NANOS));
        assert_eq!(Expectation::from_word("nightly"), Some(Expectation::Daily));
        assert_eq!(
            Expectation::from_word(" weekdays "),
            Some(Expectation::Weekdays)
        );
        assert_eq!(Expectation::from_word("hourly"), minutes(60));
        assert_eq!(Expectation::from_word("30m"), minutes(30));
        assert_eq!(Expectation::from_word("60s"), minutes(1));
        for wrong in ["", "daily", "59s", "0m", "9999999999999d", "m"] {
            assert_eq!(Expectation::from_word(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn weekdays_leave_out_weekends_and_public_holidays() {
        let day = |month, day| {
            let date = NaiveDate::from_ymd_opt(2026, month, day).expect("a date");
            i64::from(date.to_epoch_days())
        };
        let asks = |month, of_month| Expectation::Weekdays.asks_on(day(month, of_month));
        assert!(asks(11, 20), "a Friday");
        assert!(!asks(11, 21), "a Saturday");
        assert!(!asks(11, 22), "a Sunday");
        assert!(!asks(11, 23), "a Monday that is a holiday");
        assert!(asks(11, 24));
        assert!(Expectation::Daily.asks_on(day(11, 22)));
        assert!(!Expectation::Daily.asks_on(i64::MAX), "no date");
    }
}
