//! Reads blocks and cuts them between records.

use std::io::{self, Read};

use super::before::Before;
use super::csv::Rows;
use super::held::{Held, Rooms};
use super::json::{self, Mode, Read as JsonRead};
use super::lines::without_end;
use super::syslog::{self, Frames, Tail};
use super::{End, Framing, LIMITS, Limits, LineEnd, Part, Scan, Seam, Segment, Step, Unit, Units};

/// Largest block; more gives nothing.
const MAX_BLOCK: usize = 64 << 20;
/// Fewest bytes read at once, so that a byte order mark is seen whole.
const MIN_READ: usize = 4;

/// Cuts a stream into segments.
///
/// Memory is flat: at most a few times the block or [`super::MAX_RECORD`], whichever is larger.
pub struct Segments<R> {
    reader: R,
    framing: Framing,
    unit: Unit,
    line_end: LineEnd,
    block: usize,
    limits: Limits,
    /// What was read and not given yet; begins at a record.
    rest: Held,
    /// Offset of `rest` in the input.
    offset: u64,
    number: u32,
    /// True when the reader has nothing more to give.
    ended: bool,
    /// What the reader said; told once everything before it was given.
    error: Option<io::Error>,
    json: Mode,
    /// The place in a JSON document after the bytes to be given.
    place: json::Place,
    /// True when the input ended behind a too long record inside an array: a segment without bytes
    /// has still to tell that the array is not closed.
    dangling: bool,
    before: Before,
    /// True when all frames of syslog in the bytes to be given are lines.
    plain: bool,
    /// What stands before the bytes to be given, and before those after them: see
    /// [`Frames`].
    tail: Tail,
    next_tail: Tail,
    /// True when bytes are given on as they come, with nothing looked at ahead.
    live: bool,
}

/// What can be done with the bytes at hand.
enum Verdict {
    /// Give so many.
    Cut(usize),
    /// Read more.
    More,
    /// A too long record begins here; it was read as far as `read`.
    TooLong { start: usize, read: usize },
}

impl<R: Read> Segments<R> {
    /// `unit` is the size and order of code units. `block` is the usual size of a segment in
    /// bytes; any size ≥ 1 gives the same records.
    pub fn new(reader: R, framing: Framing, unit: Unit, block: usize) -> Self {
        Segments::within(reader, framing, unit, block, LIMITS)
    }

    /// The same for a stream whose writer takes its time: whole records are given as soon as the
    /// reader has given their last byte, never only once a block is full. No segment of it but an
    /// unfinished one says that it is the last.
    pub fn live(reader: R, framing: Framing, unit: Unit, block: usize) -> Self {
        Segments::within(reader, framing, unit, block, LIMITS).into_live()
    }

    /// The same in lines that end so; without this, in LF or CRLF.
    #[must_use]
    pub fn ending(self, line_end: LineEnd) -> Self {
        Segments { line_end, ..self }
    }

    /// The same in memory that goes round: who is done with the bytes of a segment gives them back.
    #[must_use]
    pub fn in_rooms(self, rooms: Rooms) -> Self {
        Segments {
            rest: Held::new(rooms),
            ..self
        }
    }

    pub(super) fn into_live(self) -> Self {
        Segments { live: true, ..self }
    }

    pub(super) fn within(
        reader: R,
        framing: Framing,
        unit: Unit,
        block: usize,
        limits: Limits,
    ) -> Self {
        Segments {
            reader,
            framing,
            unit,
            line_end: LineEnd::Feed,
            block: block.clamp(1, MAX_BLOCK),
            limits,
            rest: Held::default(),
            offset: 0,
            number: 0,
            ended: false,
            error: None,
            json: Mode::Undecided,
            place: json::Place::default(),
            dangling: false,
            before: Before::default(),
            plain: false,
            tail: None,
            next_tail: None,
            live: false,
        }
    }

    /// The next segment, or `None` at the end. An empty input has no segment.
    ///
    /// # Errors
    /// What the reader says. What was readable before the error was given as segments.
    pub fn next_segment(&mut self) -> io::Result<Option<Segment>> {
        loop {
            if self.rest.is_empty() {
                if self.dangling {
                    self.dangling = false;
                    return Ok(Some(self.give(0)));
                }
                if self.ended && self.is_left_open() {
                    return Ok(Some(self.give(0)));
                }
                if self.ended {
                    return self.error.take().map_or(Ok(None), Err);
                }
                self.fill();
                continue;
            }
            match self.verdict() {
                Verdict::Cut(at) => return Ok(Some(self.give(at))),
                Verdict::More => self.fill(),
                Verdict::TooLong { start, read } => return Ok(Some(self.give_long(start, read))),
            }
        }
    }

    /// True once when a live stream ended inside a JSON array: what was given before could not tell.
    fn is_left_open(&mut self) -> bool {
        let open = matches!(self.json, Mode::Document(place) if place.is_open());
        std::mem::take(&mut self.live) && open && self.error.is_none()
    }

