//! DHCP servers on Linux: dnsmasq, ISC dhcpd and Kea.
//!
//! Takes the text behind the tag; sets which device got which address. Only an acknowledgement
//! binds an address to a device; everything before it (discover, offer, request) is kept without
//! an action.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::scan::{
    address, cut, enclosed, is_number, mac_address, set_client, set_source, skip_blanks, word,
};

const DHCP: LogSources = LogSources::of(&[LogSourceId::Dhcp, LogSourceId::LinuxAny]);
const DNS: LogSources = LogSources::of(&[LogSourceId::Dns, LogSourceId::LinuxAny]);

fn set_binding(event: &mut Event<'_>, action: Action) {
    event.set_action(action);
    event.set_outcome(Outcome::Success);
}

/// `DHCPACK(br-lan) 192.168.1.236 3c:22:fb:e6:00:d3 name`, `query[A] example.com from 192.0.2.25`.
pub(super) fn read_dnsmasq<'r>(text: &'r str, event: &mut Event<'r>) {
    let (first, rest) = word(text);
    // With `log-dhcp` or `log-queries=extra` a number stands in front.
    let text = if is_number(first) { rest } else { text };
    let Some((verb, rest)) = text.strip_prefix("DHCP").and_then(|_| cut(text, b'(')) else {
        return read_name_query(text, event);
    };
    event.declare(DHCP);
    event.set(Field::EventCode, verb);
    let Some((interface, rest)) = cut(rest, b')') else {
        return;
    };
    event.set(Field::ObserverIngress, interface);
    let (first, rest) = word(skip_blanks(rest));
    let (ip, mac, name) = match mac_address(event.arena(), first) {
        Some(_) => ("", first, word(rest).0),
        None => {
            let (mac, name) = word(rest);
            (first, mac, word(name).0)
        }
    };
    set_client(event, ip, mac);
    match verb {
        "DHCPACK" if address(ip).is_some() => {
            set_binding(event, Action::DhcpLease);
            if !name.is_empty() {
                event.set(Field::ClientDomain, name);
            }
        }
        "DHCPRELEASE" => set_binding(event, Action::DhcpRelease),
        _ => {}
    }
}

fn read_name_query<'r>(text: &'r str, event: &mut Event<'r>) {
    // With `log-queries=extra` the asker stands behind the number.
    let text = match text.split_once(' ') {
        Some((asker, rest)) if asker.contains('/') && !asker.contains('[') => rest,
        _ => text,
    };
    let (verb, rest) = word(text);
    if let Some(kind) = verb.strip_prefix("query[") {
        let (name, from) = word(rest);
        event.declare(DNS);
        event.set_action(Action::DnsQuery);
        event.set(Field::DnsQuestionType, kind.trim_end_matches(']'));
        event.set(Field::DnsQuestionName, name);
        if let Some(from) = from.strip_prefix("from ") {
            let from = word(from).0;
            set_client(event, from, "");
            set_source(event, from);
        }
    } else if matches!(verb, "reply" | "cached" | "config" | "forwarded") {
        event.declare(DNS);
        event.set(Field::EventCode, verb);
        event.set(Field::DnsQuestionName, word(rest).0);
    }
}

/// `DHCPACK on 10.0.2.52 to 00:01:21:30:0f:a0 (name) via vlan2`, `DHCPRELEASE of … from …`.
pub(super) fn read_isc<'r>(text: &'r str, event: &mut Event<'r>) {
    let (verb, mut rest) = word(text);
    if !verb.starts_with("DHCP") {
        return;
    }
    event.declare(DHCP);
    event.set(Field::EventCode, verb.trim_end_matches(':'));
    let (mut ip, mut mac) = ("", "");
    while !rest.is_empty() {
        let (token, next) = word(rest);
        rest = next;
        match token {
            "on" | "for" | "of" => (ip, rest) = word(rest),
            "to" | "from" => (mac, rest) = word(rest),
            "via" => {
                let (interface, next) = word(rest);
                rest = next;
                event.set(
                    Field::ObserverIngress,
                    interface.trim_end_matches([':', ',']),
                );
            }
            "lease-duration" => {
                let (seconds, next) = word(rest);
                rest = next;
                if is_number(seconds) {
                    event.set(Field::DhcpLeaseSeconds, seconds);
                }
            }
            _ if token.starts_with('(') && !mac.is_empty() => {
                if let Some((name, _)) = enclosed(token, b'(', b')')
                    && !event.has(Field::ClientDomain)
                    && address(name).is_none()
                    && mac_address(event.arena(), name).is_none()
                    && !matches!(name, "found" | "not" | "RENEW")
                {
                    event.set(Field::ClientDomain, name);
                }
            }
            _ => {}
        }
    }
    set_client(event, ip, mac.trim_end_matches([':', ',']));
    match verb {
        // The acknowledgement of an INFORM has no lease: `DHCPACK to IP (MAC) via …`.
        "DHCPACK" if address(ip).is_some() => set_binding(event, Action::DhcpLease),
        "DHCPRELEASE" | "DHCPEXPIRE" if address(ip).is_some() => {
            set_binding(event, Action::DhcpRelease);
        }
        _ => {}
    }
}

/// `DHCP4_LEASE_ALLOC [hwtype=1 MAC], cid=[..], tid=0x..: lease IP has been allocated for 300
/// seconds`, with level and logger in front when sent by syslog.
pub(super) fn read_kea<'r>(text: &'r str, event: &mut Event<'r>) {
    let begin = ["DHCP4_", "DHCP6_"]
        .iter()
        .filter_map(|code| text.find(code))
        .min();
    let Some(begin) = begin else {
        return;
    };
    event.declare(DHCP);
    let (code, rest) = word(&text[begin..]);
    event.set(Field::EventCode, code);
    let mac = rest
        .split_once("hwtype=")
        .and_then(|(_, rest)| cut(rest, b']'))
        .map_or("", |(client, _)| word(client).1);
    let (_, message) = rest.split_once(": ").unwrap_or(("", rest));
    // `lease 192.0.2.5 has …`, `lease for address 2001:db8::5 and iaid=1 has …`.
    let lease = ["lease ", "address "]
        .iter()
        .filter_map(|noun| Some(word(message.split_once(noun)?.1)))
        .find(|(ip, _)| address(ip.trim_end_matches(',')).is_some());
    let (ip, tail) = lease.unwrap_or_default();
    set_client(event, ip.trim_end_matches(','), mac);
    if let Some((_, seconds)) = tail.split_once(" for ")
        && let (seconds, "seconds") = word(seconds.trim_end_matches('.'))
        && is_number(seconds)
    {
        event.set(Field::DhcpLeaseSeconds, seconds);
    }
    let kind = code
        .trim_start_matches("DHCP4_")
        .trim_start_matches("DHCP6_");
    match kind {
        "LEASE_ALLOC" | "LEASE_RENEW" | "LEASE_REUSE" => set_binding(event, Action::DhcpLease),
        "RELEASE" | "RELEASE_NA" | "RELEASE_DELETED" | "RELEASE_EXPIRED" => {
            set_binding(event, Action::DhcpRelease);
        }
        _ => {}
    }
}
