//! Records that two inputs of one source tell alike.
//!
//! Takes facts that are equal in time, source and identity; gives those that count. Between inputs
//! that tell the same stretch of time alike, the number of equal records is the larger of the two;
//! where two inputs meet in exactly one second and differ there, a log was cut, and it is the sum
//! (design 8.1). So it is for inputs that lie in one stretch of time and hardly share a record:
//! parts of one file. Equal records of one input all count.

use std::collections::HashMap;
use std::ops::Range;

use super::Fact;
use crate::event::Edges;

/// Which input each segment is of, and where the inputs begin and end.
pub struct Origins {
    /// The input of a segment.
    input_of: Box<dyn Fn(u32) -> usize + Send + Sync>,
    /// First and last second of each input.
    edges: Vec<Option<Edges>>,
    /// For each input those of the same source that lie in the same time somewhere.
    beside: Vec<Vec<usize>>,
    /// For each pair of inputs (the lower number first) that both reach over some fact: how many
    /// different facts both tell, and how many each of them tells alone.
    shared: HashMap<(usize, usize), Shared>,
    /// Whether all facts of a stream (first) and an input are at hand; what is shared is looked
    /// for only where that holds.
    knows: Knows,
}

/// How much two inputs share: facts that both tell, and those that the lower or the higher number
/// tells alone.
#[derive(Clone, Copy, Debug, Default)]
struct Shared {
    both: u64,
    alone: [u64; 2],
}

/// Answers for a stream and an input.
type Knows = Box<dyn Fn(usize, usize) -> bool + Send + Sync>;

impl std::fmt::Debug for Origins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Origins({} inputs)", self.edges.len())
    }
}

/// A fact with its values.
pub(super) type Row = (Fact, Vec<u64>);

impl Origins {
    /// Nothing is known yet of what the inputs share. For each input its edges and the rank of
    /// its source.
    pub fn new(
        input_of: Box<dyn Fn(u32) -> usize + Send + Sync>,
        inputs: &[(Option<Edges>, u32)],
    ) -> Origins {
        let overlap = |one: usize, other: usize| match (inputs[one], inputs[other]) {
            ((Some(a), source), (Some(b), other)) => {
                source == other && a.first.0 <= b.last.0 && b.first.0 <= a.last.0
            }
            _ => false,
        };
        let all = 0..inputs.len();
        let beside = |one: usize| {
            let others = all.clone().filter(|other| *other != one);
            others.filter(|other| overlap(one, *other)).collect()
        };
        Origins {
            beside: all.clone().map(beside).collect(),
            input_of,
            edges: inputs.iter().map(|(edges, _)| *edges).collect(),
            shared: HashMap::new(),
            knows: Box::new(|_, _| true),
        }
    }

    /// Says of which streams (first) all facts of an input are at hand: where some were left out,
    /// that one input tells a fact alone means nothing.
    #[must_use]
    pub fn knowing(mut self, knows: impl Fn(usize, usize) -> bool + Send + Sync + 'static) -> Self {
        self.knows = Box::new(knows);
        self
    }

    /// True when some second may lie in several inputs of one source.
    pub(super) fn may_overlap(&self) -> bool {
        self.beside.iter().any(|beside| !beside.is_empty())
    }

    /// The stretches of time that lie in several inputs of one source, in order, not overlapping;
    /// nanoseconds since 1970.
    pub(super) fn shared_stretches(&self) -> Vec<Range<i64>> {
        let nanos = |second: i64| second.saturating_mul(crate::event::NANOS);
        let mut stretches: Vec<Range<i64>> = Vec::new();
        for (one, beside) in self.beside.iter().enumerate() {
            let both = beside
                .iter()
                .filter_map(|other| self.edges[one].zip(self.edges[*other]));
            stretches.extend(both.map(|(a, b)| {
                let last = a.last.0.min(b.last.0).saturating_add(1);
                nanos(a.first.0.max(b.first.0))..nanos(last)
            }));
        }
        stretches.sort_unstable_by_key(|stretch| (stretch.start, stretch.end));
        stretches.dedup_by(|next, before| {
            let joins = next.start <= before.end;
            if joins {
                before.end = before.end.max(next.end);
            }
            joins
        });
        stretches
    }

