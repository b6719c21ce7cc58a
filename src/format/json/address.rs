//! Addresses as logs write them, brought to one form.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bumpalo::Bump;

/// The one form of an IP address: IPv4 with dots (also where it was mapped into IPv6), IPv6 as
/// RFC 5952 has it, without brackets and scope. `None` when the text is no address.
#[inline]
pub(in crate::format) fn ip<'r>(text: &'r str, arena: &'r Bump) -> Option<&'r str> {
    if text.len() <= 15 && text.parse::<Ipv4Addr>().is_ok() {
        return Some(text);
    }
    ipv6(text, arena)
}

fn ipv6<'r>(text: &'r str, arena: &'r Bump) -> Option<&'r str> {
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let (address, _scope) = inner.split_once('%').unwrap_or((inner, ""));
    let address: Ipv6Addr = address.parse().ok()?;
    let plain = IpAddr::V6(address).to_canonical();
    Some(bumpalo::format!(in arena, "{}", plain).into_bump_str())
}

/// The ECS form of a hardware address: upper case with hyphens. Reads hyphens, colons, three
/// groups with dots, and bare digits. `None` when the text is no such address.
pub(in crate::format) fn mac<'r>(text: &'r str, arena: &'r Bump) -> Option<&'r str> {
    let separated = |by, each: usize, groups: usize| {
        text.split(by).all(|group| group.len() == each) && text.split(by).count() == groups
    };
    let shaped = match text.len() {
        17 => separated('-', 2, 6) || separated(':', 2, 6),
        14 => separated('.', 4, 3),
        12 => true,
        _ => false,
    };
    let hex = || text.bytes().filter(|b| !matches!(b, b'-' | b':' | b'.'));
    if !shaped || hex().count() != 12 || !hex().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut made = bumpalo::collections::String::with_capacity_in(17, arena);
    for (place, byte) in hex().enumerate() {
        if place > 0 && place % 2 == 0 {
            made.push('-');
        }
        made.push(char::from(byte.to_ascii_uppercase()));
    }
    Some(made.into_bump_str())
}

/// Parts `host:port`, `[v6]:port` and `10.0.0.1:445`; an IPv6 address without brackets is all host.
pub(in crate::format) fn split_port(text: &str) -> (&str, Option<&str>) {
    let Some((host, port)) = text.rsplit_once(':') else {
        return (text, None);
    };
    let is_port = !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    let is_host = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
    match is_port && is_host && port.parse::<u16>().is_ok() {
        true => (host, Some(port)),
        false => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_take_one_form() {
        let arena = Bump::new();
        for (text, form) in [
            ("10.20.3.41", Some("10.20.3.41")),
            ("::ffff:10.20.3.41", Some("10.20.3.41")),
            (
                "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
                Some("2001:db8:85a3::8a2e:370:7334"),
            ),
            ("[fe80::1%eth0]", Some("fe80::1")),
            ("10.20.3", None),
            ("ER-PC02", None),
            ("", None),
        ] {
            assert_eq!(ip(text, &arena), form, "{text}");
        }
        for text in [
            "00-1a-2B-33-44-55",
            "00:1A:2b:33:44:55",
            "001a.2b33.4455",
            "001a2b334455",
        ] {
            assert_eq!(mac(text, &arena), Some("00-1A-2B-33-44-55"), "{text}");
        }
        for text in [
            "00-1a-2B-33-44",
            "患者患者",
            "00-1a:2B-33:44-55",
            "zz:1A:2b:33:44:55",
        ] {
            assert_eq!(mac(text, &arena), None, "{text}");
        }
    }

    #[test]
    fn ports_part_from_hosts() {
        assert_eq!(split_port("10.0.0.1:445"), ("10.0.0.1", Some("445")));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some("80")));
        assert_eq!(split_port("::1"), ("::1", None));
        assert_eq!(split_port("pc:99999"), ("pc:99999", None));
    }
}
