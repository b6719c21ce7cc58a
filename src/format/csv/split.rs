//! From a row to its cells.
//!
//! Takes one record and its delimiter; gives the cells with quotes resolved, borrowed from the
//! record but for cells that hold doubled quotes. Reads quotes as the `csv` crate does.

use bumpalo::Bump;
use bumpalo::collections::{String as ArenaString, Vec as ArenaVec};

use crate::event::{Reason, Reject};

/// The delimiters looked for when the config names none.
pub(super) const DELIMITERS: [u8; 4] = *b",\t;|";
/// Cells of a row that need no allocation.
pub(super) const USUAL: usize = 32;

/// Cells of one row: in the caller's array, or in the arena for very wide rows.
pub(super) fn cells<'c, 'r: 'c>(
    record: &'r str,
    delimiter: u8,
    arena: &'r Bump,
    room: &'c mut [&'r str; USUAL],
) -> Result<&'c [&'r str], Reject> {
    let quoted = memchr::memchr(b'"', record.as_bytes()).is_some();
    let count = if quoted {
        quoted_row(record, delimiter, arena, &mut Into::Room(&mut *room, 0))?
    } else {
        plain_row(record, delimiter, room)
    };
    if let Some(count) = count {
        return Ok(&room[..count]);
    }
    let mut wide = ArenaVec::new_in(arena);
    if quoted {
        quoted_row(record, delimiter, arena, &mut Into::Arena(&mut wide))?;
    } else {
        wide.extend(record.split(char::from(delimiter)));
    }
    Ok(wide.into_bump_slice())
}

/// Splits a row without quotes, eight bytes at a time; `None` when there are too many cells.
#[inline]
fn plain_row<'r>(record: &'r str, delimiter: u8, room: &mut [&'r str; USUAL]) -> Option<usize> {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let bytes = record.as_bytes();
    let pattern = u64::from_le_bytes([delimiter; 8]);
    let (mut start, mut count) = (0, 0);
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let differs = u64::from_le_bytes(*chunk) ^ pattern;
        // The top bit of each byte that equals the delimiter; exact, no borrow between bytes.
        let mut hits = !(((differs & LOW) + LOW) | differs | LOW);
        while hits != 0 {
            let at = index * 8 + hits.trailing_zeros() as usize / 8;
            *room.get_mut(count)? = record.get(start..at)?;
            (start, count) = (at + 1, count + 1);
            hits &= hits - 1;
        }
    }
    let tail = bytes.len() - rest.len();
    for (index, byte) in rest.iter().enumerate() {
        if *byte == delimiter {
            *room.get_mut(count)? = record.get(start..tail + index)?;
            (start, count) = (tail + index + 1, count + 1);
        }
    }
    *room.get_mut(count)? = record.get(start..)?;
    Some(count + 1)
}

/// Where the cells of a quoted row go.
enum Into<'c, 'r> {
    Room(&'c mut [&'r str; USUAL], usize),
    Arena(&'c mut ArenaVec<'r, &'r str>),
}

impl<'r> Into<'_, 'r> {
    #[inline]
    fn put(&mut self, cell: &'r str) -> Option<usize> {
        match self {
            Into::Room(room, count) => {
                *room.get_mut(*count)? = cell;
                *count += 1;
                Some(*count)
            }
            Into::Arena(wide) => {
                wide.push(cell);
                Some(wide.len())
            }
        }
    }
}

/// Splits a row that holds quotes; `None` when there are too many cells.
fn quoted_row<'r>(
    record: &'r str,
    delimiter: u8,
    arena: &'r Bump,
    into: &mut Into<'_, 'r>,
) -> Result<Option<usize>, Reject> {
    let mut start = 0;
    loop {
        let rest = record.get(start..).unwrap_or_default();
        let (cell, length) = if rest.starts_with('"') {
            quoted_cell(rest, delimiter, arena)
                .ok_or_else(|| Reject::at(Reason::MalformedCsv, start + 1))?
        } else {
            let length = memchr::memchr(delimiter, rest.as_bytes()).unwrap_or(rest.len());
            (rest.get(..length).unwrap_or_default(), length)
        };
        let Some(count) = into.put(cell) else {
            return Ok(None);
        };
        if start + length >= record.len() {
            return Ok(Some(count));
        }
        start += length + 1;
    }
}

/// One cell that begins with a quote, and its bytes in the row; `None` when no quote ends it.
/// What stands between the closing quote and the delimiter belongs to the cell.
fn quoted_cell<'r>(text: &'r str, delimiter: u8, arena: &'r Bump) -> Option<(&'r str, usize)> {
    let bytes = text.as_bytes();
    let end = 1 + memchr::memchr(b'"', bytes.get(1..)?)?;
    if bytes.get(end + 1).is_none_or(|b| *b == delimiter) {
        return Some((text.get(1..end)?, end + 1));
    }
    let mut made = ArenaString::new_in(arena);
    let mut start = 1;
    loop {
        let quote = start + memchr::memchr(b'"', bytes.get(start..)?)?;
        made.push_str(text.get(start..quote)?);
        if bytes.get(quote + 1) == Some(&b'"') {
            made.push('"');
            start = quote + 2;
            continue;
        }
        let rest = text.get(quote + 1..)?;
        let length = memchr::memchr(delimiter, rest.as_bytes()).unwrap_or(rest.len());
        made.push_str(rest.get(..length)?);
        return Some((made.into_bump_str(), quote + 1 + length));
    }
}

/// The byte column, from 1, at which the cell of this number (from 0) begins.
pub(super) fn column_of(record: &str, delimiter: u8, cell: usize) -> usize {
    let mut in_quotes = false;
    let mut fresh = true;
    let mut passed = 0;
    for (at, byte) in record.bytes().enumerate() {
        if passed == cell {
            return at + 1;
        }
        match byte {
            b'"' if fresh || in_quotes => in_quotes = !in_quotes,
            b'"' if at > 0 && record.as_bytes()[at - 1] == b'"' => in_quotes = true,
            _ if byte == delimiter && !in_quotes => passed += 1,
            _ => {}
        }
        fresh = byte == delimiter && !in_quotes;
    }
    record.len() + 1
}

/// The first records of a head, at most `limit`, line ends left out; quoted line breaks stay
/// inside their record.
pub(super) fn head_records(head: &str, limit: usize) -> Vec<&str> {
    let mut records = Vec::new();
    let (mut start, mut in_quotes) = (0, false);
    let head = head.strip_prefix('\u{feff}').unwrap_or(head);
    for at in memchr::memchr2_iter(b'"', b'\n', head.as_bytes()) {
        if head.as_bytes().get(at) == Some(&b'"') {
            in_quotes = !in_quotes;
        } else if !in_quotes {
            let record = head.get(start..at).unwrap_or_default();
            records.push(record.strip_suffix('\r').unwrap_or(record));
            start = at + 1;
            if records.len() == limit {
                return records;
            }
        }
    }
    match head.get(start..) {
        Some(rest) if !rest.is_empty() => records.push(rest),
        _ => {}
    }
    records
}
