//! Cells that hold nothing.
//!
//! Takes the text of a cell; gives it trimmed, or nothing for the spellings of "no value".

/// Bytes of the longest spelling of "no value".
const LONGEST: usize = 12;

/// True when the text is empty or one of the words that mean "no value" (reference: EHR logs, 2.3).
#[inline]
pub fn is_absent(text: &str) -> bool {
    // Nearly every real value is told apart by its length or its first bytes.
    let suspect = matches!(
        text.as_bytes(),
        [] | [b'-' | b'N' | b'n' | b'(' | b'<' | b'\\' | b'U', ..]
            | [0xe2, 0x80, ..]
            | [0xef, 0xbc, 0x88 | 0x8d, ..]
            | [0xe7, 0xa9 | 0x84, ..]
            | [0xe3, 0x81, 0xaa, ..]
            | [0xe8, 0xa9, 0xb2, ..]
    );
    suspect && text.len() <= LONGEST && is_listed(text)
}

/// The list itself; a match on text is decided by its length before any byte is compared.
fn is_listed(text: &str) -> bool {
    matches!(
        text,
        "" | "-"
            | "--"
            | "---"
            | "－"
            | "－－"
            | "―"
            | "‐"
            | "—"
            | "NULL"
            | "null"
            | "Null"
            | "(null)"
            | "<null>"
            | "\\N"
            | "N/A"
            | "n/a"
            | "Unknown IP"
            | "空"
            | "（空）"
            | "(空)"
            | "なし"
            | "無し"
            | "該当なし"
    )
}

/// The text without white space (full-width blanks and byte order marks too) at its ends.
#[inline]
pub fn trim(text: &str) -> &str {
    // The bytes of white space at either end, so that other text costs two comparisons.
    let bytes = text.as_bytes();
    let open = matches!(
        bytes,
        [0..=b' ', ..]
            | [0xc2, 0x85 | 0xa0, ..]
            | [0xe1, 0x9a, 0x80, ..]
            | [0xe2, 0x80 | 0x81, ..]
            | [0xe3, 0x80, 0x80, ..]
            | [0xef, 0xbb, 0xbf, ..]
    );
    let shut = matches!(
        bytes,
        [.., 0..=b' ']
            | [.., 0xc2, 0x85 | 0xa0]
            | [.., 0xe1, 0x9a, 0x80]
            | [.., 0xe2, 0x80 | 0x81, _]
            | [.., 0xe3, 0x80, 0x80]
            | [.., 0xef, 0xbb, 0xbf]
    );
    if open || shut {
        text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
    } else {
        text
    }
}

/// The trimmed text of a cell; `None` when it holds no value.
#[inline(always)]
pub fn clean(cell: &str) -> Option<&str> {
    if is_plain(cell.as_bytes()) {
        return Some(cell);
    }
    if cell.is_empty() {
        return None;
    }
    clean_closely(cell)
}

/// The cell is empty, or its first or last bytes leave open whether it holds a value.
fn clean_closely(cell: &str) -> Option<&str> {
    let text = trim(cell);
    if is_absent(text) { None } else { Some(text) }
}

/// True for nearly all values, seen by four bytes at most: nothing to trim, and no spelling of "no
/// value".
#[inline(always)]
fn is_plain(cell: &[u8]) -> bool {
    let [first, second, .., before, last] = cell else {
        return matches!(cell, [first, .., last] if first.is_ascii_digit() && last.is_ascii_digit());
    };
    let begins = match BEGINNING[usize::from(*first)] {
        Byte::Sure => true,
        Byte::Open => false,
        // No blank, and not なし, 空, 無し, 該当なし, NULL, n/a, Unknown IP.
        Byte::BySecond => match first {
            0xe3 => *second > 0x81,
            0xe7 => !matches!(second, 0x84 | 0xa9),
            0xe8 => *second != 0xa9,
            _ => second.is_ascii_digit(),
        },
    };
    // White space of more than one byte has another second byte from the end.
    let ends = last.is_ascii_graphic()
        || (*last >= 0x80 && matches!(before, 0x82..=0x99 | 0x9b..=0xba | 0xbc..=0xbf));
    begins && ends
}

/// What the first byte of a cell tells.
#[derive(Clone, Copy)]
enum Byte {
    /// A value begins.
    Sure,
    /// The second byte decides.
    BySecond,
    /// White space, "no value" or a value.
    Open,
}

const BEGINNING: [Byte; 256] = {
    let mut table = [Byte::Open; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'N' | b'n' | b'U' | 0xe3 | 0xe7 | 0xe8 => Byte::BySecond,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0xe4..=0xe6 | 0xe9 => Byte::Sure,
            _ => Byte::Open,
        };
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_for_nothing_are_nothing() {
        for word in [
            "",
            "-",
            "－",
            "NULL",
            "(null)",
            "<null>",
            "\\N",
            "N/A",
            "n/a",
            "Unknown IP",
            "空",
            "（空）",
            "該当なし",
            "―",
        ] {
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
            prop_assert_eq!(is_absent(&text), is_listed(&text));
        }

        #[test]
        fn cleaning_equals_trimming_and_looking_up(
            text in "[NnU/A-Za-z0-9 　-]{0,6}|Unknown IP|.{0,6}|[空無該なカ東\u{85}\u{a0}\u{1680}\u{2003}\u{3000}\u{feff}当し]{0,4}",
        ) {
            let slow = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            prop_assert_eq!(clean(&text), (!is_listed(slow)).then_some(slow));
        }
    }
}
