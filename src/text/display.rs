//! Making hostile text safe for where it is shown.
//!
//! Takes any text; gives text that cannot steer a terminal, break a line or begin a formula.
//! Never changes what is safe and short enough.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line without control characters, escape sequences or bidirectional overrides.
///
/// A line break is shown as `⏎`, a tab as `\t`, everything else that is not seen, or that changes
/// how its neighbors are seen, by its number: `\u{1b}`. A backslash stays as it is.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push('⏎'),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Characters that are not seen or move others. Variation selectors are none of them: the names
/// of people need them.
fn is_unsafe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c,
        // Controls of the second block, the soft hyphen.
        '\u{80}'..='\u{9F}' | '\u{AD}'
        // Marks of direction, embeddings, overrides and isolates.
        | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
        // Of no width; fillers that look like blanks.
        | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        // Line and paragraph separators, annotations, tags.
        | '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// At most `limit` characters; `…` stands for the rest.
pub fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    let Some((_, _)) = text.char_indices().nth(limit) else {
        return Cow::Borrowed(text);
    };
    let kept = limit.saturating_sub(1);
    let mut out: String = text.chars().take(kept).collect();
    if limit > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// A spreadsheet cell that is never taken for a formula.
///
/// A text that begins with `=`, `+`, `-`, `@`, their full-width forms, a tab or a line break gets
/// an apostrophe in front; numbers like `-5` too, since a spreadsheet cannot be told which is
/// which. Quoting of commas, quotes and line breaks is the CSV writer's.
pub fn csv_safe(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_shown() {
        assert_eq!(one_line("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(one_line("a\r\nb\nc\rd\te"), "a⏎b⏎c⏎d\\te");
        assert_eq!(
            one_line("\u{202e}fdp.exe\u{200b}\u{9b}"),
            "\\u{202e}fdp.exe\\u{200b}\\u{9b}"
        );
        assert!(matches!(one_line("葛\u{e0100}城 \\u"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_shortened_by_characters() {
        assert_eq!(shorten("患者照会", 4), "患者照会");
        assert_eq!(shorten("患者照会", 3), "患者…");
        assert_eq!(shorten("患者", 0), "");
    }

    #[test]
    fn no_cell_begins_a_formula() {
        assert_eq!(csv_safe("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(csv_safe("-5"), "'-5");
        assert_eq!(csv_safe("＝1"), "'＝1");
        assert!(matches!(csv_safe("n1023"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn one_line_is_one_line(text in any::<String>(), limit in 0usize..9) {
            let shown = one_line(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_unsafe(c)));
            prop_assert_eq!(one_line(&shown), shown.as_ref());
            prop_assert!(shorten(&text, limit).chars().count() <= limit);
        }
    }
}
