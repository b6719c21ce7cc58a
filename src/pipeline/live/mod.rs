//! A run that goes on: records are judged as they come.
//!
//! Takes inputs that are still being written; says alerts as soon as they are certain. All facts
//! are judged again and again by the code that judges a scan's, on a thread of its own and no
//! more often than that it takes a small part of the time; between two judgments the herald tells
//! at once what begins. What is said at the end is what a scan of the same records says. Never
//! reads a clock: the time of the wall comes from the desk.

mod binder;
mod book;
mod chapter;
mod ground;
mod intake;
mod judging;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::Duration;

use rayon::ThreadPool;

pub use binder::Packing;
pub use book::{Said, TakenBack};
pub use chapter::{Chapter, ToldSoFar};

use super::collect::RuleCount;
use super::feed::{self, OpenedInput, SegmentAt, Task};
use super::lane::{Asking, Lane};
use super::recall::{Beside, Known};
use super::site::SiteKnown;
use super::{Limits, Plan, Run, Watch};
use crate::detect::{self, Herald, Learning, Observing, Wiring};
use crate::rule::Observed;
use crate::spill::{Facts, Spill};

use book::Book;
use chapter::Writer;
use ground::{Ground, Judged, Waiting};
use reader::News;

/// Pieces that wait to be judged; whoever writes more waits too.
const QUEUE: usize = 32;
/// Pieces judged at a time.
const BATCH: usize = 32;
/// How long nothing new is waited for.
const PATIENCE: Duration = Duration::from_millis(10);
/// Shortest time between two judgments of all facts.
const SHORTEST: Duration = Duration::from_millis(100);
/// A judgment takes one part in so many of the time.
const SHARE: u32 = 7;
/// How often silence is looked for while nothing comes.
const SILENCE: Duration = Duration::from_secs(1);
/// How often the desk hears that all is well.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How long the end waits for readers.
const END: Duration = Duration::from_secs(10);
/// How far the reference of times without a year may stay behind, nanoseconds.
const STEP: i64 = crate::event::NANOS;
/// Bytes and line breaks of an input that are numbered as one segment.
const LONGEST: i64 = 1 << 30;

/// A moment on the wall.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    /// Nanoseconds since 1970.
    pub now: i64,
    /// Time since the run began.
    pub since: Duration,
}

/// What is to be said, in the order of alerts.
pub struct Issue<'i> {
    /// Alerts that are new or say something else.
    pub said: Vec<Said>,
    /// Alerts that do not hold any more.
    pub gone: Vec<TakenBack>,
    /// All inputs, with what was read of them so far.
    pub inputs: &'i [OpenedInput],
    /// True when all facts were judged, not only those that came last.
    pub whole: bool,
    /// What is to be kept since the last time, when it is time for that.
    pub chapter: Option<Chapter>,
}

/// Where a run that goes on is watched from.
pub trait Desk {
    /// What time it is.
    fn beat(&mut self) -> Beat;
    /// Inputs that are new since the last time; asked again and again.
    fn arrivals(&mut self) -> Vec<Task>;
    /// True while more inputs may come.
    fn is_open(&self) -> bool;
    /// How long records of a source may be late, nanoseconds.
    fn lateness(&self, source: &str) -> i64;
    /// The key of the hashes of records, when facts, rolls and counts are kept beyond the run.
    fn keeps(&self) -> Option<u64>;
    /// What is remembered of earlier runs; asked once, before anything is read.
    fn beside(&mut self) -> Option<Beside<'_>>;
    /// Has kept and shown what is to be said, in the order of issues; it may be done later, beside
    /// the run.
    ///
    /// # Errors
    /// When it could not be kept or shown; the run ends then.
    fn issue(&mut self, issue: Issue<'_>) -> io::Result<()>;
    /// Whether all that was issued so far could be kept and shown; asked again and again.
    ///
    /// # Errors
    /// When something could not; the run ends then.
    fn is_well(&self) -> io::Result<()>;
}

/// What a run that went on found and examined.
pub struct Watched<'p> {
    /// The account of it; its alerts were all said.
    pub run: Run<'p>,
    /// How many alerts stand, by the id of their rule.
    pub alerts: BTreeMap<String, u64>,
}

