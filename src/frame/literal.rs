//! The slow framers that judge the fast ones: they see the whole input at once, go unit by unit,
//! and say in the plainest words what a record is.

use super::{Limits, Unit, Wholeness};

/// A record, in the terms of the whole input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) length: u64,
    pub(super) wholeness: Wholeness,
    pub(super) bytes: Vec<u8>,
}

/// The input as characters: ASCII ones as they are, all others as `\u{1}`.
fn characters(input: &[u8], unit: Unit) -> Vec<(usize, char)> {
    let ascii = |value: u16| match u8::try_from(value) {
        Ok(byte) if byte.is_ascii() => char::from(byte),
        _ => '\u{1}',
    };
    match unit {
        Unit::Byte => input
            .iter()
            .enumerate()
            .map(|(at, byte)| (at, ascii(u16::from(*byte))))
            .collect(),
        wide => input
            .chunks(2)
            .enumerate()
            .map(|(n, pair)| {
                let value = match (pair, wide) {
                    ([a, b], Unit::Utf16Be) => u16::from_be_bytes([*a, *b]),
                    ([a, b], _) => u16::from_le_bytes([*a, *b]),
                    _ => u16::MAX,
                };
                (2 * n, ascii(value))
            })
            .collect(),
    }
}

/// An input being framed slowly.
pub(super) struct Slow<'i> {
    input: &'i [u8],
    chars: Vec<(usize, char)>,
    limits: Limits,
    broken: bool,
    /// What ends a line.
    feed: char,
    at: usize,
    /// Bytes of the line end behind the counted frame right before.
    tail: Option<usize>,
    out: Vec<Literal>,
}

impl<'i> Slow<'i> {
    pub(super) fn new(input: &'i [u8], unit: Unit, limits: Limits, broken: bool) -> Self {
        let mark: &[u8] = match unit {
            Unit::Byte => &[0xEF, 0xBB, 0xBF],
            Unit::Utf16Le => &[0xFF, 0xFE],
            Unit::Utf16Be => &[0xFE, 0xFF],
        };
        let step = if unit == Unit::Byte { 1 } else { 2 };
        Slow {
            input,
            chars: characters(input, unit),
            limits,
            broken,
            feed: '\n',
            at: if input.starts_with(mark) {
                mark.len() / step
            } else {
                0
            },
            tail: None,
            out: Vec::new(),
        }
    }

    /// The same in lines that end so.
    pub(super) fn ending(self, feed: char) -> Self {
        Slow { feed, ..self }
    }

    fn char(&self, n: usize) -> Option<char> {
        self.chars.get(n).map(|(_, c)| *c)
    }

    fn offset(&self, n: usize) -> usize {
        self.chars.get(n).map_or(self.input.len(), |(at, _)| *at)
    }

    /// Gives characters `start..end` and goes on at `next`.
    fn give(&mut self, start: usize, end: usize, next: usize, wholeness: Wholeness) {
        let cut = end > start && self.char(end - 1) == Some('\r') && next != usize::MAX;
        let end = if cut { end - 1 } else { end };
        let (from, to) = (self.offset(start), self.offset(end));
        let too_long = to - from > self.limits.record;
        let shown = if too_long {
            self.limits.kept
        } else {
            to - from
        };
        let line = (0..start)
            .filter(|n| self.char(*n) == Some(self.feed))
            .count();
        self.out.push(Literal {
            offset: from as u64,
            line: line as u64,
            length: (to - from) as u64,
            wholeness: if too_long {
                Wholeness::TooLong
            } else {
                wholeness
            },
            bytes: self.input[from..from + shown].to_vec(),
        });
        self.at = next;
    }

    fn find(&self, from: usize, wanted: impl Fn(char) -> bool) -> Option<usize> {
        (from..self.chars.len()).find(|n| self.char(*n).is_some_and(&wanted))
    }

    fn unterminated(&self) -> Wholeness {
        if self.broken {
            Wholeness::Unfinished
        } else {
            Wholeness::Whole
        }
    }

    pub(super) fn lines(mut self) -> Vec<Literal> {
        while self.at < self.chars.len() {
            self.line(self.at);
        }
        self.out
    }

    fn line(&mut self, start: usize) {
        match self.find(start, |c| c == self.feed) {
            Some(feed) => self.give(start, feed, feed + 1, Wholeness::Whole),
            None => self.give(
                start,
                self.chars.len(),
                self.chars.len(),
                self.unterminated(),
            ),
        }
    }

    pub(super) fn csv(mut self) -> Vec<Literal> {
        while self.at < self.chars.len() {
            self.row(self.at);
        }
        self.out
    }

