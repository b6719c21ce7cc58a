//! The encoding an input is to be read in: told, or left to its content.
//!
//! Takes what the user said and the beginning of the input; gives the encoding and why. Never reads
//! on.

use super::{Detected, Encoding, detect};
use crate::diagnostic::Text;

/// Which encoding an input is read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EncodingChoice {
    /// The content decides.
    #[default]
    Auto,
    /// UTF-16 in the byte order its mark tells; little endian without one, as Windows writes.
    Utf16,
    /// This one.
    Named(Encoding),
}

impl EncodingChoice {
    /// The encoding of an input that begins with `head`, its byte order mark, and why.
    pub fn decide(self, head: &[u8]) -> Detected {
        let encoding = match self {
            EncodingChoice::Auto => return detect(head),
            EncodingChoice::Utf16 if head.starts_with(&[0xfe, 0xff]) => Encoding::Utf16Be,
            EncodingChoice::Utf16 => Encoding::Utf16Le,
            EncodingChoice::Named(encoding) => encoding,
        };
        let mark: &[u8] = match encoding {
            Encoding::Utf8 => &[0xef, 0xbb, 0xbf],
            Encoding::Utf16Le => &[0xff, 0xfe],
            Encoding::Utf16Be => &[0xfe, 0xff],
            Encoding::Cp932 | Encoding::EucJp => &[],
        };
        let bom = if head.starts_with(mark) {
            mark.len()
        } else {
            0
        };
        Detected {
            encoding,
            bom,
            why: Text::new("as told", "指定による"),
        }
    }
}
