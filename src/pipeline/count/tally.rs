//! What the lanes counted, joined for each input.
//!
//! Takes the counts of segments, in whatever order they come; gives hours by input, with the names
//! that all of them share. Bounded by names and hours, not by what a log makes up.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::store::counts::{Counted, CountedName, Hours, NameKind, OTHERS, Seen};

use super::Counter;
use super::people::{Entry, Name};
use super::table::Table;

/// Names of a kind that no register knows and that are kept in a run.
const NAMES: usize = 50_000;
/// Hours of an input that are kept: ten years. Of more, the latest.
const HOURS: usize = 87_840;
/// So many cells are added before all hours are packed.
const OPEN: usize = 1 << 20;
/// Segments of an input of a live run are joined when they are so many.
const MANY: usize = 1 << 12;
/// Notes of when names were seen are joined when they are so many more than the joined ones.
const UNSETTLED: usize = 8_192;

const HASH: FixedState = FixedState::with_seed(0x6e61_6d65_735f_5f21);

/// What the inputs of a run tell, by names and hours.
#[derive(Debug, Default)]
pub struct Tally {
    /// Names by number; the first two are those of nobody and of all others.
    pub names: Vec<CountedName>,
    /// Each input, in the order it was read.
    pub inputs: Vec<Counted>,
    /// Events of hours that were too many to be kept.
    pub left_out: u64,
}

/// Where a segment's counts lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Part {
    pub(in crate::pipeline) input: u32,
    pub(in crate::pipeline) segment: u32,
}

/// What is known of a segment: rejects before its first event, and the hours of its first and last
/// event in the order of the file.
#[derive(Clone)]
struct Segment {
    number: u32,
    leading: u64,
    hours: Option<(i64, i64)>,
}

/// An input in the making.
#[derive(Clone, Default)]
struct Input {
    hours: Hours,
    seen: Vec<Seen>,
    settled: usize,
    segments: Vec<Segment>,
}

/// Names by number, and numbers by name.
#[derive(Clone, Default)]
struct Names {
    numbers: HashMap<(NameKind, bool, Box<str>), u32, FixedState>,
    /// By number; `None` where the name was dropped.
    list: Vec<Option<CountedName>>,
    unknown: BTreeMap<NameKind, Unknown>,
}

/// Names of a kind that no register knows.
#[derive(Clone, Default)]
struct Unknown {
    count: usize,
    /// Names of greater hashes are not kept.
    limit: Option<u64>,
}

/// Joins what the lanes count.
#[derive(Clone)]
pub(in crate::pipeline) struct Tallies {
    names: Names,
    inputs: Vec<Input>,
    /// Cells that were added since all hours were packed.
    open: usize,
    left_out: u64,
}

impl Tallies {
    pub(in crate::pipeline) fn new() -> Self {
        let nobody = |text: &str| CountedName {
            kind: NameKind::Account,
            text: text.into(),
            known: true,
        };
        Tallies {
            names: Names {
                list: vec![Some(nobody("")), Some(nobody("*"))],
                ..Names::default()
            },
            inputs: Vec::new(),
            open: 0,
            left_out: 0,
        }
    }

    /// Takes what a lane counted in a segment; the lane is ready for the next one.
    pub(in crate::pipeline) fn take(&mut self, part: Part, counter: &mut Counter) {
        self.names.number(&mut counter.accounts.entries);
        self.names.number(&mut counter.terminals.entries);
        let place = part.input as usize;
        if self.inputs.len() <= place {
            self.inputs.resize_with(place + 1, Input::default);
        }
        let input = &mut self.inputs[place];
        let hours = counter.hours();
        input.segments.push(Segment {
            number: part.segment,
            leading: counter.leading,
            hours: hours.first().map(|first| {
                let last = counter.at.map_or(0, |at| at as usize);
                (first.0, hours[last].0)
            }),
        });
        for (hour, count) in hours {
            self.open += count.cells();
            input.hours.open(hour).merge(count);
        }
        while input.hours.len() > HOURS {
            let first = input.hours.pop_first();
            self.left_out += first.map_or(0, |count| count.events());
        }
        input.see(&counter.accounts.entries);
        input.see(&counter.terminals.entries);
        counter.clear();
        if self.open > OPEN {
            self.open = 0;
            self.inputs.iter_mut().for_each(|input| input.hours.pack());
        }
    }

    /// Joins the segments of inputs that have many into one each, so that a run that goes on for
    /// weeks does not remember all of them. Later segments must have greater numbers.
    pub(in crate::pipeline) fn join_segments(&mut self) {
        let has_many = |input: &&mut Input| input.segments.len() >= MANY;
        let inputs = self.inputs.iter_mut().filter(has_many);
        inputs.for_each(Input::join_segments);
    }

    pub(in crate::pipeline) fn finish(mut self, inputs: usize) -> Tally {
        self.names.bound(NAMES);
        self.inputs.resize_with(inputs, Input::default);
        let names = &self.names;
        let done = self.inputs.into_iter().map(|input| input.finish(names));
        let inputs = done.collect();
        let dropped = || CountedName {
            kind: NameKind::Account,
            text: "*".into(),
            known: true,
        };
        let names = self.names.list.into_iter();
        Tally {
            names: names.map(|name| name.unwrap_or_else(dropped)).collect(),
            inputs,
            left_out: self.left_out,
        }
    }
}

