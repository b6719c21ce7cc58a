//! What the lanes counted, joined for each input.
//!
//! Takes the counts of segments, in whatever order they come; gives hours by input, with the names
//! that all of them share: at the end all of them, or of a run that goes on what changed since it
//! was told last. Bounded by names and hours, not by what a log makes up.

use std::collections::BTreeSet;

use crate::store::counts::{Counted, CountedName, DAY, Hours, OTHERS, Seen, Whole};

use super::Counter;
use super::names::Names;
use super::open::{OpenHours, Sightings};
use super::people::Entries;

/// Most names of a kind that no register knows and that are kept in a run.
const NAMES: usize = 50_000;
/// So many names are dropped before what was seen of them is forgotten.
const FORGOTTEN: usize = 1 << 16;
/// Hours of an input that are kept: ten years. Of more, the latest.
const HOURS: usize = 87_840;
/// So many cells are added before all hours are packed.
const OPEN: usize = 1 << 20;
/// Most cells, and hours, that are added to at a time.
const ADDED_TO: (usize, usize) = (1 << 18, 1 << 10);
/// Names that were seen are noted with their input when they are so many, and joined with those
/// noted before.
const SIGHTED: usize = 1 << 16;
/// Segments of an input of a live run are joined when they are so many.
const MANY: usize = 1 << 12;

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
struct Segment {
    number: u32,
    leading: u64,
    hours: Option<(i64, i64)>,
}

/// An input in the making.
#[derive(Default)]
struct Input {
    hours: Hours,
    seen: Vec<Seen>,
    settled: usize,
    segments: Vec<Segment>,
    /// All its records.
    whole: Whole,
    /// Hours that were added to, and names that were seen, since this was told last.
    added_to: BTreeSet<i64>,
    seen_anew: Vec<u32>,
}

/// Joins what the lanes count.
pub(in crate::pipeline) struct Tallies {
    names: Names,
    inputs: Vec<Input>,
    /// The input at hand, by its place, with its hours and names that are added to.
    at: usize,
    hours: OpenHours,
    sightings: Sightings,
    /// Cells that were added since all hours were packed.
    open: usize,
    left_out: u64,
}

impl Tallies {
    pub(in crate::pipeline) fn new() -> Self {
        Tallies {
            names: Names::new(NAMES),
            inputs: Vec::new(),
            at: 0,
            hours: OpenHours::default(),
            sightings: Sightings::default(),
            open: 0,
            left_out: 0,
        }
    }

    /// Takes what a lane counted in a segment; the lane is ready for the next one.
    pub(in crate::pipeline) fn take(&mut self, part: Part, counter: &mut Counter) {
        let names = &mut self.names;
        let mut number_of = |kind, text: &str, known| names.number_of(kind, text, known);
        counter.accounts.entries.number(&mut number_of);
        counter.terminals.entries.number(&mut number_of);
        self.turn_to(part.input as usize);
        let segment = Segment {
            number: part.segment,
            leading: counter.leading,
            hours: counter.add_to(&mut self.hours),
        };
        self.inputs[self.at].segments.push(segment);
        self.see(&counter.accounts.entries);
        self.see(&counter.terminals.entries);
        counter.clear();
        if self.names.dropped > FORGOTTEN {
            self.forget_dropped();
        } else if self.sightings.len() > SIGHTED {
            self.close_sightings();
        }
        let (cells, hours) = ADDED_TO;
        if self.hours.len() > hours || self.hours.cells() > cells {
            self.close_hours();
        }
    }

    /// Adds to an input from now on.
    fn turn_to(&mut self, place: usize) {
        if place != self.at {
            self.close_hours();
            self.close_sightings();
            self.at = place;
        }
        if self.inputs.len() <= place {
            self.inputs.resize_with(place + 1, Input::default);
        }
    }

    /// Takes note of when the names of a segment were seen.
    fn see<const N: usize>(&mut self, entries: &Entries<N>) {
        for entry in entries.seen() {
            let names = entry.names.iter().filter_map(|name| name.number);
            for name in names.filter(|name| *name > OTHERS) {
                self.sightings.see(name, entry.span);
            }
        }
    }

    /// Does not remember when names were seen that are not kept.
    fn forget_dropped(&mut self) {
        self.close_sightings();
        self.names.dropped = 0;
        let names = &self.names;
        for input in &mut self.inputs {
            input.seen.retain(|seen| names.has(seen.name));
            input.seen_anew.retain(|name| names.has(*name));
            input.settle_seen();
        }
    }

