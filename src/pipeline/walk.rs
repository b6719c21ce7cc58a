//! A walk through the records of one segment.
//!
//! Takes a segment with what it is to be read as; gives each record, its events or its reject to a
//! [`Pass`], and counts what became of it. Resolves messages that repeat an earlier one, and times
//! that step back from it. Never judges.

use bumpalo::Bump;

use crate::event::{Asked, Event, Field, InputAccount, Instant, Reason, Reject, RejectSample};
use crate::format::{Parsed, Parser};
use crate::frame::{BEFORE, Framed, Framing, LineEnd, Wholeness, records};
use crate::text::Encoding;

use super::feed::Work;
use super::judge::Place;
use super::stepped::{self, Told};
use super::years;

/// Characters of a rejected record that are kept as an example.
const SAMPLE: usize = 200;

/// What a pass over a segment does with what it finds.
pub(super) trait Pass<'r> {
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
    /// Earlier records of the segment, for messages that hang on one of them.
    earlier: Vec<Framed>,
    /// The last time told before the record at hand, where times may step back.
    latest: Option<i64>,
}

/// Reads all records of a segment.
pub(super) fn read_segment<'r, P: Pass<'r>>(work: &'r Work, arena: &'r Bump, pass: &mut P) {
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
        latest: None,
    };
    walk.latest = remembers.then(|| walk.told_before()).flatten();
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
        &mut self,
        text: &'r str,
        framed: Framed,
        event: &mut Event<'r>,
        pass: &mut P,
    ) -> Result<Parsed<'r>, Reject> {
        let context = &self.work.context;
        event.begin(text);
        let mut latest = self.latest;
        let mut turns = false;
        let parser = self.parser(framed.start as i64);
        let parsed = parser.parse(text, event, &mut |event| {
            context.add_to(event);
            if context.framing == Framing::Syslog {
                turns |= self.step(framed, &mut latest, event);
            }
            pass.event(event);
        })?;
        self.latest = latest;
        if turns {
            self.turn(framed, pass.account());
        }
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
        let parser = self.parser(at.start as i64);
        parser.parse(text, &mut event, &mut |event| {
            context.add_to(event);
            event.set_repeat(repeat.count);
            event.set_made(Field::RepeatCount, format_args!("{}", repeat.count));
            event.set_time(repeat.time);
            pass.event(event);
        })?;
        Ok(())
    }

    /// The last time told before the segment.
    fn told_before(&self) -> Option<i64> {
        let mut before = self.back(0).take(stepped::NEAR);
        before.find_map(|(place, text)| {
            let parser = self.parser(place.offset);
            Some(Told::read(parser, text, self.arena)?.nanos)
        })
    }

    /// What reads the record at an offset from the beginning of the segment.
    #[inline]
    fn parser(&self, offset: i64) -> &'r dyn Parser {
        let offset = self.work.segment.offset as i64 + offset;
        self.work.context.parser_at(offset.cast_unsigned())
    }

    /// Says of an event by how much its time steps back, if it does. True when it steps by most of
    /// a year, one way or the other.
    #[inline]
    fn step(&self, at: Framed, latest: &mut Option<i64>, event: &mut Event<'r>) -> bool {
        let Some(time) = event.time().filter(|time| time.trusted && !time.ambiguous) else {
            return false;
        };
        let before = latest.replace(time.nanos).unwrap_or(time.nanos);
        if (-years::FAR..stepped::LEAST).contains(&(before - time.nanos)) {
            return false;
        }
        self.look_back(at, event);
        years::turns(before, &time)
    }

    #[cold]
    fn look_back(&self, at: Framed, event: &mut Event<'r>) {
        let before = self.back(at.start).map(|(_, text)| text);
        if let Some(seconds) = stepped::seconds(self.parser(at.start as i64), event, before) {
            event.set_made(Field::TimeSteppedBack, format_args!("{seconds}"));
        }
    }

    /// Notes that the time of a record lies most of a year beside that of the one before, where it
    /// prints no year.
    #[cold]
    fn turn(&self, at: Framed, account: &mut InputAccount) {
        let (text, _) = self.decode(at.start, at.end);
        let told = Told::read(self.parser(at.start as i64), text, self.arena);
        if told.is_some_and(|told| told.year_inferred) {
            let line = (self.work.line as i64 + at.line as i64 + 1).cast_unsigned();
            account.turn = account.turn.into_iter().chain([line]).min();
        }
    }

    /// The last message of the same reporter before a record.
    fn before(&self, at: Framed, reporter: Option<&str>) -> Option<(Place, &'r str)> {
        let parser = self.parser(at.start as i64);
        self.back(at.start).find(|(_, text)| {
            let same = reporter.is_none() || parser.reporter(text) == reporter;
            same && !text.trim().is_empty() && self.is_message(text)
        })
    }

    /// The records before a place, the latest first, at most [`BEFORE`] bytes back so that no
    /// answer depends on where segments begin.
    fn back(&self, start: usize) -> impl Iterator<Item = (Place, &'r str)> + '_ {
        let inside = self.earlier.iter().rev();
        let inside = inside.take_while(move |framed| start - framed.start <= BEFORE);
        let inside = inside.filter(|framed| framed.wholeness == Wholeness::Whole);
        let inside = inside.map(|framed| {
            let place = Place {
                offset: framed.start as i64,
                line: framed.line as i32,
                length: framed.length as u32,
            };
            (place, self.decode(framed.start, framed.end).0)
        });
        let outside = std::iter::once_with(move || self.outside(start));
        inside.chain(outside.flatten())
    }

    /// The same of those before the segment.
    fn outside(&self, start: usize) -> impl Iterator<Item = (Place, &'r str)> + '_ {
        let before = &self.work.segment.before;
        let lines: Vec<(usize, &[u8])> = lines_of(before, self.work.context.line_end).collect();
        let count = lines.len();
        let numbered = lines.into_iter().enumerate().rev();
        let near = numbered.take_while(move |(_, (at, _))| start + (before.len() - at) <= BEFORE);
        near.map(move |(number, (at, line))| {
            let decoded = self.work.context.encoding.decode(line).text;
            let place = Place {
                offset: -((before.len() - at) as i64),
                line: number as i32 - count as i32,
                length: line.len() as u32,
            };
            (place, &*self.arena.alloc_str(&decoded))
        })
    }

    /// True for a message of its own, not again a repeat.
    fn is_message(&self, text: &'r str) -> bool {
        let mut event = Event::new(self.arena);
        event.begin(text);
        // Any parser of the input knows a message.
        let parser = &self.work.context.parser;
        let parsed = parser.parse(text, &mut event, &mut |_| {});
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
pub(super) fn sample(work: &Work, place: Place, text: &str, reject: Reject) -> RejectSample {
    RejectSample {
        line: (work.line as i64 + i64::from(place.line) + 1).cast_unsigned(),
        offset: (work.segment.offset as i64 - work.shift.0 + place.offset).cast_unsigned(),
        length: place.length,
        reject,
        text: text.chars().take(SAMPLE).collect(),
    }
}
