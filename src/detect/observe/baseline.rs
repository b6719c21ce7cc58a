//! `baseline`: a day or an hour on which a key does far more than usual.
//!
//! Takes facts in order; gives an alert a key and stretch whose count exceeds the usual. Usual is
//! the median of the comparable stretches on the days before: days of one kind (those on which the
//! site opens, or the others), and hours of the same number on such days, if the key did anything
//! on them. A count is far above when it exceeds the median by more than `above` spreads; the
//! spread is the greatest of 1.4826 times the median absolute deviation (which is the standard
//! deviation, were the counts normal), the square root of the median (what chance alone does to
//! counts) and 1. A stretch is compared with earlier days only, so a count that is far above stays
//! so however much comes behind it. Of each key and stretch it keeps 24 bytes for as many days as
//! are compared, of the stretch at hand a draft a key and the values that are counted.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io;

use foldhash::fast::FixedState;

use super::super::Settings;
use super::super::draft::{Draft, Measured, Noted};
use super::hours::BusinessDays;
use super::{Row, Rows, Seen};
use crate::rule::{Baseline, Per};

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// Scales a median absolute deviation to a standard deviation.
const SCALE: f64 = 1.4826;

/// Finds unusual stretches.
pub(super) fn observe(rule: &Baseline, mut rows: Rows<'_>) -> io::Result<Seen> {
    let days = BusinessDays::new(&rows.settings);
    let mut state = State::new(rule, days);
    while let Some(row) = rows.next()? {
        state.turn(stretch(row.fact.time, rule.per, &rows.settings));
        state.take(&row, &rows);
    }
    state.close();
    Ok(state.finish())
}

/// A local day since 1970 and the hour in it; no hour where days are compared.
type Stretch = (i64, u8);

fn stretch(nanos: i64, per: Per, settings: &Settings<'_>) -> Stretch {
    let local = nanos.div_euclid(1_000_000_000) + i64::from((settings.offset_at)(nanos));
    let hour = match per {
        Per::Day => 0,
        Per::Hour => local.rem_euclid(DAY) / HOUR,
    };
    (local.div_euclid(DAY), hour as u8)
}

/// What a key did on the stretch at hand.
struct Doing {
    draft: Draft,
    values: HashSet<u64, FixedState>,
    peers: u64,
}

/// What a key did on an earlier one.
#[derive(Clone, Copy)]
struct Done {
    day: i64,
    class: Class,
    key: u64,
    count: u64,
}

/// Business day or not, and the hour.
type Class = (bool, u8);

#[derive(Default)]
struct Own {
    history: VecDeque<Done>,
    judged: bool,
}

struct State<'s> {
    rule: &'s Baseline,
    days: BusinessDays<'s>,
    at: Option<Stretch>,
    /// By key, in its order.
    doing: BTreeMap<u64, Doing>,
    own: HashMap<u64, Own, FixedState>,
    /// All that keys with the same value of `peers` did.
    of_peers: HashMap<u64, VecDeque<Done>, FixedState>,
    done: Vec<Draft>,
}

impl<'s> State<'s> {
    fn new(rule: &'s Baseline, days: BusinessDays<'s>) -> State<'s> {
        State {
            rule,
            days,
            at: None,
            doing: BTreeMap::new(),
            own: HashMap::default(),
            of_peers: HashMap::default(),
            done: Vec::new(),
        }
    }

    /// Goes on to a stretch. Where the clock is put back, the hour that comes twice is one.
    fn turn(&mut self, to: Stretch) {
        if self.at.is_some_and(|at| to > at) {
            self.close();
        }
        self.at = self.at.max(Some(to));
    }

    fn take(&mut self, row: &Row, rows: &Rows<'_>) {
        let doing = self.doing.entry(row.key).or_insert_with(|| Doing {
            draft: rows.draft(row.named.clone()),
            values: HashSet::default(),
            peers: 0,
        });
        if doing.peers == 0 {
            doing.peers = row.peers;
        }
        if row.value != 0 {
            doing.values.insert(row.value);
        }
        // What stands for no event shows that the key was looked at, and that it did nothing.
        if row.fact.weight > 0 {
            rows.add(&mut doing.draft, &row.fact, &row.tallies);
        }
    }

    /// Judges the stretch at hand and makes it part of the history.
    fn close(&mut self) {
        let Some((day, hour)) = self.at else { return };
        let class = (self.days.holds(day), hour);
        for (key, mut doing) in std::mem::take(&mut self.doing) {
            let count = match self.rule.count {
                Some(_) => doing.values.len() as u64,
                None => doing.draft.events,
            };
            // Where only values count, records without one are no doing.
            if count == 0 && self.rule.count.is_some() {
                continue;
            }
            let done = Done {
                day,
                class,
                key,
                count,
            };
            if let Some(noted) = self.judge(done, doing.peers) {
                doing.draft.noted = Some(noted);
                doing.draft.measure = Measured::Count(count);
                self.done.push(doing.draft);
            }
            let oldest = day - self.rule.over;
            remember(&mut self.own.entry(key).or_default().history, done, oldest);
            if doing.peers != 0 {
                remember(self.of_peers.entry(doing.peers).or_default(), done, oldest);
            }
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
        let stretches = alike.len();
        let (usual, bound) = usual(alike, above(rule));
        if done.count < rule.at_least || done.count as f64 <= bound {
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

    fn finish(self) -> Seen {
        Seen {
            drafts: self.done,
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
