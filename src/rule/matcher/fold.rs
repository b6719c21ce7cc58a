//! Case folding by single characters, and comparisons under it that need no allocation.
//!
//! Takes text; gives its folded form or an answer. Never changes the number of characters, so
//! that `?` of a pattern stays exactly one code point.

/// The folded form of a character: Unicode simple case folding, by way of upper case, so that
/// ς and σ, ſ and s, K (Kelvin) and k are alike. Folding twice changes nothing more.
#[inline]
pub(super) fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        // Kana, Han and Hangul compatibility have no case; most Japanese text ends here.
        '\u{3000}'..='\u{A63F}' => c,
        // The upper case of the dotless i is I, which is another letter's.
        'ı' => c,
        _ => {
            let upper = alone(c, c.to_uppercase());
            alone(upper, upper.to_lowercase())
        }
    }
}

/// The one character `c` maps to; a mapping to several is not a simple one and is not applied.
fn alone(c: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    match mapped.len() {
        1 => mapped.next().unwrap_or(c),
        _ => c,
    }
}

/// The folded form of a text.
pub(in crate::rule) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends the folded form of a text.
#[inline]
pub(in crate::rule) fn fold_into(text: &str, out: &mut String) {
    // Characters from U+3000 to U+9FFF, which in UTF-8 begin with these bytes, have no case. All
    // bytes are looked at, many at once, instead of one by one until the first that decides.
    let plain = |byte: u8| byte < 0xC0 || (0xE3..=0xE9).contains(&byte);
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        let from = out.len();
        out.push_str(text);
        out[from..].make_ascii_lowercase();
    } else {
        out.extend(text.chars().map(fold));
    }
}

/// True when `value` folds to `needle`, which is folded already.
#[inline]
pub(super) fn equal(needle: &str, value: &str) -> bool {
    if needle.eq_ignore_ascii_case(value) {
        return true;
    }
    !value.is_ascii() && needle.chars().eq(value.chars().map(fold))
}

/// True when the folded `value` starts with `needle`.
#[inline]
pub(super) fn starts(needle: &str, value: &str) -> bool {
    let mut chars = value.chars().map(fold);
    needle.chars().all(|n| chars.next() == Some(n))
}

/// True when the folded `value` ends with `needle`.
#[inline]
pub(super) fn ends(needle: &str, value: &str) -> bool {
    let mut chars = value.chars().rev().map(fold);
    needle.chars().rev().all(|n| chars.next() == Some(n))
}

/// A hash of the folded text: equal texts have equal hashes (FNV-1a, 64 bits). Only values are
/// foreign; the table they are looked up in is the rule's, so nobody gains by collisions.
#[inline]
pub(super) fn hash(value: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for c in value.chars().map(fold) {
        hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_idempotent_and_skips_only_what_has_no_case() {
        for c in '\0'..=char::MAX {
            assert_eq!(fold(fold(c)), fold(c), "{c:?}");
            if ('\u{3000}'..='\u{A63F}').contains(&c) {
                assert!(
                    c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]),
                    "{c:?}"
                );
            }
        }
    }

    #[test]
    fn letters_of_all_scripts_lose_their_case() {
        assert_eq!(folded("ÄΣςſK ＡＢ Ж ẞ"), "äσσsk ａｂ ж ß");
        assert_eq!(folded("İı"), "İı");
        assert!(equal("kas", "Kaſ") && starts("k", "K1") && ends("σ", "ΛΌΓΟΣ"));
        assert_eq!(hash("KAS"), hash("Kaſ"));
    }

    #[test]
    fn text_is_folded_as_its_characters_are() {
        for c in '\0'..=char::MAX {
            assert_eq!(folded(&format!("A{c}")), format!("a{}", fold(c)));
            let (bytes, folded) = (c.len_utf8(), fold(c).len_utf8());
            assert!(bytes <= 3 * folded, "{c:?} gets too short");
        }
    }

    #[test]
    fn agrees_with_the_regular_expressions_of_the_regex_crate() {
        for c in "kKKsſSσςΣµμΜßẞåÅÅıIiİǅǄǆ".chars() {
            let pattern = regex::Regex::new(&format!("(?i)^{c}$")).expect("a letter");
            for d in "kKKsſSσςΣµμΜßẞåÅÅıIiİǅǄǆ".chars() {
                assert_eq!(
                    pattern.is_match(&d.to_string()),
                    fold(c) == fold(d),
                    "{c} {d}"
                );
            }
        }
    }
}
