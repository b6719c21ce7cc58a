//! Events from an address while a lease of the first rule is valid.
//!
//! Gives an alert for each tenancy and day of the site on which there are such events: the last
//! lease before them, and the events. Where others may have held the address at the first of them,
//! their leases stand in the alert too.

use std::collections::HashSet;
use std::io;

use super::super::draft::{Draft, Measured, Noted};
use super::super::fold::local_day;
use super::tenancy::{Leases, Tenancy};
use super::{Drafts, Joining, addresses, suspect};
use crate::detect::gate::Suspects;
use crate::spill::{EVER, Fact, Through};

/// The place of the rule whose leases are looked for.
const LISTED: Option<usize> = Some(0);

/// Finds the alerts.
pub(super) fn join(joining: &Joining<'_>) -> io::Result<Vec<Draft>> {
    let (leases, _) = joining.leases()?;
    let asked = asked(joining, &leases)?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let tellers = joining.tellers(&asked)?;
    let stretches = leases
        .each()
        .filter(|(address, tenancy, _)| asked.contains(address) && tenancy.place == LISTED);
    let stretches =
        stretches.map(|(address, _, (from, to))| (suspect(address), from..to.saturating_add(1)));
    let suspects = Suspects::within(stretches.collect());
    let joints = &joining.joins.events;
    let groups = addresses(joints);
    let mut events = joining.merged(joints, &groups, &suspects)?;
    let mut drafts: Drafts<(u64, u64, i64, i64)> = Drafts::default();
    while let Some(event) = events.next()? {
        let joint = &joints[event.source];
        let (address, fact) = (event.values[joint.address], event.fact);
        let holders = leases.holders(address, fact.time);
        let Some(tenancy) = holders.iter().find(|tenancy| tenancy.place == LISTED) else {
            continue;
        };
        let picks = &joining.uses[joint.part].picks;
        let day = local_day(fact.time, joining.settings);
        let draft = drafts
            .entry((address, tenancy.holder, tenancy.from, day))
            .or_insert_with(|| {
                let key = picks.group.iter().map(|&c| event.values[c]).collect();
                let lease = |holder: &Tenancy| tellers.latest(address, holder.holder, fact.time);
                let mut draft = joining.draft(key, picks.tallies.len());
                let first = holders.iter().filter_map(|holder| lease(holder)).collect();
                put_in_front(&mut draft, first, joining);
                if let Some(lease) = lease(tenancy) {
                    draft.told_by(lease);
                    note(&mut draft, fact.time - lease.time, holders.len());
                }
                draft
            });
        draft.tally(picks.tallies.iter().map(|&c| event.values[c]));
        draft.add(&fact, joining.settings.rank);
        note(draft, 0, holders.len());
    }
    let mut done: Vec<Draft> = drafts.into_values().collect();
    for draft in &mut done {
        draft.measure = Measured::Count(draft.events);
    }
    Ok(done)
}

/// The addresses from which something was done while they were held by force of the leases that
/// are looked for.
fn asked(joining: &Joining<'_>, leases: &Leases) -> io::Result<HashSet<u64, Through>> {
    let listed = leases
        .each()
        .filter(|(_, tenancy, _)| tenancy.place == LISTED);
    let listed: HashSet<u64, Through> = listed.map(|(address, ..)| address).collect();
    let mut asked = HashSet::default();
    if listed.is_empty() {
        return Ok(asked);
    }
    for joint in &joining.joins.events {
        joining.each_moment(joint, (&[joint.address], EVER), |time, values| {
            let address = values[joint.address];
            if listed.contains(&address) && !asked.contains(&address) {
                let holders = leases.holders(address, time);
                if holders.iter().any(|tenancy| tenancy.place == LISTED) {
                    asked.insert(address);
                }
            }
        })?;
    }
    Ok(asked)
}

/// Puts leases in front of an alert.
fn put_in_front(draft: &mut Draft, mut leases: Vec<Fact>, joining: &Joining<'_>) {
    let rank = joining.settings.rank;
    leases.sort_by_key(|f| (f.time, rank(f.segment), f.identity, f.segment, f.offset));
    leases.iter().for_each(|lease| draft.add(lease, rank));
}

/// Takes note of how many may have held the address; how old the lease is stays.
fn note(draft: &mut Draft, before: i64, holders: usize) {
    draft.noted = match draft.noted {
        Some(Noted::Leased {
            before,
            holders: most,
        }) => Some(Noted::Leased {
            before,
            holders: most.max(holders),
        }),
        _ => Some(Noted::Leased { before, holders }),
    };
}
