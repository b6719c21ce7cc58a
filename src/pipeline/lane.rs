//! A lane: everything on the left of the bar, for one segment at a time.
//!
//! Decodes records, has the format read them, derives what rules ask for, tries the rules that
//! could match, and packs the facts. Remembers nothing from one segment to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use bumpalo::Bump;

use crate::detect::Wiring;
use crate::event::{
    Asked, Edges, Event, Field, InputAccount, Instant, NANOS, Outcome, Reason, Reject, RejectSample,
};
use crate::format::Parsed;
use crate::frame::{BEFORE, Framed, Framing, LineEnd, MAX_RECORD, Wholeness, records};
use crate::spill::{Block, Facts, Packer, Parcel, Records, Sealer, Told};
use crate::store::counts::is_traffic;
use crate::text::{Encoding, is_folded_identity};

use super::collect::{Loose, LooseRecord, RuleCount, Yield};
use super::count::Counter;
use super::feed::Work;
use super::habit::Habits;
use super::judge::{Judging, Place, RecordAt, pack, settle};
use super::twice::Calling;
use super::{At, Parsing, Plan};

/// Characters of a rejected record that are kept as an example.
const SAMPLE: usize = 200;

/// One thread's workplace.
pub(super) struct Lane<'p> {
    plan: Plan<'p>,
    wiring: &'p Wiring,
    asked: Asked,
    asking: Asking,
    arena: Bump,
    facts: Vec<Facts>,
    habits: Habits,
    packer: Packer,
    sealer: Option<Sealer>,
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
        let facts = wiring
            .streams()
            .iter()
            .map(|s| Facts::new(s.columns.len()))
            .collect();
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
            facts,
            habits: Habits::new(plan, wiring),
            packer: Packer::default(),
            sealer: None,
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
        settle(&mut self.facts, self.wiring);
        let told = match self.asking.parcels {
            true => Told::of(&self.facts),
            false => Told::default(),
        };
        let blocks = pack(&mut self.packer, &mut self.facts, self.wiring);
        let parcel = self.seal((&blocks, &told), &told_records(&told, work));
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
        let records = match self.asking.parcels {
            true => {
                settle(&mut self.facts, self.wiring);
                told_records(&Told::of(&self.facts), work)
            }
            false => Records::new(),
        };
        let records = records.into_iter();
        Loose {
            records: records.map(|(at, text)| (at, text.to_vec())).collect(),
            account: judged.account,
            counts: judged.counts,
            facts: self.facts.iter_mut().map(Facts::take).collect(),
            times: judged.times,
        }
    }

    /// Seals facts of a live stream, which were gathered piece by piece and tell where they stand
    /// from `base` on, with those of the records that they stand for. The facts are gone then.
    pub(super) fn seal_loose(
        &mut self,
        facts: &mut [Facts],
        (base, records): (u64, &[LooseRecord]),
    ) -> io::Result<Option<Parcel>> {
        settle(facts, self.wiring);
        let rows = facts.iter().flat_map(Facts::rows);
        let told = rows.map(|fact| (base.wrapping_add_signed(fact.offset), fact.length));
        let told: BTreeSet<(u64, u32)> = told.collect();
        let is_told = |(at, text): &&LooseRecord| {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let alike = told.range((*at, 0)..=(*at, u32::MAX));
            alike
                .map(|(_, told)| (*told).min(MAX_RECORD as u32))
                .any(|told| told == length)
        };
        let records = records.iter().filter(is_told);
        let mut records: Records<'_> = records.map(|(at, text)| (*at, text.as_slice())).collect();
        records.sort_unstable_by_key(|(at, text)| (*at, text.len()));
        records.dedup_by_key(|(at, text)| (*at, text.len()));
        let told = Told::of(facts);
        let blocks = pack(&mut self.packer, facts, self.wiring);
        self.seal((&blocks, &told), &records)
    }

    /// Judges the records of a segment; the times of the records are noted where they are wanted.
    fn judge(&mut self, work: &Work, timed: bool) -> Judged {
        let keeping = (self.facts.as_mut_slice(), Some(&mut self.habits));
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

    /// What is kept of a segment beyond the run.
    fn seal(
        &mut self,
        (blocks, told): (&[(usize, Block)], &Told),
        records: &Records<'_>,
    ) -> io::Result<Option<Parcel>> {
        if !self.asking.parcels || blocks.is_empty() {
            return Ok(None);
        }
        let sealer = match &mut self.sealer {
            Some(sealer) => sealer,
            none => none.insert(Sealer::new()?),
        };
        sealer.seal((blocks, told), records).map(Some)
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

/// What a pass over a segment does with what it finds.
trait Pass<'r> {
    /// A record begins: where, and its text.
    fn begin(&mut self, place: Place, text: &'r str);
    /// One of its events.
    fn event(&mut self, event: &mut Event<'r>);
    /// The record gave no event.
    fn reject(&mut self, reject: Reject);
    /// The account to keep.
    fn account(&mut self) -> &mut InputAccount;
    /// What it looks at beyond time, count, action and outcome.
    fn asked(&self) -> Asked {
        Asked::ALL
    }
}

/// A walk through the records of one segment.
struct Walk<'r> {
    work: &'r Work,
    arena: &'r Bump,
    /// The whole segment as text, when it is valid UTF-8 and has to be decoded no further.
    text: Option<&'r str>,
    /// Earlier records of the segment, for messages that repeat one of them.
    earlier: Vec<Framed>,
}

/// Reads all records of a segment.
fn read_segment<'r, P: Pass<'r>>(work: &'r Work, arena: &'r Bump, pass: &mut P) {
    let bytes = &work.segment.bytes;
    let text = match work.context.encoding {
        Encoding::Utf8 => simdutf8::basic::from_utf8(bytes).ok(),
        _ => None,
    };
    pass.account().bytes += work.segment.too_long.unwrap_or(bytes.len() as u64);
    let remembers = work.context.framing == Framing::Syslog;
    let lines = if remembers { work.segment.lines } else { 0 };
    let mut walk = Walk {
        work,
        arena,
        text,
        earlier: Vec::with_capacity(lines as usize),
    };
    let mut event = Event::new(arena);
    event.ask_only(pass.asked());
    records(
        &work.segment,
        work.context.framing,
        work.context.unit,
        |framed| {
            walk.record(framed, &mut event, pass);
            if remembers {
                walk.earlier.push(framed);
            }
        },
    );
}

impl<'r> Walk<'r> {
    /// Reads one record and counts what became of it.
    #[inline]
    fn record<P: Pass<'r>>(&mut self, framed: Framed, event: &mut Event<'r>, pass: &mut P) {
        let (text, replaced) = self.decode(framed.start, framed.end);
        let length = u32::try_from(framed.length).unwrap_or(u32::MAX);
        let place = Place {
            offset: framed.start as i64,
            line: framed.line as i32,
            length,
        };
        pass.begin(place, text);
        let account = pass.account();
        account.records += 1;
        account.replaced += u64::from(replaced);
        let outcome = match framed.wholeness {
            Wholeness::Whole => self.parse(text, framed, event, pass),
            Wholeness::TooLong => Err(Reason::TooLong.into()),
            Wholeness::Unfinished => Err(Reason::Unfinished.into()),
            Wholeness::OpenQuote => Err(Reason::MalformedCsv.into()),
        };
        match outcome {
            Ok(Parsed::Blank) => pass.account().blanks += 1,
            Ok(Parsed::Heading) => pass.account().headings += 1,
            Ok(_) => pass.account().accepted += 1,
            Err(reject) => pass.reject(reject),
        }
    }

    #[inline]
    fn parse<P: Pass<'r>>(
        &self,
        text: &'r str,
        framed: Framed,
        event: &mut Event<'r>,
        pass: &mut P,
    ) -> Result<Parsed<'r>, Reject> {
        let context = &self.work.context;
        event.begin(text);
        let parsed = context.parser.parse(text, event, &mut |event| {
            event.declare(context.adds);
            pass.event(event);
        })?;
        if let Parsed::Repeat {
            count,
            reporter,
            time,
        } = parsed
        {
            self.repeat(
                framed,
                Repeat {
                    count,
                    reporter,
                    time,
                },
                pass,
            )?;
        }
        Ok(parsed)
    }

    /// Gives the message that a record says was repeated once more, with count and time.
    fn repeat<P: Pass<'r>>(
        &self,
        at: Framed,
        repeat: Repeat<'r>,
        pass: &mut P,
    ) -> Result<(), Reject> {
        let context = &self.work.context;
        let (place, text) = self
            .before(at, repeat.reporter)
            .ok_or(Reason::RepeatOfNothing)?;
        pass.begin(place, text);
        let mut event = Event::new(self.arena);
        event.begin(text);
        context.parser.parse(text, &mut event, &mut |event| {
            event.declare(context.adds);
            event.set_repeat(repeat.count);
            event.set_made(Field::RepeatCount, format_args!("{}", repeat.count));
            event.set_time(repeat.time);
            pass.event(event);
        })?;
        Ok(())
    }

    /// The last message of the same reporter before a record, at most [`BEFORE`] bytes back so
    /// that the answer does not depend on where segments begin.
    fn before(&self, at: Framed, reporter: Option<&str>) -> Option<(Place, &'r str)> {
        let parser = &self.work.context.parser;
        let fits = |text: &'r str| {
            let same = reporter.is_none() || parser.reporter(text) == reporter;
            same && !text.trim().is_empty() && self.is_message(text)
        };
        for framed in self.earlier.iter().rev() {
            if at.start - framed.start > BEFORE {
                return None;
            }
            let (text, _) = self.decode(framed.start, framed.end);
            if framed.wholeness == Wholeness::Whole && fits(text) {
                let place = Place {
                    offset: framed.start as i64,
                    line: framed.line as i32,
                    length: framed.length as u32,
                };
                return Some((place, text));
            }
        }
        let before = &self.work.segment.before;
        let lines: Vec<(usize, &[u8])> = lines_of(before, self.work.context.line_end).collect();
        lines
            .iter()
            .enumerate()
            .rev()
            .find_map(|(number, &(start, line))| {
                let back = before.len() - start;
                if at.start + back > BEFORE {
                    return None;
                }
                let decoded = self.work.context.encoding.decode(line).text;
                let text: &'r str = self.arena.alloc_str(&decoded);
                let offset = -(back as i64);
                let line_number = number as i32 - lines.len() as i32;
                let place = Place {
                    offset,
                    line: line_number,
                    length: line.len() as u32,
                };
                fits(text).then_some((place, text))
            })
    }

    /// True for a message of its own, not again a repeat.
    fn is_message(&self, text: &'r str) -> bool {
        let mut event = Event::new(self.arena);
        event.begin(text);
        let parsed = self
            .work
            .context
            .parser
            .parse(text, &mut event, &mut |_| {});
        parsed == Ok(Parsed::Events)
    }

    /// The text of a byte range of the segment, and whether something in it had to be replaced.
    #[inline]
    fn decode(&self, start: usize, end: usize) -> (&'r str, bool) {
        if let Some(text) = self.text.and_then(|text| text.get(start..end)) {
            return (text, false);
        }
        let decoded = self
            .work
            .context
            .encoding
            .decode(&self.work.segment.bytes[start..end]);
        let text = match decoded.text {
            std::borrow::Cow::Borrowed(text) => text,
            std::borrow::Cow::Owned(text) => self.arena.alloc_str(&text),
        };
        (text, decoded.replaced)
    }
}

