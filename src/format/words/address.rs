//! One spelling for network addresses and accounts.
//!
//! Takes an address or account as logged; gives its one spelling, or its parts. Never resolves.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

/// A hardware address in any of its spellings (`00:11:22:33:44:55`, `0011.2233.4455`,
/// `001122334455`, `00-11-22-33-44-55`, unpadded `0:11:2:33:44:5`) as `00-11-22-33-44-55`, upper
/// case, the spelling of the Elastic Common Schema.
pub fn mac(text: &str) -> Option<[u8; 17]> {
    let bytes = text.as_bytes();
    if bytes.len() > 17 || bytes.len() < 11 {
        return None;
    }
    let mut digits = [0u8; 12];
    let mut count = 0;
    let mut group_start = 0;
    let mut groups = 0;
    let separator = bytes.iter().copied().find(|b| !b.is_ascii_hexdigit());
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied();
        if byte.is_some_and(|b| Some(b) != separator) {
            continue;
        }
        let group = bytes.get(group_start..at)?;
        let full = match separator {
            None => 12,
            Some(b'.') => 4,
            Some(b':' | b'-') => 2,
            Some(_) => return None,
        };
        let short = full == 2 && group.len() == 1;
        if group.len() != full && !short {
            return None;
        }
        for byte in short.then_some(&b'0').into_iter().chain(group) {
            *digits.get_mut(count)? = byte
                .is_ascii_hexdigit()
                .then(|| byte.to_ascii_uppercase())?;
            count += 1;
        }
        groups += 1;
        group_start = at + 1;
    }
    let whole = count == 12 && matches!(groups, 1 | 3 | 6);
    whole.then(|| spelled(&digits))
}

fn spelled(digits: &[u8; 12]) -> [u8; 17] {
    let mut spelled = [b'-'; 17];
    for (pair, place) in digits.chunks_exact(2).zip(spelled.chunks_mut(3)) {
        place[..2].copy_from_slice(pair);
    }
    spelled
}

/// True when the text is already spelled as [`mac`] spells.
#[inline]
pub fn is_canonical_mac(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 17
        && bytes.chunks(3).all(|group| {
            let digit = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
            digit(group[0]) && digit(group[1]) && group.get(2).is_none_or(|b| *b == b'-')
        })
}

/// An IP address in its one spelling, and the port behind it if one is written. IPv4 inside IPv6
/// (`::ffff:10.0.0.1`) becomes IPv4, octets padded to three digits lose their zeros. What is no
/// address (`localhost`, a host name) stays as it is.
#[inline]
pub fn split_address(text: &str) -> (Cow<'_, str>, Option<&str>) {
    if is_plain_v4(text.as_bytes()) {
        return (Cow::Borrowed(text), None);
    }
    let bare = text
        .strip_prefix("ipv4:")
        .or_else(|| text.strip_prefix("ipv6:"))
        .unwrap_or(text);
    if let Some(address) = canonical(bare) {
        return (address, None);
    }
    let (host, port) = match bare.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').filter(|p| !p.is_empty())),
        None => match bare.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => return (Cow::Borrowed(text), None),
        },
    };
    let is_port = port.is_none_or(|p| p.parse::<u16>().is_ok());
    match canonical(host).filter(|_| is_port) {
        Some(address) => (address, port),
        None => (Cow::Borrowed(text), None),
    }
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
                if digits > 0 && octet == 0 {
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

fn canonical(text: &str) -> Option<Cow<'_, str>> {
    if is_plain_v4(text.as_bytes()) {
        return Some(Cow::Borrowed(text));
    }
    if let Some(padded) = padded_v4(text) {
        return Some(Cow::Owned(padded));
    }
    let (bare, zone) = match text.split_once('%') {
        Some((bare, zone)) => (bare, Some(zone)),
        None => (text, None),
    };
    let address: Ipv6Addr = bare.parse().ok()?;
    let spelled = match (IpAddr::V6(address).to_canonical(), zone) {
        (address, None) => address.to_string(),
        (address, Some(zone)) => format!("{address}%{zone}"),
    };
    Some(if spelled == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(spelled)
    })
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

