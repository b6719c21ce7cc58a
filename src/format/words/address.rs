//! One spelling for network addresses and accounts.
//!
//! Takes an address or account as logged; gives its one spelling, or its parts. Never resolves.

use std::borrow::Cow;

use crate::text::ip;

/// An IP address in its one spelling (that of [`ip`]), and the port behind it if one is written.
/// What is no address (`localhost`, a host name) stays as it is.
#[inline]
pub fn split_address(text: &str) -> (Cow<'_, str>, Option<&str>) {
    // By far the usual case: an address and nothing else.
    match ip(text) {
        Some(address) => (address, None),
        None => split_written(text),
    }
}

fn split_written(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let bare = text
        .strip_prefix("ipv4:")
        .or_else(|| text.strip_prefix("ipv6:"))
        .unwrap_or(text);
    // Without a prefix the whole text is known to be no address.
    if bare.len() < text.len()
        && let Some(address) = ip(bare)
    {
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
    match ip(host).filter(|_| is_port) {
        Some(address) => (address, port),
        None => (Cow::Borrowed(text), None),
    }
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
        assert_eq!(split("fe80::1%eth0"), alone("fe80::1"));
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
        fn spelling_twice_changes_nothing(text in "[0-9a-fA-F:.%-]{0,18}|.{0,20}") {
            let once = split_address(&text).0.into_owned();
            prop_assert_eq!(split_address(&once).0.into_owned(), once);
        }
    }
}
