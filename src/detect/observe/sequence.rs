//! `sequence_gap`: numbers that should count up by one for each key.
//!
//! Takes facts in order; gives an alert a gap (the records around it), a reset (the records before
//! and after) and a repeated number (all its records). Records of one instant are taken in the
//! order of their numbers. Of each key it keeps the last number and fact, and the gaps that are
//! not filled since the count began.

use std::collections::{BTreeMap, HashMap};
use std::io;

use foldhash::fast::FixedState;

use super::super::draft::{Draft, Measured, Noted};
use super::super::exact::decode_float;
use super::{Row, Rows, Seen};
use crate::rule::{Irregularity, SequenceGap};

/// The greatest whole number up to which all are told apart.
const GREATEST: f64 = 9_007_199_254_740_992.0;
/// Follows itself with 1 (RFC 5424, 7.3.1).
const LAST: u64 = 2_147_483_647;

/// Finds what is wrong with the numbers.
pub(super) fn observe(rule: &SequenceGap, mut rows: Rows<'_>) -> io::Result<Seen> {
    let mut keys: HashMap<u64, Sequence, FixedState> = HashMap::default();
    let mut done = Vec::new();
    let mut instant: Vec<Numbered> = Vec::new();
    let mut waiting = numbered(rows.next()?);
    while let Some((number, row)) = waiting.take() {
        instant.extend(number.map(|number| Numbered { number, row }));
        let now = instant.first().map(|n| n.row.fact.time);
        waiting = numbered(rows.next()?);
        let goes_on = waiting.as_ref().map(|(_, row)| row.fact.time);
        if now.is_none() || goes_on == now {
            continue;
        }
        instant.sort_by_key(|n| (n.row.key, n.number));
        for next in instant.drain(..) {
            match keys.get_mut(&next.row.key) {
                Some(sequence) => sequence.take(next, (rule, &rows), &mut done),
                None => {
                    keys.insert(next.row.key, Sequence::new(next));
                }
            }
        }
    }
    let count = keys.len() as u64;
    let mut learning = 0;
    for mut sequence in keys.into_values() {
        sequence.close((rule, &rows), &mut done);
        learning += u64::from(sequence.longest < rule.after);
    }
    Ok(Seen {
        drafts: done,
        keys: count,
        learning,
    })
}

/// A row with the number it tells, if it is one.
pub(super) fn numbered(row: Option<Row>) -> Option<(Option<u64>, Row)> {
    let row = row?;
    Some((whole(row.value), row))
}

/// The whole number that a value tells, if it is one that can be told from all others.
#[inline]
pub(super) fn whole(code: u64) -> Option<u64> {
    let number = Some(code).filter(|code| *code != 0).map(decode_float)?;
    let is_whole = (0.0..=GREATEST).contains(&number) && number as u64 as f64 == number;
    is_whole.then_some(number as u64)
}

struct Numbered {
    number: u64,
    row: Row,
}

/// The numbers of one key since its count began.
struct Sequence {
    last: Numbered,
    /// So many numbers just followed each other, and at most.
    run: u64,
    longest: u64,
    /// The same number again and again.
    repeated: Option<(u64, Draft)>,
    /// Gaps by their first number: their last, and the records around them.
    gaps: BTreeMap<u64, Gap>,
}

struct Gap {
    to: u64,
    /// False where too few numbers followed each other before it.
    counts: bool,
    draft: Draft,
}

