//! Observations over time: values never seen, counts far above the usual, silence, holes in a
//! count, numbers visited in order.
//!
//! Takes the facts of one detection in event-time order; gives alerts, and how many keys have too
//! little history to be judged. Facts of earlier runs simply come first: an observation is a pure
//! function over facts in order. Never reads a clock: a silence that goes on is measured to the
//! greatest event time it is told.

mod baseline;
mod hours;
mod new_value;
mod sequence;
mod silence;
mod stretches;
#[cfg(test)]
mod tests;
mod thin;
mod unheard;
mod walk;
mod walkers;

pub(super) use thin::Thinning;

use std::collections::HashSet;
use std::io;

use super::Settings;
use super::draft::Draft;
use super::wiring::FoldUse;
use crate::register::Expectation;
use crate::rule::{Observe, Observed, RuleIndex};
use crate::spill::{EVER, Fact, Ordered, Reading, Sieve, Spilled, Through, combine_all};

/// What the house knows that observations ask for.
pub trait Site: Sync {
    /// Whether the site is open at an instant, and until when that stays so, which lies behind
    /// the instant; nanoseconds since 1970.
    fn opens(&self, nanos: i64) -> (bool, i64);

    /// How often the source should be heard of whose name has this hash; `None`: nothing is asked.
    fn expects(&self, source: u64) -> Option<Expectation>;
}

/// A site of which hours alone are asked.
#[cfg(test)]
impl<F: Fn(i64) -> (bool, i64) + Sync> Site for F {
    fn opens(&self, nanos: i64) -> (bool, i64) {
        self(nanos)
    }

    fn expects(&self, _: u64) -> Option<Expectation> {
        None
    }
}

/// What observations need to know besides the facts.
#[derive(Clone, Copy)]
pub struct Observing<'a> {
    /// Hours and expectations.
    pub site: &'a dyn Site,
    /// The greatest event time of the run: silence is judged up to it.
    pub until: i64,
}

/// How much of what an observing rule saw it could not judge yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learning {
    /// The rule.
    pub rule: RuleIndex,
    /// Keys that were seen.
    pub keys: u64,
    /// Keys that were never judged, for want of history.
    pub learning: u64,
}

/// What was observed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) drafts: Vec<Draft>,
    pub(super) keys: u64,
    pub(super) learning: u64,
}

/// Observes the facts of a detection.
pub(super) fn observe(
    observe: &Observe,
    part: &FoldUse,
    facts: &Spilled,
    settings: Settings<'_>,
) -> io::Result<Seen> {
    let seeing = Seeing {
        part,
        facts,
        settings,
    };
    match &observe.kind {
        Observed::NewValue(new) => new_value::observe(new, seeing.rows(None)),
        Observed::Baseline(usual) => baseline::observe(usual, seeing),
        Observed::Silence(silence) => silence::observe(silence, seeing.rows(None)),
        Observed::Unheard => unheard::observe(seeing.rows(None)),
        Observed::SequenceGap(sequence) => sequence::observe(sequence, seeing.rows(None)),
        Observed::Walk(walk) => walk::observe(walk, seeing),
    }
}

/// What an observation looks at.
#[derive(Clone, Copy)]
struct Seeing<'r> {
    part: &'r FoldUse,
    facts: &'r Spilled,
    settings: Settings<'r>,
}

impl<'r> Seeing<'r> {
    /// The whole stream of the detection.
    fn whole(self) -> Reading<'r> {
        Reading {
            number: self.part.stream,
            columns: self.part.columns,
            spans: EVER,
        }
    }

    /// The facts in order: all, or those of some keys.
    fn rows(self, keys: Option<&'r HashSet<u64, Through>>) -> Rows<'r> {
        let Seeing {
            part,
            facts,
            settings,
        } = self;
        let sieve = OfKeys {
            key: &part.key,
            keys,
        };
        Rows {
            ordered: facts.ordered(&self.whole(), settings.rank, sieve),
            part,
            settings,
        }
    }
}

/// Wants the facts of some keys; of all where none are named.
struct OfKeys<'r> {
    key: &'r [usize],
    keys: Option<&'r HashSet<u64, Through>>,
}

impl Sieve for OfKeys<'_> {
    fn wants_any(&self, values: &[u64]) -> bool {
        match (self.keys, self.key) {
            (Some(keys), [_]) => values
                .iter()
                .any(|value| keys.contains(&combine_all(&[*value], &[0]))),
            _ => true,
        }
    }

    fn wants(&self, _: &Fact, values: &[u64]) -> bool {
        self.keys
            .is_none_or(|keys| keys.contains(&combine_all(values, self.key)))
    }
}

/// The facts of a detection, as an observation reads them.
struct Rows<'r> {
    ordered: Ordered<'r, OfKeys<'r>>,
    part: &'r FoldUse,
    settings: Settings<'r>,
}

/// One fact and its values.
struct Row {
    fact: Fact,
    /// Hash of the key.
    key: u64,
    /// Hashes of the key's values.
    named: Vec<u64>,
    /// What is compared, counted or followed; 0 where the record does not tell it or no field is.
    value: u64,
    /// Whose like it is; 0 where that is not told.
    peers: u64,
    tallies: Vec<u64>,
}

impl Rows<'_> {
    /// The next fact that tells a field of the key, or any where the key has none.
    fn next(&mut self) -> io::Result<Option<Row>> {
        let part = self.part;
        while let Some((fact, values)) = self.ordered.next_fact()? {
            let pick = |columns: &[usize]| columns.iter().map(|&c| values[c]).collect::<Vec<_>>();
            let named = pick(&part.key);
            if !named.is_empty() && named.iter().all(|value| *value == 0) {
                continue;
            }
            return Ok(Some(Row {
                fact,
                key: combine_all(values, &part.key),
                named,
                value: part.value.map_or(0, |c| values[c]),
                peers: part.peers.map_or(0, |c| values[c]),
                tallies: pick(&part.tallies),
            }));
        }
        Ok(None)
    }

    /// An alert without facts yet.
    fn draft(&self, key: Vec<u64>) -> Draft {
        Draft::new(key, self.part.tallies.len(), self.settings.evidence)
    }

    /// Adds a fact to an alert.
    fn add(&self, draft: &mut Draft, fact: &Fact, tallies: &[u64]) {
        draft.tally(tallies.iter().copied());
        draft.add(fact, self.settings.rank);
    }
}
