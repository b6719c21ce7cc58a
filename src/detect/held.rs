//! An event or an inner alert as one key's window holds it.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::arrival::Arrival;
use super::draft::{Carried, Draft, Ground};
use super::law::Law;
use crate::spill::{Fact, combine};

/// An event or an inner alert, as one key sees it.
pub(super) struct Held {
    pub(super) fact: Fact,
    depth: u16,
    like: u64,
    /// The rules it satisfies, a bit each; only the first 64 are told apart.
    pub(super) rules: u64,
    /// The value measured, values to tally and to hand on, row after row.
    rows: Vec<u64>,
    count: usize,
    inner: Option<Arc<[Ground]>>,
    /// For an inner alert, who tells each row.
    tellers: Vec<Fact>,
}

impl Held {
    /// The event of a row that came in.
    pub(super) fn new(arrival: Arrival, law: &Law<'_>) -> Held {
        let rows = row(&arrival, law).collect();
        Held {
            fact: arrival.fact,
            depth: arrival.depth,
            like: arrival.like,
            rules: bit(&arrival, law),
            rows,
            count: 1,
            tellers: arrival.inner.iter().map(|_| arrival.teller).collect(),
            inner: arrival.inner,
        }
    }

    /// True when a row belongs to this event.
    pub(super) fn is_of(&self, arrival: &Arrival) -> bool {
        let place = |f: &Fact| (f.time, f.identity, f.segment, f.offset);
        place(&self.fact) == place(&arrival.fact)
            && (self.depth, self.like) == (arrival.depth, arrival.like)
    }

    /// Takes in a further row of the event: of another rule it satisfies, or of a list.
    pub(super) fn take(&mut self, arrival: &Arrival, law: &Law<'_>) {
        self.rules |= bit(arrival, law);
        self.fact.weight = self.fact.weight.max(arrival.fact.weight);
        let before = self.rows.len();
        self.rows.extend(row(arrival, law));
        let (old, new) = self.rows.split_at(before);
        if old.ends_with(new) {
            self.rows.truncate(before);
            return;
        }
        self.count += 1;
        if self.inner.is_some() {
            self.tellers.push(arrival.teller);
        }
    }

    fn row(&self, at: usize, width: usize) -> &[u64] {
        &self.rows[at * width..(at + 1) * width]
    }

    fn rows(&self, width: usize) -> impl Iterator<Item = &[u64]> {
        (0..self.count).map(move |at| self.row(at, width))
    }

    /// The different values that are measured.
    pub(super) fn values(&self, law: &Law<'_>) -> Vec<u64> {
        if !law.measures {
            return Vec::new();
        }
        let all = self.rows(law.width).map(|row| row[0]);
        let mut values: Vec<u64> = all.filter(|v| *v != 0).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    /// The values to tally, row after row.
    pub(super) fn tallied(&self, law: &Law<'_>) -> impl Iterator<Item = &[u64]> {
        let places = law.tallied();
        self.rows(law.width).map(move |row| &row[places.clone()])
    }

    /// An event whose fields tell the values of a row.
    pub(super) fn teller(&self, row: usize) -> Fact {
        self.tellers.get(row).copied().unwrap_or(self.fact)
    }

    /// Adds what it rests on to an alert.
    pub(super) fn add_to(&self, draft: &mut Draft, law: &Law<'_>) {
        law.visit(1);
        for values in self.tallied(law).filter(|_| !law.counts) {
            draft.tally(values.iter().copied());
        }
        match &self.inner {
            Some(facts) => facts
                .iter()
                .for_each(|g| draft.add_ground(g, law.task.rank)),
            None => draft.add(&self.fact, law.task.rank),
        }
    }
}

/// The row that a window holds: the value measured, what is tallied, what is handed on.
fn row(arrival: &Arrival, law: &Law<'_>) -> impl Iterator<Item = u64> {
    let values = &arrival.values;
    let picks = law.task.picks[arrival.source];
    let measured = match law.task.rule.measure.is_numeric() {
        true => values[picks.value[0]],
        false => combine(values, &picks.value).map_or(0, |v| v.max(1)),
    };
    let others = picks.tallies.iter().chain(&picks.carried);
    let measured = law.measures.then_some(measured);
    measured.into_iter().chain(others.map(|&c| values[c]))
}

/// The bit of the rule a row came by.
fn bit(arrival: &Arrival, law: &Law<'_>) -> u64 {
    let place = law.task.rules[arrival.source] as u32;
    1_u64.checked_shl(place).unwrap_or(0)
}

/// The different rows that an alert on this evidence hands on.
pub(super) fn carried(evidence: &[&Held], law: &Law<'_>) -> Vec<Carried> {
    let from = law.tallied().end;
    let mut seen = HashSet::<&[u64], FixedState>::default();
    let mut carried = Vec::new();
    for held in evidence {
        for at in 0..held.count {
            let values = &held.row(at, law.width)[from..];
            if seen.insert(values) {
                carried.push(Carried {
                    values: values.to_vec(),
                    teller: held.teller(at),
                });
            }
        }
    }
    carried
}
