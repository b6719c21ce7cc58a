//! YAMAHA RTX, NVR, FWX: `PP[01] Rejected at IN(2000) filter: TCP 192.0.2.1:80 > 192.0.2.2:80`.
//!
//! The routers send neither time nor host nor tag; `show log` prints a time and a colon. Takes the
//! text without its envelope; sets what happened. The wording is an open set (scripts on the router
//! write what they like): text that is not known is left alone.

use crate::event::{Action, Civil, Event, Field, LogSourceId, LogSources, Outcome};

use super::scan::{
    address, cut, enclosed, is_ipv4, is_number, mac_address, set_client, set_source, set_user,
    skip_blanks, transport, word,
};
use super::time::{Clock, write_rfc3339};

const ROUTER: LogSources = LogSources::of(&[LogSourceId::Router, LogSourceId::Yamaha]);
const WALL: LogSources = LogSources::of(&[LogSourceId::Firewall]);
const LOGIN: LogSources = LogSources::of(&[LogSourceId::Authentication]);
const DHCP: LogSources = LogSources::of(&[LogSourceId::Dhcp]);
const VPN: LogSources = LogSources::of(&[LogSourceId::Vpn]);

/// Declares who made the device.
#[inline]
pub(super) fn set_maker(event: &mut Event<'_>) {
    event.declare(ROUTER);
    event.set(Field::ObserverVendor, "Yamaha");
}

/// True for the hexadecimal lines that follow a dated line of debug output.
pub(super) fn is_dump(text: &str) -> bool {
    text.starts_with("  ")
        && text
            .split_ascii_whitespace()
            .all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Sets what the text says; false when it is not known.
#[inline]
pub(super) fn read<'r>(text: &'r str, clock: &Clock, event: &mut Event<'r>) -> bool {
    let known = match text.as_bytes().first() {
        Some(b'[') => read_bracketed(text, clock, event),
        Some(b'P' | b'L' | b'T' | b'W' | b'B' | b'V' | b'O') => {
            read_interface(text, event).or_else(|| read_sentence(text, event))
        }
        Some(b'\'' | b'S' | b'I' | b'C' | b'R' | b'N' | b'F') => read_sentence(text, event),
        _ => None,
    };
    if known.is_some() {
        set_maker(event);
    }
    known.is_some()
}

fn read_bracketed<'r>(text: &'r str, clock: &Clock, event: &mut Event<'r>) -> Option<()> {
    if let Some(rest) = text.strip_prefix(INSPECT) {
        event.set(Field::EventProvider, "INSPECT");
        return read_session(rest, clock, event);
    }
    let (subsystem, rest) = enclosed(text, b'[', b']')?;
    let rest = rest.strip_prefix(' ')?;
    match subsystem {
        "DHCPD" => read_lease(rest, event)?,
        "SSHD" => read_sshd_failure(rest.strip_prefix("login failed")?, event),
        "L2TP" | "PPTP" => read_tunnel(rest, event),
        "SWCTL" | "LOOPDETECT" => {}
        _ if subsystem.starts_with("IKE") => read_key_exchange(rest, event),
        _ => return None,
    }
    event.set(Field::EventProvider, subsystem);
    Some(())
}

/// What a line of the packet filter or of an ended session says happened, always without an
/// outcome; `None` for all other lines. [`read`] says the same of every line that this one knows.
#[inline]
pub(super) fn passing(text: &str) -> Option<Action> {
    match text.as_bytes().first()? {
        b'[' => Session::read(text.strip_prefix(INSPECT)?).map(|_| Action::Allow),
        _ => {
            let (interface, rest) = interface(text)?;
            Filtered::read(interface, rest).map(|filtered| filtered.action())
        }
    }
}

const INSPECT: &str = "[INSPECT] ";

/// `LAN2[out][101098] TCP 192.0.2.73:54791 > 203.0.113.13:443 (2026/06/07 18:52:57)`: a session
/// that was let through has ended; the parenthesis tells when it began.
struct Session<'r> {
    interface: &'r str,
    direction: Direction,
    filter: &'r str,
    /// Protocol, addresses and beginning.
    rest: &'r str,
}

