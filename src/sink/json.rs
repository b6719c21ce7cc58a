//! JSON that may be shown on a terminal: nothing is lost, and nothing acts.
//!
//! Takes text; gives JSON strings in which characters that steer a terminal or turn the direction
//! of writing stand as `\u` escapes, so that a reader of the JSON still gets them exactly.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// True for characters that steer a terminal, turn the direction of writing, or break lines where
/// a line means a record. JSON itself escapes only those below U+0020.
fn acts(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Bytes that begin a character which may have to be escaped; all others are passed by at once.
const SUSPECT: [bool; 256] = {
    let mut suspect = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        suspect[byte] = true;
        byte += 1;
    }
    // The quotation mark, the backslash and DEL; then the leading bytes of all others that act.
    let others = [b'"', b'\\', 0x7f, 0xc2, 0xd8, 0xe2, 0xef];
    let mut i = 0;
    while i < others.len() {
        suspect[others[i] as usize] = true;
        i += 1;
    }
    suspect
};

/// The first character from byte `from` on that must be escaped, and where it stands.
fn next_special(text: &str, mut from: usize) -> Option<(usize, char)> {
    loop {
        let bytes = text.as_bytes().get(from..)?;
        let at = from + bytes.iter().position(|byte| SUSPECT[usize::from(*byte)])?;
        // A suspect byte leads a character, so that the text can be cut before it.
        let c = text.get(at..)?.chars().next()?;
        if c == '"' || c == '\\' || acts(c) {
            return Some((at, c));
        }
        from = at + c.len_utf8();
    }
}

/// Writes text that needs no escapes of JSON itself, with acting characters as `\u` escapes.
fn write_fragment<W: Write + ?Sized>(out: &mut W, fragment: &str) -> io::Result<()> {
    let mut from = 0;
    while let Some((at, c)) = next_special(fragment, from) {
        // All acting characters lie in the basic plane: one escape each.
        write!(out, "{}\\u{:04x}", &fragment[from..at], c as u32)?;
        from = at + c.len_utf8();
    }
    out.write_all(&fragment.as_bytes()[from..])
}

/// Compact JSON in which nothing acts.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_fragment(out, fragment)
    }
}

/// Writes a value as one line of JSON, with its line feed.
///
/// # Errors
/// What the writer says.
pub fn write_line<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    out.write_all(b"\n")
}

/// Appends a JSON string with its quotation marks.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut from = 0;
    while let Some((at, c)) = next_special(text, from) {
        out.extend_from_slice(&text.as_bytes()[from..at]);
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes()),
        }
        from = at + c.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_of_writing_lose_nothing_and_nothing_acts(text in any::<String>()) {
            let mut pushed = Vec::new();
            push_string(&mut pushed, &text);
            let mut line = Vec::new();
            write_line(&mut line, &text).unwrap();
            for bytes in [&pushed[..], &line[..line.len() - 1]] {
                let written = std::str::from_utf8(bytes).unwrap();
                prop_assert!(!written.chars().any(acts));
                prop_assert_eq!(&serde_json::from_str::<String>(written).unwrap(), &text);
            }
        }
    }

    #[test]
    fn every_character_that_acts_is_found_by_its_first_byte() {
        for c in '\0'..=char::MAX {
            let found = next_special(c.encode_utf8(&mut [0; 4]), 0);
            let expected = acts(c) || c == '"' || c == '\\';
            assert_eq!(found, expected.then_some((0, c)), "{c:?}");
        }
    }

    #[test]
    fn escape_sequences_and_turned_writing_are_written_out() {
        let mut out = Vec::new();
        push_string(&mut out, "\u{1b}[31m\u{9b}0m\u{202e}\"\\\n夜");
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, r#""\u001b[31m\u009b0m\u202e\"\\\n夜""#);
    }
}
