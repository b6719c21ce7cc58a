//! The herald: tells at once what is certain already, while all facts are judged only now and then.
//!
//! Takes facts as they come, in about the order of time; gives the alerts that begin with them, as
//! judging all facts would give them at this moment. Knows detections that are folded or stand
//! alone, and correlations that count events or values of detections up to a bound; of each key
//! no more than lies within the window and is needed to reach the bound. What grows, what observes
//! and what comes out of order is left to the judgment of all facts, which is always right. At
//! its bounds it forgets keys that have been quiet, or falls silent: nothing is lost but time.

#[cfg(test)]
mod tests;
mod window;

use std::collections::HashMap;

use super::draft::{Draft, Measured};
use super::fold::local_day;
use super::wiring::{FoldUse, Picks, Use, Wiring, least};
use super::{RuleIndex, Settings};
use crate::rule::{Comparison, Correlation, Measure, RuleSet, Within};
use crate::spill::{Fact, Facts, combine, combine_all};

use window::{Event, Windows, place};

/// Keys of a rule that are watched at a time.
const KEYS: usize = 1 << 15;
/// Events of a key that are kept for a count of values.
const EVENTS: usize = 256;
/// Highest bound of a count of events that is watched.
const HIGHEST: u64 = 1_000;
/// Folds of a day or a closed stretch are over after so long.
const STRETCH: i64 = 40 * 86_400 * 1_000_000_000;

/// Watches the facts of a run that goes on.
pub struct Herald<'r> {
    counts: Vec<Counting<'r>>,
    folds: Vec<Folding<'r>>,
    /// For each stream, who listens: counts with the place of their use, then folds.
    counted_by: Vec<Vec<(usize, usize)>>,
    folded_by: Vec<Vec<usize>>,
}

impl<'r> Herald<'r> {
    /// Knows nothing yet.
    pub fn new(rules: &'r RuleSet, wiring: &'r Wiring) -> Herald<'r> {
        let streams = wiring.streams().len();
        let mut herald = Herald {
            counts: Vec::new(),
            folds: Vec::new(),
            counted_by: vec![Vec::new(); streams],
            folded_by: vec![Vec::new(); streams],
        };
        for (at, rule) in rules.correlations.iter().enumerate() {
            if let Some(bound) = certain_at(rule) {
                let uses = &wiring.reads(at).uses;
                for (place, part) in uses.iter().enumerate() {
                    herald.counted_by[part.stream].push((herald.counts.len(), place));
                }
                herald.counts.push(Counting::new(at, rule, (uses, bound)));
            }
        }
        for (at, rule) in rules.detections.iter().enumerate() {
            if let Some(part) = wiring.reported(at).filter(|_| rule.observe.is_none()) {
                herald.folded_by[part.stream].push(herald.folds.len());
                let within = rule.fold.as_ref().map(|fold| fold.within);
                herald.folds.push(Folding {
                    index: RuleIndex::Detection(at),
                    within,
                    part,
                    latest: HashMap::default(),
                    is_full: false,
                });
            }
        }
        herald
    }

    /// Takes in facts, one list for each stream; gives the alerts that begin with them.
    pub fn take(&mut self, facts: &mut [Facts], settings: &Settings<'_>) -> Vec<Draft> {
        let mut begun = Vec::new();
        for (stream, facts) in facts.iter_mut().enumerate() {
            if facts.is_empty() {
                continue;
            }
            facts.sort(settings.rank);
            for &fold in &self.folded_by[stream] {
                self.folds[fold].take(facts, settings, &mut begun);
            }
        }
        for (at, counting) in self.counts.iter_mut().enumerate() {
            let heard = (0..facts.len()).filter_map(|stream| {
                let listeners = self.counted_by[stream].iter();
                let mut places = listeners.filter(|(count, _)| *count == at);
                places.next().map(|(_, place)| (*place, &facts[stream]))
            });
            counting.take(heard, settings, &mut begun);
        }
        begun.sort_by_cached_key(|draft| draft.order(settings.rank));
        begun
    }
}

/// The count from which on a correlation holds whatever else comes, where it is one that is
/// watched.
fn certain_at(rule: &Correlation) -> Option<u64> {
    let upwards = |(how, _): &(Comparison, _)| matches!(how, Comparison::Gte | Comparison::Gt);
    let plain = rule.reports && rule.condition.iter().all(upwards);
    least(rule).filter(|bound| plain && *bound <= HIGHEST)
}

/// A correlation that counts.
struct Counting<'r> {
    index: RuleIndex,
    rule: &'r Correlation,
    uses: &'r [Use],
    bound: u64,
    windows: Windows,
}

