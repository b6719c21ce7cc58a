//! Netfilter of the Linux kernel, as iptables, nftables, ufw and many small routers log it:
//! `[UFW BLOCK] IN=eth0 OUT= MAC=… SRC=192.0.2.9 DST=192.0.2.1 LEN=40 … PROTO=TCP SPT=1 DPT=22`.
//!
//! Takes the text of the kernel; sets the packet. Whether it passed stands in the prefix alone,
//! which the administrator chose; a prefix that does not tell leaves the event without an action.

use crate::event::{Action, Event, Field, LogSourceId, LogSources};

use super::scan::{
    address, cut, enclosed, is_number, mac_address, set_source, skip_blanks, transport,
};

const WALL: LogSources = LogSources::of(&[LogSourceId::Firewall]);

/// Sets the packet, when the text describes one.
pub(super) fn read<'r>(text: &'r str, event: &mut Event<'r>) {
    let Some((prefix, packet)) = text.split_once("IN=") else {
        return;
    };
    let touches = prefix.is_empty() || prefix.ends_with([' ', ']', ':', '-']);
    if !touches || !packet.contains(" OUT=") || !packet.contains("SRC=") {
        return;
    }
    event.declare(WALL);
    read_prefix(prefix, event);
    read_packet(packet, event);
}

/// Uptime, rule id in brackets, description; and what they say about the verdict.
fn read_prefix<'r>(prefix: &'r str, event: &mut Event<'r>) {
    let mut rest = skip_blanks(prefix);
    if let Some((uptime, after)) = enclosed(rest, b'[', b']')
        && uptime
            .trim()
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.')
    {
        rest = skip_blanks(after);
    }
    let mut name = rest.trim_end();
    if let Some((before, description)) = rest.split_once("DESCR=\"")
        && let Some((description, _)) = cut(description, b'"')
    {
        name = before.trim_end();
        event.set(Field::RuleName, description);
    }
    let bare = enclosed(name, b'[', b']').map_or(name, |(inside, after)| {
        if after.trim().is_empty() {
            inside
        } else {
            name
        }
    });
    let bare = bare.trim_end_matches([':', ' ']);
    if !bare.is_empty() {
        event.set(Field::RuleId, bare);
    }
    match verdict(bare) {
        Some(Action::Deny) => {
            event.set_action(Action::Deny);
            event.set(Field::EventType, "denied");
        }
        Some(action) => {
            event.set_action(action);
            event.set(Field::EventType, "allowed");
        }
        None => {}
    }
}

/// The verdict the words of a prefix tell: `UFW BLOCK`, `LAN_LOCAL-default-A`, `SFW2-INext-DROP`.
fn verdict(prefix: &str) -> Option<Action> {
    let mut found = None;
    for word in prefix.split(|c: char| !c.is_ascii_alphanumeric()) {
        let word = word.to_ascii_uppercase();
        match word.as_str() {
            "BLOCK" | "BLOCKED" | "DROP" | "DROPPED" | "DENY" | "DENIED" | "REJECT"
            | "REJECTED" => return Some(Action::Deny),
            "ACCEPT" | "ACCEPTED" | "ALLOW" | "ALLOWED" | "PASS" | "PASSED" | "PERMIT" => {
                found = Some(Action::Allow);
            }
            _ => {}
        }
    }
    found.or(match prefix.rsplit_once('-') {
        Some((_, "D" | "R")) => Some(Action::Deny),
        Some((_, "A")) => Some(Action::Allow),
        _ => None,
    })
}

/// `KEY=value` words; of a key that occurs twice (LEN, ID) the first counts, and the packet that an
/// ICMP error quotes in brackets is not this one.
fn read_packet<'r>(packet: &'r str, event: &mut Event<'r>) {
    let (ingress, rest) = cut(packet, b' ').unwrap_or((packet, ""));
    let mut egress = "";
    for word in rest.split_ascii_whitespace() {
        if word.starts_with('[') {
            break;
        }
        let Some((key, value)) = cut(word, b'=') else {
            continue;
        };
        match key {
            "OUT" => egress = value,
            "MAC" => set_macs(value, event),
            "SRC" if !event.has(Field::SourceIp) => set_source(event, value),
            "DST" if !event.has(Field::DestinationIp) => {
                if let Some(target) = address(value) {
                    event.set(Field::DestinationIp, target);
                }
            }
            "PROTO" if !event.has(Field::NetworkTransport) => {
                event.set(Field::NetworkTransport, transport(value).unwrap_or(value));
            }
            "SPT" if is_number(value) && !event.has(Field::SourcePort) => {
                event.set(Field::SourcePort, value);
            }
            "DPT" if is_number(value) && !event.has(Field::DestinationPort) => {
                event.set(Field::DestinationPort, value);
            }
            _ => {}
        }
    }
    set_interfaces(ingress, egress, event);
}

fn set_interfaces<'r>(ingress: &'r str, egress: &'r str, event: &mut Event<'r>) {
    if !ingress.is_empty() {
        event.set(Field::ObserverIngress, ingress);
    }
    if !egress.is_empty() {
        event.set(Field::ObserverEgress, egress);
    }
    match (ingress.is_empty(), egress.is_empty()) {
        (false, true) => event.set(Field::NetworkDirection, "inbound"),
        (true, false) => event.set(Field::NetworkDirection, "outbound"),
        _ => {}
    }
}

/// Fourteen octets: destination, source, type. Empty for packets the machine made itself.
fn set_macs<'r>(value: &'r str, event: &mut Event<'r>) {
    if value.len() < 35 || !value.is_char_boundary(17) || !value.is_char_boundary(35) {
        return;
    }
    if let Some(mac) = mac_address(event.arena(), &value[..17]) {
        event.set(Field::DestinationMac, mac);
    }
    if value.is_char_boundary(18)
        && let Some(mac) = mac_address(event.arena(), &value[18..35])
    {
        event.set(Field::SourceMac, mac);
    }
}
