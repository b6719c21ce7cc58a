//! Values of an event read as more than text: numbers, addresses, written times.
//!
//! Takes text; gives comparisons. A value that cannot be read so simply does not match. Numbers
//! are compared digit by digit, never through floating point.

use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use chrono::{Datelike, NaiveDate};

/// Compares two numbers written in decimal, with or without an exponent; `None` when either is no
/// number.
pub(in crate::rule) fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    Some(Decimal::read(left)?.compare(&Decimal::read(right)?))
}

/// Sign, digits and magnitude of a decimal number: `0.0123` is minus nothing, `123`, -1.
struct Decimal<'t> {
    negative: bool,
    /// The digits from the first that is not 0 on, in two pieces around the point; zeros at the
    /// end are taken off.
    digits: (&'t str, &'t str),
    /// Digits before the point, were the first one not 0; negative for zeros behind it.
    magnitude: i64,
}

impl Decimal<'_> {
    fn read(text: &str) -> Option<Decimal<'_>> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, power(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let (digits, magnitude) = match (whole, fraction.trim_start_matches('0')) {
            // A whole number loses the zeros at its end, which its magnitude still tells.
            ("", "") => (("", ""), i64::MIN),
            (_, "") => ((whole.trim_end_matches('0'), ""), whole.len() as i64),
            ("", behind) => (("", behind), behind.len() as i64 - fraction.len() as i64),
            _ => ((whole, fraction), whole.len() as i64),
        };
        Some(Decimal {
            negative: negative && magnitude != i64::MIN,
            digits,
            magnitude: match magnitude {
                i64::MIN => i64::MIN,
                magnitude => magnitude.saturating_add(exponent),
            },
        })
    }

    fn compare(&self, other: &Decimal<'_>) -> Ordering {
        let digits = |d: &Decimal<'_>| {
            let (before, behind) = d.digits;
            (before.to_owned() + behind).into_bytes()
        };
        let size = || {
            let magnitude = self.magnitude.cmp(&other.magnitude);
            magnitude.then_with(
                || match self.digits.1.is_empty() && other.digits.1.is_empty() {
                    true => self.digits.0.cmp(other.digits.0),
                    false => digits(self).cmp(&digits(other)),
                },
            )
        };
        match (self.negative, other.negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// The exponent behind an `e`. One beyond all reason is as good as the largest there is.
fn power(text: &str) -> Option<i64> {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    if bare.is_empty() || !is_digits(bare) {
        return None;
    }
    let size = bare.parse().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -size } else { size })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A network of addresses, v4 or v6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rule) struct Network {
    base: u128,
    prefix: u32,
    bits: u32,
}

/// What is wrong with the text of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rule) enum BadNetwork {
    /// It cannot be read.
    Unreadable,
    /// Bits stand behind the prefix; this would be the network.
    HostBits(String),
}

impl Network {
    /// Reads `10.0.0.0/8`, `fe80::/10` or a single address.
    pub(in crate::rule) fn parse(text: &str) -> Result<Network, BadNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| BadNetwork::Unreadable)?;
        let (number, bits) = number(address);
        let prefix = match prefix {
            None => bits,
            Some(p) if !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse().map_err(|_| BadNetwork::Unreadable)?
            }
            Some(_) => return Err(BadNetwork::Unreadable),
        };
        if prefix > bits {
            return Err(BadNetwork::Unreadable);
        }
        let base = cut(number, bits, prefix);
        let network = Network { base, prefix, bits };
        match base == number {
            true => Ok(network),
            false => Err(BadNetwork::HostBits(network.to_string())),
        }
    }

    /// True when the text is an address inside, in any spelling: a v4 address written as v6 and
    /// a zone (`fe80::1%eth0`) are understood.
    pub(super) fn holds(&self, value: &str) -> bool {
        let bare = value.split_once('%').map_or(value, |(address, _)| address);
        let Ok(address) = bare.parse::<IpAddr>() else {
            return false;
        };
        let fits = |address| {
            let (number, bits) = number(address);
            bits == self.bits && cut(number, bits, self.prefix) == self.base
        };
        fits(address) || fits(address.to_canonical())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = match self.bits {
            32 => IpAddr::from((self.base as u32).to_be_bytes()),
            _ => IpAddr::from(Ipv6Addr::from(self.base)),
        };
        write!(f, "{base}/{}", self.prefix)
    }
}

fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    }
}

fn cut(number: u128, bits: u32, prefix: u32) -> u128 {
    let host = bits - prefix;
    match number.checked_shr(host) {
        Some(kept) => kept << host,
        None => 0,
    }
}

/// A part of a written time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rule) enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Day of the month.
    Day,
    /// ISO week.
    Week,
    /// 1 to 12.
    Month,
    /// Gregorian.
    Year,
}

