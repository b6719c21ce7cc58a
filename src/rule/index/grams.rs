//! All longer texts that are watched for, found in one pass over a value.
//!
//! Takes texts with the entries filed under them; gives, for a folded value, the entries whose
//! text stands in it. Each text is known by four of its bytes in a row, those that the fewest
//! others share; a value is looked at four bytes at a time, by one bit each, and texts are
//! compared only where that bit is set. Unlike an automaton, no step waits for the one before, so
//! that thousands of texts cost hardly more than ten.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::scratch::{Finds, Scratch};

/// Bytes by which a text is known; shorter ones cannot be watched for here.
pub(super) const GRAM: usize = 4;

/// Bits for each text, so that one place in thirty, at most, is looked at for nothing.
const BITS: usize = 32;
/// Fewest and most bits, as powers of two: 512 bytes and 128 KiB.
const SIZES: (u32, u32) = (12, 20);

/// The longer texts of all fields.
#[derive(Debug, Default)]
pub(super) struct Grams {
    texts: Vec<Text>,
    /// A bit for each hash of a gram by which a text is known.
    bits: Vec<u64>,
    /// How far a hash is shifted to number a bit.
    bit_shift: u32,
    /// For each bucket of hashes, where its handles begin; one more at the end.
    buckets: Vec<u32>,
    /// How far a hash is shifted to number a bucket.
    bucket_shift: u32,
    handles: Vec<Handle>,
}

#[derive(Debug)]
struct Text {
    bytes: Box<[u8]>,
    /// The entries it calls up.
    called: Vec<u32>,
}

/// A gram by which a text is known.
#[derive(Clone, Copy, Debug)]
struct Handle {
    gram: u32,
    text: u32,
    /// Where in the text the gram stands.
    at: u32,
}

impl Grams {
    /// Compiles texts, each of at least [`GRAM`] bytes.
    pub(super) fn new(texts: BTreeMap<Box<str>, Vec<u32>>) -> Grams {
        let texts: Vec<Text> = texts
            .into_iter()
            .map(|(text, called)| Text {
                bytes: text.into_boxed_bytes(),
                called,
            })
            .collect();
        let wanted = (texts.len() * BITS).next_power_of_two().trailing_zeros();
        let size = wanted.clamp(SIZES.0, SIZES.1);
        let bucket_size = size - BITS.trailing_zeros();
        let mut grams = Grams {
            bits: vec![0; 1 << (size - 6)],
            bit_shift: u32::BITS - size,
            bucket_shift: u32::BITS - bucket_size,
            ..Grams::default()
        };
        let mut handles = handles(&texts);
        handles.sort_by_key(|handle| hash(handle.gram) >> grams.bucket_shift);
        for handle in &handles {
            let bit = hash(handle.gram) >> grams.bit_shift;
            grams.bits[bit as usize / 64] |= 1 << (bit % 64);
        }
        let begins = |bucket: u32| {
            handles.partition_point(|h| hash(h.gram) >> grams.bucket_shift < bucket) as u32
        };
        grams.buckets = (0..=1 << bucket_size).map(begins).collect();
        grams.handles = handles;
        grams.texts = texts;
        grams
    }

    /// The number of texts.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Adds the entries whose text stands in a value.
    #[inline]
    pub(super) fn sift(&self, value: &str, finds: &mut Finds<'_>, scratch: &mut Scratch) {
        if value.len() < GRAM || scratch.is_barren(value) {
            return;
        }
        let mut folded = scratch.fold(value);
        let bytes = folded.as_bytes();
        let mut shown = false;
        for (at, window) in bytes.windows(GRAM).enumerate() {
            let gram = gram(window);
            let bit = hash(gram) >> self.bit_shift;
            if self.bits[bit as usize / 64] & 1 << (bit % 64) != 0 {
                shown |= self.compare((gram, at), bytes, finds, scratch);
            }
        }
        scratch.give_back(&mut folded);
        if !shown {
            scratch.remember_barren(value);
        }
    }

