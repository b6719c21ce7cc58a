//! `alerts list`: what waits for a person.

use std::cmp::Reverse;

use super::super::args::{AlertsFormat, AlertsList, Common};
use super::super::memory::{Memory, Stop};
use super::super::plan::{Plan, nonexistent};
use super::super::{Exit, Moment, Streams};
use crate::diagnostic::{Complaints, Problem, Text, nearest};
use crate::sink::{Reader, kept};
use crate::store::{Filter, Kept, State, Store};
use crate::text::one_line;

pub(super) fn list(
    plan: &Plan,
    task: &AlertsList,
    common: &Common,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let mut complaints = Complaints::new();
    let filter = filter(plan, task, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let memory = Memory::open(plan, &task.store, Store::look_only)?;
    let mut found = memory.ask(|store| store.alerts(&filter))?;
    found.sort_by_key(|kept| {
        let alert = &kept.alert;
        (
            Reverse(alert.rule.level),
            Reverse(alert.start),
            alert.id.clone(),
        )
    });
    write(plan, task, &found, streams)?;
    if let (true, Some(rule)) = (found.is_empty(), &task.rule)
        && let Some(problem) = unknown_rule(&memory, rule)?
    {
        writeln!(streams.err, "{}", problem.render(plan.lang))?;
    } else if !common.quiet {
        writeln!(streams.err, "{}", counted(task, &found).get(plan.lang))?;
    }
    Ok(Exit::Done)
}

fn filter(plan: &Plan, task: &AlertsList, complaints: &mut Complaints) -> Filter {
    let mut resolve = |flag: &str, moment: Option<Moment>, is_end: bool| {
        let moment = moment?;
        let found = match is_end {
            true => moment.end(&plan.zone),
            false => moment.begin(&plan.zone),
        };
        if found.is_none() {
            complaints.push(nonexistent(flag, &plan.zone));
        }
        found
    };
    Filter {
        since: resolve("--since", task.since, false),
        until: resolve("--until", task.until, true),
        level: task.level,
        rule: task.rule.clone(),
        states: match task.all {
            true => Vec::new(),
            false => vec![State::Open],
        },
    }
}

fn write(
    plan: &Plan,
    task: &AlertsList,
    found: &[Kept],
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let reader = Reader {
        lang: plan.lang,
        zone: plan.zone,
    };
    let usual = match streams.out_is_terminal {
        true => AlertsFormat::Table,
        false => AlertsFormat::Ndjson,
    };
    match task.output_format.unwrap_or(usual) {
        AlertsFormat::Ndjson => {
            for one in found {
                kept::write_line(streams.out, one, &plan.zone)?;
            }
        }
        AlertsFormat::Csv => kept::write_csv(streams.out, found, &reader)?,
        AlertsFormat::Table => {
            let screen = streams.screen(streams.out_is_terminal);
            let text = kept::render(found, &reader, screen);
            streams.out.write_all(text.as_bytes())?;
        }
    }
    Ok(streams.out.flush()?)
}

fn counted(task: &AlertsList, found: &[Kept]) -> Text {
    let count = found.len();
    match task.all {
        true => Text::new(format!("alerts: {count}"), format!("アラート {count} 件")),
        false => Text::new(
            format!("open alerts: {count}; --all shows the others too"),
            format!("未対応のアラート {count} 件（--all でほかも表示）"),
        ),
    }
}

/// A warning when the store never had an alert of this rule: it may be a slip.
fn unknown_rule(memory: &Memory, rule: &str) -> Result<Option<Problem>, Stop> {
    let all = memory.ask(|store| store.alerts(&Filter::default()))?;
    let of_rule = |kept: &Kept| kept.alert.rule.name == rule || kept.alert.rule.id == rule;
    if all.iter().any(of_rule) {
        return Ok(None);
    }
    let shown = one_line(rule);
    let problem = Problem::warning(
        format!("the store has no alert of a rule \"{shown}\""),
        format!("ルール「{shown}」のアラートはストアにありません"),
    );
    let names = all.iter().map(|kept| kept.alert.rule.name.as_str());
    Ok(Some(match nearest(rule, names) {
        Some(meant) => problem.help(
            format!("it has some of {meant}"),
            format!("{meant} のことですか"),
        ),
        None => problem,
    }))
}
