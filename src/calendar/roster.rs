//! Who is on duty when: rosters, which explain an access and open no door.
//!
//! Takes rosters exported as CSV, either a row a person and a column a day, or a row a shift;
//! gives whether an account is on duty at an instant, and the cell that says so.
//! Never decides opening hours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::clock::{self, Clock};
use super::file::Margins;
use super::grammar::{self, Cursor};
use super::nodes::Reader;
use super::spans::{self, DAY, Span};
use super::{Duty, sheet};
use crate::diagnostic::{Place, Problem};
use crate::text;
use crate::yaml::{Key, Node};

/// What a code of the roster stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// Hours, on the day written or so many days after it.
    Hours(Vec<Span>, i32),
    /// Not on duty.
    None,
    /// On call: the whole day, from anywhere.
    OnCall,
}

/// How a roster is to be read.
#[derive(Debug)]
pub(super) struct Plan {
    /// First day of the month the columns belong to.
    pub(super) month: Option<NaiveDate>,
    /// Codes, width folded.
    pub(super) codes: BTreeMap<String, Code>,
    /// Minutes of margin before and after each shift.
    pub(super) before: i64,
    pub(super) after: i64,
    /// Where the roster is named.
    pub(super) place: Place,
}

/// A shift with its margins, in minutes of the wall since 1970.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shift {
    start: i64,
    end: i64,
    at: Place,
    code: Arc<str>,
}

#[derive(Clone, Debug, Default)]
struct Person {
    /// Days a roster speaks of.
    days: BTreeSet<i32>,
    /// By start.
    shifts: Vec<Shift>,
}

/// All rosters of a house.
#[derive(Clone, Debug, Default)]
pub(super) struct Rosters {
    clock: Option<Clock>,
    people: BTreeMap<String, Person>,
}

impl Rosters {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node, clock: Clock) -> Rosters {
        let mut rosters = Rosters {
            clock: Some(clock),
            people: BTreeMap::new(),
        };
        for item in reader.list(node) {
            if let Some((file, plan)) = read_plan(reader, item) {
                let bytes = reader.open(file, &plan.place);
                if let Some(bytes) = bytes {
                    sheet::read(&mut rosters, (file, &bytes), &plan, reader.complaints);
                }
            }
        }
        for person in rosters.people.values_mut() {
            person.shifts.sort();
        }
        rosters
    }

    /// True when none is configured.
    pub(super) fn is_none(&self) -> bool {
        self.clock.is_none()
    }

    /// Notes that a roster speaks of a person's day.
    pub(super) fn cover(&mut self, account: &str, day: i32) {
        let person = self.people.entry(account.to_owned()).or_default();
        person.days.insert(day);
    }

    /// Notes a shift that starts on a day.
    pub(super) fn add(&mut self, account: &str, plan: &Plan, shift: Written<'_>) {
        let midnight = i64::from(shift.day) * i64::from(DAY);
        let person = self.people.entry(account.to_owned()).or_default();
        person.shifts.push(Shift {
            start: midnight + i64::from(shift.span.start) - plan.before,
            end: midnight + i64::from(shift.span.end) + plan.after,
            at: shift.at,
            code: Arc::from(shift.code),
        });
    }

    /// Whether an account is on duty at an instant, seconds since 1970.
    pub(super) fn on_duty(&self, account: &str, instant: i64) -> Duty {
        let Some((clock, person)) = self.clock.zip(self.people.get(account)) else {
            return Duty::Unknown;
        };
        let minute = clock.reading(instant).div_euclid(60);
        // A shift lasts at most two days and a margin at most one on either side.
        let earliest = minute - 4 * i64::from(DAY);
        let first = person
            .shifts
            .partition_point(|shift| shift.start < earliest);
        let begun = person
            .shifts
            .iter()
            .skip(first)
            .take_while(|s| s.start <= minute);
        if let Some(shift) = begun.into_iter().find(|shift| minute < shift.end) {
            return Duty::On {
                at: shift.at.clone(),
                code: shift.code.clone(),
            };
        }
        let today = minute.div_euclid(i64::from(DAY));
        match i32::try_from(today).is_ok_and(|day| person.days.contains(&day)) {
            true => Duty::Off,
            false => Duty::Unknown,
        }
    }
}

/// A shift as a cell writes it.
pub(super) struct Written<'t> {
    pub(super) day: i32,
    pub(super) span: Span,
    pub(super) at: Place,
    pub(super) code: &'t str,
}