    /// Compares the texts known by a gram with the value around it; true when one stands there.
    #[inline(never)]
    fn compare(
        &self,
        (gram, at): (u32, usize),
        bytes: &[u8],
        finds: &mut Finds<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        let bucket = (hash(gram) >> self.bucket_shift) as usize;
        let (from, to) = (self.buckets[bucket], self.buckets[bucket + 1]);
        let mut shown = false;
        for handle in &self.handles[from as usize..to as usize] {
            if handle.gram != gram {
                continue;
            }
            let text = &self.texts[handle.text as usize];
            let around = at.checked_sub(handle.at as usize);
            if !around.is_some_and(|from| bytes[from..].starts_with(&text.bytes)) {
                continue;
            }
            shown = true;
            if scratch.is_new(handle.text) {
                finds.found.insert_gated(&text.called, finds.gate);
            }
        }
        shown
    }
}

/// The handle of each text: of its grams, the last of those that the fewest texts share.
fn handles(texts: &[Text]) -> Vec<Handle> {
    let places = |text: &Text| 0..=text.bytes.len() - GRAM;
    let mut shared: HashMap<u32, u32, FixedState> = HashMap::default();
    for text in texts {
        for at in places(text) {
            *shared.entry(gram(&text.bytes[at..])).or_default() += 1;
        }
    }
    let handle = |(number, text): (u32, &Text)| {
        let rarest = places(text)
            .rev()
            .min_by_key(|at| shared.get(&gram(&text.bytes[*at..])))?;
        Some(Handle {
            gram: gram(&text.bytes[rarest..]),
            text: number,
            at: rarest as u32,
        })
    };
    (0..).zip(texts).filter_map(handle).collect()
}

/// The first four bytes.
#[inline]
fn gram(bytes: &[u8]) -> u32 {
    let first = bytes.first_chunk().copied();
    u32::from_le_bytes(first.unwrap_or_default())
}

/// Spreads a gram over all bits, the upper ones best (Knuth's multiplicative hash).
#[inline]
fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bits::Bits;
    use super::*;

    fn found(texts: &[&str], value: &str) -> Vec<usize> {
        let filed = texts.iter().zip(0..);
        let filed: BTreeMap<Box<str>, Vec<u32>> =
            filed.map(|(text, at)| ((*text).into(), vec![at])).collect();
        let grams = Grams::new(filed);
        let (mut gate, mut found) = (Bits::new(texts.len()), Bits::new(texts.len()));
        (0..texts.len() as u32).for_each(|at| gate.insert(at));
        let mut scratch = Scratch::new(grams.len());
        scratch.next_event();
        let mut finds = Finds {
            gate: &gate,
            found: &mut found,
        };
        grams.sift(value, &mut finds, &mut scratch);
        found.iter().collect()
    }

    #[test]
    fn texts_are_found_at_both_ends_and_over_each_other() {
        let texts = ["abcd", "bcde", "abcdefgh", "efgh", "漢字"];
        assert_eq!(found(&texts, "ABCDEFGH漢字"), [0, 1, 2, 3, 4]);
        assert_eq!(found(&texts, "xbcde"), [1]);
        assert!(found(&texts, "abc").is_empty() && found(&texts, "").is_empty());
        assert!(found(&[], "abcdefgh").is_empty());
    }

    #[test]
    fn what_shows_nothing_once_shows_nothing_again_and_nothing_else_does() {
        let filed = BTreeMap::from([("abcd".into(), vec![0])]);
        let grams = Grams::new(filed);
        let (mut gate, mut scratch) = (Bits::new(1), Scratch::new(1));
        gate.insert(0);
        let mut found = |value: &str| {
            scratch.next_event();
            let mut found = Bits::new(1);
            let mut finds = Finds {
                gate: &gate,
                found: &mut found,
            };
            grams.sift(value, &mut finds, &mut scratch);
            found.iter().count()
        };
        for _ in 0..3 {
            for length in 4..40 {
                let barren = "abc".repeat(length)[..length].to_owned();
                let shows = format!("{}abcd", &barren[4..]);
                assert_eq!((found(&barren), found(&shows)), (0, 1), "{barren} {shows}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_that_stands_in_a_value_is_found(
            texts in prop::collection::btree_set("[ab漢]{4,9}", 1..60),
            value in "[abAB漢]{0,40}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let folded = value.to_ascii_lowercase();
            let stands = |at: &usize| folded.contains(texts[*at]);
            let expected: Vec<usize> = (0..texts.len()).filter(stands).collect();
            prop_assert_eq!(found(&texts, &value), expected);
        }
    }
}
