//! What holds for many events of a segment: assignments, verdicts, devices.
//!
//! Takes answers of calendars and registers; gives them again while they hold. Never outlives its
//! segment, so that no event's result depends on another segment.

use std::ops::Range;

use bumpalo::Bump;

use super::House;
use crate::calendar::{CalendarId, Calendars, Judgement, Verdict};
use crate::event::{Instant, Zone, rfc3339};
use crate::register::Device;

/// How many answers are remembered by name, a power of two.
const SLOTS: usize = 1024;
/// How many assignments are remembered by class, a power of two.
const ASSIGNMENTS: usize = 64;

/// What was worked out for earlier events of the same segment and holds for later ones too.
pub struct Memo<'r> {
    pub(super) arena: &'r Bump,
    /// Last answer of each calendar, with its texts kept in the arena.
    pub(super) judged: Vec<(CalendarId, Judged<'r>)>,
    /// The class of each user, terminal, department and role, where some assignment names one.
    pub(super) classes: [Option<Recall<'r, u32>>; 4],
    /// The calendar of each combination of classes.
    pub(super) assigned: Vec<Option<([u32; 4], CalendarId)>>,
    /// Devices whose rows are valid at all times, by hardware address.
    pub(super) devices: Recall<'r, &'r Device>,
    /// Networks, by address.
    pub(super) networks: Recall<'r, &'r str>,
    /// A stretch of time in which all calendars give this verdict, or do not agree.
    pub(super) agreed: Option<(Range<i64>, Option<Verdict>)>,
}

/// Answers by text. A text may push another one out; then it is asked anew.
pub(super) struct Recall<'r, T> {
    slots: Vec<Option<(&'r str, T)>>,
}

impl<'r, T: Copy> Recall<'r, T> {
    fn new() -> Self {
        Recall {
            slots: vec![None; SLOTS],
        }
    }

    /// The answer to a text, if it is remembered.
    #[inline]
    pub(super) fn get(&self, text: &str) -> Option<T> {
        match self.slots[slot_of(text)] {
            Some((known, answer)) if known == text => Some(answer),
            _ => None,
        }
    }

    /// Remembers an answer.
    pub(super) fn put(&mut self, text: &'r str, answer: T) {
        self.slots[slot_of(text)] = Some((text, answer));
    }
}

/// A place for a text, told by its length and its first and last bytes: ids and addresses of one
/// house differ there.
#[inline]
fn slot_of(text: &str) -> usize {
    let bytes = text.as_bytes();
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29)
        }
        _ => match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
            }
            _ => bytes.iter().fold(0, |word, b| word << 8 | u64::from(*b)),
        },
    };
    let mixed = (word ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize % SLOTS
}

pub(super) struct Judged<'r> {
    pub(super) judgement: Judgement,
    pub(super) reason: &'r str,
    pub(super) closed_span: Option<&'r str>,
}

impl<'r> Memo<'r> {
    /// Nothing remembered; texts will be kept in the segment's arena.
    pub fn new(house: House<'_>, arena: &'r Bump) -> Self {
        let [user, terminal, department, role, _] = house.calendars.assigned_by();
        let classes = [user, terminal, department, role].map(|named| named.then(Recall::new));
        Memo {
            arena,
            judged: Vec::new(),
            classes,
            assigned: vec![None; ASSIGNMENTS],
            devices: Recall::new(),
            networks: Recall::new(),
            agreed: None,
        }
    }

    /// The class of a name of this subject, numbered as in [`Calendars::assigned_by`].
    #[inline]
    pub(super) fn class(&mut self, calendars: &Calendars, subject: usize, name: &'r str) -> u32 {
        let Some(known) = &mut self.classes[subject] else {
            return 0;
        };
        known.get(name).unwrap_or_else(|| {
            let class = calendars.class(subject, name);
            known.put(name, class);
            class
        })
    }
}

/// The verdict that all calendars give at an instant, and how long their answers hold.
pub(super) fn agreement(calendars: &Calendars, nanos: i64) -> (Range<i64>, Option<Verdict>) {
    let mut valid = i64::MIN..i64::MAX;
    let mut verdicts = Vec::new();
    for id in calendars.ids() {
        let judgement = calendars.judge(id, nanos);
        valid.start = valid.start.max(judgement.valid.start);
        valid.end = valid.end.min(judgement.valid.end);
        verdicts.push(judgement.verdict);
    }
    let first = verdicts.first().copied();
    (
        valid,
        first.filter(|first| verdicts.iter().all(|v| v == first)),
    )
}

/// The place of a calendar's answer in the memo, asked anew when the last one does not hold.
pub(super) fn judged(
    memo: &mut Memo<'_>,
    calendars: &Calendars,
    id: CalendarId,
    time: Instant,
) -> usize {
    let known = memo.judged.iter().position(|(known, _)| *known == id);
    if let Some(at) = known
        && memo.judged[at].1.judgement.valid.contains(&time.nanos)
    {
        return at;
    }
    let judgement = calendars.judge(id, time.nanos);
    let reason = memo.arena.alloc_str(&judgement.reason);
    // Rules fold by this text: it is written in the calendar's zone, whatever offset a log prints.
    let zone = Zone::from(calendars.zone(id));
    let written = |nanos| rfc3339(nanos, zone.offset_at(nanos));
    let closed_span = judgement.closed_span.as_ref().map(|span| {
        let (from, to) = (written(span.start), written(span.end));
        &*memo.arena.alloc_str(&format!("{from}/{to}"))
    });
    let fresh = (
        id,
        Judged {
            judgement,
            reason,
            closed_span,
        },
    );
    match known {
        Some(at) => {
            memo.judged[at] = fresh;
            at
        }
        None => {
            memo.judged.push(fresh);
            memo.judged.len() - 1
        }
    }
}

/// The place of a combination of classes in the memo.
#[inline]
pub(super) fn place_of(classes: [u32; 4]) -> usize {
    let mixed = classes.iter().fold(0u64, |mixed, class| {
        (mixed ^ u64::from(*class)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    (mixed >> 40) as usize % ASSIGNMENTS
}
