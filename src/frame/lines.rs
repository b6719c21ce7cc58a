//! One record a line: LF or CRLF, the last one with or without.

use memchr::memchr_iter;

use super::{End, Found, Framed, Part, Step, Units, Wholeness, framed};

/// The hot path: every line of a segment.
#[inline]
pub(super) fn each_line(part: Part<'_>, each: impl FnMut(Framed)) {
    each_line_from(part, |line| line, each);
}

/// Every line of a segment; its record begins where `begin` says.
#[inline]
pub(super) fn each_line_from(
    part: Part<'_>,
    begin: impl Fn(usize) -> usize,
    mut each: impl FnMut(Framed),
) {
    let text = part.text;
    let mut start = part.mark;
    let mut line = 0;
    let mut give = |start: usize, feed: usize, line: u32, wholeness: Wholeness| {
        let start = begin(start);
        let found = Found {
            start,
            end: text.before_carriage_return(start, feed),
            next: feed,
            breaks: 1,
            wholeness,
        };
        each(framed(found, line, part.limits));
    };
    if text.is_bytes() {
        let mark = start;
        for feed in memchr_iter(b'\n', &text.bytes[mark..]) {
            let feed = mark + feed;
            give(start, feed, line, Wholeness::Whole);
            start = feed + 1;
            line += 1;
        }
    } else {
        while let Some(feed) = text.find(start, b'\n') {
            give(start, feed, line, Wholeness::Whole);
            start = feed + text.step();
            line += 1;
        }
    }
    if start < text.len() {
        give(start, text.len(), line, unterminated(part.end));
    }
}

/// What a line without a line end is.
pub(super) fn unterminated(end: End) -> Wholeness {
    match end {
        End::Open | End::Seam { .. } | End::Closed => Wholeness::Whole,
        End::Broken => Wholeness::Unfinished,
    }
}

/// What stands at `start` when no line end follows within the bytes.
pub(super) fn without_end(text: Units<'_>, start: usize, end: End, longest: usize) -> Step {
    // A CRLF may still follow a record of just the longest length.
    let decided_too_long = text.len() > start + longest + 2 * text.step();
    match end {
        End::Open if decided_too_long => Step::TooLong(start),
        End::Open => Step::More,
        End::Seam { .. } | End::Closed | End::Broken => Step::Record(Found {
            start,
            end: text.before_carriage_return(start, text.len()),
            next: text.len(),
            breaks: 0,
            wholeness: unterminated(end),
        }),
    }
}
