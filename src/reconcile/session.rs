//! Sessions: what one account, or one address, did without a long pause.
//!
//! Takes acts in any order; gives sessions. Never asks what was planned.

use std::collections::{BTreeMap, BTreeSet};

use super::act::Act;
use crate::event::{Action, NANOS, Outcome};

/// A pause after which something new begins.
const PAUSE: i64 = 30 * 60 * NANOS;
/// How long a connection may lie idle before the log says that it was closed.
const IDLE: i64 = 12 * 3_600 * NANOS;

/// What one account or address did without a long pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The account; the address where no account is told; else the tunnel.
    pub key: String,
    /// The account; empty where none is told.
    pub account: String,
    /// First and last act, nanoseconds since 1970.
    pub start: i64,
    /// See `start`.
    pub end: i64,
    /// Addresses it came from.
    pub addresses: BTreeSet<String>,
    /// Systems by the names that are shown, and records of each.
    pub systems: BTreeMap<String, u64>,
    /// Patients, and records of each.
    pub patients: BTreeMap<String, u64>,
    /// Logins that failed.
    pub failed_logins: u64,
    /// Everything, in the order of time.
    pub acts: Vec<Act>,
}

/// Forms sessions, in the order of their keys and beginnings.
pub(super) fn form(mut acts: Vec<Act>) -> Vec<Session> {
    acts.sort_by(|a, b| {
        let key = |act: &Act| (act.time, act.source.clone(), act.place.clone());
        key(a).cmp(&key(b))
    });
    let mut by_key: BTreeMap<String, Vec<Act>> = BTreeMap::new();
    // Who came last through each tunnel: the end of a tunnel does not say whose it was.
    let mut tunnels: BTreeMap<(String, String), String> = BTreeMap::new();
    for act in acts {
        let key = key_of(&act, &mut tunnels);
        by_key.entry(key).or_default().push(act);
    }
    let sessions = by_key.into_iter().flat_map(|(key, acts)| {
        let parts = acts.chunk_by(|before, next| !is_apart(before, next));
        let sessions: Vec<Session> = parts.map(|acts| Session::of(&key, acts)).collect();
        sessions
    });
    sessions.collect()
}

fn key_of(act: &Act, tunnels: &mut BTreeMap<(String, String), String>) -> String {
    let told = [&act.account, &act.address];
    let told = told.into_iter().find(|text| !text.is_empty());
    let tunnel = (act.source.clone(), act.tunnel.clone());
    match (act.action, told) {
        (Some(Action::VpnUp), Some(key)) => {
            tunnels.insert((act.source.clone(), String::new()), key.clone());
            tunnels.insert(tunnel, key.clone());
            key.clone()
        }
        (_, Some(key)) => key.clone(),
        (Some(Action::VpnDown), None) => {
            let last = (act.source.clone(), String::new());
            let known = tunnels.get(&tunnel).or_else(|| tunnels.get(&last));
            known.cloned().unwrap_or_else(|| act.tunnel.clone())
        }
        _ => act.tunnel.clone(),
    }
}

fn is_apart(before: &Act, next: &Act) -> bool {
    let closes = matches!(next.action, Some(Action::Logout | Action::VpnDown));
    let was_closed = matches!(before.action, Some(Action::VpnDown));
    let pause = if closes && !was_closed { IDLE } else { PAUSE };
    next.time - before.time > pause
}

impl Session {
    fn of(key: &str, acts: &[Act]) -> Session {
        let (first, last) = (acts.first(), acts.last());
        let mut session = Session {
            key: key.to_owned(),
            account: String::new(),
            start: first.map_or(0, |act| act.time),
            end: last.map_or(0, |act| act.time),
            addresses: BTreeSet::new(),
            systems: BTreeMap::new(),
            patients: BTreeMap::new(),
            failed_logins: 0,
            acts: acts.to_vec(),
        };
        for act in acts {
            if !act.account.is_empty() {
                session.account = act.account.clone();
            }
            if !act.address.is_empty() {
                session.addresses.insert(act.address.clone());
            }
            if let Some(system) = act.systems.first() {
                *session.systems.entry(system.clone()).or_default() += 1;
            }
            for patient in &act.patients {
                *session.patients.entry(patient.clone()).or_default() += 1;
            }
            let failed = act.action == Some(Action::Login) && act.outcome == Outcome::Failure;
            session.failed_logins += u64::from(failed);
        }
        session
    }
}
