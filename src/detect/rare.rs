//! Which correlations can speak at all, and of which keys: one that wants several things of a key
//! speaks only where the rarest of them is.
//!
//! Takes the rules, what each reads and how many facts there are; gives which correlations are
//! worth working out, and the keys or moments outside of which nothing can come of them. Never
//! leaves out what could change an alert.

use std::collections::HashSet;
use std::io;

use super::wiring::{Use, Wiring};
use crate::rule::{Correlation, FieldRef, RuleIndex, RuleSet};
use crate::spill::{Block, EVER, Part, Reading, Spilled, Through, combine};

/// Facts up to this number are few enough to be looked at before all others. Tests have few.
pub(super) const RARE: u64 = if cfg!(test) { 6 } else { 1 << 16 };
/// Bits of the marks by which two things that are not rare are found to meet.
const MARKS: u64 = if cfg!(test) { 1 << 7 } else { 1 << 24 };
/// Shortest stretch of time that has a mark of its own, nanoseconds.
const STRETCH: i64 = 3_600 * 1_000_000_000;

/// The places of the rules without each of which the correlation cannot speak.
pub(super) fn places_needed(rule: &Correlation) -> Vec<usize> {
    if !rule.measure.is_temporal() {
        return Vec::new();
    }
    match rule.expression.as_ref().map(|e| e.alternatives.as_slice()) {
        Some([only]) => only.needs.clone(),
        Some(_) => Vec::new(),
        None if rule.condition.is_empty() => (0..rule.rules.len()).collect(),
        None => Vec::new(),
    }
}

/// For each correlation, whether anything can come of it: what it cannot do without has facts, and
/// it reports or is counted by one of which something can come.
pub(super) fn at_work(rules: &RuleSet, wiring: &Wiring, facts: &Spilled) -> Vec<bool> {
    let correlations = &rules.correlations;
    let dry: Vec<bool> = (0..correlations.len())
        .map(|at| is_dry(at, rules, wiring, facts))
        .collect();
    let mut at_work = vec![false; correlations.len()];
    let mut asked: Vec<usize> = (0..correlations.len())
        .filter(|at| correlations[*at].reports && !dry[*at])
        .collect();
    while let Some(at) = asked.pop() {
        at_work[at] = true;
        let inner = correlations[at].rules.iter().filter_map(correlation);
        asked.extend(inner.filter(|inner| !dry[*inner] && !at_work[*inner]));
    }
    at_work
}

fn correlation(rule: &RuleIndex) -> Option<usize> {
    match rule {
        RuleIndex::Correlation(at) => Some(*at),
        RuleIndex::Detection(_) => None,
    }
}

/// True when a correlation cannot speak for want of facts.
fn is_dry(at: usize, rules: &RuleSet, wiring: &Wiring, facts: &Spilled) -> bool {
    let rule = &rules.correlations[at];
    let lacks = |place: &usize| match rule.rules[*place] {
        RuleIndex::Correlation(inner) => is_dry(inner, rules, wiring, facts),
        RuleIndex::Detection(detection) => wiring
            .stream_of(detection)
            .is_none_or(|stream| facts.count(stream) == 0),
    };
    let needed = places_needed(rule);
    (0..rule.rules.len()).all(|place| lacks(&place)) || needed.iter().any(lacks)
}

/// Time and key of each fact that a correlation reads by one of its streams.
///
/// # Errors
/// When a temporary file cannot be read.
pub(super) fn moments(part: &Use, facts: &Spilled) -> io::Result<Vec<(i64, u64)>> {
    let mut moments = Vec::new();
    each_moment(part, facts, |time, key| moments.push((time, key)))?;
    Ok(moments)
}

/// Calls `each` with time and key of each fact that a correlation reads by one of its streams.
fn each_moment(part: &Use, facts: &Spilled, mut each: impl FnMut(i64, u64)) -> io::Result<()> {
    let reading = Reading {
        number: part.stream,
        columns: part.columns,
        spans: EVER,
    };
    let group = &part.picks.group;
    for block in facts.blocks(reading, Part::Facts) {
        let block = block?;
        let told = (part.columns, group.as_slice());
        Block::moments(&block.bytes, block.facts_at, told, |time, _, row| {
            if let Some(key) = combine(row, group) {
                each(time, key);
            }
        });
    }
    Ok(())
}

/// Time and key of what one stream has near something of another: those of the second rarest that
/// lie near the rarest, perhaps with some that do not. `None` where there are not two streams, or
/// too many meet.
///
/// # Errors
/// When a temporary file cannot be read.
pub(super) fn meetings(
    mut needed: Vec<&Use>,
    facts: &Spilled,
    timespan: i64,
) -> io::Result<Option<Vec<(i64, u64)>>> {
    needed.sort_by_key(|part| facts.count(part.stream));
    let [rarest, next, ..] = needed.as_slice() else {
        return Ok(None);
    };
    let length = timespan.max(STRETCH);
    let mut marks = vec![0_u64; (MARKS / 64) as usize];
    let place = |key: u64, stretch: i64| {
        let hash = combine(&[key.max(1), stretch.cast_unsigned() | 1 << 63], &[0, 1]);
        let bit = hash.unwrap_or_default() % MARKS;
        ((bit / 64) as usize, 1_u64 << (bit % 64))
    };
    each_moment(rarest, facts, |time, key| {
        // What lies within a window of it lies in this stretch or in one beside it.
        let stretch = time.div_euclid(length);
        for beside in [stretch - 1, stretch, stretch + 1] {
            let (word, bit) = place(key, beside);
            marks[word] |= bit;
        }
    })?;
    let mut met = Vec::new();
    let mut many = false;
    each_moment(next, facts, |time, key| {
        let (word, bit) = place(key, time.div_euclid(length));
        if marks[word] & bit != 0 && !many {
            met.push((time, key));
            many = met.len() as u64 > RARE;
        }
    })?;
    Ok((!many).then_some(met))
}

/// The keys that matter of a correlation that does not report itself: those that a rare thing has
/// which the only correlation that counts it cannot do without. `None` when all matter.
///
/// # Errors
/// When a temporary file cannot be read.
pub(super) fn keys_asked(
    at: usize,
    (rules, wiring): (&RuleSet, &Wiring),
    facts: &Spilled,
    at_work: &[bool],
) -> io::Result<Option<HashSet<u64, Through>>> {
    let inner = &rules.correlations[at];
    let index = RuleIndex::Correlation(at);
    let mut users = (0..rules.correlations.len())
        .filter(|user| at_work[*user] && rules.correlations[*user].rules.contains(&index));
    let (Some(user), None, false) = (users.next(), users.next(), inner.reports) else {
        return Ok(None);
    };
    let outer = &rules.correlations[user];
    let renamed = outer
        .group_by
        .iter()
        .map(|field| outer.field_of(index, field));
    let by_the_same = renamed.eq(&inner.group_by as &[FieldRef]);
    let needed = places_needed(outer);
    let place_of_inner = outer.rules.iter().position(|rule| *rule == index);
    if !by_the_same || !place_of_inner.is_some_and(|place| needed.contains(&place)) {
        return Ok(None);
    }
    let uses = wiring.reads(user).uses.iter();
    let rarest = uses
        .filter(|part| needed.contains(&part.rule))
        .map(|part| (facts.count(part.stream), part))
        .min_by_key(|(count, _)| *count);
    match rarest {
        Some((count, part)) if count <= RARE => {
            let moments = moments(part, facts)?;
            Ok(Some(moments.into_iter().map(|(_, key)| key).collect()))
        }
        _ => Ok(None),
    }
}
