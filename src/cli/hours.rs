//! `calendar`: finds the calendar that is asked for and lets it answer.
//!
//! Takes the arguments; gives the answer on stdout and an exit status. Never reads a log.

use std::io::{self, BufRead as _};

use chrono::Datelike as _;

use super::args::{Calendar, CalendarTask, CheckFormat, Common, DayFormat, Month, Whose};
use super::calendar::{self, Shape};
use super::plan::{Plan, World};
use super::{Exit, Streams, house};
use crate::calendar::{Assignee, CalendarId, Calendars};
use crate::diagnostic::{Complaints, Problem, nearest};
use crate::text::fold_key;

/// Does the whole command and says how it ended.
pub(super) fn hours(
    asked: &Calendar,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    if let CalendarTask::Holidays { from, to } = asked.task {
        let to = to.unwrap_or(from);
        if to < from {
            complaints.push(Problem::error(
                format!("--to {to} is before --from {from}"),
                format!("--to {to} が --from {from} より前です"),
            ));
        }
        if streams.complain(&complaints, plan.lang)? {
            return Ok(Exit::Mistake);
        }
        if let Some(remark) = calendar::holidays(from, to, plan.lang, streams.out)? {
            writeln!(streams.err, "{remark}")?;
        }
        return Ok(Exit::Done);
    }
    let calendars = house::calendars(&plan, &mut complaints);
    match &asked.task {
        CalendarTask::Holidays { .. } => Ok(Exit::Done),
        CalendarTask::Show {
            whose,
            month,
            output_format,
        } => {
            let id = find(&calendars, whose, &mut complaints);
            let month = month.unwrap_or_else(this_month);
            if streams.complain(&complaints, plan.lang)? {
                return Ok(Exit::Mistake);
            }
            let shape = match output_format {
                DayFormat::Table => Shape::Text,
                DayFormat::Csv => Shape::Csv,
            };
            let month = (month.year, month.month);
            calendar::show((&calendars, id), month, shape, plan.lang, streams.out)?;
            Ok(Exit::Done)
        }
        CalendarTask::Check {
            times,
            whose,
            output_format,
        } => {
            let id = find(&calendars, whose, &mut complaints);
            let at = instants(times, (&calendars, id), &mut complaints)?;
            if streams.complain(&complaints, plan.lang)? {
                return Ok(Exit::Mistake);
            }
            let shape = match output_format {
                CheckFormat::Text => Shape::Text,
                CheckFormat::Json => Shape::Json,
            };
            calendar::check((&calendars, id), &at, shape, plan.lang, streams.out)?;
            Ok(Exit::Done)
        }
    }
}

fn find(calendars: &Calendars, whose: &Whose, complaints: &mut Complaints) -> CalendarId {
    let Some(name) = &whose.calendar else {
        let user = whose.user.as_deref().map(fold_key).unwrap_or_default();
        let assignee = Assignee {
            user: &user,
            department: whose.department.as_deref().unwrap_or(""),
            role: whose.role.as_deref().unwrap_or(""),
            ..Assignee::default()
        };
        return calendars.assigned(&assignee).0;
    };
    calendars.named(name).unwrap_or_else(|| {
        if complaints.has_errors() {
            // The calendars could not be read whole: what is missing may only be misspelled there.
            return CalendarId(0);
        }
        let problem = Problem::error(
            format!("there is no calendar \"{name}\""),
            format!("「{name}」というカレンダーはありません"),
        );
        let known = calendars.ids().map(|id| calendars.key(id));
        complaints.push(match nearest(name, known) {
            Some(near) => problem.help(format!("write {near}"), format!("{near} のことですか")),
            None => problem,
        });
        CalendarId(0)
    })
}

/// The instants asked about; `-` stands for one a line from stdin.
fn instants(
    times: &[String],
    (calendars, id): (&Calendars, CalendarId),
    complaints: &mut Complaints,
) -> io::Result<Vec<i64>> {
    let zone = calendars.zone(id);
    let mut at = Vec::new();
    let mut read = |written: &str| match calendar::instant(written, zone) {
        Ok(nanos) => at.push(nanos),
        Err(problem) => complaints.push(problem),
    };
    for time in times {
        if time == "-" {
            for line in io::stdin().lock().lines() {
                let line = line?;
                if !line.trim().is_empty() {
                    read(&line);
                }
            }
        } else {
            read(time);
        }
    }
    Ok(at)
}

fn this_month() -> Month {
    let today = chrono::Local::now();
    Month {
        year: today.year(),
        month: today.month(),
    }
}
