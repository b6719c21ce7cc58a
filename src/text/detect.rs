//! Which encoding bytes are in.
//!
//! Takes the beginning of an input, cut anywhere; gives the encoding, the length of its mark and
//! the reason in words. Never fails: bytes of no encoding are read as the likeliest one.
//!
//! The order: a byte order mark, the NULs of UTF-16, strict UTF-8, and only then CP932 against
//! EUC-JP by what the text would look like in each.

use encoding_rs::{DecoderResult, EUC_JP};

use crate::diagnostic::Text;

use super::Encoding;

/// What was detected, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The encoding.
    pub encoding: Encoding,
    /// Bytes of a byte order mark at the beginning.
    pub bom: usize,
    /// Why.
    pub why: Text,
}

/// Decides the encoding from the beginning of an input, which may be cut anywhere.
pub fn detect(head: &[u8]) -> Detected {
    let (encoding, bom, en, ja) = by_mark(head)
        .or_else(|| by_nuls(head))
        .or_else(|| by_utf8(head))
        .unwrap_or_else(|| by_plausibility(head));
    Detected {
        encoding,
        bom,
        why: Text::new(en, ja),
    }
}

/// Encoding, length of the mark, and the reason in English and Japanese.
type Verdict = (Encoding, usize, &'static str, &'static str);

fn by_mark(head: &[u8]) -> Option<Verdict> {
    let (encoding, bom) = match head {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
        [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
        _ => return None,
    };
    Some((
        encoding,
        bom,
        "the input begins with a byte order mark",
        "先頭にBOMがあります",
    ))
}

/// UTF-16 without a mark: line ends, digits and commas have a NUL, always on the same side, and
/// they stand among other characters. Messages that end in NUL have no such neighbors.
fn by_nuls(head: &[u8]) -> Option<Verdict> {
    let units = head.len() / 2;
    let (mut little, mut big, mut ascii) = (0, 0, 0);
    for pair in head.chunks_exact(2) {
        match (is_text(pair[0]), is_text(pair[1])) {
            (true, true) => ascii += 1,
            (true, false) if pair[1] == 0 => little += 1,
            (false, true) if pair[0] == 0 => big += 1,
            _ => {}
        }
    }
    let enough = |side: usize, other: usize| {
        side * 16 >= units.max(1) && other * 8 <= side && ascii * 4 <= units * 3
    };
    let why = (
        "NULs stand where UTF-16 has them",
        "NULの位置がUTF-16の特徴に合います",
    );
    if enough(little, big) {
        Some((Encoding::Utf16Le, 0, why.0, why.1))
    } else if enough(big, little) {
        Some((Encoding::Utf16Be, 0, why.0, why.1))
    } else {
        None
    }
}

/// A printable ASCII character, tab or line end.
fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')
}

fn by_utf8(head: &[u8]) -> Option<Verdict> {
    if head.is_ascii() {
        return Some((
            Encoding::Utf8,
            0,
            "only ASCII at the beginning",
            "先頭部分はASCIIのみです",
        ));
    }
    let valid = match simdutf8::compat::from_utf8(head) {
        Ok(_) => true,
        // A character that the end of the head cuts is no mistake.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    valid.then_some((
        Encoding::Utf8,
        0,
        "all of the beginning is valid UTF-8",
        "先頭部分はすべて正しいUTF-8です",
    ))
}

/// What a text would be in an encoding.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    /// Broken sequences.
    broken: usize,
    /// Characters beyond ASCII.
    beyond: usize,
    /// Kana of full width, and full-width forms and punctuation.
    kana: usize,
    /// Katakana of half width.
    half: usize,
    /// Kanji.
    kanji: usize,
    /// Characters logs hardly hold: the second level of kanji, private use, other scripts.
    rare: usize,
}

impl Look {
    fn of(head: &[u8], encoding: Encoding) -> Look {
        let mut look = Look::default();
        let mut decoder = encoding.tables().new_decoder_without_bom_handling();
        let mut text = String::with_capacity(4 << 10);
        let mut at = 0;
        loop {
            text.clear();
            let (result, read) =
                decoder.decode_to_string_without_replacement(&head[at..], &mut text, false);
            at += read;
            for c in text.chars().filter(|c| !c.is_ascii()) {
                look.count(c);
            }
            match result {
                DecoderResult::InputEmpty => return look,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => look.broken += 1,
            }
        }
    }

    fn count(&mut self, c: char) {
        self.beyond += 1;
        match c {
            '\u{3000}'..='\u{30FF}' | '\u{FF01}'..='\u{FF60}' => self.kana += 1,
            '\u{FF61}'..='\u{FF9F}' => self.half += 1,
            '\u{4E00}'..='\u{9FFF}' => {
                self.kanji += 1;
                self.rare += usize::from(second_level(c));
            }
            '\u{2460}'..='\u{2473}' | '\u{2010}'..='\u{2312}' => {}
            _ => self.rare += 1,
        }
    }

    /// Few sequences are broken: damage inside a text of this encoding.
    fn fits(&self) -> bool {
        self.beyond > 0 && self.broken * 20 <= self.beyond
    }
}

/// True for kanji of JIS level 2 and beyond: their EUC-JP lead byte is 0xD0 or more.
fn second_level(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unmapped) = EUC_JP.encode(c.encode_utf8(&mut buffer));
    unmapped
        || bytes
            .first()
            .is_none_or(|lead| *lead >= 0xD0 || *lead == 0x8F)
}

