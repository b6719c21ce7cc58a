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

/// Writes text that needs no escapes of JSON itself, with acting characters as `\u` escapes.
fn write_fragment<W: Write + ?Sized>(out: &mut W, fragment: &str) -> io::Result<()> {
    let mut rest = fragment;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| acts(*c)) {
        let (before, from) = rest.split_at(at);
        // All acting characters lie in the basic plane: one escape each.
        write!(out, "{before}\\u{:04x}", c as u32)?;
        rest = &from[c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())
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
pub(super) fn write_line<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    out.write_all(b"\n")
}

/// Appends a JSON string with its quotation marks.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text;
    let special = |c: char| c == '"' || c == '\\' || acts(c);
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| special(*c)) {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before.as_bytes());
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes()),
        }
        rest = &from[c.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
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
    fn escape_sequences_and_turned_writing_are_written_out() {
        let mut out = Vec::new();
        push_string(&mut out, "\u{1b}[31m\u{9b}0m\u{202e}\"\\\n夜");
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, r#""\u001b[31m\u009b0m\u202e\"\\\n夜""#);
    }
}
