//! What a Cisco device says behind its code.
//!
//! Takes code and text; sets what happened, who, from where and through which interface. The code
//! decides how the text is read; a code that is not known leaves the event without an action.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::super::scan::{
    address, cut, cut_last, enclosed, is_number, mac_address, set_client, set_source, set_user,
    transport, word,
};

const ANY: LogSources = LogSources::of(&[LogSourceId::CiscoSyslog, LogSourceId::Router]);
const LOGIN: LogSources = LogSources::of(&[LogSourceId::CiscoAaa, LogSourceId::Authentication]);
const AAA: LogSources = LogSources::of(&[LogSourceId::CiscoAaa]);
const WALL: LogSources = LogSources::of(&[LogSourceId::Firewall]);
const WIFI: LogSources = LogSources::of(&[LogSourceId::Wifi]);

/// Sets what the message says.
pub(in super::super) fn read<'r>(code: &'r str, text: &'r str, event: &mut Event<'r>) {
    event.declare(ANY);
    event.set(Field::ObserverVendor, "Cisco");
    event.set(Field::ObserverProduct, "IOS");
    event.set(Field::EventCode, code);
    let (rest, mnemonic) = code.rsplit_once('-').unwrap_or(("", code));
    let (facility, severity) = rest.rsplit_once('-').unwrap_or((rest, ""));
    event.set(Field::EventProvider, facility);
    if !event.has(Field::SyslogSeverity) {
        event.set(Field::SyslogSeverity, severity);
    }
    match mnemonic {
        "LOGIN_SUCCESS" | "LOGIN_FAILED" | "QUIET_MODE_ON" => read_login(mnemonic, text, event),
        "PRIV_AUTH_PASS" | "PRIV_AUTH_FAIL" => read_elevation(mnemonic, text, event),
        "SSH2_USERAUTH" | "SSH_USERAUTH" => read_ssh(text, event),
        "AUTH_PASSED" | "AUTHENTICATION_FAILED" => read_netconf(mnemonic, text, event),
        "LOGOUT" | "TTY_EXPIRE_TIMER" => read_logout(text, event),
        "CONFIG_I" => read_config(text, event),
        "CFGLOG_LOGGEDCMD" => read_command(text, event),
        "RESTART" | "RELOAD" => event.set_action(Action::Restart),
        "PSECURE_VIOLATION" | "PSECURE_VIOLATION_VLAN" => read_blocked_port(text, event),
        "ASSOC" | "REASSOC" | "DISASSOC" | "AUTH_FAILED" if facility == "DOT11" => {
            read_wireless(mnemonic, text, event);
        }
        "UPDOWN" => read_link(text, event),
        _ if mnemonic.contains("ACCESSLOG") => read_access_list(text, event),
        _ if matches!(facility, "MAB" | "DOT1X" | "AUTHMGR") => read_port(text, event),
        _ => {}
    }
}

/// The text inside `[name: …]`.
fn bracket<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(name)?;
    let (value, _) = cut(rest, b']')?;
    Some(value.trim())
}

/// `Login failed [user: u] [Source: 192.0.2.1] [localport: 22] [Reason: …] at …`. Only the last
/// occurrence of each bracket counts: the user name stands first and is the attacker's.
fn read_login<'r>(mnemonic: &str, text: &'r str, event: &mut Event<'r>) {
    event.declare(LOGIN);
    let (action, outcome) = match mnemonic {
        "LOGIN_SUCCESS" => (Action::Login, Outcome::Success),
        "LOGIN_FAILED" => (Action::Login, Outcome::Failure),
        _ => (Action::AccountLocked, Outcome::Failure),
    };
    event.set_action(action);
    event.set_outcome(outcome);
    let Some((before, tail)) = cut_last(text, " [Source: ") else {
        return;
    };
    if let Some((_, user)) = before.split_once("[user: ") {
        set_user(event, user.strip_suffix(']').unwrap_or(user).trim());
    }
    if let Some((source, tail)) = cut(tail, b']') {
        set_source(event, source.trim());
        if let Some(port) = bracket(tail, "[localport: ") {
            event.set(Field::DestinationPort, port);
            set_door(event, port);
        }
        if let Some(reason) = bracket(tail, "[Reason: ") {
            event.set(Field::EventReason, reason);
        }
    }
}

fn set_door(event: &mut Event<'_>, port: &str) {
    let door = match port {
        "22" => "ssh",
        "23" => "telnet",
        "80" => "http",
        "443" => "https",
        "0" => "console",
        _ => return,
    };
    event.set(Field::ServiceName, door);
}

/// `Privilege level set to 15 by admin on vty0 (192.0.2.1)`, or `… Authentication failed … by …`.
fn read_elevation<'r>(mnemonic: &str, text: &'r str, event: &mut Event<'r>) {
    event.declare(LOGIN);
    event.set_action(Action::PrivilegeChange);
    event.set_outcome(match mnemonic {
        "PRIV_AUTH_PASS" => Outcome::Success,
        _ => Outcome::Failure,
    });
    read_by_whom(text, event);
}

