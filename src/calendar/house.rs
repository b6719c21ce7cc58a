//! A whole calendar document: which calendars there are, what they inherit, whose they are.
//!
//! Takes the drafts of `file`; gives checked calendars and assignments, with the complaints that
//! need more than one line to be seen: doubled days, lines that never match, names not defined.
//! Never decides a day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::assign::Assignments;
use super::clock::{Clock, DAY_SECONDS, day_number};
use super::days::{Era, Line, Rules};
use super::file::{self, Draft, Margins, Reader};
use super::grammar::Span;
use super::judge::Calendar;
use super::lines::{What, When};
use super::lists::Holidays;
use super::roster::Rosters;
use super::{CalendarId, Calendars, Load};
use crate::diagnostic::{self, Complaints, Place, Problem};
use crate::yaml::{Key, Node};

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
        japanese: file::speaks_japanese(node),
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
        let list = names.take(20).collect::<Vec<_>>().join(", ");
        let problem = Problem::error(
            "several calendars, and none is the default",
            "カレンダーが複数ありますが、既定のものがありません",
        );
        reader.complaints.push(problem.at(node.place.clone()).help(
            format!("add default: with one of {list}"),
            format!("default: に次のどれかを書いてください: {list}"),
        ));
        return None;
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

/// Settles what calendars inherit.
struct Resolver<'d> {
    drafts: &'d [Draft],
    zone: Tz,
    holidays: Option<(Holidays, Place)>,
    japanese: bool,
    /// Pairs of lines already complained about.
    told: BTreeSet<(Option<Place>, Option<Place>)>,
}

impl<'d> Resolver<'d> {
    fn calendar(&mut self, index: usize, complaints: &mut Complaints) -> Option<Calendar> {
        let family = self.family(index, complaints)?;
        let draft = *family.last()?;
        let youngest = |get: fn(&Margins) -> Option<i64>| {
            family.iter().rev().find_map(|d| get(&d.grace)).unwrap_or(0)
        };
        let own = family.iter().rev().find_map(|d| d.holidays.as_ref());
        let (holidays, at) = match own.or(self.holidays.as_ref()) {
            Some((holidays, at)) => (holidays.clone(), Some(at.clone())),
            None => (Holidays::default(), None),
        };
        self.tell_unmatched(draft, &holidays, complaints);
        let eras = eras(&family);
        for era in &eras {
            self.tell_doubled(&era.lines, complaints);
        }
        let (no_line, unlisted) = match self.japanese {
            true => ("この日の行がありません", "祝日"),
            false => ("no line for this day", "holiday"),
        };
        let zone = family
            .iter()
            .rev()
            .find_map(|d| d.zone)
            .unwrap_or(self.zone);
        Some(Calendar {
            key: Arc::from(draft.key.text.as_str()),
            name: Arc::from(draft.name.as_deref().unwrap_or(&draft.key.text)),
            clock: Clock::new(zone),
            rules: Rules {
                eras,
                holidays,
                holidays_at: at,
                japanese: self.japanese,
                no_line: Arc::from(no_line),
                unlisted_holiday: Arc::from(unlisted),
            },
            before: youngest(|grace| grace.before),
            after: youngest(|grace| grace.after),
        })
    }

