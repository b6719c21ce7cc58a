//! Values in order, with the value of any rank at hand: what a median needs of a sliding window.
//!
//! Takes encoded numbers with weights, in and out in any order. They stand in runs of bounded
//! length, so that a step costs a search, a shift within one run and a walk over the runs' totals.

/// Most different values of a run; a run beyond it is cut in two.
const MOST: usize = 512;

/// A sorted multiset.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranks {
    runs: Vec<Run>,
    total: u64,
}

#[derive(Clone, Debug, Default)]
struct Run {
    /// Values and how often each is there, ascending; never empty.
    values: Vec<(u64, u64)>,
    total: u64,
}

impl Ranks {
    /// How many values there are, repeats counted.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Adds a value so many times.
    pub(super) fn insert(&mut self, value: u64, times: u64) {
        self.total += times;
        if self.runs.is_empty() {
            self.runs.push(Run::default());
        }
        let at = self.run_of(value);
        let run = &mut self.runs[at];
        run.total += times;
        match run.values.binary_search_by_key(&value, |(v, _)| *v) {
            Ok(found) => run.values[found].1 += times,
            Err(place) => run.values.insert(place, (value, times)),
        }
        if run.values.len() > MOST {
            let upper = run.values.split_off(MOST / 2);
            let total = upper.iter().map(|(_, n)| n).sum();
            run.total -= total;
            let values = upper;
            self.runs.insert(at + 1, Run { values, total });
        }
    }

    /// Takes a value out so many times; it was added as often.
    pub(super) fn remove(&mut self, value: u64, times: u64) {
        let at = self.run_of(value);
        let Some(run) = self.runs.get_mut(at) else {
            return;
        };
        if let Ok(found) = run.values.binary_search_by_key(&value, |(v, _)| *v) {
            run.values[found].1 -= times;
            run.total -= times;
            self.total -= times;
            if run.values[found].1 == 0 {
                run.values.remove(found);
            }
        }
        if run.values.is_empty() {
            self.runs.remove(at);
        } else if run.values.len() < MOST / 8 {
            self.join(at);
        }
    }

    /// Joins a small run with the next where both fit, so that there are never many small ones.
    fn join(&mut self, at: usize) {
        let next = self.runs.get(at + 1).map_or(MOST, |r| r.values.len());
        if self.runs[at].values.len() + next <= MOST / 2 {
            let next = self.runs.remove(at + 1);
            self.runs[at].values.extend(next.values);
            self.runs[at].total += next.total;
        }
    }

    /// The run in which a value stands or would stand.
    fn run_of(&self, value: u64) -> usize {
        let begins_after = |run: &Run| run.values.first().is_some_and(|(v, _)| *v <= value);
        self.runs.partition_point(begins_after).saturating_sub(1)
    }

    /// The value of a rank, from 0; `None` beyond the last.
    pub(super) fn nth(&self, mut rank: u64) -> Option<u64> {
        for run in &self.runs {
            if rank >= run.total {
                rank -= run.total;
                continue;
            }
            for (value, times) in &run.values {
                if rank < *times {
                    return Some(*value);
                }
                rank -= times;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_are_those_of_a_sorted_list(steps in prop::collection::vec((0u64..40, 1u64..4, any::<bool>()), 1..200)) {
            let mut ranks = Ranks::default();
            let mut list: Vec<u64> = Vec::new();
            for (value, times, out) in steps {
                let there = list.iter().filter(|v| **v == value).count() as u64;
                if out && there >= times {
                    ranks.remove(value, times);
                    for _ in 0..times {
                        let at = list.iter().position(|v| *v == value).expect("counted");
                        list.remove(at);
                    }
                } else {
                    ranks.insert(value, times);
                    list.extend((0..times).map(|_| value));
                    list.sort_unstable();
                }
                prop_assert_eq!(ranks.total(), list.len() as u64);
                for (rank, value) in list.iter().enumerate() {
                    prop_assert_eq!(ranks.nth(rank as u64), Some(*value));
                }
                prop_assert_eq!(ranks.nth(list.len() as u64), None);
            }
        }
    }

    /// What one step costs is bounded by the length of a run and the number of runs; both stay
    /// small however many values go through.
    #[test]
    fn runs_stay_short_and_few() {
        let mut ranks = Ranks::default();
        let scattered = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut most = 0;
        for i in 0..200_000 {
            ranks.insert(scattered(i), 1);
            if i >= 100_000 {
                ranks.remove(scattered(i - 100_000), 1);
            }
            most = most.max(ranks.runs.len());
        }
        assert_eq!(ranks.total(), 100_000);
        assert!(ranks.runs.iter().all(|r| r.values.len() <= MOST));
        assert!(most <= 100_001 / (MOST / 8), "{most} runs");
        for i in 100_000..199_990 {
            ranks.remove(scattered(i), 1);
        }
        assert_eq!(ranks.total(), 10);
        assert!(ranks.runs.len() <= 10);
    }
}
