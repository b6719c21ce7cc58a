//! A whole calendar document: which calendars there are, and whose they are.
//!
//! Takes the document; gives checked calendars and assignments, with complaints about names that
//! are not defined or never used. What calendars inherit is settled in `heirs`.
//! Never decides a day.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;

use super::assign::Assignments;
use super::clock::{Clock, DAY_SECONDS, day_number};
use super::days::{Era, Line, Rules};
use super::file::Draft;
use super::heirs::Resolver;
use super::judge::Calendar;
use super::lines::{What, When};
use super::lists::Holidays;
use super::nodes::{self, Reader};
use super::roster::Rosters;
use super::spans::Span;
use super::{CalendarId, Calendars, Load};
use crate::diagnostic::{self, Complaints, Place, Problem};
use crate::yaml::Node;

/// Most calendars in a house.
const MAX_CALENDARS: usize = 1_000;

/// Reads a document; see [`Calendars::read_in`].
pub(super) fn read(
    node: &Node,
    zone: Tz,
    load: Load<'_>,
    complaints: &mut Complaints,
) -> Option<Calendars> {
    let mut found = Complaints::new();
    let mut reader = Reader {
        load,
        complaints: &mut found,
    };
    let house = read_house(&mut reader, node, zone);
    let failed = found.has_errors();
    complaints.extend(found);
    house.filter(|_| !failed)
}

fn read_house(reader: &mut Reader<'_>, node: &Node, zone: Tz) -> Option<Calendars> {
    const KEYS: &[&str] = &[
        "version",
        "timezone",
        "holidays",
        "calendars",
        "assign",
        "default",
        "rosters",
    ];
    reader.map(node, KEYS);
    node.as_map()?;
    if let Some(version) = node.get("version").filter(|v| v.as_str() != Some("1")) {
        let problem = Problem::error("only version 1 is known", "version は 1 だけです");
        reader.complaints.push(problem.at(version.place.clone()));
    }
    let zone = node
        .get("timezone")
        .and_then(|n| reader.zone(n))
        .unwrap_or(zone);
    let holidays = node
        .get("holidays")
        .map(|n| (reader.holidays(n), n.place.clone()));
    let drafts = read_drafts(reader, node)?;
    let mut resolver = Resolver {
        drafts: &drafts,
        zone,
        holidays,
        japanese: nodes::speaks_japanese(node),
        told: BTreeSet::new(),
    };
    let calendars: Vec<Calendar> = (0..drafts.len())
        .filter_map(|index| resolver.calendar(index, reader.complaints))
        .collect();
    let names: Vec<Arc<str>> = drafts
        .iter()
        .map(|d| Arc::from(d.key.text.as_str()))
        .collect();
    let assignments = match node.get("assign") {
        Some(assign) => Assignments::read(reader, assign, &names),
        None => Assignments::default(),
    };
    let default = read_default(reader, node, &drafts);
    tell_unused(reader, &drafts, &assignments, default);
    let rosters = match node.get("rosters") {
        Some(rosters) => Rosters::read(reader, rosters, Clock::new(zone)),
        None => Rosters::default(),
    };
    Some(Calendars {
        calendars,
        assignments,
        default: default?,
        rosters,
        assumed: false,
    })
}

