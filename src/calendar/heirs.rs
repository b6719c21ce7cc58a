//! What calendars inherit, and the complaints that need more than one line to be seen.
//!
//! Takes drafts; gives calendars with the lists in force over time: a child's lines replace those
//! with an equal `when` and are added otherwise. Tells of doubled days and of lines that never
//! match. Never decides a day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::clock::{Clock, day_number};
use super::days::{Era, Line, Rules};
use super::file::{Draft, Margins};
use super::house::undefined;
use super::judge::Calendar;
use super::lines::When;
use super::lists::Holidays;
use crate::diagnostic::{Complaints, Place, Problem};
use crate::yaml::Key;

/// Settles what calendars inherit.
pub(super) struct Resolver<'d> {
    pub(super) drafts: &'d [Draft],
    /// Of calendars that name none.
    pub(super) zone: Tz,
    pub(super) holidays: Option<(Holidays, Place)>,
    /// Whether the file is written in Japanese.
    pub(super) japanese: bool,
    /// Pairs of lines already complained about.
    pub(super) told: BTreeSet<(Option<Place>, Option<Place>)>,
}

impl<'d> Resolver<'d> {
    /// A calendar with all it inherits; `None` when its ancestors are not to be found.
    pub(super) fn calendar(
        &mut self,
        index: usize,
        complaints: &mut Complaints,
    ) -> Option<Calendar> {
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
