//! Which keys could have walked at all.
//!
//! Takes the numbers of all keys in whatever order; gives the keys that visited half of a group of
//! neighbouring numbers, and the number of keys. As many consecutive numbers as a walk takes lie in
//! two groups that touch, and half of them in one. A walk visits a group without a pause longer
//! than it may make between two numbers, so that what a key visited is forgotten once a whole
//! stretch of time as long has passed without a visit to the group: memory holds the groups
//! visited in two stretches, and a hash for each key.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

use foldhash::fast::FixedState;

use super::Seeing;
use super::sequence::whole;
use crate::rule::Walk;
use crate::spill::{Block, Part, Through, combine_all};

/// Shortest stretch of time, nanoseconds.
const STRETCH: i64 = 3_600 * 1_000_000_000;
/// Most numbers of a group: one bit each.
const WIDEST: u64 = 64;

/// What was visited of each key and group: a bit for each number.
type Visits = HashMap<(u64, u64), u64, FixedState>;

/// The keys that are worth a closer look.
pub(super) struct Walkers {
    /// Their hashes.
    pub(super) keys: HashSet<u64, Through>,
    /// How many keys there are in all.
    pub(super) all: u64,
}

/// Looks through the facts of a detection.
pub(super) fn walkers(rule: &Walk, seeing: Seeing<'_>) -> io::Result<Walkers> {
    let part = seeing.part;
    let length = rule.within.max(STRETCH);
    let mut visited = Visited::new(rule.at_least);
    let mut all: HashSet<u64, Through> = HashSet::default();
    let wanted: Vec<usize> = part.key.iter().chain(&part.value).copied().collect();
    for block in seeing.facts.blocks(seeing.whole(), Part::Facts) {
        let block = block?;
        visited.close_before(block.first.div_euclid(length));
        let told = (part.columns, wanted.as_slice());
        // Facts come in the order of time, so that hardly one in many needs a division.
        let (mut until, mut stretch) = (i64::MIN, 0);
        let mut at_hand = Visits::default();
        Block::moments(&block.bytes, block.facts_at, told, |time, _, values| {
            let Some(number) = part.value.and_then(|column| whole(values[column])) else {
                return;
            };
            if !part.key.is_empty() && part.key.iter().all(|column| values[*column] == 0) {
                return;
            }
            if time >= until {
                visited.exchange(stretch, &mut at_hand, time.div_euclid(length));
                stretch = time.div_euclid(length);
                until = stretch.saturating_add(1).saturating_mul(length);
            }
            let key = combine_all(values, &part.key);
            all.insert(key);
            let (group, bit) = (number / visited.width, number % visited.width);
            *at_hand.entry((key, group)).or_default() |= 1 << bit;
        });
        visited.exchange(stretch, &mut at_hand, i64::MAX);
    }
    visited.close_before(i64::MAX);
    Ok(Walkers {
        keys: visited.found,
        all: all.len() as u64,
    })
}

/// What was visited lately.
struct Visited {
    /// Numbers of a group.
    width: u64,
    /// So many of a group are half of a walk.
    half: u32,
    /// Stretches that may still grow.
    live: BTreeMap<i64, Visits>,
    /// The latest stretch that does not, and what was visited in it and without a pause before.
    before: (i64, Visits),
    found: HashSet<u64, Through>,
}

impl Visited {
    fn new(at_least: u64) -> Visited {
        let width = at_least.clamp(1, WIDEST);
        Visited {
            width,
            half: width.div_ceil(2) as u32,
            live: BTreeMap::new(),
            before: (i64::MIN, Visits::default()),
            found: HashSet::default(),
        }
    }

    /// Puts back the visits of one stretch, if there are any, and takes out those of another.
    fn exchange(&mut self, from: i64, at_hand: &mut Visits, to: i64) {
        if !at_hand.is_empty() {
            self.live.insert(from, std::mem::take(at_hand));
        }
        *at_hand = self.live.remove(&to).unwrap_or_default();
    }

    /// Stretches before this one grow no more.
    fn close_before(&mut self, stretch: i64) {
        while let Some(first) = self.live.first_entry().filter(|e| *e.key() < stretch) {
            let (at, mut visits) = first.remove_entry();
            let (last, before) = &self.before;
            let goes_on = last.saturating_add(1) == at;
            let half = self.half;
            self.found
                .extend(visits.iter_mut().filter_map(|(at, bits)| {
                    let earlier = before.get(at).filter(|_| goes_on);
                    *bits |= earlier.copied().unwrap_or(0);
                    (bits.count_ones() >= half).then_some(at.0)
                }));
            self.before = (at, visits);
        }
    }
}
