//! The exact counting gate: which keys could reach a threshold at all, and when.
//!
//! A window of length S lies within two adjacent buckets of length ≥ S. The counts of a key in
//! two adjacent buckets bound its measure in every window from above; below the threshold its
//! facts need not be looked at. Only counts are kept, and only of buckets that can still grow.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::wiring::Use;
use crate::spill::{Block, Spilled};

/// The keys that could reach the threshold, each with the stretches of time to look at, in order.
pub(super) type Suspects = HashMap<u64, Vec<Range<i64>>, FixedState>;

/// Finds the suspects of a correlation over all its streams. `least` is the smallest measure at
/// which its condition can hold.
pub(super) fn suspects(
    uses: &[Use],
    facts: &Spilled,
    bucket: i64,
    least: i64,
) -> io::Result<Suspects> {
    let mut counts = Counts {
        live: BTreeMap::new(),
        least,
        bucket,
        found: Suspects::default(),
    };
    let mut streams: Vec<_> = uses
        .iter()
        .map(|u| (facts.gate_blocks(u.stream).peekable(), u))
        .collect();
    while let Some(next) = earliest(&mut streams)? {
        let (blocks, part) = &mut streams[next];
        let Some(block) = blocks.next() else { break };
        let (first, bytes) = block?;
        counts.close_before(first.div_euclid(bucket));
        Block::gate_counts(&bytes, part.gates, |gate, count| {
            if gate == part.gate {
                *counts
                    .live
                    .entry(count.bucket)
                    .or_default()
                    .entry(count.key)
                    .or_default() += count.count;
            }
        });
    }
    counts.close_before(i64::MAX);
    Ok(counts.found)
}

/// The stream whose next block begins first.
fn earliest<I>(streams: &mut [(std::iter::Peekable<I>, &Use)]) -> io::Result<Option<usize>>
where
    I: Iterator<Item = io::Result<(i64, Vec<u8>)>>,
{
    let mut best: Option<(i64, usize)> = None;
    for (number, (blocks, _)) in streams.iter_mut().enumerate() {
        match blocks.peek() {
            Some(Ok((first, _))) if best.is_none_or(|(time, _)| *first < time) => {
                best = Some((*first, number));
            }
            // The error itself is given when the block is taken.
            Some(Err(_)) => return Ok(Some(number)),
            _ => {}
        }
    }
    Ok(best.map(|(_, number)| number))
}

struct Counts {
    live: BTreeMap<i64, HashMap<u64, u64, FixedState>>,
    least: i64,
    bucket: i64,
    found: Suspects,
}

impl Counts {
    /// Buckets before `next` cannot grow any more: pair each with the one before it, and let go
    /// of all that no later pair needs.
    fn close_before(&mut self, next: i64) {
        let none = HashMap::default();
        let closing: Vec<i64> = self.live.range(..next).map(|(bucket, _)| *bucket).collect();
        for &bucket in &closing {
            let before = self.live.get(&(bucket - 1)).unwrap_or(&none);
            let mut keys: Vec<u64> = self.live[&bucket]
                .iter()
                .filter(|(key, count)| {
                    let sum = **count + before.get(*key).copied().unwrap_or(0);
                    sum >= self.least.cast_unsigned()
                })
                .map(|(key, _)| *key)
                .collect();
            keys.sort_unstable();
            let (from, to) = ((bucket - 1) * self.bucket, (bucket + 1) * self.bucket);
            for key in keys {
                add_span(self.found.entry(key).or_default(), from..to);
            }
        }
        let keep_from = next.saturating_sub(1);
        self.live.retain(|bucket, _| *bucket >= keep_from);
        // What stays below `next` was paired already and only serves the pair above it.
        self.live
            .iter_mut()
            .filter(|(b, _)| **b < next)
            .for_each(|(_, keys)| keys.shrink_to_fit());
    }
}

/// Adds a stretch; stretches come in order of time and are joined where they touch.
fn add_span(spans: &mut Vec<Range<i64>>, span: Range<i64>) {
    match spans.last_mut() {
        Some(last) if last.end >= span.start => last.end = last.end.max(span.end),
        _ => spans.push(span),
    }
}

/// True when the key is to be looked at at this time.
pub(super) fn is_suspect(suspects: &Suspects, key: u64, time: i64) -> bool {
    suspects.get(&key).is_some_and(|spans| {
        let at = spans.partition_point(|s| s.end <= time);
        spans.get(at).is_some_and(|s| s.start <= time)
    })
}