impl<'r> Session<'r> {
    #[inline]
    fn read(text: &'r str) -> Option<Session<'r>> {
        let bytes = text.as_bytes();
        let open = bytes.iter().position(|b| *b == b'[')?;
        let (direction, filter) = match &bytes[open + 1..] {
            [b'i', b'n', b']', b'[', ..] | [b'I', b'N', b']', b'[', ..] => {
                (Direction::In, open + 5)
            }
            [b'o', b'u', b't', b']', b'[', ..] | [b'O', b'U', b'T', b']', b'[', ..] => {
                (Direction::Out, open + 6)
            }
            _ => return None,
        };
        let close = filter + bytes[filter..].iter().position(|b| *b == b']')?;
        (bytes.get(close + 1) == Some(&b' ')).then(|| Session {
            interface: &text[..open],
            direction,
            filter: &text[filter..close],
            rest: &text[close + 2..],
        })
    }
}

#[inline]
fn read_session<'r>(text: &'r str, clock: &Clock, event: &mut Event<'r>) -> Option<()> {
    let session = Session::read(text)?;
    set_direction(event, session.direction, session.interface);
    event.set_action(Action::Allow);
    event.declare(WALL);
    event.set(Field::RuleId, session.filter);
    event.set(Field::EventCode, "INSPECT");
    let rest = read_flow(session.rest, event);
    if let Some((start, _)) = enclosed(rest, b'(', b')')
        && let Ok(printed) = start.as_bytes().try_into()
        && let Some(civil) = read_start(printed)
        && let Some(offset) = clock.offset_of(&civil)
    {
        let form = write_rfc3339(printed, offset);
        let form = std::str::from_utf8(&form).expect("digits and signs are ASCII");
        event.set_copy(Field::EventStart, form);
    }
    Some(())
}

