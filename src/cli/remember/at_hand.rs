//! Which logs of some days can be read once more: files of the config's sources, and what earlier
//! runs read and still lies where it lay.
//!
//! Takes what the store knows of inputs; gives what is to be read, and what was read once and is not
//! at hand any more, with the reason. Never reads a record.

use std::ops::Range;

use super::super::args::Reading;
use super::super::plan::{Bounds, Plan};
use super::super::scan;
use super::earlier::at_its_time;
use super::file;
use super::reading::reading_of;
use crate::input::Input;
use crate::pipeline::Task;
use crate::report::{NotExamined, WhyNot};
use crate::store::PastInput;

/// Which days, and how logs are read.
#[derive(Clone, Copy)]
pub(in super::super) struct Days<'d> {
    pub(in super::super) plan: &'d Plan,
    pub(in super::super) bounds: &'d Bounds,
    /// Instants, nanoseconds since 1970.
    pub(in super::super) within: &'d Range<i64>,
}

/// An input of an earlier run that cannot be read again.
pub(in super::super) type Missing = NotExamined;

/// What is to be read.
#[derive(Default)]
pub(in super::super) struct AtHand {
    pub(in super::super) tasks: Vec<Task>,
    /// What was read once and is gone or changed.
    pub(in super::super) missing: Vec<Missing>,
}

impl AtHand {
    /// Looks for the inputs of some days. `own` are those of the config's sources.
    pub(in super::super) fn of(
        past: Vec<(i64, PastInput)>,
        own: &[Input],
        days: Days<'_>,
    ) -> AtHand {
        let mut found = AtHand::default();
        let mut held: Vec<i64> = Vec::new();
        for input in own {
            let anew = held_by(input, &past);
            held.extend(&anew);
            let known = past.iter().filter(|(number, _)| anew.contains(number));
            let known: Vec<&PastInput> = known.map(|(_, past)| past).collect();
            // What grew since, or was never read, may hold anything.
            let is_known = known
                .iter()
                .any(|past| past.size.is_some() && past.size == file::file_size(input));
            if !is_known || known.iter().any(|past| days.hold(past)) {
                let task = days.task(&Reading::default(), input);
                found.tasks.push(match known.first() {
                    Some(past) => at_its_time(task, past),
                    None => task,
                });
            }
        }
        for (number, past) in past {
            if days.hold(&past) && !held.contains(&number) {
                found.look_for(past, days);
            }
        }
        found
    }

    /// Looks for an input that no source of the config holds.
    fn look_for(&mut self, past: PastInput, days: Days<'_>) {
        let input = match file::is_still_there(&past) {
            true => file::input_at(&past),
            false => None,
        };
        if let Some(input) = input {
            let is_there = |task: &Task| file::place_of(&task.input.name) == past.path;
            if !self.tasks.iter().any(is_there) {
                let task = days.task(&reading_of(&past.reading), &input);
                self.tasks.push(at_its_time(task, &past));
            }
            return;
        }
        let why = match past.path.as_str() {
            "-" => WhyNot::Pipe,
            path if file::file_of(path).exists() => WhyNot::Changed,
            _ => WhyNot::Gone,
        };
        self.missing.push(Missing {
            source: past.source,
            path: past.name,
            span: past.span,
            why,
        });
    }
}

impl Days<'_> {
    /// True when an input tells of these days.
    fn hold(&self, past: &PastInput) -> bool {
        past.span
            .is_some_and(|(first, last)| first < self.within.end && last >= self.within.start)
    }

    fn task(&self, reading: &Reading, input: &Input) -> Task {
        scan::task(self.plan, reading, self.bounds, input)
    }
}

/// The earlier inputs that a file holds: without reading it where it was not touched since.
fn held_by(input: &Input, past: &[(i64, PastInput)]) -> Vec<i64> {
    let place = file::place_of(&input.name);
    let here = past.iter().filter(|(_, past)| past.path == place);
    let (size, changed) = (
        file::file_size(input),
        input.file().and_then(file::changed_at),
    );
    let untouched = here.filter(|(_, past)| {
        past.size.is_some()
            && past.size == size
            && past.changed.is_some()
            && past.changed == changed
    });
    let untouched: Vec<i64> = untouched.map(|(number, _)| *number).collect();
    if !untouched.is_empty() {
        return untouched;
    }
    let told: Vec<(i64, &PastInput)> = past.iter().map(|(number, past)| (*number, past)).collect();
    file::told_anew(input, &told).0
}
