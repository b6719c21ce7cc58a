//! Addresses in the values of JSON logs.
//!
//! Takes a value; gives the address in its one form, or its host and port. Never resolves.

use std::borrow::Cow;

use bumpalo::Bump;

use crate::text;

/// The one form of an IP address (that of [`text::ip`]), with or without brackets around it.
/// `None` when the text is no address.
#[inline]
pub(in crate::format) fn ip<'r>(text: &'r str, arena: &'r Bump) -> Option<&'r str> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    match text::ip(bare)? {
        Cow::Borrowed(address) => Some(address),
        Cow::Owned(address) => Some(arena.alloc_str(&address)),
    }
}

/// The one form of a hardware address (that of [`text::mac`]). `None` when the text is no such
/// address.
pub(in crate::format) fn mac<'r>(text: &str, arena: &'r Bump) -> Option<&'r str> {
    let spelled = text::mac(text)?;
    Some(arena.alloc_str(text::mac_text(&spelled)))
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