impl<'r> Counting<'r> {
    fn new(at: usize, rule: &'r Correlation, (uses, bound): (&'r [Use], u64)) -> Counting<'r> {
        Counting {
            index: RuleIndex::Correlation(at),
            rule,
            uses,
            bound,
            windows: Windows::default(),
        }
    }

    fn counts_values(&self) -> bool {
        matches!(self.rule.measure, Measure::ValueCount(_))
    }

    /// Takes in facts of several streams, each in order and with the place of its use.
    fn take<'f>(
        &mut self,
        heard: impl Iterator<Item = (usize, &'f Facts)>,
        settings: &Settings<'_>,
        begun: &mut Vec<Draft>,
    ) {
        let heard: Vec<(usize, &Facts)> = heard.filter(|(_, facts)| !facts.is_empty()).collect();
        let rows_of = |&(place, facts): &(usize, &'f Facts)| {
            (0..facts.len()).map(move |at| (*facts.row(at), place, facts.values(at)))
        };
        match heard.as_slice() {
            [] => {}
            [one] => self.enter_all(rows_of(one), settings, begun),
            several => {
                let mut rows: Vec<_> = several.iter().flat_map(rows_of).collect();
                rows.sort_by_key(|(fact, use_at, _)| (place(fact, settings), *use_at));
                self.enter_all(rows.into_iter(), settings, begun);
            }
        }
    }

    /// Takes in facts in order, each with the place of its use.
    fn enter_all<'f>(
        &mut self,
        rows: impl Iterator<Item = (Fact, usize, &'f [u64])>,
        settings: &Settings<'_>,
        begun: &mut Vec<Draft>,
    ) {
        let mut touched: Vec<u64> = Vec::new();
        let mut moment = None;
        for (fact, use_at, values) in rows {
            if moment.is_some_and(|moment| moment != fact.time) {
                self.settle(&mut touched, settings, begun);
            }
            moment = Some(fact.time);
            let picks = &self.uses[use_at].picks;
            if let Some(key) = combine(values, &picks.group)
                && self.enter(key, fact, (picks, values), settings)
            {
                touched.push(key);
            }
        }
        self.settle(&mut touched, settings, begun);
    }

    /// True when the key has something new that may matter.
    fn enter(
        &mut self,
        key: u64,
        fact: Fact,
        (picks, values): (&Picks, &[u64]),
        settings: &Settings<'_>,
    ) -> bool {
        let value = match self.counts_values() {
            true => combine(values, &picks.value).map_or(0, |v| v.max(1)),
            false => 1,
        };
        if value == 0 {
            return false;
        }
        let event = Event {
            fact,
            value,
            group: picks.group.iter().map(|&c| values[c]),
            tallies: picks.tallies.iter().map(|&c| values[c]),
        };
        let weighs = match self.counts_values() {
            true => 1,
            false => u64::from(fact.weight),
        };
        let is_alone = weighs < self.bound;
        self.windows.enter(key, event, (is_alone, settings))
    }

    fn settle(&mut self, touched: &mut Vec<u64>, settings: &Settings<'_>, begun: &mut Vec<Draft>) {
        touched.dedup();
        let counts_values = self.counts_values();
        for key in touched.drain(..) {
            let window = self.windows.of(key);
            let from = window.latest.saturating_sub(self.rule.timespan);
            window.forget_before(from);
            let is_whole = window.cut.is_none_or(|cut| cut < from);
            let measure = match counts_values {
                true => window.different(),
                false => window.weight,
            };
            let holds = measure >= self.bound;
            if holds && !window.open && is_whole {
                begun.push(window.draft(measure, settings).of(self.index));
            }
            window.open = holds;
            match counts_values {
                true => window.keep_last(EVENTS),
                false => window.keep_weight(self.bound),
            }
        }
    }
}

/// A detection whose matches are alerts by themselves, folded or not.
struct Folding<'r> {
    index: RuleIndex,
    within: Option<Within>,
    part: &'r FoldUse,
    /// Time of the last fact of each fold.
    latest: HashMap<(u64, i64), i64, foldhash::fast::FixedState>,
    is_full: bool,
}

impl Folding<'_> {
    fn take(&mut self, facts: &Facts, settings: &Settings<'_>, begun: &mut Vec<Draft>) {
        if self.is_full {
            return;
        }
        let mut drafts: Vec<Draft> = Vec::new();
        let mut fresh: HashMap<(u64, i64), usize, foldhash::fast::FixedState> = HashMap::default();
        for at in 0..facts.len() {
            let (fact, values) = (facts.row(at), facts.values(at));
            let stretch = match self.within {
                Some(Within::Day) => local_day(fact.time, *settings),
                _ => 0,
            };
            let key = (combine_all(values, &self.part.key), stretch);
            let mut number = None;
            if self.within.is_some() {
                number = fresh.get(&key).copied();
                if !self.goes_on(key, fact.time) {
                    number = None;
                } else if number.is_none() {
                    continue;
                }
            }
            let number = number.unwrap_or_else(|| {
                drafts.push(self.part.draft(values, settings.evidence));
                fresh.insert(key, drafts.len() - 1);
                drafts.len() - 1
            });
            drafts[number].tally(self.part.tallies.iter().map(|&c| values[c]));
            drafts[number].add(fact, settings.rank);
        }
        let index = self.index;
        begun.extend(drafts.into_iter().map(|mut draft| {
            draft.measure = Measured::Count(draft.events);
            draft.of(index)
        }));
        if self.latest.len() > KEYS {
            self.sweep();
        }
    }

    /// True when a fact at this time belongs to an alert that was begun before.
    fn goes_on(&mut self, key: (u64, i64), time: i64) -> bool {
        let Some(latest) = self.latest.get_mut(&key) else {
            self.latest.insert(key, time);
            return false;
        };
        let pause = time - *latest;
        *latest = time.max(*latest);
        match self.within {
            // Far before the last fact, it may be part of another alert: not for the herald.
            Some(Within::Gap(gap)) => pause <= gap,
            _ => true,
        }
    }

    /// Lets go of what is over. A key that is let go of must never come again: where there are
    /// too many, the rule is left to the judgment of all facts.
    fn sweep(&mut self) {
        let now = self.latest.values().copied().max().unwrap_or(0);
        let over = match self.within {
            Some(Within::Gap(gap)) => gap,
            _ => STRETCH,
        };
        let from = now.saturating_sub(over);
        self.latest.retain(|_, latest| *latest >= from);
        self.is_full = self.latest.len() > KEYS;
        if self.is_full {
            self.latest.clear();
        }
    }
}