/// `2026/06/07 18:52:57`.
#[inline]
fn read_start(b: &[u8; 19]) -> Option<Civil> {
    if b[4] != b'/' || b[7] != b'/' || b[10] != b' ' || b[13] != b':' || b[16] != b':' {
        return None;
    }
    let number = |from: usize| {
        let (tens, ones) = (b[from].wrapping_sub(b'0'), b[from + 1].wrapping_sub(b'0'));
        (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    Some(Civil {
        year: (number(0)? * 100 + number(2)?) as i32,
        month: number(5)?,
        day: number(8)?,
        hour: number(11)?,
        minute: number(14)?,
        second: number(17)?,
        nanos: 0,
    })
}

/// Which way a packet went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

impl Direction {
    #[inline]
    fn read(word: &str) -> Option<Direction> {
        match word {
            "in" | "IN" => Some(Direction::In),
            "out" | "OUT" => Some(Direction::Out),
            _ => None,
        }
    }

    /// The field of the interface on its side.
    #[inline]
    fn field(self) -> Field {
        match self {
            Direction::In => Field::ObserverIngress,
            Direction::Out => Field::ObserverEgress,
        }
    }
}

#[inline]
fn set_direction<'r>(event: &mut Event<'r>, direction: Direction, interface: &'r str) {
    let word = match direction {
        Direction::In => "inbound",
        Direction::Out => "outbound",
    };
    event.set(Field::NetworkDirection, word);
    event.set(direction.field(), interface);
}

/// `TCP 192.0.2.73:54791 > 203.0.113.13:443 …`; IPv6 joins address and port with a dot. Gives what
/// follows.
#[inline]
fn read_flow<'r>(text: &'r str, event: &mut Event<'r>) -> &'r str {
    let (protocol, rest) = word(text);
    if let Some(protocol) = transport(protocol) {
        event.set(Field::NetworkTransport, protocol);
    }
    let (ip, port, rest) = read_endpoint(rest);
    set_endpoint(event, (Field::SourceIp, ip), (Field::SourcePort, port));
    let Some(rest) = rest.strip_prefix("> ") else {
        return "";
    };
    let (ip, port, rest) = read_endpoint(rest);
    set_endpoint(
        event,
        (Field::DestinationIp, ip),
        (Field::DestinationPort, port),
    );
    rest
}

#[inline]
fn set_endpoint<'r>(
    event: &mut Event<'r>,
    (ip_field, ip): (Field, Option<&'r str>),
    (port_field, port): (Field, &'r str),
) {
    if let Some(ip) = ip {
        event.set(ip_field, ip);
    }
    if !port.is_empty() {
        event.set(port_field, port);
    }
}

/// Address, port and what follows the blank behind them. The commonest form, IPv4 with a port, is
/// read in one pass; all others by [`split_endpoint`], which gives the same.
#[inline(always)]
fn read_endpoint(text: &str) -> (Option<&str>, &str, &str) {
    read_ipv4_endpoint(text).unwrap_or_else(|| {
        let (token, rest) = word(text);
        let (ip, port) = split_endpoint(token);
        (ip, port, rest)
    })
}

/// `192.0.2.73:54791` and a blank or the end.
#[inline(always)]
fn read_ipv4_endpoint(text: &str) -> Option<(Option<&str>, &str, &str)> {
    let bytes = text.as_bytes();
    let (mut at, mut dots, mut digits, mut octet) = (0, 0, 0, 0u32);
    let colon = loop {
        let byte = *bytes.get(at)?;
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            octet = octet * 10 + u32::from(digit);
            digits += 1;
            if digits > 3 || octet > 255 {
                return None;
            }
        } else if digits == 0 {
            return None;
        } else if byte == b'.' {
            (dots, digits, octet) = (dots + 1, 0, 0);
        } else if byte == b':' && dots == 3 {
            break at;
        } else {
            return None;
        }
        at += 1;
    };
    let mut end = colon + 1;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    let host = &text[..colon];
    if end == colon + 1 || host == "0.0.0.0" {
        return None;
    }
    let rest = match bytes.get(end) {
        None => "",
        Some(b' ') => &text[end + 1..],
        Some(_) => return None,
    };
    Some((Some(host), &text[colon + 1..end], rest))
}

/// Address and port of `192.0.2.73:54791`, `2001:db8::10.56609`, or an address alone.
#[inline]
fn split_endpoint(token: &str) -> (Option<&str>, &str) {
    if let Some((host, port)) = cut(token, b':')
        && is_ipv4(host)
    {
        let port = if is_number(port) { port } else { "" };
        return ((host != "0.0.0.0").then_some(host), port);
    }
    if let Some((host, port)) = token.rsplit_once('.')
        && host.contains(':')
        && is_number(port)
        && address(host).is_some()
    {
        return (address(host), port);
    }
    (address(token), "")
}

/// `[LAN1(port4) ]Allocates 192.0.2.4: 38:56:10:c6:f3:39`; some models print no interface.
fn read_lease<'r>(text: &'r str, event: &mut Event<'r>) -> Option<()> {
    let (first, rest) = word(text);
    let (verb, rest) = if first.starts_with("LAN") || first.starts_with("VLAN") {
        set_port(event, Field::ObserverIngress, first);
        word(rest)
    } else {
        (first, rest)
    };
    let action = match verb {
        "Allocates" | "Extends" | "Assigns" => Action::DhcpLease,
        "Released" | "Releases" | "Release" => Action::DhcpRelease,
        _ => return Some(()),
    };
    event.declare(DHCP);
    event.set_action(action);
    event.set_outcome(Outcome::Success);
    event.set(Field::EventCode, verb);
    let (ip, mac) = rest.split_once(": ").unwrap_or((rest, ""));
    set_client(event, ip.trim_end_matches(':'), word(mac).0);
    Some(())
}

/// `LAN1(port4)`: interface, and the port of its switch.
fn set_port<'r>(event: &mut Event<'r>, field: Field, token: &'r str) {
    match cut(token, b'(') {
        Some((interface, port)) => {
            event.set(field, interface);
            event.add_extra(port_field(field), port.trim_end_matches(')'));
        }
        None => event.set(field, token),
    }
}

fn port_field(field: Field) -> &'static str {
    match field {
        Field::ObserverEgress => "observer.egress.interface.id",
        _ => "observer.ingress.interface.id",
    }
}

