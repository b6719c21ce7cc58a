//! The verdict of a calendar on an instant.
//!
//! Takes an instant; gives open, grace or closed, the band, the line that decided, the closed
//! stretch around it and how long the same answer holds. A span belongs to the day on which it
//! starts, tail and grace included, so four days are looked at: two before, the day, one after.
//! An instant is judged by what the wall reads; zones matter only for the ends of stretches.
//! Never reads a file and remembers nothing between two questions.

use std::ops::Range;
use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate, Weekday};

use super::clock::{self, Clock, DAY_SECONDS};
use super::days::{Decided, Rules};
use super::{Band, Judgement, Verdict};
use crate::diagnostic::{Lang, Place};

/// Minutes in a day.
const DAY: i64 = 1440;
/// A closed stretch longer than this is cut where months begin.
const LONGEST: i64 = 32 * DAY_SECONDS;
/// Nanoseconds in a second.
const NANOS: i64 = 1_000_000_000;
/// Where the bands begin and end, in minutes of the day: late night, after hours, Saturday noon.
const BANDS: [i64; 5] = [6 * 60, 8 * 60, 12 * 60, 18 * 60, 22 * 60];

/// A calendar that has been read and checked.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// The key it is named by.
    pub(super) key: Arc<str>,
    /// The name people read.
    pub(super) name: Arc<str>,
    pub(super) clock: Clock,
    pub(super) rules: Rules,
    /// Grace in minutes, at most a day each.
    pub(super) before: i64,
    pub(super) after: i64,
}

/// Everything of an answer that can change within a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    verdict: Verdict,
    band: Option<Band>,
    /// The day whose line decided, or the first of several with the same line.
    owner: i32,
}

/// A span in minutes of the wall since 1970.
struct Stretch {
    start: i64,
    end: i64,
    owner: i32,
}

/// All that bears on one day of the wall.
struct DayTable {
    day: i32,
    stretches: Vec<Stretch>,
    before: i64,
    after: i64,
    fee_holiday: bool,
    saturday: bool,
}

impl DayTable {
    fn new(calendar: &Calendar, day: i32) -> DayTable {
        // An end lies at most two days after the day of its start, grace one day more.
        let owners = [day - 2, day - 1, day, day + 1];
        let decided = owners.map(|owner| calendar.rules.decide(owner));
        let stretches = owners.iter().zip(decided).flat_map(|(owner, by)| {
            let midnight = i64::from(*owner) * DAY;
            // Days decided by one line give one answer; the first of them stands for all.
            let first = decided.iter().position(|other| other.says_the_same(by));
            let owner = first.map_or(*owner, |index| owners[index]);
            by.spans().iter().map(move |span| Stretch {
                start: midnight + i64::from(span.start),
                end: midnight + i64::from(span.end),
                owner,
            })
        });
        DayTable {
            day,
            stretches: stretches.collect(),
            before: calendar.before,
            after: calendar.after,
            fee_holiday: calendar.rules.is_fee_holiday(day),
            saturday: clock::date_of(day).weekday() == Weekday::Sat,
        }
    }

    fn answer(&self, minute: i64) -> Answer {
        let inside = |s: &&Stretch| s.start <= minute && minute < s.end;
        let near = |s: &&Stretch| s.start - self.before <= minute && minute < s.end + self.after;
        let (verdict, owner) = if let Some(stretch) = self.stretches.iter().find(inside) {
            (Verdict::Open, stretch.owner)
        } else if let Some(stretch) = self.stretches.iter().find(near) {
            (Verdict::Grace, stretch.owner)
        } else {
            (Verdict::Closed, self.day)
        };
        Answer {
            verdict,
            band: self.band(minute - i64::from(self.day) * DAY, verdict),
            owner,
        }
    }

    /// The band by the fee tables; the highest that fits counts.
    fn band(&self, minute: i64, verdict: Verdict) -> Option<Band> {
        let [night_ends, morning, noon, evening, night_begins] = BANDS;
        if minute < night_ends || minute >= night_begins {
            Some(Band::LateNight)
        } else if self.fee_holiday {
            Some(Band::Holiday)
        } else if minute < morning
            || minute >= evening
            || (self.saturday && minute >= noon)
            || verdict != Verdict::Open
        {
            Some(Band::AfterHours)
        } else {
            None
        }
    }

