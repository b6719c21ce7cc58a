//! One record a line: LF or CRLF, or CR where that ends the lines; the last one with or without.

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
    let Part { text, mark, .. } = part;
    let mut start = mark;
    let mut line = 0;
    if text.is_bytes() {
        // Known here once, the size of units is not asked for again with every line.
        let text = text.as_bytes();
        for feed in memchr_iter(text.feed, &text.bytes[mark..]) {
            let feed = mark + feed;
            let found = whole_line(text, begin(start), feed);
            each(framed(found, line, part.limits));
            start = feed + 1;
            line += 1;
        }
    } else {
        while let Some(feed) = text.find(start, text.feed) {
            let found = whole_line(text, begin(start), feed);
            each(framed(found, line, part.limits));
            start = feed + text.step();
            line += 1;
        }
    }
    if start < text.len() {
        let found = Found {
            wholeness: unterminated(part.end),
            ..whole_line(text, begin(start), text.len())
        };
        each(framed(found, line, part.limits));
    }
}

/// The line from `start` to the line feed.
#[inline(always)]
fn whole_line(text: Units<'_>, start: usize, feed: usize) -> Found {
    Found {
        start,
        end: text.before_carriage_return(start, feed),
        next: feed,
        breaks: 1,
        wholeness: Wholeness::Whole,
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
