//! How JSON logs write times: RFC 3339, the same without a zone, and counts since 1970.
//!
//! Takes the text of a value and the zone of the source; gives the instant and how much of it was
//! printed, or the reason why not. Never guesses a date, never reads a clock.

use crate::event::{Civil, Instant, NANOS, Reason, Zone};

/// How much of a time was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Precision {
    /// Date, time and zone.
    Full,
    /// Date and time; the zone is the source's.
    Local,
    /// Only a date: the instant is the midnight that begins it and is not to be trusted.
    Date,
}

/// Reads `2026-04-06T08:31:05.123456789+09:00`: `T`, `t` or a blank between date and time, `-` or
/// `/` within the date, any number of fraction digits (those beyond nanoseconds are dropped), `Z`,
/// `+09:00`, `+0900`, `+09` or no zone at all, seconds optional, or the date alone.
///
/// # Errors
/// [`Reason::BadTime`] for anything else; what [`Civil`] and [`Zone`] refuse.
pub(in crate::format) fn moment(text: &str, zone: &Zone) -> Result<(Instant, Precision), Reason> {
    let mut rest = Digits(text.as_bytes());
    let (year, separator) = (rest.number(4)?, rest.take());
    let month = rest.number(2)?;
    if !matches!(separator, b'-' | b'/') || rest.take() != separator {
        return Err(Reason::BadTime);
    }
    let mut civil = Civil {
        year: year as i32,
        month,
        day: rest.number(2)?,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    if rest.0.is_empty() {
        let midnight = zone.resolve(&civil)?;
        let untrusted = Instant {
            trusted: false,
            ..midnight
        };
        return Ok((untrusted, Precision::Date));
    }
    rest.clock(&mut civil)?;
    match rest.offset()? {
        Some(offset) => Ok((civil.with_offset(offset)?, Precision::Full)),
        None => Ok((zone.resolve(&civil)?, Precision::Local)),
    }
}

/// Reads a count since 1970-01-01T00:00:00Z: up to 11 digits are seconds (a fraction may follow),
/// 12 to 14 milliseconds, 15 to 17 microseconds, 18 and 19 nanoseconds. `None` when the text is
/// not such a number.
pub(in crate::format) fn epoch(text: &str, zone: &Zone) -> Option<Result<Instant, Reason>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 19 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let unit = match whole.len() {
        0..=11 => NANOS,
        12..=14 => 1_000_000,
        15..=17 => 1_000,
        _ => 1,
    };
    let count: i128 = whole.parse().ok()?;
    let part = fraction.bytes().take(9).enumerate().map(|(place, digit)| {
        // Each digit of the fraction is worth a tenth of the one before it.
        i64::from(digit - b'0') * (unit / 10_i64.pow(place as u32 + 1))
    });
    let nanos = count * i128::from(unit) + i128::from(part.sum::<i64>());
    Some(zone.at_nanos(nanos))
}

/// What is left of a text to read.
struct Digits<'t>(&'t [u8]);

