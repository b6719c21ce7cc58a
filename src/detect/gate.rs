//! The exact counting gate: which keys could reach a threshold at all, and when.
//!
//! A window of length S lies within two adjacent buckets of length ≥ S. What a key has in two
//! adjacent buckets, its events or its different values, bounds its measure in every window from
//! above; below the threshold its facts need not be looked at. Only buckets that can still grow
//! are kept, and of a key never more values than the threshold.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::wiring::Use;
use crate::spill::{Adds, Block, Fact, Gate, Sieve, Spilled, combine};

/// The keys that could reach the threshold, each with the stretches of time to look at, in order.
#[derive(Default)]
pub(super) struct Suspects {
    of: HashMap<u64, Vec<Range<i64>>, FixedState>,
    /// All stretches, joined.
    spans: Vec<Range<i64>>,
}

impl Suspects {
    /// True when no key could reach the threshold.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// All stretches of time in which some key is to be looked at.
    pub(super) fn spans(&self) -> &[Range<i64>] {
        &self.spans
    }

    fn holds(&self, key: u64, time: i64) -> bool {
        self.of.get(&key).is_some_and(|spans| {
            let at = spans.partition_point(|s| s.end <= time);
            spans.get(at).is_some_and(|s| s.start <= time)
        })
    }
}

/// Wants the facts of suspects in their time; of all keys without suspects.
pub(super) struct OfSuspects<'a> {
    pub(super) group: &'a [usize],
    pub(super) suspects: Option<&'a Suspects>,
}

impl Sieve for OfSuspects<'_> {
    fn wants_any(&self, values: &[u64]) -> bool {
        match (self.suspects, self.group) {
            (Some(suspects), [_]) => values.iter().any(|value| {
                combine(&[*value], &[0]).is_some_and(|key| suspects.of.contains_key(&key))
            }),
            _ => true,
        }
    }

    fn wants(&self, fact: &Fact, values: &[u64]) -> bool {
        match combine(values, self.group) {
            None => false,
            Some(key) => self.suspects.is_none_or(|s| s.holds(key, fact.time)),
        }
    }
}

/// Finds the suspects of a correlation over all its streams. `gates` are those of each stream,
/// `least` is the smallest measure at which the condition can hold.
pub(super) fn suspects(
    uses: &[Use],
    gates: &[&[Gate]],
    facts: &Spilled,
    least: u64,
) -> io::Result<Suspects> {
    let Some(bucket) = uses.first().map(|u| gates[0][u.gate].bucket) else {
        return Ok(Suspects::default());
    };
    let found = HashMap::default();
    let mut counts = Counts {
        live: BTreeMap::new(),
        least,
        bucket,
        found,
    };
    let mut streams: Vec<_> = uses
        .iter()
        .map(|u| facts.gate_blocks(u.stream).peekable())
        .collect();
    while let Some(next) = earliest(&mut streams) {
        let Some(block) = streams[next].next() else {
            break;
        };
        let (first, bytes) = block?;
        counts.close_before(first.div_euclid(bucket));
        let mut bucket_at_hand: Option<(i64, Keys)> = None;
        Block::gate_entries(&bytes, gates[next], |gate, entry| {
            if gate != uses[next].gate {
                return;
            }
            // Entries come bucket by bucket; the map of buckets is asked only where one changes.
            if bucket_at_hand
                .as_ref()
                .is_none_or(|(at, _)| *at != entry.bucket)
            {
                let keys = counts.live.remove(&entry.bucket).unwrap_or_default();
                let done = bucket_at_hand.replace((entry.bucket, keys));
                counts.live.extend(done);
            }
            if let Some((_, keys)) = &mut bucket_at_hand {
                keys.entry(entry.key).or_default().add(entry.adds, least);
            }
        });
        counts.live.extend(bucket_at_hand);
    }
    counts.close_before(i64::MAX);
    Ok(counts.finish())
}

/// The stream whose next block begins first. An error is given when its block is taken.
fn earliest<I>(streams: &mut [std::iter::Peekable<I>]) -> Option<usize>
where
    I: Iterator<Item = io::Result<(i64, Vec<u8>)>>,
{
    let mut best: Option<(i64, usize)> = None;
    for (number, blocks) in streams.iter_mut().enumerate() {
        match blocks.peek() {
            Some(Ok((first, _))) if best.is_none_or(|(time, _)| *first < time) => {
                best = Some((*first, number));
            }
            Some(Err(_)) => return Some(number),
            _ => {}
        }
    }
    best.map(|(_, number)| number)
}

