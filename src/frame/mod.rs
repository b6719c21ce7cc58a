//! From a byte stream to segments of whole records, and from a segment to its records.
//!
//! Takes decompressed bytes in blocks; gives `Segment`s that begin and end between records, and
//! the records of a segment as byte ranges. Works on the original encoding, so that offsets speak
//! of the original bytes. Never knows formats.
//!
//! Each framing is one scanner that tells the record at a position, or that it must see more.
//! `Segments` asks it where the last whole record ends, `records` asks it again for each
//! record, on another core: the two cannot disagree.

mod before;
mod csv;
mod ending;
mod held;
mod json;
mod lines;
#[cfg(test)]
mod literal;
mod segments;
mod syslog;
#[cfg(test)]
mod tests;
mod unit;

pub use ending::LineEnd;
pub use held::Rooms;
pub use segments::Segments;
pub use unit::Unit;

use unit::Units;

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
    /// Lines (LF, CRLF or NUL, or CR alone), or frames that begin with their length in octets and a blank
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
    /// The input ends inside it (an open quote, an open brace, a short octet-counted frame, a
    /// line cut by a read error). An array or Bundle that is never closed ends in such a record
    /// of no length.
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

/// A slice of whole records. All segments of an input in a row are its bytes, except that of a
/// too long record only the beginning is there.
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
    /// One that ends near its limit may stand among others: [`records`] tells of both alike.
    pub too_long: Option<u64>,
    /// Line breaks inside the segment, those of a too long record included.
    pub lines: u32,
    /// True when the input ends with it. After a read error no segment is the last.
    pub last: bool,
    /// What the framer knew at the seam before the segment. The default fits an input's beginning.
    pub seam: Seam,
}

/// What [`Segments`] tells [`records`] about a segment beyond its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seam {
    /// What ends the lines.
    line_end: LineEnd,
    /// Where in a JSON document the segment begins.
    json: json::Mode,
    /// Bytes before the record of a too long segment.
    lead: usize,
    /// True when a read error follows: the last record may be cut.
    broken: bool,
    /// True when what follows begins no frame of syslog: no frame counted in octets ends there.
    text_follows: bool,
    /// True when all frames of syslog in it are known to be lines.
    plain: bool,
    /// What stood right before it.
    tail: syslog::Tail,
}

/// How many whole messages bytes of a stream begin with that are framed by octet counting
/// (RFC 6587, section 3.4.1).
pub fn counted_messages(bytes: &[u8]) -> usize {
    syslog::whole_frames(bytes)
}

/// The measures of framing. The tests make them small.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Longest record.
    record: usize,
    /// Bytes kept of a longer one.
    kept: usize,
    /// Most line breaks a quoted cell may hold.
    quote_lines: u32,
    /// How far a record may run past its first line inside quotes.
    quote_bytes: usize,
    /// Bytes handed along before a segment.
    before: usize,
}

const LIMITS: Limits = Limits {
    record: MAX_RECORD,
    kept: 1 << 10,
    quote_lines: 1_000,
    quote_bytes: 1 << 20,
    before: BEFORE,
};

/// Where the bytes given to a scanner end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// More bytes may come.
    Open,
    /// The end of a segment: all records before it are whole, and some follow it.
    Seam {
        /// See [`Seam::text_follows`].
        text_follows: bool,
    },
    /// The end of the input.
    Closed,
    /// A read error follows: a record without its end is not whole.
    Broken,
}

/// What stands at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A record.
    Record(Found),
    /// Undecided: the bytes end too early.
    More,
    /// A record that is too long to be looked at whole; it begins here.
    TooLong(usize),
}

/// A record and where framing goes on after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    start: usize,
    end: usize,
    next: usize,
    /// Line ends from the position asked for to `next`.
    breaks: u32,
    wholeness: Wholeness,
}

/// A framing that decides record by record.
trait Scan {
    /// The record at `at`, which is inside `text` and begins a record.
    fn next(&mut self, text: Units<'_>, at: usize, end: End) -> Step;
}

/// Calls `each` for every record of a segment, in order. Blank lines are records of no length;
/// in a JSON document white space is none.
#[inline]
pub fn records(segment: &Segment, framing: Framing, unit: Unit, each: impl FnMut(Framed)) {
    records_within(segment, framing, unit, LIMITS, each);
}

#[inline]
fn records_within(
    segment: &Segment,
    framing: Framing,
    unit: Unit,
    limits: Limits,
    mut each: impl FnMut(Framed),
) {
    let text = Units::new(&segment.bytes, unit).ending(segment.seam.line_end);
    if let Some(length) = segment.too_long {
        return each(Framed {
            start: segment.seam.lead.min(text.len()),
            end: text.len(),
            line: 0,
            length,
            wholeness: Wholeness::TooLong,
        });
    }
    let mark = if segment.offset == 0 {
        text.byte_order_mark()
    } else {
        0
    };
    let end = match segment.seam {
        Seam { broken: true, .. } => End::Broken,
        _ if segment.last => End::Closed,
        Seam { text_follows, .. } => End::Seam { text_follows },
    };
    let part = Part {
        text,
        mark,
        end,
        limits,
    };
    match framing {
        Framing::Lines => lines::each_line(part, each),
        Framing::Csv if text.find(mark, b'"').is_none() => lines::each_line(part, each),
        Framing::Csv => each_scanned(part, csv::Rows::new(limits), each),
        Framing::Syslog if segment.seam.plain => syslog::each_plain_line(part, each),
        Framing::Syslog => {
            each_scanned(part, syslog::Frames::new(limits, segment.seam.tail), each);
        }
        Framing::Json => match segment.seam.json.decided(part) {
            json::Mode::Document(place) => json::each_value(part, place, each),
            json::Mode::Undecided | json::Mode::Lines => lines::each_line(part, each),
        },
    }
}

/// What the record loops go over.
#[derive(Clone, Copy)]
struct Part<'b> {
    text: Units<'b>,
    /// Bytes of a byte order mark, which belong to no record.
    mark: usize,
    end: End,
    limits: Limits,
}

#[inline]
fn each_scanned(part: Part<'_>, mut scan: impl Scan, mut each: impl FnMut(Framed)) {
    let mut at = part.mark;
    let mut line = 0;
    while at < part.text.len() {
        let Step::Record(found) = scan.next(part.text, at, part.end) else {
            // A scanner asks for more only where more may come.
            return;
        };
        each(framed(found, line, part.limits));
        line += found.breaks;
        at = found.next;
    }
}

/// The record as the caller sees it: of a too long one only the beginning.
#[inline]
fn framed(found: Found, line: u32, limits: Limits) -> Framed {
    let length = found.end - found.start;
    let too_long = length > limits.record;
    Framed {
        start: found.start,
        end: if too_long {
            found.start + limits.kept
        } else {
            found.end
        },
        line,
        length: length as u64,
        wholeness: if too_long {
            Wholeness::TooLong
        } else {
            found.wholeness
        },
    }
}
