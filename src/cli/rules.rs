//! `rules`: list, check, test and show the rules.
//!
//! Takes the arguments; gives the answer on stdout and an exit status. Runs no rule on a log but
//! those of a back-test, which stands by itself.

use std::io;
use std::path::Path;

use super::args::{Common, ListFormat, Rules, RulesPaths, RulesTask, Ruling};
use super::house::{self, House};
use super::plan::{Plan, RuleFile, World};
use super::report::metas;
use super::{Exit, Streams, against, files, matches, reach, rule_list, rule_view, test_view};
use crate::calendar::Calendars;
use crate::diagnostic::{Complaints, Lang, Place};
use crate::enrich;
use crate::pipeline;
use crate::register::Registers;
use crate::rule::{RuleSet, Terms};

/// Does the whole command and says how it ended.
pub(super) fn rules(rules: &Rules, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    if let RulesTask::Match(task) = &rules.task {
        return matches::matches(task, common, streams);
    }
    if let RulesTask::Test(task) = &rules.task
        && let Some(logs) = &task.against
    {
        return against::against(task, logs, common, streams);
    }
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    let set = match &rules.task {
        RulesTask::List {
            ruling,
            output_format,
        } => return list(&plan, (ruling, *output_format), complaints, streams),
        RulesTask::Show { ruling, .. } => {
            house::rules_on(&house::terms(&plan), &plan, ruling, &mut complaints)
        }
        RulesTask::Check(paths) => {
            let terms = house::strict_terms(&plan);
            named((&plan, &terms), paths, house::rules_on, &mut complaints)
        }
        RulesTask::Test(task) => {
            let terms = house::terms(&plan);
            named(
                (&plan, &terms),
                &task.rules,
                house::rules_as_written,
                &mut complaints,
            )
        }
        RulesTask::Match(_) => RuleSet::default(),
    };
    if let RulesTask::Show { rule, .. } = &rules.task
        && let Err(problem) = rule_view::find(&set, rule)
    {
        complaints.push(problem);
    }
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    match &rules.task {
        RulesTask::List { .. } => {}
        RulesTask::Check(paths) => check(&set, paths, plan.lang, streams)?,
        RulesTask::Match(_) => {}
        RulesTask::Test(task) => return test(&plan, &set, &task.rules, streams),
        RulesTask::Show { rule, .. } => {
            if let Ok(meta) = rule_view::find(&set, rule) {
                rule_view::show(streams.out, (&set, meta), plan.lang)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The rules a scan would use, each with what it lacks to speak in this house.
fn list(
    plan: &Plan,
    (ruling, format): (&Ruling, ListFormat),
    mut complaints: Complaints,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let house = House::read(plan, ruling, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let silent = house.silent_rules(&house.silent());
    let rows = rule_list::rows(&house.rules, &silent, &reach::of_config(plan));
    match format {
        ListFormat::Json => rule_list::write_json(streams.out, &rows)?,
        ListFormat::Table => {
            let width = streams.out_is_terminal.then(|| streams.screen(true).width);
            rule_list::write_table(streams.out, &rows, width, plan.lang)?;
        }
    }
    Ok(Exit::Done)
}

/// The rules named, or those a scan would use. Rules named alone may refer to those compiled in.
pub(super) fn named(
    (plan, terms): (&Plan, &Terms),
    paths: &RulesPaths,
    of_house: fn(&Terms, &Plan, &Ruling, &mut Complaints) -> RuleSet,
    complaints: &mut Complaints,
) -> RuleSet {
    if paths.paths.is_empty() {
        return of_house(terms, plan, &paths.ruling, complaints);
    }
    let found: Vec<RuleFile> = paths
        .paths
        .iter()
        .flat_map(|path| files::rules(path, None, complaints))
        .collect();
    match paths.ruling.no_default_rules {
        true => house::read_rules(&found, false, terms, complaints),
        false => house::read_own_rules(&found, terms, complaints),
    }
}

/// True for what stands in the files asked about: one of the paths, or below it. Rules compiled in
/// were read only because the others may refer to them.
pub(super) fn is_asked(paths: &RulesPaths, place: &Place) -> bool {
    let file = Path::new(&*place.file);
    paths.paths.is_empty() || paths.paths.iter().any(|path| file.starts_with(path))
}

fn check(
    set: &RuleSet,
    paths: &RulesPaths,
    lang: Lang,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let count = metas(set).filter(|m| is_asked(paths, &m.place)).count();
    match lang {
        Lang::En => writeln!(streams.out, "rules read: {count}; no mistake found")?,
        Lang::Ja => writeln!(
            streams.out,
            "ルール {count} 件を読み、誤りはありませんでした"
        )?,
    }
    Ok(())
}

fn test(
    plan: &Plan,
    set: &RuleSet,
    paths: &RulesPaths,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let calendars = Calendars::assumed(plan.zone.tz());
    let registers = Registers::new(plan.zone);
    let mut outcomes = pipeline::run_rule_tests(pipeline::Plan {
        house: enrich::House {
            calendars: &calendars,
            registers: &registers,
        },
        rules: set,
        assumed: false,
        site: plan.zone,
        period: (i64::MIN, i64::MAX),
        evidence: 0,
    })?;
    outcomes.retain(|outcome| is_asked(paths, &outcome.place));
    let mut failed = 0;
    for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
        test_view::write(streams.out, outcome, plan.lang)?;
        failed += 1;
    }
    test_view::write_summary(streams.out, outcomes.len() - failed, failed, plan.lang)?;
    Ok(if failed == 0 {
        Exit::Done
    } else {
        Exit::Mistake
    })
}
