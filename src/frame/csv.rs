//! Rows of delimited text whose quoted cells may hold line breaks (RFC 4180, as exports have it).
//!
//! A quote opens only at the beginning of a cell: at the beginning of the row or after a comma,
//! semicolon or tab. Anywhere else it is text. Inside quotes `""` is a quote. A row that runs
//! over [`Limits::quote_lines`] line breaks or [`Limits::quote_bytes`] past its first line, or to
//! the end of the input, is taken for a stray quote: its first line alone becomes a record, and
//! framing goes on at the next line, so that one quote cannot swallow the rows after it.

use super::lines::without_end;
use super::{End, Found, Limits, Scan, Step, Units, Wholeness};

/// Scans rows.
pub(super) struct Rows {
    limits: Limits,
    /// Known from the last stray quote. Without it, each of many stray quotes in a row would read
    /// the same lines ahead again.
    open: Option<Open>,
}

/// A stretch of lines at each end of which a quote is open, once it is open at the first.
#[derive(Clone, Copy)]
struct Open {
    /// The line feed that ends the first line.
    first: usize,
    /// The beginning of the first line not yet read.
    at: usize,
    /// Line feeds from `first`, it included, to `at`.
    breaks: u32,
}

/// How a line ends.
enum LineEnd {
    /// At a line feed outside of quotes.
    Closed(usize),
    /// At a line feed inside quotes.
    Open(usize),
    /// The bytes end before the line does; outside of quotes or inside.
    None { open: bool },
}

impl Rows {
    pub(super) fn new(limits: Limits) -> Self {
        Rows { limits, open: None }
    }

    /// The row whose first line ends at the line feed `first` inside quotes.
    fn open_row(&mut self, text: Units<'_>, start: usize, first: usize, end: End) -> Step {
        let mut open = self.known(text, first);
        let found = loop {
            if open.breaks > self.limits.quote_lines || open.at > self.past(text, first) {
                break None;
            }
            match line_end(text, open.at, true) {
                LineEnd::Closed(feed) => break Some((feed, feed + text.step())),
                LineEnd::Open(feed) => {
                    open.at = feed + text.step();
                    open.breaks += 1;
                }
                LineEnd::None { .. } if text.len() > self.past(text, first) => break None,
                LineEnd::None { .. } if end == End::Open => {
                    self.open = Some(open);
                    return Step::More;
                }
                LineEnd::None { open: false } if end == End::Closed => {
                    break Some((text.len(), text.len()));
                }
                LineEnd::None { .. } => break None,
            }
        };
        self.open = Some(open);
        let row = found.filter(|(feed, _)| *feed <= first + self.limits.quote_bytes);
        Step::Record(match row {
            Some((feed, next)) => Found {
                start,
                end: text.before_carriage_return(start, feed),
                next,
                breaks: open.breaks + u32::from(next > feed),
                wholeness: Wholeness::Whole,
            },
            None => Found {
                start,
                end: text.before_carriage_return(start, first),
                next: first + text.step(),
                breaks: 1,
                wholeness: Wholeness::OpenQuote,
            },
        })
    }

    /// The last position a row may end at, and the line feed it may end with.
    fn past(&self, text: Units<'_>, first: usize) -> usize {
        first + self.limits.quote_bytes + text.step()
    }

    /// Where reading goes on after a line that ended inside quotes at `first`. Two rows that are
    /// inside quotes at the same line end go on the same way, whichever began earlier.
    fn known(&self, text: Units<'_>, first: usize) -> Open {
        let at = first + text.step();
        match self.open {
            Some(open) if open.first <= first && at <= open.at => Open {
                first,
                at: open.at,
                breaks: open.breaks - text.line_feeds(open.first, first),
            },
            _ => Open {
                first,
                at,
                breaks: 1,
            },
        }
    }
}

impl Scan for Rows {
    #[inline]
    fn next(&mut self, text: Units<'_>, at: usize, end: End) -> Step {
        let line = line_end(text, at, false);
        let (LineEnd::Closed(feed) | LineEnd::Open(feed)) = line else {
            return match without_end(text, at, end, self.limits.record) {
                Step::Record(found) if matches!(line, LineEnd::None { open: true }) => {
                    Step::Record(Found {
                        wholeness: Wholeness::Unfinished,
                        ..found
                    })
                }
                step => step,
            };
        };
        let whole = Found {
            start: at,
            end: text.before_carriage_return(at, feed),
            next: feed + text.step(),
            breaks: 1,
            wholeness: Wholeness::Whole,
        };
        // A first line that is too long by itself ends its record: no reading ahead from there.
        if matches!(line, LineEnd::Closed(_)) || whole.end - at > self.limits.record {
            return Step::Record(whole);
        }
        self.open_row(text, at, feed, end)
    }
}

/// Reads from `at`, the beginning of a row or (`open`) a line inside quotes, to the line's end.
#[inline]
fn line_end(text: Units<'_>, start: usize, mut open: bool) -> LineEnd {
    let mut at = start;
    while let Some(found) = text.find2(at, text.feed, b'"') {
        at = found + text.step();
        let quote = text.ascii(found) == Some(b'"');
        match (quote, open) {
            (false, false) => return LineEnd::Closed(found),
            (false, true) => return LineEnd::Open(found),
            (true, true) if text.ascii(at) == Some(b'"') => at += text.step(),
            (true, true) => open = false,
            (true, false) => open = found == start || begins_cell(text, found),
        }
    }
    LineEnd::None { open }
}

/// True when a delimiter stands before `at`.
#[inline]
pub(super) fn begins_cell(text: Units<'_>, at: usize) -> bool {
    matches!(text.ascii(at - text.step()), Some(b',' | b';' | b'\t'))
}