    fn row(&mut self, start: usize) {
        // Where each line of the row ends, and whether a quote is open there.
        let (mut open, mut feeds) = (false, Vec::new());
        let mut n = start;
        let finish = loop {
            match (self.char(n), open) {
                (None, _) => break None,
                (Some(c), false) if c == self.feed => break Some(n),
                (Some(c), true) if c == self.feed => feeds.push(n),
                (Some('"'), true) if self.char(n + 1) == Some('"') => n += 1,
                (Some('"'), true) => open = false,
                (Some('"'), false) => {
                    open = n == start || matches!(self.char(n - 1), Some(',' | ';' | '\t'));
                }
                _ => {}
            }
            n += 1;
        };
        let all = self.chars.len();
        let Some(first) = feeds.first().copied() else {
            return match finish {
                Some(feed) => self.give(start, feed, feed + 1, Wholeness::Whole),
                None if open => self.give(start, all, all, Wholeness::Unfinished),
                None => self.give(start, all, all, self.unterminated()),
            };
        };
        let reaches = |feed: usize| {
            feeds.len() <= self.limits.quote_lines as usize
                && self.offset(feed) - self.offset(first) <= self.limits.quote_bytes
        };
        match finish {
            Some(feed) if reaches(feed) && !self.longer(start, first) => {
                self.give(start, feed, feed + 1, Wholeness::Whole);
            }
            None if !open && !self.broken && reaches(all) && !self.longer(start, first) => {
                self.give(start, all, all, Wholeness::Whole);
            }
            _ => self.give(start, first, first + 1, Wholeness::OpenQuote),
        }
    }

    fn longer(&self, start: usize, end: usize) -> bool {
        let end = if self.char(end - 1) == Some('\r') && end > start {
            end - 1
        } else {
            end
        };
        self.offset(end) - self.offset(start) > self.limits.record
    }

    /// Only for bytes.
    pub(super) fn syslog(mut self) -> Vec<Literal> {
        let counts = self.feed == '\n';
        while self.at < self.chars.len() {
            if !counts || !self.counted(self.at) {
                self.tail = None;
                let start = self.at;
                let blank = self.char(start) == Some(' ') && self.char(start + 1) == Some('<');
                let start = if blank { start + 1 } else { start };
                match self.find(start, |c| c == self.feed || (counts && c == '\0')) {
                    Some(stop) => self.give(start, stop, stop + 1, Wholeness::Whole),
                    None => {
                        let all = self.chars.len();
                        self.give(start, all, all, self.unterminated());
                    }
                }
            }
        }
        self.out
    }

    fn length(&self, at: usize) -> Option<(usize, usize)> {
        let pattern = regex::bytes::Regex::new(r"^(?-u)([1-9]\d{0,6}) <").unwrap();
        let digits = pattern.captures(&self.input[at..])?.get(1)?;
        let length = std::str::from_utf8(digits.as_bytes())
            .unwrap()
            .parse()
            .unwrap();
        Some((at + digits.len() + 1, length))
    }

    fn counted(&mut self, at: usize) -> bool {
        let Some((message, length)) = self.length(at) else {
            return false;
        };
        let all = self.input.len();
        let stop = message + length;
        let follows = regex::bytes::Regex::new(r"^(?-u)(<|\r\n|\n|\x00|$)").unwrap();
        let line_end = |at: usize| {
            let end = regex::bytes::Regex::new(r"^(?-u)(\r\n|\n|\x00)").unwrap();
            end.find(self.input.get(at..).unwrap_or_default())
                .map_or(0, |end| end.len())
        };
        // A frame that ends as the counted one right before it did is believed.
        let believed = self.tail.filter(|tail| {
            let end = self.input.get(stop..stop + tail).unwrap_or_default();
            stop + tail <= all && (*tail == 0 || (end.len() == *tail && line_end(stop) == *tail))
        });
        let plausible = believed.is_some()
            || stop >= all
            || follows.is_match(&self.input[stop..])
            || self.length(stop).is_some();
        let inside = &self.input[message..stop.min(all)];
        let priority = regex::bytes::Regex::new(r"(?-u)[\n\x00]<\d{1,3}>").unwrap();
        if length > self.limits.record || !plausible || priority.is_match(inside) {
            return false;
        }
        let end = message + inside.len();
        let trimmed = inside
            .strip_suffix(b"\r\n")
            .or(inside.strip_suffix(b"\n"))
            .or(inside.strip_suffix(b"\0"))
            .unwrap_or(inside);
        let tail = believed.unwrap_or_else(|| line_end(end));
        let next = end + tail;
        self.tail = Some(tail);
        let wholeness = if stop > all {
            Wholeness::Unfinished
        } else {
            Wholeness::Whole
        };
        let stripped = message + trimmed.len();
        let line = self.input[..message]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        self.out.push(Literal {
            offset: message as u64,
            line: line as u64,
            length: (stripped - message) as u64,
            wholeness,
            bytes: self.input[message..stripped].to_vec(),
        });
        self.at = next;
        true
    }
}
