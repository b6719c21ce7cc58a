//! YAMAHA RTX, NVR, FWX: `PP[01] Rejected at IN(2000) filter: TCP 192.0.2.1:80 > 192.0.2.2:80`.
//!
//! The routers send neither time nor host nor tag; `show log` prints a time and a colon. Takes the
//! text without its envelope; sets what happened. The wording is an open set (scripts on the router
//! write what they like): text that is not known is left alone.

mod wall;

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::scan::{address, cut, enclosed, set_client, set_source, set_user, skip_blanks, word};
use super::time::Clock;

pub(super) use wall::INSPECT;
use wall::{Filtered, Session, is_filtered, read_filter, read_session};

const ROUTER: LogSources = LogSources::of(&[LogSourceId::Router, LogSourceId::Yamaha]);
const LOGIN: LogSources = LogSources::of(&[LogSourceId::Authentication]);
const DHCP: LogSources = LogSources::of(&[LogSourceId::Dhcp]);
const VPN: LogSources = LogSources::of(&[LogSourceId::Vpn]);

/// What the names of these routers and access points begin with, in any case.
pub(super) const NAMES: [&[u8]; 6] = [b"yamaha", b"rtx", b"nvr", b"fwx", b"wlx", b"srt"];

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
