//! Wires the rooms: inputs through the lanes into facts, facts through the rules into alerts.
//!
//! Takes a `Plan`; gives alerts in a total order and the account of what was read. The left
//! side is a pure function of each segment and runs on all threads; what it gives is merged in a
//! way that does not depend on who finished first. Contains no domain rules.

mod again;
mod collect;
mod count;
mod dating;
mod difference;
mod feed;
mod finish;
mod gathered;
mod habit;
mod judge;
mod lane;
mod live;
mod noted;
mod recall;
mod rejected;
mod rule_tests;
mod show;
mod site;
mod stepped;
mod twice;
mod walk;
mod years;

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};

use rayon::prelude::*;

pub use again::Again;
pub use collect::RuleCount;
pub use count::Tally;
pub use difference::{Difference, Telling};
pub use feed::{HEAD, OF_INPUTS, OpenedInput, SourceSettings, Task};
pub use finish::Alerts;
pub use gathered::{Gathered, key_of};
pub use live::{Beat, Chapter, Desk, Issue, Packing, Said, TakenBack, ToldSoFar, Watched, watch};
pub use recall::{
    Beside, Kept, KeptSegment, Past, Recall, Recalled, Remembered, StreamShape, TakeRecalled,
    stream_shapes,
};
pub use rule_tests::{TestOutcome, run_rule_tests};
pub use twice::{KnownRoll, Rollbook};

use crate::detect::{Learning, Stream, Wiring};
use crate::enrich::House;
use crate::event::{Asked, Event, Instant, Reject, Zone};
use crate::rule::RuleSet;

use collect::{Collected, Collector};
use count::Part;
use feed::{Feed, SegmentAt};
use lane::Lane;

/// Usual size of a segment, in bytes.
pub const BLOCK: usize = 1 << 20;

/// Everything a run needs to know; immutable while it goes on.
#[derive(Clone, Copy)]
pub struct Plan<'p> {
    /// Calendars and registers.
    pub house: House<'p>,
    /// The rules.
    pub rules: &'p RuleSet,
    /// True when the business hours were assumed.
    pub assumed: bool,
    /// The site's zone.
    pub site: Zone,
    /// Only events in here are judged, nanoseconds since 1970; all are counted.
    pub period: (i64, i64),
    /// How many records are kept as first and as last evidence.
    pub evidence: usize,
}

impl Plan<'_> {
    fn judges(&self, nanos: i64) -> bool {
        Range {
            start: self.period.0,
            end: self.period.1,
        }
        .contains(&nanos)
    }

    /// What the rules that may speak ask about.
    fn asked(&self) -> Asked {
        Asked::of(|action, outcome| !self.rules.candidates(action, outcome).is_empty())
    }
}

/// How much of the machine a run may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads of the left side.
    pub threads: usize,
    /// Size of a segment, in bytes.
    pub block: usize,
    /// Bytes of facts kept in memory before they go to a temporary file.
    pub memory: usize,
}

/// What somebody outside may watch and stop.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Bytes read from disk so far.
    pub bytes: Arc<AtomicU64>,
    /// Set to stop at the next segment.
    pub stop: Arc<AtomicBool>,
}

impl Watch {
    /// The same for bytes that were counted already.
    fn unseen(&self) -> Watch {
        Watch {
            bytes: Arc::default(),
            stop: Arc::clone(&self.stop),
        }
    }
}

/// What a run found and examined.
pub struct Run<'p> {
    /// The alerts, to be read one by one.
    pub alerts: Alerts<'p>,
    /// Each input, in the order it was read.
    pub inputs: Vec<OpenedInput>,
    /// What each detection matched, by index.
    pub counts: Vec<RuleCount>,
    /// Of which keys the observing rules do not know enough yet.
    pub learning: Vec<Learning>,
    /// Names of the sources that should have been heard of at the end of the records and were not.
    pub unheard: Vec<String>,
    /// What the inputs tell by hour, account and terminal; empty unless it was asked for.
    pub tally: Tally,
    /// What was made of the inputs that were read; for runs that remember.
    pub kept: Option<Kept>,
}

/// Reads all inputs, judges all records and puts the alerts in order.
///
/// # Errors
/// When the temporary file of facts cannot be written or read; inputs that cannot be read are
/// told in [`Run::inputs`].
pub fn run<'p>(
    plan: Plan<'p>,
    tasks: Vec<Task>,
    limits: Limits,
    watch: &Watch,
) -> io::Result<Run<'p>> {
    gather(plan, tasks, limits, watch)?.finish(plan)
}

