//! Tokens of a log line, found byte by byte: words, numbers, addresses, hardware addresses.
//!
//! Takes text; gives slices of it. Cuts only beside ASCII bytes, so that every slice is text.
//! Never allocates, except for a hardware address in its canonical form.

use std::borrow::Cow;

use bumpalo::Bump;

use crate::event::{Event, Field};
use crate::text;

/// The text before and after the first such byte, which is ASCII.
#[inline]
pub(super) fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    debug_assert!(byte.is_ascii());
    let at = text.bytes().position(|b| b == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// The first word and what follows the one blank behind it.
#[inline]
pub(super) fn word(text: &str) -> (&str, &str) {
    cut(text, b' ').unwrap_or((text, ""))
}

/// The text without blanks and tabs in front.
#[inline]
pub(super) fn skip_blanks(text: &str) -> &str {
    let blanks = text
        .bytes()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    &text[blanks..]
}

/// The text between `open` and the next `close` and what follows, when it begins with `open`.
#[inline]
pub(super) fn enclosed(text: &str, open: u8, close: u8) -> Option<(&str, &str)> {
    match text.as_bytes().first() {
        Some(&first) if first == open => cut(&text[1..], close),
        _ => None,
    }
}

/// The text before and after the last occurrence of `mark`.
pub(super) fn cut_last<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = text.rfind(mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

/// The value of the first word `key` begins (`user=`), up to the next blank.
pub(super) fn value_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.split_ascii_whitespace()
        .find_map(|word| word.strip_prefix(key))
}

/// True for one digit or more and nothing else.
#[inline]
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// True for the dotted form of an IPv4 address.
#[inline]
pub(super) fn is_ipv4(text: &str) -> bool {
    ipv4_length(text.as_bytes()) == Some(text.len())
}

/// The length of the dotted IPv4 address that the bytes begin with, up to the first byte that
/// cannot belong to it.
#[inline]
pub(super) fn ipv4_length(bytes: &[u8]) -> Option<usize> {
    let first = octet_length(bytes, 0)?;
    let second = octet_length(bytes, dot(bytes, first)?)?;
    let third = octet_length(bytes, dot(bytes, second)?)?;
    octet_length(bytes, dot(bytes, third)?)
}

/// The place behind the dot that stands here.
#[inline]
fn dot(bytes: &[u8], at: usize) -> Option<usize> {
    (bytes.get(at) == Some(&b'.')).then_some(at + 1)
}

/// The place behind the one to three digits here, which make no more than 255 and end there.
#[inline]
fn octet_length(bytes: &[u8], at: usize) -> Option<usize> {
    let digit = |at: usize| {
        let digit = bytes.get(at).map_or(u8::MAX, |b| b.wrapping_sub(b'0'));
        (digit <= 9).then_some(u32::from(digit))
    };
    let hundreds = digit(at)?;
    let Some(tens) = digit(at + 1) else {
        return Some(at + 1);
    };
    let Some(ones) = digit(at + 2) else {
        return Some(at + 2);
    };
    let fits = hundreds * 100 + tens * 10 + ones <= 255 && digit(at + 3).is_none();
    fits.then_some(at + 3)
}

/// True for the shape of an IPv6 address, without a zone.
pub(super) fn is_ipv6(text: &str) -> bool {
    (2..=45).contains(&text.len())
        && memchr::memchr(b':', text.as_bytes()).is_some()
        && text.parse::<std::net::Ipv6Addr>().is_ok()
}

/// An address as rules compare it: an IPv4 address in IPv6 clothes is taken out of them, a zone
/// (`%eth0`) is left out. `None` when it is no address, or the one that means none.
pub(super) fn address(text: &str) -> Option<&str> {
    let first = *text.as_bytes().first()?;
    if !first.is_ascii_hexdigit() && first != b':' {
        return None;
    }
    if is_ipv4(text) {
        return (text != "0.0.0.0").then_some(text);
    }
    if let Some(inner) = text.strip_prefix("::ffff:")
        && is_ipv4(inner)
    {
        return Some(inner);
    }
    let bare = cut(text, b'%').map_or(text, |(bare, _)| bare);
    (is_ipv6(bare) && bare != "::").then_some(bare)
}

/// Sets where somebody came from: an address, or else a name.
pub(super) fn set_source<'r>(event: &mut Event<'r>, from: &'r str) {
    if let Some(address) = address(from) {
        set_ip(event, Field::SourceIp, address);
    } else if !from.is_empty() && !matches!(from, "0.0.0.0" | "::" | "UNKNOWN" | "unknown") {
        event.set(Field::SourceDomain, from);
    }
}

/// Sets an address in its one spelling: devices write IPv6 in capitals, servers do not.
pub(super) fn set_ip<'r>(event: &mut Event<'r>, field: Field, address: &'r str) {
    match address.contains(':').then(|| text::ip(address)) {
        Some(Some(Cow::Owned(spelled))) => event.set_copy(field, &spelled),
        _ => event.set(field, address),
    }
}

