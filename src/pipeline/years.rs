//! Logs that print no year and are longer than one: which year each part of them is of.
//!
//! Takes an input whose times were seen to step by most of a year; reads it once more, in order,
//! and gives for each part by how many years its times lie beside those that the reference of the
//! input tells (reference: router logs, section 3). A clock without battery, which begins again
//! with 1 January, opens no part. Never judges, and never touches an input that tells its years.

use bumpalo::Bump;
use chrono::{DateTime, Datelike, Timelike};

use super::feed::{self, Feed, OpenedInput, Task, Work};
use super::judge::Place;
use super::walk::{Pass, read_segment};
use super::{BLOCK, Watch};
use crate::diagnostic::Text;
use crate::event::{Civil, Event, Field, InputAccount, Instant, NANOS, Reject, Zone};

const DAY: i64 = 86_400 * NANOS;
/// A step between two records that is no pause: most of a year.
pub(super) const FAR: i64 = 300 * DAY;
const YEAR: i64 = 365 * DAY + DAY / 4;
/// How long a part is that tells what year it is.
const SETTLED: i64 = 7 * DAY;
/// Month and day.
const NEW_YEAR: (u32, u32) = (1, 1);
const NEW_YEARS_EVE: (u32, u32) = (12, 31);
/// No log is silent for so long, only to go on with 1 January.
const LONG: i64 = 250 * DAY;
/// How long a clock that began again may stand still and still go on.
const PAUSE: i64 = 60 * DAY;
/// Parts of a log; one of more is not put in order.
const PARTS: usize = 4096;

/// From which offset on the times of an input lie by how many years beside its reference; the
/// first offset is 0. Empty: nowhere.
pub(super) type Shifts = Vec<(u64, i32)>;

/// True when a record's time lies most of a year beside that of the record before, and not
/// because one of them is of a clock that began again with 1 January.
pub(super) fn turns(before: i64, time: &Instant) -> bool {
    let (from, to) = (date(before, time), date(time.nanos, time));
    let begins_again = |one, other| one == NEW_YEAR && other != NEW_YEARS_EVE;
    (time.nanos - before).abs() >= FAR && !begins_again(from, to) && !begins_again(to, from)
}

/// True when a record is of a clock that began again: on 1 January, before or long after the time
/// before it.
fn begins_again(before: i64, time: &Instant) -> bool {
    let step = time.nanos - before;
    let is_far = !(-2 * DAY..LONG).contains(&step);
    is_far && date(time.nanos, time) == NEW_YEAR && date(before, time) != NEW_YEARS_EVE
}

/// Month and day of an instant where the clock of another one stands.
fn date(nanos: i64, time: &Instant) -> (u32, u32) {
    let local = nanos.div_euclid(NANOS) + i64::from(time.offset);
    DateTime::from_timestamp(local, 0).map_or((0, 0), |at| (at.month(), at.day()))
}

/// A stretch of records whose times follow one another.
#[derive(Clone, Copy, Debug)]
struct Part {
    offset: u64,
    first: i64,
    earliest: i64,
    latest: i64,
    /// Years by which times stepped back before it.
    turns: i32,
}

/// The parts of a log, as its records go by.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    /// The last time.
    before: Option<i64>,
    /// The last time of a clock that began again.
    stray: Option<i64>,
}

impl Parts {
    /// The next record: its offset, and its time by the reference of the input.
    fn see(&mut self, offset: u64, time: &Instant) {
        let nanos = time.nanos;
        let step = self.before.map_or(0, |before| nanos - before);
        let goes_on = |stray: i64| (0..PAUSE).contains(&(nanos - stray)) && step.abs() > PAUSE;
        let begins = self.before.is_some_and(|before| begins_again(before, time));
        if begins || self.stray.is_some_and(goes_on) {
            self.stray = Some(nanos);
            return;
        }
        self.stray = None;
        self.before = Some(nanos);
        // A 29 February may lie some years beside its neighbors.
        let turn = match step.abs() >= FAR {
            true => -(step as f64 / YEAR as f64).round() as i32,
            false => 0,
        };
        match self.parts.last_mut() {
            Some(part) if turn == 0 => {
                part.earliest = part.earliest.min(nanos);
                part.latest = part.latest.max(nanos);
            }
            last => {
                let turns = last.map_or(0, |part| part.turns) + turn;
                let offset = if self.parts.is_empty() { 0 } else { offset };
                // One too many is enough to know.
                if self.parts.len() <= PARTS {
                    self.parts.push(Part {
                        offset,
                        first: nanos,
                        earliest: nanos,
                        latest: nanos,
                        turns,
                    });
                }
            }
        }
    }

    /// By how many years each part lies beside the reference, which is the end of the log; or,
    /// where `until` says so, its beginning: then nothing in it is later than that instant.
    fn shifts(&self, until: Option<i64>) -> Shifts {
        let settled = |part: &&Part| part.latest - part.earliest >= SETTLED;
        let mut settled = self.parts.iter().filter(settled).map(|part| part.turns);
        let anchor = match until {
            Some(_) => settled.next(),
            None => settled.max(),
        };
        let Some(anchor) = anchor.filter(|_| self.parts.len() <= PARTS) else {
            return Shifts::new();
        };
        let shift = |part: &Part| match until {
            None => (part.turns - anchor).min(0),
            Some(until) => {
                let most = (until - part.first).div_euclid(365 * DAY).max(0);
                (part.turns - anchor).clamp(0, most as i32)
            }
        };
        let mut shifts: Shifts = self.parts.iter().map(|p| (p.offset, shift(p))).collect();
        shifts.dedup_by_key(|(_, years)| *years);
        if shifts.iter().all(|(_, years)| *years == 0) {
            shifts.clear();
        }
        shifts
    }
}

