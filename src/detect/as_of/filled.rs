//! A count of values some of which only the lease tells.
//!
//! An event that does not tell the value itself has that of the lease valid at its time; then the
//! windows slide as they do over any events. The lease stands among the evidence. Which keys are
//! worth a window is found as the gate finds it, by their values in adjacent buckets of time.

use std::collections::HashSet;
use std::io;

use super::super::arrival::{Arrival, Source};
use super::super::draft::{Draft, Ground};
use super::super::law::{Task, Ties};
use super::super::{gate, window};
use super::tenancy::{Leases, Tellers};
use super::{Joining, Joint};
use crate::spill::{Through, combine};

/// Different values without which nothing is told.
const TWO: u64 = 2;

/// Finds the alerts.
pub(super) fn join(joining: &Joining<'_>) -> io::Result<Vec<Draft>> {
    let (leases, _) = joining.leases()?;
    let (suspects, asked) = suspects(joining, &leases)?;
    if suspects.is_empty() {
        return Ok(Vec::new());
    }
    let tellers = joining.tellers(&asked)?;
    let joints = &joining.joins.events;
    let groups: Vec<&[usize]> = joints
        .iter()
        .map(|j| joining.uses[j.part].picks.group.as_slice())
        .collect();
    let fill = |arrival: &mut Arrival| fill(arrival, joining, (&leases, &tellers));
    let events = joining.events(joints, &groups, &suspects).into_iter();
    let sources = events.map(|(ordered, number)| Source::Changed(ordered, number, &fill));
    let parts = joints.iter().map(|j| &joining.uses[j.part]);
    let (picks, places): (Vec<_>, Vec<_>) = parts.map(|part| (&part.picks, part.rule)).unzip();
    let task = Task {
        rule: &joining.work.rules.correlations[joining.work.at],
        picks: &picks,
        rules: &places,
        rank: joining.settings.rank,
        ties: Ties::Together,
        keep: joining.settings.evidence,
        gathers: true,
    };
    window::correlate(task, sources.collect())
}

/// Puts in the value that the lease tells, and the lease beside the event.
fn fill(arrival: &mut Arrival, joining: &Joining<'_>, (leases, tellers): (&Leases, &Tellers)) {
    let joint = &joining.joins.events[arrival.source];
    let Some(&column) = joining.uses[joint.part].picks.value.first() else {
        return;
    };
    if arrival.values[column] != 0 {
        return;
    }
    let (address, time) = (arrival.values[joint.address], arrival.fact.time);
    if let [only] = leases.holders(address, time).as_slice()
        && only.value != 0
    {
        arrival.values[column] = only.value;
        let lease = tellers.latest(address, only.holder, time);
        let ground = |fact| Ground { fact, began: true };
        arrival.inner = lease.map(|lease| [lease, arrival.fact].map(ground).into());
    }
}

/// The keys that show two values within a window, and when; and the addresses of which leases tell
/// theirs.
fn suspects(
    joining: &Joining<'_>,
    leases: &Leases,
) -> io::Result<(gate::Suspects, HashSet<u64, Through>)> {
    let joints = &joining.joins.events;
    let uses: Vec<_> = joints
        .iter()
        .map(|joint| (joining.uses[joint.part].clone(), wanted(joining, joint)))
        .collect();
    let asked = (TWO, joining.timespan(), joining.settings.budget);
    let suspects = gate::by_told(&uses, joining.facts, asked, |number, time, values| {
        let (key, value, _) = told(joining, (leases, &joints[number]), time, values)?;
        Some((key, value))
    })?;
    let mut addresses = HashSet::default();
    if leases.is_empty() {
        return Ok((suspects, addresses));
    }
    for joint in joints {
        let read = (wanted(joining, joint), suspects.spans());
        joining.each_moment(joint, (&read.0, read.1), |time, values| {
            if let Some((key, _, Some(address))) = told(joining, (leases, joint), time, values)
                && suspects.holds(key, time)
            {
                addresses.insert(address);
            }
        })?;
    }
    Ok((suspects, addresses))
}

/// The columns of an event that tell its key and its value.
fn wanted(joining: &Joining<'_>, joint: &Joint) -> Vec<usize> {
    let picks = &joining.uses[joint.part].picks;
    let first = picks.value.first();
    let columns = picks.group.iter().chain(first).copied();
    columns.chain([joint.address]).collect()
}

/// The key and the value of an event that has both; with them the address where its lease tells
/// the value.
fn told(
    joining: &Joining<'_>,
    (leases, joint): (&Leases, &Joint),
    time: i64,
    values: &[u64],
) -> Option<(u64, u64, Option<u64>)> {
    let picks = &joining.uses[joint.part].picks;
    let key = combine(values, &picks.group)?;
    let told = values[*picks.value.first()?];
    if told != 0 {
        return Some((key, told, None));
    }
    let address = values[joint.address];
    match leases.holders(address, time).as_slice() {
        [only] if only.value != 0 => Some((key, only.value, Some(address))),
        _ => None,
    }
}
