//! A count of values some of which only the lease tells.
//!
//! An event that does not tell the value itself has that of the lease valid at its time; then the
//! windows slide as they do over any events. The lease stands among the evidence. Which keys are
//! worth a window is found by a table of bounded size: a mark for each key and stretch of time,
//! in which two different values leave their trace.

use std::collections::HashSet;
use std::io;

use super::super::arrival::{Arrival, Source};
use super::super::draft::{Draft, Ground};
use super::super::law::{Task, Ties};
use super::super::{gate, window};
use super::tenancy::{Leases, Tellers};
use super::{Joining, suspect};
use crate::spill::{Through, combine};

/// Shortest stretch of the table.
const STRETCH: i64 = 3_600 * 1_000_000_000;
/// Most marks of the table.
const MARKS: u64 = 1 << 21;

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

/// The keys that show two values within two stretches, and when; and the addresses of which leases
/// tell theirs.
fn suspects(
    joining: &Joining<'_>,
    leases: &Leases,
) -> io::Result<(gate::Suspects, HashSet<u64, Through>)> {
    let length = joining.timespan().max(STRETCH);
    let facts = joining.joins.events.iter();
    let facts = facts.map(|j| joining.facts.count(joining.uses[j.part].stream));
    let mut table = Table::new(facts.sum());
    each_value(joining, leases, |key, (value, _), time| {
        let stretch = time.div_euclid(length);
        // Two events of one window lie in one pair of stretches that follow each other.
        table.mark(key, stretch, value);
        table.mark(key, stretch - 1, value);
    })?;
    let mut found: HashSet<(u64, i64), foldhash::fast::FixedState> = HashSet::default();
    let mut asked = HashSet::default();
    each_value(joining, leases, |key, (_, leased), time| {
        let stretch = time.div_euclid(length);
        if table.has_several(key, stretch) || table.has_several(key, stretch - 1) {
            found.insert((key, stretch));
            asked.extend(leased);
        }
    })?;
    let spans = found.into_iter().map(|(key, stretch)| {
        let from = stretch.saturating_mul(length);
        // An event without a value is asked too, up to a window behind the last value.
        let to = from
            .saturating_add(length)
            .saturating_add(joining.timespan());
        (
            key,
            from.saturating_sub(joining.timespan())..to.saturating_add(1),
        )
    });
    Ok((gate::Suspects::within(spans.collect()), asked))
}

/// Calls `each` with the key, the value and the time of every event that has both; with the value
/// stands the address where its lease tells it.
fn each_value(
    joining: &Joining<'_>,
    leases: &Leases,
    mut each: impl FnMut(u64, (u64, Option<u64>), i64),
) -> io::Result<()> {
    for joint in &joining.joins.events {
        let picks = &joining.uses[joint.part].picks;
        let Some(&column) = picks.value.first() else {
            continue;
        };
        let wanted: Vec<usize> = picks
            .group
            .iter()
            .copied()
            .chain([column, joint.address])
            .collect();
        joining.each_moment(joint, &wanted, |time, values| {
            let Some(key) = combine(values, &picks.group) else {
                return;
            };
            let address = values[joint.address];
            let value = match values[column] {
                0 => match leases.holders(address, time).as_slice() {
                    [only] => (only.value, Some(address)),
                    _ => (0, None),
                },
                told => (told, None),
            };
            if value.0 != 0 {
                each(key, value, time);
            }
        })?;
    }
    Ok(())
}

/// One value, or several, for each key and stretch of time; those that share a mark look like one.
struct Table {
    marks: Vec<u64>,
}

/// The mark of several values.
const SEVERAL: u64 = u64::MAX;

impl Table {
    fn new(facts: u64) -> Table {
        let marks = facts.saturating_mul(4).next_power_of_two().clamp(64, MARKS);
        Table {
            marks: vec![0; marks as usize],
        }
    }

    fn place(&self, key: u64, stretch: i64) -> usize {
        let hash = suspect(key ^ stretch.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // There are as many marks as a power of two.
        (hash & (self.marks.len() as u64 - 1)) as usize
    }

    fn mark(&mut self, key: u64, stretch: i64, value: u64) {
        let place = self.place(key, stretch);
        let mark = &mut self.marks[place];
        match *mark {
            0 => *mark = value,
            same if same == value => {}
            _ => *mark = SEVERAL,
        }
    }

    fn has_several(&self, key: u64, stretch: i64) -> bool {
        self.marks[self.place(key, stretch)] == SEVERAL
    }
}
