//! What went wrong while reading, in words.
//!
//! Takes an error of the machine; gives it in Japanese and English. Never hides what the system
//! said.

use std::fmt;
use std::io::{self, ErrorKind};

use crate::diagnostic::Text;

/// A trouble that no system knows a word for, carried inside an [`io::Error`].
#[derive(Debug)]
struct Trouble(Text);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Trouble {}

/// An error that says what is wrong with an input.
pub(super) fn trouble(kind: ErrorKind, en: impl Into<String>, ja: impl Into<String>) -> io::Error {
    io::Error::new(kind, Trouble(Text::new(en, ja)))
}

/// What an error of an input means, for people.
pub fn explain(error: &io::Error) -> Text {
    if let Some(Trouble(text)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return text.clone();
    }
    match error.kind() {
        ErrorKind::NotFound => Text::new("does not exist", "存在しません"),
        ErrorKind::PermissionDenied => Text::new(
            "may not be read; give this user the permission to read it",
            "読み取りの権限がありません。このユーザーに読み取り権限を与えてください",
        ),
        ErrorKind::UnexpectedEof => Text::new(
            "is shorter than when it was first read",
            "最初に読んだときより短くなっています",
        ),
        ErrorKind::IsADirectory => Text::new("is a folder", "フォルダーです"),
        _ => Text::new(
            format!("cannot be read: {error}"),
            format!("読み取れません（{error}）"),
        ),
    }
}