    fn close_hours(&mut self) {
        let Some(input) = self.inputs.get_mut(self.at) else {
            return;
        };
        for (hour, count) in self.hours.close() {
            self.open += count.cells();
            input.whole.add(&count.likeness);
            input.added_to.insert(hour);
            input.hours.open(hour).merge(count);
        }
        while input.hours.len() > HOURS {
            let Some(count) = input.hours.pop_first() else {
                break;
            };
            self.left_out += count.events();
            input.whole.remove(&count.likeness);
        }
        if self.open > OPEN {
            self.open = 0;
            self.inputs.iter_mut().for_each(|input| input.hours.pack());
        }
    }

    fn close_sightings(&mut self) {
        if let Some(input) = self.inputs.get_mut(self.at) {
            input.see(self.sightings.close());
        }
    }

    /// Joins the segments of inputs that have many into one each, so that a run that goes on for
    /// weeks does not remember all of them. Later segments must have greater numbers.
    pub(in crate::pipeline) fn join_segments(&mut self) {
        self.close_hours();
        let has_many = |input: &&mut Input| input.segments.len() >= MANY;
        let inputs = self.inputs.iter_mut().filter(has_many);
        inputs.for_each(Input::join_segments);
    }

    pub(in crate::pipeline) fn finish(mut self, inputs: usize) -> Tally {
        self.close_hours();
        self.close_sightings();
        self.inputs.resize_with(inputs, Input::default);
        let names = &self.names;
        let done = self.inputs.into_iter().map(|input| input.finish(names));
        let inputs = done.collect();
        Tally {
            names: self.names.into_list(),
            inputs,
            left_out: self.left_out,
        }
    }

    /// What changed since this was told last: of each input the days that were added to, and the
    /// names that were seen; with the names that they need and no others.
    pub(in crate::pipeline) fn tell(&mut self, inputs: usize) -> Tally {
        self.close_hours();
        self.close_sightings();
        if self.names.dropped > 0 {
            self.forget_dropped();
        }
        self.inputs.resize_with(inputs, Input::default);
        let names = &self.names;
        let told = self.inputs.iter_mut().map(|input| input.tell(names));
        let mut told: Vec<Counted> = told.collect();
        let (names, numbers) = self.names.needed_by(&told);
        for counted in &mut told {
            counted.rename(&numbers);
        }
        Tally {
            names,
            inputs: told,
            left_out: self.left_out,
        }
    }
}

impl Input {
    /// Takes note of when names were seen.
    fn see(&mut self, seen: impl Iterator<Item = Seen>) {
        let from = self.seen.len();
        self.seen.extend(seen);
        let names = self.seen[from..].iter().map(|seen| seen.name);
        self.seen_anew.extend(names);
        if self.seen.len() > self.settled + SIGHTED {
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
        self.seen_anew.sort_unstable();
        self.seen_anew.dedup();
    }

    /// What changed since this was told last.
    fn tell(&mut self, names: &Names) -> Counted {
        if !self.segments.is_empty() {
            self.join_segments();
        }
        self.settle_seen();
        self.seen.retain(|seen| names.has(seen.name));
        self.hours.settle();
        let anew = std::mem::take(&mut self.seen_anew);
        let is_anew = |seen: &&Seen| anew.binary_search(&seen.name).is_ok();
        let hours = std::mem::take(&mut self.added_to).into_iter();
        let days: BTreeSet<i64> = hours.map(|hour| hour.div_euclid(DAY)).collect();
        let mut hours = Hours::default();
        for day in days {
            hours.add_all(&self.hours, day * DAY..(day + 1) * DAY);
        }
        Counted {
            hours,
            seen: self.seen.iter().filter(is_anew).copied().collect(),
            whole: Some(self.whole),
        }
    }

    fn finish(mut self, names: &Names) -> Counted {
        self.place_leading_rejects();
        self.settle_seen();
        self.seen.retain(|seen| names.has(seen.name));
        self.hours.settle();
        Counted {
            hours: self.hours,
            seen: self.seen,
            whole: None,
        }
    }

    /// Leaves one segment: its leading rejects are those of an input without any event.
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
                        self.added_to.insert(at);
                    }
                }
                None => joined.leading += segment.leading,
            }
            joined.hours = match (joined.hours, segment.hours) {
                (Some((first, _)), Some((_, last))) => Some((first, last)),
                (known, told) => known.or(told),
            };
        }
        if let Some(count) = joined.hours.and_then(|(at, _)| self.hours.known(at)) {
            count.rejects += std::mem::take(&mut joined.leading);
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