/// `Configured from console by admin on vty0 (192.0.2.1)`, `… by vty0 (192.0.2.1)`, `… by console`.
fn read_config<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(AAA);
    event.set_action(Action::ConfigChange);
    event.set_outcome(Outcome::Success);
    read_by_whom(text, event);
}

/// `by USER on LINE (ADDRESS)`; a line without user must not become one.
fn read_by_whom<'r>(text: &'r str, event: &mut Event<'r>) {
    let Some((_, whom)) = text.split_once(" by ") else {
        return;
    };
    let (whom, source) = match cut_last(whom, " (") {
        Some((whom, source)) => (whom, source.trim_end().trim_end_matches(')')),
        None => (whom, ""),
    };
    if address(source).is_some() {
        set_source(event, source);
    }
    let line = match cut_last(whom, " on ") {
        Some((user, line)) => {
            set_user(event, user.trim());
            line
        }
        None => whom,
    };
    if line.trim() == "console" {
        event.set(Field::ServiceName, "console");
    }
}

/// `User 'u' authentication for SSH2 Session from 192.0.2.1 (tty = 0) using … Succeeded`.
fn read_ssh<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(LOGIN);
    event.set_action(Action::Login);
    event.set(Field::ServiceName, "ssh");
    let end = text.trim_end().trim_end_matches('.');
    event.set_outcome(if end.ends_with("Succeeded") {
        Outcome::Success
    } else if end.ends_with("Failed") {
        Outcome::Failure
    } else {
        Outcome::Unknown
    });
    let Some((who, from)) = cut_last(text, "' authentication for SSH2 Session from ") else {
        return;
    };
    set_source(event, word(from).0);
    if let Some(user) = who.strip_prefix("User '") {
        set_user(event, user);
    }
}

/// `… User 'u' authenticated successfully from 192.0.2.1:22 …`,
/// `… Authentication failure for netconf over ssh from 192.0.2.1:22`.
fn read_netconf<'r>(mnemonic: &str, text: &'r str, event: &mut Event<'r>) {
    event.declare(LOGIN);
    event.set_action(Action::Login);
    event.set_outcome(match mnemonic {
        "AUTH_PASSED" => Outcome::Success,
        _ => Outcome::Failure,
    });
    if let Some((who, from)) = cut_last(text, " from ") {
        let from = word(from).0;
        let (host, port) = from.rsplit_once(':').unwrap_or((from, ""));
        match address(from) {
            Some(whole) => event.set(Field::SourceIp, whole),
            None => {
                set_source(event, host);
                if is_number(port) {
                    event.set(Field::SourcePort, port);
                }
            }
        }
        if let Some((_, user)) = who.split_once("User '")
            && let Some((user, _)) = cut_last(user, "'")
        {
            set_user(event, user);
        }
    }
}

/// `User u has exited tty session 5(192.0.2.1)`,
/// `(exec timer expired, tty 3 (192.0.2.1)), user u`.
fn read_logout<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(LOGIN);
    event.set_action(Action::Logout);
    let text = text.trim_end();
    if let Some((who, session)) = cut_last(text, " has exited tty session ") {
        set_user(event, who.strip_prefix("User ").unwrap_or(who));
        if let Some((number, source)) = cut(session, b'(') {
            event.set(Field::SessionId, number);
            set_source(event, source.trim_end_matches(')'));
        }
    } else if let Some((_, who)) = text.split_once("(user ") {
        set_user(event, word(who).0.trim_end_matches(')'));
    } else if let Some((session, who)) = text.split_once("), user ") {
        set_user(event, who);
        if let Some((tty, source)) = cut_last(session, " (") {
            event.set(Field::SessionId, tty.rsplit(' ').next().unwrap_or(tty));
            set_source(event, source.trim_end_matches(')'));
        }
    }
}

/// `User:u  logged command:hostname x`.
fn read_command<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(AAA);
    event.set_action(Action::Command);
    if let Some((who, command)) = text.split_once("logged command:") {
        set_user(event, who.strip_prefix("User:").unwrap_or(who).trim());
        event.set(Field::ProcessCommandLine, command);
    }
}

/// `Security violation occurred, caused by MAC address 0200.0000.0000 on port Gi1/10.`
fn read_blocked_port<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(WALL);
    event.set_action(Action::Deny);
    if let Some((_, rest)) = text.split_once("MAC address ") {
        let (mac, rest) = word(rest);
        set_source_mac(event, mac);
        if let Some((_, port)) = rest.split_once("port ") {
            event.set(Field::ObserverIngress, word(port).0.trim_end_matches('.'));
        }
    }
}

/// `Authentication failed for client (0200.0000.0001) on Interface Gi2/0/7 …`: a device, not a
/// person, so no login.
fn read_port<'r>(text: &'r str, event: &mut Event<'r>) {
    if let Some((_, rest)) = text.split_once("client (")
        && let Some((mac, rest)) = cut(rest, b')')
    {
        set_source_mac(event, mac);
        if let Some((_, port)) = rest.split_once("nterface ") {
            event.set(Field::ObserverIngress, word(port).0);
        }
    }
    if text.contains("failed") {
        event.set_outcome(Outcome::Failure);
    } else if text.contains("succe") {
        event.set_outcome(Outcome::Success);
    }
}