    /// Takes note of a fact of a stream, told by these segments.
    pub(super) fn note(&mut self, stream: usize, time: i64, segments: &[u32]) {
        let second = time.div_euclid(crate::event::NANOS);
        let mut telling: Vec<usize> = segments.iter().map(|s| (self.input_of)(*s)).collect();
        telling.sort_unstable();
        telling.dedup();
        telling.retain(|input| (self.knows)(stream, *input));
        let reaches = |input: &usize| {
            let edges = self.edges.get(*input).copied().flatten();
            let edges = edges.filter(|_| (self.knows)(stream, *input));
            edges.is_some_and(|e| (e.first.0..=e.last.0).contains(&second))
        };
        for one in &telling {
            for other in self.beside[*one].iter().filter(|other| reaches(other)) {
                let both = telling.contains(other);
                if both && other < one {
                    continue;
                }
                let pair = (*one.min(other), *one.max(other));
                let shared = self.shared.entry(pair).or_default();
                match both {
                    true => shared.both += 1,
                    false => shared.alone[usize::from(*one == pair.1)] += 1,
                }
            }
        }
    }

    /// True when two inputs are parts of one log, not two tellings of it: each tells as much alone
    /// as both tell. One that holds all the other tells is no part.
    pub fn are_parts(&self, one: usize, other: usize) -> bool {
        let pair = (one.min(other), one.max(other));
        let shared = self.shared.get(&pair).copied().unwrap_or_default();
        let alone = shared.alone[0].min(shared.alone[1]);
        alone > 0 && shared.both <= alone
    }

    /// Keeps of equal facts those that count, in their order.
    pub(super) fn keep(&self, equal: &mut Vec<Row>) {
        let mut inputs: Vec<usize> = Vec::new();
        let mut records: Vec<u64> = Vec::new();
        let mut last = None;
        for (fact, _) in equal.iter() {
            let input = (self.input_of)(fact.segment);
            let at = inputs.iter().position(|i| *i == input).unwrap_or_else(|| {
                inputs.push(input);
                records.push(0);
                inputs.len() - 1
            });
            // Several facts of one record are one.
            let place = Some((fact.segment, fact.offset));
            records[at] += u64::from(last != place);
            last = place;
        }
        let Some((fact, _)) = equal.first().filter(|_| inputs.len() > 1) else {
            return;
        };
        let second = fact.time.div_euclid(crate::event::NANOS);
        let kept = self.largest(&inputs, &records, second);
        equal.retain(|(fact, _)| kept.contains(&(self.input_of)(fact.segment)));
    }

    /// The inputs that together tell the most records; the first of equals.
    fn largest(&self, inputs: &[usize], records: &[u64], second: i64) -> Vec<usize> {
        let mut best: (u64, Vec<usize>) = (0, Vec::new());
        for (at, input) in inputs.iter().enumerate() {
            let beside = (0..inputs.len())
                .filter(|other| *other == at || self.add_up(*input, inputs[*other], second));
            let together: Vec<usize> = beside.collect();
            let sum = together.iter().map(|at| records[*at]).sum();
            if sum > best.0 {
                best = (sum, together.iter().map(|at| inputs[*at]).collect());
            }
        }
        best.1
    }

    /// True when records that two inputs tell alike in a second are different records.
    fn add_up(&self, one: usize, other: usize, second: i64) -> bool {
        self.are_parts(one, other) || self.is_seam(one, other, second)
    }

