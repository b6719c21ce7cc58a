//! A run that goes on: records are judged as they come.
//!
//! Takes inputs that are still being written; says alerts as soon as they are certain. All facts
//! are judged again and again by the code that judges a scan's, on a thread of its own and no
//! more often than that it takes a small part of the time; between two judgments the herald tells
//! at once what begins. What is said at the end is what a scan of the same records says. Never
//! reads a clock: the time of the wall comes from the desk.

mod book;
mod ground;
mod reader;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::Scope;
use std::time::Duration;

use rayon::ThreadPool;
use rayon::prelude::*;

pub use book::{Said, TakenBack};

use super::collect::{Loose, RuleCount};
use super::feed::{self, OpenedInput, SegmentAt, Task, Work};
use super::finish::Alerts;
use super::hours::SiteHours;
use super::lane::Lane;
use super::{Limits, Plan, Run, Watch};
use crate::alert::Alert;
use crate::detect::{self, Draft, Herald, Learning, Observing, Wiring};
use crate::event::NANOS;
use crate::frame::Segment;
use crate::rule::Observed;
use crate::spill::Facts;

use book::{Book, Changes, When};
use ground::{Ground, Judged, Moment};
use reader::{News, Reporter};

/// Pieces that wait to be judged; whoever writes more waits too.
const QUEUE: usize = 64;
/// Pieces judged at a time.
const BATCH: usize = 32;
/// How long nothing new is waited for.
const PATIENCE: Duration = Duration::from_millis(10);
/// Shortest time between two judgments of all facts.
const SHORTEST: Duration = Duration::from_millis(400);
/// A judgment takes one part in so many of the time.
const SHARE: u32 = 7;
/// How often silence is looked for while nothing comes.
const SILENCE: Duration = Duration::from_secs(1);
/// How often the desk hears that all is well.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How long the end waits for readers.
const END: Duration = Duration::from_secs(10);
/// Facts may wait for the judgment at work in so many times the memory of packed facts.
const FRESH: usize = 4;
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
    /// Keeps and shows what is to be said.
    ///
    /// # Errors
    /// When it could not be kept or shown; the run ends then.
    fn issue(&mut self, issue: Issue<'_>) -> io::Result<()>;
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
    let mut live = Live::new((plan, &wiring), limits, watch.clone());
    std::thread::scope(|scope| {
        while live.goes_on(desk) {
            live.welcome(desk)?;
            if live.has_room()? {
                live.listen(&pool, desk)?;
            }
            live.judge((scope, &judges), desk)?;
        }
        live.end((scope, &judges), desk)
    })?;
    Ok(live.close(plan))
}

fn pool(threads: usize) -> io::Result<ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().map_err(io::Error::other)
}

/// Makes alerts of drafts; evidence that cannot be read again is noted.
fn make(
    plan: Plan<'_>,
    (inputs, segments): (&[OpenedInput], &[SegmentAt]),
    drafts: &[Draft],
    unreadable: &mut BTreeMap<String, String>,
) -> Vec<(Alert, String)> {
    if drafts.is_empty() {
        return Vec::new();
    }
    let mut alerts = Alerts::new(plan, Vec::new(), inputs, segments.to_vec());
    let made = alerts.alike(drafts);
    unreadable.extend(alerts.unreadable().clone());
    made
}

/// The input behind a reader.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Its place among the opened inputs.
    input: Option<u32>,
    /// The segment its pieces are numbered as, with its place in the input.
    segment: Option<(u32, SegmentAt)>,
    ended: bool,
}

