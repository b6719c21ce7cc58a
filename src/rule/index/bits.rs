//! Sets of small numbers, kept as bits.
//!
//! Takes numbers below a size fixed at the beginning; gives them back ascending. Never grows.

/// A set of numbers below its size.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set of numbers below `size`.
    pub(super) fn new(size: usize) -> Bits {
        Bits(vec![0; size.div_ceil(64)])
    }

    /// Puts a number in, which must be below the size.
    pub(super) fn insert(&mut self, number: u32) {
        let (word, bit) = place(number);
        self.0[word] |= bit;
    }

    /// Puts those numbers in that `gate` holds.
    #[inline]
    pub(super) fn insert_gated(&mut self, numbers: &[u32], gate: &Bits) {
        for number in numbers {
            let (word, bit) = place(*number);
            self.0[word] |= bit & gate.0[word];
        }
    }

    /// Becomes equal to another set of the same size, in place.
    #[inline]
    pub(super) fn copy(&mut self, other: &Bits) {
        self.0.clone_from(&other.0);
    }

    /// The numbers in both sets.
    pub(super) fn both(&self, other: &Bits) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// True when the sets share a number.
    pub(super) fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// The numbers, ascending.
    pub(super) fn iter(&self) -> Numbers<'_> {
        Numbers {
            words: self.0.iter(),
            word: 0,
            behind: 0,
        }
    }
}

/// The numbers of a set, ascending.
pub(super) struct Numbers<'b> {
    words: std::slice::Iter<'b, u64>,
    /// What is left of the word at hand.
    word: u64,
    /// The number behind the last of that word.
    behind: usize,
}

impl Iterator for Numbers<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.word = *self.words.next()?;
            self.behind += 64;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.behind - 64 + bit)
    }
}

#[inline]
fn place(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_ascending_and_gated() {
        let mut gate = Bits::new(130);
        [129, 3, 64].into_iter().for_each(|n| gate.insert(n));
        assert_eq!(gate.iter().collect::<Vec<_>>(), [3, 64, 129]);
        let mut found = Bits::new(130);
        found.insert_gated(&[3, 4, 129], &gate);
        assert_eq!(found.iter().collect::<Vec<_>>(), [3, 129]);
        assert!(found.meets(&gate) && found.both(&gate).iter().count() == 2);
        found.copy(&Bits::new(130));
        assert!(!found.meets(&gate) && Bits::new(0).iter().next().is_none());
    }
}
