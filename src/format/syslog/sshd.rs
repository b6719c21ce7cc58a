//! OpenSSH and dropbear: `sshd[581]: Failed password for root from 192.0.2.9 port 50273 ssh2`.
//!
//! Takes the text behind the tag; sets who tried to come in from where. One attempt writes several
//! lines: only `Accepted` and `Failed` are logins, all others keep what they tell without being
//! counted again. The user name is the attacker's and may look like the rest of the line.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::linux::AUTH;
use super::scan::{address, cut, cut_last, is_number, set_source, set_user, word};

const SSHD: LogSources = LogSources::of(&[LogSourceId::LinuxSshd]);

/// How a known beginning goes on.
#[derive(Clone, Copy)]
enum Shape {
    /// `USER from ADDRESS port N …`, the last ` from `.
    UserFrom,
    /// `USER ADDRESS port N …`.
    UserAddress,
    /// `ADDRESS port N …`.
    Address,
    /// `… from ADDRESS port N …`, the last ` from `.
    From,
    /// `… (ADDRESS)`.
    Parenthesis,
    /// Nobody, from nowhere.
    Nothing,
}

/// Beginnings that are not logins, with the code they get. The first that fits counts.
const NOTES: &[(&str, &str, Shape)] = &[
    ("Invalid user ", "invalid-user", Shape::UserFrom),
    ("Illegal user ", "invalid-user", Shape::UserFrom),
    ("PAM: ", "pam-failure", Shape::From),
    (
        "maximum authentication attempts exceeded for ",
        "too-many-attempts",
        Shape::UserFrom,
    ),
    ("ROOT LOGIN REFUSED FROM ", "root-refused", Shape::Address),
    (
        "Connection closed by authenticating user ",
        "closed",
        Shape::UserAddress,
    ),
    (
        "Connection closed by invalid user ",
        "closed",
        Shape::UserAddress,
    ),
    ("Connection closed by ", "closed", Shape::Address),
    (
        "Connection reset by authenticating user ",
        "reset",
        Shape::UserAddress,
    ),
    (
        "Connection reset by invalid user ",
        "reset",
        Shape::UserAddress,
    ),
    ("Connection reset by ", "reset", Shape::Address),
    (
        "Disconnected from authenticating user ",
        "disconnected",
        Shape::UserAddress,
    ),
    (
        "Disconnected from invalid user ",
        "disconnected",
        Shape::UserAddress,
    ),
    (
        "Disconnected from user ",
        "disconnected",
        Shape::UserAddress,
    ),
    ("Disconnected from ", "disconnected", Shape::Address),
    (
        "Disconnecting authenticating user ",
        "disconnecting",
        Shape::UserAddress,
    ),
    (
        "Disconnecting invalid user ",
        "disconnecting",
        Shape::UserAddress,
    ),
    ("Disconnecting", "disconnecting", Shape::Nothing),
    ("Received disconnect from ", "disconnect", Shape::Address),
    ("Connection from ", "connection", Shape::Address),
    ("Postponed ", "postponed", Shape::From),
    (
        "Did not receive identification string from ",
        "no-identification",
        Shape::Address,
    ),
    (
        "Bad protocol version identification ",
        "bad-protocol",
        Shape::From,
    ),
    (
        "banner exchange: Connection from ",
        "bad-banner",
        Shape::Address,
    ),
    (
        "Protocol major versions differ for ",
        "bad-protocol",
        Shape::Address,
    ),
    (
        "Unable to negotiate with ",
        "no-negotiation",
        Shape::Address,
    ),
    (
        "Unable to negotiate a key exchange method",
        "no-negotiation",
        Shape::Nothing,
    ),
    ("refused connect from ", "refused", Shape::Parenthesis),
    (
        "Timeout before authentication for connection from ",
        "timeout",
        Shape::Address,
    ),
    (
        "Timeout before authentication for ",
        "timeout",
        Shape::Address,
    ),
    (
        "ssh_dispatch_run_fatal: Connection from ",
        "fatal",
        Shape::Address,
    ),
    ("Magic value check failed", "bad-handshake", Shape::From),
    ("Nasty PTR record ", "reverse-mapping", Shape::Nothing),
    ("Address ", "reverse-mapping", Shape::Address),
    (
        "reverse mapping checking getaddrinfo for ",
        "reverse-mapping",
        Shape::Nothing,
    ),
    ("drop connection ", "drop", Shape::From),
    (
        "kex_exchange_identification: ",
        "bad-exchange",
        Shape::Nothing,
    ),
];

