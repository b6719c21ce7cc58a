//! The signs watched in one field, and the entries each of them calls up.
//!
//! Takes signs with the entries filed under them; asked with a value of the field, gives the
//! entries whose sign is in it. Works on folded text only and allocates nothing when asked.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind, StartKind, dfa::DFA};
use foldhash::fast::FixedState;

use super::super::matcher::fold_into;
use super::bits::Bits;

/// Up to this many bytes of texts are searched for by a full table of steps, which is quicker and
/// larger (some 200 bytes of memory for each byte of text).
const QUICK: usize = 8 << 10;

/// A value longer than this does not keep its room once it was folded.
const KEPT: usize = 64 << 10;

/// Signs being collected for one field.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Entries called up by any value.
    pub(super) present: Vec<u32>,
    /// Entries called up by this folded value.
    pub(super) whole: BTreeMap<Box<str>, Vec<u32>>,
    /// Entries called up by a folded value that holds this.
    pub(super) inside: BTreeMap<Box<str>, Vec<u32>>,
}

/// The signs watched in one field.
#[derive(Debug)]
pub(super) struct Table {
    present: Vec<u32>,
    whole: HashMap<Box<str>, Vec<u32>, FixedState>,
    /// The lengths of the whole texts, one bit each; the last stands for all that are longer.
    lengths: u64,
    search: Option<Search>,
    /// All entries filed here.
    entries: Bits,
}

/// Finds all texts of a field in one pass.
#[derive(Debug)]
struct Search {
    automaton: Steps,
    /// The entries of each text.
    called: Vec<Vec<u32>>,
    /// The place of the first text among the stamps of a [`Scratch`].
    stamps_from: usize,
}

#[derive(Debug)]
enum Steps {
    Quick(DFA),
    Small(NFA),
}

/// Room for one value at a time, kept from event to event.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    folded: String,
    /// For each text searched for, the event that showed it last: a text that stands in a value
    /// a thousand times calls up its entries once.
    stamps: Vec<u32>,
    event: u32,
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
}

/// The entries found so far, and those that may be found at all.
pub(super) struct Finds<'s> {
    pub(super) gate: &'s Bits,
    pub(super) found: &'s mut Bits,
}

impl Draft {
    /// Compiles the signs; `texts` counts those of all tables. Texts that are too many to be
    /// searched for together are not searched for: any value then calls up their entries.
    pub(super) fn finish(mut self, entries: usize, texts: &mut usize) -> Table {
        let mut all = Bits::new(entries);
        let whole = self.whole.values().chain(self.inside.values());
        for entry in whole.flatten().chain(&self.present) {
            all.insert(*entry);
        }
        let search = Search::new(&self.inside, *texts);
        match &search {
            Some(search) => *texts += search.called.len(),
            None => self.present.extend(self.inside.into_values().flatten()),
        }
        let lengths = self.whole.keys().map(|text| length_bit(text));
        Table {
            present: self.present,
            lengths: lengths.fold(0, |all, bit| all | bit),
            whole: self.whole.into_iter().collect(),
            search,
            entries: all,
        }
    }
}

#[inline]
fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

impl Table {
    /// True when one of these entries is filed here.
    pub(super) fn serves(&self, gate: &Bits) -> bool {
        self.entries.meets(gate)
    }

    /// Adds the entries that a value calls up.
    #[inline]
    pub(super) fn sift(&self, value: &str, finds: &mut Finds<'_>, scratch: &mut Scratch) {
        finds.found.insert_gated(&self.present, finds.gate);
        if self.lengths == 0 && self.search.is_none() {
            return;
        }
        scratch.folded.clear();
        fold_into(value, &mut scratch.folded);
        if self.lengths & length_bit(&scratch.folded) != 0
            && let Some(called) = self.whole.get(scratch.folded.as_str())
        {
            finds.found.insert_gated(called, finds.gate);
        }
        if let Some(search) = &self.search {
            match &search.automaton {
                Steps::Quick(steps) => search.walk(steps, finds, scratch),
                Steps::Small(steps) => search.walk(steps, finds, scratch),
            }
        }
        if scratch.folded.capacity() > KEPT {
            scratch.folded = String::new();
        }
    }
}

impl Search {
    fn new(texts: &BTreeMap<Box<str>, Vec<u32>>, stamps_from: usize) -> Option<Search> {
        if texts.is_empty() {
            return None;
        }
        let patterns = texts.keys().map(|text| text.as_bytes());
        let bytes: usize = texts.keys().map(|text| text.len()).sum();
        let automaton = match bytes <= QUICK {
            true => Steps::Quick(
                DFA::builder()
                    .match_kind(MatchKind::Standard)
                    .start_kind(StartKind::Unanchored)
                    .prefilter(false)
                    .build(patterns)
                    .ok()?,
            ),
            false => Steps::Small(
                NFA::builder()
                    .match_kind(MatchKind::Standard)
                    .prefilter(false)
                    .build(patterns)
                    .ok()?,
            ),
        };
        Some(Search {
            automaton,
            called: texts.values().cloned().collect(),
            stamps_from,
        })
    }

    /// Walks over the folded value and notes every text that ends at each of its bytes.
    #[inline]
    fn walk(&self, steps: &impl Automaton, finds: &mut Finds<'_>, scratch: &mut Scratch) {
        let Ok(mut state) = steps.start_state(Anchored::No) else {
            return;
        };
        for byte in scratch.folded.bytes() {
            state = steps.next_state(Anchored::No, state, byte);
            if !steps.is_special(state) || !steps.is_match(state) {
                continue;
            }
            for at in 0..steps.match_len(state) {
                let text = steps.match_pattern(state, at).as_usize();
                let stamp = &mut scratch.stamps[self.stamps_from + text];
                if *stamp != scratch.event {
                    *stamp = scratch.event;
                    finds.found.insert_gated(&self.called[text], finds.gate);
                }
            }
        }
    }
}