    /// Reads at least as much as is at hand, so that reading a long record again and again costs
    /// no more than reading it twice; of a live stream what the reader gives at once.
    fn fill(&mut self) {
        let wanted = self.block.max(self.rest.len()).max(MIN_READ);
        let least = if self.live { 1 } else { wanted };
        let read = match self.live {
            true => self.rest.read_once(&mut self.reader, wanted),
            false => self.rest.read_all(&mut self.reader, wanted),
        };
        match read {
            Ok(read) => self.ended = read < least,
            Err(error) => {
                self.ended = true;
                self.error = Some(error);
            }
        }
    }

    fn verdict(&mut self) -> Verdict {
        let part = Part {
            text: self.units(&self.rest),
            mark: self.mark(),
            end: End::Open,
            limits: self.limits,
        };
        if self.ended {
            if let (Framing::Json, Mode::Undecided) = (self.framing, self.json) {
                let end = self.end();
                self.json = self.json.decided(Part { end, ..part });
            }
            if self.framing == Framing::Syslog {
                let cut = syslog::after_plain_lines(part.text, part.mark);
                self.plain = cut == Some(self.rest.len());
            }
            return Verdict::Cut(self.rest.len());
        }
        match self.framing {
            Framing::Lines => after_last_line(part),
            Framing::Csv if part.text.find(part.mark, b'"').is_none() => after_last_line(part),
            Framing::Csv => after_last_record(part, &mut Rows::new(self.limits), |_| {}),
            Framing::Syslog => {
                let (offset, keep) = (self.offset, self.limits.before);
                let before = &mut self.before;
                if let Some(cut) = syslog::after_plain_lines(part.text, part.mark) {
                    // Only lines this near to the cut can begin the bytes before what follows.
                    let from = cut.saturating_sub(keep);
                    syslog::line_starts(part.text, part.mark, cut)
                        .filter(|start| *start >= from)
                        .for_each(|start| before.begins(offset + start as u64, keep));
                    self.plain = true;
                    self.next_tail = None;
                    return Verdict::Cut(cut);
                }
                let mut frames = Frames::new(self.limits, self.tail);
                let verdict = after_last_record(part, &mut frames, |at| {
                    before.begins(offset + at as u64, keep);
                });
                self.next_tail = frames.tail();
                verdict
            }
            Framing::Json => self.json_verdict(),
        }
    }

    fn json_verdict(&mut self) -> Verdict {
        let part = Part {
            text: self.units(&self.rest),
            mark: self.mark(),
            end: End::Open,
            limits: self.limits,
        };
        if let Mode::Undecided = self.json {
            let Some(mode) = json::decide(part) else {
                return Verdict::More;
            };
            self.json = mode;
        }
        let Mode::Document(mut place) = self.json else {
            return after_last_line(part);
        };
        let mut at = part.mark;
        loop {
            match place.read(part.text, at, End::Open, self.limits) {
                JsonRead::Record(found) => at = found.next,
                JsonRead::Pause(pause) if pause.safe > part.mark => {
                    self.place = pause.place;
                    return Verdict::Cut(pause.safe);
                }
                JsonRead::Pause(pause) => {
                    let longest = pause.safe + self.limits.record + 2 * part.text.step();
                    if !pause.pending || part.text.len() <= longest {
                        return Verdict::More;
                    }
                    self.json = Mode::Document(place);
                    return Verdict::TooLong {
                        start: pause.safe,
                        read: pause.at,
                    };
                }
            }
        }
    }

