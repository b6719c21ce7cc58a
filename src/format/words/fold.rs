//! One spelling for identifiers, words and headings.
//!
//! Takes text as logged; gives its folded form (NFKC; for words and headings also case and
//! blanks), borrowed where folding changes nothing. Never folds written names or remarks: NFKC
//! would turn ㈱, ﾔﾏﾀﾞ and ① into other text.

use std::borrow::Cow;

use bumpalo::Bump;
use unicode_normalization::UnicodeNormalization;

/// Longest word looked at, in characters; the rest of a longer cell is no word.
const MAX_WORD: usize = 256;

/// Width folded (NFKC).
fn width(text: &str) -> Cow<'_, str> {
    if is_stable(text) {
        return Cow::Borrowed(text);
    }
    let folded: String = text.nfkc().collect();
    if folded == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(folded)
    }
}

/// True when every character is one that NFKC leaves alone, whatever stands beside it.
#[inline]
fn is_stable(text: &str) -> bool {
    text.is_ascii()
        || text.chars().all(|c| {
            c.is_ascii()
                || matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fc}' | '\u{4e00}'..='\u{9fff}')
        })
}

/// An identifier, host name or number in its one spelling: spreadsheet guards (`="00123456"`,
/// `'00123456`) taken off, width folded, leading zeros kept.
#[inline]
pub fn identifier<'r>(text: &'r str, arena: &'r Bump) -> &'r str {
    let text = without_guard(text);
    if is_stable(text) {
        return text;
    }
    match width(text) {
        Cow::Borrowed(same) => same,
        Cow::Owned(folded) => arena.alloc_str(without_guard(super::trim(&folded))),
    }
}

/// The text inside the guards people put before numbers to keep a spreadsheet from eating zeros.
#[inline]
pub(super) fn without_guard(text: &str) -> &str {
    match text.as_bytes() {
        [b'=', b'"', inner @ .., b'"'] if !inner.contains(&b'"') => {
            super::trim(text.trim_start_matches('=').trim_matches('"'))
        }
        [b'\'', digit, ..] if digit.is_ascii_digit() => text.trim_start_matches('\''),
        _ => text,
    }
}

/// A word as dictionaries compare it: width and case folded; blanks, brackets and joining signs
/// become one blank between ASCII letters and vanish beside Japanese ones.
pub fn fold_word(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(MAX_WORD));
    let mut gap = false;
    for c in text.nfkc().take(MAX_WORD).flat_map(char::to_lowercase) {
        if c.is_whitespace() || is_bracket(c) || "_-.:/,;・\"'\u{feff}".contains(c) {
            gap = true;
            continue;
        }
        let ascii_before = folded.chars().next_back().is_some_and(|p| p.is_ascii());
        if gap && ascii_before && c.is_ascii() {
            folded.push(' ');
        }
        gap = false;
        folded.push(c);
    }
    folded
}

/// A heading as it is compared and shown: NFKC, trimmed, without blanks and brackets, case folded.
pub fn fold_heading(text: &str) -> String {
    text.nfkc()
        .take(MAX_WORD)
        .filter(|c| !c.is_whitespace() && !is_bracket(*c) && !matches!(c, '\u{feff}' | '"'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Brackets of all shapes that survive NFKC.
fn is_bracket(c: char) -> bool {
    "()[]{}<>【】〔〕「」『』〈〉《》".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_lose_width_and_guards_but_no_zeros() {
        let arena = Bump::new();
        let id = |text| identifier(arena.alloc_str(text), &arena);
        assert_eq!(id("００１２３４５６"), "00123456");
        assert_eq!(id("ＯＰＤ－ＰＣ１"), "OPD-PC1");
        assert_eq!(id("=\"00123456\""), "00123456");
        assert_eq!(id("'00123456"), "00123456");
        assert_eq!(id("＝＂００１＂"), "001");
        assert_eq!(id("O'Hara"), "O'Hara");
        assert_eq!(id("=\""), "=\"");
    }

    #[test]
    fn headings_and_words_have_one_spelling() {
        assert_eq!(fold_heading(" [発生日時]"), "発生日時");
        assert_eq!(fold_heading("ＩＰ アドレス"), "ipアドレス");
        assert_eq!(fold_heading("操作種別(詳細)"), "操作種別詳細");
        assert_eq!(fold_word("患者　検索"), "患者検索");
        assert_eq!(fold_word("USER_LOGIN_Failed"), "user login failed");
        assert_eq!(fold_word("ＣＳＶ出力"), "csv出力");
    }

    proptest! {
        #[test]
        fn the_shortcut_equals_nfkc(text in "[ -~ぁ-ゖァ-ー一-龥が-ぽ\u{3099}ｱ-ﾟＡ-Ｚ①㈱]{0,16}") {
            prop_assert_eq!(width(&text).into_owned(), text.nfkc().collect::<String>());
        }

        #[test]
        fn folding_never_panics(text in ".*") {
            let arena = Bump::new();
            identifier(arena.alloc_str(&text), &arena);
            fold_word(&text);
            fold_heading(&text);
        }
    }
}
