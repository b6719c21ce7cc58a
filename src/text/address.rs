//! One spelling for network addresses.
//!
//! Takes a hardware or IP address as a device or program writes it; gives the form of the Elastic
//! Common Schema, or nothing for other text. Allocates only where an IP address changes. Never
//! resolves a name.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use wide::u8x16;

/// A hardware address as `00-11-22-33-44-55`, upper case with hyphens.
///
/// Read are six octets divided by `:` or `-` (`00:11:22:33:44:55`, also without leading zeros:
/// `0:11:2:33:44:5`), three groups divided by dots (`0011.2233.4455`) and twelve digits without
/// division, in either case. Anything else is `None`.
#[inline]
pub fn mac(text: &str) -> Option<[u8; 17]> {
    match text.as_bytes().try_into() {
        Ok(bytes) => six_pairs(bytes),
        Err(_) => any_groups(text.as_bytes()),
    }
}

/// Nearly all addresses in logs: six groups of two with one separator. No other form has 17 bytes.
#[inline]
fn six_pairs(bytes: &[u8; 17]) -> Option<[u8; 17]> {
    let separator = bytes[2];
    if separator != b':' && separator != b'-' {
        return None;
    }
    let mut spelled = [b'-'; 17];
    for (at, &byte) in bytes.iter().enumerate() {
        if at % 3 < 2 {
            spelled[at] = digit(byte)?;
        } else if byte != separator {
            return None;
        }
    }
    Some(spelled)
}

fn any_groups(bytes: &[u8]) -> Option<[u8; 17]> {
    if !(11..17).contains(&bytes.len()) {
        return None;
    }
    let separator = bytes.iter().copied().find(|b| !b.is_ascii_hexdigit());
    let width = match separator {
        None => 12,
        Some(b'.') => 4,
        Some(b':' | b'-') => 2,
        Some(_) => return None,
    };
    let mut digits = [0u8; 12];
    let mut count = 0;
    let mut groups = 0;
    // Without a separator the pattern never matches, and the whole text is the one group.
    for group in bytes.split(|b| Some(*b) == separator) {
        // Only an octet may be written without its leading zero.
        let is_short = width == 2 && group.len() == 1;
        if group.len() != width && !is_short {
            return None;
        }
        for &byte in is_short.then_some(&b'0').into_iter().chain(group) {
            *digits.get_mut(count)? = digit(byte)?;
            count += 1;
        }
        groups += 1;
    }
    if count != 12 || groups * width != 12 {
        return None;
    }
    let mut spelled = [b'-'; 17];
    for (pair, place) in digits.chunks_exact(2).zip(spelled.chunks_mut(3)) {
        place[..2].copy_from_slice(pair);
    }
    Some(spelled)
}

/// A hexadecimal digit in upper case.
#[inline]
fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_hexdigit().then(|| byte.to_ascii_uppercase())
}

/// What [`mac`] gives, as text.
#[inline]
pub fn mac_text(spelled: &[u8; 17]) -> &str {
    std::str::from_utf8(spelled).expect("a spelled address is hexadecimal digits and hyphens")
}

/// True when the text is already spelled as [`mac`] spells.
#[inline]
pub fn is_canonical_mac(text: &str) -> bool {
    /// The hyphens among the first sixteen places.
    const HYPHENS: u32 = 0b0100_1001_0010_0100;
    let Some((first, [last])) = text.as_bytes().split_first_chunk::<16>() else {
        return false;
    };
    let bytes = u8x16::new(*first);
    let within =
        |low: u8, high: u8| bytes.simd_ge(u8x16::splat(low)) & bytes.simd_le(u8x16::splat(high));
    let digits = (within(b'0', b'9') | within(b'A', b'F')).to_bitmask();
    let hyphens = bytes.simd_eq(u8x16::splat(b'-')).to_bitmask();
    hyphens == HYPHENS && digits == 0xffff & !HYPHENS && matches!(last, b'0'..=b'9' | b'A'..=b'F')
}

/// An IP address in its one spelling; `None` when the text is none.
///
/// IPv4 inside IPv6 (`::ffff:10.0.0.1`) becomes IPv4, octets that are all padded to three digits
/// lose their zeros, IPv6 is spelled as RFC 5952 has it. A zone (`%eth0`) is left out: it is a
/// name of the machine that wrote the log, and means nothing elsewhere.
#[inline]
pub fn ip(text: &str) -> Option<Cow<'_, str>> {
    if is_plain_v4(text.as_bytes()) {
        return Some(Cow::Borrowed(text));
    }
    other_ip(text)
}

fn other_ip(text: &str) -> Option<Cow<'_, str>> {
    if let Some(padded) = padded_v4(text) {
        return Some(Cow::Owned(padded));
    }
    let (bare, _zone) = text.split_once('%').unwrap_or((text, ""));
    let address: Ipv6Addr = bare.parse().ok()?;
    let spelled = IpAddr::V6(address).to_canonical().to_string();
    Some(if spelled == bare {
        Cow::Borrowed(bare)
    } else {
        Cow::Owned(spelled)
    })
}

/// Four decimal octets without padding: by far the usual case, and nothing to change.
#[inline]
fn is_plain_v4(bytes: &[u8]) -> bool {
    let (mut octet, mut digits, mut dots) = (0u32, 0u32, 0u32);
    if bytes.len() > 15 {
        return false;
    }
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                if digits == 3 || (digits > 0 && octet == 0) {
                    return false;
                }
                octet = octet * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' => {
                if digits == 0 || octet > 255 {
                    return false;
                }
                (octet, digits) = (0, 0);
                dots += 1;
            }
            _ => return false,
        }
    }
    dots == 3 && digits > 0 && octet <= 255
}

