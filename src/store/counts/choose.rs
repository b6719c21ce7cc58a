//! Which inputs count in an hour that several of one source tell.
//!
//! Takes what each of them tells; gives those that count. What tells the same as another counts
//! once, different parts of a log count all; of what overlaps in part the larger one counts, and
//! that is said.

use std::cmp::Reverse;

use super::hour::HourCount;
use super::likeness::Relation;

/// One telling of an hour.
pub(super) struct Telling<'c> {
    /// Number of the input.
    pub(super) input: i64,
    /// The run that read it last.
    pub(super) run: i64,
    pub(super) count: &'c HourCount,
}

/// What became of the tellings of an hour, by their places.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// They count.
    pub(super) kept: Vec<usize>,
    /// Another one tells their records; which one.
    pub(super) doubled: Vec<(usize, usize)>,
    /// They share some records with one that counts, and nobody can say which.
    pub(super) left_out: Vec<usize>,
}

/// Chooses; the answer does not depend on the order of the tellings.
pub(super) fn choose(tellings: &[Telling<'_>]) -> Chosen {
    let mut order: Vec<usize> = (0..tellings.len()).collect();
    order.sort_by_key(|at| {
        let Telling { input, run, count } = &tellings[*at];
        let likeness = &count.likeness;
        // Of equal ones the latest reading: it was judged by the latest plan.
        (
            Reverse(likeness.count),
            likeness.digest,
            Reverse((*run, *input)),
        )
    });
    let mut chosen = Chosen::default();
    for at in order {
        let likeness = &tellings[at].count.likeness;
        let mut is_partly = false;
        let mut within = None;
        for kept in &chosen.kept {
            match likeness.relation(&tellings[*kept].count.likeness) {
                Relation::Within => within = within.or(Some(*kept)),
                Relation::Partly => is_partly = true,
                Relation::Apart => {}
            }
        }
        match within {
            Some(kept) => chosen.doubled.push((at, kept)),
            None if is_partly => chosen.left_out.push(at),
            None => chosen.kept.push(at),
        }
    }
    chosen
}
