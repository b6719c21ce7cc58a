//! A run with a store: what earlier runs read is judged again beside what is new, so that windows
//! reach from one night into the next, and what was found is kept. A scan keeps all at its end, a
//! live run (`live`) chapter by chapter.
//!
//! Takes an open store and the inputs of this run; recalls the facts of inputs of earlier runs, has
//! those read again whose facts do not stand any more, and keeps alerts, facts, inputs and the run
//! itself in one commit. Never reads a log itself.

mod at_hand;
mod counted;
mod earlier;
mod entry;
mod file;
mod kept;
mod live;
mod marks;
mod purge;
mod reading;
mod recall;
mod rotated;
mod summary;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Reading, Ruling};
use super::deliver::Sinks;
use super::house::House;
use super::memory;
use super::plan::{Bounds, Plan};
use crate::alert::Alert;
use crate::diagnostic::Problem;
use crate::event::NANOS;
use crate::pipeline::{self, Beside, Kept, Limits, OpenedInput, Run, Tally, Task, Watch};
use crate::store::{Change, Entry, Failure, Latest, PastInput, Store};

use earlier::{Earlier, Now};
use marks::Marks;
use purge::Purging;

pub(super) use at_hand::{AtHand, Days, Missing};
pub(super) use entry::{digests, ledger};
pub(super) use file::{digest_of, file_of};
pub(super) use live::{Clearing, Shelf, Writing, keep_chapter, keep_leaf};
pub(super) use summary::summary;

/// How far back facts are judged again, from the last event known (design 8.1).
pub(super) const HORIZON: i64 = 40 * 86_400 * NANOS;
/// How far an alert may reach beyond an input that is not at hand any more.
pub(super) const REACH: i64 = 2 * 86_400 * NANOS;

/// By what this run judges.
pub(super) struct Judging<'j> {
    plan: &'j Plan,
    bounds: &'j Bounds,
    marks: Marks,
    began: i64,
}

impl<'j> Judging<'j> {
    /// `began` is the time of the run, nanoseconds since 1970.
    pub(super) fn new(
        (plan, bounds): (&'j Plan, &'j Bounds),
        (house, ruling): (&House, &Ruling),
        began: i64,
    ) -> Judging<'j> {
        Judging {
            plan,
            bounds,
            marks: Marks::new(plan, house, ruling),
            began,
        }
    }

    /// True when all events are judged, not only those of a stretch of time.
    fn is_whole(&self) -> bool {
        self.bounds.since.is_none() && self.bounds.until.is_none()
    }
}

/// The memory of a run.
pub(super) struct Memory<'j> {
    path: PathBuf,
    store: Store,
    judging: Judging<'j>,
    earlier: Earlier,
    /// All inputs of earlier runs, without their beginnings.
    known: Vec<(i64, PastInput)>,
    /// Key of the hashes of records.
    key: u64,
    /// Of a live run, the names of its new inputs.
    named: Vec<Arc<str>>,
    /// Of a live run, what a rotation made of followed files while nobody followed them.
    missed: Vec<(Task, Reading)>,
}

/// What was kept, and which alerts are to be shown: new ones and those that changed.
pub(super) struct Told {
    pub(super) alerts: Vec<Alert>,
    /// Of each alert that took the place of others, their ids.
    pub(super) superseded: BTreeMap<String, Vec<String>>,
    pub(super) same: usize,
    pub(super) retracted: u64,
    /// Events that the weekly figures leave out.
    pub(super) uncounted: u64,
}