    /// A calendar's ancestors, the eldest first, and itself last.
    fn family(&self, index: usize, complaints: &mut Complaints) -> Option<Vec<&'d Draft>> {
        let mut family = vec![&self.drafts[index]];
        while let Some((parent, place)) = family.last().and_then(|d| d.extends.as_ref()) {
            let names = self.drafts.iter().map(|d| d.key.text.as_str());
            let Some(draft) = self.drafts.iter().find(|d| d.key.text == *parent) else {
                // The calendar that wrote the name complains, not its heirs.
                if family.len() == 1 {
                    complaints.push(undefined(parent, place.clone(), names));
                }
                return None;
            };
            if family.iter().any(|d| d.key.text == draft.key.text) {
                if family.len() == 1 || draft.key.text == self.drafts[index].key.text {
                    complaints.push(circle(&draft.key, place));
                }
                return None;
            }
            family.push(draft);
        }
        family.reverse();
        Some(family)
    }

    /// Lines of one rank that speak of one day: the later holds, and the user should know.
    fn tell_doubled(&mut self, lines: &[Line], complaints: &mut Complaints) {
        for (index, later) in lines.iter().enumerate() {
            for earlier in lines.iter().take(index) {
                let pair = (earlier.place.clone(), later.place.clone());
                let doubled =
                    earlier.when.rank() == later.when.rank() && earlier.when.overlaps(&later.when);
                if doubled && self.told.insert(pair) {
                    complaints.push(doubled_line(earlier, later));
                }
            }
        }
    }

    /// Lines of a calendar's own that can never match.
    fn tell_unmatched(&self, draft: &Draft, holidays: &Holidays, complaints: &mut Complaints) {
        let revised = draft.revisions.iter().flat_map(|r| &r.hours);
        let all = draft.hours.iter().chain(revised).chain(&draft.exceptions);
        for line in all.filter(|line| line.when == When::Holiday) {
            if let Some(place) = line.place.clone().filter(|_| holidays.is_none()) {
                let problem = Problem::error(
                    "a holiday line, but no list of holidays is named: it can never match",
                    "祝日の行がありますが、祝日の一覧が指定されていないため当てはまりません",
                );
                complaints.push(problem.at(place).found(&*line.text).help(
                    "add holidays: JP, or remove the line",
                    "holidays: JP を書くか、この行を削ってください",
                ));
            }
        }
        for (from, until, lines) in periods(draft) {
            for line in lines {
                let before = line.when.last_day().is_some_and(|last| Some(last) < from);
                let after = line
                    .when
                    .first_day()
                    .is_some_and(|first| until.is_some_and(|u| first >= u));
                if let Some(place) = line.place.clone().filter(|_| before || after) {
                    complaints.push(
                        Problem::warning(
                            "another revision is in force on these days: the line can never match",
                            "その日は別の改定が有効なため、この行は当てはまりません",
                        )
                        .at(place)
                        .found(&*line.text)
                        .help(
                            "move the line to exceptions, which stay",
                            "改定で変わらない exceptions に移してください",
                        ),
                    );
                }
            }
        }
    }
}

fn circle(key: &Key, place: &Place) -> Problem {
    Problem::error(
        format!("the calendar {} extends itself in a circle", key.text),
        format!("カレンダー {} の extends が循環しています", key.text),
    )
    .at(place.clone())
}

fn doubled_line(earlier: &Line, later: &Line) -> Problem {
    let line = earlier.place.as_ref().map_or(0, |place| place.line);
    let problem = Problem::warning(
        format!(
            "line {line} ({}) speaks of the same days with the same rank; this one holds",
            earlier.text
        ),
        format!(
            "{line} 行目（{}）と同じ日・同じ順位です。この行が有効になります",
            earlier.text
        ),
    )
    .found(&*later.text)
    .help(
        "remove one of them, or make one more specific",
        "どちらかを削るか、より限定した行にしてください",
    );
    match &later.place {
        Some(place) => problem.at(place.clone()),
        None => problem,
    }
}

/// A period of hours in a draft: its first day, the first day after it, its lines.
type Period<'d> = (Option<NaiveDate>, Option<NaiveDate>, &'d [Line]);

fn periods(draft: &Draft) -> Vec<Period<'_>> {
    let mut periods: Vec<Period<'_>> = Vec::new();
    let first = draft.revisions.first().map(|r| r.from);
    periods.push((None, first, &draft.hours));
    for (index, revision) in draft.revisions.iter().enumerate() {
        let next = draft.revisions.get(index + 1).map(|r| r.from);
        periods.push((Some(revision.from), next, &revision.hours));
    }
    periods
}

/// The lists of a family in force over time: a child's lines replace those with an equal `when`
/// and are added otherwise, in each era of any of them.
fn eras(family: &[&Draft]) -> Vec<Era> {
    let mut begins: BTreeMap<i32, Option<NaiveDate>> = BTreeMap::from([(i32::MIN, None)]);
    for revision in family.iter().flat_map(|d| &d.revisions) {
        begins.insert(day_number(revision.from), Some(revision.from));
    }
    let in_force = |(from, date): (i32, Option<NaiveDate>)| {
        let mut lines = Vec::new();
        for draft in family {
            let revision = draft.revisions.iter().rfind(|r| Some(r.from) <= date);
            merge(&mut lines, revision.map_or(&draft.hours, |r| &r.hours));
        }
        let mut exceptions = Vec::new();
        for draft in family {
            merge(&mut exceptions, &draft.exceptions);
        }
        lines.extend(exceptions);
        Era { from, lines }
    };
    begins.into_iter().map(in_force).collect()
}

fn merge(lines: &mut Vec<Line>, child: &[Line]) {
    lines.retain(|line| child.iter().all(|own| own.when != line.when));
    lines.extend(child.iter().cloned());
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