/// An account as Windows writes it, `HOSP\n01234`, in domain and name; without a domain the whole
/// is the name.
#[inline]
pub fn split_account(text: &str) -> (Option<&str>, &str) {
    if !text.as_bytes().contains(&b'\\') {
        return (None, text);
    }
    match text.split_once('\\') {
        Some((domain, name)) if !domain.is_empty() && !name.is_empty() && !name.contains('\\') => {
            (Some(domain), name)
        }
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled_mac(text: &str) -> Option<String> {
        mac(text).map(|m| String::from_utf8_lossy(&m).into_owned())
    }

    #[test]
    fn hardware_addresses_have_one_spelling() {
        for text in [
            "a4-C3-61-2a-40-77",
            "a4:c3:61:2a:40:77",
            "a4c3.612a.4077",
            "a4c3612a4077",
        ] {
            assert_eq!(
                spelled_mac(text).as_deref(),
                Some("A4-C3-61-2A-40-77"),
                "{text}"
            );
        }
        assert_eq!(
            spelled_mac("0:1:2:3:4:5f").as_deref(),
            Some("00-01-02-03-04-5F")
        );
        for text in [
            "",
            "a4c3612a407",
            "a4:c3:61:2a:40",
            "g4:c3:61:2a:40:77",
            "a4:c3-61:2a:40:77",
            "不明な端末番号",
        ] {
            assert_eq!(spelled_mac(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_have_one_spelling() {
        let split = |text| {
            let (address, port) = split_address(text);
            (address.into_owned(), port.map(str::to_owned))
        };
        let alone = |a: &str| (a.to_owned(), None);
        assert_eq!(split("10.20.3.41"), alone("10.20.3.41"));
        assert_eq!(split("::ffff:10.0.0.1"), alone("10.0.0.1"));
        assert_eq!(split("010.020.003.041"), alone("10.20.3.41"));
        assert_eq!(split("2001:DB8:0::1"), alone("2001:db8::1"));
        assert_eq!(split("localhost"), alone("localhost"));
        assert_eq!(split("::1"), alone("::1"));
        assert_eq!(
            split("10.20.3.41:51544"),
            ("10.20.3.41".to_owned(), Some("51544".to_owned()))
        );
        assert_eq!(
            split("ipv4:10.0.0.1:445"),
            ("10.0.0.1".to_owned(), Some("445".to_owned()))
        );
        assert_eq!(
            split("[2001:db8::1]:80"),
            ("2001:db8::1".to_owned(), Some("80".to_owned()))
        );
        assert_eq!(split("pc-1:x"), alone("pc-1:x"));
        assert_eq!(split("256.1.1.1"), alone("256.1.1.1"));
    }

    #[test]
    fn accounts_are_split_at_one_backslash() {
        assert_eq!(split_account("HOSP\\n01234"), (Some("HOSP"), "n01234"));
        assert_eq!(split_account("nurse01@hosp"), (None, "nurse01@hosp"));
        assert_eq!(split_account("\\n"), (None, "\\n"));
    }

    proptest! {
        #[test]
        fn the_shortcut_for_ipv4_equals_the_library(text in "[0-9]{1,3}(\\.[0-9]{1,3}){2,4}|[0-9.]{0,16}") {
            prop_assert_eq!(is_plain_v4(text.as_bytes()), text.parse::<std::net::Ipv4Addr>().is_ok());
        }

        #[test]
        fn spelling_twice_changes_nothing(text in "[0-9a-fA-F:.-]{0,18}|.{0,20}") {
            if let Some(once) = spelled_mac(&text) {
                prop_assert!(is_canonical_mac(&once));
                prop_assert_eq!(spelled_mac(&once), Some(once.clone()));
            }
            prop_assert!(!is_canonical_mac(&text) || spelled_mac(&text) == Some(text.clone()));
            let once = split_address(&text).0.into_owned();
            prop_assert_eq!(split_address(&once).0.into_owned(), once);
        }
    }
}