/// `, 192.0.2.66` behind `SSHD login failed`: the router does not say who.
fn read_sshd_failure<'r>(tail: &'r str, event: &mut Event<'r>) {
    event.declare(LOGIN);
    event.set_action(Action::Login);
    event.set_outcome(Outcome::Failure);
    event.set(Field::EventCode, "SSHD login failed");
    event.set(Field::ServiceName, "ssh");
    set_source(event, word(tail.trim_start_matches([',', ' '])).0);
}

/// `TUNNEL[1] connected from 198.51.100.7`, `… disconnect tunnel 5 complete`.
fn read_tunnel<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(VPN);
    let (interface, rest) = word(text);
    if interface.contains('[') {
        event.set(Field::ObserverIngress, interface);
    }
    if let Some(from) = rest.strip_prefix("connected from ") {
        event.set_action(Action::VpnUp);
        event.set_outcome(Outcome::Success);
        event.set(Field::ServiceName, "vpn");
        set_source(event, word(from).0);
    } else if rest.starts_with("disconnect") && rest.ends_with("complete") {
        event.set_action(Action::VpnDown);
        event.set(Field::ServiceName, "vpn");
    }
}

/// `initiate ISAKMP phase to 200.0.2.1 (local address 100.0.2.1)`: a negotiation, not yet a tunnel.
fn read_key_exchange<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(VPN);
    event.set(Field::EventCode, "IKE");
    if let Some((_, rest)) = text.split_once(" phase to ") {
        let (peer, rest) = word(rest);
        if let Some(peer) = address(peer) {
            event.set(Field::DestinationIp, peer);
        }
        if let Some(local) = rest.strip_prefix("(local address ") {
            set_source(event, local.trim_end().trim_end_matches(')'));
        }
    }
}

/// Lines that begin with an interface: filters, calls, links.
#[inline]
fn read_interface<'r>(text: &'r str, event: &mut Event<'r>) -> Option<()> {
    let (interface, rest) = interface(text)?;
    match Filtered::read(interface, rest) {
        Some(filtered) => read_filter(filtered, event),
        None if is_filtered(rest) => return None,
        None => return read_interface_state(interface, rest, event),
    }
    Some(())
}

/// The interface a line begins with, without its colon, and what follows it.
#[inline]
fn interface(text: &str) -> Option<(&str, &str)> {
    let (token, rest) = word(text);
    let interface = token.strip_suffix(':').unwrap_or(token);
    is_interface(interface).then_some((interface, rest))
}

#[inline]
fn is_interface(token: &str) -> bool {
    let bytes = token.as_bytes();
    if bytes.starts_with(b"PP[") || bytes.starts_with(b"LAN") || bytes.starts_with(b"ONU") {
        return true;
    }
    let last = bytes
        .iter()
        .rposition(|b| matches!(b, b'N' | b'P' | b'L' | b'E'));
    let kind = last.map_or(&[][..], |last| &bytes[..=last]);
    matches!(
        kind,
        b"PP" | b"TUNNEL" | b"PPPOE" | b"WAN" | b"VLAN" | b"BRIDGE"
    )
}

/// The verbs of the packet filter.
const VERBS: [&str; 3] = ["Rejected", "Passed", "Discarded"];

/// True for what the packet filter did, as far as the first words tell.
fn is_filtered(rest: &str) -> bool {
    let (verb, tail) = word(rest);
    VERBS.contains(&verb) && tail.starts_with("at ")
}

/// `Rejected at IN(2000) filter: TCP 192.0.2.1:80 > 192.0.2.2:80`, or `… filter: MAC > MAC IP6`.
struct Filtered<'r> {
    verb: &'r str,
    interface: &'r str,
    direction: Direction,
    filter: &'r str,
    /// Protocol and addresses.
    rest: &'r str,
}

impl<'r> Filtered<'r> {
    #[inline]
    fn read(interface: &'r str, text: &'r str) -> Option<Filtered<'r>> {
        let verb = VERBS.into_iter().find(|verb| text.starts_with(verb))?;
        let rest = text[verb.len()..].strip_prefix(" at ")?;
        let (direction, rest) = cut(rest, b'(')?;
        let (filter, rest) = cut(rest, b')')?;
        Some(Filtered {
            verb,
            interface,
            direction: Direction::read(direction)?,
            filter,
            rest: rest.strip_prefix(" filter: ")?,
        })
    }

    fn action(&self) -> Action {
        match self.verb {
            "Passed" => Action::Allow,
            _ => Action::Deny,
        }
    }
}

