//! hostapd, the access point of Linux, OpenWrt and UniFi:
//! `wlan0: STA a2:2c:d3:55:3f:2f IEEE 802.11: associated (aid 2)`.
//!
//! Takes the text behind the tag; sets which device joined or left. Open authentication of 802.11
//! is no login. The cipher does not stand in these lines and is not guessed.

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};

use super::scan::{cut, set_client, skip_blanks, word};

const WIFI: LogSources = LogSources::of(&[LogSourceId::Wifi, LogSourceId::LinuxAny]);

/// Reads a line of `hostapd` or of UniFi's `wevent`.
pub(super) fn read<'r>(text: &'r str, event: &mut Event<'r>) {
    event.declare(WIFI);
    if let Some((_, rest)) = text.split_once("EVENT_STA_") {
        return read_unifi(rest, event);
    }
    let Some((interface, rest)) = text.split_once(": ") else {
        return;
    };
    event.set(Field::ObserverIngress, interface);
    let (first, rest) = word(rest);
    match first {
        "STA" => {
            let (mac, rest) = word(rest);
            set_client(event, "", mac);
            read_station(rest, event);
        }
        "AP-STA-CONNECTED" => {
            set_client(event, "", word(rest).0);
            set(event, Action::WifiAssociate, Outcome::Success, first);
        }
        "AP-STA-DISCONNECTED" => {
            set_client(event, "", word(rest).0);
            set(event, Action::WifiDeauthenticate, Outcome::Success, first);
        }
        "AP-STA-POSSIBLE-PSK-MISMATCH" => {
            set_client(event, "", word(rest).0);
            set(event, Action::WifiAssociate, Outcome::Failure, first);
            event.set(Field::EventReason, "possible wrong passphrase");
        }
        // `rejecting new auth from MAC (exceeded max client)`.
        "rejecting" => {
            event.set(Field::EventCode, first);
            if let Some((_, station)) = rest.split_once(" from ") {
                set_client(event, "", word(station).0);
            }
        }
        _ => event.set(Field::EventCode, first),
    }
}

fn set<'r>(event: &mut Event<'r>, action: Action, outcome: Outcome, code: &'r str) {
    event.set_action(action);
    event.set_outcome(outcome);
    event.set(Field::EventCode, code);
}

/// `IEEE 802.11: associated (aid 2)`, `WPA: pairwise key handshake completed (RSN)`,
/// `IEEE 802.1X: authentication failed - EAP type: 25 (PEAP)`.
fn read_station<'r>(text: &'r str, event: &mut Event<'r>) {
    let Some((layer, message)) = text.split_once(": ") else {
        return;
    };
    let message = message.trim_end();
    match layer {
        "IEEE 802.11" if message.starts_with("associated") => {
            set(event, Action::WifiAssociate, Outcome::Success, "associated");
        }
        "IEEE 802.11" if message.starts_with("disassociated") => {
            set(
                event,
                Action::WifiDeauthenticate,
                Outcome::Success,
                "disassociated",
            );
            set_reason(message, event);
        }
        "IEEE 802.11" if message.starts_with("deauthenticated") => {
            set(
                event,
                Action::WifiDeauthenticate,
                Outcome::Success,
                "deauthenticated",
            );
            set_reason(message, event);
        }
        "IEEE 802.11" => event.set(Field::EventCode, word(message).0),
        "WPA" if message.starts_with("pairwise key handshake completed") => {
            event.set(Field::EventCode, "handshake");
            if message.ends_with("(RSN)") {
                event.set(Field::WifiSecurity, "rsn");
            } else if message.ends_with("(WPA)") {
                event.set(Field::WifiSecurity, "wpa1");
            }
        }
        "IEEE 802.1X" if message.starts_with("authentication failed") => {
            set(event, Action::WifiAssociate, Outcome::Failure, "802.1X");
            set_reason(message, event);
        }
        "IEEE 802.1X" => event.set(Field::EventCode, "802.1X"),
        _ => event.set(Field::EventCode, layer),
    }
}

fn set_reason<'r>(message: &'r str, event: &mut Event<'r>) {
    let reason = message
        .split_once("due to ")
        .or_else(|| message.split_once(" - "));
    if let Some((_, reason)) = reason {
        event.set(Field::EventReason, reason);
    }
}

/// `JOIN wifi0ap1: c0:49:ef:8c:07:2c / 1`, `LEAVE …`.
fn read_unifi<'r>(text: &'r str, event: &mut Event<'r>) {
    let (verb, rest) = word(text);
    let (interface, rest) = cut(rest, b':').unwrap_or((rest, ""));
    event.set(Field::ObserverIngress, interface);
    set_client(event, "", word(skip_blanks(rest)).0);
    match verb {
        "JOIN" => set(event, Action::WifiAssociate, Outcome::Success, verb),
        "LEAVE" => set(event, Action::WifiDeauthenticate, Outcome::Success, verb),
        _ => event.set(Field::EventCode, verb),
    }
}
