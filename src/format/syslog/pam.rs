//! PAM: `pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=tty1 ruser=
//! rhost=  user=taro`.
//!
//! Takes the text behind the tag; sets who came in or failed to. `sshd` and `sudo` write their own
//! line about every attempt, so what PAM says for them is kept and not counted.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::linux::AUTH;
use super::scan::{cut, cut_last, enclosed, set_source, set_user, value_of, word};

const SSHD: LogSources = LogSources::of(&[LogSourceId::LinuxSshd]);

/// Reads `pam_unix(service:type): message`, or the forms without a service, `(pam_unix) message`
/// and `pam_unix: message`, for which the program stands; false when it has none of these forms.
pub(super) fn read<'r>(program: &'r str, text: &'r str, event: &mut Event<'r>) -> bool {
    let bare = match text.strip_prefix('(') {
        Some(rest) => rest.split_once(") "),
        None => text.split_once(": "),
    };
    if let Some((module, message)) = bare
        && module.starts_with("pam_")
        && module
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        read_message(program, message, event);
        return true;
    }
    let Some((_, rest)) = text.split_once('(') else {
        return false;
    };
    let Some((names, message)) = rest.split_once("): ") else {
        return false;
    };
    let (service, _) = cut(names, b':').unwrap_or((names, ""));
    read_message(service, message, event);
    true
}

/// Reads the message of a service.
pub(super) fn read_message<'r>(service: &'r str, text: &'r str, event: &mut Event<'r>) {
    event.declare(AUTH);
    if service == "sshd" {
        event.declare(SSHD);
    }
    event.set(Field::ServiceName, door(service));
    if text.starts_with("authentication failure;") {
        read_failure(service, text, event);
    } else if let Some(rest) = text.strip_prefix("session opened for user ") {
        set_session_user(rest, event);
        event.set(Field::EventCode, "session-opened");
        if is_entrance(service) {
            event.set_action(Action::Login);
            event.set_outcome(Outcome::Success);
        }
    } else if let Some(rest) = text.strip_prefix("session closed for user ") {
        set_session_user(rest, event);
        event.set(Field::EventCode, "session-closed");
        if is_entrance(service) || service == "sshd" {
            event.set_action(Action::Logout);
            event.set_outcome(Outcome::Success);
        }
    } else if let Some((_, rest)) = text.split_once("login failures for user ") {
        set_locked(word(rest).0, event);
    } else if let Some(rest) = text.strip_prefix("user ")
        && rest.contains(" tally ")
    {
        // pam_tally2 says so when the count has passed the limit.
        set_locked(word(rest).0, event);
    } else if let Some(user) = text.strip_prefix("password changed for ") {
        event.set_action(Action::PasswordChange);
        event.set_outcome(Outcome::Success);
        event.set(Field::UserTargetName, word(user).0);
    }
}

fn set_locked<'r>(user: &'r str, event: &mut Event<'r>) {
    event.set_action(Action::AccountLocked);
    event.set_outcome(Outcome::Success);
    set_user(event, user);
}

/// `logname=… uid=0 euid=0 tty=ssh ruser=… rhost=192.0.2.9  user=root`.
///
/// What stands under `ruser=` is the other side's to choose and may look like the rest: only the
/// last `rhost=` is PAM's own, and only behind it stands an account of this machine.
fn read_failure<'r>(service: &str, text: &'r str, event: &mut Event<'r>) {
    event.set(Field::EventCode, "pam-failure");
    let (theirs, ours) = cut_last(text, " rhost=").unwrap_or((text, text));
    let user = value_of(ours, "user=").filter(|user| !user.is_empty());
    let asked = theirs.split_once(" ruser=").map(|(_, asked)| asked.trim());
    if let Some(user) = user.or(asked.filter(|asked| !asked.is_empty())) {
        set_user(event, user);
    }
    if theirs.len() < text.len() && !ours.starts_with(' ') {
        set_source(event, word(ours).0);
    }
    if !matches!(service, "sshd" | "sudo" | "sudo-i") {
        event.set_action(Action::Login);
        event.set_outcome(Outcome::Failure);
    }
}

/// `taro(uid=1000) by (uid=0)`, `taro by root(uid=0)`, `taro`.
fn set_session_user<'r>(text: &'r str, event: &mut Event<'r>) {
    let user = word(text).0;
    set_user(event, cut(user, b'(').map_or(user, |(name, _)| name));
    if let Some((_, by)) = text.split_once(" by ")
        && let Some((by, _)) = cut(by, b'(')
        && !by.is_empty()
        && enclosed(by, b'(', b')').is_none()
    {
        event.add_extra("related.user", by);
    }
}

/// True for services through which a person comes in and that say nothing themselves.
fn is_entrance(service: &str) -> bool {
    matches!(
        service,
        "login"
            | "remote"
            | "lightdm"
            | "sddm"
            | "xdm"
            | "kdm"
            | "kde"
            | "xrdp-sesman"
            | "vsftpd"
            | "cockpit"
            | "proftpd"
            | "gdm-password"
            | "gdm-smartcard"
            | "gdm-fingerprint"
            | "gdm"
    )
}

/// The door a PAM service stands for.
fn door(service: &str) -> &str {
    match service {
        "sshd" => "ssh",
        "login" | "lightdm" | "sddm" | "xdm" | "kdm" | "kde" | "gdm" | "gdm-password" => "console",
        "remote" => "telnet",
        "xrdp-sesman" => "rdp",
        "vsftpd" | "proftpd" => "ftp",
        "cockpit" => "https",
        other => other,
    }
}
