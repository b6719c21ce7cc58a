//! Programs of Linux servers and access points: which of them wrote a message.
//!
//! Takes tag and text; hands the text to the part that knows the program. Accounts made and
//! changed (`useradd`, `passwd`) are read here. A program that is not known gives an event with its
//! message alone.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::scan::{cut, enclosed, set_source, set_user, word};
use super::{dhcp, hostapd, netfilter, pam, sshd, sudo};

const SYSLOG: LogSources = LogSources::of(&[LogSourceId::LinuxAny, LogSourceId::LinuxSyslog]);
pub(super) const AUTH: LogSources = LogSources::of(&[
    LogSourceId::LinuxAny,
    LogSourceId::LinuxAuth,
    LogSourceId::Authentication,
]);
const ACCOUNTS: LogSources = LogSources::of(&[LogSourceId::LinuxAny, LogSourceId::LinuxAuth]);

/// Reads a message with a tag.
pub(super) fn read<'r>(tag: &'r str, text: &'r str, event: &mut Event<'r>) {
    let program = tag.rsplit('/').next().unwrap_or(tag);
    if let Some((service, module)) = cut(program, b'(') {
        // Old PAM: `sshd(pam_unix)[12750]: session opened for user …`.
        if module.starts_with("pam_") {
            set_host(event);
            return pam::read_message(service, text, event);
        }
    }
    if (text.starts_with("pam_") || text.starts_with("(pam_")) && pam::read(program, text, event) {
        return set_host(event);
    }
    match program {
        "sshd" | "sshd-session" | "sshd-auth" => {
            set_host(event);
            sshd::read(text, event);
        }
        "dropbear" => {
            set_host(event);
            sshd::read_dropbear(text, event);
        }
        "sudo" | "su" | "su-l" | "doas" => {
            set_host(event);
            match program {
                "sudo" => sudo::read(text, event),
                _ => sudo::read_su(text, event),
            }
        }
        "dnsmasq-dhcp" | "dnsmasq" => dhcp::read_dnsmasq(text, event),
        "dhcpd" | "dhcpd6" => dhcp::read_isc(text, event),
        "hostapd" | "wevent" => hostapd::read(text, event),
        "kernel" => {
            event.declare(SYSLOG);
            netfilter::read(text, event);
        }
        "useradd" | "usermod" | "userdel" | "groupadd" | "groupmod" | "groupdel" | "passwd"
        | "chpasswd" | "gpasswd" | "chage" => {
            set_host(event);
            read_account(program, text, event);
        }
        _ if program.starts_with("kea-dhcp") => dhcp::read_kea(text, event),
        _ if tag.contains(',') => read_access_point(tag, text, event),
        _ => read_other(text, event),
    }
}

/// Reads a message without a tag.
pub(super) fn read_untagged<'r>(text: &'r str, event: &mut Event<'r>) {
    if let Some(rest) = text.strip_prefix("[sshd]") {
        set_host(event);
        event.set(Field::ProcessName, "sshd");
        return sshd::read(rest.trim_start_matches([':', ' ']), event);
    }
    if let Some((model, rest)) = text
        .strip_prefix("(\"")
        .and_then(|rest| rest.split_once("\") "))
    {
        return read_access_point(model, rest, event);
    }
    if let Some((program, rest)) = text.split_once(": ")
        && matches!(program, "dropbear" | "sshd")
    {
        return read(program, rest, event);
    }
    netfilter::read(text, event);
}

/// The server the message is about is the one that wrote it.
fn set_host(event: &mut Event<'_>) {
    if let Some(host) = event.get(Field::ObserverName) {
        event.set(Field::HostName, host);
    }
}

/// A program we do not know: DHCP or netfilter by their own marks, else the message alone.
fn read_other<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(SYSLOG);
    if text.starts_with("DHCP") {
        dhcp::read_isc(text, event);
    } else if let Some(rest) = text.strip_prefix("user ")
        && let Some(user) = rest.trim_end().strip_suffix(" logged out.")
    {
        event.declare(AUTH);
        event.set_action(Action::Logout);
        event.set_outcome(Outcome::Success);
        set_user(event, user);
    } else {
        netfilter::read(text, event);
    }
}

/// UniFi access points: hardware address, model and firmware stand in the tag
/// (`1c0b8bc42f58,U7-Lite-8.6.11+18870`, older `U7LT,802aa890cd65,v3.7.17.5220`), the program in
/// the text.
fn read_access_point<'r>(tag: &'r str, text: &'r str, event: &mut Event<'r>) {
    let cells: Vec<&str> = tag.split(',').collect();
    let arena = event.arena();
    let mac_of = |cell: &str| super::scan::mac_address(arena, cell);
    let (mac, model, version) = match cells[..] {
        [mac, unit] => {
            let (model, version) = unit.rsplit_once('-').unwrap_or((unit, ""));
            (mac_of(mac), model, version)
        }
        [model, mac, version] => (mac_of(mac), model, version),
        _ => (None, "", ""),
    };
    let Some(mac) = mac else {
        return read_other(text, event);
    };
    event.set(Field::ObserverMac, mac);
    event.set(Field::ObserverVendor, "Ubiquiti");
    event.set(Field::ObserverProduct, model);
    if !version.is_empty() {
        event.set(Field::ObserverVersion, version);
    }
    event.remove(Field::ProcessName);
    let text = text.trim_start_matches([':', ' ']);
    let Some((program, rest)) = text.split_once(": ") else {
        return;
    };
    let program = cut(program, b'[').map_or(program, |(program, _)| program);
    event.set(Field::ProcessName, program);
    match program {
        "hostapd" | "wevent" => hostapd::read(rest, event),
        "dropbear" => sshd::read_dropbear(rest, event),
        "kernel" => netfilter::read(rest, event),
        _ => {}
    }
}

/// `new user: name=apache, UID=48, …`, `password changed for taro`.
fn read_account<'r>(program: &'r str, text: &'r str, event: &mut Event<'r>) {
    event.declare(ACCOUNTS);
    event.set(Field::EventCode, program);
    if let Some((_, user)) = text.split_once("password changed for ") {
        event.set_action(Action::PasswordChange);
        event.set_outcome(Outcome::Success);
        event.set(Field::UserTargetName, word(user).0);
        return;
    }
    if text.starts_with("failed ") {
        event.set_outcome(Outcome::Failure);
    }
    event.set_action(Action::AccountChange);
    if let Some((_, rest)) = text.split_once("name=") {
        event.set(Field::UserTargetName, word(rest).0.trim_end_matches(','));
    } else if let Some((_, rest)) = text.split_once(" '")
        && let Some((user, _)) = cut(rest, b'\'')
    {
        event.set(Field::UserTargetName, user);
    }
    if let Some((_, from)) = text.split_once("from=")
        && let Some(line) = from.split([',', ' ']).next()
        && enclosed(line, b'/', b'/').is_none()
        && super::scan::address(line).is_some()
    {
        set_source(event, line);
    }
}
