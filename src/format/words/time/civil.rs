//! The two shapes nearly all tables print, read by position: `YYYY/MM/DD HH:MM:SS` and
//! `YYYY-MM-DD HH:MM:SS` (or `T`), with or without a fraction; in one cell or in two.
//!
//! Takes bytes; gives the parts, unchecked but for being digits, or nothing for any other shape.

use wide::u8x16;

use crate::event::Civil;

/// Where digits stand in `YYYY/MM/DDHH:MM:`.
const DIGITS: u32 = 0b0110_1111_0110_1111;

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
    // All but the last three bytes, looked at together.
    let mut bytes = [0; 16];
    bytes[..10].copy_from_slice(date);
    bytes[10..].copy_from_slice(&time[..6]);
    let worth = u8x16::new(bytes) - u8x16::splat(b'0');
    let digits = worth.simd_le(u8x16::splat(9)).to_bitmask();
    let second = [time[6], time[7]].map(|byte| byte.wrapping_sub(b'0'));
    if !shape || digits & DIGITS != DIGITS || second[0] > 9 || second[1] > 9 {
        return None;
    }
    let worth = worth.to_array();
    let pair = |at: usize| u32::from(worth[at]) * 10 + u32::from(worth[at + 1]);
    let mut civil = Civil {
        year: (pair(0) * 100 + pair(2)) as i32,
        month: pair(5),
        day: pair(8),
        hour: pair(10),
        minute: pair(13),
        second: u32::from(second[0]) * 10 + u32::from(second[1]),
        nanos: 0,
    };
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