#[inline]
fn read_filter<'r>(filtered: Filtered<'r>, event: &mut Event<'r>) {
    let Filtered {
        interface,
        direction,
        rest,
        ..
    } = filtered;
    if interface.ends_with(')') {
        set_direction(event, direction, "");
        set_port(event, direction.field(), interface);
    } else {
        set_direction(event, direction, interface);
    }
    event.declare(WALL);
    event.set(Field::EventCode, filtered.verb);
    event.set(Field::RuleId, filtered.filter);
    let action = filtered.action();
    event.set_action(action);
    event.set(
        Field::EventType,
        match action {
            Action::Allow => "allowed",
            _ => "denied",
        },
    );
    if rest.as_bytes().get(2) == Some(&b':') && rest.as_bytes().get(5) == Some(&b':') {
        read_mac_flow(rest, event);
    } else {
        read_flow(rest, event);
    }
}

fn read_mac_flow<'r>(text: &'r str, event: &mut Event<'r>) {
    let (source, rest) = word(text);
    if let Some(mac) = mac_address(event.arena(), source) {
        event.set(Field::SourceMac, mac);
    }
    if let Some(rest) = rest.strip_prefix("> ") {
        let (target, kind) = word(rest);
        if let Some(mac) = mac_address(event.arena(), target) {
            event.set(Field::DestinationMac, mac);
        }
        match kind.trim_end() {
            "IP" => event.add_extra("network.type", "ipv4"),
            "IP6" => event.add_extra("network.type", "ipv6"),
            _ => {}
        }
    }
}

fn read_interface_state<'r>(
    interface: &'r str,
    rest: &'r str,
    event: &mut Event<'r>,
) -> Option<()> {
    if let Some(user) = rest.strip_prefix("Call detected from user '") {
        // The call is an attempt; whether the password was right is not said.
        event.declare(VPN.union(LOGIN));
        event.set_action(Action::Login);
        event.set(Field::ServiceName, "vpn");
        event.set(Field::ObserverIngress, interface);
        set_user(event, user.trim_end().strip_suffix('\'').unwrap_or(user));
    } else if let Some((_, cause)) = rest.split_once("Disconnected, cause [") {
        event.set_action(Action::LinkDown);
        event.set(Field::ObserverEgress, interface);
        event.set(Field::EventReason, cause.trim_end().trim_end_matches(']'));
    } else if rest.starts_with("PPP/IPCP up") || rest == "PPPoE Connect" {
        event.set_action(Action::LinkUp);
        event.set(Field::ObserverEgress, interface);
    } else if rest.starts_with("PPP/IPCP down") {
        event.set_action(Action::LinkDown);
        event.set(Field::ObserverEgress, interface);
    } else {
        let (port, state) = match rest.starts_with("PORT") {
            true => word(rest),
            false => ("", rest),
        };
        if state.starts_with("link up") || state.starts_with("Link up") {
            event.set_action(Action::LinkUp);
        } else if state.starts_with("link down") || state.starts_with("Link down") {
            event.set_action(Action::LinkDown);
        } else {
            return interface.contains(['[', '(']).then_some(());
        }
        event.set(Field::ObserverIngress, interface);
        if !port.is_empty() {
            event.add_extra(port_field(Field::ObserverIngress), port);
        }
    }
    Some(())
}

/// Sentences: logins, configuration, tunnels, starts.
fn read_sentence<'r>(text: &'r str, event: &mut Event<'r>) -> Option<()> {
    if let Some(rest) = text.strip_prefix("Login ") {
        read_entry(Action::Login, rest, event)
    } else if let Some(rest) = text.strip_prefix("'administrator' ") {
        read_entry(Action::PrivilegeChange, rest, event)
    } else if let Some(rest) = text.strip_prefix("Logout from ") {
        event.declare(LOGIN);
        event.set_action(Action::Logout);
        event.set_outcome(Outcome::Success);
        read_door(rest, event);
        Some(())
    } else if let Some(rest) = text.strip_prefix("SSHD login failed") {
        read_sshd_failure(rest, event);
        Some(())
    } else if let Some(rest) = text.strip_prefix("IP Tunnel") {
        read_ip_tunnel(rest, event)
    } else if let Some(rest) = text.strip_prefix("Configuration saved") {
        event.set_action(Action::ConfigChange);
        event.set_outcome(Outcome::Success);
        event.set(Field::EventType, "change");
        event.set(Field::EventCode, "Configuration saved");
        if let Some((_, door)) = rest.rsplit_once(" by ") {
            set_door(event, door.trim_end());
        }
        Some(())
    } else if text.starts_with("Power-on boot") || text.starts_with("Restart by ") {
        event.set_action(Action::Restart);
        Some(())
    } else {
        read_banner(text, event)
    }
}