    /// The minutes of this day around `minute` that get the same answer.
    fn same_answer(&self, minute: i64, answer: Answer) -> Range<i64> {
        let midnight = i64::from(self.day) * DAY;
        let mut cuts: Vec<i64> = BANDS.iter().map(|band| midnight + band).collect();
        for stretch in &self.stretches {
            cuts.extend([
                stretch.start - self.before,
                stretch.start,
                stretch.end,
                stretch.end + self.after,
            ]);
        }
        cuts.retain(|cut| (midnight + 1..midnight + DAY).contains(cut));
        cuts.sort_unstable();
        // Between two cuts the answer is one; further cuts are passed while it stays the same.
        let differs = |cut: &&i64| self.answer(**cut) != answer;
        let end = cuts.iter().filter(|cut| **cut > minute).find(differs);
        let mut start = midnight;
        for cut in cuts.iter().rev().filter(|cut| **cut <= minute) {
            if self.answer(*cut - 1) != answer {
                start = *cut;
                break;
            }
        }
        start..end.copied().unwrap_or(midnight + DAY)
    }
}

impl Calendar {
    /// The verdict on an instant, nanoseconds since 1970.
    pub(super) fn judge(&self, nanos: i64) -> Judgement {
        let instant = nanos.div_euclid(NANOS);
        let minute = self.clock.reading(instant).div_euclid(60);
        let table = DayTable::new(self, day_of(minute));
        let answer = table.answer(minute);
        let offset = self.clock.offset(instant);
        let same = table.same_answer(minute, answer);
        let mut valid = same.start * 60 - offset..same.end * 60 - offset;
        if let Some(change) = self.clock.change_before(instant, valid.start) {
            valid.start = change;
        }
        if let Some(change) = self.clock.change_after(instant, valid.end) {
            valid.end = change;
        }
        let closed = (answer.verdict == Verdict::Closed).then(|| self.closed_span(instant));
        if let Some(closed) = &closed {
            valid = valid.start.max(closed.start)..valid.end.min(closed.end);
        }
        let decided = self.rules.decide(answer.owner);
        Judgement {
            verdict: answer.verdict,
            band: answer.band,
            reason: self.reason(decided, answer.owner),
            at: self.place(decided),
            closed_span: closed.map(in_nanos),
            valid: in_nanos(valid),
        }
    }

    /// The line that decided a day, in its own words, with the holiday's name when that decided.
    pub(super) fn reason(&self, decided: Decided<'_>, day: i32) -> Arc<str> {
        let (text, japanese) = match decided {
            Decided::Line(line) => (&line.text, line.japanese),
            Decided::Holiday => (&self.rules.unlisted_holiday, self.rules.japanese),
            Decided::Nothing => (&self.rules.no_line, self.rules.japanese),
        };
        let holiday = decided
            .by_holiday()
            .then(|| self.rules.holiday(day))
            .flatten();
        match holiday {
            None => text.clone(),
            Some(name) if japanese => format!("{text}（{}）", name.get(Lang::Ja)).into(),
            Some(name) => format!("{text} ({})", name.get(Lang::En)).into(),
        }
    }

    /// Where what decided was written.
    pub(super) fn place(&self, decided: Decided<'_>) -> Option<Place> {
        match decided {
            Decided::Line(line) => line.place.clone(),
            Decided::Holiday => self.rules.holidays_at.clone(),
            Decided::Nothing => None,
        }
    }

    fn verdict(&self, instant: i64) -> Verdict {
        let minute = self.clock.reading(instant).div_euclid(60);
        DayTable::new(self, day_of(minute)).answer(minute).verdict
    }

    /// The closed stretch around a closed instant, in seconds since 1970. Every instant of a
    /// stretch gets the same: one longer than 32 days is cut where months begin.
    fn closed_span(&self, instant: i64) -> Range<i64> {
        let start = self.closed_since(instant);
        let end = self.closed_until(instant);
        if let (Some(start), Some(end)) = (start, end)
            && end - start <= LONGEST
        {
            return start..end;
        }
        let month = self.month_around(instant);
        let start = start.map_or(month.start, |s| s.max(month.start));
        let end = end.map_or(month.end, |e| e.min(month.end));
        start..end
    }

