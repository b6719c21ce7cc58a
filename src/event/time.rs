//! Instants and zones: how a printed local time becomes a point in time, exactly.
//!
//! Takes the parts of a printed time, or a count since 1970; gives the instant, or why there is
//! none. Never reads a clock.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::reject::Reason;

/// Nanoseconds in a second.
pub const NANOS: i64 = 1_000_000_000;

/// A point in time with the offset it was printed with and how far it is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub nanos: i64,
    /// Seconds east of UTC in the place where it was printed.
    pub offset: i32,
    /// False when the clock that printed it is not to be trusted (promise 5).
    pub trusted: bool,
    /// True when the local time occurs twice and the first was taken.
    pub ambiguous: bool,
}

impl Instant {
    /// Seconds of the local clock since 1970-01-01T00:00:00 local.
    pub fn local_seconds(&self) -> i64 {
        self.nanos.div_euclid(NANOS) + i64::from(self.offset)
    }

    /// RFC 3339 with the offset, and as many fraction digits (0, 3, 6, 9) as needed.
    pub fn rfc3339(&self) -> String {
        rfc3339(self.nanos, self.offset)
    }
}

/// RFC 3339 of an instant in an offset, with as many fraction digits (0, 3, 6, 9) as needed.
pub fn rfc3339(nanos: i64, offset: i32) -> String {
    let zone = chrono::FixedOffset::east_opt(offset).unwrap_or_else(|| chrono::Utc.fix());
    DateTime::from_timestamp_nanos(nanos)
        .with_timezone(&zone)
        .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, offset == 0)
}

/// A date and time as a clock on the wall reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year, Gregorian.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day, 1 to 31.
    pub day: u32,
    /// Hour, 0 to 23 (up to 47 where a source writes hours beyond midnight).
    pub hour: u32,
    /// Minute, 0 to 59.
    pub minute: u32,
    /// Second, 0 to 60 (a leap second counts as the second after it).
    pub second: u32,
    /// Nanoseconds within the second.
    pub nanos: u32,
}

impl Civil {
    /// Seconds since 1970-01-01T00:00:00 of the same wall; checks every part. Hours up to 47 run
    /// into the next day.
    #[inline]
    pub fn seconds(&self) -> Result<i64, Reason> {
        if !(1900..2200).contains(&self.year) {
            return Err(Reason::TimeOutOfRange);
        }
        let ok = self.month.wrapping_sub(1) < 12
            && self.day.wrapping_sub(1) < days_in_month(self.year, self.month)
            && self.hour < 48
            && self.minute < 60
            && self.second <= 60;
        if !ok {
            return Err(Reason::BadTime);
        }
        let days = days_from_civil(self.year, self.month, self.day);
        Ok(days * 86_400
            + i64::from(self.hour) * 3_600
            + i64::from(self.minute) * 60
            + i64::from(self.second))
    }

    /// The instant of a time printed with an offset of so many seconds east.
    pub fn with_offset(&self, offset: i32) -> Result<Instant, Reason> {
        let seconds = self.seconds()? - i64::from(offset);
        let nanos = seconds * NANOS + i64::from(self.nanos);
        Ok(Instant {
            nanos,
            offset,
            trusted: true,
            ambiguous: false,
        })
    }
}

/// Days in a month of the Gregorian calendar; `month` is 1 to 12.
#[inline]
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a Gregorian date (all parts valid), by counting from 1 March.
#[inline]
pub fn days_from_civil(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// An IANA time zone, with the shortcut that most of Asia allows: one offset for all years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    tz: Tz,
    /// The offset, when it has not changed since 1960 and is not announced to.
    fixed: Option<i32>,
}

impl Zone {
    /// Japan.
    pub fn tokyo() -> Zone {
        Zone::from(chrono_tz::Asia::Tokyo)
    }

    /// The zone of this IANA name, exactly as written.
    pub fn named(name: &str) -> Option<Zone> {
        name.parse::<Tz>().ok().map(Zone::from)
    }

    /// The IANA name.
    pub fn name(&self) -> &'static str {
        self.tz.name()
    }

    /// The zone of chrono-tz.
    pub fn tz(&self) -> Tz {
        self.tz
    }

    /// Seconds east of UTC at an instant.
    #[inline]
    pub fn offset_at(&self, nanos: i64) -> i32 {
        match self.fixed {
            Some(offset) => offset,
            None => {
                let utc = DateTime::from_timestamp_nanos(nanos).naive_utc();
                self.tz
                    .offset_from_utc_datetime(&utc)
                    .fix()
                    .local_minus_utc()
            }
        }
    }

    /// The instant of a count of nanoseconds since 1970-01-01T00:00:00Z, as this zone's clock shows
    /// it.
    ///
    /// # Errors
    /// [`Reason::TimeOutOfRange`] before 1900 and from 2200 on, as for times that print their year.
    pub fn at_nanos(&self, nanos: i128) -> Result<Instant, Reason> {
        // 1900-01-01 and 2200-01-01.
        const SECONDS: std::ops::Range<i128> = -2_208_988_800..7_258_118_400;
        if !SECONDS.contains(&nanos.div_euclid(i128::from(NANOS))) {
            return Err(Reason::TimeOutOfRange);
        }
        let nanos = i64::try_from(nanos).map_err(|_| Reason::TimeOutOfRange)?;
        Ok(Instant {
            nanos,
            offset: self.offset_at(nanos),
            trusted: true,
            ambiguous: false,
        })
    }

    /// The instant of a local time. A time that the clock skips is refused; of one that occurs
    /// twice the first is taken and marked (design 8.1).
    #[inline]
    pub fn resolve(&self, civil: &Civil) -> Result<Instant, Reason> {
        match self.fixed {
            Some(offset) if civil.year >= 1960 => civil.with_offset(offset),
            _ => self.resolve_by_table(civil),
        }
    }

    fn resolve_by_table(&self, civil: &Civil) -> Result<Instant, Reason> {
        let seconds = civil.seconds()?;
        let local: NaiveDateTime = DateTime::from_timestamp(seconds, 0)
            .ok_or(Reason::TimeOutOfRange)?
            .naive_utc();
        let (first, ambiguous) = match self.tz.offset_from_local_datetime(&local) {
            chrono::LocalResult::Single(offset) => (offset, false),
            chrono::LocalResult::Ambiguous(first, _) => (first, true),
            chrono::LocalResult::None => return Err(Reason::NonexistentTime),
        };
        let offset = first.fix().local_minus_utc();
        let nanos = (seconds - i64::from(offset)) * NANOS + i64::from(civil.nanos);
        Ok(Instant {
            nanos,
            offset,
            trusted: true,
            ambiguous,
        })
    }
}

impl From<Tz> for Zone {
    fn from(tz: Tz) -> Zone {
        // A zone with a rule for summer time shows it in some month of some year after 1960.
        let offset_in = |year, month| {
            let noon = NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(12, 0, 0)?;
            Some(tz.offset_from_utc_datetime(&noon).fix().local_minus_utc())
        };
        let first = offset_in(1960, 1);
        let same = (1960..2038).all(|y| (1..=12).all(|m| offset_in(y, m) == first));
        Zone {
            tz,
            fixed: first.filter(|_| same),
        }
    }
}
