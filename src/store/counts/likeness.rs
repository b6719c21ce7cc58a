//! Whether two inputs tell the same records of an hour, told from little.
//!
//! Takes hashes of records' identities; gives a digest over all of them, whatever their order, and
//! a sample by which two such multisets are compared. Never keeps a record.

/// How many hashes of an hour are kept as a sample.
const SAMPLE: usize = 32;
/// Sampled records that two inputs share by chance while they are parts of one log: one in so many.
const CHANCE: usize = 8;
/// A second: how far the ends of two parts of one log may reach into each other.
const SEAM: i64 = 1_000_000_000;

/// A multiset of records: how many, a digest, the smallest hashes, and from when to when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Records.
    pub count: u64,
    /// Sum over the mixed hashes.
    pub digest: u64,
    /// First and last event time, nanoseconds since 1970.
    pub span: Option<(i64, i64)>,
    /// The smallest different hashes, in their order: all of them when they are fewer than 32.
    pub(super) sample: Vec<u64>,
}

/// What two multisets of records are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// The same records, or those of one are among those of the other.
    Within,
    /// Different records.
    Apart,
    /// Some records are the same, some are not.
    Partly,
}

impl Likeness {
    /// Adds a record's hash.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        self.count += 1;
        self.digest = self.digest.wrapping_add(mixed(hash));
        let is_small = self.sample.len() < SAMPLE || self.sample.last().is_some_and(|l| hash < *l);
        if is_small {
            self.sample_one(hash);
        }
    }

    fn sample_one(&mut self, hash: u64) {
        if let Err(at) = self.sample.binary_search(&hash) {
            self.sample.insert(at, hash);
            self.sample.truncate(SAMPLE);
        }
    }

    /// Takes note of when an event happened.
    #[inline]
    pub fn reach(&mut self, nanos: i64) {
        self.span = Some(match self.span {
            None => (nanos, nanos),
            Some((first, last)) => (first.min(nanos), last.max(nanos)),
        });
    }

    /// Adds other records. The order of adding does not matter.
    pub fn merge(&mut self, other: &Likeness) {
        self.count += other.count;
        self.digest = self.digest.wrapping_add(other.digest);
        if let Some((first, last)) = other.span {
            self.reach(first);
            self.reach(last);
        }
        for hash in &other.sample {
            self.sample_one(*hash);
        }
    }

    /// What these records are to others.
    pub(super) fn relation(&self, other: &Likeness) -> Relation {
        let is_same = (self.count, self.digest) == (other.count, other.digest);
        if is_same && self.count > 0 {
            return Relation::Within;
        }
        if self.is_beside(other) {
            return Relation::Apart;
        }
        if self.count == 0 {
            return Relation::Within;
        }
        // Up to the smaller of the greatest hashes, each sample holds all there are.
        let limit = self.limit().min(other.limit());
        let below = |sample: &[u64]| sample.partition_point(|hash| *hash <= limit);
        let own = &self.sample[..below(&self.sample)];
        let others = &other.sample[..below(&other.sample)];
        let shared = own.iter().filter(|h| others.binary_search(h).is_ok());
        let shared = shared.count();
        let fewer = own.len().min(others.len());
        if shared == fewer && shared > 0 {
            Relation::Within
        } else if shared * CHANCE < fewer.max(1) {
            Relation::Apart
        } else {
            Relation::Partly
        }
    }

    fn limit(&self) -> u64 {
        match self.sample.len() {
            SAMPLE => self.sample[SAMPLE - 1],
            _ => u64::MAX,
        }
    }

    /// True when one ends before the other begins, or within the same second.
    fn is_beside(&self, other: &Likeness) -> bool {
        let (Some(one), Some(other)) = (self.span, other.span) else {
            return false;
        };
        let common = one.1.min(other.1).saturating_sub(one.0.max(other.0));
        let is_longer = |span: (i64, i64)| span.1.saturating_sub(span.0) > SEAM;
        common < 0 || common < SEAM && is_longer(one) && is_longer(other)
    }
}

/// Spreads a hash so that sums of equal bits do not cancel out.
#[inline]
fn mixed(hash: u64) -> u64 {
    hash.wrapping_mul(hash | 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hash(number: u64) -> u64 {
        mixed(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Records one a second, each its own.
    fn records(numbers: impl Iterator<Item = u64>) -> Likeness {
        let mut likeness = Likeness::default();
        for number in numbers {
            likeness.add(hash(number));
            likeness.reach(number as i64 * SEAM);
        }
        likeness
    }

    #[test]
    fn copies_parts_and_overlaps_are_told_apart() {
        let hour = records(0..3_600);
        assert_eq!(hour.relation(&records(0..3_600)), Relation::Within);
        assert_eq!(hour.relation(&records(0..1_800)), Relation::Within);
        assert_eq!(records(0..3).relation(&hour), Relation::Within);
        let parts = (records(0..1_800), records(1_800..3_600));
        assert_eq!(parts.0.relation(&parts.1), Relation::Apart);
        let overlap = (records(0..2_400), records(1_200..3_600));
        assert_eq!(overlap.0.relation(&overlap.1), Relation::Partly);
        let two_servers = (
            records((0..3_600).step_by(2)),
            records((1..3_600).step_by(2)),
        );
        assert_eq!(two_servers.0.relation(&two_servers.1), Relation::Apart);
    }

    #[test]
    fn a_log_that_was_cut_within_a_second_is_two_parts() {
        let (mut before, mut after) = (records(0..10), records(10..20));
        for part in [&mut before, &mut after] {
            part.add(hash(99));
            part.reach(10 * SEAM - 1);
        }
        assert_eq!(before.relation(&after), Relation::Apart);
    }

    proptest! {
        #[test]
        fn merging_parts_is_adding_all(numbers in prop::collection::vec(0u64..200, 0..300), cut in 0usize..300) {
            let cut = cut.min(numbers.len());
            let mut parts = records(numbers[cut..].iter().copied());
            parts.merge(&records(numbers[..cut].iter().copied()));
            prop_assert_eq!(parts, records(numbers.into_iter()));
        }
    }
}
