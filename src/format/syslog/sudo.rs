//! sudo and su: `taro : TTY=pts/0 ; PWD=/home/taro ; USER=root ; COMMAND=/bin/ls`.
//!
//! Takes the text behind the tag; sets whose rights were used, by whom and for what command.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::linux::AUTH;
use super::scan::{set_user, word};

const SUDO: LogSources = LogSources::of(&[LogSourceId::LinuxSudo]);

/// Reads a line of `sudo`.
pub(super) fn read<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(AUTH.union(SUDO));
    event.set(Field::ServiceName, "sudo");
    if text.contains("(command continued)") {
        event.set(Field::EventCode, "command-continued");
        return;
    }
    let Some((user, rest)) = text.split_once(" : ") else {
        return;
    };
    set_user(event, user.trim());
    event.set_action(Action::PrivilegeChange);
    event.set_outcome(Outcome::Success);
    let mut rest = rest;
    loop {
        // The command is the last part and may contain anything.
        if let Some(command) = rest.strip_prefix("COMMAND=") {
            event.set(Field::ProcessCommandLine, command);
            return;
        }
        let (part, next) = rest.split_once(" ; ").unwrap_or((rest, ""));
        match part.split_once('=') {
            Some(("PWD", folder)) => event.set(Field::ProcessWorkingDirectory, folder),
            Some(("USER", target)) => event.set(Field::UserEffectiveName, target),
            Some(("TTY" | "GROUP" | "ENV" | "TSID" | "HOST" | "CHROOT", _)) => {}
            _ if part.is_empty() => {}
            _ => {
                // `user NOT in sudoers`, `3 incorrect password attempts`, `command not allowed`.
                event.set_outcome(Outcome::Failure);
                event.set(Field::EventReason, part.trim());
            }
        }
        if next.is_empty() {
            return;
        }
        rest = next;
    }
}

/// Reads a line of `su`, of the several programs of that name.
pub(super) fn read_su<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(AUTH);
    event.set(Field::ServiceName, "su");
    let (outcome, rest) = if let Some(rest) = text.strip_prefix("FAILED SU ") {
        (Outcome::Failure, rest)
    } else if text.starts_with("(to ") {
        (Outcome::Success, text)
    } else {
        return read_su_sentence(text, event);
    };
    // `(to root) taro on pts/0`.
    let Some((target, rest)) = rest
        .strip_prefix("(to ")
        .and_then(|rest| rest.split_once(") "))
    else {
        return;
    };
    set_change(outcome, word(rest).0, target, event);
}

/// `Successful su for root by taro`, `FAILED su for root by taro`, `BAD SU taro to root on …`,
/// `'su root' failed for taro on …`.
fn read_su_sentence<'r>(text: &'r str, event: &mut Event<'r>) {
    let by = |rest: &'r str| {
        let (target, user) = rest.split_once(" by ")?;
        Some((target, word(user).0))
    };
    if let Some((target, user)) = text.strip_prefix("Successful su for ").and_then(by) {
        set_change(Outcome::Success, user, target, event);
    } else if let Some((target, user)) = text.strip_prefix("FAILED su for ").and_then(by) {
        set_change(Outcome::Failure, user, target, event);
    } else if let Some(rest) = text.strip_prefix("BAD SU ") {
        let (user, target) = rest.split_once(" to ").unwrap_or((rest, ""));
        set_change(Outcome::Failure, user, word(target).0, event);
    } else if let Some((target, user)) = text.split_once(" failed for ") {
        let target = target.trim_matches('\'');
        let target = target.strip_prefix("su ").unwrap_or(target);
        set_change(Outcome::Failure, word(user).0, target, event);
    }
}

fn set_change<'r>(outcome: Outcome, user: &'r str, target: &'r str, event: &mut Event<'r>) {
    event.set_action(Action::PrivilegeChange);
    event.set_outcome(outcome);
    set_user(event, user);
    if !target.is_empty() {
        event.set(Field::UserEffectiveName, target);
    }
}