type At<'a, 'r> = (&'a SequenceGap, &'a Rows<'r>);

impl Sequence {
    fn new(first: Numbered) -> Sequence {
        Sequence {
            last: first,
            run: 0,
            longest: 0,
            repeated: None,
            gaps: BTreeMap::new(),
        }
    }

    fn take(&mut self, next: Numbered, at: At<'_, '_>, done: &mut Vec<Draft>) {
        let (number, before) = (next.number, self.last.number);
        if number == before {
            return self.repeat(next, at.1);
        }
        let follows = before == LAST && number == 1;
        if number < before && !follows && self.fill(&next, at.1) {
            return;
        }
        done.extend(self.end_of_repeats(at.0));
        if number < before && !follows {
            self.close(at, done);
            if at.0.tell.contains(&Irregularity::Reset) && self.run >= at.0.after {
                let noted = Noted::Reset {
                    after: before,
                    at: number,
                };
                done.push(around(at.1, (&self.last.row, &next.row), noted, 1));
            }
            self.run = 0;
        } else if !follows && number > before + 1 {
            self.add_gap((before + 1, number - 1), &next, at);
            self.run = 0;
        } else {
            self.run += 1;
            self.longest = self.longest.max(self.run);
        }
        self.last = next;
    }

    fn repeat(&mut self, next: Numbered, rows: &Rows<'_>) {
        let last = &self.last.row;
        let (times, draft) = self.repeated.get_or_insert_with(|| {
            let mut draft = rows.draft(last.named.clone());
            rows.add(&mut draft, &last.fact, &last.tallies);
            (u64::from(last.fact.weight), draft)
        });
        *times += u64::from(next.row.fact.weight);
        rows.add(draft, &next.row.fact, &next.row.tallies);
    }

    fn end_of_repeats(&mut self, rule: &SequenceGap) -> Option<Draft> {
        let (times, mut draft) = self.repeated.take()?;
        let number = self.last.number;
        draft.noted = Some(Noted::Repeated { number, times });
        draft.measure = Measured::Count(times);
        let told = rule.tell.contains(&Irregularity::Duplicate) && self.run >= rule.after;
        told.then_some(draft)
    }

    fn add_gap(&mut self, (from, to): (u64, u64), next: &Numbered, (rule, rows): At<'_, '_>) {
        let noted = Noted::Missing { from, to };
        let gap = Gap {
            to,
            counts: self.run >= rule.after,
            draft: around(rows, (&self.last.row, &next.row), noted, to - from + 1),
        };
        self.gaps.insert(from, gap);
    }

    /// Takes a number that was missing out of its gap, which may fall into two.
    fn fill(&mut self, late: &Numbered, rows: &Rows<'_>) -> bool {
        let number = late.number;
        let found = self.gaps.range(..=number).next_back();
        let Some((from, to)) = found.map(|(from, gap)| (*from, gap.to)) else {
            return false;
        };
        if number > to {
            return false;
        }
        let Some(gap) = self.gaps.remove(&from) else {
            return false;
        };
        let parts = [(from, number.checked_sub(1)), (number + 1, Some(to))];
        for (from, to) in parts {
            let Some(to) = to.filter(|to| from <= *to) else {
                continue;
            };
            let mut draft = gap.draft.clone();
            draft.noted = Some(Noted::Missing { from, to });
            draft.measure = Measured::Count(to - from + 1);
            rows.add(&mut draft, &late.row.fact, &late.row.tallies);
            let counts = gap.counts;
            self.gaps.insert(from, Gap { to, counts, draft });
        }
        true
    }

    /// The count ends or begins anew: what is missing now will not come any more.
    fn close(&mut self, (rule, _): At<'_, '_>, done: &mut Vec<Draft>) {
        done.extend(self.end_of_repeats(rule));
        let gaps = std::mem::take(&mut self.gaps);
        if !rule.tell.contains(&Irregularity::Gap) {
            return;
        }
        let wide = |(from, gap): &(u64, Gap)| gap.counts && gap.to - from + 1 >= rule.at_least;
        let wide = gaps.into_iter().filter(wide);
        done.extend(wide.map(|(_, gap)| gap.draft));
    }
}

/// An alert on what lies between two records.
fn around(rows: &Rows<'_>, (before, after): (&Row, &Row), noted: Noted, measure: u64) -> Draft {
    let mut draft = rows.draft(before.named.clone());
    rows.add(&mut draft, &before.fact, &before.tallies);
    rows.add(&mut draft, &after.fact, &after.tallies);
    draft.noted = Some(noted);
    draft.measure = Measured::Count(measure);
    draft
}
