//! From a byte stream to segments of whole records, and from a segment to its records.
//!
//! Takes decompressed bytes in blocks; gives [`Segment`]s that begin and end between records, and
//! the records of a segment as byte ranges. Works on the original encoding, so that offsets speak
//! of the original bytes. Never knows formats.

use std::io::{self, Read};

/// Longest record, in bytes; a longer one is a reject and streamed past.
pub const MAX_RECORD: usize = 4 << 20;
/// Bytes of the input before a segment that are handed along where records can mean "the message
/// before" ([`Framing::Syslog`]).
pub const BEFORE: usize = 64 << 10;

/// How the bytes of an input are cut into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One record a line.
    Lines,
    /// Lines (LF, CRLF or NUL), or frames that begin with their length in octets and a blank
    /// (RFC 6587); decided for each frame.
    Syslog,
    /// Rows whose quoted cells may hold line breaks.
    Csv,
    /// JSON values: one a line, concatenated, the elements of one array, or the resources of a
    /// FHIR Bundle's entries.
    Json,
}

/// Whether a record is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wholeness {
    /// It is.
    Whole,
    /// Longer than [`MAX_RECORD`]: only its beginning is here.
    TooLong,
    /// The input ends inside it (an open quote, an open brace, a short octet-counted frame).
    Unfinished,
    /// A quote was opened and not closed within reason; framing went on at the next line.
    OpenQuote,
}

/// A record inside a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// First byte, relative to the segment.
    pub start: usize,
    /// One past its last byte, line end left out.
    pub end: usize,
    /// Line breaks of the segment before it.
    pub line: u32,
    /// Bytes of the record in the input; equals `end - start` unless too long.
    pub length: u64,
    /// Whether it is whole.
    pub wholeness: Wholeness,
}

/// A slice of whole records.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// Number of the segment within its input, from 0.
    pub number: u32,
    /// Offset of its first byte in the decompressed input.
    pub offset: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Bytes that stood right before it, at most [`BEFORE`], beginning at a record; only for
    /// [`Framing::Syslog`].
    pub before: Vec<u8>,
    /// Length of the one record in this segment when that is too long; `bytes` hold its beginning.
    pub too_long: Option<u64>,
    /// Line breaks inside the segment, those of a too long record included.
    pub lines: u32,
    /// True when the input ends with it.
    pub last: bool,
}

/// Cuts a stream into segments.
pub struct Segments<R> {
    #[allow(dead_code)]
    reader: R,
}

impl<R: Read> Segments<R> {
    /// `unit` is the size of a code unit (1, or 2 with `big_endian` told for UTF-16). `block` is
    /// the usual size of a segment in bytes; any size ≥ 1 gives the same records.
    pub fn new(reader: R, _framing: Framing, _unit: Unit, _block: usize) -> Self {
        Segments { reader }
    }

    /// The next segment, or `None` at the end.
    ///
    /// # Errors
    /// What the reader says. What was readable before the error was given as segments.
    pub fn next_segment(&mut self) -> io::Result<Option<Segment>> {
        Ok(None)
    }
}

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

/// Calls `each` for every record of a segment, in order. Blank lines are records of no length.
pub fn records(_segment: &Segment, _framing: Framing, _unit: Unit, mut _each: impl FnMut(Framed)) {}
