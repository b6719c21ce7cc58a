//! Hardware addresses: every spelling in, one form out.
//!
//! Takes text from a register or a log; gives `00-11-22-33-44-55`, the form of the Elastic Common
//! Schema. Never allocates: it is asked for nearly every record.

/// Longest text that can still be an address, in bytes once full-width letters are ASCII.
const LONGEST: usize = 40;

/// The canonical form of a hardware address in any spelling: `00-11-22-33-44-55`.
///
/// Read are six groups of one or two digits, three groups of four and two groups of six, divided
/// by `:`, `-` or `.` (one of them throughout), and twelve digits without division; upper and
/// lower case, full-width or not, blanks around it. Anything else is `None`.
pub fn mac(text: &str) -> Option<[u8; 17]> {
    let octets = match ordinary(text.as_bytes()) {
        Some(octets) => octets,
        None => any_spelling(text)?,
    };
    Some(canonical(octets))
}

/// True for a randomised address (IEEE 802: locally administered, bit 0x02 of the first octet).
pub(super) fn is_randomised(canonical: &[u8; 17]) -> bool {
    first_octet(canonical) & 0x02 != 0
}

/// True for an address no device can have: a group address (bit 0x01), or all zeros.
pub(super) fn is_impossible(canonical: &[u8; 17]) -> bool {
    first_octet(canonical) & 0x01 != 0 || canonical == b"00-00-00-00-00-00"
}

/// The canonical form as text.
pub(super) fn as_text(canonical: &[u8; 17]) -> &str {
    std::str::from_utf8(canonical).expect("a canonical address is made of hexadecimal digits")
}

fn first_octet(canonical: &[u8; 17]) -> u8 {
    let high = digit(canonical[0]).unwrap_or(0);
    high << 4 | digit(canonical[1]).unwrap_or(0)
}

/// Nearly all addresses in logs: six groups of two with one separator, 17 bytes.
#[inline]
fn ordinary(text: &[u8]) -> Option<[u8; 6]> {
    let text: &[u8; 17] = text.try_into().ok()?;
    let separator = text[2];
    if separator != b':' && separator != b'-' {
        return None;
    }
    let mut octets = [0; 6];
    for (i, octet) in octets.iter_mut().enumerate() {
        *octet = digit(text[i * 3])? << 4 | digit(text[i * 3 + 1])?;
        if i < 5 && text[i * 3 + 2] != separator {
            return None;
        }
    }
    Some(octets)
}

fn any_spelling(text: &str) -> Option<[u8; 6]> {
    let mut buffer = [0; LONGEST];
    let folded = to_ascii(text, &mut buffer)?;
    let is_separator = |b: &u8| matches!(b, b':' | b'-' | b'.');
    let separator = folded.iter().copied().find(|b| is_separator(b));
    let mut nibbles = [0; 12];
    let mut filled = 0;
    let mut groups = 0;
    let width = match separator {
        None => 12,
        Some(s) => 12 / (1 + folded.iter().filter(|b| **b == s).count()).min(13),
    };
    if !matches!(width, 2 | 4 | 6 | 12) {
        return None;
    }
    // Without a separator the pattern never matches, and the whole text is the one group.
    for group in folded.split(|b| Some(*b) == separator) {
        // Only an octet may be written without its leading zero.
        let missing = width - group.len().min(width);
        if group.is_empty() || group.len() > width || (missing > 0 && width != 2) {
            return None;
        }
        filled += missing;
        for byte in group {
            *nibbles.get_mut(filled)? = digit(*byte)?;
            filled += 1;
        }
        groups += 1;
    }
    if filled != 12 || groups * width != 12 {
        return None;
    }
    let mut octets = [0; 6];
    for (octet, pair) in octets.iter_mut().zip(nibbles.chunks_exact(2)) {
        *octet = pair[0] << 4 | pair[1];
    }
    Some(octets)
}

/// Trims and turns full-width letters and the hyphens of word processors into ASCII.
fn to_ascii<'b>(text: &str, buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let mut length = 0;
    for c in text.trim().chars() {
        let byte = match c {
            '\u{21}'..='\u{7e}' => c as u8,
            '\u{ff01}'..='\u{ff5e}' => (c as u32 - 0xff01 + 0x21) as u8,
            '\u{2010}'..='\u{2015}' | '\u{2212}' => b'-',
            _ => return None,
        };
        *buffer.get_mut(length)? = byte;
        length += 1;
    }
    buffer.get(..length)
}