/// A run that goes on.
struct Live<'w> {
    plan: Plan<'w>,
    wiring: &'w Wiring,
    limits: Limits,
    watch: Watch,
    news: (SyncSender<(u32, News)>, Receiver<(u32, News)>),
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
    hours: SiteHours<'w>,
    book: Book,
    /// Facts that came since the last judgment began.
    fresh: Vec<Facts>,
    ground: Option<Ground>,
    judging: Option<Receiver<Judged>>,
    learning: Vec<Learning>,
    /// Inputs whose evidence could not be read again, with the reasons.
    unreadable: BTreeMap<String, String>,
    pace: Pace,
    /// Until when silence is judged by the clock on the wall.
    ticked: i64,
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
    fn new((plan, wiring): (Plan<'w>, &'w Wiring), limits: Limits, watch: Watch) -> Live<'w> {
        let lanes = (0..limits.threads).map(|_| Lane::new(plan, wiring, true));
        let silences = plan.rules.detections.iter().zip(plan.muted);
        let is_silence = |observed: &Observed| matches!(observed, Observed::Silence(_));
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
            hours: SiteHours::new(plan.house.calendars),
            book: Book::default(),
            fresh: ground::loose(wiring),
            ground: Some(Ground::new(wiring, limits.memory)),
            judging: None,
            learning: Vec::new(),
            unreadable: BTreeMap::new(),
            pace: Pace::default(),
            ticked: i64::MIN,
            in_step: false,
            follows_silence: silences
                .filter_map(|(rule, muted)| rule.observe.as_ref().filter(|_| !muted))
                .any(|observe| is_silence(&observe.kind)),
        }
    }

    fn goes_on(&self, desk: &dyn Desk) -> bool {
        let all_ended = !self.readers.is_empty() && self.readers.iter().all(|r| r.ended);
        !reader::is_stopped(&self.watch.stop) && (desk.is_open() || !all_ended)
    }

    /// Makes room for what comes; false while only the judgment at work can make it.
    fn has_room(&mut self) -> io::Result<bool> {
        let waiting: usize = self.fresh.iter().map(Facts::bytes).sum();
        if waiting < self.limits.memory.saturating_mul(FRESH) {
            return Ok(true);
        }
        match &mut self.ground {
            Some(ground) => {
                ground.take(&self.fresh, self.wiring)?;
                self.fresh.iter_mut().for_each(Facts::clear);
                Ok(true)
            }
            None => {
                std::thread::sleep(PATIENCE);
                Ok(false)
            }
        }
    }

    /// Begins to read what is new.
    fn welcome(&mut self, desk: &mut dyn Desk) -> io::Result<()> {
        for task in desk.arrivals() {
            let number = self.readers.len() as u32;
            self.readers.push(Place::default());
            if !task.input.is_stdin() {
                self.catching_up.insert(number);
            }
            let reporter = Reporter {
                number,
                news: self.news.0.clone(),
            };
            reader::start(task, reporter, self.watch.stop.clone())?;
        }
        Ok(())
    }

    /// Takes what the readers tell, and says what begins with it.
    fn listen(&mut self, pool: &ThreadPool, desk: &mut dyn Desk) -> io::Result<bool> {
        let mut works = Vec::new();
        let mut any = false;
        let mut patience = PATIENCE;
        while works.len() < BATCH {
            let (number, news) = match self.news.1.try_recv() {
                Ok(news) => news,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) if any => break,
                Err(_) => match self.news.1.recv_timeout(patience) {
                    Ok(news) => news,
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                },
            };
            any = true;
            patience = Duration::ZERO;
            match news {
                News::Opened(opened) => self.open(number, *opened),
                News::Piece(segment, line) => works.extend(self.place(number, segment, line)),
                News::Idle => {
                    self.catching_up.remove(&number);
                }
                News::Ended(error) => self.ended(number, error),
            }
        }
        if !works.is_empty() {
            let begun = self.take(&works, pool, desk);
            self.say_at_once(begun, desk)?;
        }
        Ok(any)
    }

    fn open(&mut self, number: u32, opened: OpenedInput) {
        self.readers[number as usize].input = Some(self.inputs.len() as u32);
        self.inputs.push(opened);
        self.ranks = feed::ranks(&self.inputs, &self.segments);
    }

    fn ended(&mut self, number: u32, error: Option<crate::diagnostic::Text>) {
        self.catching_up.remove(&number);
        let place = &mut self.readers[number as usize];
        place.ended = true;
        if let Some(input) = place.input {
            let opened = &mut self.inputs[input as usize];
            opened.error = opened.error.take().or(error);
        }
    }

    /// Numbers a piece together with those before it.
    fn place(&mut self, number: u32, segment: Segment, line: u64) -> Option<Work> {
        let place = &mut self.readers[number as usize];
        let input = place.input?;
        let context = self.inputs[input as usize].context.clone()?;
        let reaches = |at: &SegmentAt| {
            let bytes = segment.offset as i64 - at.offset as i64;
            let lines = line as i64 - at.line as i64;
            bytes < LONGEST && lines < LONGEST
        };
        let (of, at) = match place.segment.filter(|(_, at)| reaches(at)) {
            Some(known) => known,
            None => {
                let at = SegmentAt {
                    input,
                    offset: segment.offset,
                    line,
                };
                self.segments.push(at);
                let of = (self.segments.len() - 1) as u32;
                place.segment = Some((of, at));
                self.ranks = feed::ranks(&self.inputs, &self.segments);
                (of, at)
            }
        };
        let shift = (
            segment.offset as i64 - at.offset as i64,
            (line as i64 - at.line as i64) as i32,
        );
        Some(Work {
            context,
            input,
            number: of,
            line: at.line,
            segment,
            shift,
        })
    }

    /// Judges the records of some pieces; gives the alerts that begin with them.
    fn take(&mut self, works: &[Work], pool: &ThreadPool, desk: &mut dyn Desk) -> Vec<Draft> {
        let share = works.len().div_ceil(self.lanes.len());
        let lanes = &mut self.lanes;
        let made: Vec<Loose> = match works {
            [work] => vec![lanes[0].work_loose(work)],
            works => pool.install(|| {
                let shares = lanes.par_iter_mut().zip(works.par_chunks(share));
                let all = shares.map(|(lane, works)| {
                    let made = works.iter().map(|work| lane.work_loose(work));
                    made.collect::<Vec<Loose>>()
                });
                let all: Vec<Vec<Loose>> = all.collect();
                all.into_iter().flatten().collect()
            }),
        };
        let mut came = ground::loose(self.wiring);
        for (work, loose) in works.iter().zip(made) {
            self.note(work.input, loose, &mut came, desk);
        }
        for (fresh, came) in self.fresh.iter_mut().zip(&came) {
            fresh.append(came);
            self.pace.wanted |= !came.is_empty();
        }
        let ranks = &self.ranks;
        let hours = &self.hours;
        let plan = self.plan;
        let settings = detect::Settings {
            rank: &|segment| ranks[segment as usize],
            offset_at: &|nanos| plan.site.offset_at(nanos),
            evidence: plan.evidence,
            budget: 0,
            observing: Observing {
                opens: &|nanos| hours.at(nanos),
                until: i64::MIN,
            },
        };
        self.herald.take(&mut came, &settings)
    }

    /// Adds what was read of a piece to the account of its input.
    fn note(&mut self, input: u32, loose: Loose, came: &mut [Facts], desk: &mut dyn Desk) {
        for (came, facts) in came.iter_mut().zip(&loose.facts) {
            came.append(facts);
        }
        for (count, more) in self.counts.iter_mut().zip(loose.counts) {
            count.merge(more);
        }
        let opened = &mut self.inputs[input as usize];
        let mut account = loose.account;
        let lateness = desk.lateness(&opened.source);
        if let Some(first) = loose.times.first() {
            let newest = self.newest.entry(opened.source.clone()).or_insert(*first);
            for time in &loose.times {
                account.late += u64::from(*time < newest.saturating_sub(lateness));
                *newest = (*newest).max(*time);
            }
            let now = desk.beat().now;
            self.in_step |= (now - *newest).abs() <= lateness;
        }
        opened.account.merge(account);
    }

    fn say_at_once(&mut self, begun: Vec<Draft>, desk: &mut dyn Desk) -> io::Result<()> {
        // While history is read, its order is that of files: all of it is judged first.
        let is_behind = !self.catching_up.is_empty() || !self.pace.is_begun;
        if begun.is_empty() || is_behind {
            return Ok(());
        }
        let when = When {
            now: desk.beat().since,
            last: false,
        };
        let (plan, inputs, segments) = (self.plan, &self.inputs, &self.segments);
        let unreadable = &mut self.unreadable;
        let changes = self.book.herald(begun, when, &mut |drafts| {
            make(plan, (inputs, segments), drafts, unreadable)
        });
        self.issue(changes, false, desk)
    }

    fn issue(&self, changes: Changes, whole: bool, desk: &mut dyn Desk) -> io::Result<()> {
        let Changes { mut said, gone } = changes;
        said.sort_by(|a, b| (a.alert.start, &a.alert.id).cmp(&(b.alert.start, &b.alert.id)));
        desk.issue(Issue {
            said,
            gone,
            inputs: &self.inputs,
            whole,
        })
    }

    /// Judges all facts when it is time, and says what came of it.
    fn judge<'s>(
        &mut self,
        (scope, pool): (&'s Scope<'s, '_>, &'s ThreadPool),
        desk: &mut dyn Desk,
    ) -> io::Result<()>
    where
        'w: 's,
    {
        let beat = desk.beat();
        if let Some(judging) = &self.judging {
            match judging.try_recv() {
                Ok(judged) => self.hear(judged, false, desk)?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(io::Error::other("a judge failed")),
            }
        }
        let pause = beat.since.saturating_sub(self.pace.ended);
        let rest = match self.pace.is_begun {
            true => SHORTEST.max(self.pace.took.saturating_mul(SHARE - 1)),
            false => Duration::ZERO,
        };
        let listens = self.follows_silence && self.in_step && pause >= SILENCE.max(rest);
        let is_due = self.pace.wanted && pause >= rest;
        if self.catching_up.is_empty() && (is_due || listens) {
            self.begin((scope, pool), desk);
        } else if self.catching_up.is_empty() && pause >= HEARTBEAT {
            self.pace.ended = beat.since;
            self.issue(Changes::default(), true, desk)?;
        }
        Ok(())
    }

    /// Begins to judge all facts.
    fn begin<'s>(&mut self, (scope, pool): (&'s Scope<'s, '_>, &'s ThreadPool), desk: &mut dyn Desk)
    where
        'w: 's,
    {
        let Some(ground) = self.ground.take() else {
            return;
        };
        self.pace.wanted = false;
        self.pace.began = desk.beat().since;
        self.book.begun += 1;
        let fresh = self.fresh.iter_mut().map(Facts::take).collect();
        let moment = self.moment(desk);
        let receiver = ground.judge_beside(scope, (self.plan, self.wiring), fresh, (moment, pool));
        self.judging = Some(receiver);
    }

    fn moment(&mut self, desk: &mut dyn Desk) -> Moment {
        let latest = self.inputs.iter().filter_map(|i| i.account.latest).max();
        if self.in_step {
            let waits = self.newest.keys().map(|source| desk.lateness(source));
            let waits = waits.max().unwrap_or(NANOS);
            self.ticked = self.ticked.max(desk.beat().now.saturating_sub(waits));
        }
        let end = self.plan.period.1.saturating_sub(1);
        let until = latest.map_or(i64::MIN, |latest| latest.max(self.ticked).min(end));
        let origins = (self.inputs.len() > 1).then(|| feed::origins(&self.inputs, &self.segments));
        Moment {
            ranks: self.ranks.clone(),
            origins,
            until,
            budget: (self.limits.memory / 2).max(1 << 20),
        }
    }

    /// Takes a judgment and says what is new in it.
    fn hear(&mut self, (ground, found): Judged, last: bool, desk: &mut dyn Desk) -> io::Result<()> {
        self.judging = None;
        self.ground = Some(ground);
        let found = found?;
        self.learning = found.learning;
        let when = When {
            now: desk.beat().since,
            last,
        };
        let (plan, inputs, segments) = (self.plan, &self.inputs, &self.segments);
        let number = self.book.begun;
        let unreadable = &mut self.unreadable;
        let changes = self
            .book
            .judged(&found.drafts, number, when, &mut |drafts| {
                make(plan, (inputs, segments), drafts, unreadable)
            });
        self.pace.is_begun = true;
        self.issue(changes, true, desk)?;
        let beat = desk.beat();
        self.pace.took = beat.since.saturating_sub(self.pace.began);
        self.pace.ended = beat.since;
        Ok(())
    }

    /// Takes what the readers still give, judges everything and says the rest.
    fn end<'s>(
        &mut self,
        (scope, pool): (&'s Scope<'s, '_>, &'s ThreadPool),
        desk: &mut dyn Desk,
    ) -> io::Result<()>
    where
        'w: 's,
    {
        let asked = desk.beat().since;
        while !self.readers.iter().all(|r| r.ended) && desk.beat().since - asked < END {
            if self.has_room()? {
                self.listen(pool, desk)?;
            } else if let Some(Ok(judged)) = self.judging.as_ref().map(Receiver::try_recv) {
                self.hear(judged, false, desk)?;
            }
        }
        self.catching_up.clear();
        if let Some(judging) = self.judging.take() {
            let (ground, _) = judging.recv().map_err(io::Error::other)?;
            self.ground = Some(ground);
        }
        self.begin((scope, pool), desk);
        if let Some(judging) = self.judging.take() {
            let judged = judging.recv().map_err(io::Error::other)?;
            self.hear(judged, true, desk)?;
        }
        Ok(())
    }

    fn close(self, plan: Plan<'_>) -> Watched<'_> {
        let mut alerts = Alerts::new(plan, Vec::new(), &[], Vec::new());
        alerts.could_not_read(self.unreadable);
        Watched {
            alerts: self.book.counts(),
            run: Run {
                alerts,
                inputs: self.inputs,
                counts: self.counts,
                learning: self.learning,
            },
        }
    }
}
