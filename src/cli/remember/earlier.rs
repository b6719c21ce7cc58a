//! What becomes of the inputs of earlier runs in this one: told anew by a new input, read again,
//! judged by the facts that were kept, or lost.
//!
//! Takes what the store knows of them and how this run judges; gives what is to be read again and
//! whose facts are at hand. Never reads a log.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::super::args::Reading;
use super::super::plan::{Bounds, Plan};
use super::super::scan;
use super::HORIZON;
use super::file::{self, Print};
use super::marks::Marks;
use super::reading::reading_of;
use super::rotated::{self, Whereabouts};
use crate::event::{InputAccount, Instant};
use crate::input::{Input, Kept};
use crate::pipeline::{Past, Task};
use crate::spill;
use crate::store::{Failure, KeptRecords, PastInput, RecordReader, StreamDigest};

/// An input of an earlier run that is read again.
pub(super) struct Again {
    pub(super) number: i64,
    pub(super) past: PastInput,
    pub(super) reading: Reading,
    pub(super) task: Task,
}

/// An input of an earlier run whose facts are judged.
pub(super) struct Recalled {
    pub(super) number: i64,
    pub(super) span: Option<(i64, i64)>,
    /// The stream of this run that each stream of the kept facts is.
    pub(super) streams: Vec<Option<usize>>,
}

/// What a new input tells anew.
#[derive(Debug, Default)]
pub(super) struct ToldAnew {
    pub(super) numbers: Vec<i64>,
    /// Print of the new input's file, where it was worked out.
    pub(super) print: Option<Print>,
}

/// All inputs of earlier runs, by what becomes of them.
#[derive(Default)]
pub(super) struct Earlier {
    /// For each new input what it tells anew.
    pub(super) anew: Vec<ToldAnew>,
    pub(super) again: Vec<Again>,
    pub(super) recalled: Vec<Recalled>,
    pub(super) past: Vec<Past>,
    /// Inputs older than the horizon whose facts are still kept.
    pub(super) old: Vec<i64>,
    /// Facts of inputs that ended before it are not judged any more.
    pub(super) horizon: i64,
    /// For each stream the last instant of inputs whose facts of it are not at hand.
    pub(super) lost: Vec<Option<i64>>,
    /// Inputs of which some facts are not at hand though they are not old.
    pub(super) unjudged: usize,
    /// Where inputs of earlier runs lie that were told bit by bit.
    pub(super) places: BTreeSet<String>,
}

/// How this run reads and judges.
#[derive(Clone, Copy)]
pub(super) struct Now<'n> {
    pub(super) plan: &'n Plan,
    pub(super) bounds: &'n Bounds,
    pub(super) marks: &'n Marks,
    /// When it began, nanoseconds since 1970.
    pub(super) began: i64,
    /// The store.
    pub(super) store: &'n Path,
}

impl Now<'_> {
    /// How far back facts are judged, nanoseconds.
    fn horizon(&self) -> i64 {
        let keep = self.plan.config.keep;
        keep.map_or(HORIZON, |keep| keep.min(HORIZON))
    }
}

impl Earlier {
    /// Decides about all inputs the store knows; `new` are those this run reads anyway.
    pub(super) fn of(inputs: Vec<(i64, PastInput)>, new: &[Task], now: Now<'_>) -> Earlier {
        let mut earlier = Earlier {
            lost: vec![None; now.marks.detections.len()],
            ..Earlier::default()
        };
        let told: Vec<_> = inputs.iter().map(|(n, past)| (*n, past)).collect();
        for task in new {
            let name = task.source.name.as_deref();
            let place = file::place_of(&task.input.name);
            let same_source = |past: &PastInput| {
                past.path == place || name.is_none_or(|name| name == past.source)
            };
            let may_be = told.iter().filter(|(_, past)| same_source(past));
            let may_be: Vec<_> = may_be.copied().collect();
            let (numbers, print) = file::told_anew(&task.input, &may_be);
            let taken = |n: &i64| earlier.anew.iter().any(|anew| anew.numbers.contains(n));
            let numbers = numbers.into_iter().filter(|n| !taken(n)).collect();
            earlier.anew.push(ToldAnew { numbers, print });
        }
        let named = new.iter().map(|task| file::place_of(&task.input.name));
        let named: Vec<String> = named.collect();
        let newest = inputs.iter().filter_map(|(_, p)| p.span).map(|s| s.1).max();
        // A clock that ran ahead must not make all that is true too old.
        let newest = newest.unwrap_or(i64::MIN).min(now.began);
        let horizon = newest.saturating_sub(now.horizon());
        earlier.horizon = horizon;
        let mut inputs = inputs;
        // What is known in full goes before what was broken off at the same place.
        inputs.sort_by_key(|(number, past)| (past.streams.is_none(), Reverse(past.size), *number));
        for (number, past) in inputs {
            let is_told = |anew: &ToldAnew| anew.numbers.contains(&number);
            if !earlier.anew.iter().any(is_told) {
                let is_old = past.span.is_some_and(|(_, last)| last < horizon);
                earlier.decide((number, past), is_old, (now, &named));
            }
        }
        earlier
    }

