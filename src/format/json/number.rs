//! What stands without quotes: numbers as they are written, `true`, `false`, `null`.
//!
//! Takes a reader that stands at such a value; gives its text. Never computes a number.

use super::{Read, Reader};

impl<'r> Reader<'r> {
    /// Reads a number or boolean as its text; `None` for null.
    pub(super) fn bare(&mut self) -> Read<Option<&'r str>> {
        let start = self.at;
        match self.byte() {
            b't' => self.literal("true").map(Some),
            b'f' => self.literal("false").map(Some),
            b'n' => self.literal("null").map(|_| None),
            b'-' | b'0'..=b'9' => {
                self.number()?;
                // A number is ASCII, so both ends are boundaries of characters.
                Ok(Some(&self.text[start..self.at]))
            }
            _ => Err(self.malformed()),
        }
    }

    fn literal(&mut self, word: &str) -> Read<&'r str> {
        let end = self.at + word.len();
        let written = self.text.get(self.at..end).filter(|w| *w == word);
        let written = written.ok_or_else(|| self.malformed())?;
        self.at = end;
        Ok(written)
    }

    /// Passes over a number (RFC 8259 section 6).
    fn number(&mut self) -> Read<()> {
        if self.byte() == b'-' {
            self.at += 1;
        }
        match self.byte() {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Passes over one digit or more.
    fn digits(&mut self) -> Read<()> {
        if !self.byte().is_ascii_digit() {
            return Err(self.malformed());
        }
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }
}