/// What each key has in one bucket.
type Keys = HashMap<u64, Count, FixedState>;

/// What a key has in one bucket.
enum Count {
    /// So many events.
    Events(u64),
    /// A few different values.
    Few(Vec<u64>),
    /// Many different values.
    Many(HashSet<u64, FixedState>),
    /// As much as the threshold or more.
    Full,
}

/// Values that are looked through one by one.
const FEW: usize = 48;

impl Default for Count {
    fn default() -> Self {
        Count::Few(Vec::new())
    }
}

impl Count {
    #[inline]
    fn add(&mut self, adds: Adds, least: u64) {
        match (&mut *self, adds) {
            (Count::Full, _) => return,
            (Count::Events(count), Adds::Events(more)) => *count += more,
            (_, Adds::Events(more)) => *self = Count::Events(more),
            (Count::Few(values), Adds::Value(value)) => {
                if values.contains(&value) {
                    return;
                }
                if values.len() < FEW {
                    values.push(value);
                } else {
                    let mut many: HashSet<u64, FixedState> = values.drain(..).collect();
                    many.insert(value);
                    *self = Count::Many(many);
                }
            }
            (Count::Many(values), Adds::Value(value)) => {
                values.insert(value);
            }
            (Count::Events(_), Adds::Value(_)) => {}
        }
        if self.size() >= least {
            *self = Count::Full;
        }
    }

    fn size(&self) -> u64 {
        match self {
            Count::Events(count) => *count,
            Count::Few(values) => values.len() as u64,
            Count::Many(values) => values.len() as u64,
            Count::Full => u64::MAX,
        }
    }

    /// True when this and the bucket before may hold a window that reaches the threshold.
    fn reaches(&self, before: Option<&Count>, least: u64) -> bool {
        let Some(before) = before else {
            return self.size() >= least;
        };
        if self.size().saturating_add(before.size()) < least {
            return false;
        }
        match (self, before) {
            (Count::Few(_) | Count::Many(_), Count::Few(_) | Count::Many(_)) => {
                let new = self.values().filter(|v| !before.holds(*v)).count();
                before.size() + new as u64 >= least
            }
            _ => true,
        }
    }

    fn values(&self) -> impl Iterator<Item = u64> + '_ {
        let (few, many) = match self {
            Count::Few(values) => (Some(values), None),
            Count::Many(values) => (None, Some(values)),
            _ => (None, None),
        };
        few.into_iter()
            .flatten()
            .chain(many.into_iter().flatten())
            .copied()
    }

    fn holds(&self, value: u64) -> bool {
        match self {
            Count::Few(values) => values.contains(&value),
            Count::Many(values) => values.contains(&value),
            _ => false,
        }
    }
}

struct Counts {
    live: BTreeMap<i64, Keys>,
    least: u64,
    bucket: i64,
    found: HashMap<u64, Vec<Range<i64>>, FixedState>,
}

impl Counts {
    /// Buckets before `next` cannot grow any more: pair each with the one before it, and let go
    /// of all that no later pair needs.
    fn close_before(&mut self, next: i64) {
        if self
            .live
            .first_key_value()
            .is_none_or(|(first, _)| *first >= next)
        {
            return;
        }
        let closing: Vec<i64> = self.live.range(..next).map(|(bucket, _)| *bucket).collect();
        for bucket in closing {
            let before = self.live.get(&(bucket - 1));
            let mut keys: Vec<u64> = self.live[&bucket]
                .iter()
                .filter(|(key, count)| count.reaches(before.and_then(|b| b.get(*key)), self.least))
                .map(|(key, _)| *key)
                .collect();
            keys.sort_unstable();
            let (from, to) = ((bucket - 1) * self.bucket, (bucket + 1) * self.bucket);
            for key in keys {
                add_span(self.found.entry(key).or_default(), from..to);
            }
        }
        self.live
            .retain(|bucket, _| *bucket >= next.saturating_sub(1));
    }

    fn finish(self) -> Suspects {
        let mut all: Vec<Range<i64>> = self.found.values().flatten().cloned().collect();
        all.sort_by_key(|span| (span.start, span.end));
        let mut spans = Vec::new();
        all.into_iter().for_each(|span| add_span(&mut spans, span));
        Suspects {
            of: self.found,
            spans,
        }
    }
}

/// Adds a stretch; stretches come in order of time and are joined where they touch.
fn add_span(spans: &mut Vec<Range<i64>>, span: Range<i64>) {
    match spans.last_mut() {
        Some(last) if last.end >= span.start => last.end = last.end.max(span.end),
        _ => spans.push(span),
    }
}