/// Reads a line of `sshd`.
pub(super) fn read<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(AUTH.union(SSHD));
    event.set(Field::ServiceName, "ssh");
    let text = strip_marks(text);
    if let Some(rest) = text.strip_prefix("Accepted ") {
        return read_login(Outcome::Success, rest, event);
    }
    if let Some(rest) = text.strip_prefix("Failed ") {
        return read_login(Outcome::Failure, rest, event);
    }
    if let Some(rest) = text.strip_prefix("User ")
        && let Some((before, reason)) = rest.split_once(" not allowed because ")
    {
        event.set(Field::EventCode, "not-allowed");
        event.set(Field::EventReason, reason);
        if let Some((user, from)) = cut_last(before, " from ") {
            set_user(event, user);
            set_source(event, word(from).0);
        } else {
            set_user(event, before);
        }
        return;
    }
    let note = NOTES
        .iter()
        .find_map(|(begin, code, shape)| text.strip_prefix(begin).map(|rest| (rest, code, shape)));
    if let Some((rest, code, shape)) = note {
        event.set(Field::EventCode, code);
        read_shape(*shape, rest, event);
    }
}

/// Takes off what stands around a message: Solaris' id, the level, the phase.
fn strip_marks(text: &str) -> &str {
    let mut text = text.trim();
    if text.starts_with("[ID ")
        && let Some((_, rest)) = cut(text, b']')
    {
        text = rest.trim_start();
    }
    for level in ["error: ", "fatal: ", "info: ", "debug1: "] {
        text = text.strip_prefix(level).unwrap_or(text);
    }
    text.strip_suffix(" [preauth]").unwrap_or(text).trim_end()
}

fn read_shape<'r>(shape: Shape, text: &'r str, event: &mut Event<'r>) {
    match shape {
        Shape::UserFrom => {
            if let Some((user, from)) = split_from(text) {
                set_user(event, bare_user(user));
                set_peer(from, event);
            }
        }
        Shape::UserAddress => {
            let (user, peer) = split_user_address(text);
            set_user(event, user);
            set_peer(peer, event);
        }
        Shape::Address => set_peer(text, event),
        Shape::From => {
            if let Some((before, from)) = cut_last(text, " from ") {
                set_peer(from, event);
                if let Some((_, user)) = before.split_once(" for ") {
                    set_user(event, bare_user(user));
                }
            }
        }
        Shape::Parenthesis => {
            if let Some((_, from)) = cut_last(text, "(") {
                set_source(event, from.trim_end_matches(')'));
            }
        }
        Shape::Nothing => {}
    }
}

/// `password for [invalid user ]USER from ADDRESS port N ssh2[: …]`.
///
/// A client offers all its keys in turn, so a key refused to a valid user is no failed login.
fn read_login<'r>(outcome: Outcome, text: &'r str, event: &mut Event<'r>) {
    let Some((method, rest)) = text.split_once(" for ") else {
        return;
    };
    let Some((user, from)) = split_from(rest) else {
        return;
    };
    let name = bare_user(user);
    let invalid = name.len() < user.len() || name == "<invalid username>";
    if name != "<invalid username>" {
        set_user(event, name);
    }
    set_peer(from, event);
    if outcome == Outcome::Failure && method == "publickey" && !invalid {
        event.set(Field::EventCode, "key-refused");
        return;
    }
    event.set(Field::EventCode, method);
    event.set_action(Action::Login);
    event.set_outcome(outcome);
    if invalid {
        event.set(Field::EventReason, "invalid user");
    }
}

fn bare_user(user: &str) -> &str {
    ["invalid user ", "illegal user "]
        .iter()
        .find_map(|prefix| user.strip_prefix(prefix))
        .unwrap_or(user)
}