/// The same instant of another year, as a reference: what was at most a day after it then, is now.
pub(super) fn years_on(reference: Instant, zone: Zone, years: i32) -> Option<Instant> {
    let limit = zone.at_nanos(i128::from(reference.nanos + DAY)).ok()?;
    let local = DateTime::from_timestamp(limit.local_seconds(), 0)?;
    let year = local.year() + years;
    let moved = local.with_year(year);
    // The end of February, where there is no 29th.
    let moved = moved.or_else(|| local.with_day(28)?.with_hour(23)?.with_year(year))?;
    let civil = Civil {
        year,
        month: moved.month(),
        day: moved.day(),
        hour: moved.hour(),
        minute: moved.minute(),
        second: moved.second(),
        nanos: limit.nanos.rem_euclid(NANOS) as u32,
    };
    let moved = zone
        .resolve(&civil)
        .or_else(|_| civil.with_offset(limit.offset));
    zone.at_nanos(i128::from(moved.ok()?.nanos - DAY)).ok()
}

/// The pass of the survey.
struct Surveyor<'w> {
    work: &'w Work,
    account: InputAccount,
    at: u64,
    parts: &'w mut Parts,
}

impl<'r> Pass<'r> for Surveyor<'_> {
    fn begin(&mut self, place: Place, _: &'r str) {
        self.at = (self.work.segment.offset as i64 + place.offset).cast_unsigned();
    }

    fn event(&mut self, event: &mut Event<'r>) {
        let is_inferred = event.repeat() == 1 && event.get(Field::TimeYear) == Some("inferred");
        let time = event.time().filter(|time| time.trusted && !time.ambiguous);
        if let Some(time) = time.filter(|_| is_inferred) {
            self.parts.see(self.at, &time);
        }
    }

    fn reject(&mut self, _: Reject) {}

    fn account(&mut self) -> &mut InputAccount {
        &mut self.account
    }
}

/// Reads an input from its beginning to its end; gives the shifts of its parts.
pub(super) fn survey(task: &Task, watch: &Watch) -> Shifts {
    let mut parts = Parts::default();
    let mut until = None;
    for work in Feed::new(vec![task.clone()], BLOCK, watch.unseen()) {
        let arena = Bump::new();
        until = work.context.dated;
        let mut surveyor = Surveyor {
            work: &work,
            account: InputAccount::default(),
            at: 0,
            parts: &mut parts,
        };
        read_segment(&work, &arena, &mut surveyor);
    }
    parts.shifts(until)
}

/// The tasks with what a survey tells of those inputs whose times were seen to turn; `None` when
/// that is nothing.
pub(super) fn surveyed(tasks: &[Task], inputs: &[OpenedInput], watch: &Watch) -> Option<Vec<Task>> {
    let mut found = false;
    let told = tasks.iter().zip(inputs).map(|(task, input)| {
        let mut task = task.clone();
        if input.account.turn.is_some() && task.source.year.is_none() {
            task.years = survey(&task, watch);
            found |= !task.years.is_empty();
        }
        task
    });
    // What comes behind the last input that was opened was not asked for any more.
    let told: Vec<Task> = told.collect();
    found.then_some(told)
}

/// A task with what a survey tells of its input, where that is a file that prints no year.
pub(super) fn told(task: Task, watch: &Watch) -> Task {
    let is_file = task.input.file().is_some() && task.source.year.is_none();
    let is_asked = || {
        feed::look(&task)
            .context
            .is_some_and(|c| c.parser.infers_years())
    };
    let years = match is_file && is_asked() {
        true => survey(&task, watch),
        false => Shifts::new(),
    };
    Task { years, ..task }
}

/// What the ledger says of an input whose parts are of several years.
pub(super) fn note(shifts: &Shifts) -> Text {
    let years = shifts.iter().map(|(_, years)| *years);
    let (first, last) = (years.clone().min().unwrap_or(0), years.max().unwrap_or(0));
    let count = last - first + 1;
    Text::new(
        format!(
            "times without a year: the log is longer than a year; read as {count} years, one after another"
        ),
        format!("年のない時刻：1年を超えるログのため、{count}年分として順に補いました"),
    )
}

/// Adds to the notes of an input what could not be made of a turn in it.
pub(super) fn note_turn(input: &mut OpenedInput) {
    let is_moved = input.context.as_ref().is_some_and(|c| c.is_moved());
    let Some(line) = input.account.turn.filter(|_| !is_moved) else {
        return;
    };
    input.notes.push(Text::new(
        format!(
            "times without a year step by more than 300 days at line {line}: if the log is longer than a year, \
             its older part is read a year too late; give each year as a file of its own, with --year"
        ),
        format!(
            "{line}行目で年のない時刻が300日を超えて跳んでいます。1年を超えるログなら古い部分は1年後として読まれています。\
             年ごとに分け、--year を付けて読ませてください"
        ),
    ));
}