/// `010.020.003.041`: three digits everywhere is padding, never octal.
fn padded_v4(text: &str) -> Option<String> {
    if text.len() != 15 {
        return None;
    }
    let octets: Vec<u8> = text
        .split('.')
        .filter(|o| o.len() == 3 && o.bytes().all(|b| b.is_ascii_digit()))
        .filter_map(|o| o.parse().ok())
        .collect();
    let &[a, b, c, d] = octets.as_slice() else {
        return None;
    };
    Some(format!("{a}.{b}.{c}.{d}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled_mac(text: &str) -> Option<String> {
        mac(text).map(|spelled| mac_text(&spelled).to_owned())
    }

    /// The literal twin: the sentence of the documentation, word for word.
    fn twin(text: &str) -> Option<String> {
        let groups = |by: &[char]| -> Vec<String> {
            text.split(|c| by.contains(&c)).map(str::to_owned).collect()
        };
        let octets = [[':'], ['-']].iter().find_map(|by| {
            let octets = groups(by);
            let fits = octets.len() == 6 && octets.iter().all(|o| matches!(o.len(), 1 | 2));
            fits.then(|| {
                octets
                    .iter()
                    .map(|o| format!("{o:0>2}"))
                    .collect::<String>()
            })
        });
        let dotted = || {
            let four = groups(&['.']);
            let fits = four.len() == 3 && four.iter().all(|g| g.len() == 4);
            fits.then(|| four.concat())
        };
        let digits = octets.or_else(dotted).unwrap_or_else(|| text.to_owned());
        let is_whole = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_whole.then(|| {
            let upper = digits.to_uppercase();
            let pairs: Vec<&str> = (0..6).map(|i| &upper[i * 2..i * 2 + 2]).collect();
            pairs.join("-")
        })
    }

    #[test]
    fn hardware_addresses_have_one_spelling() {
        for text in [
            "00:20:09:0a:0C:2a",
            "00-20-09-0A-0C-2A",
            "0020.090a.0c2a",
            "0020090a0c2a",
            "0:20:9:a:c:2a",
        ] {
            assert_eq!(
                spelled_mac(text).as_deref(),
                Some("00-20-09-0A-0C-2A"),
                "{text}"
            );
        }
        for text in [
            "",
            "00:11:22:33:44",
            "00:11:22:33:44:55:66",
            "00-1a:2B-33:44-55",
            "zz:1A:2b:33:44:55",
            "001122-334455",
            "0011:2233:4455",
            "患者患者",
            "192.168.182.4",
            "あ:い:う",
        ] {
            assert_eq!(spelled_mac(text), None, "{text}");
        }
    }

    #[test]
    fn ip_addresses_have_one_spelling() {
        for (text, spelled) in [
            ("10.20.3.41", Some("10.20.3.41")),
            ("010.020.003.041", Some("10.20.3.41")),
            ("::ffff:10.20.3.41", Some("10.20.3.41")),
            (
                "2001:0DB8:85a3:0000:0000:8a2e:0370:7334",
                Some("2001:db8:85a3::8a2e:370:7334"),
            ),
            ("fe80::1%eth0", Some("fe80::1")),
            ("10.20.3", None),
            ("256.1.1.1", None),
            ("ER-PC02", None),
            ("", None),
        ] {
            assert_eq!(ip(text).as_deref(), spelled, "{text}");
        }
    }

    #[test]
    fn long_numbers_are_no_addresses() {
        assert_eq!(ip("429496729600000"), None);
        assert_eq!(ip("4294967296.1.1"), None);
        assert_eq!(ip("1.1.1.0001"), None);
    }

    proptest! {
        #[test]
        fn hardware_addresses_are_read_as_documented(text in "[0-9a-gA-F:.-]{0,18}|\\PC*") {
            prop_assert_eq!(spelled_mac(&text), twin(&text));
        }

        #[test]
        fn every_style_of_any_hardware_address_is_read(octets: [u8; 6], style in 0..5usize) {
            let join = |by: &str| octets.map(|o| format!("{o:02x}")).join(by);
            let text = match style {
                0 => join(":"),
                1 => join("-"),
                2 => join(""),
                3 => octets.map(|o| format!("{o:x}")).join(":"),
                _ => octets.chunks(2).map(|c| format!("{:02x}{:02x}", c[0], c[1]))
                    .collect::<Vec<_>>().join("."),
            };
            let plain = join("-").to_uppercase();
            prop_assert_eq!(spelled_mac(&text), Some(plain.clone()));
            prop_assert_eq!(twin(&text), Some(plain));
        }

        #[test]
        fn the_shortcut_for_ipv4_equals_the_library(text in "[0-9]{1,3}(\\.[0-9]{1,3}){2,4}|[0-9.]{0,16}") {
            prop_assert_eq!(is_plain_v4(text.as_bytes()), text.parse::<std::net::Ipv4Addr>().is_ok());
        }

        #[test]
        fn spelling_twice_changes_nothing(text in "[0-9a-fA-F:.%-]{0,18}|.{0,20}") {
            if let Some(once) = spelled_mac(&text) {
                prop_assert!(is_canonical_mac(&once));
                prop_assert_eq!(spelled_mac(&once), Some(once.clone()));
            }
            prop_assert!(!is_canonical_mac(&text) || spelled_mac(&text) == Some(text.clone()));
            if let Some(once) = ip(&text) {
                let twice = ip(&once);
                prop_assert_eq!(twice.as_deref(), Some(&*once));
            }
        }
    }
}
