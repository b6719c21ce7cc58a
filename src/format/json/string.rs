//! Strings: finding their end, eight bytes at a step, and resolving their escapes.
//!
//! Takes a reader that stands at a string; gives its text, borrowed where it holds no escape. Never
//! reads beyond the closing quote.

use bumpalo::collections::String as ArenaString;

use super::{Read, Reader};

const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES << 7;

impl<'r> Reader<'r> {
    /// Reads a string; one without escapes is a slice of the text.
    #[inline]
    pub(super) fn string(&mut self) -> Read<&'r str> {
        if self.peek() != b'"' {
            return Err(self.malformed());
        }
        self.at += 1;
        let start = self.at;
        self.at = stop(self.bytes, start);
        if self.byte() != b'"' {
            return self.string_with_escapes(start);
        }
        let end = self.at;
        self.at += 1;
        // Both ends touch an ASCII quotation mark, so they are boundaries of characters.
        Ok(&self.text[start..end])
    }

    /// Passes over a string, checking it.
    #[inline]
    pub(super) fn pass_string(&mut self) -> Read<()> {
        if self.peek() != b'"' {
            return Err(self.malformed());
        }
        self.at += 1;
        loop {
            self.at = stop(self.bytes, self.at);
            match self.byte() {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape().map(|_| ())?,
                _ => return Err(self.malformed()),
            }
        }
    }

    /// Goes on with a string at its first escape, or at what ends it wrongly.
    #[cold]
    fn string_with_escapes(&mut self, start: usize) -> Read<&'r str> {
        let mut made = ArenaString::new_in(self.arena);
        let mut from = start;
        loop {
            match self.byte() {
                b'"' => {
                    made.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    return Ok(made.into_bump_str());
                }
                b'\\' => {
                    made.push_str(&self.text[from..self.at]);
                    made.push(self.escape()?);
                    from = self.at;
                    self.at = stop(self.bytes, self.at);
                }
                _ => return Err(self.malformed()),
            }
        }
    }

    /// Resolves the escape that stands here (RFC 8259 section 7). A lone surrogate is U+FFFD.
    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let resolved = match self.byte() {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.malformed()),
        };
        self.at += 1;
        Ok(resolved)
    }

    /// At the `u` of `\uXXXX`. A high half takes the low half behind it along.
    fn unicode_escape(&mut self) -> Read<char> {
        let Some(unit) = self.hex(self.at + 1) else {
            return Err(self.malformed());
        };
        self.at += 5;
        if !(0xD800..0xDC00).contains(&unit) {
            return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.bytes.get(self.at..self.at + 2) == Some(b"\\u")
            && let Some(low @ 0xDC00..=0xDFFF) = self.hex(self.at + 2)
        {
            self.at += 6;
            let both = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// The four hexadecimal digits that begin here.
    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 4)?;
        digits.iter().try_fold(0, |sum, &digit| {
            Some(sum << 4 | char::from(digit).to_digit(16)?)
        })
    }
}

/// Where, from `at` on, the first byte stands that cannot be passed over inside a string: a
/// quotation mark, a backslash or a control character; the length when there is none.
#[inline]
fn stop(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = stops(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\')
        .unwrap_or(rest.len())
}

/// Marks in the high bit of every byte whether it is a quotation mark, a backslash or below 0x20.
/// Borrowing can mark bytes above a marked one wrongly, so only the lowest mark is to be believed.
#[inline]
fn stops(word: u64) -> u64 {
    // With its second bit turned, the quotation mark becomes 0x20 and stands next to the controls.
    let quote_or_control = (word ^ (ONES * 2)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::stop;

    #[test]
    fn the_fast_scan_stops_where_the_slow_one_does() {
        for byte in 0..=255_u8 {
            for other in 0..=255_u8 {
                for place in 0..10 {
                    let mut bytes = [other; 17];
                    bytes[place] = byte;
                    bytes[place + 1] = byte.wrapping_sub(1);
                    let slow = bytes
                        .iter()
                        .position(|&b| b < 0x20 || b == b'"' || b == b'\\')
                        .unwrap_or(17);
                    assert_eq!(stop(&bytes, 0), slow, "{bytes:?}");
                }
            }
        }
    }
}
