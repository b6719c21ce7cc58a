//! `baseline`: a day or an hour on which a key does far more than usual.
//!
//! Takes facts in order; gives an alert a key and stretch whose count exceeds the usual. Usual is
//! the median of the comparable stretches on the days before: days of one kind (those on which the
//! site opens, or the others), and hours of the same number on such days, if the key did anything
//! on them. A count is far above when it exceeds the median by more than `above` spreads; the
//! spread is the greatest of 1.4826 times the median absolute deviation (which is the standard
//! deviation, were the counts normal), the square root of the median (what chance alone does to
//! counts) and 1. A stretch is compared with earlier days only, so a count that is far above stays
//! so however much comes behind it. What was done is counted first (see `stretches`); records are
//! read in order only of keys of which an alert speaks. Of each key and stretch it keeps 32 bytes
//! for as many days as are compared.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;

use foldhash::fast::FixedState;

use super::super::draft::{Draft, Measured, Noted};
use super::stretches::{Done, Stretch, Told, as_they_come, in_order, stretch};
use super::{Seeing, Seen};
use crate::rule::{Baseline, Per};
use crate::spill::Through;

/// Scales a median absolute deviation to a standard deviation.
const SCALE: f64 = 1.4826;

/// Finds unusual stretches, and then the records of those alone.
pub(super) fn observe(rule: &Baseline, seeing: Seeing<'_>) -> io::Result<Seen> {
    let is_free = rule.count.is_some() && seeing.facts.origins().is_none();
    let mut state = State::new(rule);
    if !is_free || !as_they_come(rule, seeing, |told| state.take(told))? {
        state = State::new(rule);
        in_order(rule, seeing, |told| state.take(told))?;
    }
    let drafts = match state.unusual.is_empty() {
        true => Vec::new(),
        false => drafts(rule, seeing, &state.unusual)?,
    };
    Ok(state.finish(drafts))
}

/// The alerts of unusual stretches.
fn drafts(rule: &Baseline, seeing: Seeing<'_>, unusual: &Unusual) -> io::Result<Vec<Draft>> {
    let keys: HashSet<u64, Through> = unusual.keys().map(|(key, _)| *key).collect();
    let mut drafts: HashMap<(u64, Stretch), Draft, FixedState> = HashMap::default();
    let mut rows = seeing.rows(Some(&keys));
    while let Some(row) = rows.next()? {
        let at = (row.key, stretch(row.fact.time, rule.per, &seeing.settings));
        let Some((count, noted)) = unusual.get(&at) else {
            continue;
        };
        let draft = drafts.entry(at).or_insert_with(|| {
            let mut draft = rows.draft(row.named.clone());
            draft.noted = Some(*noted);
            draft.measure = Measured::Count(*count);
            draft
        });
        // What stands for no event only shows that the key was looked at.
        if row.fact.weight > 0 {
            rows.add(draft, &row.fact, &row.tallies);
        }
    }
    Ok(drafts.into_values().collect())
}

/// Keys and stretches with their counts and what is unusual about them.
type Unusual = HashMap<(u64, Stretch), (u64, Noted), FixedState>;

#[derive(Default)]
struct Own {
    history: VecDeque<Done>,
    judged: bool,
}

struct State<'s> {
    rule: &'s Baseline,
    own: HashMap<u64, Own, FixedState>,
    /// All that keys with the same value of `peers` did.
    of_peers: HashMap<u64, VecDeque<Done>, FixedState>,
    unusual: Unusual,
}

impl<'s> State<'s> {
    fn new(rule: &'s Baseline) -> State<'s> {
        State {
            rule,
            own: HashMap::default(),
            of_peers: HashMap::default(),
            unusual: Unusual::default(),
        }
    }

    /// Judges what a key did on a stretch and makes it part of the history.
    fn take(&mut self, (done, peers): Told) {
        if let Some(noted) = self.judge(done, peers) {
            let at = (done.key, done.stretch());
            self.unusual.insert(at, (done.count, noted));
        }
        let oldest = done.day - self.rule.over;
        let own = self.own.entry(done.key).or_default();
        remember(&mut own.history, done, oldest);
        if peers != 0 {
            remember(self.of_peers.entry(peers).or_default(), done, oldest);
        }
    }

    /// What is unusual about a count, if anything.
    fn judge(&mut self, done: Done, peers: u64) -> Option<Noted> {
        let (rule, oldest) = (self.rule, done.day - self.rule.over);
        let is_like =
            |other: &&Done| other.class == done.class && (oldest..done.day).contains(&other.day);
        let own = self.own.entry(done.key).or_default();
        let alike = own.history.iter().filter(is_like).map(|other| other.count);
        let alike: Vec<u64> = alike.collect();
        if alike.len() < rule.needs {
            return None;
        }
        own.judged = true;
        if done.count < rule.at_least {
            return None;
        }
        let stretches = alike.len();
        let (usual, bound) = usual(alike, above(rule));
        if done.count as f64 <= bound {
            return None;
        }
        let others = self.of_peers.get(&peers).into_iter().flatten();
        let others = others.filter(|other| other.key != done.key).filter(is_like);
        let others: Vec<u64> = others.map(|other| other.count).collect();
        if others.len() >= rule.needs && done.count as f64 <= median(sorted(others)) {
            return None;
        }
        Some(Noted::Unusual {
            count: done.count,
            usual,
            stretches,
            hourly: rule.per == Per::Hour,
        })
    }

    fn finish(self, drafts: Vec<Draft>) -> Seen {
        Seen {
            drafts,
            keys: self.own.len() as u64,
            learning: self.own.into_values().filter(|own| !own.judged).count() as u64,
        }
    }
}

/// Adds to a history; days come in order, and those before the oldest are forgotten.
fn remember(history: &mut VecDeque<Done>, done: Done, oldest: i64) {
    while history.front().is_some_and(|first| first.day < oldest) {
        history.pop_front();
    }
    history.push_back(done);
}

/// How many spreads above the median are far above.
fn above(rule: &Baseline) -> f64 {
    rule.above.mantissa() as f64 * 10_f64.powi(rule.above.exponent())
}

/// The median of some counts, and the bound above which a count is far above them.
fn usual(counts: Vec<u64>, above: f64) -> (f64, f64) {
    let counts = sorted(counts);
    let middle = median(counts.clone());
    let mut apart: Vec<f64> = counts.iter().map(|c| (c - middle).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let spread = (SCALE * median(apart)).max(middle.sqrt()).max(1.0);
    (middle, middle + above * spread)
}

fn sorted(mut counts: Vec<u64>) -> Vec<f64> {
    counts.sort_unstable();
    counts.into_iter().map(|count| count as f64).collect()
}

/// The middle of sorted numbers, the mean of the middle two of an even number; 0 of none.
fn median(sorted: Vec<f64>) -> f64 {
    let half = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(half)) {
        (_, None) => 0.0,
        (1, Some(middle)) => *middle,
        (_, Some(upper)) => (sorted[half - 1] + upper) / 2.0,
    }
}