/// What a repeat record says.
struct Repeat<'r> {
    count: u32,
    reporter: Option<&'r str>,
    time: Instant,
}

/// Lines of the bytes before a segment, with their offsets.
fn lines_of(bytes: &[u8], line_end: LineEnd) -> impl Iterator<Item = (usize, &[u8])> {
    let feed = line_end.character();
    let lines = bytes.split_inclusive(move |b| *b == feed);
    lines.scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Some((start, line.strip_suffix(b"\r").unwrap_or(line)))
    })
}

/// The example that is kept of a rejected record.
fn sample(work: &Work, place: Place, text: &str, reject: Reject) -> RejectSample {
    RejectSample {
        line: (work.line as i64 + i64::from(place.line) + 1).cast_unsigned(),
        offset: (work.segment.offset as i64 - work.shift.0 + place.offset).cast_unsigned(),
        reject,
        text: text.chars().take(SAMPLE).collect(),
    }
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

/// What `parse` is told of each record.
type Show<'s> = &'s mut dyn FnMut(At<'_>, Parsing<'_, '_>) -> io::Result<()>;

/// The pass of `parse`: shows events and rejects.
struct Shower<'s, 'r> {
    work: &'r Work,
    account: InputAccount,
    place: Place,
    text: &'r str,
    show: Show<'s>,
    failure: Option<io::Error>,
}

impl<'r> Shower<'_, 'r> {
    fn give(&mut self, parsing: Parsing<'_, 'r>) {
        let sample = sample(self.work, self.place, "", Reason::NoTime.into());
        let at = At {
            path: &self.work.context.path,
            source: &self.work.context.source,
            line: sample.line,
            offset: sample.offset,
            text: self.text,
        };
        if self.failure.is_none()
            && let Err(error) = (self.show)(at, parsing)
        {
            self.failure = Some(error);
        }
    }
}

impl<'r> Pass<'r> for Shower<'_, 'r> {
    fn begin(&mut self, place: Place, text: &'r str) {
        self.place = place;
        self.text = text;
    }

    fn event(&mut self, event: &mut Event<'r>) {
        let Some(time) = event.time() else { return };
        self.account.untrusted += u64::from(!time.trusted);
        self.account.events += u64::from(event.repeat() - 1);
        if time.trusted {
            let day = time.local_seconds().div_euclid(86_400);
            self.account.event(time.nanos, day);
        } else {
            // A clock that is not to be trusted tells no day and no beginning.
            self.account.events += 1;
        }
        self.give(Parsing::Event(event));
    }

    fn reject(&mut self, reject: Reject) {
        let sample = sample(self.work, self.place, self.text, reject);
        self.account.reject(sample);
        self.give(Parsing::Reject(reject));
    }

    fn account(&mut self) -> &mut InputAccount {
        &mut self.account
    }
}

/// Shows what becomes of each record of a segment.
pub(super) fn show(work: &Work, show: Show<'_>) -> io::Result<InputAccount> {
    let arena = Bump::new();
    let mut shower = Shower {
        work,
        account: InputAccount::default(),
        place: Place::default(),
        text: "",
        show,
        failure: None,
    };
    read_segment(work, &arena, &mut shower);
    match shower.failure {
        Some(error) => Err(error),
        None => Ok(shower.account),
    }
}