    /// True when one input ends and the other begins in this second, and they differ there.
    fn is_seam(&self, one: usize, other: usize, second: i64) -> bool {
        let (Some(Some(one)), Some(Some(other))) = (self.edges.get(one), self.edges.get(other))
        else {
            return false;
        };
        one.seam(other) == Some(second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts of one instant, so many of each input.
    fn equal(counts: &[u32]) -> Vec<Row> {
        let mut rows = Vec::new();
        for (input, count) in counts.iter().enumerate() {
            for offset in 0..*count {
                let fact = Fact {
                    segment: input as u32,
                    offset: i64::from(offset),
                    time: 7_000_000_000,
                    ..Fact::NONE
                };
                rows.push((fact, Vec::new()));
            }
        }
        rows
    }

    fn kept(counts: &[u32], edges: &[Option<Edges>]) -> usize {
        let inputs: Vec<_> = edges.iter().map(|edges| (*edges, 0)).collect();
        let origins = Origins::new(Box::new(|segment| segment as usize), &inputs);
        let mut rows = equal(counts);
        origins.keep(&mut rows);
        rows.len()
    }

    #[test]
    fn overlaps_take_the_larger_and_seams_the_sum() {
        let spans = |first: i64, last: i64, digest: u64| {
            Some(Edges {
                first: (first, digest),
                last: (last, digest),
            })
        };
        assert_eq!(kept(&[3], &[None]), 3);
        assert_eq!(kept(&[3, 2], &[spans(0, 9, 1), spans(5, 20, 2)]), 3);
        assert_eq!(kept(&[2, 3], &[spans(0, 7, 1), spans(7, 20, 2)]), 5);
        assert_eq!(kept(&[3, 3], &[spans(0, 7, 1), spans(7, 20, 1)]), 3);
        assert_eq!(
            kept(
                &[1, 4, 2],
                &[spans(0, 9, 1), spans(7, 20, 2), spans(0, 7, 3)]
            ),
            6
        );
    }

    #[test]
    fn inputs_that_share_little_are_parts() {
        let all_day = Some(Edges {
            first: (0, 1),
            last: (99, 2),
        });
        let mut origins = Origins::new(Box::new(|s| s as usize), &[(all_day, 0); 2]);
        origins.note(0, 5_000_000_000, &[0]);
        origins.note(0, 7_000_000_000, &[0, 1]);
        let mut rows = equal(&[2, 3]);
        origins.keep(&mut rows);
        assert_eq!(rows.len(), 3, "as many are shared as are not");
        origins.note(0, 9_000_000_000, &[1]);
        let mut rows = equal(&[2, 3]);
        origins.keep(&mut rows);
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn what_inputs_share_is_looked_for_where_they_overlap() {
        let edges = |first, last| {
            Some(Edges {
                first: (first, 1),
                last: (last, 2),
            })
        };
        let inputs = [(0, 9), (5, 12), (11, 15), (20, 21), (9, 10)];
        let inputs: Vec<_> = inputs.iter().map(|(a, b)| (edges(*a, *b), 0)).collect();
        let origins = Origins::new(Box::new(|s| s as usize), &inputs);
        let stretches = origins.shared_stretches();
        let seconds = stretches.iter().map(|s| (s.start, s.end));
        let seconds: Vec<_> = seconds.collect();
        assert_eq!(seconds, [(5_000_000_000, 13_000_000_000)]);
    }

    #[test]
    fn one_that_holds_all_of_another_is_no_part() {
        let all_day = Some(Edges {
            first: (0, 1),
            last: (99, 2),
        });
        let mut origins = Origins::new(Box::new(|s| s as usize), &[(all_day, 0); 2]);
        for second in 1..9 {
            let segments: &[u32] = if second == 4 { &[0, 1] } else { &[0] };
            origins.note(0, second * 1_000_000_000, segments);
        }
        let mut rows = equal(&[2, 3]);
        origins.keep(&mut rows);
        assert_eq!(rows.len(), 3, "the other tells nothing alone");
    }

    #[test]
    fn streams_that_are_not_at_hand_tell_nothing() {
        let all_day = Some(Edges {
            first: (0, 1),
            last: (99, 2),
        });
        let origins = Origins::new(Box::new(|s| s as usize), &[(all_day, 0); 2]);
        let mut origins = origins.knowing(|stream, input| (stream, input) != (4, 1));
        origins.note(0, 5_000_000_000, &[0, 1]);
        origins.note(4, 6_000_000_000, &[0]);
        origins.note(4, 7_000_000_000, &[0]);
        let mut rows = equal(&[2, 3]);
        origins.keep(&mut rows);
        assert_eq!(rows.len(), 3, "they still share what both tell");
    }

    #[test]
    fn facts_of_one_record_are_one() {
        let mut rows = equal(&[2, 1]);
        rows.insert(0, rows[0].clone());
        let origins = Origins::new(Box::new(|s| s as usize), &[(None, 0); 2]);
        origins.keep(&mut rows);
        assert_eq!(rows.len(), 3);
    }
}
