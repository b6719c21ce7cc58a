//! The only door into the page: text that is text wherever it stands.
//!
//! Takes what logs, registers and people wrote; gives it bounded, on one line, with every sign that
//! would act written out.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::text::{one_line, shorten};

/// Characters of a line that are shown; a log may give a name of a megabyte.
const LINE: usize = 400;
/// Lines of a cell.
const LINES: usize = 24;

/// Lines of a text, each bounded and escaped.
pub(in crate::report) fn lines(words: &str, limit: usize) -> String {
    let mut all = words.split('\n');
    let shown: Vec<String> = all
        .by_ref()
        .take(LINES)
        .map(|line| escaped(line, limit))
        .collect();
    let mut out = shown.join("<br>");
    if all.next().is_some() {
        out.push_str("<br>…");
    }
    out
}

/// Text that is text wherever it stands in a page, between tags and in attributes: one line,
/// bounded, nothing that is not seen.
pub(in crate::report) fn escape(words: &str) -> String {
    escaped(words, LINE)
}

/// The same with another bound.
pub(in crate::report) fn escaped(words: &str, limit: usize) -> String {
    // Bounded twice: what cannot be seen is written out, and gets longer by that.
    let shown = shorten(words, limit);
    let shown = match one_line(&shown) {
        Cow::Borrowed(line) => Cow::Borrowed(line),
        Cow::Owned(line) => Cow::Owned(shorten(&line, limit).into_owned()),
    };
    let mut out = String::with_capacity(shown.len() + 8);
    for c in shown.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text inside a quoted string of a style sheet inside a page: letters and digits as they are,
/// everything else by its number.
pub(super) fn style_string(words: &str) -> String {
    let mut out = String::new();
    for c in shorten(&one_line(words), 120).chars() {
        match c {
            c if c.is_alphanumeric() || c == ' ' => out.push(c),
            c => {
                let _ = write!(out, "\\{:06x}", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_log_says_is_text() {
        assert_eq!(
            escape("<script>alert('x')</script>"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
        );
        assert_eq!(
            escape("a&b \"q\" \u{1b}[31m\u{202e}"),
            "a&amp;b &quot;q&quot; \\u{1b}[31m\\u{202e}"
        );
        assert_eq!(escape(&"夜".repeat(10_000)).chars().count(), LINE);
        assert_eq!(lines("a\n<b>", 80), "a<br>&lt;b&gt;");
        assert_eq!(
            style_string("</style>\"病院\n}"),
            "\\00003c\\00002fstyle\\00003e\\000022病院⏎\\00007d".replace('⏎', "\\0023ce")
        );
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_place(words in any::<String>()) {
            let shown = escape(&words);
            let acts = shown.contains(['<', '>', '"', '\'', '\n', '\r']);
            prop_assert!(!acts);
            prop_assert!(shown.chars().all(|c| !c.is_control()));
            // Every ampersand begins one of our five names.
            for (at, _) in shown.match_indices('&') {
                let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
                prop_assert!(known.iter().any(|name| shown[at..].starts_with(name)));
            }
            let inside = style_string(&words);
            let acts = inside.contains(['<', '"', '\'', '{', '}', ';', '\n']);
            prop_assert!(!acts);
        }
    }
}