/// User and what stands behind the ` from ` that is sshd's own.
///
/// That is the last one, unless a name of one word is followed by a whole address and a colon:
/// then the rest is information about the key or the other side's user, who also may write
/// ` from `.
fn split_from(text: &str) -> Option<(&str, &str)> {
    if let Some((user, rest)) = text.split_once(" from ")
        && !bare_user(user).contains(' ')
        && let Some((peer, _)) = rest.split_once(": ")
        && is_whole_peer(peer)
    {
        return Some((user, peer));
    }
    cut_last(text, " from ").or_else(|| text.strip_prefix("from ").map(|from| ("", from)))
}

/// `ADDRESS port N ssh2`.
fn is_whole_peer(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').take(5).collect();
    matches!(words[..], [from, "port", port, protocol]
        if is_number(port) && protocol.starts_with("ssh") && !from.is_empty())
}

/// `USER ADDRESS port N`: the last address that has a port, for the user may contain others.
fn split_user_address(text: &str) -> (&str, &str) {
    let Some((before, port)) = cut_last(text, " port ") else {
        return text.rsplit_once(' ').unwrap_or(("", text));
    };
    match before.rsplit_once(' ') {
        Some((user, from)) => (user, &text[text.len() - from.len() - port.len() - 6..]),
        None => ("", text),
    }
}

/// `ADDRESS[ port N][: …]`.
fn set_peer<'r>(text: &'r str, event: &mut Event<'r>) {
    let (from, rest) = word(text);
    let from = match address(from) {
        Some(_) => from,
        // `Received disconnect from 192.0.2.1: 11: …`.
        None => from.trim_end_matches([':', ',']),
    };
    set_source(event, from);
    if let Some(port) = rest.strip_prefix("port ") {
        let digits = port.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            event.set(Field::SourcePort, &port[..digits]);
        }
    }
}

/// Reads a line of `dropbear`, the small SSH server of routers and access points.
pub(super) fn read_dropbear<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(AUTH.union(SSHD));
    event.set(Field::ServiceName, "ssh");
    let text = strip_inner_header(text);
    let (action, outcome) = if text.contains(" auth succeeded for '") {
        (Action::Login, Outcome::Success)
    } else if text.starts_with("Login attempt for nonexistent user")
        || text.starts_with("login attempt for nonexistent user")
        || text.starts_with("Bad password attempt for '")
        || text.starts_with("bad password attempt for '")
        || text.starts_with("Bad PAM password attempt for '")
    {
        (Action::Login, Outcome::Failure)
    } else if let Some(rest) = text.strip_prefix("Exit (") {
        event.set_action(Action::Logout);
        event.set_outcome(Outcome::Success);
        set_user(event, cut(rest, b')').map_or("", |(user, _)| user));
        return set_dropbear_peer(text, event);
    } else {
        // `Exit before auth` follows failures that were counted one by one.
        return set_dropbear_peer(text, event);
    };
    event.set_action(action);
    event.set_outcome(outcome);
    let quoted = text
        .split_once(" '")
        .and_then(|(_, rest)| cut_last(rest, "' "));
    if let Some((user, _)) = quoted {
        set_user(event, user);
    }
    set_dropbear_peer(text, event);
}

/// Some builds repeat process and time inside the message: `[1234] Nov 16 08:30:05 …`.
fn strip_inner_header(text: &str) -> &str {
    let rest = super::scan::enclosed(text, b'[', b']')
        .filter(|(pid, _)| is_number(pid))
        .map_or(text, |(_, rest)| rest.trim_start());
    super::time::read(rest).map_or(rest, |(_, rest)| rest.trim_start())
}

/// `from ADDRESS:PORT`, also in `<>`, the last one.
fn set_dropbear_peer<'r>(text: &'r str, event: &mut Event<'r>) {
    let Some((_, from)) = cut_last(text, " from ") else {
        return;
    };
    let from = word(from).0.trim_end_matches([':', ',']);
    let from = from.trim_matches(['<', '>']);
    match from.rsplit_once(':') {
        Some((host, port)) if is_number(port) && address(host).is_some() => {
            set_source(event, host);
            event.set(Field::SourcePort, port);
        }
        _ if address(from).is_some() => set_source(event, from),
        _ => {}
    }
}