fn set_source_mac<'r>(event: &mut Event<'r>, mac: &'r str) {
    if let Some(mac) = mac_address(event.arena(), mac) {
        event.set(Field::SourceMac, mac);
    }
}

/// `[Interface Dot11Radio0, ]Station [name ]0011.2233.4455 Associated KEY_MGMT[WPAv2 PSK]`.
fn read_wireless<'r>(mnemonic: &str, text: &'r str, event: &mut Event<'r>) {
    event.declare(WIFI);
    event.set_action(match mnemonic {
        "DISASSOC" => Action::WifiDeauthenticate,
        _ => Action::WifiAssociate,
    });
    event.set_outcome(match mnemonic {
        "AUTH_FAILED" => Outcome::Failure,
        _ => Outcome::Success,
    });
    if let Some(interface) = text.strip_prefix("Interface ") {
        event.set(
            Field::ObserverIngress,
            word(interface).0.trim_end_matches(','),
        );
    }
    let arena = event.arena();
    let is_mac = |token: &&str| mac_address(arena, token).is_some();
    if let Some(mac) = text.split(' ').find(is_mac) {
        set_client(event, "", mac);
    }
    if let Some((_, keys)) = text.split_once("KEY_MGMT[")
        && let Some((keys, _)) = cut(keys, b']')
    {
        event.add_extra("wifi.key_mgmt", keys);
    }
}

/// `Interface GigabitEthernet0/1, changed state to up`.
fn read_link<'r>(text: &'r str, event: &mut Event<'r>) {
    let Some((_, rest)) = text.split_once("nterface ") else {
        return;
    };
    let (interface, state) = word(rest);
    event.set(Field::ObserverIngress, interface.trim_end_matches(','));
    if state.ends_with("to up") {
        event.set_action(Action::LinkUp);
    } else if state.ends_with("down") {
        event.set_action(Action::LinkDown);
    }
}

/// `list 177 denied udp 192.0.2.195(55250) [interface ]-> 192.0.2.255(15600), 9 packets`, with a
/// process of IOS XE in front and a hardware address before the source where the list logs input.
fn read_access_list<'r>(text: &'r str, event: &mut Event<'r>) {
    let Some((_, rest)) = text.split_once("list ") else {
        // `access-list logging rate-limited or missed 18 packets`: the log has a hole.
        return;
    };
    let (name, rest) = word(rest);
    let (verdict, rest) = word(rest);
    match verdict {
        "denied" => event.set_action(Action::Deny),
        "permitted" => event.set_action(Action::Allow),
        _ => return,
    }
    event.declare(WALL);
    event.set(Field::RuleName, name);
    let (protocol, after) = word(rest);
    if address(protocol).is_some() {
        // A standard list knows the source alone: `list 1 denied 192.0.2.9 3 packets`.
        set_source(event, protocol);
        return set_number(event, Field::NetworkPackets, word(after).0);
    }
    let rest = after;
    if let Some(protocol) = transport(protocol) {
        event.set(Field::NetworkTransport, protocol);
    }
    let (flow, packets) = rest.rsplit_once(", ").unwrap_or((rest, ""));
    if is_number(word(packets).0) {
        event.set(Field::NetworkPackets, word(packets).0);
    }
    let (from, to) = flow.split_once("-> ").unwrap_or((flow, ""));
    for token in from.split_ascii_whitespace() {
        let token = unwrapped(token);
        let (host, port) = endpoint(token);
        if address(host).is_some() || host == "0.0.0.0" || host == "::" {
            set_source(event, host);
            set_number(event, Field::SourcePort, port);
        } else if mac_address(event.arena(), host).is_some() {
            set_source_mac(event, host);
        } else {
            event.set(Field::ObserverIngress, token);
        }
    }
    let (host, port) = endpoint(word(to).0);
    if let Some(host) = address(host) {
        event.set(Field::DestinationIp, host);
        set_number(event, Field::DestinationPort, port);
    }
}

/// A word of `(GigabitEthernet0/0 0011.2233.4455)`, which lists that log the input print.
fn unwrapped(token: &str) -> &str {
    let token = token.strip_prefix('(').unwrap_or(token);
    match token.contains('(') {
        true => token,
        false => token.strip_suffix(')').unwrap_or(token),
    }
}

fn set_number<'r>(event: &mut Event<'r>, field: Field, number: &'r str) {
    if is_number(number) {
        event.set(field, number);
    }
}

/// `192.0.2.195(55250)`: address and port.
fn endpoint(token: &str) -> (&str, &str) {
    match token.find('(') {
        Some(at) => {
            let (host, port) = token.split_at(at);
            let port = enclosed(port, b'(', b')').map_or("", |(port, _)| port);
            (host, port)
        }
        None => (token, ""),
    }
}