    fn decide(
        &mut self,
        (number, past): (i64, PastInput),
        is_old: bool,
        (now, named): (Now<'_>, &[String]),
    ) {
        if is_old {
            self.old.extend(past.streams.is_some().then_some(number));
            self.lose(past.span, |_| true);
            return;
        }
        let reading = reading_of(&past.reading);
        let (task, digests) = best_task(number, &past, &reading, now);
        let kept = past.streams.as_deref().unwrap_or_default();
        let knows: Vec<bool> = digests.iter().map(|d| kept.contains(d)).collect();
        let knows_all = past.streams.is_some() && knows.iter().all(|knows| *knows);
        // What was told to its end and is known in full is not looked for.
        let is_sought = !knows_all || rotated::was_live(&past);
        let found = is_sought.then(|| rotated::find(&past, named));
        match found {
            Some(Whereabouts::Named(at)) => {
                self.anew[at].numbers.push(number);
                return;
            }
            Some(Whereabouts::At { place, has_grown }) => {
                let is_new = self.places.insert(place.clone()) || !rotated::was_live(&past);
                if !is_new {
                    // Another one tells all that lies there.
                    return;
                }
                let is_due = !knows_all || has_grown;
                if let Some(task) = is_due
                    .then(|| task_at(&place, &past, (&reading, now)))
                    .flatten()
                {
                    self.again.push(Again {
                        number,
                        past,
                        reading,
                        task,
                    });
                    return;
                }
            }
            Some(Whereabouts::Gone) | None => {}
        }
        if !knows_all {
            self.unjudged += 1;
            self.lose(past.span, |stream| !knows[stream]);
        }
        if past.streams.is_none() {
            return;
        }
        let stream_of = |digest: &StreamDigest| digests.iter().position(|d| d == digest);
        self.recalled.push(Recalled {
            number,
            span: past.span,
            streams: kept.iter().map(stream_of).collect(),
        });
        let account = InputAccount {
            span: past.span,
            latest: past.latest,
            edges: past.edges,
            ..InputAccount::default()
        };
        self.past.push(Past {
            task,
            account,
            knows,
        });
    }

    /// The place of an earlier input among all inputs of the run, if it is judged.
    pub(super) fn place_of(&self, number: i64) -> Option<usize> {
        let again = self.again.iter().map(|again| again.number);
        let recalled = self.recalled.iter().map(|recalled| recalled.number);
        let at = again.chain(recalled).position(|other| other == number)?;
        Some(self.anew.len() + at)
    }

    /// Takes note that facts of some streams are not at hand.
    pub(super) fn lose(&mut self, span: Option<(i64, i64)>, is_lost: impl Fn(usize) -> bool) {
        let Some((_, last)) = span else { return };
        for (stream, lost) in self.lost.iter_mut().enumerate() {
            if is_lost(stream) {
                *lost = (*lost).max(Some(last));
            }
        }
    }
}

/// The input as it was read, and the digests of its streams in this run: under the name it had, or
/// by its place, whichever the config knows it by.
fn best_task(
    number: i64,
    past: &PastInput,
    reading: &Reading,
    now: Now<'_>,
) -> (Task, Vec<StreamDigest>) {
    let kept = past.streams.as_deref().unwrap_or_default();
    let by = |name: &str| {
        let input = Input::kept(name, kept_input(number, past, now.store));
        let task = task_of(input, reading, now);
        let digests = now.marks.of(&task.source);
        (task, digests)
    };
    let (mut task, digests) = by(&past.name);
    if !digests.iter().any(|d| kept.contains(d)) && past.name != past.path {
        let (other, others) = by(&past.path);
        if others.iter().any(|d| kept.contains(d)) {
            task.source = other.source;
            return (at_its_time(task, past), others);
        }
    }
    (at_its_time(task, past), digests)
}

/// What is read again at a place, as it was read before.
fn task_at(place: &str, past: &PastInput, (reading, now): (&Reading, Now<'_>)) -> Option<Task> {
    if place == past.path && !rotated::was_live(past) {
        return Some(task_of(file::input_at(past)?, reading, now));
    }
    let task = task_of(file::input_named(place, place)?, reading, now);
    // A file that was renamed belongs to the source it belonged to.
    let before = task_of(
        Input::kept(&past.name, kept_input(0, past, now.store)),
        reading,
        now,
    );
    Some(match before.source.name.is_some() {
        true => Task {
            source: before.source,
            ..task
        },
        false => task,
    })
}

/// Times without a year are read against the instant they were read against before.
pub(super) fn at_its_time(task: Task, past: &PastInput) -> Task {
    let now = Instant {
        nanos: past.now,
        offset: task.source.zone.offset_at(past.now),
        ..task.now
    };
    Task { now, ..task }
}

fn task_of(input: Input, reading: &Reading, now: Now<'_>) -> Task {
    scan::task(now.plan, reading, now.bounds, &input)
}

fn kept_input(number: i64, past: &PastInput, store: &Path) -> Kept {
    let records = KeptRecords::of(store, number);
    let changed = past.changed.and_then(|at| u64::try_from(at).ok());
    let after = |nanos| std::time::UNIX_EPOCH + std::time::Duration::from_nanos(nanos);
    Kept {
        head: past.head.clone(),
        modified: changed.map(after),
        records: Box::new(move |ranges| read(&records, ranges).map_err(io::Error::other)),
    }
}

/// Reads ranges of an input, sorted by offset, among the records that were kept.
fn read(records: &KeptRecords, ranges: &[(u64, u32)]) -> Result<Vec<Vec<u8>>, Failure> {
    let reader = RecordReader::open(records)?;
    let mut found: Vec<Option<Vec<u8>>> = vec![None; ranges.len()];
    for at in 0..ranges.len() {
        if found[at].is_some() {
            continue;
        }
        reader.each_at(ranges[at].0, &mut |sealed| {
            let texts = spill::unseal_records(sealed, &ranges[at..])?;
            for (place, text) in found[at..].iter_mut().zip(texts) {
                *place = place.take().or(text);
            }
            Ok(())
        })?;
    }
    let missing = || io::Error::new(io::ErrorKind::NotFound, "a record was not kept");
    let all = found.into_iter().map(|text| text.ok_or_else(missing));
    Ok(all.collect::<io::Result<_>>()?)
}