/// The same, and counts what the weekly page shows.
///
/// # Errors
/// As for [`run`].
pub fn run_and_count<'p>(
    plan: Plan<'p>,
    tasks: Vec<Task>,
    limits: Limits,
    watch: &Watch,
) -> io::Result<Run<'p>> {
    gather_beside(plan, tasks, limits, (watch, true), None)?.finish(plan)
}

/// The same beside what earlier runs kept; what this one is to keep is told in [`Run::kept`]. The
/// inputs of earlier runs stand behind those that were read.
///
/// # Errors
/// As for [`run`]; when the facts of earlier runs cannot be recalled.
pub fn run_beside<'p>(
    plan: Plan<'p>,
    tasks: Vec<Task>,
    limits: Limits,
    watch: &Watch,
    beside: Beside<'_>,
) -> io::Result<Run<'p>> {
    gather_beside(plan, tasks, limits, (watch, true), Some(beside))?.finish(plan)
}

/// Reads all inputs and keeps what the rules need of them, to be judged as often as wanted.
///
/// # Errors
/// When the temporary file of facts cannot be written; inputs that cannot be read are told in
/// [`Gathered::inputs`].
pub fn gather(
    plan: Plan<'_>,
    tasks: Vec<Task>,
    limits: Limits,
    watch: &Watch,
) -> io::Result<Gathered> {
    gather_beside(plan, tasks, limits, (watch, false), None)
}