fn read_plan<'n>(reader: &mut Reader<'_>, node: &'n Node) -> Option<(&'n str, Plan)> {
    let mut file = None;
    let mut margins = Margins::default();
    let mut plan = Plan {
        month: None,
        codes: BTreeMap::new(),
        before: 0,
        after: 0,
        place: node.place.clone(),
    };
    for (key, value) in reader.map(node, &["file", "month", "codes", "margin"]) {
        match key.text.as_str() {
            "file" => {
                file = reader.text(value);
                plan.place = value.place.clone();
            }
            "month" => plan.month = read_month(reader, value),
            "codes" => plan.codes = read_codes(reader, value),
            "margin" => margins = reader.margins(value),
            _ => {}
        }
    }
    plan.before = margins.before.unwrap_or(0);
    plan.after = margins.after.unwrap_or(0);
    if file.is_none() && node.as_map().is_some() && node.get("file").is_none() {
        reader.missing(node, "file");
    }
    Some((file?, plan))
}

fn read_month(reader: &mut Reader<'_>, node: &Node) -> Option<NaiveDate> {
    let written = reader.text(node)?;
    let month = grammar::date(&format!("{}-01", written.trim().replace('/', "-")));
    if month.is_none() {
        let problem = Problem::error(
            format!("\"{written}\" is not a month"),
            format!("「{written}」は年月として読めません"),
        );
        reader.complaints.push(
            problem
                .at(node.place.clone())
                .help("write 2026-11", "2026-11 と書いてください"),
        );
    }
    month.and_then(|date| date.with_day(1))
}

fn read_codes(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, Code> {
    let mut codes = BTreeMap::new();
    let Some(entries) = node.as_map() else {
        reader.expected(node, "codes and their hours", "記号とその時間");
        return codes;
    };
    for (key, value) in entries {
        if let Some(code) = read_code(reader, key, value) {
            codes.insert(fold_code(&key.text), code);
        }
    }
    codes
}

/// A code as it is compared: width folded, spaces around it removed; case is kept, since houses
/// write N and n for different nights.
pub(super) fn fold_code(written: &str) -> String {
    text::fold_width(written).trim().to_owned()
}

fn read_code(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Option<Code> {
    if node.as_map().is_none() {
        return read_hours(reader, node);
    }
    let mut hours = None;
    let mut day = 0;
    for (key, value) in reader.map(node, &["hours", "day"]) {
        match key.text.as_str() {
            "hours" => hours = read_hours(reader, value),
            "day" => match value.as_str().and_then(|text| text.parse().ok()) {
                Some(shift @ -1..=1) => day = shift,
                _ => {
                    let problem =
                        Problem::error("day is +1, 0 or -1", "day は +1・0・-1 のどれかです");
                    reader.complaints.push(problem.at(value.place.clone()));
                }
            },
            _ => {}
        }
    }
    if node.get("hours").is_none() {
        let problem = Problem::error(
            format!("the code {} has no hours", key.text),
            format!("記号 {} に hours がありません", key.text),
        );
        reader.complaints.push(problem.at(key.place.clone()));
    }
    match hours? {
        Code::Hours(spans, _) => Some(Code::Hours(spans, day)),
        other => Some(other),
    }
}

fn read_hours(reader: &mut Reader<'_>, node: &Node) -> Option<Code> {
    let text = reader.text(node)?;
    match text.trim() {
        "none" | "なし" | "休み" => return Some(Code::None),
        "on-call" | "オンコール" | "待機" => return Some(Code::OnCall),
        _ => {}
    }
    let mut cursor = Cursor::new(text);
    let mut doubts = Vec::new();
    let written = spans::read_spans(&mut cursor, &mut doubts);
    let slip = match written {
        Ok(spans) if cursor.is_done() => {
            for doubt in doubts {
                reader.slip(node, doubt);
            }
            return Some(Code::Hours(spans, 0));
        }
        Ok(_) => cursor.slip(Problem::error(
            "something follows the hours",
            "時刻の後に余分な文字があります",
        )),
        Err(slip) => slip,
    };
    let slip = grammar::Slip {
        problem: slip.problem.help(
            "a code stands for hours (16:30-09:00), none or on-call",
            "記号には時刻（16:30-09:00）、none、on-call のどれかを書いてください",
        ),
        ..slip
    };
    reader.slip(node, slip);
    None
}

/// A day number of the wall.
pub(super) fn day_of(date: NaiveDate) -> i32 {
    clock::day_number(date)
}

/// The day of a month, when the month has it.
pub(super) fn day_in(month: NaiveDate, day: u32) -> Option<i32> {
    NaiveDate::from_ymd_opt(month.year(), month.month(), day).map(day_of)
}
