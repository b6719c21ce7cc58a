//! A lane: everything on the left of the bar, for one segment at a time.
//!
//! Decodes records, has the format read them, derives what rules ask for, tries the rules that
//! could match, and packs the facts. From one segment to the next it remembers answers alone, which
//! only spare the asking (see `habit`): no result hangs on the segments before.

use std::collections::BTreeMap;
use std::io;

use bumpalo::Bump;

use crate::detect::Wiring;
use crate::event::{Asked, Edges, Event, Field, InputAccount, Instant, NANOS, Outcome, Reject};
use crate::frame::MAX_RECORD;
use crate::spill::{Block, Packer, Parcel, Records, Sealer, Sheet, Told};
use crate::store::counts::is_traffic;
use crate::text::{Encoding, is_folded_identity};

use super::Plan;
use super::collect::{Loose, LooseRecords, RuleCount, Yield};
use super::count::Counter;
use super::feed::Work;
use super::habit::Habits;
use super::judge::{Judging, Place, RecordAt, pack, settle};
use super::twice::Calling;
use super::walk::{Pass, read_segment, sample};

/// Where facts are packed and sealed, to be kept beyond the run.
#[derive(Default)]
pub(super) struct Press {
    pub(super) packer: Packer,
    sealer: Option<Sealer>,
}

impl Press {
    /// Seals the facts of a segment with the records they stand for; `None` where there is nothing
    /// to keep.
    ///
    /// # Errors
    /// When the compression cannot be set up.
    pub(super) fn seal(
        &mut self,
        (blocks, told): (&[(usize, Block)], &Told),
        records: &Records<'_>,
    ) -> io::Result<Option<Parcel>> {
        if blocks.is_empty() {
            return Ok(None);
        }
        let sealer = match &mut self.sealer {
            Some(sealer) => sealer,
            none => none.insert(Sealer::new()?),
        };
        sealer.seal((blocks, told), records).map(Some)
    }
}

/// One thread's workplace.
pub(super) struct Lane<'p> {
    plan: Plan<'p>,
    wiring: &'p Wiring,
    asked: Asked,
    asking: Asking,
    arena: Bump,
    sheet: Sheet,
    habits: Habits,
    press: Press,
    /// Counts for the weekly page, where somebody asks for them.
    counter: Option<Counter>,
}

/// What is asked for beside facts and accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    /// The first and the last second of each input.
    pub(super) edges: bool,
    /// The counts of the weekly page.
    pub(super) counts: bool,
    /// What is to be kept beyond the run.
    pub(super) parcels: bool,
    /// The rolls of all records; the key of their hashes.
    pub(super) rolls: Option<u64>,
}

impl<'p> Lane<'p> {
    pub(super) fn new(plan: Plan<'p>, wiring: &'p Wiring, asking: Asking) -> Self {
        let asked = plan.asked();
        Lane {
            plan,
            wiring,
            asked: match asking.counts {
                true => Asked::of(|action, outcome| {
                    !is_traffic(action) || asked.contains(action, outcome)
                }),
                false => asked,
            },
            asking,
            arena: Bump::new(),
            sheet: Sheet::new(wiring.columns()),
            habits: Habits::new(plan, wiring),
            press: Press::default(),
            counter: asking.counts.then(|| Counter::new(plan)),
        }
    }

    /// The counts of the segment that was worked on last.
    pub(super) fn counter(&mut self) -> Option<&mut Counter> {
        self.counter.as_mut()
    }

    /// Works on one segment.
    pub(super) fn work(&mut self, work: &Work) -> Yield {
        let judged = self.judge(work, false);
        settle(&mut self.sheet, self.wiring);
        let told = self.asking.parcels.then(|| Told::of(&self.sheet));
        let blocks = pack(&mut self.press.packer, &mut self.sheet, self.wiring);
        let parcel = told.map_or(Ok(None), |told| {
            self.press
                .seal((&blocks, &told), &told_records(&told, work))
        });
        Yield {
            account: judged.account,
            counts: judged.counts,
            blocks,
            parcel,
            rolls: judged.rolls,
        }
    }

    /// Works on a part of a live stream, whose facts are looked at before they are packed.
    pub(super) fn work_loose(&mut self, work: &Work) -> Loose {
        let judged = self.judge(work, true);
        let mut records = LooseRecords::default();
        if self.asking.parcels {
            settle(&mut self.sheet, self.wiring);
            let told = told_records(&Told::of(&self.sheet), work);
            told.iter().for_each(|(at, text)| records.push(*at, text));
        }
        let streams = 0..self.wiring.streams().len();
        let facts = streams.map(|number| self.sheet.facts(number)).collect();
        self.sheet.clear();
        Loose {
            records,
            rolls: judged.rolls,
            account: judged.account,
            counts: judged.counts,
            facts,
            times: judged.times,
        }
    }

    /// Judges the records of a segment; the times of the records are noted where they are wanted.
    fn judge(&mut self, work: &Work, timed: bool) -> Judged {
        let keeping = (&mut self.sheet, Some(&mut self.habits));
        let judging = Judging::new(self.plan, self.wiring, keeping, &self.arena);
        let is_utf8 = work.context.encoding == Encoding::Utf8;
        let record = RecordAt {
            segment: work.number,
            is_folded: is_utf8 && is_folded_identity(&work.segment.bytes),
            ..RecordAt::default()
        };
        let account = InputAccount::default();
        let mut judge = Judge {
            work,
            judging,
            asked: self.asked,
            account,
            day: (0, 0),
            edges: self.asking.edges,
            calling: self.asking.rolls.map(Calling::new),
            called: None,
            record,
            counter: self.counter.as_mut(),
            times: Vec::new(),
            timed,
            is_timed: !timed,
        };
        read_segment(work, &self.arena, &mut judge);
        judge.close_day();
        let rolls = judge.calling.map(Calling::done).unwrap_or_default();
        let given = Judged {
            account: judge.account,
            counts: judge.judging.into_counts(),
            rolls,
            times: judge.times,
        };
        self.arena.reset();
        given
    }
}

