//! Japanese times in ASCII.
//!
//! Takes trimmed text; gives it with width folded, signs as separators and eras as letters.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::text::Era;

/// The text in ASCII: width folded, 年月日時分秒 as separators, eras as letters, days of the week
/// left out. What has no ASCII form stays and is refused later.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_graphic() && b != b'(' || b == b' ';
    if text.bytes().all(is_plain) && !text.contains(": ") {
        return Cow::Borrowed(text);
    }
    let folded: Vec<char> = text.nfkc().collect();
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = folded.get(at) {
        let next = folded.get(at + 1).copied();
        let after = folded.get(at + 2).copied();
        at += 1;
        if let Some(era) = Era::of_sign(c) {
            plain.push(char::from(era.letter));
            // The first sign may stand alone, as on forms: 令8.4.6.
            at += usize::from(next == Some(era.signs[1]));
            continue;
        }
        match (c, next, after) {
            ('(', Some(_), Some(')')) => {
                plain.push(' ');
                at += 2;
            }
            ('月' | '火' | '水' | '木' | '金' | '土' | '日', Some('曜'), _) => {
                at += 1 + usize::from(after == Some('日'));
            }
            ('午', Some('前'), _) => (plain.push_str(" AM "), at += 1).0,
            ('午', Some('後'), _) => (plain.push_str(" PM "), at += 1).0,
            ('元', ..) => plain.push('1'),
            ('年' | '月', ..) => plain.push('/'),
            ('日', ..) => plain.push(' '),
            ('時', ..) => plain.push(':'),
            // A clock that ends with its minutes has nothing behind 分.
            ('分', Some('0'..='9' | ' '), _) => plain.push(':'),
            ('分' | '秒', ..) => plain.push(' '),
            (c, ..) if c.is_whitespace() => plain.push(' '),
            (c, ..) => plain.push(c),
        }
    }
    // 「8時31分 5秒」 has a blank behind its separator.
    while let Some(at) = plain.find(": ") {
        plain.remove(at + 1);
    }
    plain.truncate(plain.trim_end().len());
    if plain.ends_with(':') && text.nfkc().any(|c| c == '分') {
        plain.pop();
    }
    Cow::Owned(plain)
}
