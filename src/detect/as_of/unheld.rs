//! Events from an address that nothing shows to be there: no lease is valid, and no event of the
//! other rules lies near.
//!
//! Gives an alert for each key and day of the site; and how many addresses there were and how many
//! of them could never be judged, because no leases of their network were being recorded.

use std::collections::HashSet;
use std::io;

use super::super::draft::{Draft, Measured, Noted};
use super::super::fold::local_day;
use super::network::Networks;
use super::tenancy::Leases;
use super::{ByAddress, Drafts, Joining, addresses, suspect};
use crate::detect::gate::Suspects;
use crate::detect::wiring::Joint;
use crate::spill::{EVER, combine_all};

/// Events are looked at once more by the hour.
const HOUR: i64 = 3_600 * 1_000_000_000;

/// What is known of leases.
struct Known {
    leases: Leases,
    networks: Networks,
}

impl Known {
    /// True when an event could be an alert for all that leases tell; `None` when they tell
    /// nothing.
    fn lacks(&self, joint: &Joint, values: &[u64], time: i64) -> Option<bool> {
        let covered = self.networks.covers(values[joint.network], time);
        covered.then(|| self.leases.holders(values[joint.address], time).is_empty())
    }
}

/// True for an event that has an address which somebody might lease.
fn is_asked(joint: &Joint, values: &[u64]) -> bool {
    values[joint.address] != 0 && joint.fixed.is_none_or(|column| values[column] == 0)
}

/// Finds the alerts; gives also how many addresses there were, and how many were never judged.
pub(super) fn join(joining: &Joining<'_>) -> io::Result<(Vec<Draft>, u64, u64)> {
    let (leases, networks) = joining.leases()?;
    let known = Known { leases, networks };
    let mut judged: ByAddress<bool> = ByAddress::default();
    let mut lacking = Lacking::default();
    for joint in &joining.joins.events {
        let wanted = [Some(joint.address), Some(joint.network), joint.fixed];
        let wanted: Vec<usize> = wanted.into_iter().flatten().collect();
        joining.each_moment(joint, (&wanted, EVER), |time, values| {
            if !is_asked(joint, values) {
                return;
            }
            let lacks = known.lacks(joint, values, time);
            *judged.entry(values[joint.address]).or_default() |= lacks.is_some();
            if lacks == Some(true) {
                lacking.insert((values[joint.address], time.div_euclid(HOUR)));
            }
        })?;
    }
    let learning = judged.values().filter(|judged| !**judged).count() as u64;
    let keys = judged.len() as u64;
    if lacking.is_empty() {
        return Ok((Vec::new(), keys, learning));
    }
    let shown = presence(joining, &lacking)?;
    let drafts = drafts(joining, (&known, &shown), &lacking)?;
    Ok((drafts, keys, learning))
}

type Lacking = HashSet<(u64, i64), foldhash::fast::FixedState>;

/// The hours in which an address lacks a lease.
fn hours(lacking: &Lacking) -> Suspects {
    let spans = lacking.iter().map(|(address, hour)| {
        let from = hour.saturating_mul(HOUR);
        (suspect(*address), from..from.saturating_add(HOUR))
    });
    Suspects::within(spans.collect())
}

/// The times at which something else shows those addresses, in order.
fn presence(joining: &Joining<'_>, lacking: &Lacking) -> io::Result<ByAddress<Vec<i64>>> {
    let joints = &joining.joins.presence;
    let mut shown: ByAddress<Vec<i64>> = ByAddress::default();
    if joints.is_empty() {
        return Ok(shown);
    }
    let all = |(address, _): &(u64, i64)| (suspect(*address), i64::MIN..i64::MAX);
    let suspects = Suspects::within(lacking.iter().map(all).collect());
    let groups = addresses(joints);
    let mut events = joining.merged(joints, &groups, &suspects)?;
    while let Some(event) = events.next()? {
        let address = event.values[joints[event.source].address];
        let times = shown.entry(address).or_default();
        // Between two near each other a third tells nothing new.
        match times.as_mut_slice() {
            [.., before, last] if event.fact.time - *before <= joining.timespan() => {
                *last = event.fact.time;
            }
            _ => times.push(event.fact.time),
        }
    }
    Ok(shown)
}

fn drafts(
    joining: &Joining<'_>,
    (known, shown): (&Known, &ByAddress<Vec<i64>>),
    lacking: &Lacking,
) -> io::Result<Vec<Draft>> {
    let suspects = hours(lacking);
    let joints = &joining.joins.events;
    let groups = addresses(joints);
    let mut events = joining.merged(joints, &groups, &suspects)?;
    let mut drafts: Drafts<(u64, i64)> = Drafts::default();
    while let Some(event) = events.next()? {
        let joint = &joints[event.source];
        let (values, time) = (&event.values, event.fact.time);
        if !is_asked(joint, values) || known.lacks(joint, values, time) != Some(true) {
            continue;
        }
        let address = values[joint.address];
        let times = shown.get(&address).map_or(&[][..], Vec::as_slice);
        let from = time.saturating_sub(joining.timespan());
        let at = times.partition_point(|shown| *shown < from);
        let until = time.saturating_add(joining.as_of.grace);
        if times.get(at).is_some_and(|shown| *shown <= until) {
            continue;
        }
        let picks = &joining.uses[joint.part].picks;
        let key = (
            combine_all(values, &picks.group),
            local_day(time, joining.settings),
        );
        let draft = drafts.entry(key).or_insert_with(|| {
            let named = picks.group.iter().map(|&c| values[c]).collect();
            let mut draft = joining.draft(named, picks.tallies.len());
            let last = known.leases.last_before(address, time);
            let shown = at.checked_sub(1).map(|before| times[before]);
            let before = last.max(shown).map(|last| time - last);
            draft.noted = Some(Noted::Unseen { before });
            draft
        });
        draft.tally(picks.tallies.iter().map(|&c| values[c]));
        draft.add(&event.fact, joining.settings.rank);
    }
    let mut done: Vec<Draft> = drafts.into_values().collect();
    for draft in &mut done {
        draft.measure = Measured::Count(draft.events);
    }
    Ok(done)
}
