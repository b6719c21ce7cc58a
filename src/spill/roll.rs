//! Rolls: which records an input told, hour by hour, as hashes.
//!
//! Takes a hash for each record; gives, for each input and hour, their number and a digest that
//! does not hang on their order, and the hashes themselves in order. Two inputs that told the same
//! records in an hour are known by the digest; only where digests differ are hashes compared.

use std::collections::BTreeMap;
use std::io;
use std::ops::{Range, RangeInclusive};

use super::mix;
use super::store::Bytes;

/// What is known at once of the records of one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourRoll {
    /// Number of records.
    pub count: u64,
    /// Sum of their mixed hashes.
    pub digest: u64,
}

impl HourRoll {
    /// Of these hashes, in any order.
    pub fn of(hashes: &[u64]) -> HourRoll {
        let mixed = hashes.iter().map(|hash| mix(*hash, *hash | 1));
        HourRoll {
            count: hashes.len() as u64,
            digest: mixed.fold(0, u64::wrapping_add),
        }
    }

    /// Of the records of both.
    #[must_use]
    pub fn and(self, other: HourRoll) -> HourRoll {
        HourRoll {
            count: self.count + other.count,
            digest: self.digest.wrapping_add(other.digest),
        }
    }
}

/// The rolls of all inputs of a run: in memory while they are small, else in a temporary file.
#[derive(Debug)]
pub struct Rolls {
    bytes: Bytes,
    /// By input and hour.
    hours: BTreeMap<(u32, i64), Kept>,
}

/// The records of an hour, and where their hashes lie.
type Kept = (HourRoll, Vec<Range<u64>>);

impl Rolls {
    /// None yet. Beyond `budget` bytes they go to a temporary file.
    pub fn new(budget: usize) -> Rolls {
        Rolls {
            bytes: Bytes::new(budget),
            hours: BTreeMap::new(),
        }
    }

    /// Adds records of an input and hour (hours since 1970).
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn add(&mut self, input: u32, hour: i64, hashes: &[u64]) -> io::Result<()> {
        let bytes = bytes_of(hashes);
        let at = self.bytes.append(&bytes)?;
        let (roll, places) = self.hours.entry((input, hour)).or_default();
        *roll = roll.and(HourRoll::of(hashes));
        match places.last_mut() {
            Some(last) if last.end == at && self.bytes.is_one(last.start, at) => {
                last.end += bytes.len() as u64;
            }
            _ => places.push(at..at + bytes.len() as u64),
        }
        Ok(())
    }

    /// Gives each input a number that is so much lower.
    pub fn renumber(&mut self, lower: u32) {
        let hours = std::mem::take(&mut self.hours).into_iter();
        let hours = hours.map(|((input, hour), kept)| ((input - lower, hour), kept));
        self.hours = hours.collect();
    }

    /// The hours of an input, in order.
    pub fn hours(&self, input: u32) -> impl Iterator<Item = (i64, HourRoll)> + '_ {
        let hours = self.hours.range((input, i64::MIN)..=(input, i64::MAX));
        hours.map(|((_, hour), (roll, _))| (*hour, *roll))
    }

    /// What is known at once of an hour of an input.
    pub fn hour(&self, input: u32, hour: i64) -> Option<HourRoll> {
        Some(self.hours.get(&(input, hour))?.0)
    }

    /// The hashes of an hour that lie in a range, in order.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn hashes(
        &self,
        (input, hour): (u32, i64),
        range: RangeInclusive<u64>,
    ) -> io::Result<Vec<u64>> {
        let places = self.hours.get(&(input, hour));
        let mut hashes = Vec::new();
        for place in places.iter().flat_map(|(_, places)| places) {
            let bytes = self.bytes.read(place.clone())?;
            let words: &[[u8; 8]] = bytes.as_chunks().0;
            let words = words.iter().map(|word| u64::from_le_bytes(*word));
            hashes.extend(words.filter(|hash| range.contains(hash)));
        }
        sort_hashes(&mut hashes);
        Ok(hashes)
    }

    /// The bytes of the hashes of an hour (the least byte of each first), in no order, in parts of
    /// at most so many hashes.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn parts(
        &self,
        (input, hour): (u32, i64),
        most: usize,
    ) -> impl Iterator<Item = io::Result<Vec<u8>>> + '_ {
        let places = self.hours.get(&(input, hour));
        let places = places.iter().flat_map(|(_, places)| places);
        parts_of(places, 8 * most.max(1) as u64)
            .into_iter()
            .map(|part| {
                let mut bytes = Vec::new();
                for place in part {
                    bytes.append(&mut self.bytes.read(place)?);
                }
                Ok(bytes)
            })
    }
}

/// Places cut and joined so that each part has so many bytes, but for the last.
fn parts_of<'p>(places: impl Iterator<Item = &'p Range<u64>>, most: u64) -> Vec<Vec<Range<u64>>> {
    let mut parts: Vec<Vec<Range<u64>>> = Vec::new();
    let mut room = 0;
    for place in places {
        let mut rest = place.clone();
        while !rest.is_empty() {
            if room == 0 {
                parts.push(Vec::new());
                room = most;
            }
            let end = rest.end.min(rest.start + room);
            room -= end - rest.start;
            if let Some(part) = parts.last_mut() {
                part.push(rest.start..end);
            }
            rest.start = end;
        }
    }
    parts
}

