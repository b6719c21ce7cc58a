//! From a row to its cells.
//!
//! Takes one record and its delimiter; gives the cells with quotes resolved, borrowed from the
//! record but for cells that hold doubled quotes. Reads quotes as the `csv` crate does.

use bumpalo::Bump;
use bumpalo::collections::{String as ArenaString, Vec as ArenaVec};

use wide::u8x16;

use crate::event::{Reason, Reject};

/// The delimiters looked for when the config names none.
pub(super) const DELIMITERS: [u8; 4] = *b",\t;|";
/// Cells of a row that need no allocation.
const USUAL: usize = 32;

/// The cells of one row.
pub(super) enum Cells<'r> {
    /// A row without quotes, and where its cells end.
    Plain {
        record: &'r str,
        ends: [u32; USUAL],
        count: usize,
    },
    /// Cells cut one by one: quoted, or very many.
    Cut(&'r [&'r str]),
}

impl<'r> Cells<'r> {
    /// How many there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Cells::Plain { count, .. } => *count,
            Cells::Cut(cells) => cells.len(),
        }
    }

    /// The cell of this number, from 0.
    #[inline]
    pub(super) fn get(&self, cell: usize) -> Option<&'r str> {
        match self {
            Cells::Plain {
                record,
                ends,
                count,
            } => {
                if cell >= *count {
                    return None;
                }
                let start = match cell.checked_sub(1) {
                    Some(before) => *ends.get(before)? as usize + 1,
                    None => 0,
                };
                record.get(start..*ends.get(cell)? as usize)
            }
            Cells::Cut(cells) => cells.get(cell).copied(),
        }
    }

    /// All of them from this number on.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = &'r str> + '_ {
        (first..self.len()).filter_map(|cell| self.get(cell))
    }
}

/// Cuts one row into its cells; made ones live in the arena.
#[inline]
pub(super) fn cells<'r>(
    record: &'r str,
    delimiter: u8,
    arena: &'r Bump,
) -> Result<Cells<'r>, Reject> {
    match plain_row(record, delimiter) {
        Some(row) => Ok(row),
        None => cut_row(record, delimiter, arena),
    }
}

/// Cells that the plain way cannot cut.
#[cold]
fn cut_row<'r>(record: &'r str, delimiter: u8, arena: &'r Bump) -> Result<Cells<'r>, Reject> {
    let mut cells = ArenaVec::new_in(arena);
    if record.contains('"') {
        quoted_row(record, delimiter, arena, &mut cells)?;
    } else {
        cells.extend(record.split(char::from(delimiter)));
    }
    Ok(Cells::Cut(cells.into_bump_slice()))
}

/// Finds the cells of a row without quotes, sixteen bytes at a time; `None` when there is a quote
/// or there are too many cells.
#[inline]
fn plain_row(record: &str, delimiter: u8) -> Option<Cells<'_>> {
    let mut ends = [0; USUAL];
    let mut count = 0;
    let (delimiters, quotes) = (u8x16::splat(delimiter), u8x16::splat(b'"'));
    let mut look = |at: usize, chunk: [u8; 16]| {
        let chunk = u8x16::new(chunk);
        let mut hits = chunk.simd_eq(delimiters).to_bitmask();
        if chunk.simd_eq(quotes).to_bitmask() != 0 {
            return None;
        }
        while hits != 0 {
            *ends.get_mut(count)? = at as u32 + hits.trailing_zeros();
            count += 1;
            hits &= hits - 1;
        }
        Some(())
    };
    let (chunks, rest) = record.as_bytes().as_chunks::<16>();
    for (index, chunk) in chunks.iter().enumerate() {
        look(index * 16, *chunk)?;
    }
    if !rest.is_empty() {
        // No delimiter is a null byte.
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        look(record.len() - rest.len(), last)?;
    }
    *ends.get_mut(count)? = record.len() as u32;
    Some(Cells::Plain {
        record,
        ends,
        count: count + 1,
    })
}

/// Splits a row that holds quotes.
fn quoted_row<'r>(
    record: &'r str,
    delimiter: u8,
    arena: &'r Bump,
    cells: &mut ArenaVec<'r, &'r str>,
) -> Result<(), Reject> {
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
        cells.push(cell);
        if start + length >= record.len() {
            return Ok(());
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
