//! Times in every form people and systems write them.
//!
//! Takes trimmed text; gives the parts that stand in it. Never fills in what is not there.

use super::month::month_number;
use super::plain::plain;
use super::{DateOrder, TimeStyle, TwoDigitYear};
use crate::event::{NANOS, Reason};
use crate::text::{ERAS, Era};

/// What a text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nanoseconds since 1970.
    Epoch(i128),
    /// Parts of a date, a clock, or both.
    Parts(Parts),
}

/// The parts found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Year, month, day.
    pub(super) date: Option<(i32, u32, u32)>,
    /// Clock.
    pub(super) clock: Option<Clock>,
    /// Seconds east of UTC.
    pub(super) offset: Option<i32>,
}

/// A clock; hours may run beyond midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanos: u32,
}

/// Reads a text of any form.
pub(super) fn read(text: &str, style: &TimeStyle) -> Result<Written, Reason> {
    let plain = plain(text);
    let mut cursor = Cursor {
        rest: plain.as_bytes(),
        style,
    };
    let written = cursor.written().ok_or(Reason::BadTime)?;
    cursor.blanks();
    if cursor.rest.is_empty() {
        Ok(written)
    } else {
        Err(Reason::BadTime)
    }
}

struct Cursor<'t> {
    rest: &'t [u8],
    style: &'t TimeStyle,
}