impl TimePart {
    /// The name of its modifier.
    pub(super) fn name(self) -> &'static str {
        match self {
            TimePart::Minute => "minute",
            TimePart::Hour => "hour",
            TimePart::Day => "day",
            TimePart::Week => "week",
            TimePart::Month => "month",
            TimePart::Year => "year",
        }
    }

    /// The part of this modifier.
    pub(in crate::rule) fn from_name(name: &str) -> Option<TimePart> {
        Some(match name {
            "minute" => TimePart::Minute,
            "hour" => TimePart::Hour,
            "day" => TimePart::Day,
            "week" => TimePart::Week,
            "month" => TimePart::Month,
            "year" => TimePart::Year,
            _ => return None,
        })
    }

    /// The numbers it can be.
    pub(in crate::rule) fn range(self) -> std::ops::RangeInclusive<i64> {
        match self {
            TimePart::Minute => 0..=59,
            TimePart::Hour => 0..=23,
            TimePart::Day => 1..=31,
            TimePart::Week => 1..=53,
            TimePart::Month => 1..=12,
            TimePart::Year => 0..=9999,
        }
    }

    /// The part of a time as it is written: `2026-11-16T02:14:07+09:00`, `2026/11/16 2:14`, or a
    /// date alone. No zone is converted.
    pub(super) fn of(self, value: &str) -> Option<i64> {
        let (date, time) = match value.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (value, None),
        };
        let mut parts = date.split(['-', '/']).map(digits);
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        let clock = |at: usize, below: u32| {
            let number = digits(time?.split(':').nth(at)?.get(..2)?)?;
            (number < below).then_some(i64::from(number))
        };
        match self {
            TimePart::Minute => clock(1, 60),
            TimePart::Hour => digits(time?.split(':').next()?)
                .filter(|h| *h < 24)
                .map(i64::from),
            TimePart::Day => Some(i64::from(day)),
            TimePart::Week => Some(i64::from(date.iso_week().week())),
            TimePart::Month => Some(i64::from(month)),
            TimePart::Year => Some(i64::from(year)),
        }
    }
}

fn digits(text: &str) -> Option<u32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        let less = |a, b| compare_numbers(a, b) == Some(Ordering::Less);
        assert!(less("9", "10") && less("-10", "-9") && less("1.05", "1.5") && less("-1", "0.5"));
        assert!(less("9007199254740992", "9007199254740993") && less("2e2", "201"));
        assert!(less("1e400", "1e401") && less("-1e401", "-1e400") && less("9e-400", "1e-399"));
        assert!(less("0", "1e-999999999999999999999") && less("-1e9", "0") && less("0.09", "0.1"));
        assert!(less("99.5", "100") && less("100", "100.01") && less("0.001", "0.01"));
        assert_eq!(compare_numbers("007.50", "+7.5"), Some(Ordering::Equal));
        for (one, two) in [
            ("-0", "0"),
            ("1e3", "1000"),
            ("0.5", "5e-1"),
            ("120", "1.20e+2"),
            ("0e9", "0.00"),
        ] {
            assert_eq!(
                compare_numbers(one, two),
                Some(Ordering::Equal),
                "{one} {two}"
            );
        }
        for no in [
            "", "x", "1,000", " 1", "true", "inf", "nan", "-", ".", "1e", "0x10", "1e+",
        ] {
            assert_eq!(compare_numbers(no, "1"), None, "{no}");
        }
    }

    #[test]
    fn networks_hold_addresses_in_any_spelling() {
        let net = |t| Network::parse(t).expect("a network");
        assert!(net("10.0.0.0/8").holds("10.255.0.1") && !net("10.0.0.0/8").holds("11.0.0.1"));
        assert!(net("10.0.0.0/8").holds("::ffff:10.1.2.3") && net("0.0.0.0/0").holds("1.2.3.4"));
        assert!(net("fe80::/10").holds("FE80:0::1%eth0") && !net("::/0").holds("1.2.3.4"));
        assert!(net("192.168.1.7").holds("192.168.1.7") && !net("10.0.0.0/8").holds("host"));
        assert_eq!(
            Network::parse("10.0.0.1/8"),
            Err(BadNetwork::HostBits("10.0.0.0/8".into()))
        );
        for bad in [
            "10.0.0.0/33",
            "10.0.0/8",
            "x/8",
            "10.0.0.0/",
            "::/129",
            "10.0.0.0/+8",
        ] {
            assert_eq!(Network::parse(bad), Err(BadNetwork::Unreadable), "{bad}");
        }
    }

    #[test]
    fn parts_of_times_are_taken_as_written() {
        let of = |part: &str, text| TimePart::from_name(part).and_then(|p| p.of(text));
        let night = "2026-11-16T02:14:07+09:00";
        assert_eq!(
            (of("hour", night), of("minute", night)),
            (Some(2), Some(14))
        );
        assert_eq!((of("day", night), of("month", night)), (Some(16), Some(11)));
        assert_eq!(
            (of("week", night), of("year", night)),
            (Some(47), Some(2026))
        );
        assert_eq!(of("hour", "2026/1/5 8:05"), Some(8));
        assert_eq!(of("hour", "2026-01-05"), None);
        assert_eq!(of("day", "2026-02-30"), None);
        assert_eq!(of("minute", "2026-01-05 08:漢"), None);
        assert_eq!(of("hour", "noon"), None);
    }
}
