//! What each key did on each day or hour.
//!
//! Takes facts; gives counts, the stretches in their order. Different values are counted in
//! whatever order the facts come, as long as each key is of one kind of peers on a stretch and no
//! two inputs tell the same records; else, and where events are counted, the facts are read in
//! order. Of the stretches at hand it keeps a count for each key and a hash for each value.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

use super::Seeing;
use super::hours::BusinessDays;
use crate::detect::Settings;
use crate::rule::{Baseline, Per};
use crate::spill::{Block, Part, Through, combine_all};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// Clocks are apart from Greenwich by so many seconds or some of them, nowadays.
const QUARTER: i64 = 900;

/// A local day since 1970 and the hour in it; no hour where days are compared.
pub(super) type Stretch = (i64, u8);

/// Business day or not, and the hour.
pub(super) type Class = (bool, u8);

/// What a key did on a stretch.
#[derive(Clone, Copy)]
pub(super) struct Done {
    pub(super) day: i64,
    pub(super) class: Class,
    pub(super) key: u64,
    pub(super) count: u64,
}

impl Done {
    pub(super) fn stretch(&self) -> Stretch {
        (self.day, self.class.1)
    }
}

/// The stretch of an instant.
pub(super) fn stretch(nanos: i64, per: Per, settings: &Settings<'_>) -> Stretch {
    let local = nanos.div_euclid(SECOND) + i64::from((settings.offset_at)(nanos));
    let hour = match per {
        Per::Day => 0,
        Per::Hour => local.rem_euclid(DAY) / HOUR,
    };
    (local.div_euclid(DAY), hour as u8)
}

/// Up to which instant, not included, all others from this one on are for certain of its stretch.
fn steady_until(nanos: i64, settings: &Settings<'_>) -> i64 {
    let quarter = nanos.div_euclid(QUARTER * SECOND);
    let from = quarter.saturating_mul(QUARTER * SECOND);
    let to = from.saturating_add(QUARTER * SECOND);
    let offset = (settings.offset_at)(from);
    match i64::from(offset) % QUARTER == 0 && (settings.offset_at)(to - 1) == offset {
        true => to,
        false => nanos.saturating_add(1),
    }
}

/// What a key did on a stretch, and whose like it was, 0 where that is not told.
pub(super) type Told = (Done, u64);

/// Calls `each` with what every key did on every stretch: stretch by stretch, the keys in their
/// order. Reads the facts in order.
pub(super) fn in_order(
    rule: &Baseline,
    seeing: Seeing<'_>,
    mut each: impl FnMut(Told),
) -> io::Result<()> {
    let mut days = BusinessDays::new(&seeing.settings);
    let mut doings = Doings::default();
    let mut at: Option<Stretch> = None;
    let mut rows = seeing.rows(None);
    while let Some(row) = rows.next()? {
        // Where the clock is put back, the hour that comes twice is one.
        let to = stretch(row.fact.time, rule.per, &seeing.settings);
        if let Some(stretch) = at.filter(|at| to > *at) {
            std::mem::take(&mut doings).give((stretch, &mut days), &mut each);
        }
        at = at.max(Some(to));
        let doing = doings.of.entry(row.key).or_default();
        if doing.peers == 0 {
            doing.peers = row.peers;
        }
        match rule.count {
            Some(_) => doings.see(row.key, row.value),
            None => {
                // Several facts of one event are one event.
                let place = (row.fact.segment, row.fact.offset, row.fact.time);
                if doing.latest.replace(place) != Some(place) {
                    doing.count += u64::from(row.fact.weight);
                }
            }
        }
    }
    if let Some(stretch) = at {
        doings.give((stretch, &mut days), &mut each);
    }
    Ok(())
}