impl<'j> Memory<'j> {
    /// Opens the store, and decides what becomes of the inputs of earlier runs.
    pub(super) fn open(
        path: PathBuf,
        new: &[Task],
        judging: Judging<'j>,
    ) -> Result<Memory<'j>, Box<Problem>> {
        let store = Store::open(&path).map_err(|failure| said(&path, &failure))?;
        let inputs = store.inputs().map_err(|failure| said(&path, &failure))?;
        let known = inputs
            .iter()
            .map(|(number, past)| (*number, past.without_head()));
        let known = known.collect();
        let key = store.key().map_err(|failure| said(&path, &failure))?;
        let now = Now {
            plan: judging.plan,
            bounds: judging.bounds,
            marks: &judging.marks,
            began: judging.began,
            store: &path,
        };
        let mut earlier = Earlier::of(inputs, new, now);
        let forgotten = store.forgotten().map_err(|failure| said(&path, &failure))?;
        earlier.lose(forgotten.map(|last| (last, last)), |_| true);
        Ok(Memory {
            path,
            store,
            judging,
            earlier,
            known,
            key,
            named: Vec::new(),
            missed: Vec::new(),
        })
    }

    /// The inputs of earlier runs that are to be read again.
    pub(super) fn again(&self) -> impl Iterator<Item = Task> + '_ {
        self.earlier.again.iter().map(|again| again.task.clone())
    }

    /// Reads and judges, beside what is remembered.
    pub(super) fn run<'p>(
        &mut self,
        plan: pipeline::Plan<'p>,
        tasks: Vec<Task>,
        limits: Limits,
        watch: &Watch,
    ) -> io::Result<Run<'p>> {
        let past = std::mem::take(&mut self.earlier.past);
        let beside = Beside {
            past,
            key: self.key,
            remembered: self,
        };
        pipeline::run_beside(plan, tasks, limits, watch, beside)
    }

    /// What is to be said when a run ended because the store could not be read.
    pub(super) fn trouble(&self, error: &io::Error) -> Option<Box<Problem>> {
        let failure = error.get_ref()?.downcast_ref::<Failure>()?;
        Some(said(&self.path, failure))
    }

    /// Keeps what a run found, in one commit.
    pub(super) fn keep(
        &mut self,
        found: Found<'_>,
        alerts: Vec<Alert>,
    ) -> Result<Told, Box<Problem>> {
        let kept = self.commit(&found, alerts);
        kept.map_err(|failure| said(&self.path, &failure))
    }

    /// The store, for what is done after the commit.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Takes note of inputs that were told before and could not be read whole this time.
    fn look_at(&mut self, found: &Found<'_>) {
        let again = found.again.iter().zip(&self.earlier.again);
        let again = again.filter(|(input, _)| input.error.is_some());
        let mut lost: Vec<_> = again.map(|(_, again)| again.past.span).collect();
        for (input, anew) in found.inputs.iter().zip(&self.earlier.anew) {
            let told = self.known.iter().filter(|(n, _)| anew.numbers.contains(n));
            let told = told.filter(|_| input.error.is_some());
            lost.extend(told.map(|(_, past)| past.span));
        }
        for span in lost {
            // What has no span may have told anything.
            let span = span.unwrap_or((i64::MAX, i64::MAX));
            self.earlier.lose(Some(span), |_| true);
        }
    }

    /// The rules that were judged, each with the instant from which on its alerts are known in
    /// full.
    fn judged(&self, found: &Found<'_>) -> Vec<(String, i64)> {
        self.judged_from(&found.judged)
    }

    fn commit(&mut self, found: &Found<'_>, alerts: Vec<Alert>) -> Result<Told, Failure> {
        self.look_at(found);
        let judged = self.judged(found);
        let inputs = self.rereads(found);
        let old = self.earlier.old.clone();
        let purging = Purging::of(found.plan, self.judging.began, self.earlier.horizon);
        let (began, is_whole) = (self.judging.began, self.judging.is_whole());
        let changing = self.store.change()?;
        let run = changing.next_run()?;
        let latest = Latest {
            alerts: &alerts,
            judged: &judged,
        };
        let (changes, retracted) = changing.keep_alerts(run, latest)?;
        let numbers = kept::remember_inputs(&changing, run, &inputs)?;
        if let Some(made) = &found.kept {
            kept::keep_rolls(&changing, made, &numbers)?;
            if is_whole {
                kept::keep_facts(&changing, made, &numbers)?;
            }
        }
        counted::keep_counts(&changing, run, found, &numbers)?;
        let mut told = shown(alerts, &changes, retracted);
        told.uncounted = found.tally.left_out;
        told.superseded = changing.superseded()?;
        if !found.sinks.is_empty() {
            let gone = changing.gone_in(run)?;
            let news = (&*told.alerts, &*gone);
            found.sinks.post_from(&changing, news, found.house)?;
        }
        let note = purging.purge(&changing, &old, found.plan)?;
        let entry = Entry {
            note,
            inputs: entry::records(found.inputs, &inputs),
            ..entry::self_entry(began, found, &told, changing.alerts_digest()?)
        };
        let number = changing.append_run(&entry)?;
        changing.keep_ledger(number, &entry::ledger(found.plan, found.inputs))?;
        changing.commit()?;
        Ok(told)
    }
}

/// What a run found beside its alerts.
pub(super) struct Found<'f> {
    pub(super) plan: &'f Plan,
    pub(super) reading: &'f Reading,
    pub(super) house: &'f House,
    pub(super) ruling: &'f Ruling,
    /// The new inputs.
    pub(super) inputs: &'f [OpenedInput],
    /// Those of earlier runs: those that were read again, then those that were recalled.
    pub(super) again: &'f [OpenedInput],
    /// What the inputs that were read tell, in this order.
    pub(super) tally: &'f Tally,
    /// What was made of all that was read.
    pub(super) kept: Option<Kept>,
    /// The rules that could speak, with their detections; none when only a part of the events was
    /// judged.
    pub(super) judged: Vec<(String, Vec<usize>)>,
    pub(super) ended: i64,
    /// Where new and changed alerts are brought.
    pub(super) sinks: &'f Sinks,
}

pub(super) fn said(path: &Path, failure: &Failure) -> Box<Problem> {
    Box::new(memory::said(path, failure))
}

/// The alerts that are new or say something else, with their revisions.
fn shown(alerts: Vec<Alert>, changes: &[Change], retracted: u64) -> Told {
    let same = changes.iter().filter(|c| **c == Change::Same).count();
    let told = alerts.into_iter().zip(changes);
    let alerts = told.filter_map(|(alert, change)| match change {
        Change::New => Some(alert),
        Change::Revised(revision) => Some(Alert {
            revision: *revision,
            ..alert
        }),
        Change::Same => None,
    });
    Told {
        alerts: alerts.collect(),
        superseded: BTreeMap::new(),
        same,
        retracted,
        uncounted: 0,
    }
}