fn bytes_of(hashes: &[u64]) -> Vec<u8> {
    let mut bytes = vec![0; 8 * hashes.len()];
    let (words, _) = bytes.as_chunks_mut();
    let words = words.iter_mut().zip(hashes);
    words.for_each(|(word, hash)| *word = hash.to_le_bytes());
    bytes
}

/// Puts hashes in order. They are spread evenly as a rule, so that one pass brings nearly all to
/// their places; where somebody saw to it that they are not, it is an ordinary sort.
pub fn sort_hashes(hashes: &mut Vec<u64>) {
    let Some(bits) = (hashes.len() / FEW)
        .checked_ilog2()
        .filter(|bits| *bits > 0)
    else {
        return hashes.sort_unstable();
    };
    let bucket = |hash: u64| (hash >> (u64::BITS - bits)) as usize;
    let mut ends = vec![0usize; 1 << bits];
    hashes.iter().for_each(|hash| ends[bucket(*hash)] += 1);
    let mut next = 0;
    for end in &mut ends {
        next += std::mem::replace(end, next);
    }
    let mut sorted = vec![0; hashes.len()];
    for hash in hashes.iter() {
        let place = &mut ends[bucket(*hash)];
        sorted[*place] = *hash;
        *place += 1;
    }
    let mut first = 0;
    for end in ends {
        sorted[first..end].sort_unstable();
        first = end;
    }
    *hashes = sorted;
}

/// How many hashes a bucket holds as a rule.
const FEW: usize = 16;

/// Ranges that together hold all hashes, each about so many of `count` that were well mixed.
pub fn hash_ranges(count: u64, most: u64) -> impl Iterator<Item = RangeInclusive<u64>> {
    let parts = count.div_ceil(most.max(1)).max(1);
    let width = u64::MAX / parts;
    (0..parts).map(move |part| {
        let first = part * width;
        let last = if part + 1 == parts {
            u64::MAX
        } else {
            first + (width - 1)
        };
        first..=last
    })
}

/// How many hashes two ordered lists have in common, each as often as it stands in both.
pub fn in_common(one: &[u64], other: &[u64]) -> u64 {
    let (mut at, mut common) = (0, 0);
    for hash in one {
        while other.get(at).is_some_and(|other| other < hash) {
            at += 1;
        }
        if other.get(at) == Some(hash) {
            at += 1;
            common += 1;
        }
    }
    common
}

/// The hashes of two ordered lists, each as often as in the list that has it more often.
pub fn larger_of(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut all = Vec::with_capacity(one.len().max(other.len()));
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    loop {
        match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x == y => {
                all.extend(a.next());
                b.next();
            }
            (Some(x), Some(y)) if x < y => all.extend(a.next()),
            (Some(_), None) => all.extend(a.next()),
            (_, Some(_)) => all.extend(b.next()),
            (None, None) => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How often a hash stands in a list.
    fn times(list: &[u64], hash: u64) -> usize {
        list.iter().filter(|other| **other == hash).count()
    }

    proptest! {
        #[test]
        fn what_is_common_is_counted_one_by_one(
            one in prop::collection::vec(0u64..9, 0..30),
            other in prop::collection::vec(0u64..9, 0..30),
        ) {
            let ordered = |list: &[u64]| {
                let mut list = list.to_vec();
                list.sort_unstable();
                list
            };
            let (one, other) = (ordered(&one), ordered(&other));
            let least: usize = (0..9).map(|h| times(&one, h).min(times(&other, h))).sum();
            prop_assert_eq!(in_common(&one, &other), least as u64);
            let largest = larger_of(&one, &other);
            prop_assert!(largest.is_sorted());
            for hash in 0..9 {
                let expected = times(&one, hash).max(times(&other, hash));
                prop_assert_eq!(times(&largest, hash), expected);
            }
        }

        #[test]
        fn hashes_are_put_in_order(
            spread in prop::collection::vec(any::<u64>(), 0..300),
            crowded in prop::collection::vec(0u64..50, 0..300),
        ) {
            let mut all = [spread, crowded].concat();
            let mut expected = all.clone();
            expected.sort_unstable();
            sort_hashes(&mut all);
            prop_assert_eq!(all, expected);
        }

        #[test]
        fn rolls_do_not_hang_on_order_or_parts(
            hashes in prop::collection::vec(any::<u64>(), 1..50),
            cut in any::<prop::sample::Index>(),
            budget in 0usize..300,
            most in 1u64..20,
        ) {
            let cut = cut.index(hashes.len());
            let mut rolls = Rolls::new(budget);
            rolls.add(1, 7, &hashes[cut..]).unwrap();
            rolls.add(0, 7, &[1, 2]).unwrap();
            rolls.add(1, 7, &hashes[..cut]).unwrap();
            prop_assert_eq!(rolls.hour(1, 7), Some(HourRoll::of(&hashes)));
            let mut ordered = hashes.clone();
            ordered.sort_unstable();
            let ranges = hash_ranges(hashes.len() as u64, most);
            let parts: Vec<u64> = ranges
                .flat_map(|range| rolls.hashes((1, 7), range).unwrap())
                .collect();
            prop_assert_eq!(&parts, &ordered);
            let mut kept = Vec::new();
            for part in rolls.parts((1, 7), most as usize) {
                let part = part.unwrap();
                prop_assert!(part.len() <= 8 * most as usize);
                kept.extend(part.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
            }
            kept.sort_unstable();
            prop_assert_eq!(kept, ordered);
        }
    }
}