/// Watches inputs until all have ended or the run is asked to stop.
///
/// # Errors
/// What the desk says; when temporary files cannot be written or read.
pub fn watch<'p>(
    plan: Plan<'p>,
    limits: Limits,
    watch: &Watch,
    desk: &mut dyn Desk,
) -> io::Result<Watched<'p>> {
    let wiring = Wiring::new(plan.rules);
    let pool = pool(limits.threads)?;
    // Judging must not keep the reading threads from their work.
    let judges = self::pool((limits.threads / 2).max(1))?;
    let keeps = desk.keeps().is_some();
    let mut live = Live::new((plan, &wiring), limits, (watch.clone(), desk.keeps()));
    live.remember(desk)?;
    std::thread::scope(|scope| {
        live.writer = keeps.then(|| Writer::begin(scope, &wiring, limits.memory));
        let done = live.go_on((scope, &pool, &judges), desk);
        // The binder is waited for.
        live.writer = None;
        done
    })?;
    Ok(live.close(plan))
}

fn pool(threads: usize) -> io::Result<ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().map_err(io::Error::other)
}

/// News, with the number of the reader.
type Told = (u32, News);

/// The input behind a reader.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Its place among the opened inputs.
    input: Option<u32>,
    /// The segment its pieces are numbered as, with its place in the input.
    segment: Option<(u32, SegmentAt)>,
    ended: bool,
    /// When it was asked for, nanoseconds since 1970.
    asked: i64,
}

/// A run that goes on.
struct Live<'w> {
    plan: Plan<'w>,
    wiring: &'w Wiring,
    limits: Limits,
    watch: Watch,
    news: (SyncSender<Told>, Receiver<Told>),
    readers: Vec<Place>,
    /// Readers that have not read yet all that was there when they began.
    catching_up: BTreeSet<u32>,
    inputs: Vec<OpenedInput>,
    segments: Vec<SegmentAt>,
    ranks: Vec<u32>,
    lanes: Vec<Lane<'w>>,
    counts: Vec<RuleCount>,
    /// The latest time of each source.
    newest: BTreeMap<String, i64>,
    herald: Herald<'w>,
    site: SiteKnown<'w>,
    book: Book,
    /// Facts that came since the last judgment began.
    fresh: Vec<Facts>,
    /// Those of them that were too many to lie loose while a judgment was at work.
    waiting: Waiting,
    ground: Option<Ground>,
    /// Gathers what is to be kept beyond the run, while it goes on.
    writer: Option<Writer>,
    /// How many of the inputs are those of earlier runs, which come first.
    past: usize,
    /// For each of these the streams whose facts are at hand.
    knows: Vec<Vec<bool>>,
    judging: Option<Receiver<Judged>>,
    learning: Vec<Learning>,
    /// Sources of which nothing was heard of late, by the last judgment.
    unheard: Vec<String>,
    /// Inputs whose evidence could not be read again, with the reasons.
    unreadable: BTreeMap<String, String>,
    pace: Pace,
    /// Until when silence is judged by the clock on the wall.
    ticked: i64,
    /// True once nothing follows.
    is_over: bool,
    /// True when some source keeps step with the clock on the wall.
    in_step: bool,
    follows_silence: bool,
}

/// When all facts are judged.
#[derive(Default)]
struct Pace {
    /// When the judgment at work began.
    began: Duration,
    ended: Duration,
    /// How long the last one took.
    took: Duration,
    /// True when there is something that the last one did not know.
    wanted: bool,
    /// True once all facts were judged.
    is_begun: bool,
}

