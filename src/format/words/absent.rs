//! Cells that hold nothing.
//!
//! Takes the text of a cell; gives it trimmed, or nothing for the spellings of "no value".

/// The spellings of "no value" beside the empty cell (reference: EHR logs, 2.3).
const ABSENT: &[&str] = &[
    "-",
    "--",
    "---",
    "－",
    "－－",
    "―",
    "‐",
    "—",
    "NULL",
    "null",
    "Null",
    "(null)",
    "<null>",
    "\\N",
    "N/A",
    "n/a",
    "Unknown IP",
    "空",
    "（空）",
    "(空)",
    "なし",
    "無し",
    "該当なし",
];
/// Bytes of the longest entry of [`ABSENT`].
const LONGEST: usize = 12;

/// True when the text is empty or one of the words that mean "no value".
#[inline]
pub fn is_absent(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        // Nearly every real value is told apart by its first byte.
        Some(b'-' | b'N' | b'n' | b'(' | b'<' | b'\\' | b'U' | 0xe2..) if text.len() <= LONGEST => {
            ABSENT.contains(&text)
        }
        Some(_) => false,
    }
}

/// The text without white space (full-width blanks and byte order marks too) at its ends.
#[inline]
pub fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return text;
    };
    let open = *first <= b' ' || matches!(first, 0xc2 | 0xe1 | 0xe2 | 0xef);
    let open = open || bytes.starts_with(&[0xe3, 0x80]);
    let shut =
        *last <= b' ' || matches!(last, 0x80..=0x8a | 0xa0 | 0xa8 | 0xa9 | 0xaf | 0xbf | 0x9f);
    let shut = shut || *last == 0x85;
    if open || shut {
        text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
    } else {
        text
    }
}

/// The trimmed text of a cell; `None` when it holds no value.
#[inline]
pub fn clean(cell: &str) -> Option<&str> {
    let text = trim(cell);
    if is_absent(text) { None } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_for_nothing_are_nothing() {
        for word in ABSENT {
            assert!(word.len() <= LONGEST && is_absent(word), "{word}");
        }
        assert_eq!(clean("　－ "), None);
        assert_eq!(clean(" \u{feff}n01234　"), Some("n01234"));
        assert_eq!(clean("N01234"), Some("N01234"));
        assert_eq!(clean("0"), Some("0"));
    }

    #[test]
    fn every_white_space_is_trimmed_at_both_ends() {
        for c in (0..=char::MAX as u32).filter_map(char::from_u32) {
            if c.is_whitespace() || c == '\u{feff}' {
                assert_eq!(trim(&format!("{c}x{c}")), "x", "{:x}", c as u32);
            }
        }
    }

    proptest! {
        #[test]
        fn trimming_equals_the_literal_twin(text in ".{0,12}") {
            let slow = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            prop_assert_eq!(trim(&text), slow);
            prop_assert_eq!(is_absent(&text), text.is_empty() || ABSENT.contains(&text.as_str()));
        }
    }
}
