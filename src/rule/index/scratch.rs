//! Room that is kept from event to event.
//!
//! Takes values, gives them folded; remembers which texts the event has shown already.

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
}

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