fn gather_beside(
    plan: Plan<'_>,
    tasks: Vec<Task>,
    limits: Limits,
    (watch, counts): (&Watch, bool),
    mut beside: Option<Beside<'_>>,
) -> io::Result<Gathered> {
    let wiring = Wiring::new(plan.rules);
    // Only several inputs can tell a record more than once.
    let overlap = tasks.len() > 1 || beside.is_some();
    let asked = lane::Asking {
        edges: overlap,
        counts,
        parcels: beside.is_some(),
        rolls: overlap.then(|| beside.as_ref().map_or(0, |beside| beside.key)),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(limits.threads)
        .build()
        .map_err(io::Error::other)?;
    let read = |tasks, watch: &Watch| {
        let left = (plan, &wiring, asked);
        read_all(left, tasks, (limits, &pool), watch)
    };
    let (mut collected, (mut inputs, mut segments)) = read(tasks.clone(), watch)?;
    if let Some(tasks) = years::surveyed(&tasks, &inputs, watch) {
        // What was made of logs longer than a year was read by the wrong years.
        drop((collected, segments));
        (collected, (inputs, segments)) = read(tasks, &watch.unseen())?;
    }
    inputs.iter_mut().for_each(years::note_turn);
    let own = inputs.len();
    rejected::add(
        (plan, &wiring),
        (&inputs, &mut segments),
        &mut collected,
        beside.is_some(),
    )?;
    let read = segments.clone();
    let mut knows = Vec::new();
    if let Some(beside) = &mut beside {
        let of_past = beside.past.iter_mut();
        knows = of_past.map(|p| std::mem::take(&mut p.knows)).collect();
        let mut known = recall::Known {
            inputs: &mut inputs,
            segments: &mut segments,
            spill: &mut collected.spill,
        };
        known.add(beside, (plan, &wiring))?;
    }
    let ranks = feed::ranks(&inputs, &segments);
    let mut facts = collected.spill.finish();
    if overlap {
        let rank = |segment: u32| ranks[segment as usize];
        let streams = wiring.streams().iter();
        let shows: Vec<bool> = streams.map(Stream::shows_sharing).collect();
        let origins = feed::origins(&inputs, &segments);
        let origins = origins.knowing(move |stream, input| {
            let of_past = input.checked_sub(own).and_then(|at| knows.get(at));
            shows[stream] && of_past.is_none_or(|knows: &Vec<bool>| knows[stream])
        });
        facts.tell_origins(origins, &rank)?;
        let mut nothing = twice::NoRolls;
        let mut counting = twice::Counting {
            rolls: &collected.rolls,
            book: match &mut beside {
                Some(beside) => &mut *beside.remembered,
                None => &mut nothing,
            },
            origins: facts.origins(),
            own,
        };
        counting.count(&mut inputs)?;
    }
    let kept = beside.is_some().then(|| Kept {
        parcels: collected.parcels,
        segments: read,
        rolls: collected.rolls,
    });
    Ok(Gathered {
        ranks,
        inputs,
        counts: collected.counts,
        wiring,
        facts,
        tally: collected.tallies.finish(own),
        segments,
        kept,
        budget: (limits.memory / 2).max(1 << 20),
        pool,
    })
}

/// All that was made of the inputs, and what is known of them.
type ReadAll = (Collected, (Vec<OpenedInput>, Vec<SegmentAt>));

/// The left side: has the lanes read all inputs, side by side, and joins what they give.
fn read_all(
    (plan, wiring, asked): (Plan<'_>, &Wiring, lane::Asking),
    tasks: Vec<Task>,
    (limits, pool): (Limits, &rayon::ThreadPool),
    watch: &Watch,
) -> io::Result<ReadAll> {
    let mut feed = Feed::new(tasks, limits.block, watch.clone());
    let rooms = feed.rooms();
    let collector = Mutex::new(Collector::new(wiring, plan.rules, limits.memory));
    pool.install(|| {
        (&mut feed).par_bridge().for_each_init(
            || Lane::new(plan, wiring, asked),
            |lane, work| {
                let yielded = lane.work(&work);
                // A lane that panicked while it held the lock leaves the collector unusable, and
                // its panic ends the run anyway.
                if let Ok(mut collector) = collector.lock() {
                    collector.take((work.input, work.number), yielded);
                    if let Some(counter) = lane.counter() {
                        let part = Part {
                            input: work.input,
                            segment: work.number,
                        };
                        collector.tally(part, counter);
                    }
                }
                rooms.give_back(work.segment.bytes);
            },
        );
    });
    let collector = collector
        .into_inner()
        .map_err(|_| io::Error::other("a lane failed"))?;
    let mut collected = collector.finish()?;
    let (mut inputs, segments) = feed.finish();
    let accounts = std::mem::take(&mut collected.accounts);
    for (input, account) in inputs.iter_mut().zip(accounts) {
        input.account = account;
    }
    Ok((collected, (inputs, segments)))
}

/// What `parse` shows of one record.
pub enum Parsing<'e, 'r> {
    /// One of its events.
    Event(&'e Event<'r>),
    /// Why it gave none.
    Reject(Reject),
}

/// Where a record stands, for `parse`.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The input, as the user named it.
    pub path: &'a str,
    /// Source name.
    pub source: &'a str,
    /// Line, from 1.
    pub line: u64,
    /// Byte offset, from 0.
    pub offset: u64,
    /// Its text, decoded.
    pub text: &'a str,
}

/// Reads all inputs one after another and shows what becomes of each record, in file order.
///
/// # Errors
/// What `show` gives; inputs that cannot be read are told in the result.
pub fn parse(
    tasks: Vec<Task>,
    block: usize,
    watch: &Watch,
    show: &mut dyn FnMut(At<'_>, Parsing<'_, '_>) -> io::Result<()>,
) -> io::Result<Vec<OpenedInput>> {
    let tasks = tasks.into_iter().map(|task| years::told(task, watch));
    let mut feed = Feed::new(tasks.collect(), block, watch.clone());
    let mut accounts = Vec::new();
    for work in feed.by_ref() {
        let account = show::show(&work, show)?;
        collect::add_account(&mut accounts, work.input, account);
    }
    let (mut inputs, _) = feed.finish();
    for (input, account) in inputs.iter_mut().zip(accounts) {
        input.account = account;
        years::note_turn(input);
    }
    Ok(inputs)
}

/// Opens each input and tells what it is, without reading further than its beginning.
pub fn look(tasks: Vec<Task>) -> Vec<OpenedInput> {
    tasks.iter().map(feed::look).collect()
}

/// The latest instant a year-less time may mean: the time given, or the end of the year asked for.
pub fn reference(seconds: i64, nanos: u32, zone: Zone) -> Instant {
    let nanos = seconds
        .saturating_mul(crate::event::NANOS)
        .saturating_add(i64::from(nanos));
    Instant {
        nanos,
        offset: zone.offset_at(nanos),
        trusted: true,
        ambiguous: false,
    }
}