/// What was read and counted of a segment, beside its facts.
struct Judged {
    account: InputAccount,
    counts: Vec<RuleCount>,
    rolls: BTreeMap<i64, Vec<u64>>,
    /// The times of the records, where they are wanted.
    times: Vec<i64>,
}

/// The records that facts of a segment stand for, as they will be read again, in the order of
/// offsets.
fn told_records<'w>(told: &Told, work: &'w Work) -> Records<'w> {
    let segment = &work.segment;
    let text = |(offset, length): (i64, u32)| {
        let (offset, length) = (offset - work.shift.0, length.min(MAX_RECORD as u32));
        let (bytes, at) = match usize::try_from(offset) {
            Ok(at) => (&segment.bytes, at),
            // A message that is repeated may stand before the segment.
            Err(_) => {
                let back = usize::try_from(offset.unsigned_abs()).ok()?;
                (&segment.before, segment.before.len().checked_sub(back)?)
            }
        };
        let text = bytes.get(at..at.checked_add(length as usize)?)?;
        Some(((segment.offset as i64 + offset).cast_unsigned(), text))
    };
    told.ranges().into_iter().filter_map(text).collect()
}

/// The pass of `scan`: judges events and keeps facts.
struct Judge<'x, 'r> {
    work: &'r Work,
    judging: Judging<'x, 'r>,
    asked: Asked,
    account: InputAccount,
    /// The local day at hand and the events counted on it so far.
    day: (i64, u64),
    /// True when the first and the last second are asked for.
    edges: bool,
    /// The roll of the segment, if it is asked for.
    calling: Option<Calling>,
    /// The hash of the record at hand in that roll, once it was called.
    called: Option<u64>,
    record: RecordAt<'r>,
    counter: Option<&'x mut Counter>,
    /// Of each record the time it tells, where its clock is to be trusted.
    times: Vec<i64>,
    /// True when they are wanted.
    timed: bool,
    /// True when there is nothing to note of the record at hand any more.
    is_timed: bool,
}

impl<'r> Pass<'r> for Judge<'_, 'r> {
    #[inline]
    fn begin(&mut self, place: Place, text: &'r str) {
        self.record.place = Place {
            offset: place.offset + self.work.shift.0,
            line: place.line + self.work.shift.1,
            ..place
        };
        self.record.text = text;
        self.record.identity = None;
        if let Some(counter) = &mut self.counter {
            counter.begin();
        }
        self.called = None;
        self.is_timed = !self.timed;
    }

    fn event(&mut self, event: &mut Event<'r>) {
        let Some(time) = event.time() else { return };
        self.count(event, time);
        self.call(time.nanos);
        if self.edges {
            self.note_edges(time.nanos.div_euclid(NANOS));
        }
        if !event.has(Field::EventOutcome) {
            event.set_outcome(Outcome::Unknown);
        }
        if !time.trusted {
            event.set(Field::TimeTrusted, "false");
        }
        if self.judging.plan.judges(time.nanos) {
            self.judging.judge(event, time, &mut self.record);
        }
        if let Some(counter) = &mut self.counter {
            counter.event(event, time, &mut self.record, &mut self.judging);
        }
    }

    fn reject(&mut self, reject: Reject) {
        let sample = sample(self.work, self.record.place, self.record.text, reject);
        self.account.reject(sample);
        if let Some(counter) = &mut self.counter {
            counter.reject();
        }
    }

    #[inline]
    fn account(&mut self) -> &mut InputAccount {
        &mut self.account
    }

    fn asked(&self) -> Asked {
        self.asked
    }
}

impl<'r> Judge<'_, 'r> {
    #[inline]
    fn count(&mut self, event: &Event<'r>, time: Instant) {
        let account = &mut self.account;
        account.untrusted += u64::from(!time.trusted);
        if time.trusted {
            account.latest = account.latest.max(Some(time.nanos));
            if !std::mem::replace(&mut self.is_timed, true) {
                self.times.push(time.nanos);
            }
        }
        account.events += u64::from(event.repeat());
        let (first, last) = account.span.unwrap_or((time.nanos, time.nanos));
        account.span = Some((first.min(time.nanos), last.max(time.nanos)));
        let day = time.local_seconds().div_euclid(86_400);
        if day != self.day.0 {
            self.close_day();
            self.day = (day, 0);
        }
        self.day.1 += u64::from(event.repeat());
    }

    /// Enters the record into the roll, once, by the time of its first event.
    #[inline]
    fn call(&mut self, nanos: i64) {
        if let Some(calling) = &mut self.calling
            && self.called.is_none()
        {
            let hash = self.record.hashed_by(|text| calling.hash(text));
            calling.call(nanos, hash);
            self.called = Some(hash);
        }
    }

    /// Keeps what happened in the first and in the last second.
    fn note_edges(&mut self, second: i64) {
        let edges = self.account.edges;
        if edges.is_none_or(|edges| edges.reaches(second)) {
            let hash = self.called.unwrap_or_else(|| self.record.identity());
            let own = Edges::of(second, hash);
            self.account.edges = Some(edges.map_or(own, |edges| edges.and(own)));
        }
    }

    fn close_day(&mut self) {
        let (day, count) = self.day;
        if count > 0 {
            *self.account.days.entry(day).or_default() += count;
        }
    }
}