impl Names {
    /// Gives a number to each name of a lane that has none.
    fn number<const N: usize>(&mut self, entries: &mut Table<Entry<N>>) {
        for entry in entries.fresh() {
            for name in &mut entry.names {
                if name.number.is_none() {
                    name.number = Some(self.number_of(name));
                }
            }
        }
    }

    fn number_of(&mut self, name: &Name) -> u32 {
        let key = (name.kind, name.known, name.text.clone());
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        if !name.known {
            let unknown = self.unknown.entry(name.kind).or_default();
            if unknown
                .limit
                .is_some_and(|limit| hash_of(&name.text) > limit)
            {
                return OTHERS;
            }
            unknown.count += 1;
        }
        let number = self.list.len() as u32;
        self.list.push(Some(CountedName {
            kind: name.kind,
            text: name.text.clone(),
            known: name.known,
        }));
        self.numbers.insert(key, number);
        let is_full = self.unknown.values().any(|u| u.count >= 2 * NAMES);
        if is_full {
            self.bound(NAMES);
        }
        number
    }

    /// Drops all but so many names of each kind that no register knows: which ones are kept does
    /// not depend on the order in which they came.
    fn bound(&mut self, most: usize) {
        for (kind, unknown) in &mut self.unknown {
            if unknown.count <= most {
                continue;
            }
            let is_meant = |name: &CountedName| name.kind == *kind && !name.known;
            let meant = self.list.iter().flatten().filter(|name| is_meant(name));
            let mut hashes: Vec<u64> = meant.map(|name| hash_of(&name.text)).collect();
            hashes.sort_unstable();
            let limit = hashes[most - 1];
            for slot in &mut self.list {
                let name = slot.take_if(|n| is_meant(n) && hash_of(&n.text) > limit);
                if let Some(CountedName { kind, text, known }) = name {
                    self.numbers.remove(&(kind, known, text));
                }
            }
            *unknown = Unknown {
                count: most,
                limit: Some(limit),
            };
        }
    }
}

fn hash_of(text: &str) -> u64 {
    HASH.hash_one(text)
}

impl Input {
    /// Takes note of when the names of a segment were seen.
    fn see<const N: usize>(&mut self, entries: &Table<Entry<N>>) {
        for entry in entries.iter().filter(|entry| !entry.span.is_empty()) {
            for number in entry.names.iter().filter_map(|name| name.number) {
                self.seen.push(Seen {
                    name: number,
                    span: (entry.span.first, entry.span.last),
                    vouched: entry.span.vouched,
                });
            }
        }
        if self.seen.len() > 2 * self.settled + UNSETTLED {
            self.settle_seen();
        }
    }

    fn settle_seen(&mut self) {
        self.seen.sort_unstable_by_key(|seen| seen.name);
        self.seen.dedup_by(|next, before| {
            let same = next.name == before.name;
            if same {
                let (first, last) = next.span;
                before.span = (before.span.0.min(first), before.span.1.max(last));
                before.vouched |= next.vouched;
            }
            same
        });
        self.settled = self.seen.len();
    }

    fn finish(mut self, names: &Names) -> Counted {
        self.place_leading_rejects();
        self.settle_seen();
        let is_kept = |name: u32| names.list[name as usize].is_some();
        self.seen
            .retain(|seen| seen.name > OTHERS && is_kept(seen.name));
        self.hours.settle();
        Counted {
            hours: self.hours,
            seen: self.seen,
        }
    }

    /// Leaves one segment: its leading rejects are those before the first event of the input.
    fn join_segments(&mut self) {
        self.segments.sort_unstable_by_key(|segment| segment.number);
        let mut joined = Segment {
            number: self.segments.last().map_or(0, |last| last.number),
            leading: 0,
            hours: None,
        };
        for segment in &self.segments {
            match joined.hours.map(|hours| hours.1) {
                Some(at) => {
                    if let Some(count) = self.hours.known(at) {
                        count.rejects += segment.leading;
                    }
                }
                None => joined.leading += segment.leading,
            }
            joined.hours = match (joined.hours, segment.hours) {
                (Some((first, _)), Some((_, last))) => Some((first, last)),
                (known, told) => known.or(told),
            };
        }
        self.segments = vec![joined];
    }

    /// Rejects at the beginning of a segment belong to the last event of the segments before it;
    /// where there is none, to the first event of the input.
    fn place_leading_rejects(&mut self) {
        self.segments.sort_unstable_by_key(|segment| segment.number);
        let first = self.segments.iter().find_map(|segment| segment.hours);
        let mut at = first.map(|hours| hours.0);
        for segment in &self.segments {
            // An hour that was too old to be kept takes its rejects along.
            if let Some(count) = at.and_then(|at| self.hours.known(at)) {
                count.rejects += segment.leading;
            }
            at = segment.hours.map(|hours| hours.1).or(at);
        }
    }
}
