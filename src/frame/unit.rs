//! Code units: where the line ends and quotes of an encoding stand.
//!
//! Takes bytes in their own encoding; gives the places of ASCII characters in them. CP932 and
//! EUC-JP never use the bytes asked for here (line ends, quotes, commas, digits, braces outside
//! of strings) as second bytes, so that they are framed as bytes. Never decodes.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::LineEnd;
use crate::text::Encoding;

/// Size and order of code units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes: UTF-8, CP932, EUC-JP.
    Byte,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

impl From<Encoding> for Unit {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Utf16Le => Unit::Utf16Le,
            Encoding::Utf16Be => Unit::Utf16Be,
            Encoding::Utf8 | Encoding::Cp932 | Encoding::EucJp => Unit::Byte,
        }
    }
}

/// Bytes read as code units. Positions are in bytes and begin a unit.
#[derive(Clone, Copy)]
pub(super) struct Units<'b> {
    pub(super) bytes: &'b [u8],
    unit: Unit,
    /// The character that ends a line.
    pub(super) feed: u8,
}

impl<'b> Units<'b> {
    pub(super) fn new(bytes: &'b [u8], unit: Unit) -> Self {
        Units {
            bytes,
            unit,
            feed: LineEnd::Feed.character(),
        }
    }

    /// The same bytes in lines that end so.
    #[inline]
    pub(super) fn ending(self, line_end: LineEnd) -> Self {
        let feed = line_end.character();
        Units { feed, ..self }
    }

    /// Bytes of a unit.
    #[inline]
    pub(super) fn step(self) -> usize {
        match self.unit {
            Unit::Byte => 1,
            Unit::Utf16Le | Unit::Utf16Be => 2,
        }
    }

    /// The same bytes, known to be units themselves.
    #[inline]
    pub(super) fn as_bytes(self) -> Self {
        let unit = Unit::Byte;
        Units { unit, ..self }
    }

    /// True when units are bytes.
    #[inline]
    pub(super) fn is_bytes(self) -> bool {
        self.unit == Unit::Byte
    }

    /// True when a message may tell its length: only in bytes, and in lines as syslog has them.
    #[inline]
    pub(super) fn may_count(self) -> bool {
        self.is_bytes() && self.feed == LineEnd::Feed.character()
    }

    #[inline]
    pub(super) fn len(self) -> usize {
        self.bytes.len()
    }

    /// The first `len` bytes of them.
    pub(super) fn head(self, len: usize) -> Self {
        let bytes = &self.bytes[..len.min(self.bytes.len())];
        Units { bytes, ..self }
    }

    /// Length of the byte order mark the bytes begin with.
    pub(super) fn byte_order_mark(self) -> usize {
        let mark: &[u8] = match self.unit {
            Unit::Byte => b"\xEF\xBB\xBF",
            Unit::Utf16Le => b"\xFF\xFE",
            Unit::Utf16Be => b"\xFE\xFF",
        };
        if self.bytes.starts_with(mark) {
            mark.len()
        } else {
            0
        }
    }

    /// The ASCII character at `at`; `None` past the end, in half a unit and for any other one.
    #[inline]
    pub(super) fn ascii(self, at: usize) -> Option<u8> {
        match self.unit {
            Unit::Byte => self.bytes.get(at).copied().filter(u8::is_ascii),
            Unit::Utf16Le => self.pair(at, 0),
            Unit::Utf16Be => self.pair(at, 1),
        }
    }

    fn pair(self, at: usize, low: usize) -> Option<u8> {
        let pair = self.bytes.get(at..at + 2)?;
        (pair[1 - low] == 0 && pair[low].is_ascii()).then_some(pair[low])
    }

    /// True when the unit before `at`, at or after `start`, is this ASCII character.
    #[inline]
    pub(super) fn precedes(self, start: usize, at: usize, ascii: u8) -> bool {
        // A lone byte at the end of UTF-16 must not shift the units before it.
        (at - start).is_multiple_of(self.step())
            && at >= start + self.step()
            && self.ascii(at - self.step()) == Some(ascii)
    }

    /// The first `a` at or after `from`.
    #[inline]
    pub(super) fn find(self, from: usize, a: u8) -> Option<usize> {
        match self.unit {
            Unit::Byte => memchr(a, &self.bytes[from..]).map(|at| from + at),
            _ => self.find_wide(from, a, a),
        }
    }

    /// The first `a` or `b` at or after `from`.
    #[inline]
    pub(super) fn find2(self, from: usize, a: u8, b: u8) -> Option<usize> {
        match self.unit {
            Unit::Byte => memchr2(a, b, &self.bytes[from..]).map(|at| from + at),
            _ => self.find_wide(from, a, b),
        }
    }

    fn find_wide(self, mut from: usize, a: u8, b: u8) -> Option<usize> {
        loop {
            let found = from + memchr2(a, b, self.bytes.get(from..)?)?;
            // The byte found may be the low byte of our unit, or any byte of another one.
            let at = found & !1;
            if self.ascii(at).is_some_and(|c| c == a || c == b) {
                return Some(at);
            }
            from = found + 1;
        }
    }

    /// The last end of a line.
    pub(super) fn last_line_feed(self) -> Option<usize> {
        let mut end = self.bytes.len();
        loop {
            let found = memrchr(self.feed, &self.bytes[..end])?;
            if self.is_bytes() {
                return Some(found);
            }
            let at = found & !1;
            if self.ascii(at) == Some(self.feed) {
                return Some(at);
            }
            end = found;
        }
    }

    /// Line ends in `from..to`.
    pub(super) fn line_feeds(self, from: usize, to: usize) -> u32 {
        let count = if self.is_bytes() {
            memchr_iter(self.feed, &self.bytes[from..to]).count()
        } else {
            let part = self.head(to);
            let mut at = from;
            let mut count = 0;
            while let Some(found) = part.find(at, part.feed) {
                count += 1;
                at = found + 2;
            }
            count
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// `end`, or the carriage return before it when a record ends in one: half of a CRLF.
    #[inline]
    pub(super) fn before_carriage_return(self, start: usize, end: usize) -> usize {
        if self.precedes(start, end, b'\r') {
            end - self.step()
        } else {
            end
        }
    }
}
