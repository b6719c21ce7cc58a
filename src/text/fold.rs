//! Folding: two spellings that mean the same become one.
//!
//! Takes text; gives its folded form, borrowed where folding changes nothing. Never folds what is
//! shown: folded text is for comparing.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Width folded (NFKC): full-width letters and digits become ASCII, half-width katakana become
/// katakana of full width.
#[inline]
pub fn fold_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// Case and width folded and trimmed: what accounts, headings and names are compared by.
///
/// Each character is lower-cased by itself, whatever stands beside it.
#[inline]
pub fn fold_key(text: &str) -> Cow<'_, str> {
    // One pass decides for the usual account: signs, digits and small letters, no blank.
    if text.bytes().all(|b| matches!(b, b'!'..=b'@' | b'['..=b'~')) {
        return Cow::Borrowed(text);
    }
    let trimmed = text.trim();
    if trimmed.is_ascii() && !trimmed.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Borrowed(trimmed)
    } else if trimmed.is_ascii() {
        Cow::Owned(trimmed.to_ascii_lowercase())
    } else if trimmed.chars().all(is_plain) {
        Cow::Borrowed(trimmed)
    } else {
        fold_wide_key(trimmed)
    }
}

/// True for characters that no folding changes, whatever stands beside them: kana and Han
/// characters of the main blocks, small ASCII letters, digits and signs.
fn is_plain(c: char) -> bool {
    matches!(c,
        ' '..='@' | '['..='~'
        | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'
        | '\u{4E00}'..='\u{9FFF}')
}

fn fold_wide_key(trimmed: &str) -> Cow<'_, str> {
    let lower = |c: char| {
        let mut small = c.to_lowercase();
        small.next() == Some(c) && small.next().is_none()
    };
    if is_nfkc_quick(trimmed.chars()) == IsNormalized::Yes && trimmed.chars().all(lower) {
        return Cow::Borrowed(trimmed);
    }
    // Lower case may bring compositions that upper case has not, so that width is folded again.
    let folded: String = trimmed
        .nfkc()
        .flat_map(char::to_lowercase)
        .nfkc()
        .flat_map(char::to_lowercase)
        .collect();
    let bare = folded.trim();
    if bare.len() == folded.len() {
        Cow::Owned(folded)
    } else {
        Cow::Owned(bare.to_owned())
    }
}

/// The form of a record that its identity is taken from: 〜 and ～ and their like are one.
///
/// Tables of CP932 and EUC-JP differ in these seven characters, so that the same record exported
/// twice differs too. The forms Windows uses stay.
#[inline]
pub fn fold_identity(text: &str) -> Cow<'_, str> {
    if is_folded_identity(text.as_bytes()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(windows_form).collect())
    }
}

/// True when [`fold_identity`] leaves UTF-8 text as it is, whole or in parts. Of the seven
/// characters, six begin with a byte that Japanese text seldom holds; the wave dash (E3 80 9C) is
/// found by its last one.
pub fn is_folded_identity(bytes: &[u8]) -> bool {
    let rare = memchr::memchr2_iter(0xc2, 0xe2, bytes).any(|at| {
        matches!(
            bytes.get(at..),
            Some([0xc2, 0xa2 | 0xa3 | 0xac, ..])
                | Some([0xe2, 0x80, 0x94 | 0x96, ..])
                | Some([0xe2, 0x88, 0x92, ..])
        )
    });
    let wave = || memchr::memchr_iter(0x9c, bytes).any(|at| bytes[..at].ends_with(&[0xe3, 0x80]));
    !rare && !wave()
}

fn windows_form(c: char) -> char {
    match c {
        '\u{301C}' => '\u{FF5E}',
        '\u{2016}' => '\u{2225}',
        '\u{2212}' => '\u{FF0D}',
        '\u{2014}' => '\u{2015}',
        '\u{00A2}' => '\u{FFE0}',
        '\u{00A3}' => '\u{FFE1}',
        '\u{00AC}' => '\u{FFE2}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_and_case_are_folded() {
        assert_eq!(fold_width("ＩＰアドレス１２"), "IPアドレス12");
        assert_eq!(fold_width("ｶﾞｲｼﾞ"), "ガイジ");
        assert_eq!(fold_key(" Ｎ１０２３\u{3000}"), "n1023");
        assert_eq!(fold_key("\tADMIN\r"), "admin");
        assert_eq!(fold_key("山田"), "山田");
        assert_eq!(fold_key("ΑΣ"), "ασ");
    }

    #[test]
    fn what_is_folded_is_borrowed() {
        for text in ["n1023", "山田 花子", "", "x\u{e000}"] {
            assert!(matches!(fold_key(text), Cow::Borrowed(_)), "{text}");
            assert!(matches!(fold_width(text), Cow::Borrowed(_)), "{text}");
            assert!(matches!(fold_identity(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn both_tables_give_one_identity() {
        let euc = fold_identity("9〜17時 ‖−¢£¬—");
        let windows = fold_identity("9～17時 ∥－￠￡￢―");
        assert_eq!(euc, windows);
        assert!(matches!(windows, Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}|.{0,20}") {
            for fold in [fold_width, fold_key, fold_identity] {
                let once = fold(&text).into_owned();
                prop_assert_eq!(fold(&once), once.as_str());
            }
        }

        #[test]
        fn identity_is_folded_character_by_character(text in "[ -~〜～‖−¢£¬—―あ東ー\u{201C}]{0,20}") {
            let slow: String = text.chars().map(windows_form).collect();
            prop_assert_eq!(fold_identity(&text), slow);
        }

        #[test]
        fn japanese_keys_are_folded_as_others_are(text in "[0-9a-zぁ-ゖァ-ヺー一-鿿゛ﾞ\u{3099}]{0,8}") {
            prop_assert_eq!(fold_key(&text), fold_wide_key(text.trim()));
        }

        #[test]
        fn the_fast_way_is_the_long_way(text in "[ -~ａＡéÉ]{0,12}") {
            let lower: String = text.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect();
            prop_assert_eq!(fold_key(&text), lower.trim());
        }
    }
}
