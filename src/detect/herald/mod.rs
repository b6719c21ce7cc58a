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

use std::collections::{HashMap, HashSet, VecDeque};

use super::draft::{Draft, Measured};
use super::fold::local_day;
use super::wiring::{FoldUse, Picks, Use, Wiring, least};
use super::{RuleIndex, Settings};
use crate::rule::{Comparison, Correlation, Measure, RuleSet, Within};
use crate::spill::{Fact, Facts, Through, combine, combine_all};

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

/// One event in the window of a key.
struct Near {
    fact: Fact,
    /// The value that is counted; the same for all where events are.
    value: u64,
    tallies: Vec<u64>,
}

/// The window of a key, as far as it is needed.
#[derive(Default)]
struct Window {
    key: Vec<u64>,
    events: VecDeque<Near>,
    /// What the events weigh together.
    weight: u64,
    /// True while an alert goes on.
    open: bool,
    /// Time of the last event that was left out while the window still held it.
    cut: Option<i64>,
    latest: i64,
}

/// The windows of the keys that spoke last; those that have long been quiet are let go of, however
/// many keys an attacker invents.
#[derive(Default)]
struct Windows {
    young: HashMap<u64, Window, Through>,
    old: HashMap<u64, Window, Through>,
}

impl Windows {
    /// The window of a key.
    fn of(&mut self, key: u64) -> &mut Window {
        if self.young.len() >= KEYS {
            self.old = std::mem::take(&mut self.young);
        }
        let old = &mut self.old;
        self.young
            .entry(key)
            .or_insert_with(|| old.remove(&key).unwrap_or_default())
    }
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
        let mut rows: Vec<(Fact, usize, &[u64])> = Vec::new();
        for (place, facts) in heard {
            let row = |at| (*facts.row(at), place, facts.values(at));
            rows.extend((0..facts.len()).map(row));
        }
        rows.sort_by_key(|(fact, place, _)| (self::place(fact, settings), *place));
        let mut touched: Vec<u64> = Vec::new();
        let mut moment = None;
        for (fact, place, values) in rows {
            if moment.is_some_and(|moment| moment != fact.time) {
                self.settle(&mut touched, settings, begun);
            }
            moment = Some(fact.time);
            let picks = &self.uses[place].picks;
            if let Some(key) = combine(values, &picks.group)
                && self.enter(key, fact, (picks, values), settings)
            {
                touched.push(key);
            }
        }
        self.settle(&mut touched, settings, begun);
    }

    /// True when the key has something new.
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
        let window = self.windows.of(key);
        if window.key.is_empty() {
            window.key = picks.group.iter().map(|&c| values[c]).collect();
            window.latest = i64::MIN;
        }
        let near = Near {
            fact,
            value,
            tallies: picks.tallies.iter().map(|&c| values[c]).collect(),
        };
        window.insert(near, settings)
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

type Place = (i64, u32, u64, u32, i64);

fn place(fact: &Fact, settings: &Settings<'_>) -> Place {
    let rank = (settings.rank)(fact.segment);
    (fact.time, rank, fact.identity, fact.segment, fact.offset)
}

impl Window {
    /// Takes in an event at its place in time; false when another input told it already.
    fn insert(&mut self, near: Near, settings: &Settings<'_>) -> bool {
        let at = place(&near.fact, settings);
        let after = self
            .events
            .partition_point(|other| place(&other.fact, settings) <= at);
        let alike = self.events.range(..after).rev();
        let mut alike = alike.take_while(|other| {
            (other.fact.time, other.fact.identity) == (near.fact.time, near.fact.identity)
        });
        if alike.any(|other| other.fact.segment != near.fact.segment) {
            return false;
        }
        // Rows of one record weigh once.
        let is_row = after
            .checked_sub(1)
            .is_some_and(|before| place(&self.events[before].fact, settings) == at);
        self.weight += if is_row {
            0
        } else {
            u64::from(near.fact.weight)
        };
        self.latest = self.latest.max(near.fact.time);
        let near = match is_row {
            true => Near {
                fact: Fact {
                    weight: 0,
                    ..near.fact
                },
                ..near
            },
            false => near,
        };
        self.events.insert(after, near);
        true
    }

    fn pop(&mut self) {
        if let Some(near) = self.events.pop_front() {
            self.weight -= u64::from(near.fact.weight);
        }
    }

    fn forget_before(&mut self, time: i64) {
        while self
            .events
            .front()
            .is_some_and(|near| near.fact.time < time)
        {
            self.pop();
        }
    }

    /// Keeps what is needed to see whether the bound is still reached.
    fn keep_weight(&mut self, bound: u64) {
        let spare = |window: &Window| {
            let first = window.events.front();
            first.is_some_and(|near| window.weight - u64::from(near.fact.weight) >= bound)
        };
        while self.open && spare(self) {
            self.pop();
        }
    }

    fn keep_last(&mut self, most: usize) {
        while self.events.len() > most {
            self.cut = self.events.front().map(|near| near.fact.time);
            self.pop();
        }
    }

    fn different(&self) -> u64 {
        let values: HashSet<u64, Through> = self.events.iter().map(|near| near.value).collect();
        values.len() as u64
    }

    /// The alert that begins with all that the window holds.
    fn draft(&self, measure: u64, settings: &Settings<'_>) -> Draft {
        let tallies = self.events.front().map_or(0, |near| near.tallies.len());
        let mut draft = Draft::new(self.key.clone(), tallies, settings.evidence);
        for near in &self.events {
            draft.tally(near.tallies.iter().copied());
            draft.add(&near.fact, settings.rank);
        }
        draft.measure = Measured::Count(measure);
        draft
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
