//! The two shapes nearly all tables print, read by position: `YYYY/MM/DD HH:MM:SS` and
//! `YYYY-MM-DD HH:MM:SS` (or `T`), with or without a fraction; in one cell or in two.
//!
//! Takes bytes; gives the parts, unchecked but for being digits, or nothing for any other shape.

use crate::event::Civil;

/// A date and a clock in one cell.
#[inline]
pub(super) fn whole(text: &[u8]) -> Option<Civil> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let (&gap, clock) = rest.split_first()?;
    if gap != b' ' && gap != b'T' {
        return None;
    }
    read(date, clock)
}

/// A date cell and a clock cell.
#[inline]
pub(super) fn joined(date: &[u8], clock: &[u8]) -> Option<Civil> {
    read(date.try_into().ok()?, clock)
}

#[inline]
fn read(date: &[u8; 10], clock: &[u8]) -> Option<Civil> {
    let (time, fraction) = clock.split_first_chunk::<8>()?;
    let shape =
        matches!(date[4], b'/' | b'-') && date[7] == date[4] && time[2] == b':' && time[5] == b':';
    let mut wrong = 0;
    let mut pair = |tens: u8, ones: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        wrong |= u8::from(tens > 9) | u8::from(ones > 9);
        u32::from(tens) * 10 + u32::from(ones)
    };
    let year = pair(date[0], date[1]) * 100 + pair(date[2], date[3]);
    let mut civil = Civil {
        year: year as i32,
        month: pair(date[5], date[6]),
        day: pair(date[8], date[9]),
        hour: pair(time[0], time[1]),
        minute: pair(time[3], time[4]),
        second: pair(time[6], time[7]),
        nanos: 0,
    };
    if !shape || wrong != 0 {
        return None;
    }
    if !fraction.is_empty() {
        civil.nanos = nanos(fraction)?;
    }
    Some(civil)
}

/// Nanoseconds of `.123` or `,123`, one to nine digits and nothing behind them.
fn nanos(text: &[u8]) -> Option<u32> {
    let (b'.' | b',', digits) = text.split_first()? else {
        return None;
    };
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let padded = digits
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(9);
    Some(padded.fold(0, |sum, b| sum * 10 + u32::from(b - b'0')))
}
