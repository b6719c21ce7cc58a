//! What holds for many events of a segment: assignments, verdicts, devices.
//!
//! Takes answers of calendars and registers; gives them again while they hold. Never outlives its
//! segment, so that no event's result depends on another segment.

use std::hash::BuildHasher as _;
use std::ops::Range;

use bumpalo::Bump;
use foldhash::fast::FixedState;

use super::House;
use crate::calendar::{CalendarId, Calendars, Judgement, Verdict};
use crate::event::{Instant, Zone, rfc3339};
use crate::register::Device;

/// How many assignments are remembered within a segment.
const ASSIGNMENTS: usize = 1024;
/// How many devices are remembered within a segment.
const DEVICES: usize = 1024;
const SLOTS: FixedState = FixedState::with_seed(0);

/// What was worked out for earlier events of the same segment and holds for later ones too.
pub struct Memo<'r> {
    pub(super) arena: &'r Bump,
    /// Last answer of each calendar, with its texts kept in the arena.
    pub(super) judged: Vec<(CalendarId, Judged<'r>)>,
    pub(super) assigned: Vec<Option<([&'r str; 4], CalendarId)>>,
    pub(super) assigned_by: [bool; 5],
    /// Devices whose rows are valid at all times, by hardware address.
    pub(super) devices: Vec<Option<(&'r str, &'r Device)>>,
    /// A stretch of time in which all calendars give this verdict, or do not agree.
    pub(super) agreed: Option<(Range<i64>, Option<Verdict>)>,
}

pub(super) struct Judged<'r> {
    pub(super) judgement: Judgement,
    pub(super) reason: &'r str,
    pub(super) closed_span: Option<&'r str>,
}

impl<'r> Memo<'r> {
    /// Nothing remembered; texts will be kept in the segment's arena.
    pub fn new(house: House<'_>, arena: &'r Bump) -> Self {
        let assigned_by = house.calendars.assigned_by();
        let (assigned, devices) = (vec![None; ASSIGNMENTS], vec![None; DEVICES]);
        Memo {
            arena,
            judged: Vec::new(),
            assigned,
            assigned_by,
            devices,
            agreed: None,
        }
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

pub(super) fn slot_of(who: &[&str; 4]) -> usize {
    (SLOTS.hash_one(who) >> 32) as usize % ASSIGNMENTS
}

/// The place of a device in the memo.
pub(super) fn device_slot(mac: &str) -> usize {
    (SLOTS.hash_one(mac) >> 32) as usize % DEVICES
}
