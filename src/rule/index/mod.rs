//! Which of many rules an event could satisfy, found without asking each of them.
//!
//! Takes the rules of a set with what actions and outcomes leave open of them, and files each
//! under signs one of which an event must show (a value, a text inside a value, a field); gives,
//! for an event, those whose sign it shows and those that have none. One pass over the record
//! serves all rules, as nearly all values are parts of it. Never hides a rule that matches: what
//! it gives is still asked, and a test holds it against asking all.

mod bits;
mod choose;
mod grams;
mod needs;
mod regexes;
mod scratch;
mod sieve;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use crate::event::Field;

use super::matcher::Residue;
use super::set::Candidate;
use super::{Detection, FieldRef};

use bits::Bits;
use choose::Popularity;
use grams::{GRAM, Grams};
use needs::{Needs, Sign, What, end_of};
use table::{Draft, Table};

pub use sieve::{Kept, Sieve};

/// The filed rules of a set.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What may be asked, ascending by rule; a rule stands here once for each thing that actions
    /// and outcomes leave open of it.
    entries: Vec<Candidate>,
    /// For each action and outcome, the entries that hold then.
    slots: Vec<Bits>,
    /// Entries without a sign.
    unfiled: Bits,
    /// Tables of the fields of the field table.
    known: Vec<(Field, Table)>,
    /// Tables of other fields.
    own: Vec<Table>,
    /// Where the tables of other fields stand.
    names: HashMap<Box<str>, usize, FixedState>,
    /// Texts looked for in the record and all values.
    anywhere: Option<Table>,
    /// The longer texts of all tables.
    grams: Grams,
    /// Up to this weight together, entries are all asked: looking for signs would cost more.
    few: usize,
}

impl Index {
    /// Files the entries, each with the slots it holds in, of `slots` in all. Where log sources
    /// leave no more than the weight `few`, they are asked without a look at the event.
    pub(super) fn new(
        detections: &[Detection],
        entries: Vec<(Candidate, Vec<usize>)>,
        (slots, few): (usize, usize),
    ) -> Index {
        let mut index = Index {
            few,
            slots: vec![Bits::new(entries.len()); slots],
            unfiled: Bits::new(entries.len()),
            ..Index::default()
        };
        for (number, (candidate, holds_in)) in (0..).zip(entries) {
            for slot in holds_in {
                index.slots[slot].insert(number);
            }
            index.entries.push(candidate);
        }
        let needs: Vec<Needs> = index
            .entries
            .iter()
            .map(|entry| needs_of(entry, detections))
            .collect();
        index.file(&needs);
        index
    }

    /// Files every entry under the signs that are best for it.
    fn file(&mut self, needs: &[Needs]) {
        let popularity = Popularity::of(needs);
        let mut drafts = Drafts::default();
        for (number, needs) in (0..).zip(needs) {
            match popularity.choose(needs) {
                Some(signs) => signs.into_iter().for_each(|sign| drafts.add(sign, number)),
                None => self.unfiled.insert(number),
            }
        }
        let size = self.entries.len();
        for (field, draft) in drafts.known {
            self.known.push((field, draft.finish(size)));
        }
        for (name, draft) in drafts.own {
            self.names.insert(name, self.own.len());
            self.own.push(draft.finish(size));
        }
        self.anywhere = drafts.anywhere.map(|draft| draft.finish(size));
        self.grams = Grams::new(drafts.long);
    }
}

fn needs_of(entry: &Candidate, detections: &[Detection]) -> Needs {
    match &entry.residue {
        Residue::True => Needs::NOTHING,
        Residue::False => Needs::OneOf(Vec::new()),
        Residue::Open(node) => Needs::of(node, &detections[entry.rule].matcher),
    }
}

/// Tables being filled.
#[derive(Default)]
struct Drafts {
    known: BTreeMap<Field, Draft>,
    own: BTreeMap<Box<str>, Draft>,
    anywhere: Option<Draft>,
    /// The longer texts, whatever the field: what a rule is called up for is asked again anyway.
    long: BTreeMap<Box<str>, Vec<u32>>,
}

impl Drafts {
    fn add(&mut self, sign: &Sign, entry: u32) {
        let draft = match &sign.field {
            Some(FieldRef::Known(field)) => self.known.entry(*field).or_default(),
            // A mapped name is written out before.
            Some(FieldRef::Other(name) | FieldRef::Mapped(name, _)) => {
                self.own.entry(name.clone()).or_default()
            }
            None => self.anywhere.get_or_insert_default(),
        };
        let entries = match &sign.what {
            What::Present => &mut draft.present,
            // What is worked out stands in no record, so that it is not seen with it.
            What::Whole(text) if text.len() < GRAM || sign.is_derived() => {
                draft.whole.entry(text.clone()).or_default()
            }
            What::Inside(text) if text.len() < GRAM => {
                draft.inside.entry(text.clone()).or_default()
            }
            What::Whole(text) | What::Inside(text) => {
                draft.long.push(entry);
                self.long.entry(end_of(text).into()).or_default()
            }
        };
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
}
