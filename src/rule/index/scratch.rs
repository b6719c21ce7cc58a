//! Room that is kept from event to event.
//!
//! Takes values, gives them folded; remembers which texts the event has shown already, and short
//! values that show none. Never grows with what it is given.

use super::super::matcher::fold_into;
use super::bits::Bits;

/// A value longer than this does not keep its room once it was folded.
const KEPT: usize = 64 << 10;

/// Room for one value at a time.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    folded: String,
    /// For each text watched for, the event that showed it last: a text that stands in a value a
    /// thousand times calls up its entries once.
    stamps: Vec<u32>,
    event: u32,
    /// Short values in which no text stood, each at the place its bytes lead to: the few words a
    /// format makes up itself come in every event.
    barren: Vec<Packed>,
}

/// A value of up to [`SHORT`] bytes: its bytes and its length.
type Packed = (u128, usize);

/// Longest value that is remembered.
const SHORT: usize = 16;
/// Values remembered, as a power of two.
const BARREN: u32 = 8;

/// The entries found so far, and those that may be found at all.
pub(super) struct Finds<'s> {
    pub(super) gate: &'s Bits,
    pub(super) found: &'s mut Bits,
}

impl Scratch {
    /// Room for so many texts.
    pub(super) fn new(texts: usize) -> Scratch {
        Scratch {
            folded: String::new(),
            stamps: vec![0; texts],
            event: 0,
            barren: vec![(0, 0); 1 << BARREN],
        }
    }

    /// True when no text stands in a value, as it was found before.
    #[inline]
    pub(super) fn is_barren(&self, value: &str) -> bool {
        pack(value).is_some_and(|packed| self.barren[home(packed)] == packed)
    }

    /// Remembers that no text stands in a value.
    pub(super) fn remember_barren(&mut self, value: &str) {
        if let Some(packed) = pack(value) {
            self.barren[home(packed)] = packed;
        }
    }

    /// Begins with the next event.
    #[inline]
    pub(super) fn next_event(&mut self) {
        self.event = self.event.wrapping_add(1);
        if self.event == 0 {
            self.stamps.fill(0);
            self.event = 1;
        }
    }

    /// True once an event for each text.
    #[inline]
    pub(super) fn is_new(&mut self, text: u32) -> bool {
        let stamp = &mut self.stamps[text as usize];
        let new = *stamp != self.event;
        *stamp = self.event;
        new
    }

    /// The value folded, in room that is to be given back.
    #[inline]
    pub(super) fn fold(&mut self, value: &str) -> String {
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        fold_into(value, &mut folded);
        folded
    }

    /// Takes the room of a folded value back.
    #[inline]
    pub(super) fn give_back(&mut self, folded: &mut String) {
        if folded.capacity() <= KEPT {
            self.folded = std::mem::take(folded);
        }
    }
}

/// A short value in one number.
#[inline]
fn pack(value: &str) -> Option<Packed> {
    let mut bytes = [0; SHORT];
    bytes
        .get_mut(..value.len())?
        .copy_from_slice(value.as_bytes());
    Some((u128::from_le_bytes(bytes), value.len()))
}

/// Where a value is remembered.
#[inline]
fn home((bytes, length): Packed) -> usize {
    let mixed = (bytes as u64) ^ (bytes >> 64) as u64 ^ length as u64;
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - BARREN)) as usize
}
