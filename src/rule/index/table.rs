//! The signs watched in one field that are too short for [`super::grams`], its presence, and whole
//! values of a field that is worked out.
//!
//! Takes signs with the entries filed under them; asked with a value of the field, gives the
//! entries whose sign is in it. Works on folded text only.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::automaton::Automaton;
use aho_corasick::{Anchored, MatchKind, StartKind, dfa::DFA};
use foldhash::fast::FixedState;

use super::bits::Bits;
use super::scratch::{Finds, Scratch};

/// Signs being collected for one field.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Entries called up by any value.
    pub(super) present: Vec<u32>,
    /// Entries called up by exactly this folded value.
    pub(super) whole: BTreeMap<Box<str>, Vec<u32>>,
    /// Entries called up by a folded value that holds this, which is short.
    pub(super) inside: BTreeMap<Box<str>, Vec<u32>>,
    /// Entries filed under longer texts, which are found elsewhere.
    pub(super) long: Vec<u32>,
}

/// The signs watched in one field.
#[derive(Debug)]
pub(super) struct Table {
    present: Vec<u32>,
    whole: HashMap<Box<str>, Vec<u32>, FixedState>,
    /// Longest value, in bytes, that can fold to one of them: folding makes no character more than
    /// three times shorter.
    longest: usize,
    search: Option<Search>,
    /// Entries that are found here.
    short: Bits,
    /// Entries that are found by longer texts in this field.
    long: Bits,
}

/// Finds all short texts of a field in one pass.
#[derive(Debug)]
struct Search {
    automaton: DFA,
    /// The entries of each text.
    called: Vec<Vec<u32>>,
}

impl Draft {
    /// Compiles the signs of so many entries.
    pub(super) fn finish(mut self, entries: usize) -> Table {
        let search = Search::new(&self.inside);
        if search.is_none() {
            self.present.extend(self.inside.values().flatten());
        }
        let mut short = Bits::new(entries);
        let texts = self.whole.values().chain(self.inside.values());
        let numbers = texts.flatten().chain(&self.present);
        numbers.for_each(|entry| short.insert(*entry));
        let mut long = Bits::new(entries);
        self.long.iter().for_each(|entry| long.insert(*entry));
        let longest = self.whole.keys().map(|text| 3 * text.len()).max();
        Table {
            present: self.present,
            longest: longest.unwrap_or_default(),
            whole: self.whole.into_iter().collect(),
            search,
            short,
            long,
        }
    }
}

impl Table {
    /// True when one of these entries is found here.
    pub(super) fn has_short(&self, gate: &Bits) -> bool {
        self.short.meets(gate)
    }

    /// True when one of these entries is found by a longer text in this field.
    pub(super) fn has_long(&self, gate: &Bits) -> bool {
        self.long.meets(gate)
    }

    /// Adds the entries that a value calls up.
    #[inline]
    pub(super) fn sift(&self, value: &str, finds: &mut Finds<'_>, scratch: &mut Scratch) {
        finds.found.insert_gated(&self.present, finds.gate);
        let whole = value.len() <= self.longest && !self.whole.is_empty();
        if !whole && self.search.is_none() {
            return;
        }
        let mut folded = scratch.fold(value);
        if let Some(called) = self.whole.get(folded.as_str()) {
            finds.found.insert_gated(called, finds.gate);
        }
        if let Some(search) = &self.search {
            search.walk(&folded, finds);
        }
        scratch.give_back(&mut folded);
    }
}

impl Search {
    fn new(texts: &BTreeMap<Box<str>, Vec<u32>>) -> Option<Search> {
        if texts.is_empty() {
            return None;
        }
        let automaton = DFA::builder()
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Unanchored)
            .prefilter(false)
            .build(texts.keys().map(|text| text.as_bytes()))
            .ok()?;
        Some(Search {
            automaton,
            called: texts.values().cloned().collect(),
        })
    }

    /// Walks over a folded value and notes every text that ends at each of its bytes, of which
    /// there can be one of each length.
    #[inline]
    fn walk(&self, folded: &str, finds: &mut Finds<'_>) {
        let steps = &self.automaton;
        let Ok(mut state) = steps.start_state(Anchored::No) else {
            return;
        };
        for byte in folded.bytes() {
            state = steps.next_state(Anchored::No, state, byte);
            if steps.is_special(state) && steps.is_match(state) {
                for at in 0..steps.match_len(state) {
                    let text = steps.match_pattern(state, at).as_usize();
                    finds.found.insert_gated(&self.called[text], finds.gate);
                }
            }
        }
    }
}