/// Sets the login name, which is the id as well where a log has no other. Words that stand for
/// nobody are left out.
pub(super) fn set_user<'r>(event: &mut Event<'r>, user: &'r str) {
    if matches!(user, "" | "-" | "N/A" | "(null)" | "*****" | "<unknown>") {
        return;
    }
    event.set(Field::UserId, user);
    event.set(Field::UserName, user);
}

/// Sets a device that got an address or joined a network, as client and as source.
pub(super) fn set_client<'r>(event: &mut Event<'r>, ip: &'r str, mac: &'r str) {
    if let Some(ip) = address(ip) {
        set_ip(event, Field::ClientIp, ip);
        set_ip(event, Field::SourceIp, ip);
    }
    if let Some(mac) = mac_address(event.arena(), mac) {
        event.set(Field::ClientMac, mac);
        event.set(Field::SourceMac, mac);
    }
}

/// A hardware address in its one form (that of [`text::mac`]), in the arena.
pub(super) fn mac_address<'r>(arena: &'r Bump, text: &str) -> Option<&'r str> {
    let spelled = text::mac(text)?;
    Some(arena.alloc_str(text::mac_text(&spelled)))
}

/// The `network.transport` word of a protocol's name or number, as devices write it.
#[inline]
pub(super) fn transport(protocol: &str) -> Option<&'static str> {
    Some(match protocol {
        "TCP" | "tcp" | "6" => "tcp",
        "UDP" | "udp" | "17" => "udp",
        "ICMP" | "icmp" | "1" => "icmp",
        "ICMPv6" | "ICMP6" | "icmpv6" | "58" => "ipv6-icmp",
        "IGMP" | "igmp" | "2" => "igmp",
        "GRE" | "gre" | "47" => "gre",
        "ESP" | "esp" | "50" => "esp",
        "AH" | "ah" | "51" => "ah",
        "IPIP" | "4" => "ipip",
        "IPv6" | "41" => "ipv6",
        "OSPF" | "ospf" | "89" => "ospf",
        "SCTP" | "sctp" | "132" => "sctp",
        "VRRP" | "112" => "vrrp",
        "UDPLITE" | "136" => "udplite",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hardware_addresses_have_one_form() {
        let arena = Bump::new();
        for written in [
            "00:11:43:5e:5d:80",
            "0:11:43:5e:5d:80",
            "00-11-43-5E-5D-80",
            "0011.435e.5d80",
            "0011435e5d80",
        ] {
            assert_eq!(mac_address(&arena, written), Some("00-11-43-5E-5D-80"));
        }
        for wrong in [
            "",
            "192.168.182.4",
            "00:11:43:5e:5d",
            "00:11:43:5e:5d:zz",
            "あ:い:う",
        ] {
            assert_eq!(mac_address(&arena, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_that_mean_none_are_left_out() {
        assert_eq!(address("::ffff:192.0.2.1"), Some("192.0.2.1"));
        assert_eq!(address("fe80::1%eth0"), Some("fe80::1"));
        assert_eq!(address("2001:db8::1"), Some("2001:db8::1"));
        for none in [
            "0.0.0.0",
            "::",
            "256.1.1.1",
            "1.2.3",
            "example.com",
            "",
            "%",
        ] {
            assert_eq!(address(none), None, "{none}");
        }
    }

    #[test]
    fn one_host_has_one_address_whoever_writes_it() {
        let arena = Bump::new();
        let mut event = Event::new(&arena);
        for written in ["2001:DB8::1", "2001:db8:0:0::1", "2001:db8::1"] {
            set_source(&mut event, written);
            assert_eq!(event.get(Field::SourceIp), Some("2001:db8::1"), "{written}");
        }
    }

    proptest! {
        #[test]
        fn octets_of_any_style_agree_with_the_plain_form(octets: [u8; 6], style in 0..4usize) {
            let arena = Bump::new();
            let join = |sep: &str| octets.map(|o| format!("{o:02x}")).join(sep);
            let written = match style {
                0 => join(":"),
                1 => join("-"),
                2 => join(""),
                _ => octets.chunks(2).map(|c| format!("{:02x}{:02x}", c[0], c[1]))
                    .collect::<Vec<_>>().join("."),
            };
            let plain = join("-").to_uppercase();
            prop_assert_eq!(mac_address(&arena, &written), Some(plain.as_str()));
        }

        #[test]
        fn ipv4_agrees_with_the_standard_library(text in "[0-9.]{1,16}|[0-9]{1,3}(\\.[0-9]{1,3}){3}") {
            // Leading zeros are refused by the standard library only.
            let zeros = text.split('.').any(|o| o.len() > 1 && o.starts_with('0'));
            prop_assume!(!zeros);
            prop_assert_eq!(is_ipv4(&text), text.parse::<std::net::Ipv4Addr>().is_ok());
        }
    }
}