    fn units<'b>(&self, bytes: &'b [u8]) -> Units<'b> {
        Units::new(bytes, self.unit).ending(self.line_end)
    }

    /// Length of the byte order mark that `rest` begins with.
    fn mark(&self) -> usize {
        if self.offset == 0 {
            self.units(&self.rest).byte_order_mark()
        } else {
            0
        }
    }

    /// What follows the bytes at hand once the reader has ended.
    fn end(&self) -> End {
        if self.error.is_some() {
            End::Broken
        } else {
            End::Closed
        }
    }

    /// Gives the first `at` bytes.
    fn give(&mut self, at: usize) -> Segment {
        let seam = Seam {
            line_end: self.line_end,
            json: self.json,
            lead: 0,
            broken: false,
            text_follows: !syslog::begins_frame(&self.rest[at..]),
            plain: std::mem::take(&mut self.plain),
            tail: std::mem::replace(&mut self.tail, self.next_tail.take()),
        };
        let bytes = self.rest.give(at);
        let lines = self.units(&bytes).line_feeds(0, at);
        let mut segment = Segment {
            lines,
            seam,
            ..self.segment(bytes)
        };
        if self.framing == Framing::Syslog {
            segment.before = self.before.pass(&segment, self.limits.before);
        }
        if let Mode::Document(place) = &mut self.json {
            *place = self.place;
        }
        self.offset += at as u64;
        self.finish(segment)
    }

    /// Gives the beginning of a too long record that begins at `start`, and passes the rest.
    fn give_long(&mut self, start: usize, read: usize) -> Segment {
        let bytes = self.rest[..start + self.limits.kept].to_vec();
        let seam = Seam {
            lead: start,
            line_end: self.line_end,
            ..Seam::default()
        };
        let mut passed = Passed::default();
        (self.tail, self.next_tail) = (None, None);
        if let Mode::Document(place) = self.json {
            self.pass_value(place, read, &mut passed);
        } else {
            self.pass_line(start, &mut passed);
        }
        let mut segment = Segment {
            lines: passed.lines,
            seam,
            too_long: Some(passed.end - start as u64),
            ..self.segment(bytes)
        };
        if self.framing == Framing::Syslog {
            segment.before = std::mem::take(&mut self.before).into_bytes();
        }
        self.offset += passed.next;
        self.finish(segment)
    }

    fn segment(&mut self, bytes: Vec<u8>) -> Segment {
        let number = self.number;
        self.number += 1;
        Segment {
            number,
            offset: self.offset,
            bytes,
            ..Segment::default()
        }
    }

    /// Looks ahead where needed, so that the segment can tell whether it is the last one.
    fn finish(&mut self, mut segment: Segment) -> Segment {
        if self.rest.is_empty() && !self.ended && !self.live {
            self.fill();
        }
        let open = matches!(self.json, Mode::Document(place) if place.is_open());
        if self.rest.is_empty() && self.ended && segment.too_long.is_some() && open {
            self.dangling = true;
        } else if self.rest.is_empty() && self.ended {
            segment.last = self.error.is_none();
            segment.seam.broken = self.error.is_some();
            // It tells all that is left to tell.
            self.live = false;
        }
        segment
    }

    /// Passes a line, in blocks.
    fn pass_line(&mut self, start: usize, passed: &mut Passed) {
        let step = self.units(&[]).step();
        let mut returned = false;
        let mut from = start;
        loop {
            let whole = self.rest.len() - self.rest.len() % step;
            let text = self.units(&self.rest[..whole]);
            let zero = self.framing == Framing::Syslog && text.may_count();
            let found = text.find2(from, text.feed, if zero { b'\0' } else { text.feed });
            let stop = found.unwrap_or(whole);
            if stop > from {
                returned = text.precedes(from, stop, b'\r');
            }
            let at_end = found.is_none() && self.ended;
            passed.lines += u32::from(found.is_some_and(|at| text.ascii(at) == Some(text.feed)));
            if at_end {
                // Half a unit at the very end belongs to the record, and so does what is before.
                let half = self.rest.len() - whole;
                passed.take(&mut self.rest, whole + half);
                let cr = if returned && half == 0 {
                    step as u64
                } else {
                    0
                };
                passed.end = passed.next - cr;
                return;
            }
            if let Some(feed) = found {
                passed.take(&mut self.rest, feed + step);
                passed.end = passed.next - (step + if returned { step } else { 0 }) as u64;
                return;
            }
            passed.take(&mut self.rest, whole);
            from = 0;
            self.fill();
        }
    }

    /// Passes a JSON value, in blocks; it was read as far as `read`.
    fn pass_value(&mut self, mut place: json::Place, read: usize, passed: &mut Passed) {
        let mut at = read;
        loop {
            let text = self.units(&self.rest);
            let done = place.pass_record(text, &mut at);
            let stop = if !done && self.ended {
                place.give_up();
                self.rest.len()
            } else {
                at
            };
            passed.lines = passed.lines.saturating_add(text.line_feeds(0, stop));
            passed.take(&mut self.rest, stop);
            if done || self.ended {
                break;
            }
            at = 0;
            self.fill();
        }
        passed.end = passed.next;
        self.json = Mode::Document(place);
    }
}

/// How far a too long record was passed, from the beginning of its segment.
#[derive(Default)]
struct Passed {
    /// Where the record ends.
    end: u64,
    /// Where the next one begins.
    next: u64,
    lines: u32,
}

impl Passed {
    fn take(&mut self, rest: &mut Held, count: usize) {
        rest.pass(count);
        self.next += count as u64;
    }
}

/// Cuts after the last line end.
fn after_last_line(part: Part<'_>) -> Verdict {
    if let Some(feed) = part.text.last_line_feed() {
        return Verdict::Cut(feed + part.text.step());
    }
    match without_end(part.text, part.mark, part.end, part.limits.record) {
        Step::TooLong(start) => Verdict::TooLong { start, read: start },
        Step::More | Step::Record(_) => Verdict::More,
    }
}

/// Cuts after the last record; `seen` is told where each one begins.
fn after_last_record(part: Part<'_>, scan: &mut impl Scan, mut seen: impl FnMut(usize)) -> Verdict {
    let mut at = part.mark;
    loop {
        let step = if at < part.text.len() {
            scan.next(part.text, at, part.end)
        } else {
            Step::More
        };
        match step {
            Step::Record(found) => {
                seen(at);
                at = found.next;
            }
            Step::More | Step::TooLong(_) if at > part.mark => return Verdict::Cut(at),
            Step::More => return Verdict::More,
            Step::TooLong(start) => return Verdict::TooLong { start, read: start },
        }
    }
}