impl Digits<'_> {
    /// Exactly so many digits.
    #[inline]
    fn number(&mut self, digits: usize) -> Result<u32, Reason> {
        let (head, tail) = self.0.split_at_checked(digits).ok_or(Reason::BadTime)?;
        self.0 = tail;
        head.iter().try_fold(0, |sum, byte| {
            let digit = byte.wrapping_sub(b'0');
            match digit {
                0..=9 => Ok(sum * 10 + u32::from(digit)),
                _ => Err(Reason::BadTime),
            }
        })
    }

    /// The next byte, or 0 at the end.
    #[inline]
    fn take(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    /// `T08:31`, `T08:31:05` or `T08:31:05.123`, with a comma for the point too.
    #[inline]
    fn clock(&mut self, civil: &mut Civil) -> Result<(), Reason> {
        if !matches!(self.take(), b'T' | b't' | b' ') {
            return Err(Reason::BadTime);
        }
        civil.hour = self.number(2)?;
        if self.take() != b':' {
            return Err(Reason::BadTime);
        }
        civil.minute = self.number(2)?;
        // Hours beyond midnight belong to sources that say so; JSON logs have no such setting.
        if civil.hour > 23 {
            return Err(Reason::HourOver24);
        }
        if self.0.first() == Some(&b':') {
            self.take();
            civil.second = self.number(2)?;
        }
        if matches!(self.0.first(), Some(b'.' | b',')) {
            self.take();
            civil.nanos = self.fraction()?;
        }
        Ok(())
    }

    /// The digits of a fraction of a second, in nanoseconds.
    fn fraction(&mut self) -> Result<u32, Reason> {
        let (mut nanos, mut worth, mut digits) = (0, 100_000_000, 0);
        while let Some(byte @ b'0'..=b'9') = self.0.first() {
            nanos += u32::from(byte - b'0') * worth;
            worth /= 10;
            digits += 1;
            self.take();
        }
        match digits {
            0 => Err(Reason::BadTime),
            _ => Ok(nanos),
        }
    }

    /// Seconds east of UTC, or `None` when the text ends here.
    #[inline]
    fn offset(&mut self) -> Result<Option<i32>, Reason> {
        if self.0.is_empty() {
            return Ok(None);
        }
        if let [b' ', after @ ..] = self.0 {
            self.0 = after;
        }
        let sign = match self.take() {
            b'Z' | b'z' if self.0.is_empty() => return Ok(Some(0)),
            b'+' => 1,
            b'-' => -1,
            _ => return Err(Reason::BadTime),
        };
        let hours = self.number(2)?;
        if self.0.first() == Some(&b':') {
            self.take();
            if self.0.is_empty() {
                return Err(Reason::BadTime);
            }
        }
        let minutes = if self.0.is_empty() {
            0
        } else {
            self.number(2)?
        };
        if !self.0.is_empty() || hours > 23 || minutes > 59 {
            return Err(Reason::BadTime);
        }
        Ok(Some(sign * (hours * 3600 + minutes * 60) as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, Reason> {
        moment(text, &Zone::tokyo()).map(|(instant, _)| instant.rfc3339())
    }

    #[test]
    fn the_forms_of_rfc_3339_and_its_neighbors_are_read() {
        let same = "2026-04-06T08:31:05.123+09:00";
        for text in [
            same,
            "2026-04-06T08:31:05.123",
            "2026/04/06 08:31:05,123",
            "2026-04-06t08:31:05.1230000009+0900",
            "2026-04-06 08:31:05.123 +09",
        ] {
            assert_eq!(read(text).as_deref(), Ok(same), "{text}");
        }
        assert_eq!(
            read("2026-04-06T08:31Z").as_deref(),
            Ok("2026-04-06T08:31:00Z")
        );
    }

    #[test]
    fn a_date_alone_is_not_to_be_trusted() {
        let (instant, precision) = moment("2026-04-06", &Zone::tokyo()).unwrap();
        assert_eq!((instant.trusted, precision), (false, Precision::Date));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026",
            "2026-04",
            "2026-04/06",
            "2026-04-06T",
            "2026-04-06T08",
            "2026-13-01",
            "2026-02-29T00:00:00Z",
            "2026-04-06T08:31:05.Z",
            "2026-04-06T08:31:05+09:",
            "2026-04-06T08:31:05Zx",
            "2026-04-06T08:31:05\0",
            "２０２６-04-06",
            "2026-04-06T08:31:05+99:00",
        ] {
            assert_eq!(read(text), Err(Reason::BadTime), "{text}");
        }
        assert_eq!(read("2026-04-06T24:15:30Z"), Err(Reason::HourOver24));
        assert_eq!(read("1723-04-06T08:31:05Z"), Err(Reason::TimeOutOfRange));
        let new_york = Zone::named("America/New_York").unwrap();
        assert_eq!(
            moment("2026-03-08T02:30:00", &new_york),
            Err(Reason::NonexistentTime)
        );
    }

    #[test]
    fn counts_since_1970_tell_their_unit_by_their_length() {
        let read = |text| epoch(text, &Zone::tokyo()).map(|r| r.map(|i| i.rfc3339()));
        let same = Some(Ok("2026-04-06T08:31:05+09:00".to_owned()));
        assert_eq!(read("1775431865"), same);
        assert_eq!(read("1775431865000"), same);
        assert_eq!(read("1775431865000000"), same);
        assert_eq!(read("1775431865000000000"), same);
        assert_eq!(
            read("1775431865.25"),
            Some(Ok("2026-04-06T08:31:05.250+09:00".to_owned()))
        );
        assert_eq!(read("99999999999"), Some(Err(Reason::TimeOutOfRange)));
        assert_eq!((read("1e9"), read("-5"), read("")), (None, None, None));
    }
}
