//! What comes in: readers are started and heard, pieces numbered, judged by the lanes and noted.
//!
//! Takes the news of the readers; gives facts to be judged, accounts of the inputs, and what the
//! herald finds in the facts. Lanes work side by side; what they give is noted in the order in
//! which it came.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::Duration;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::super::collect::Loose;
use super::super::count::Part;
use super::super::feed::{self, OpenedInput, SegmentAt, Work};
use super::super::lane::Lane;
use super::reader::{self, News, Reporter};
use super::{BATCH, Desk, LONGEST, Live, PATIENCE, Place, STEP, ground};
use crate::detect::{self, Draft, Observing};
use crate::diagnostic::Text;
use crate::frame::Segment;
use crate::spill::Facts;

impl Live<'_> {
    /// Makes room for what comes: the longest list at a time, so that what comes is not held up,
    /// and all of them where that is not enough.
    pub(super) fn make_room(&mut self) -> io::Result<()> {
        let loose: usize = self.fresh.iter().map(Facts::bytes).sum();
        // Lists have room for twice of what they hold.
        let bound = self.limits.memory / 2;
        if loose < bound / 2 {
            return Ok(());
        }
        let all = 0..self.fresh.len();
        let streams = match all.clone().max_by_key(|number| self.fresh[*number].bytes()) {
            Some(longest) if loose < bound => longest..longest + 1,
            _ => all,
        };
        match &mut self.ground {
            Some(ground) => ground.put_away(streams, &mut self.fresh, self.wiring),
            None => self.waiting.take(streams, &mut self.fresh, self.wiring),
        }
    }

    /// Begins to read what is new.
    pub(super) fn welcome(&mut self, desk: &mut dyn Desk) -> io::Result<()> {
        for task in desk.arrivals() {
            let number = self.readers.len() as u32;
            self.readers.push(Place {
                asked: task.now.nanos,
                ..Place::default()
            });
            if !task.input.is_awaited() {
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
    pub(super) fn listen(&mut self, pool: &ThreadPool, desk: &mut dyn Desk) -> io::Result<bool> {
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
                News::Piece(segment, line) => {
                    self.keep_step(number, desk.beat().now);
                    works.extend(self.place(number, segment, line));
                }
                News::Idle => {
                    self.catching_up.remove(&number);
                }
                News::Ended(error) => self.ended(number, error),
            }
        }
        if !works.is_empty() {
            let begun = self.take(&works, pool, desk)?;
            self.say_at_once(begun, desk)?;
        }
        Ok(any)
    }

    fn open(&mut self, number: u32, opened: OpenedInput) {
        self.readers[number as usize].input = Some(self.inputs.len() as u32);
        self.inputs.push(opened);
        self.ranks = feed::ranks(&self.inputs, &self.segments);
    }

    fn ended(&mut self, number: u32, error: Option<Text>) {
        self.catching_up.remove(&number);
        let place = &mut self.readers[number as usize];
        place.ended = true;
        if let Some(input) = place.input {
            if let Some(writer) = &mut self.writer {
                writer.ended(input);
            }
            let opened = &mut self.inputs[input as usize];
            opened.error = opened.error.take().or(error);
        }
    }

    /// Has times without a year resolved against the time at which they come: a stream goes on
    /// longer than the day after its beginning. What lay there when it was asked for keeps the
    /// reference it would have in a scan, as does an old log that comes through a pipe and tells
    /// its own date.
    fn keep_step(&mut self, number: u32, now: i64) {
        let place = self.readers[number as usize];
        let Some(opened) = place.input.map(|input| &mut self.inputs[input as usize]) else {
            return;
        };
        let Some(context) = &opened.context else {
            return;
        };
        let grows = !self.catching_up.contains(&number)
            && (opened.input.followed().is_some() || context.reference.nanos >= place.asked);
        if grows && now - context.reference.nanos >= STEP {
            let reference = opened.zone.at_nanos(i128::from(now)).ok();
            let later = reference.and_then(|reference| context.until(reference));
            opened.context = later.map(Arc::new).or(opened.context.take());
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
    fn take(
        &mut self,
        works: &[Work],
        pool: &ThreadPool,
        desk: &mut dyn Desk,
    ) -> io::Result<Vec<Draft>> {
        let made = self.work(works, pool);
        let mut came = ground::loose(self.wiring);
        for (work, loose) in works.iter().zip(made) {
            if let Some(writer) = &mut self.writer {
                let at = self.segments[work.number as usize];
                writer.take((work, at), &loose, self.wiring)?;
            }
            self.note(work.input, loose, &mut came, desk);
        }
        if let Some(writer) = &mut self.writer {
            writer.join_counts();
        }
        for (fresh, came) in self.fresh.iter_mut().zip(&came) {
            fresh.append(came);
            self.pace.wanted |= !came.is_empty();
        }
        let ranks = &self.ranks;
        let plan = self.plan;
        let settings = detect::Settings {
            rank: &|segment| ranks[segment as usize],
            offset_at: &|nanos| plan.site.offset_at(nanos),
            evidence: plan.evidence,
            budget: 0,
            observing: Observing {
                site: &self.site,
                until: i64::MIN,
            },
        };
        Ok(self.herald.take(&mut came, &settings))
    }

    /// Has the lanes work on some pieces, side by side; what they count is joined.
    fn work(&mut self, works: &[Work], pool: &ThreadPool) -> Vec<Loose> {
        let share = works.len().div_ceil(self.lanes.len());
        let (lanes, writer) = (&mut self.lanes, &mut self.writer);
        let number = |work: &Work| {
            writer
                .as_mut()
                .map_or(0, |writer| writer.number(work.input))
        };
        let numbers: Vec<u32> = works.iter().map(number).collect();
        let one = |lane: &mut Lane<'_>, (work, at): (&Work, usize)| {
            let loose = lane.work_loose(work);
            if let (Some(writer), Some(counter)) = (&self.writer, lane.counter()) {
                let part = Part {
                    input: work.input,
                    segment: numbers[at],
                };
                writer.count(part, counter);
            }
            loose
        };
        match works {
            [work] => vec![one(&mut lanes[0], (work, 0))],
            works => pool.install(|| {
                let shares = works.par_chunks(share).enumerate();
                let shares = lanes.par_iter_mut().zip(shares);
                let all = shares.map(|(lane, (number, works))| {
                    let works = works.iter().zip(number * share..);
                    works.map(|work| one(lane, work)).collect::<Vec<Loose>>()
                });
                let all: Vec<Vec<Loose>> = all.collect();
                all.into_iter().flatten().collect()
            }),
        }
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
            self.in_step |= now.abs_diff(*newest) <= lateness.unsigned_abs();
        }
        opened.account.merge(account);
    }
}