    /// When the closed stretch ends, if within 33 days.
    fn closed_until(&self, instant: i64) -> Option<i64> {
        let limit = instant + LONGEST + DAY_SECONDS;
        let mut at = instant;
        loop {
            let offset = self.clock.offset(at);
            let next = self.next_start((at + offset).div_euclid(60));
            let next = next
                .map(|minute| minute * 60 - offset)
                .filter(|t| *t < limit);
            // A change at the very instant counts: the wall then never reads that start.
            let until = next.map_or(limit, |t| t + 1);
            let Some(change) = self.clock.change_after(at, until) else {
                return next;
            };
            // The wall jumps; what it reads from here on decides.
            if self.verdict(change) != Verdict::Closed {
                return Some(change);
            }
            at = change;
        }
    }

    /// When the closed stretch began, if within 33 days.
    fn closed_since(&self, instant: i64) -> Option<i64> {
        let limit = instant - LONGEST - DAY_SECONDS;
        let mut at = instant;
        loop {
            let offset = self.clock.offset(at);
            let last = self.last_end((at + offset).div_euclid(60));
            let last = last
                .map(|minute| minute * 60 - offset)
                .filter(|t| *t > limit);
            let until = last.map_or(limit, |t| t - 1);
            let Some(change) = self.clock.change_before(at, until) else {
                return last;
            };
            if self.verdict(change - 1) != Verdict::Closed {
                return Some(change);
            }
            at = change - 1;
        }
    }

    /// The first minute after a closed one at which a span or its grace begins.
    fn next_start(&self, minute: i64) -> Option<i64> {
        let today = day_of(minute);
        let mut first = None;
        for owner in today..today + 36 {
            let midnight = i64::from(owner) * DAY;
            if first.is_some_and(|f| f < midnight - self.before) {
                break;
            }
            let spans = self.rules.decide(owner).spans().iter();
            let starts = spans.map(|s| midnight + i64::from(s.start) - self.before);
            let earliest = starts.filter(|start| *start > minute).min();
            first = first.into_iter().chain(earliest).min();
        }
        first
    }

    /// The last minute up to a closed one at which a span's grace, or the span, ended.
    fn last_end(&self, minute: i64) -> Option<i64> {
        let today = day_of(minute);
        let mut last = None;
        for owner in (today - 37..=today).rev() {
            let midnight = i64::from(owner) * DAY;
            if last.is_some_and(|l| l >= midnight + 2 * DAY + self.after) {
                break;
            }
            let spans = self.rules.decide(owner).spans().iter();
            let ends = spans.map(|s| midnight + i64::from(s.end) + self.after);
            let latest = ends.filter(|end| *end <= minute).max();
            last = last.into_iter().chain(latest).max();
        }
        last
    }

    /// The month an instant lies in, in seconds since 1970.
    fn month_around(&self, instant: i64) -> Range<i64> {
        let date = clock::date_of(day_of(self.clock.reading(instant).div_euclid(60)));
        let first = date.with_day(1).unwrap_or(date);
        let month = |first: NaiveDate| {
            let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
            self.clock.month_begins(first)..self.clock.month_begins(next)
        };
        let range = month(first);
        // At a clock change around midnight the reading may still be of the month before, or
        // already of the next.
        let other = if instant < range.start {
            first.checked_sub_months(Months::new(1))
        } else if instant >= range.end {
            first.checked_add_months(Months::new(1))
        } else {
            None
        };
        other.map_or(range, month)
    }
}

/// The day a minute of the wall lies in. Nanoseconds reach years 1677 to 2262, far from the ends.
fn day_of(minute: i64) -> i32 {
    i32::try_from(minute.div_euclid(DAY)).unwrap_or(0)
}

fn in_nanos(seconds: Range<i64>) -> Range<i64> {
    seconds.start.saturating_mul(NANOS)..seconds.end.saturating_mul(NANOS)
}
