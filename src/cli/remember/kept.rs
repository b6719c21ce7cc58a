//! What is kept of the inputs that were read: what they were, which records they told, their facts.
//!
//! Takes what the run made of them; writes it into the change that is to be committed. An input
//! that holds an earlier one takes its place; one that is known as it is stays as it is.

use std::io::Read as _;

use super::super::args::Reading;
use super::file::{self, Print, place_of};
use super::{Found, Memory, reading};
use crate::input::Input;
use crate::pipeline::{HEAD, Kept, OpenedInput, Task};
use crate::store::{Changing, Failure, HASHES, PastInput, Segment};

/// An input that was read, and what it takes the place of.
pub(super) struct Reread {
    past: PastInput,
    /// The print of its file as it lies there now.
    pub(super) whole: Option<Print>,
    /// The same input, told by the same rules.
    same: Option<i64>,
    /// Inputs of which it tells all they told.
    before: Vec<i64>,
    is_kept: bool,
    is_whole: bool,
}

impl Memory<'_> {
    /// What is to be done with each input that was read, in the order of the run.
    pub(super) fn rereads(&self, found: &Found<'_>) -> Vec<Reread> {
        let judges_all = self.judging.is_whole();
        let new = found.inputs.iter().zip(&self.earlier.anew);
        let new = new.map(|(input, anew)| {
            let task = super::super::scan::task(
                self.judging.plan,
                found.reading,
                self.judging.bounds,
                &input.input,
            );
            let (past, whole) = self.past(input, (found.reading, &task), anew.print.clone());
            let before = self.known.iter().filter(|(n, _)| anew.numbers.contains(n));
            let is_same = |other: &PastInput| {
                other.size == past.size
                    && other.sha256 == past.sha256
                    && (other.streams == past.streams || !judges_all)
                    && other.source == past.source
            };
            let same = before.clone().find(|(_, other)| is_same(other));
            Reread {
                same: same.map(|(number, _)| *number),
                before: before.map(|(number, _)| *number).collect(),
                is_kept: input.encoding.is_some(),
                is_whole: input.error.is_none(),
                past,
                whole,
            }
        });
        let again = found.again.iter().zip(&self.earlier.again);
        let again = again.map(|(input, again)| {
            let (past, whole) = self.past(input, (&again.reading, &again.task), None);
            Reread {
                past,
                whole,
                same: None,
                before: vec![again.number],
                // What could not be read or judged whole this time keeps what is known of it.
                is_kept: judges_all && input.error.is_none(),
                is_whole: judges_all && input.error.is_none(),
            }
        });
        new.chain(again).collect()
    }

    /// What is remembered of an input that was read, and the print of its whole file.
    fn past(
        &self,
        input: &OpenedInput,
        (reading, task): (&Reading, &Task),
        print: Option<Print>,
    ) -> (PastInput, Option<Print>) {
        let account = &input.account;
        let (size, sha256, whole) = match file::read_prints(input, print) {
            Some((read, whole)) => (Some(read.size), read.sha256, Some(whole)),
            None => (None, String::new(), None),
        };
        let streams = self.judging.is_whole();
        let past = PastInput {
            path: place_of(&input.input.name),
            name: input.input.name.to_string(),
            source: input.source.clone(),
            reading: reading::text_of(reading),
            span: account.span,
            latest: account.latest,
            edges: account.edges,
            size,
            sha256,
            changed: input.input.file().and_then(file::changed_at),
            now: task.now.nanos,
            head: head_of(&input.input),
            streams: streams.then(|| self.judging.marks.of(&task.source)),
        };
        (past, whole)
    }
}

/// Remembers the inputs that were read; gives the number of each that is new.
pub(super) fn remember_inputs(
    changing: &Changing<'_>,
    run: i64,
    inputs: &[Reread],
) -> Result<Vec<Option<i64>>, Failure> {
    let mut numbers = Vec::new();
    for input in inputs {
        let before = input.before.iter().filter(|_| input.is_whole);
        for number in before.filter(|n| Some(**n) != input.same) {
            changing.forget(*number)?;
        }
        numbers.push(match input.same {
            Some(number) => {
                changing.found_again(number, (&input.past.path, &input.past.name))?;
                None
            }
            None if input.is_kept => Some(changing.remember(run, &input.past)?),
            None => None,
        });
    }
    Ok(numbers)
}

/// Keeps which records the new inputs told, beside what is kept of them already.
pub(super) fn keep_rolls(
    changing: &Changing<'_>,
    kept: &Kept,
    numbers: &[Option<i64>],
) -> Result<(), Failure> {
    for (input, number) in numbers.iter().enumerate() {
        let Some(number) = number else { continue };
        for (hour, roll) in kept.rolls.hours(input as u32) {
            let next = changing.next_part((*number, hour))?;
            let parts = kept.rolls.parts((input as u32, hour), HASHES);
            for (part, hashes) in (next..).zip(parts) {
                changing.keep_roll((*number, hour, part), roll, &hashes?)?;
            }
            if next > 0 {
                changing.add_to_roll((*number, hour), roll)?;
            }
        }
    }
    Ok(())
}

/// Keeps the facts that were made of the new inputs.
pub(super) fn keep_facts(
    changing: &Changing<'_>,
    kept: &Kept,
    numbers: &[Option<i64>],
) -> Result<(), Failure> {
    for segment in kept.each() {
        let segment = segment?;
        if let Some(Some(number)) = numbers.get(segment.input) {
            let parcel = &segment.parcel;
            let kept = Segment {
                at: (segment.offset, segment.line),
                span: parcel.span,
                facts: &parcel.facts,
                reach: parcel.reach,
                records: &parcel.texts,
            };
            changing.keep_facts(*number, kept)?;
        }
    }
    Ok(())
}

/// The beginning of an input, as much as tells its format; empty when it cannot be read any more.
pub(super) fn head_of(input: &Input) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(opened) = input.open(Default::default()) {
        // What is readable before an error is the beginning all the same.
        let _ = opened.reader.take(HEAD as u64).read_to_end(&mut head);
    }
    head
}
