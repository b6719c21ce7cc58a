//! One pass through a file: hashes, line numbers and neighborhoods of the records asked for.

use std::io::{self, ErrorKind, Read};

use memchr::memchr_iter;
use sha2::{Digest as _, Sha256};

use super::super::hex;
use crate::frame::LineEnd;
use crate::text::{Encoding, EncodingChoice};

/// Bytes read at once; the first block also tells the encoding. Even, so that UTF-16 stays in step.
const BLOCK: usize = 64 << 10;

/// A record that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// First byte, in the decompressed file.
    pub(super) offset: u64,
    /// Bytes.
    pub(super) length: u64,
    /// Bytes to keep before and after it, and it itself; `None`: only its hash is wanted.
    pub(super) around: Option<u64>,
}

impl Asked {
    fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// The bytes that have to be read for it.
    fn reach(self) -> (u64, u64) {
        let around = self.around.unwrap_or(0);
        (
            self.offset.saturating_sub(around),
            self.end().saturating_add(around),
        )
    }
}

/// What stands where a record was.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Line ends before it.
    pub(super) line_ends: u64,
    /// Bytes of it that are there.
    pub(super) length: u64,
    /// Their SHA-256, hexadecimal.
    pub(super) sha256: String,
    /// Its neighborhood, when it was asked for.
    pub(super) window: Option<Window>,
}

/// A stretch of a file with a record in it.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) bytes: Vec<u8>,
    /// Where in them the record begins.
    pub(super) record_at: usize,
    /// True when the file begins with it.
    pub(super) from_start: bool,
    /// True when the file ends with it.
    pub(super) to_end: bool,
}

/// What a pass through a file gave.
pub(super) struct Walked {
    /// The encoding of the file.
    pub(super) encoding: Encoding,
    /// What ends its lines.
    pub(super) line_end: LineEnd,
    /// One for each record asked for, in their order.
    pub(super) seen: Vec<Seen>,
    /// Why reading ended early.
    pub(super) error: Option<io::Error>,
}

/// Walks through a file; `asked` is sorted by offset.
pub(super) fn walk(mut reader: impl Read, asked: &[Asked], choice: EncodingChoice) -> Walked {
    let mut pass = Pass::new(asked);
    let mut block = vec![0; BLOCK];
    let mut found = None;
    let last = asked.iter().map(|a| a.reach().1).max().unwrap_or(0);
    let mut error = None;
    let mut ended = false;
    while pass.at < last && !ended && error.is_none() {
        let read = fill(&mut reader, &mut block, &mut error);
        ended = read < block.len();
        let bytes = &block[..read];
        let lines = *found.get_or_insert_with(|| Lines::of(bytes, choice));
        pass.take(bytes, lines);
    }
    let Lines { encoding, line_end } = found.unwrap_or_else(|| Lines::of(&[], choice));
    Walked {
        encoding,
        line_end,
        seen: pass.finish(ended && error.is_none()),
        error,
    }
}

/// How the lines of a file are written, as its first block tells.
#[derive(Clone, Copy)]
struct Lines {
    encoding: Encoding,
    line_end: LineEnd,
}

impl Lines {
    fn of(head: &[u8], choice: EncodingChoice) -> Lines {
        let encoding = choice.decide(head).encoding;
        Lines {
            encoding,
            line_end: LineEnd::of(head, encoding.into()),
        }
    }

    /// Line ends in bytes that begin a code unit, as framing counts them.
    fn count(self, bytes: &[u8]) -> u64 {
        let end = self.line_end.character();
        let pairs = |end: [u8; 2]| bytes.chunks_exact(2).filter(|pair| **pair == end).count();
        let count = match self.encoding {
            Encoding::Utf16Le => pairs([end, 0]),
            Encoding::Utf16Be => pairs([0, end]),
            Encoding::Utf8 | Encoding::Cp932 | Encoding::EucJp => memchr_iter(end, bytes).count(),
        };
        count as u64
    }
}

/// Fills a block as far as there are bytes.
fn fill(reader: &mut impl Read, block: &mut [u8], error: &mut Option<io::Error>) -> usize {
    let mut read = 0;
    while read < block.len() {
        match reader.read(&mut block[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(found) if found.kind() == ErrorKind::Interrupted => {}
            Err(found) => {
                *error = Some(found);
                break;
            }
        }
    }
    read
}

/// What is known on the way.
struct Pass<'a> {
    asked: &'a [Asked],
    hashes: Vec<Sha256>,
    seen: Vec<Seen>,
    /// The first record that still needs bytes.
    first: usize,
    /// The first record whose beginning was not passed.
    next: usize,
    /// Bytes passed.
    at: u64,
    line_ends: u64,
}

impl<'a> Pass<'a> {
    fn new(asked: &'a [Asked]) -> Self {
        Pass {
            asked,
            hashes: asked.iter().map(|_| Sha256::new()).collect(),
            seen: asked.iter().map(|_| Seen::default()).collect(),
            first: 0,
            next: 0,
            at: 0,
            line_ends: 0,
        }
    }

    fn take(&mut self, bytes: &[u8], lines: Lines) {
        let stop = self.at + bytes.len() as u64;
        self.count_lines(bytes, lines);
        while self.first < self.asked.len() && self.asked[self.first].reach().1 <= self.at {
            self.first += 1;
        }
        for number in self.first..self.asked.len() {
            let asked = self.asked[number];
            let (from, to) = asked.reach();
            // The records are sorted by where they begin, so those behind begin later still; a
            // wider reach alone cannot bring one forward, all reach equally far.
            if from >= stop {
                break;
            }
            if let Some(part) = self.part(bytes, (asked.offset, asked.end())) {
                self.hashes[number].update(part);
                self.seen[number].length += part.len() as u64;
            }
            if asked.around.is_some()
                && let Some(part) = self.part(bytes, (from, to))
            {
                let window = self.seen[number].window.get_or_insert_default();
                window.bytes.extend_from_slice(part);
            }
        }
        self.at = stop;
    }

    /// The bytes of a stretch that lie in the block at hand.
    fn part<'b>(&self, bytes: &'b [u8], (from, to): (u64, u64)) -> Option<&'b [u8]> {
        let stop = self.at + bytes.len() as u64;
        let (from, to) = (from.max(self.at), to.min(stop));
        // Both lie within the block.
        (from < to).then(|| &bytes[(from - self.at) as usize..(to - self.at) as usize])
    }

    /// Counts line ends, and tells every record that begins in the block how many are before it.
    fn count_lines(&mut self, bytes: &[u8], lines: Lines) {
        let mut done = 0;
        while let Some(asked) = self.asked.get(self.next) {
            let Some(place) = asked.offset.checked_sub(self.at) else {
                break;
            };
            let Some(place) = usize::try_from(place).ok().filter(|p| *p < bytes.len()) else {
                break;
            };
            self.line_ends += lines.count(&bytes[done..place.max(done)]);
            done = place.max(done);
            self.seen[self.next].line_ends = self.line_ends;
            self.next += 1;
        }
        self.line_ends += lines.count(&bytes[done..]);
    }

    fn finish(mut self, ended: bool) -> Vec<Seen> {
        for ((seen, hash), asked) in self.seen.iter_mut().zip(self.hashes).zip(self.asked) {
            seen.sha256 = hex(&hash.finalize());
            let (from, to) = asked.reach();
            if let Some(window) = &mut seen.window {
                window.record_at = (asked.offset - from) as usize;
                window.from_start = from == 0;
                window.to_end = ended && to >= self.at;
            }
        }
        self.seen
    }
}