fn read_drafts(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Draft>> {
    let Some(calendars) = node.get("calendars") else {
        reader.missing(node, "calendars");
        return None;
    };
    let Some(entries) = calendars.as_map().filter(|entries| !entries.is_empty()) else {
        reader.expected(calendars, "calendars by name", "名前ごとのカレンダー");
        return None;
    };
    if let Some((key, _)) = entries.get(MAX_CALENDARS) {
        let problem = Problem::error(
            format!("more than {MAX_CALENDARS} calendars"),
            format!("カレンダーが {MAX_CALENDARS} 個を超えています"),
        );
        reader.complaints.push(problem.at(key.place.clone()));
        return None;
    }
    Some(
        entries
            .iter()
            .map(|(key, value)| reader.draft(key, value))
            .collect(),
    )
}

/// Complains that no calendar of this name is defined.
pub(super) fn undefined<'n>(
    name: &str,
    place: Place,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Problem {
    let problem = Problem::error(
        format!("no calendar is named \"{name}\""),
        format!("「{name}」という名前のカレンダーがありません"),
    )
    .at(place);
    match diagnostic::nearest(name, names.clone()) {
        Some(near) => problem.help(format!("did you mean {near}?"), format!("{near} ですか")),
        None => {
            let list = names.take(20).collect::<Vec<_>>().join(", ");
            problem.help(format!("defined: {list}"), format!("定義済み: {list}"))
        }
    }
}

fn read_default(reader: &mut Reader<'_>, node: &Node, drafts: &[Draft]) -> Option<CalendarId> {
    let names = drafts.iter().map(|d| d.key.text.as_str());
    let Some(default) = node.get("default") else {
        if drafts.len() == 1 {
            return Some(CalendarId(0));
        }
        let first = names.clone().next()?;
        let list = names.take(20).collect::<Vec<_>>().join(", ");
        let problem = Problem::warning(
            format!("several calendars, and none is the default: the first, {first}, is taken"),
            format!(
                "カレンダーが複数ありますが、既定のものがありません。最初の {first} を使います"
            ),
        );
        reader.complaints.push(problem.at(node.place.clone()).help(
            format!("add default: with one of {list}"),
            format!("default: に次のどれかを書いてください: {list}"),
        ));
        return Some(CalendarId(0));
    };
    let name = reader.text(default)?;
    let index = names.clone().position(|known| known == name);
    if index.is_none() {
        let problem = undefined(name, default.place.clone(), names);
        reader.complaints.push(problem);
    }
    index.map(id_of)
}

/// The id of a calendar by its order in the document, which is bounded.
pub(super) fn id_of(index: usize) -> CalendarId {
    CalendarId(u16::try_from(index).expect("a house has at most a thousand calendars"))
}

fn tell_unused(
    reader: &mut Reader<'_>,
    drafts: &[Draft],
    assignments: &Assignments,
    default: Option<CalendarId>,
) {
    for (index, draft) in drafts.iter().enumerate() {
        let id = id_of(index);
        let is_parent = drafts.iter().any(|d| {
            d.extends
                .as_ref()
                .is_some_and(|(parent, _)| *parent == draft.key.text)
        });
        if default == Some(id) || is_parent || assignments.names(id) {
            continue;
        }
        reader.complaints.push(
            Problem::warning(
                format!("the calendar {} is never assigned", draft.key.text),
                format!(
                    "カレンダー {} はどこにも割り当てられていません",
                    draft.key.text
                ),
            )
            .at(draft.key.place.clone())
            .help(
                "name it under assign: or default:, or remove it",
                "assign: か default: で使うか、削ってください",
            ),
        );
    }
}

/// What is assumed where nobody wrote hours; every line says so.
pub(super) fn assumed(zone: Tz) -> Calendar {
    let line = |when, what, text: &str| Line {
        when,
        what,
        text: Arc::from(text),
        japanese: true,
        place: None,
    };
    let hours = Span {
        start: 8 * 60 + 30,
        end: 18 * 60,
    };
    let lines = vec![
        line(
            When::Weekdays(0b001_1111),
            What::Spans(vec![hours]),
            "平日 08:30-18:00（仮定）",
        ),
        line(
            When::Weekdays(0b110_0000),
            What::Spans(Vec::new()),
            "土日 休診（仮定）",
        ),
        line(When::Holiday, What::Spans(Vec::new()), "祝 休診（仮定）"),
    ];
    Calendar {
        key: Arc::from("assumed"),
        name: Arc::from("仮定"),
        clock: Clock::new(zone),
        rules: Rules {
            eras: vec![Era {
                from: i32::MIN,
                lines,
            }],
            holidays: Holidays::of_japan(),
            holidays_at: None,
            japanese: true,
            no_line: Arc::from("この日の行がありません"),
            unlisted_holiday: Arc::from("祝日"),
        },
        before: 0,
        after: 0,
    }
}

/// Dated lines that end before the first instant of any log, seconds since 1970.
pub(super) fn outdated(calendars: &[Calendar], first: i64) -> Vec<Problem> {
    let mut told: BTreeSet<&Place> = BTreeSet::new();
    let mut problems = Vec::new();
    for calendar in calendars {
        let today = calendar.clock.reading(first).div_euclid(DAY_SECONDS);
        let is_old = |date| i64::from(day_number(date)) < today;
        for line in calendar.rules.eras.iter().flat_map(|era| &era.lines) {
            let Some(place) = &line.place else { continue };
            if line.when.last_day().is_some_and(is_old) && told.insert(place) {
                problems.push(
                    Problem::warning(
                        "this line is older than any log and matches nothing",
                        "どのログよりも古い日付で、当てはまるものがありません",
                    )
                    .at(place.clone())
                    .found(&*line.text),
                );
            }
        }
    }
    problems
}
