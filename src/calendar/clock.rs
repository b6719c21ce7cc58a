//! What the clock on the wall reads, and when its zone changes it.
//!
//! Takes instants in seconds since 1970; gives readings in seconds of the wall. Never asks which
//! instant a reading belongs to, except for the beginning of a month, where only a fixed answer
//! matters.

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

/// Seconds in a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// The clock of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    tz: Tz,
    /// The offset when no year since 1960 knows another: most of Asia.
    fixed: Option<i64>,
}

impl Clock {
    pub(super) fn new(tz: Tz) -> Clock {
        let first = offset_of(tz, 0);
        // Ten days apart: no zone ever changed its clock for less.
        let (from, to) = (-3653 * DAY_SECONDS, 25_000 * DAY_SECONDS);
        let mut moments = (0..)
            .map(|i| from + i * 10 * DAY_SECONDS)
            .take_while(|t| *t < to);
        Clock {
            tz,
            fixed: moments.all(|t| offset_of(tz, t) == first).then_some(first),
        }
    }

    pub(super) fn tz(self) -> Tz {
        self.tz
    }

    /// Seconds east of UTC at an instant.
    pub(super) fn offset(self, instant: i64) -> i64 {
        match self.fixed {
            Some(offset) if instant > -3653 * DAY_SECONDS => offset,
            _ => offset_of(self.tz, instant),
        }
    }

    /// What the wall reads at an instant.
    pub(super) fn reading(self, instant: i64) -> i64 {
        instant + self.offset(instant)
    }

    /// The first change of the offset after `instant` and before `limit`.
    pub(super) fn change_after(self, instant: i64, limit: i64) -> Option<i64> {
        let offset = self.offset(instant);
        let mut same = instant;
        while same < limit {
            let next = (same + DAY_SECONDS).min(limit);
            if self.offset(next) != offset {
                return Some(self.bisect(same, next)).filter(|t| *t < limit);
            }
            same = next;
        }
        None
    }

    /// The last change of the offset at or before `instant` and after `limit`.
    pub(super) fn change_before(self, instant: i64, limit: i64) -> Option<i64> {
        let offset = self.offset(instant);
        let mut same = instant;
        while same > limit {
            let next = (same - DAY_SECONDS).max(limit);
            if self.offset(next) != offset {
                return Some(self.bisect(next, same));
            }
            same = next;
        }
        None
    }

    /// The first instant with the offset of `late`, which differs from that of `early`.
    fn bisect(self, mut early: i64, mut late: i64) -> i64 {
        let offset = self.offset(late);
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            if self.offset(middle) == offset {
                late = middle;
            } else {
                early = middle;
            }
        }
        late
    }

    /// The instant at which a month begins by the offset of the day before; where the clock
    /// changes at that very midnight, this is still one fixed instant beside it.
    pub(super) fn month_begins(self, first: NaiveDate) -> i64 {
        let midnight = i64::from(day_number(first)) * DAY_SECONDS;
        let before = self.offset(midnight - DAY_SECONDS);
        midnight - self.offset(midnight - before)
    }
}

fn offset_of(tz: Tz, instant: i64) -> i64 {
    let utc = DateTime::from_timestamp(instant, 0).unwrap_or_default();
    let offset = tz.offset_from_utc_datetime(&utc.naive_utc()).fix();
    i64::from(offset.local_minus_utc())
}

/// Days since 1970.
pub(super) fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date of a day number; days outside all calendars become the nearest end.
pub(super) fn date_of(day: i32) -> NaiveDate {
    day.checked_add(719_163)
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .unwrap_or(if day < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japan_is_fixed_and_new_york_is_not() {
        assert_eq!(Clock::new(Tz::Asia__Tokyo).fixed, Some(9 * 3600));
        assert_eq!(Clock::new(Tz::America__New_York).fixed, None);
        // Morocco sets its clock back for the month of Ramadan only.
        assert_eq!(Clock::new(Tz::Africa__Casablanca).fixed, None);
    }

    #[test]
    fn changes_are_found_to_the_second() {
        let clock = Clock::new(Tz::America__New_York);
        let spring = 1_741_503_600; // 2025-03-09T07:00:00Z
        let around = 3 * DAY_SECONDS;
        assert_eq!(
            clock.change_after(spring - 100, spring + around),
            Some(spring)
        );
        assert_eq!(
            clock.change_before(spring + 100, spring - around),
            Some(spring)
        );
        assert_eq!(clock.change_before(spring, spring - around), Some(spring));
        assert_eq!(clock.change_after(spring, spring + around), None);
        assert_eq!(clock.change_before(spring - 1, spring - around), None);
    }

    #[test]
    fn dates_and_day_numbers_agree() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date");
        assert_eq!(date_of(day_number(date)), date);
        assert_eq!(day_number(NaiveDate::default()), 0);
        assert_eq!(date_of(i32::MAX), NaiveDate::MAX);
    }
}