fn canonical(octets: [u8; 6]) -> [u8; 17] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = [b'-'; 17];
    for (i, octet) in octets.iter().enumerate() {
        out[i * 3] = DIGITS[usize::from(octet >> 4)];
        out[i * 3 + 1] = DIGITS[usize::from(octet & 15)];
    }
    out
}

#[inline]
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        mac(text).map(|m| as_text(&m).to_owned())
    }

    /// The literal twin: the sentence of the documentation, word for word.
    fn twin(text: &str) -> Option<String> {
        let folded: String = text
            .trim()
            .chars()
            .map(|c| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap(),
                '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
                c => c,
            })
            .collect();
        let upper = folded.to_ascii_uppercase();
        [":", "-", ".", "no separator"]
            .iter()
            .find_map(|separator| {
                let groups: Vec<&str> = upper.split(separator).collect();
                let digits: Option<String> = match groups.len() {
                    1 if groups[0].len() == 12 => Some(groups.concat()),
                    2 if groups.iter().all(|g| g.len() == 6) => Some(groups.concat()),
                    3 if groups.iter().all(|g| g.len() == 4) => Some(groups.concat()),
                    6 if groups.iter().all(|g| g.len() == 1 || g.len() == 2) => {
                        Some(groups.iter().map(|g| format!("{g:0>2}")).collect())
                    }
                    _ => None,
                };
                let digits = digits.filter(|d| d.len() == 12)?;
                if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return None;
                }
                let pairs: Vec<&str> = (0..6).map(|i| &digits[i * 2..i * 2 + 2]).collect();
                Some(pairs.join("-"))
            })
    }

    #[test]
    fn every_spelling_becomes_one() {
        for text in [
            "00:20:09:0a:0c:2a",
            "00-20-09-0A-0C-2A",
            "0020.090a.0c2a",
            "0020090A0C2A",
            "002009-0a0c2a",
            "0:20:9:a:c:2a",
            " 00:20:09:0A:0C:2A ",
            "００：２０：０９：０ａ：０Ｃ：２Ａ",
            "00‐20‐09‐0A‐0C‐2A",
        ] {
            assert_eq!(read(text).as_deref(), Some("00-20-09-0A-0C-2A"), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "-",
            "00:11:22:33:44",
            "00:11:22:33:44:55:66",
            "00:11-22:33-44:55",
            "00:11:22:33:44:5g",
            "0011.2233.445",
            "00112233445",
            "AA-BB-CC-DD-EE-FF:guest",
            "1.2.3.4",
            "::1",
            "00:11:22:33:44:",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn randomised_and_impossible_addresses_are_told_apart() {
        let of = |text| mac(text).unwrap();
        assert!(is_randomised(&of("da:a1:19:00:00:01")));
        assert!(!is_randomised(&of("00:a0:de:00:00:01")));
        assert!(is_impossible(&of("ff:ff:ff:ff:ff:ff")));
        assert!(is_impossible(&of("000000000000")));
        assert!(!is_impossible(&of("00:a0:de:00:00:01")));
    }

    proptest! {
        #[test]
        fn the_fast_reader_equals_its_twin(text in "[ 0-9a-gA-F:.０Ａ：－-]{0,20}") {
            prop_assert_eq!(read(&text), twin(&text));
        }

        #[test]
        fn spellings_of_any_address_are_read(octets: [u8; 6], style in 0..6usize) {
            let [a, b, c, d, e, f] = octets;
            let want = format!("{a:02X}-{b:02X}-{c:02X}-{d:02X}-{e:02X}-{f:02X}");
            let text = match style {
                0 => want.to_lowercase(),
                1 => want.replace('-', ":"),
                2 => format!("{a:02x}{b:02x}.{c:02x}{d:02x}.{e:02x}{f:02x}"),
                3 => want.replace('-', ""),
                4 => format!("{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{f:x}"),
                _ => format!("{a:02x}{b:02x}{c:02x}-{d:02x}{e:02x}{f:02x}"),
            };
            prop_assert_eq!(read(&text), Some(want.clone()));
            prop_assert_eq!(twin(&text), Some(want));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*") {
            prop_assert_eq!(read(&text), twin(&text));
        }
    }
}