fn by_plausibility(head: &[u8]) -> Verdict {
    let utf8 = Look::of(head, Encoding::Utf8);
    let cp932 = Look::of(head, Encoding::Cp932);
    let euc = Look::of(head, Encoding::EucJp);
    if utf8.fits() {
        return (
            Encoding::Utf8,
            0,
            "UTF-8 with a few broken bytes",
            "一部の壊れたバイトを除きUTF-8です",
        );
    }
    let as_cp932 = (
        Encoding::Cp932,
        0,
        "not UTF-8; it reads as Japanese in CP932",
        "UTF-8ではなく、CP932の日本語として読めます",
    );
    let as_euc = (
        Encoding::EucJp,
        0,
        "not UTF-8; it reads as Japanese in EUC-JP",
        "UTF-8ではなく、EUC-JPの日本語として読めます",
    );
    match (cp932.fits(), euc.fits()) {
        (true, false) => as_cp932,
        (false, true) => as_euc,
        (true, true) if cp932.broken != euc.broken => {
            if cp932.broken < euc.broken {
                as_cp932
            } else {
                as_euc
            }
        }
        // Half-width katakana in CP932 are kanji of all levels in EUC-JP; EUC-JP of any text is
        // half-width katakana in CP932, and hardly ever anything else.
        (true, true) if euc.rare * 8 <= euc.beyond && cp932.half > cp932.kana + cp932.kanji => {
            as_euc
        }
        (true, true) => as_cp932,
        (false, false) => (
            Encoding::Utf8,
            0,
            "no known encoding fits; read as UTF-8, broken bytes are replaced",
            "該当する文字コードがありません。UTF-8として読み、壊れたバイトは置き換えます",
        ),
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::SHIFT_JIS;

    use super::*;

    fn cp932(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }

    fn euc(text: &str) -> Vec<u8> {
        EUC_JP.encode(text).0.into_owned()
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    const TEXTS: &[&str] = &[
        "日時,利用者ID,操作\r\n2026/04/06 08:31,n1023,カルテ参照\r\n",
        "2026/04/06,髙橋 ①病棟,ログイン\r\n",
        "ﾕｰｻﾞｰ,ﾛｸﾞｲﾝ\r\n",
        "操作 記録 患者 照会\n",
    ];

    #[test]
    fn detects_what_was_written() {
        for text in TEXTS {
            assert_eq!(detect(text.as_bytes()).encoding, Encoding::Utf8, "{text}");
            assert_eq!(detect(&cp932(text)).encoding, Encoding::Cp932, "{text}");
            assert_eq!(
                detect(&utf16(text, false)).encoding,
                Encoding::Utf16Le,
                "{text}"
            );
            assert_eq!(
                detect(&utf16(text, true)).encoding,
                Encoding::Utf16Be,
                "{text}"
            );
            // CP932 and EUC-JP tell half-width katakana apart only where there is other text.
            if !text.contains(['髙', '①', 'ﾕ']) {
                assert_eq!(detect(&euc(text)).encoding, Encoding::EucJp, "{text}");
            }
        }
    }

    #[test]
    fn a_mark_goes_before_everything() {
        let marks: [(&[u8], Encoding, usize); 3] = [
            (b"\xEF\xBB\xBF\x93", Encoding::Utf8, 3),
            (b"\xFF\xFEa\0", Encoding::Utf16Le, 2),
            (b"\xFE\xFF\0a", Encoding::Utf16Be, 2),
        ];
        for (head, encoding, bom) in marks {
            let found = detect(head);
            assert_eq!((found.encoding, found.bom), (encoding, bom));
        }
    }

    #[test]
    fn half_width_katakana_of_cp932_are_no_kanji_of_euc_jp() {
        let text = "ﾔﾏﾀﾞﾊﾅｺ,ｻﾄｳｲﾁﾛｳ,ｶﾙﾃｼｮｳｶｲ,ﾌﾞﾝｼｮﾘｮｳ\r\n".repeat(20);
        assert_eq!(detect(&cp932(&text)).encoding, Encoding::Cp932);
    }

    #[test]
    fn messages_that_end_in_nul_are_not_utf_16() {
        let head = b"<13>Oct 11 22:14:15 h a: one\0<13>Oct 11 22:14:16 h a: two!\0".repeat(9);
        assert_eq!(detect(&head).encoding, Encoding::Utf8);
    }

    #[test]
    fn a_cut_or_broken_character_does_not_change_the_encoding() {
        let text = "患者照会".repeat(30);
        for cut in 0..3 {
            let bytes = text.as_bytes();
            assert_eq!(detect(&bytes[..bytes.len() - cut]).encoding, Encoding::Utf8);
        }
        let mut broken = text.into_bytes();
        broken[30] = 0xFF;
        assert_eq!(detect(&broken).encoding, Encoding::Utf8);
        let mut broken = cp932(&TEXTS[0].repeat(30));
        broken.extend_from_slice(b"\xFF\n");
        assert_eq!(detect(&broken).encoding, Encoding::Cp932);
        assert_eq!(detect(b"caf\xE9 na\xEFve \xFC\n").encoding, Encoding::Utf8);
        assert_eq!(detect(b"").encoding, Encoding::Utf8);
    }
}