/// `succeeded for HTTP: 192.0.2.200 admin`, `failed for TELNET: 192.0.2.200`, `succeeded for
/// Serial user`.
fn read_entry<'r>(action: Action, text: &'r str, event: &mut Event<'r>) -> Option<()> {
    let (outcome, rest) = if let Some(rest) = text.strip_prefix("succeeded for ") {
        (Outcome::Success, rest)
    } else {
        (Outcome::Failure, text.strip_prefix("failed for ")?)
    };
    event.declare(LOGIN);
    event.set_action(action);
    event.set_outcome(outcome);
    event.set(Field::EventCode, text.split(' ').next().unwrap_or(text));
    read_door(rest, event);
    Some(())
}

/// `HTTP: 192.0.2.200 admin`, `Serial user`, `Serial`.
fn read_door<'r>(text: &'r str, event: &mut Event<'r>) {
    let (door, rest) = word(text);
    match door.strip_suffix(':') {
        Some(door) => {
            set_door(event, door);
            let (source, user) = word(skip_blanks(rest));
            set_source(event, source);
            set_user(event, user.trim());
        }
        None => {
            set_door(event, door);
            set_user(event, rest.trim());
        }
    }
}

fn set_door<'r>(event: &mut Event<'r>, door: &'r str) {
    let name = match door {
        "SSH" | "SSHD" => "ssh",
        "TELNET" => "telnet",
        "HTTP" => "http",
        "HTTPS" => "https",
        "SFTP" => "sftp",
        "TFTP" => "tftp",
        "Serial" | "SERIAL" | "CONSOLE" => "console",
        _ => door,
    };
    event.set(Field::ServiceName, name);
}

/// `[1] Up`, `[3] Down`.
fn read_ip_tunnel<'r>(text: &'r str, event: &mut Event<'r>) -> Option<()> {
    let (number, state) = enclosed(text, b'[', b']')?;
    match state.trim() {
        "Up" => {
            event.set_action(Action::VpnUp);
            event.set_outcome(Outcome::Success);
        }
        "Down" => event.set_action(Action::VpnDown),
        _ => return None,
    }
    event.declare(VPN);
    event.set(Field::ServiceName, "vpn");
    event.set_made(Field::ObserverEgress, format_args!("TUNNEL[{number}]"));
    Some(())
}

/// `RTX1300 Rev.23.00.04 (Wed Aug 10 11:40:27 2022) starts`.
fn read_banner<'r>(text: &'r str, event: &mut Event<'r>) -> Option<()> {
    let (model, rest) = word(text);
    let known = ["RTX", "NVR", "FWX", "WLX", "SRT"]
        .iter()
        .any(|maker| model.starts_with(maker));
    let (version, rest) = word(rest.strip_prefix("Rev.")?);
    if !known || !rest.trim_end().ends_with("starts") {
        return None;
    }
    event.set_action(Action::Restart);
    event.set(Field::ObserverProduct, model);
    event.set(Field::ObserverVersion, version);
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn endpoints_read_in_one_pass_are_those_of_the_pieces(
            text in "[0-9.:]{0,22}( > )?[0-9]{0,2}|[0-9]{1,3}(\\.[0-9]{1,3}){3}:[0-9]{0,5}( >)?",
        ) {
            if let Some(quick) = read_ipv4_endpoint(&text) {
                let (token, rest) = word(&text);
                let (ip, port) = split_endpoint(token);
                prop_assert_eq!(quick, (ip, port, rest));
            }
        }
    }
}
