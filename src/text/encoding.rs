//! The encodings logs come in, and what bytes say in them.
//!
//! Takes bytes; gives text, and whether something in them could not be read. Never refuses input.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

/// An encoding logs come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows code page 932, with NEC and IBM extensions and gaiji.
    Cp932,
    /// EUC-JP.
    EucJp,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

impl Encoding {
    /// The name users type: `utf-8`, `cp932`, `euc-jp`, `utf-16le`, `utf-16be`.
    pub const fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Cp932 => "cp932",
            Encoding::EucJp => "euc-jp",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
        }
    }

    /// The encoding of this name, or of a usual other name, in any case: `shift_jis`, `sjis`,
    /// `windows-31j`, `utf8`. `utf-16` alone is little endian, unless a byte order mark says
    /// otherwise: ask [`super::detect`] for that one.
    pub fn from_name(name: &str) -> Option<Encoding> {
        let plain: String = name
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .flat_map(char::to_lowercase)
            .collect();
        Some(match plain.as_str() {
            "utf8" | "utf8bom" | "ascii" | "usascii" => Encoding::Utf8,
            "cp932" | "shiftjis" | "sjis" | "windows31j" | "ms932" | "mskanji" => Encoding::Cp932,
            "eucjp" | "ujis" | "eucjpms" | "cp51932" => Encoding::EucJp,
            "utf16" | "utf16le" | "unicode" => Encoding::Utf16Le,
            "utf16be" => Encoding::Utf16Be,
            _ => return None,
        })
    }

    /// Bytes of a code unit: 2 for UTF-16, else 1.
    pub const fn unit(self) -> usize {
        match self {
            Encoding::Utf16Le | Encoding::Utf16Be => 2,
            _ => 1,
        }
    }

    /// What the bytes say. A byte order mark is text here: framing leaves it out. Free of copies
    /// for valid UTF-8 and for ASCII in any encoding but UTF-16.
    pub fn decode<'b>(&self, bytes: &'b [u8]) -> Decoded<'b> {
        if let Some(text) = self.without_copy(bytes) {
            return Decoded {
                text: Cow::Borrowed(text),
                replaced: false,
            };
        }
        let (text, replaced) = self.tables().decode_without_bom_handling(bytes);
        Decoded { text, replaced }
    }

    #[inline]
    fn without_copy<'b>(&self, bytes: &'b [u8]) -> Option<&'b str> {
        match self {
            Encoding::Utf8 => simdutf8::basic::from_utf8(bytes).ok(),
            Encoding::Cp932 | Encoding::EucJp if bytes.is_ascii() => {
                simdutf8::basic::from_utf8(bytes).ok()
            }
            _ => None,
        }
    }

    pub(super) fn tables(self) -> &'static encoding_rs::Encoding {
        match self {
            Encoding::Utf8 => UTF_8,
            Encoding::Cp932 => SHIFT_JIS,
            Encoding::EucJp => EUC_JP,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
        }
    }
}

/// Decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text; broken bytes became U+FFFD.
    pub text: Cow<'b, str>,
    /// True when something had to be replaced.
    pub replaced: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::detect;
    use super::*;

    #[test]
    fn decodes_extensions_and_gaiji() {
        let found = Encoding::Cp932.decode(b"\xFB\xFC\x87\x40\xF0\x40\\~\xB6");
        assert_eq!(found.text, "髙①\u{E000}\\~ｶ");
        assert!(!found.replaced);
        assert!(Encoding::Cp932.decode(b"\x81").replaced);
        assert_eq!(Encoding::Utf16Be.decode(b"\0a\x30\x42").text, "aあ");
        assert_eq!(Encoding::Utf8.decode(b"a\xFFb").text, "a\u{FFFD}b");
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(
            Encoding::Cp932.decode(b"abc").text,
            Cow::Borrowed(_)
        ));
        assert!(matches!(
            Encoding::Utf8.decode("記".as_bytes()).text,
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn names_lead_back() {
        use Encoding::{Cp932, EucJp, Utf8, Utf16Be, Utf16Le};
        for encoding in [Utf8, Cp932, EucJp, Utf16Le, Utf16Be] {
            assert_eq!(Encoding::from_name(encoding.name()), Some(encoding));
        }
        assert_eq!(Encoding::from_name("Shift_JIS"), Some(Cp932));
        assert_eq!(Encoding::from_name("latin-1"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_detected_and_decoded(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let found = detect(&bytes);
            let decoded = found.encoding.decode(&bytes);
                        let (text, replaced) = found.encoding.tables().decode_without_bom_handling(&bytes);
            prop_assert_eq!((text, replaced), (decoded.text, decoded.replaced));
        }
    }
}
