//! Texts that a log tells, in a form that is compared without looking at bytes.
//!
//! Takes a text; gives words that are the same for equal texts only, as long as it is short. Never
//! takes one text for another: longer ones are compared whole.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

const HASH: FixedState = FixedState::with_seed(0x6361_6e64_6c65_7321);

/// Bytes of the longest text whose words say all of it: addresses, ids and departments are
/// shorter.
const SHORT: usize = 32;

/// A text as words: its first and its last bytes, which overlap where it is shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    length: usize,
    words: [u64; 4],
}

impl Words {
    #[inline]
    pub(super) fn of(text: &str) -> Words {
        let bytes = text.as_bytes();
        let length = bytes.len();
        let words = match length {
            0 => [0; 4],
            1..4 => {
                let [a, b, c] = [0, length / 2, length - 1].map(|at| u64::from(bytes[at]));
                [a | b << 8 | c << 16, 0, 0, 0]
            }
            4..8 => [
                half(&bytes[..4]) | half(&bytes[length - 4..]) << 32,
                0,
                0,
                0,
            ],
            8..=16 => [first(bytes), last(bytes), 0, 0],
            17..=SHORT => {
                let (start, end) = (&bytes[8..], &bytes[..bytes.len() - 8]);
                [first(bytes), first(start), last(end), last(bytes)]
            }
            _ => [HASH.hash_one(bytes), first(bytes), last(bytes), 0],
        };
        Words { length, words }
    }

    /// True when there is no text with other bytes that has these words.
    fn says_all(&self) -> bool {
        self.length <= SHORT
    }

    #[inline]
    fn mixed_into(&self, hash: u64) -> u64 {
        if self.length == 0 {
            return hash.rotate_left(7);
        }
        let [a, b, c, d] = self.words;
        let one = (a ^ self.length as u64) ^ b.rotate_left(23);
        let other = c.rotate_left(41) ^ d.rotate_left(11);
        let mixed = (hash ^ one).wrapping_mul(super::SPREAD);
        (mixed ^ mixed >> 32 ^ other).wrapping_mul(super::SPREAD)
    }
}

/// Four bytes as a number.
#[inline]
fn half(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |chunk| u64::from(u32::from_le_bytes(*chunk)))
}

#[inline]
fn first(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

#[inline]
fn last(bytes: &[u8]) -> u64 {
    bytes
        .last_chunk()
        .map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// Some texts and what else decides, as they are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'t, const N: usize> {
    pub(super) texts: [&'t str; N],
    pub(super) marks: (u8, i64),
    words: [Words; N],
}

impl<'t, const N: usize> Told<'t, N> {
    #[inline]
    pub(super) fn new(texts: [&'t str; N], marks: (u8, i64)) -> Self {
        Told {
            texts,
            marks,
            words: texts.map(Words::of),
        }
    }

    /// A hash whose upper bits differ.
    #[inline]
    pub(super) fn hash(&self) -> u64 {
        let start = self.marks.1.cast_unsigned() << 8 | u64::from(self.marks.0);
        let words = self.words.iter();
        let hash = words.fold(start, |hash, words| words.mixed_into(hash));
        (hash ^ hash >> 29).wrapping_mul(super::SPREAD)
    }

    /// The same to be kept.
    pub(super) fn keep(&self) -> KeptTold<N> {
        let is_long = self.words.iter().any(|words| !words.says_all());
        KeptTold {
            marks: self.marks,
            words: self.words,
            long: is_long.then(|| Box::new(self.texts.map(Box::from))),
        }
    }
}

/// Texts that are kept to be known again.
#[derive(Clone, Debug)]
pub(super) struct KeptTold<const N: usize> {
    marks: (u8, i64),
    words: [Words; N],
    /// The texts, where words do not say all.
    long: Option<Box<[Box<str>; N]>>,
}

impl<const N: usize> KeptTold<N> {
    /// True when these are the same texts.
    #[inline]
    pub(super) fn is(&self, told: &Told<'_, N>) -> bool {
        self.words == told.words && self.marks == told.marks && self.is_long(told)
    }

    #[inline]
    fn is_long(&self, told: &Told<'_, N>) -> bool {
        self.long.as_ref().is_none_or(|long| {
            let mut pairs = long.iter().zip(told.texts);
            pairs.all(|(kept, text)| &**kept == text)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_the_same_where_their_bytes_are(
            one in prop::array::uniform2("[ab]{0,40}"),
            other in prop::array::uniform2("[ab]{0,40}"),
            at in 0usize..40,
            mark in 0u8..2,
        ) {
            let mut near = one.clone();
            if let Some(byte) = near[0].get(at..=at).map(|b| if b == "a" { "b" } else { "a" }) {
                near[0].replace_range(at..=at, byte);
            }
            let kept = Told::new([&*one[0], &*one[1]], (0, 7)).keep();
            for texts in [&one, &other, &near] {
                let told = Told::new([&*texts[0], &*texts[1]], (mark, 7));
                prop_assert_eq!(kept.is(&told), *texts == one && mark == 0);
            }
        }
    }
}
