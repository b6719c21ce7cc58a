//! Facts that earlier runs kept, judged beside those of this one; and what this one keeps.
//!
//! Takes inputs of earlier runs and whoever can recall their facts; adds the facts as if the
//! inputs had been read now. Gives what a run made of its inputs, segment by segment, to be kept.
//! Never reads a log.

use std::io;
use std::ops::Range;

use crate::detect::{Column, Wiring};
use crate::event::{Field, FieldSet, InputAccount};
use crate::rule::{FieldRef, Requirement, RuleSet};
use crate::spill::{Block, Fact, Facts, Parcel, Parcels, Rolls, Sieve, Spill};

use super::feed::{self, OpenedInput, SegmentAt};
use super::twice::Rollbook;
use super::{Plan, Task};

/// An input of an earlier run whose facts are at hand.
pub struct Past {
    /// How it was read. Its input gives the beginning, which tells the format, and those records
    /// that facts stand for.
    pub task: Task,
    /// What was read of it then; judging asks for its span, its latest time and its edges.
    pub account: InputAccount,
    /// For each stream of this plan whether its facts of this input are at hand.
    pub knows: Vec<bool>,
}

/// What an earlier run kept of one segment.
pub struct Recalled {
    /// The input, as a place in [`Beside::past`].
    pub past: usize,
    /// Offset of the segment.
    pub offset: u64,
    /// Line breaks before it.
    pub line: u64,
    /// Its facts, with the numbers of the streams of this plan.
    pub blocks: Vec<(usize, Block)>,
}

/// Takes what was recalled, one segment after another.
pub type TakeRecalled<'t> = &'t mut dyn FnMut(Recalled) -> io::Result<()>;

/// Remembers the facts of inputs of earlier runs.
pub trait Recall {
    /// Gives all of them.
    ///
    /// # Errors
    /// When what was kept cannot be read, and what `take` gives.
    fn recall(&mut self, take: TakeRecalled<'_>) -> io::Result<()>;
}

/// All that is remembered of earlier runs.
pub trait Remembered: Recall + Rollbook {}

impl<T: Recall + Rollbook> Remembered for T {}

/// What a run that remembers has beside the inputs it reads.
pub struct Beside<'r> {
    /// Inputs of earlier runs.
    pub past: Vec<Past>,
    /// Their facts, and the rolls of all inputs.
    pub remembered: &'r mut dyn Remembered,
    /// Key of the hashes of records.
    pub key: u64,
}

/// What the facts of a stream hang on beside the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamShape {
    /// The detection, as an index into the rule set.
    pub detection: usize,
    /// What each fact carries and which facts are left out, in words that change with it.
    pub shape: String,
    /// True when calendars or registers have a say in it.
    pub derives: bool,
    /// True when it hangs on which sources are expected to speak.
    pub expects: bool,
}

/// The streams of a rule set, in the order of their numbers.
pub fn stream_shapes(rules: &RuleSet) -> Vec<StreamShape> {
    let wiring = Wiring::new(rules);
    let shape = |stream: &crate::detect::Stream| {
        let rule = &rules.detections[stream.detection];
        let columns = stream.columns.iter().map(Column::field);
        let carried = columns.flat_map(FieldRef::fields).copied();
        let asked = FieldSet::of(&carried.collect::<Vec<_>>()).union(rule.needs);
        StreamShape {
            detection: stream.detection,
            shape: format!("{:?}", (&stream.columns, &stream.gates, stream.thins())),
            derives: asked.iter().any(is_of_the_house)
                || !rule.explained_by.is_empty()
                || rule.requires.iter().any(|r| *r != Requirement::Expected)
                || rule.when_assumed.is_some(),
            expects: asked.contains(Field::InputExpected),
        }
    };
    wiring.streams().iter().map(shape).collect()
}

/// True for derived fields that calendars or registers decide; the others hang on the record alone.
fn is_of_the_house(field: Field) -> bool {
    let of_record = [
        Field::UserAccount,
        Field::SourceTerminal,
        Field::UserAgentLegacy,
        Field::InputSource,
        Field::InputExpected,
    ];
    field.is_derived() && !of_record.contains(&field)
}

/// What a run knows of all inputs, those of earlier runs behind its own.
pub(super) struct Known<'k> {
    pub(super) inputs: &'k mut Vec<OpenedInput>,
    pub(super) segments: &'k mut Vec<SegmentAt>,
    pub(super) spill: &'k mut Spill,
}

impl Known<'_> {
    /// Adds the inputs and facts of earlier runs.
    pub(super) fn add(
        &mut self,
        beside: &mut Beside<'_>,
        (plan, wiring): (Plan<'_>, &Wiring),
    ) -> io::Result<()> {
        let before = self.inputs.len();
        for past in std::mem::take(&mut beside.past) {
            let opened = feed::look(&past.task);
            self.inputs.push(OpenedInput {
                account: past.account,
                ..opened
            });
        }
        let period = plan.period.0..plan.period.1;
        beside.remembered.recall(&mut |recalled| {
            let number = self.segments.len() as u32;
            self.segments.push(SegmentAt {
                input: (before + recalled.past) as u32,
                offset: recalled.offset,
                line: recalled.line,
            });
            for (stream, mut block) in recalled.blocks {
                block.move_to(number);
                let of_stream = &wiring.streams()[stream];
                let block = match period.contains(&block.first) && period.contains(&block.last) {
                    true => Some(block),
                    false => within(&block, of_stream, &period),
                };
                if let Some(block) = block {
                    self.spill.add(stream, &block)?;
                }
            }
            Ok(())
        })
    }
}

/// The facts of a block that lie in a stretch of time, packed again.
fn within(block: &Block, stream: &crate::detect::Stream, period: &Range<i64>) -> Option<Block> {
    struct Inside<'p>(&'p Range<i64>);
    impl Sieve for Inside<'_> {
        fn wants_any(&self, _: &[u64]) -> bool {
            true
        }

        fn wants(&self, fact: &Fact, _: &[u64]) -> bool {
            self.0.contains(&fact.time)
        }
    }
    let mut facts = Facts::new(stream.columns.len());
    let facts_at = block.facts_at as usize;
    Block::unpack(&block.bytes, facts_at, &mut facts, &Inside(period));
    (!facts.is_empty()).then(|| Block::pack(&facts, &stream.gates))
}

/// What a run made of the inputs it read, to be kept.
pub struct Kept {
    pub(super) parcels: Parcels,
    pub(super) segments: Vec<SegmentAt>,
    /// Which records each input told.
    pub rolls: Rolls,
}

/// What is kept of one segment.
pub struct KeptSegment {
    /// The input, as a place in [`Run::inputs`](super::Run::inputs).
    pub input: usize,
    /// Offset of the segment.
    pub offset: u64,
    /// Line breaks before it.
    pub line: u64,
    /// Its facts and records.
    pub parcel: Parcel,
}

impl Kept {
    /// All segments that gave facts, in the order in which they were read.
    pub fn each(&self) -> impl Iterator<Item = io::Result<KeptSegment>> + '_ {
        self.parcels.each().map(|parcel| {
            let (number, parcel) = parcel?;
            let at = self.segments[number as usize];
            Ok(KeptSegment {
                input: at.input as usize,
                offset: at.offset,
                line: at.line,
                parcel,
            })
        })
    }
}