impl<'w> Live<'w> {
    fn new(
        (plan, wiring): (Plan<'w>, &'w Wiring),
        limits: Limits,
        (watch, key): (Watch, Option<u64>),
    ) -> Live<'w> {
        let keeps = key.is_some();
        let asking = Asking {
            edges: true,
            counts: keeps,
            parcels: keeps,
            rolls: key,
        };
        let lanes = (0..limits.threads).map(|_| Lane::new(plan, wiring, asking));
        let silences = plan.rules.detections.iter();
        let is_silence = |o: &Observed| matches!(o, Observed::Silence(_) | Observed::Unheard);
        Live {
            plan,
            wiring,
            limits,
            watch,
            news: sync_channel(QUEUE),
            readers: Vec::new(),
            catching_up: BTreeSet::new(),
            inputs: Vec::new(),
            segments: Vec::new(),
            ranks: Vec::new(),
            lanes: lanes.collect(),
            counts: vec![RuleCount::default(); plan.rules.detections.len()],
            newest: BTreeMap::new(),
            herald: Herald::new(plan.rules, wiring),
            site: SiteKnown::of(plan.house),
            book: Book::default(),
            fresh: ground::loose(wiring),
            waiting: Waiting::new(wiring, limits.memory / 4),
            ground: None,
            writer: None,
            past: 0,
            knows: Vec::new(),
            judging: None,
            learning: Vec::new(),
            unheard: Vec::new(),
            unreadable: BTreeMap::new(),
            pace: Pace::default(),
            ticked: i64::MIN,
            is_over: false,
            in_step: false,
            follows_silence: silences
                .filter_map(|rule| rule.observe.as_ref().filter(|_| !rule.silent))
                .any(|observe| is_silence(&observe.kind)),
        }
    }

    /// Takes in the facts of earlier runs; the herald hears of them as if they had come now.
    fn remember(&mut self, desk: &mut dyn Desk) -> io::Result<()> {
        let mut spill = Spill::new(self.wiring.columns(), self.limits.memory);
        if let Some(mut beside) = desk.beside() {
            let known = beside.past.iter_mut();
            self.knows = known.map(|p| std::mem::take(&mut p.knows)).collect();
            let mut known = Known {
                inputs: &mut self.inputs,
                segments: &mut self.segments,
                spill: &mut spill,
            };
            known.add(&mut beside, (self.plan, self.wiring))?;
            self.past = self.inputs.len();
            self.ranks = feed::ranks(&self.inputs, &self.segments);
        }
        let ground = Ground::new(spill, self.wiring);
        let (plan, ranks, site) = (self.plan, &self.ranks, &self.site);
        let rank = |segment: u32| ranks[segment as usize];
        let settings = detect::Settings {
            rank: &rank,
            offset_at: &|nanos| plan.site.offset_at(nanos),
            evidence: plan.evidence,
            budget: 0,
            observing: Observing {
                site,
                until: i64::MIN,
            },
        };
        let herald = &mut self.herald;
        ground.each_stretch((self.wiring, &rank), &mut |mut facts| {
            herald.take(&mut facts, &settings);
        })?;
        self.ground = Some(ground);
        Ok(())
    }

    fn go_on<'s>(
        &mut self,
        (scope, pool, judges): (&'s Scope<'s, '_>, &'s ThreadPool, &'s ThreadPool),
        desk: &mut dyn Desk,
    ) -> io::Result<()>
    where
        'w: 's,
    {
        while self.goes_on(desk) {
            desk.is_well()?;
            self.welcome(desk)?;
            self.make_room()?;
            self.listen(pool, desk)?;
            self.turn_leaf(desk)?;
            self.judge((scope, judges), desk)?;
        }
        self.end((scope, pool), desk)
    }

    fn goes_on(&self, desk: &dyn Desk) -> bool {
        let all_ended = !self.readers.is_empty() && self.readers.iter().all(|r| r.ended);
        !reader::is_stopped(&self.watch.stop) && (desk.is_open() || !all_ended)
    }
}
