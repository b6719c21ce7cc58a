//! Events from an address while a lease of the first rule is valid.
//!
//! Gives an alert for each tenancy and day of the site on which there are such events: the first
//! lease of the tenancy, and the events. Where others may have held the address at the first of
//! them, their leases stand in the alert too.

use std::io;

use super::super::draft::{Draft, Measured, Noted};
use super::super::fold::local_day;
use super::tenancy::Tenancy;
use super::{Drafts, Joining, addresses, suspect};
use crate::detect::gate::Suspects;

/// The place of the rule whose leases are looked for.
const LISTED: Option<usize> = Some(0);

/// Finds the alerts.
pub(super) fn join(joining: &Joining<'_>) -> io::Result<Vec<Draft>> {
    let (leases, _) = joining.leases()?;
    let listed = leases
        .each()
        .filter(|(_, tenancy, _)| tenancy.place == LISTED);
    let stretches =
        listed.map(|(address, _, (from, to))| (suspect(address), from..to.saturating_add(1)));
    let suspects = Suspects::within(stretches.collect());
    if suspects.is_empty() {
        return Ok(Vec::new());
    }
    let joints = &joining.joins.events;
    let groups = addresses(joints);
    let mut events = joining.merged(joints, &groups, &suspects)?;
    let mut drafts: Drafts<(u64, Place, i64)> = Drafts::default();
    while let Some(event) = events.next()? {
        let joint = &joints[event.source];
        let (address, fact) = (event.values[joint.address], event.fact);
        let holders = leases.holders(address, fact.time);
        let Some(tenancy) = holders.iter().find(|tenancy| tenancy.place == LISTED) else {
            continue;
        };
        let picks = &joining.uses[joint.part].picks;
        let pick = |columns: &[usize]| columns.iter().map(|&c| event.values[c]).collect();
        let day = local_day(fact.time, joining.settings);
        let draft = drafts
            .entry((address, place(tenancy), day))
            .or_insert_with(|| {
                let draft = joining.draft(pick(&picks.group), picks.tallies.len());
                begin(draft, (tenancy, &holders), joining)
            });
        draft.tally(picks.tallies.iter().map(|&c| event.values[c]));
        draft.add(&fact, joining.settings.rank);
        note(draft, fact.time - tenancy.from.time, holders.len());
    }
    let mut done: Vec<Draft> = drafts.into_values().collect();
    for draft in &mut done {
        draft.measure = Measured::Count(draft.events);
    }
    Ok(done)
}

/// What tells one first lease from another.
type Place = (u32, i64, i64);

fn place(tenancy: &Tenancy) -> Place {
    let first = &tenancy.from;
    (first.segment, first.offset, first.time)
}

/// Puts the leases in front: the one that is looked for tells the key.
fn begin(
    mut draft: Draft,
    (tenancy, holders): (&Tenancy, &[&Tenancy]),
    joining: &Joining<'_>,
) -> Draft {
    let rank = joining.settings.rank;
    let mut first: Vec<_> = holders.iter().map(|holder| holder.from).collect();
    first.sort_by_key(|f| (f.time, rank(f.segment), f.identity, f.segment, f.offset));
    first.iter().for_each(|lease| draft.add(lease, rank));
    draft.told_by(tenancy.from);
    draft
}

/// Takes note of how many may have held the address.
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
