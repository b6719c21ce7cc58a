//! Reading JSON without building it: a pull reader over text.
//!
//! Takes a text and walks it member by member; gives strings as slices of the text (unescaped ones
//! go to the arena), numbers as they are written, and skips what nobody asks for. Never builds a
//! tree, never allocates on the ordinary path, never knows what the members mean.
//!
//! What is guaranteed: everything walked or skipped is checked in full against RFC 8259 (strings
//! without control characters, escapes, numbers, brackets, commas, colons, nothing but blanks
//! behind the value). Skipping is checking too: there is no sloppy path. Two liberties: a lone
//! surrogate escape, which RFC 8259 section 8.2 leaves open, reads as U+FFFD, so that an odd login
//! name cannot hide its event; numbers have no range. More than [`MAX_DEPTH`] open brackets are
//! refused.

mod address;
mod number;
mod string;
mod time;
mod tree;

use bumpalo::Bump;

use crate::event::{Reason, Reject};

pub(super) use address::{ip, mac, split_port};
pub(super) use time::{Precision, epoch, moment};
pub use tree::Tree;

/// Most brackets open at once.
pub(super) const MAX_DEPTH: u32 = 64;

/// Why reading stopped, or that it went well.
pub(super) type Read<T> = Result<T, Reject>;

/// A place in a JSON text.
pub(super) struct Reader<'r> {
    text: &'r str,
    bytes: &'r [u8],
    at: usize,
    depth: u32,
    arena: &'r Bump,
}

impl<'r> Reader<'r> {
    /// At the beginning of a text; unescaped strings will live in `arena`.
    pub(super) fn new(text: &'r str, arena: &'r Bump) -> Self {
        Reader {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: 0,
            arena,
        }
    }

    /// The first byte of what comes next, blanks passed over; 0 at the end (no JSON text holds a
    /// bare NUL).
    #[inline]
    pub(super) fn peek(&mut self) -> u8 {
        let byte = self.byte();
        if byte > b' ' {
            byte
        } else {
            self.peek_past_blanks()
        }
    }

    #[cold]
    #[inline(never)]
    fn peek_past_blanks(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.byte()
    }

    /// The column of what comes next, from 1.
    pub(super) fn column(&mut self) -> usize {
        self.peek();
        self.at + 1
    }

    /// Walks an object: calls `each` with every key in the order of the text. `each` must read or
    /// skip exactly one value.
    #[inline]
    pub(super) fn members<F>(&mut self, mut each: F) -> Read<()>
    where
        F: FnMut(&mut Self, &'r str) -> Read<()>,
    {
        self.open(b'{')?;
        if self.peek() == b'}' {
            return self.close();
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            each(self, key)?;
            match self.peek() {
                b',' => self.at += 1,
                b'}' => return self.close(),
                _ => return Err(self.malformed()),
            }
        }
    }

    /// Walks an array: calls `each` at every element. `each` must read or skip exactly one value.
    #[inline]
    pub(super) fn elements<F>(&mut self, mut each: F) -> Read<()>
    where
        F: FnMut(&mut Self) -> Read<()>,
    {
        self.open(b'[')?;
        if self.peek() == b']' {
            return self.close();
        }
        loop {
            each(self)?;
            match self.peek() {
                b',' => self.at += 1,
                b']' => return self.close(),
                _ => return Err(self.malformed()),
            }
        }
    }

    /// Walks the elements of an array, or takes any other value as the only element.
    #[inline]
    pub(super) fn each_element<F>(&mut self, mut each: F) -> Read<()>
    where
        F: FnMut(&mut Self) -> Read<()>,
    {
        match self.peek() {
            b'[' => self.elements(each),
            _ => each(self),
        }
    }

    /// A string, number or boolean as text; `None` for null, objects and arrays, which are skipped.
    #[inline]
    pub(super) fn text(&mut self) -> Read<Option<&'r str>> {
        match self.peek() {
            b'"' => self.string().map(Some),
            b'{' | b'[' => self.skip().map(|()| None),
            _ => self.bare(),
        }
    }

    /// Passes over one value of any kind, checking it.
    #[inline]
    pub(super) fn skip(&mut self) -> Read<()> {
        match self.peek() {
            b'"' => self.pass_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => self.bare().map(|_| ()),
        }
    }

    /// Checks that nothing but blanks is left.
    pub(super) fn end(&mut self) -> Read<()> {
        self.peek();
        match self.at == self.bytes.len() {
            true => Ok(()),
            false => Err(self.malformed()),
        }
    }

    /// The complaint that the text is no JSON at this place.
    #[cold]
    pub(super) fn malformed(&self) -> Reject {
        Reject::at(Reason::MalformedJson, self.at + 1)
    }

    /// Passes over an object or array with everything in it. The open brackets are the bits of one
    /// word (1: object), which is why the depth ends at 64.
    fn skip_nested(&mut self) -> Read<()> {
        let outside = self.depth;
        let mut kinds = 0_u64;
        loop {
            // Here stands a value.
            let opened = match self.peek() {
                b'"' => self.pass_string().map(|()| false)?,
                byte @ (b'{' | b'[') => {
                    self.open(byte)?;
                    kinds = kinds << 1 | u64::from(byte == b'{');
                    true
                }
                _ => self.bare().map(|_| false)?,
            };
            if opened && !matches!(self.peek(), b'}' | b']') {
                self.pass_key(kinds)?;
                continue;
            }
            // Here stands what follows a value, or the end of an empty collection.
            if !opened && self.peek() == b',' {
                self.at += 1;
                self.pass_key(kinds)?;
                continue;
            }
            while self.depth > outside && matches!(self.peek(), b'}' | b']') {
                if (self.byte() == b'}') != (kinds & 1 == 1) {
                    return Err(self.malformed());
                }
                kinds >>= 1;
                self.close()?;
            }
            if self.depth == outside {
                return Ok(());
            }
            self.expect(b',')?;
            self.pass_key(kinds)?;
        }
    }

    /// Inside an object, passes over the key and the colon; inside an array does nothing.
    #[inline]
    fn pass_key(&mut self, kinds: u64) -> Read<()> {
        if kinds & 1 == 0 {
            return Ok(());
        }
        self.pass_string()?;
        self.expect(b':')
    }

    #[inline]
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.peek() != byte {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn open(&mut self, bracket: u8) -> Read<()> {
        self.expect(bracket)?;
        if self.depth == MAX_DEPTH {
            return Err(Reject::at(Reason::TooDeep, self.at));
        }
        self.depth += 1;
        Ok(())
    }

    /// Steps over the closing bracket, which the caller has seen.
    #[inline]
    fn close(&mut self) -> Read<()> {
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }
}

/// Which members of an object have been seen: of a doubled key the first one counts, everywhere.
#[derive(Default)]
pub(super) struct Seen(u64);

impl Seen {
    /// True the first time it is asked for this number (below 64).
    #[inline]
    pub(super) fn first(&mut self, number: u32) -> bool {
        let bit = 1_u64 << number;
        let first = self.0 & bit == 0;
        self.0 |= bit;
        first
    }
}

#[cfg(test)]
mod tests;
