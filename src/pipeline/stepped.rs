//! Time that steps back: a clock that shows less than it did in the record before.
//!
//! Takes an event of a log that is written as things happen, and the records before it, the latest
//! first; gives by how much the time of the same reporter, printed by the same clock, stepped back.
//! Looks at so few records that the answer hangs neither on segments nor on how many reporters a
//! hostile log invents. Never looks at a record behind.

use bumpalo::Bump;

use crate::event::{Event, Field, NANOS};
use crate::format::Parser;

/// Steps shorter than this are no steps: receivers mix what reaches them within seconds.
pub(super) const LEAST: i64 = 60 * NANOS;
/// Records looked at before an event.
pub(super) const NEAR: usize = 32;
/// Records of the same reporter that show in what order a log stands.
const ORDER: usize = 4;
/// A year that is not printed is chosen by the day of the year: a longer step is a choice of ours.
const HALF_A_YEAR: i64 = 183 * 86_400 * NANOS;

/// When a record was written, and by which clock.
pub(super) struct Told<'r> {
    pub(super) nanos: i64,
    pub(super) year_inferred: bool,
    /// Whether the envelope or the message told the time.
    clock: &'r str,
}

impl<'r> Told<'r> {
    /// `None` for a clock that is not to be trusted, and in the hour that comes twice.
    pub(super) fn of(event: &Event<'r>) -> Option<Told<'r>> {
        let time = event
            .time()
            .filter(|time| time.trusted && !time.ambiguous)?;
        Some(Told {
            nanos: time.nanos,
            year_inferred: event.get(Field::TimeYear) == Some("inferred"),
            clock: event.get(Field::TimeSource)?,
        })
    }

    /// What a record tells that is read for this alone; `None` where it is no message.
    pub(super) fn read(parser: &dyn Parser, text: &'r str, arena: &'r Bump) -> Option<Told<'r>> {
        let mut event = Event::new(arena);
        event.begin(text);
        let mut told = None;
        // A reject tells no time.
        let _ = parser.parse(text, &mut event, &mut |event| told = Told::of(event));
        told
    }
}

/// The seconds by which time steps back at an event: from the record right before it, whoever
/// wrote it, and from the last one of the same reporter and clock, both among the nearest records.
/// `None` where those stand in the order of a list that shows the newest record first.
pub(super) fn seconds<'r>(
    parser: &dyn Parser,
    event: &Event<'r>,
    before: impl Iterator<Item = &'r str>,
) -> Option<i64> {
    let own = Told::of(event)?;
    let reporter = parser.reporter(event.record());
    let read = |text| Some((text, Told::read(parser, text, event.arena())?));
    let mut before = before.take(NEAR).filter_map(read).peekable();
    let (_, nearest) = before.peek()?;
    if nearest.nanos - own.nanos < LEAST {
        return None;
    }
    let is_same = |(text, told): &(&'r str, Told<'r>)| {
        told.clock == own.clock && parser.reporter(text) == reporter
    };
    let same: Vec<Told<'r>> = before.filter(is_same).map(|(_, t)| t).take(ORDER).collect();
    let last = same.first()?;
    let most = match last.year_inferred || own.year_inferred {
        true => HALF_A_YEAR,
        false => i64::MAX,
    };
    let step = last.nanos - own.nanos;
    ((LEAST..most).contains(&step) && !is_newest_first(&same)).then_some(step / NANOS)
}

/// True when more records, the latest in the file first, are older than the one before them than
/// are younger.
fn is_newest_first(records: &[Told<'_>]) -> bool {
    let pairs = records
        .windows(2)
        .map(|pair| (pair[1].nanos - pair[0].nanos).signum());
    pairs.sum::<i64>() > 0
}
