//! Hardware addresses as people write them in lists.
//!
//! Takes text from a register or a log; gives `00-11-22-33-44-55`, the form of the Elastic Common
//! Schema, and what the address itself tells. Never allocates: it is asked for nearly every record.

use crate::text;

/// Longest text that can still be an address, in bytes once full-width letters are ASCII.
const LONGEST: usize = 40;

/// The canonical form of a hardware address in any spelling: `00-11-22-33-44-55`.
///
/// Read are six groups of one or two digits, three groups of four and two groups of six, divided
/// by `:`, `-` or `.` (one of them throughout), and twelve digits without division; upper and
/// lower case, full-width or not, blanks around it. Anything else is `None`.
pub(super) fn mac(text: &str) -> Option<[u8; 17]> {
    text::mac(text).or_else(|| by_hand(text))
}

/// True for a randomised address (IEEE 802: locally administered, bit 0x02 of the first octet).
pub(super) fn is_randomised(canonical: &[u8; 17]) -> bool {
    first_octet(canonical) & 0x02 != 0
}

/// True for an address no device can have: a group address (bit 0x01), or all zeros.
pub(super) fn is_impossible(canonical: &[u8; 17]) -> bool {
    first_octet(canonical) & 0x01 != 0 || canonical == b"00-00-00-00-00-00"
}

fn first_octet(canonical: &[u8; 17]) -> u8 {
    u8::from_str_radix(&text::mac_text(canonical)[..2], 16)
        .expect("a canonical address begins with two hexadecimal digits")
}

/// The spellings of people: those of devices with other letters and any separator anywhere.
fn by_hand(text: &str) -> Option<[u8; 17]> {
    let mut buffer = [0; LONGEST];
    let folded = to_ascii(text, &mut buffer)?;
    let is_separator = |b: &u8| matches!(b, b':' | b'-' | b'.');
    let first = folded.iter().copied().find(|b| is_separator(b));
    if folded.iter().any(|b| is_separator(b) && Some(*b) != first) {
        return None;
    }
    // Devices part six groups by colons, three by dots, and two never.
    let separator = match folded.iter().filter(|b| is_separator(b)).count() {
        1 if folded.len() == 13 && is_separator(&folded[6]) => {
            folded.copy_within(7.., 6);
            return ask(&folded[..12]);
        }
        2 => b'.',
        _ => b':',
    };
    for byte in folded.iter_mut().filter(|b| is_separator(b)) {
        *byte = separator;
    }
    ask(folded)
}

fn ask(ascii: &[u8]) -> Option<[u8; 17]> {
    text::mac(std::str::from_utf8(ascii).ok()?)
}

/// Trims and turns full-width letters and the hyphens of word processors into ASCII.
fn to_ascii<'b>(text: &str, buffer: &'b mut [u8; LONGEST]) -> Option<&'b mut [u8]> {
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
    buffer.get_mut(..length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        mac(text).map(|m| text::mac_text(&m).to_owned())
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
