//! Coded values: one reader for a Coding, a CodeableConcept, a list of either and a bare code.
//!
//! Takes a reader that stands at such a value; gives each code with its words. Never knows what a
//! code means.

use crate::format::json::{Read, Reader, Seen};

/// One coded value. Empty text: not told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coded<'r> {
    /// `code`.
    pub(super) code: &'r str,
    /// `text`, else `display`.
    pub(super) words: &'r str,
}

impl<'r> Coded<'r> {
    /// The words for people, else the code.
    pub(super) fn spoken(&self) -> &'r str {
        if self.words.is_empty() {
            self.code
        } else {
            self.words
        }
    }
}

/// Calls `each` with every coded value found in the next value: inner ones before the one around
/// them, otherwise in the order of the text.
pub(super) fn coded<'r, F>(reader: &mut Reader<'r>, each: &mut F) -> Read<()>
where
    F: FnMut(Coded<'r>),
{
    match reader.peek() {
        b'{' => coded_object(reader, each),
        b'[' => reader.elements(|reader| coded(reader, each)),
        _ => {
            let code = reader.text()?.unwrap_or("").trim_ascii();
            if !code.is_empty() {
                each(Coded { code, words: "" });
            }
            Ok(())
        }
    }
}

fn coded_object<'r, F>(reader: &mut Reader<'r>, each: &mut F) -> Read<()>
where
    F: FnMut(Coded<'r>),
{
    let mut seen = Seen::default();
    let (mut code, mut display, mut text) = ("", "", "");
    reader.members(|reader, key| match key {
        "code" if seen.first(0) => match reader.peek() {
            b'{' | b'[' => coded(reader, each),
            _ => scalar(&mut code, reader),
        },
        "coding" if seen.first(1) => coded(reader, each),
        "display" if seen.first(2) => scalar(&mut display, reader),
        "text" if seen.first(3) => scalar(&mut text, reader),
        _ => reader.skip(),
    })?;
    let words = if text.is_empty() { display } else { text };
    if !(code.is_empty() && words.is_empty()) {
        each(Coded { code, words });
    }
    Ok(())
}

fn scalar<'r>(slot: &mut &'r str, reader: &mut Reader<'r>) -> Read<()> {
    *slot = reader.text()?.unwrap_or("").trim_ascii();
    Ok(())
}