impl Cursor<'_> {
    fn written(&mut self) -> Option<Written> {
        self.blanks();
        let digits = self.count_digits();
        if digits == self.rest.len() {
            return self.packed(digits);
        }
        if let (10, Some(b'.')) = (digits, self.rest.get(10)) {
            let seconds = i128::from(self.number(10)?);
            let nanos = self.fraction()?;
            return Some(Written::Epoch(
                seconds * i128::from(NANOS) + i128::from(nanos),
            ));
        }
        let mut parts = Parts::default();
        if !self.clock_begins(digits) {
            parts.date = Some(self.date(digits)?);
            if !self.gap_before_clock() {
                return Some(Written::Parts(parts));
            }
        }
        parts.clock = Some(self.clock()?);
        parts.offset = self.offset()?;
        Some(Written::Parts(parts))
    }

    /// Digits alone: a packed time, a date, a clock or an epoch, told apart by their number.
    fn packed(&mut self, digits: usize) -> Option<Written> {
        let epoch = |value: u64, unit: i64| Written::Epoch(i128::from(value) * i128::from(unit));
        match digits {
            11 | 13 if self.style.order == DateOrder::EraDigits => {
                let date = Some(self.packed_date(7)?);
                let clock = Some(self.packed_clock(digits - 7)?);
                Some(Written::Parts(Parts {
                    date,
                    clock,
                    offset: None,
                }))
            }
            10 => Some(epoch(self.number(10)?, NANOS)),
            13 => Some(epoch(self.number(13)?, 1_000_000)),
            16 => Some(epoch(self.number(16)?, 1_000)),
            19 => Some(epoch(self.number(19)?, 1)),
            6 => Some(Written::Parts(Parts {
                clock: Some(self.packed_clock(6)?),
                ..Parts::default()
            })),
            7 | 8 => Some(Written::Parts(Parts {
                date: Some(self.packed_date(digits)?),
                ..Parts::default()
            })),
            12 | 14 | 17 => {
                let date = Some(self.packed_date(8)?);
                let clock = Some(self.packed_clock(digits - 8)?);
                Some(Written::Parts(Parts {
                    date,
                    clock,
                    offset: None,
                }))
            }
            _ => None,
        }
    }

    fn packed_date(&mut self, digits: usize) -> Option<(i32, u32, u32)> {
        let era = (digits == 7).then_some(());
        let year = match era {
            None => self.number(4)? as i32,
            Some(()) if matches!(self.style.order, DateOrder::Ymd | DateOrder::EraDigits) => {
                let era = ERAS.get((self.number(1)? as usize).checked_sub(1)?)?;
                era.year(self.number(2)? as i32)?
            }
            Some(()) => return None,
        };
        Some((year, self.number(2)? as u32, self.number(2)? as u32))
    }

    /// `HHMM`, `HHMMSS` or `HHMMSSmmm`.
    fn packed_clock(&mut self, digits: usize) -> Option<Clock> {
        let mut clock = Clock {
            hour: self.number(2)? as u32,
            minute: self.number(2)? as u32,
            ..Clock::default()
        };
        if digits >= 6 {
            clock.second = self.number(2)? as u32;
        }
        if digits == 9 {
            clock.nanos = self.number(3)? as u32 * 1_000_000;
        }
        Some(clock)
    }

    fn date(&mut self, digits: usize) -> Option<(i32, u32, u32)> {
        match (digits, self.rest.first()?) {
            (7 | 8, _) => self.packed_date(digits),
            (4, _) => {
                let year = self.number(4)? as i32;
                self.month_and_day(year)
            }
            (1 | 2, _) => self.short_date(digits),
            (0, letter) => {
                let letter = *letter;
                let digit_next = self
                    .rest
                    .get(1)
                    .is_some_and(|b| b.is_ascii_digit() || *b == b' ');
                if Era::of_letter(letter).is_some() && digit_next {
                    self.rest = self.rest.get(1..)?;
                    self.blanks();
                    let count = self.count_digits();
                    let year = era_year(letter, self.number(count.clamp(1, 2))? as i32)?;
                    // `R080406`, the letter form of the seven digits.
                    if count == 6 {
                        return Some((year, self.number(2)? as u32, self.number(2)? as u32));
                    }
                    return self.month_and_day(year);
                }
                self.named_month_first()
            }
            _ => None,
        }
    }

    /// `/4/6` behind a year; both separators are alike, blanks may stand around them.
    fn month_and_day(&mut self, year: i32) -> Option<(i32, u32, u32)> {
        let separator = self.separator()?;
        let month = self.short()?;
        if self.separator()? != separator {
            return None;
        }
        Some((year, month, self.short()?))
    }

    /// A date that begins with one or two digits: only by the config.
    fn short_date(&mut self, digits: usize) -> Option<(i32, u32, u32)> {
        let first = self.short()?;
        if self.style.order == DateOrder::Ymd || self.style.order == DateOrder::EraDigits {
            if digits != 2 {
                return None;
            }
            let year = self.two_digit_year(first as i32)?;
            return self.month_and_day(year);
        }
        let separator = self.separator_or_blank()?;
        if self.rest.first()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            self.separator_or_blank()?;
            return Some((self.year_last()?, month, first));
        }
        let second = self.short()?;
        if self.separator_or_blank()? != separator {
            return None;
        }
        let year = self.year_last()?;
        if self.style.order == DateOrder::Mdy {
            Some((year, first, second))
        } else {
            Some((year, second, first))
        }
    }

    /// `Apr 6, 2026`, in sources that write their dates the western way.
    fn named_month_first(&mut self) -> Option<(i32, u32, u32)> {
        if !matches!(self.style.order, DateOrder::Mdy | DateOrder::Dmy) {
            return None;
        }
        let month = self.month_name()?;
        self.separator_or_blank()?;
        let day = self.short()?;
        self.eat(b',');
        self.separator_or_blank()?;
        Some((self.year_last()?, month, day))
    }

    fn month_name(&mut self) -> Option<u32> {
        let (name, rest) = self.rest.split_first_chunk::<3>()?;
        let month = month_number(*name)?;
        let tail = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        self.rest = rest.get(tail..)?;
        self.eat(b'.');
        Some(month)
    }

    fn year_last(&mut self) -> Option<i32> {
        match self.count_digits() {
            4 => Some(self.number(4)? as i32),
            2 => {
                let year = self.number(2)? as i32;
                self.two_digit_year(year)
            }
            _ => None,
        }
    }

    fn two_digit_year(&self, year: i32) -> Option<i32> {
        match self.style.two_digit_year {
            TwoDigitYear::Refused => None,
            TwoDigitYear::Western => Some(2000 + year),
            TwoDigitYear::Reiwa => era_year(b'R', year),
        }
    }

    /// True when a clock stands here and no date before it.
    fn clock_begins(&self, digits: usize) -> bool {
        let marker = self
            .rest
            .get(1)
            .is_some_and(|b| b.eq_ignore_ascii_case(&b'm'));
        match self.rest.get(digits) {
            Some(b':') => matches!(digits, 1 | 2),
            Some(b'.' | b',') => digits == 6,
            Some(b'A' | b'a' | b'P' | b'p') => {
                digits == 0 && marker && self.rest.get(2) == Some(&b' ')
            }
            _ => false,
        }
    }

    /// Moves over what may stand between date and clock; false when nothing follows.
    fn gap_before_clock(&mut self) -> bool {
        self.blanks();
        if self.rest.is_empty() {
            return false;
        }
        let _ = self.eat(b'T') || self.eat(b't') || self.eat(b'_') || self.eat(b',');
        self.blanks();
        true
    }

    fn clock(&mut self) -> Option<Clock> {
        let before = self.half_of_day();
        let mut clock = match self.count_digits() {
            1 | 2 => self.spelled_clock()?,
            6 => self.packed_clock(6)?,
            _ => return None,
        };
        if matches!(self.rest.first(), Some(b'.' | b',')) {
            clock.nanos = self.fraction()?;
        }
        self.blanks();
        if let Some(afternoon) = before.or_else(|| self.half_of_day()) {
            if clock.hour > 12 {
                return None;
            }
            clock.hour = clock.hour % 12 + if afternoon { 12 } else { 0 };
        }
        Some(clock)
    }

    fn spelled_clock(&mut self) -> Option<Clock> {
        let hour = self.short()?;
        if !self.eat(b':') {
            return None;
        }
        let minute = self.short()?;
        let second = if self.eat(b':') { self.short()? } else { 0 };
        Some(Clock {
            hour,
            minute,
            second,
            nanos: 0,
        })
    }

    /// `AM` or `PM`; true in the afternoon.
    fn half_of_day(&mut self) -> Option<bool> {
        let (mark, rest) = self.rest.split_first_chunk::<2>()?;
        let afternoon = match mark.map(|b| b.to_ascii_uppercase()) {
            [b'A', b'M'] => false,
            [b'P', b'M'] => true,
            _ => return None,
        };
        self.rest = rest;
        self.blanks();
        Some(afternoon)
    }

    /// The zone behind a clock, if one is written; `None` when it is not readable.
    #[allow(clippy::option_option)]
    fn offset(&mut self) -> Option<Option<i32>> {
        self.blanks();
        for (name, offset) in [("JST", 32_400), ("UTC", 0), ("GMT", 0), ("Z", 0), ("z", 0)] {
            if let Some(rest) = self.rest.strip_prefix(name.as_bytes()) {
                self.rest = rest;
                let plain = !matches!(rest.first(), Some(b'+' | b'-'));
                if plain || name == "JST" {
                    return Some(Some(offset));
                }
                break;
            }
        }
        let sign = match self.rest.first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Some(None),
        };
        self.rest = self.rest.get(1..)?;
        let digits = self.count_digits();
        let hours = self.number(digits.min(2))? as i32;
        self.eat(b':');
        let minutes = match self.count_digits() {
            0 => 0,
            _ => self.number(2)? as i32,
        };
        let fits = hours <= 18 && minutes < 60;
        fits.then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }

    /// Nanoseconds of a fraction of one to nine digits, behind `.` or `,`.
    fn fraction(&mut self) -> Option<u32> {
        self.rest = self.rest.get(1..)?;
        let digits = self.count_digits();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let value = self.number(digits)? as u32;
        Some(value * 10u32.pow(9 - digits as u32))
    }

    fn separator(&mut self) -> Option<u8> {
        self.blanks();
        let (&byte, rest) = self.rest.split_first()?;
        if !matches!(byte, b'/' | b'-' | b'.') {
            return None;
        }
        self.rest = rest;
        self.blanks();
        Some(byte)
    }

    fn separator_or_blank(&mut self) -> Option<u8> {
        let before = self.rest.len();
        match self.separator() {
            Some(separator) => Some(separator),
            None if self.rest.len() < before => Some(b' '),
            None => None,
        }
    }

    /// A number of one or two digits.
    fn short(&mut self) -> Option<u32> {
        match self.count_digits() {
            digits @ (1 | 2) => Some(self.number(digits)? as u32),
            _ => None,
        }
    }

    fn count_digits(&self) -> usize {
        self.rest.iter().take_while(|b| b.is_ascii_digit()).count()
    }

    /// The number in exactly the next `digits` bytes.
    fn number(&mut self, digits: usize) -> Option<u64> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        if number.is_empty() {
            return None;
        }
        let value = number.iter().try_fold(0u64, |sum, b| {
            let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
            sum.checked_mul(10)?.checked_add(digit)
        })?;
        self.rest = rest;
        Some(value)
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn blanks(&mut self) {
        while self.eat(b' ') {}
    }
}

/// The Gregorian year of a year of an era. A date outside its era (H32) counts on.
fn era_year(letter: u8, year: i32) -> Option<i32> {
    Era::of_letter(letter)?.year(year)
}
