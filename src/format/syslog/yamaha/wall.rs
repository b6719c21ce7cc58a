//! The packet filter of a YAMAHA router: `PP[01] Rejected at IN(2000) filter: TCP 192.0.2.1:80 >
//! 192.0.2.2:80`, and the sessions that its inspection let through.
//!
//! Takes the text behind the envelope; parts it, and sets what it says. By far most lines of a night
//! are of these two kinds, so that what happened can be had without the rest. Never looks at other
//! messages.

use crate::event::{Action, Civil, Event, Field, LogSourceId, LogSources};
use crate::format::syslog::scan::{
    address, cut, enclosed, ipv4_length, is_ipv4, is_number, mac_address, transport, word,
};
use crate::format::syslog::time::{Clock, places, write_rfc3339};

use super::set_port;

const WALL: LogSources = LogSources::of(&[LogSourceId::Firewall]);

/// What a line about an ended session begins with.
pub(in crate::format::syslog) const INSPECT: &str = "[INSPECT] ";

/// `LAN2[out][101098] TCP 192.0.2.73:54791 > 203.0.113.13:443 (2026/06/07 18:52:57)`: a session
/// that was let through has ended; the parenthesis tells when it began.
pub(super) struct Session<'r> {
    interface: &'r str,
    direction: Direction,
    filter: &'r str,
    /// Protocol, addresses and beginning.
    rest: &'r str,
}

impl<'r> Session<'r> {
    #[inline]
    pub(super) fn read(text: &'r str) -> Option<Session<'r>> {
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
pub(super) fn read_session<'r>(text: &'r str, clock: &Clock, event: &mut Event<'r>) -> Option<()> {
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
    let [year @ .., _, _, _, _, _, _, _, _, _, _, _] = *b;
    let [_, _, _, _, _, _, _, _, day @ .., _, _, _] = *b;
    let [.., minute, tens, ones] = *b;
    let year = places(year, *b"0000/00/")?;
    let day = places(day, *b"00 00:00")?;
    let second = places([minute, tens, ones, 0, 0, 0, 0, 0], *b":00\0\0\0\0\0")?;
    let number = |word: u64, at: u32| {
        let digit = |at: u32| (word >> (8 * at)) as u32 & 15;
        digit(at) * 10 + digit(at + 1)
    };
    Some(Civil {
        year: (number(year, 0) * 100 + number(year, 2)) as i32,
        month: number(year, 5),
        day: number(day, 0),
        hour: number(day, 3),
        minute: number(day, 6),
        second: number(second, 1),
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
    let colon = ipv4_length(bytes)?;
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
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

/// The verbs of the packet filter.
const VERBS: [&str; 3] = ["Rejected", "Passed", "Discarded"];

/// True for what the packet filter did, as far as the first words tell.
pub(super) fn is_filtered(rest: &str) -> bool {
    let (verb, tail) = word(rest);
    VERBS.contains(&verb) && tail.starts_with("at ")
}

/// `Rejected at IN(2000) filter: TCP 192.0.2.1:80 > 192.0.2.2:80`, or `… filter: MAC > MAC IP6`.
pub(super) struct Filtered<'r> {
    verb: &'r str,
    interface: &'r str,
    direction: Direction,
    filter: &'r str,
    /// Protocol and addresses.
    rest: &'r str,
}

impl<'r> Filtered<'r> {
    #[inline]
    pub(super) fn read(interface: &'r str, text: &'r str) -> Option<Filtered<'r>> {
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

    pub(super) fn action(&self) -> Action {
        match self.verb {
            "Passed" => Action::Allow,
            _ => Action::Deny,
        }
    }
}

#[inline]
pub(super) fn read_filter<'r>(filtered: Filtered<'r>, event: &mut Event<'r>) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::syslog::time;

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

        #[test]
        fn the_beginning_of_a_session_is_read_as_any_time(
            text in "[0-9]{4}[/0][0-9]{2}/[0-9]{2}[ T][0-9]{2}:[0-9]{2}[:0][0-9:]{2}",
        ) {
            let printed = text.as_bytes().try_into().unwrap();
            let any = time::read(&text).filter(|(_, rest)| rest.is_empty() && !text.contains('T'));
            prop_assert_eq!(read_start(printed), any.map(|(stamp, _)| stamp.civil));
        }
    }
}