/// The same where different values are counted, in whatever order the facts come. False where a
/// key is of several kinds of peers on one stretch: only the order tells which counts.
pub(super) fn as_they_come(
    rule: &Baseline,
    seeing: Seeing<'_>,
    mut each: impl FnMut(Told),
) -> io::Result<bool> {
    let (part, settings) = (seeing.part, &seeing.settings);
    let mut days = BusinessDays::new(settings);
    let mut live: BTreeMap<Stretch, Doings> = BTreeMap::new();
    let mut is_mixed = false;
    let wanted = part.key.iter().chain(&part.value).chain(&part.peers);
    let wanted: Vec<usize> = wanted.copied().collect();
    for block in seeing.facts.blocks(seeing.whole(), Part::Facts) {
        let block = block?;
        let first = stretch(block.first, rule.per, settings);
        while let Some(over) = live.first_entry().filter(|over| *over.key() < first) {
            let (stretch, doings) = over.remove_entry();
            doings.give((stretch, &mut days), &mut each);
        }
        let (mut at, mut doings, mut until) = (first, Doings::default(), i64::MIN);
        let told = (part.columns, wanted.as_slice());
        Block::moments(&block.bytes, block.facts_at, told, |time, _, values| {
            if !part.key.is_empty() && part.key.iter().all(|column| values[*column] == 0) {
                return;
            }
            if time >= until {
                until = steady_until(time, settings);
                let to = stretch(time, rule.per, settings);
                if to != at || doings.of.is_empty() {
                    doings.put_back(at, &mut live);
                    doings = live.remove(&to).unwrap_or_default();
                    at = to;
                }
            }
            let [value, peers] = [part.value, part.peers].map(|at| at.map_or(0, |c| values[c]));
            let key = combine_all(values, &part.key);
            is_mixed |= doings.is_of_other_peers(key, peers);
            doings.see(key, value);
        });
        doings.put_back(at, &mut live);
        if is_mixed {
            return Ok(false);
        }
    }
    for (stretch, doings) in live {
        doings.give((stretch, &mut days), &mut each);
    }
    Ok(true)
}

/// What a key does on a stretch at hand.
#[derive(Default)]
struct Doing {
    count: u64,
    peers: u64,
    /// The latest event.
    latest: Option<(u32, i64, i64)>,
}

/// What all keys do on a stretch.
#[derive(Default)]
struct Doings {
    of: HashMap<u64, Doing, Through>,
    /// Keys with their values.
    seen: HashSet<u64, Through>,
}

impl Doings {
    /// Counts a value, if it is one that the key has not shown yet.
    fn see(&mut self, key: u64, value: u64) {
        if value != 0 && self.seen.insert(combine_all(&[key, value], &[0, 1])) {
            self.of.entry(key).or_default().count += 1;
        }
    }

    /// Notes whose like a key is; true where it was another's.
    fn is_of_other_peers(&mut self, key: u64, peers: u64) -> bool {
        let doing = self.of.entry(key).or_default();
        if doing.peers == 0 {
            doing.peers = peers;
        }
        peers != 0 && doing.peers != peers
    }

    fn put_back(&mut self, at: Stretch, live: &mut BTreeMap<Stretch, Doings>) {
        let doings = std::mem::take(self);
        if !doings.of.is_empty() {
            live.insert(at, doings);
        }
    }

    fn give(self, (at, days): (Stretch, &mut BusinessDays<'_>), each: &mut impl FnMut(Told)) {
        let (day, hour) = at;
        let class = (days.holds(day), hour);
        let mut all: Vec<(u64, Doing)> = self.of.into_iter().collect();
        // Where only values count, records without one are no doing; one that stands for no event
        // shows that the key was looked at, and that it did nothing.
        all.retain(|(_, doing)| doing.count > 0 || doing.latest.is_some());
        all.sort_unstable_by_key(|(key, _)| *key);
        for (key, Doing { count, peers, .. }) in all {
            let done = Done {
                day,
                class,
                key,
                count,
            };
            each((done, peers));
        }
    }
}
